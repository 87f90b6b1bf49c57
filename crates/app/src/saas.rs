//! The way to the SaaS product: one PUT for each target, with a rising generation.
//! Refuses to retry: the job does.

use std::time::Duration;

use domain::target::Target;
use secrecy::{ExposeSecret, SecretString};

use crate::{Error, Result};

/// The SaaS product's provisioning API.
#[derive(Clone)]
pub struct Saas {
    http: reqwest::Client,
    url: String,
    token: SecretString,
}

impl Saas {
    /// A client for `{url}/targets/{target}`.
    pub fn new(url: &str, token: SecretString, timeout: Duration) -> Result<Saas> {
        let http =
            reqwest::Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none()).build();
        let http = http.map_err(|error| outbound(&error))?;
        Ok(Saas { http, url: url.trim_end_matches('/').to_owned(), token })
    }

    /// Tells the product what a target has. It ignores a generation that is not higher than what it knows.
    pub async fn put(&self, target: &Target, generation: i64, desired: &str) -> Result<()> {
        let sent = self
            .http
            .put(format!("{}/targets/{}", self.url, target.to_string().replace('/', "%2F")))
            .bearer_auth(self.token.expose_secret())
            .header("content-type", "application/json")
            .header("x-purser-generation", generation)
            .body(desired.to_owned())
            .send();
        let response = sent.await.map_err(|error| outbound(&error))?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status => Err(Error::Outbound { who: "the SaaS product", why: format!("status {status}") }),
        }
    }
}

fn outbound(error: &reqwest::Error) -> Error {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    Error::Outbound { who: "the SaaS product", why: format!("{error} {cause}").trim_end().to_owned() }
}
