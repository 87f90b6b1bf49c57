//! People, memberships, sign-in links and sessions. Secrets arrive hashed.
//! Refuses to find a person for an account by mail address.

use domain::person::{MemberRole, Membership, Person, StaffRole};
use domain::{AccountId, Instant, PersonId};

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// The person with this id.
pub async fn get(tx: &mut ReadTx, id: PersonId) -> Result<Person> {
    on!(tx, conn => sqlx::query_as("SELECT * FROM people WHERE id = $1").bind(id).fetch_one(conn).await)
        .map_err(Error::of("person"))
}

/// The person with this verified address.
pub async fn find_by_mail(tx: &mut ReadTx, mail: &str) -> Result<Option<Person>> {
    let query = "SELECT * FROM people WHERE mail = $1";
    on!(tx, conn => sqlx::query_as(query).bind(mail).fetch_optional(conn).await).map_err(Error::of("person"))
}

/// Adds a person, or returns the one who has the address.
pub async fn upsert(tx: &mut Tx, person: &Person) -> Result<Person> {
    let query = "INSERT INTO people (id, mail, name, staff_role, created_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (mail) DO UPDATE SET mail = excluded.mail RETURNING *";
    on!(tx, conn => sqlx::query_as(query)
        .bind(person.id).bind(&person.mail).bind(&person.name).bind(person.staff_role).bind(person.created_at)
        .fetch_one(conn).await)
    .map_err(Error::of("person"))
}

/// Makes a person staff, or ends it.
pub async fn set_staff_role(tx: &mut Tx, id: PersonId, role: Option<StaffRole>) -> Result<()> {
    let query = "UPDATE people SET staff_role = $2 WHERE id = $1";
    on!(tx, conn => sqlx::query(query).bind(id).bind(role).execute(conn).await.map(drop))
        .map_err(Error::of("person"))
}

/// Lets a person act for an account; a second grant changes the role.
pub async fn grant(tx: &mut Tx, membership: &Membership) -> Result<()> {
    let query = "INSERT INTO memberships (person_id, account_id, role) VALUES ($1, $2, $3)
                 ON CONFLICT (person_id, account_id) DO UPDATE SET role = excluded.role";
    on!(tx, conn => sqlx::query(query)
        .bind(membership.person_id).bind(membership.account_id).bind(membership.role)
        .execute(conn).await.map(drop))
    .map_err(Error::of("membership"))
}

/// What a person may do for which account.
pub async fn memberships(tx: &mut ReadTx, id: PersonId) -> Result<Vec<Membership>> {
    let query = "SELECT * FROM memberships WHERE person_id = $1 ORDER BY account_id";
    on!(tx, conn => sqlx::query_as(query).bind(id).fetch_all(conn).await).map_err(Error::of("membership"))
}

/// The people of an account with what they may do, managers first.
pub async fn members(tx: &mut ReadTx, account: AccountId) -> Result<Vec<(Person, MemberRole)>> {
    #[derive(sqlx::FromRow)]
    struct Member {
        #[sqlx(flatten)]
        person: Person,
        role: MemberRole,
    }
    let query =
        "SELECT people.*, memberships.role FROM memberships JOIN people ON people.id = memberships.person_id
                 WHERE memberships.account_id = $1 ORDER BY memberships.role <> 'manager', memberships.role, people.name";
    let rows: Vec<Member> = on!(tx, conn => sqlx::query_as(query).bind(account).fetch_all(conn).await)
        .map_err(Error::of("membership"))?;
    Ok(rows.into_iter().map(|row| (row.person, row.role)).collect())
}

/// Records a sign-in link by the hash of its secret.
pub async fn add_link(tx: &mut Tx, hash: &str, person: PersonId, expires_at: Instant) -> Result<()> {
    let query = "INSERT INTO sign_in_links (hash, person_id, expires_at) VALUES ($1, $2, $3)";
    on!(tx, conn => sqlx::query(query).bind(hash).bind(person).bind(expires_at).execute(conn).await.map(drop))
        .map_err(Error::of("sign-in link"))
}

/// Uses a link up; `None` if it is unknown, old or was used. Two people who click at once: one gets in.
pub async fn use_link(tx: &mut Tx, hash: &str, now: Instant) -> Result<Option<PersonId>> {
    let query =
        "UPDATE sign_in_links SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2
                 RETURNING person_id";
    on!(tx, conn => sqlx::query_scalar(query).bind(hash).bind(now).fetch_optional(conn).await)
        .map_err(Error::of("sign-in link"))
}

/// Records a session by the hash of its secret.
pub async fn add_session(tx: &mut Tx, hash: &str, person: PersonId, expires_at: Instant) -> Result<()> {
    let query = "INSERT INTO sessions (hash, person_id, expires_at) VALUES ($1, $2, $3)";
    on!(tx, conn => sqlx::query(query).bind(hash).bind(person).bind(expires_at).execute(conn).await.map(drop))
        .map_err(Error::of("session"))
}

/// Whose session it is, if it still lives.
pub async fn session(tx: &mut ReadTx, hash: &str, now: Instant) -> Result<Option<Person>> {
    let query = "SELECT people.* FROM sessions JOIN people ON people.id = sessions.person_id
                 WHERE sessions.hash = $1 AND sessions.expires_at > $2";
    on!(tx, conn => sqlx::query_as(query).bind(hash).bind(now).fetch_optional(conn).await)
        .map_err(Error::of("session"))
}

/// Ends a session.
pub async fn end_session(tx: &mut Tx, hash: &str) -> Result<()> {
    let query = "DELETE FROM sessions WHERE hash = $1";
    on!(tx, conn => sqlx::query(query).bind(hash).execute(conn).await.map(drop)).map_err(Error::of("session"))
}
