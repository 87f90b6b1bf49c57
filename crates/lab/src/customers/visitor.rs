//! A person with a browser and no script: signs in by the link in a mail, fills in forms, follows what comes back.
//! Refuses to know an address that no page or mail named.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};

use super::Answer;
use crate::mail_sink::Mail;
use crate::{Error, Result};

/// Somebody who is signed in; clones are the same person.
#[derive(Debug, Clone)]
pub struct Visitor {
    http: reqwest::Client,
    url: String,
    cookie: String,
}

/// What somebody bought on the buy page.
#[derive(Debug, Clone)]
pub struct Purchase {
    /// The key that the page carried.
    pub key: String,
    /// The number of the order.
    pub order: String,
}

impl Visitor {
    /// Opens the link in a mail and presses the button on the page.
    pub async fn sign_in(url: &str, mail: &Mail) -> Result<Visitor> {
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(none).build();
        let http = http.map_err(Error::http("a browser"))?;
        let link = mail.text.split_whitespace().find(|word| word.starts_with(url));
        let link = link.ok_or_else(|| Error::Setup(format!("the mail to {} has no link", mail.to)))?;
        let pressed = http.post(link).send().await.map_err(Error::http("the sign-in link"))?;
        let cookie = pressed.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|value| value.split(';').next()).map(str::to_owned);
        match cookie.filter(|_| pressed.status().is_redirection()) {
            Some(cookie) => Ok(Visitor { http, url: url.to_owned(), cookie }),
            None => Err(Error::Refused {
                what: "the sign-in link".to_owned(),
                status: pressed.status().as_u16(),
                body: pressed.text().await.unwrap_or_default(),
            }),
        }
    }

    /// Reads a page.
    pub async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.url)).header(COOKIE, &self.cookie);
        super::client::said(request).await
    }

    /// Buys on the buy page: fills it in, looks at the preview, and presses the button twice, as people do.
    pub async fn buy(&self, account: &str, (offer, quantity, target): (&str, i64, &str)) -> Result<Purchase> {
        let path = format!("/portal/{account}/buy");
        let empty = self.get(&path).await;
        let key = hidden(&empty.body, "key").ok_or_else(|| no_field(&path, "key", &empty))?;
        let quantity = quantity.to_string();
        let name = target.split_once(':').map_or(target, |(_, name)| name);
        let filled = [
            ("key", key.as_str()),
            ("offer", offer),
            ("quantity", &quantity),
            ("target", name),
            ("settlement", "invoice"),
        ];
        let preview = self.post(&path, &[&filled[..], &[("do", "preview")]].concat()).await?;
        let preview =
            Answer { status: preview.status().as_u16(), body: preview.text().await.unwrap_or_default() };
        let seen = hidden(&preview.body, "seen").ok_or_else(|| no_field(&path, "seen", &preview))?;
        let pressed = [&filled[..], &[("seen", seen.as_str()), ("do", "order")]].concat();
        let (first, second) = (self.post(&path, &pressed).await?, self.post(&path, &pressed).await?);
        let (first, second) = (order_of(&path, first).await?, order_of(&path, second).await?);
        match first == second {
            true => Ok(Purchase { key, order: first }),
            false => Err(Error::Setup(format!("pressing twice ordered twice: {first} and {second}"))),
        }
    }

    /// Downloads every license that the licenses page links to.
    pub async fn licenses(&self, account: &str) -> Vec<String> {
        let page = self.get(&format!("/portal/{account}/licenses")).await;
        let links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let mut files = Vec::new();
        for link in links.filter(|link| link.contains("/licenses/") && link.ends_with("/file")) {
            files.push(self.get(link).await.body);
        }
        files
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<reqwest::Response> {
        let request = self.http.post(format!("{}{path}", self.url)).header(COOKIE, &self.cookie).form(form);
        request.send().await.map_err(Error::http(path))
    }
}

/// The value of a hidden field on a page.
fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, after) = page.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\""))?;
    after.split('"').next().map(str::to_owned)
}

fn no_field(path: &str, field: &str, answer: &Answer) -> Error {
    let what = format!("{path} (for its field {field})");
    Error::Refused { what, status: answer.status, body: answer.body.clone() }
}

/// The order to whose page the answer leads.
async fn order_of(path: &str, answer: reqwest::Response) -> Result<String> {
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let number =
        location.and_then(|path| path.split("/orders/").nth(1)).and_then(|rest| rest.split('?').next());
    match number {
        Some(number) => Ok(number.to_owned()),
        None => Err(Error::Refused {
            what: path.to_owned(),
            status: answer.status().as_u16(),
            body: answer.text().await.unwrap_or_default(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_fields_are_found_by_name() {
        let page =
            r#"<input type="hidden" name="key" value="portal-1"><input type="hidden" name="seen" value="">"#;
        assert_eq!(hidden(page, "key"), Some("portal-1".to_owned()));
        assert_eq!(hidden(page, "seen"), Some(String::new()));
        assert_eq!(hidden(page, "other"), None);
    }
}
