//! The way to the mail server.
//! Refuses HTML: a mail is a few plain sentences and a link.

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use store::job::Job;
use store::lane::Lease;

use crate::job::{OfMail, payload};
use crate::wake::Class;
use crate::{App, Error, Result};

/// Sends mail over SMTP.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// A mailer to `host:port`; `starttls` and `tls` as configured.
    pub fn new(host: &str, port: u16, protection: Protection, from: &str) -> Result<Mailer> {
        let builder = match protection {
            Protection::Off => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
            Protection::StartTls => {
                AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host).map_err(|e| outbound(&e))?
            }
            Protection::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host).map_err(|e| outbound(&e))?,
        };
        let from = from.parse().map_err(|_| Error::Setting("mail.from is not a mail address"))?;
        Ok(Mailer { transport: builder.port(port).build(), from })
    }

    async fn send(&self, mail: &OfMail, id: &str) -> Result<()> {
        let unusable =
            |what: &'static str| move |_| Error::Outbound { who: "the mail", why: what.to_owned() };
        let host = self.from.email.domain();
        let message = Message::builder()
            // The same over retries: a second copy can be told from a second mail.
            .message_id(Some(format!("<{id}@{host}>")))
            .from(self.from.clone())
            .to(mail.to.parse().map_err(unusable("the address cannot be used"))?)
            .subject(mail.subject.clone())
            .body(mail.text.clone())
            .map_err(|error| outbound(&error))?;
        self.transport.send(message).await.map(drop).map_err(|error| outbound(&error))
    }
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Off,
    /// After a greeting in the clear.
    StartTls,
    /// From the first byte.
    Tls,
}

fn outbound(error: &dyn std::error::Error) -> Error {
    Error::Outbound { who: "the mail server", why: error.to_string() }
}

/// Sends one mail.
pub(crate) async fn run(app: &App, lease: &Lease, job: &Job) -> Result<()> {
    let mail = payload::<OfMail>(job)?;
    let mailer = app.mailer.as_ref().ok_or(Error::Setting("mail.smtp is not set, so no mail can be sent"))?;
    let sent = mailer.send(&mail, &job.id.to_string()).await;
    let now = app.now();
    match &sent {
        Ok(()) => app.memory.breakers.answered(Class::Mail, now),
        Err(error) => app.memory.breakers.failed(Class::Mail, &error.chain(), now),
    }
    sent?;
    let mut tx = app.db.write().await?;
    store::lane::check(&mut tx, lease).await?;
    store::job::finish(&mut tx, lease, job.id, now).await?;
    tx.commit().await?;
    Ok(())
}
