//! What anybody may see: health, status, the document, the assets; and the headers around every page.
//! Refuses to need a database for the status page.

use domain::person::StaffRole;
use http::StatusCode;
use store::testing::databases;

use crate::world::World;

#[tokio::test]
async fn the_public_addresses_answer_and_the_status_page_stands_without_a_database() {
    for db in databases().await {
        let world = World::open(db).await;
        for path in ["/healthz", "/readyz", "/status", "/api/openapi.json", "/portal/sign-in"] {
            assert_eq!(world.get(path, "").await.status, StatusCode::OK, "{path}");
        }
        assert_eq!(world.get("/", "").await.header("location"), "/portal");
        world.app.db.close().await;
        assert!(world.get("/status", "").await.body.contains("Everything works"));
        assert_eq!(world.get("/healthz", "").await.status, StatusCode::OK);
        let gone = world.get("/readyz", "").await;
        assert_eq!((gone.problem().as_str(), gone.status.as_u16()), ("store_unavailable", 503));
        assert_eq!(gone.header("retry-after"), "5");
    }
}

#[tokio::test]
async fn every_page_carries_the_policy_and_every_file_of_it_is_there() {
    for db in databases().await {
        let world = World::open(db).await;
        let staff = world.staff(StaffRole::Viewer).await;
        for (path, whom) in
            [("/status", ""), ("/portal/sign-in", ""), ("/nowhere", ""), ("/console", staff.as_str())]
        {
            let page = world.get(path, whom).await;
            assert!(page.header("content-security-policy").starts_with("default-src 'self'"), "{path}");
            assert_eq!(page.header("x-content-type-options"), "nosniff");
            assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
            assert!(!page.body.contains("style=") && !page.body.contains("onclick"), "{path}");
            for file in page.body.split('"').filter(|text| text.starts_with("/assets/")) {
                let file = file.split('#').next().unwrap_or_default();
                let answer = world.get(file, "").await;
                assert_eq!(answer.status, StatusCode::OK, "{file}");
                assert!(answer.header("cache-control").contains("immutable"), "{file}");
            }
        }
        let nowhere = world.get("/nowhere", "").await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        assert!(nowhere.body.contains("There is nothing at this address"));
    }
}

#[tokio::test]
async fn a_closed_console_is_not_there() {
    for db in databases().await {
        let world = World::with(db, app::ConsoleLogin::Off).await;
        let staff = world.staff(StaffRole::Operator).await;
        for whom in ["", staff.as_str()] {
            assert_eq!(world.get("/console", whom).await.status, StatusCode::NOT_FOUND);
        }
    }
}
