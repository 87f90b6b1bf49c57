//! One conversation in as much SMTP as a sender without extensions needs.
//! Refuses commands out of turn, too many recipients, and lines and mails without a bound.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use super::{Mail, MailSink, message};

/// The largest mail: ours are a few sentences.
pub(super) const MAIL_BYTES_MAX: usize = 256 * 1024;

/// The longest line that is read, with its end: SMTP's limit.
const LINE_BYTES_MAX: u64 = 1_000;

/// Recipients of one mail.
const RECIPIENTS_MAX: usize = 10;

type Lines = BufReader<tokio::net::tcp::OwnedReadHalf>;

/// A mail while it is being handed over.
#[derive(Default)]
struct Envelope {
    begun: bool,
    to: Vec<String>,
}

/// Speaks with one sender until it quits.
pub(super) async fn converse(stream: TcpStream, sink: &MailSink) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let mut envelope = Envelope::default();
    say(&mut write, "220 mail sink of the demo").await?;
    while let Some(line) = line(&mut lines).await? {
        let (verb, rest) = line.split_once([' ', ':']).unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "QUIT" => return say(&mut write, "221 bye").await,
            "DATA" if !envelope.to.is_empty() => {
                say(&mut write, "354 go on, end with a dot").await?;
                let to = std::mem::take(&mut envelope).to;
                match text(&mut lines).await? {
                    Some(raw) => {
                        let (subject, text) = message::read(&raw);
                        let mail = |to| Mail { to, subject: subject.clone(), text: text.clone() };
                        to.into_iter().map(mail).for_each(|mail| sink.keep(mail));
                        say(&mut write, "250 kept").await?;
                    }
                    None => say(&mut write, "552 the mail is too large").await?,
                }
            }
            verb => {
                let answer = envelope.take(verb, rest);
                say(&mut write, answer).await?;
            }
        }
    }
    Ok(())
}

impl Envelope {
    fn take(&mut self, verb: &str, rest: &str) -> &'static str {
        match verb {
            "EHLO" => {
                *self = Envelope::default();
                "250-mail sink\r\n250 8BITMIME"
            }
            "HELO" | "RSET" => {
                *self = Envelope::default();
                "250 ok"
            }
            "NOOP" => "250 ok",
            "MAIL" => {
                *self = Envelope { begun: true, to: Vec::new() };
                "250 ok"
            }
            "RCPT" if !self.begun => "503 MAIL comes first",
            "RCPT" if self.to.len() >= RECIPIENTS_MAX => "452 too many recipients",
            "RCPT" => match address(rest) {
                Some(address) => {
                    self.to.push(address);
                    "250 ok"
                }
                None => "501 an address in angle brackets is expected",
            },
            "DATA" => "503 RCPT comes first",
            _ => "502 not a command of this server",
        }
    }
}

fn address(rest: &str) -> Option<String> {
    let (_, after) = rest.split_once('<')?;
    let (address, _) = after.split_once('>')?;
    Some(address.to_ascii_lowercase()).filter(|address| !address.is_empty())
}

async fn say(to: &mut OwnedWriteHalf, words: &str) -> io::Result<()> {
    to.write_all(format!("{words}\r\n").as_bytes()).await
}

/// The next line without its end; `None` when the sender has hung up.
async fn line(from: &mut Lines) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    (&mut *from).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.last() != Some(&b'\n') {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long, or not whole"));
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The lines up to the single dot; `None` if they are more than a mail may have.
async fn text(from: &mut Lines) -> io::Result<Option<String>> {
    let (mut whole, mut too_large) = (String::new(), false);
    loop {
        let Some(line) = line(from).await? else {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the mail ended before its dot"));
        };
        if line == "." {
            return Ok((!too_large).then_some(whole));
        }
        // A leading dot is doubled on the way, so that it cannot be mistaken for the end.
        let line = line.strip_prefix('.').unwrap_or(&line);
        too_large = too_large || whole.len() + line.len() + 1 > MAIL_BYTES_MAX;
        if !too_large {
            whole.push_str(line);
            whole.push('\n');
        }
    }
}
