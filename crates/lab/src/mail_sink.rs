//! A mail server that keeps what it is sent and shows it as a page: for the demo and for tests, on loopback.
//! Refuses to deliver anything, and anything larger than a mail of ours.

mod message;
mod page;
mod smtp;

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Mails that are kept; the oldest make room. A demo sends a few hundred.
const MAILS_MAX: usize = 2_000;

/// Conversations at the same time; further callers wait.
const SESSIONS_MAX: usize = 32;

/// A mail that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address that it was sent to.
    pub to: String,
    /// As a reader sees it.
    pub subject: String,
    /// As a reader sees it.
    pub text: String,
}

impl Mail {
    fn fits(&self, to: &str, containing: &str) -> bool {
        self.to == to && (self.text.contains(containing) || self.subject.contains(containing))
    }
}

/// The mails that arrived, newest last; clones share them.
#[derive(Debug, Clone)]
pub struct MailSink(Arc<watch::Sender<VecDeque<Mail>>>);

impl Default for MailSink {
    fn default() -> MailSink {
        MailSink(Arc::new(watch::Sender::new(VecDeque::new())))
    }
}

impl MailSink {
    /// Takes mails over SMTP for ever; dropping the future ends every conversation.
    pub async fn serve(self, listener: TcpListener) {
        let mut sessions = JoinSet::new();
        loop {
            while sessions.len() >= SESSIONS_MAX {
                sessions.join_next().await;
            }
            while sessions.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((stream, _)) => {
                    let sink = self.clone();
                    sessions.spawn(async move {
                        // A sender that hangs up in the middle tries again by itself.
                        if let Err(error) = smtp::converse(stream, &sink).await {
                            tracing::debug!(%error, "a mail conversation broke off");
                        }
                    });
                }
                Err(error) => tracing::warn!(%error, "the mail sink cannot accept a connection"),
            }
        }
    }

    /// A page at `/` with every mail, newest first, its links to click on.
    pub fn router(&self) -> axum::Router {
        page::router(self.clone())
    }

    /// Everything that arrived, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.0.borrow().iter().cloned().collect()
    }

    /// The newest mail to that address whose subject or text contains the words; waits until there is one.
    pub async fn wait_for(&self, to: &str, containing: &str) -> Option<Mail> {
        self.wait_for_more(to, containing, 0).await
    }

    /// How many such mails there are.
    pub fn count(&self, to: &str, containing: &str) -> usize {
        self.0.borrow().iter().filter(|mail| mail.fits(to, containing)).count()
    }

    /// The newest such mail; waits until there are more than `seen`.
    pub async fn wait_for_more(&self, to: &str, containing: &str, seen: usize) -> Option<Mail> {
        let mut mails = self.0.subscribe();
        let arrived =
            |mails: &VecDeque<Mail>| mails.iter().filter(|mail| mail.fits(to, containing)).count() > seen;
        let mails = mails.wait_for(arrived).await.ok()?;
        mails.iter().rev().find(|mail| mail.fits(to, containing)).cloned()
    }

    fn keep(&self, mail: Mail) {
        self.0.send_modify(|mails| {
            if mails.len() >= MAILS_MAX {
                mails.pop_front();
            }
            mails.push_back(mail);
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    async fn sink() -> (MailSink, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sink = MailSink::default();
        tokio::spawn(sink.clone().serve(listener));
        (sink, TcpStream::connect(address).await.unwrap())
    }

    async fn told(stream: &mut TcpStream, lines: &str) -> String {
        stream.write_all(lines.replace('\n', "\r\n").as_bytes()).await.unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.unwrap();
        answers
    }

    #[tokio::test]
    async fn a_mail_is_kept_as_a_reader_sees_it_dots_included() {
        let (sink, mut stream) = sink().await;
        let answers = told(
            &mut stream,
            "EHLO me\nNOOP\nMAIL FROM:<a@x.example> BODY=8BITMIME\nRCPT TO:<jana@x.example>\nDATA\n\
             Subject: Your link\nContent-Transfer-Encoding: 7bit\n\nOpen this:\n..hidden\n.\nQUIT\n",
        )
        .await;
        let codes: Vec<&str> = answers.lines().map(|line| &line[..3]).collect();
        assert_eq!(codes, ["220", "250", "250", "250", "250", "250", "354", "250", "221"], "{answers}");
        let mail = sink.wait_for("jana@x.example", "Open this").await.unwrap();
        assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("Your link", "Open this:\n.hidden\n"));
        assert_eq!(sink.mails().len(), 1);
    }

    #[tokio::test]
    async fn what_is_too_large_or_out_of_turn_is_refused_and_not_kept() {
        let (sink, mut stream) = sink().await;
        let large = "x".repeat(900) + "\n";
        let body = large.repeat(smtp::MAIL_BYTES_MAX / 900 + 1);
        let answers = told(
            &mut stream,
            &format!("RCPT TO:<a@x.example>\nHELO me\nMAIL FROM:<>\nDATA\nRCPT TO:<a@x.example>\nDATA\n{body}.\nSHRUG\nQUIT\n"),
        )
        .await;
        let codes: Vec<&str> = answers.lines().map(|line| &line[..3]).collect();
        assert_eq!(
            codes,
            ["220", "503", "250", "250", "503", "250", "354", "552", "502", "221"],
            "{answers}"
        );
        assert!(sink.mails().is_empty());
    }
}
