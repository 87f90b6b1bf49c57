//! Signing in by one-time link, sessions, invitations and memberships.
//! Refuses to tell whether an address is known, and to keep a secret in the clear.

use domain::access::Caller;
use domain::account::{Account, check_mail, check_text};
use domain::person::{MemberRole, Membership, Person, SESSION_LIFE, SIGN_IN_LINK_LIFE, StaffRole};
use domain::token::hash;
use domain::{AccountNumber, Instant};
use store::Tx;

use crate::job::{OfMail, Promise};
use crate::wake::Class;
use crate::{App, Result};

/// Someone who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// What they may do.
    pub caller: Caller,
    /// For which accounts.
    pub accounts: Vec<(Account, MemberRole)>,
}

/// Mails a sign-in link to the address, if a person has it. The answer is the same either way.
pub async fn request_link(app: &App, mail: &str) -> Result<()> {
    let mail = mail.trim().to_lowercase();
    check_mail("mail", &mail)?;
    let mut tx = app.db.write().await?;
    if let Some(person) = store::person::find_by_mail(&mut tx, &mail).await? {
        send_link(app, &mut tx, &person).await?;
        tx.commit().await?;
        app.memory.wake.ring(Class::Mail);
    }
    Ok(())
}

async fn send_link(app: &App, tx: &mut Tx, person: &Person) -> Result<()> {
    let now = app.now();
    let secret = app.random.secret();
    store::person::add_link(tx, &hash(&secret), person.id, now.after(SIGN_IN_LINK_LIFE)).await?;
    let seller = &app.settings.seller.name;
    let mail = OfMail {
        to: person.mail.clone(),
        subject: format!("Your link to sign in to {seller}"),
        text: format!(
            "Open this link to sign in to {seller}:\n\n{}/portal/sign-in/{secret}\n\n\
             It works once, within 24 hours. If you did not ask for it, you need to do nothing.\n",
            app.settings.public_url
        ),
    };
    let mut ids = app.ids(now);
    Promise { ids: &mut ids, now, trace_id: "" }.mail(tx, &mail).await
}

/// Uses a link up and begins a session; `None` if the link is unknown, old or was used. Returns the session's secret.
pub async fn sign_in(app: &App, link_secret: &str) -> Result<Option<String>> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let Some(person) = store::person::use_link(&mut tx, &hash(link_secret), now).await? else {
        return Ok(None);
    };
    let session = app.random.secret();
    store::person::add_session(&mut tx, &hash(&session), person, now.after(SESSION_LIFE)).await?;
    tx.commit().await?;
    Ok(Some(session))
}

/// Ends a session.
pub async fn sign_out(app: &App, session_secret: &str) -> Result<()> {
    let mut tx = app.db.write().await?;
    store::person::end_session(&mut tx, &hash(session_secret)).await?;
    Ok(tx.commit().await?)
}

/// Who is signed in with this session.
pub async fn caller(app: &App, session_secret: &str) -> Result<Option<SignedIn>> {
    let mut tx = app.db.read().await?;
    let Some(person) = store::person::session(&mut tx, &hash(session_secret), app.now()).await? else {
        return Ok(None);
    };
    let mut accounts = Vec::new();
    for membership in store::person::memberships(&mut tx, person.id).await? {
        accounts.push((store::account::get(&mut tx, membership.account_id).await?, membership.role));
    }
    let caller = match person.staff_role {
        Some(role) => Caller::Staff { person: person.id, role },
        None => Caller::Customer {
            person: person.id,
            memberships: accounts.iter().map(|(account, role)| (account.id, *role)).collect(),
        },
    };
    Ok(Some(SignedIn { person, caller, accounts }))
}

/// Who is to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// Their address; the link in the mail proves that it is theirs.
    pub mail: String,
    /// Their name.
    pub name: String,
}

/// Makes a person staff and mails them a link.
pub async fn staff_invite(app: &App, invited: Invited, role: StaffRole) -> Result<Person> {
    let mut tx = app.db.write().await?;
    let person = known(app, &mut tx, invited).await?;
    store::person::set_staff_role(&mut tx, person.id, Some(role)).await?;
    send_link(app, &mut tx, &person).await?;
    tx.commit().await?;
    app.memory.wake.ring(Class::Mail);
    Ok(Person { staff_role: Some(role), ..person })
}

/// Lets a person act for an account and mails them a link.
pub async fn membership_grant(
    app: &App,
    invited: Invited,
    number: &AccountNumber,
    role: MemberRole,
) -> Result<Person> {
    let mut tx = app.db.write().await?;
    let account = store::account::get_by_number(&mut tx, number).await?;
    let person = known(app, &mut tx, invited).await?;
    store::person::grant(&mut tx, &Membership { person_id: person.id, account_id: account.id, role }).await?;
    send_link(app, &mut tx, &person).await?;
    tx.commit().await?;
    app.memory.wake.ring(Class::Mail);
    Ok(person)
}

async fn known(app: &App, tx: &mut Tx, invited: Invited) -> Result<Person> {
    let mail = invited.mail.trim().to_lowercase();
    check_mail("mail", &mail)?;
    check_text("name", &invited.name)?;
    let now: Instant = app.now();
    let person =
        Person { id: app.ids(now).id(), mail, name: invited.name, staff_role: None, created_at: now };
    Ok(store::person::upsert(tx, &person).await?)
}
