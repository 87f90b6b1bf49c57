//! The portal as a browser without scripts uses it: sign in, look, buy, see the order; and what it refuses.
//! Refuses to read more than a customer sees.

use axum::body::Body;
use domain::person::MemberRole;
use http::{Request, StatusCode};
use store::testing::databases;

use crate::world::{Answer, World};

#[tokio::test]
async fn a_link_signs_in_once_and_only_when_its_button_is_pressed() {
    for db in databases().await {
        let world = World::open(db).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        let invited =
            app::person::Invited { mail: "jana@brightwater.example".into(), name: "Jana Okafor".into() };
        let person =
            app::person::membership_grant(&world.app, invited, &account.number, MemberRole::Manager).await;
        let link = format!("/portal/sign-in/{}", world.link(&person.expect("a person")).await);
        // A mail scanner opens the link, twice.
        for _ in 0..2 {
            let opened = world.get(&link, "").await;
            assert!(opened.status.is_success() && opened.body.contains(&format!("action=\"{link}\"")));
        }
        let pressed = world.post_form(&link, "", "").await;
        assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, "/portal"));
        let cookie = pressed.header("set-cookie");
        for flag in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(cookie.contains(flag), "{cookie}");
        }
        let session = cookie.split(';').next().expect("a cookie").to_owned();
        let home = world.get("/portal", &session).await;
        assert_eq!(home.header("location"), format!("/portal/{}", account.number));
        let again = world.post_form(&link, "", "").await;
        assert_eq!(again.status, StatusCode::GONE);
        assert!(again.body.contains("has been used or is older than 24 hours"));
        let out = world.post_form("/portal/sign-out", &session, "").await;
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        assert_eq!(world.get("/portal", &session).await.header("location"), "/portal/sign-in");
    }
}

#[tokio::test]
async fn asking_for_a_link_says_the_same_of_every_address() {
    for db in databases().await {
        let world = World::open(db).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        let invited =
            app::person::Invited { mail: "jana@brightwater.example".into(), name: "Jana Okafor".into() };
        app::person::membership_grant(&world.app, invited, &account.number, MemberRole::Viewer)
            .await
            .expect("a person");
        let before = world.count().await[1];
        let known = world.post_form("/portal/sign-in", "", "mail=jana%40brightwater.example").await;
        assert_eq!(world.count().await[1], before + 1, "a mail is on its way");
        let unknown = world.post_form("/portal/sign-in", "", "mail=nora%40brightwater.example").await;
        assert_eq!(world.count().await[1], before + 1);
        assert_eq!(known.status, unknown.status);
        assert_eq!(known.body.replace("jana@", ""), unknown.body.replace("nora@", ""));
        let wrong = world.post_form("/portal/sign-in", "", "mail=jana").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("Enter a mail address") && wrong.body.contains("value=\"jana\""));
    }
}

#[tokio::test]
async fn a_manager_buys_what_the_preview_showed_and_a_second_press_orders_nothing() {
    for db in databases().await {
        let world = World::open(db).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        let session = world.member(&account, MemberRole::Manager).await;
        let buy = format!("/portal/{}/buy", account.number);
        let form =
            "offer=cloud-business&quantity=15&target=brightwater&settlement=invoice&po_number=PO-2026-118";
        let page = world.get(&format!("{buy}?{form}"), &session).await;
        assert!(page.body.contains("Place order for €5,220.00"), "{}", page.body);
        let (key, seen) = (hidden(&page, "key"), hidden(&page, "seen"));
        // Somebody changes the number and presses the button without looking at the preview again.
        let changed = form.replace("15", "16");
        let unseen =
            world.post_form(&buy, &session, &format!("{changed}&key={key}&seen={seen}&do=order")).await;
        assert_eq!(unseen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(unseen.body.contains("The new total is €5,568.00, €348.00 more. Nothing was ordered."));
        assert_eq!(world.count().await[0], 0);

        let press = format!("{form}&key={key}&seen={seen}&do=order");
        let placed = world.post_form(&buy, &session, &press).await;
        assert_eq!(placed.status, StatusCode::SEE_OTHER, "{}", placed.body);
        let again = world.post_form(&buy, &session, &press).await;
        assert_eq!(again.header("location"), format!("{}?again=1", placed.header("location")));
        assert_eq!(world.count().await[0], 1);
        let order = world.get(again.header("location"), &session).await;
        assert!(order.body.contains("This order already exists") && order.body.contains("PO-2026-118"));
        let home = world.get(&format!("/portal/{}", account.number), &session).await;
        assert!(home.body.contains("<strong>15 Business seats</strong>"), "{}", home.body);
        world
            .work_until(async || {
                world.get(placed.header("location"), &session).await.body.contains("Billing has confirmed")
            })
            .await;
    }
}

#[tokio::test]
async fn a_form_with_errors_keeps_what_was_typed_and_orders_nothing() {
    for db in databases().await {
        let world = World::open(db).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        let session = world.member(&account, MemberRole::Manager).await;
        let form =
            "offer=cloud-business&quantity=-3&target=a%20b&settlement=invoice&key=portal-1&seen=1&do=order";
        let answer = world.post_form(&format!("/portal/{}/buy", account.number), &session, form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("href=\"#quantity\"") && answer.body.contains("href=\"#target\""));
        assert!(answer.body.contains("value=\"-3\"") && answer.body.contains("value=\"a b\""));
        assert_eq!(world.count().await[0], 0);
    }
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    for db in databases().await {
        let world = World::open(db).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        let session = world.member(&account, MemberRole::Manager).await;
        let request = Request::post(format!("/portal/{}/buy", account.number)).header("cookie", &session);
        let request = request.header("sec-fetch-site", "cross-site").header("host", "portal.example");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let form = "offer=cloud-business&quantity=1&target=brightwater&settlement=invoice&key=portal-1&seen=34800&do=order";
        let answer = world.send(request.body(Body::from(form)).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.body.contains("This form was not sent from our page"));
        assert_eq!(world.count().await[0], 0);
    }
}

fn hidden(page: &Answer, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.body.split_once(&field).unwrap_or_else(|| panic!("no {name} in {}", page.body));
    rest.split('"').next().unwrap_or_default().to_owned()
}
