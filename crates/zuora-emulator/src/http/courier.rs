//! Delivers callouts over HTTP: basic authentication in one step or two, Zuora's timeouts, no redirects.
//! Refuses to judge an answer; the emulator decides whether to try again.

use std::time::Duration;

use tokio::task::JoinSet;

use super::{Clock, Handle, nap};
use crate::Outgoing;

/// How often, in real time, the courier looks for callouts that are due.
const LOOKS_EVERY: Duration = Duration::from_millis(20);
/// Zuora waits 10 s for a connection and 25 s in all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(25);
/// A fast clock must not turn the timeout into one that no receiver can meet.
const TIMEOUT_LEAST: Duration = Duration::from_secs(2);
/// More than this many deliveries at once wait for the next look.
const AT_ONCE_MOST: usize = 64;
/// What history shows when there was no answer at all.
const NO_ANSWER: i32 = -1;

/// Delivers for ever; dropping the future stops it.
pub(super) async fn deliver(emulator: Handle, clock: Clock) {
    let Some(client) = client(&clock) else { return };
    let mut under_way = JoinSet::new();
    loop {
        if under_way.len() < AT_ONCE_MOST {
            for callout in emulator.lock().take_callouts(clock.now()) {
                let (client, emulator, clock) = (client.clone(), emulator.clone(), clock.clone());
                under_way.spawn(async move {
                    let status = attempt(&client, &callout).await;
                    emulator.lock().callout_answered(callout.id, status, clock.now());
                });
            }
        }
        nap(LOOKS_EVERY).await;
        while under_way.try_join_next().is_some() {}
    }
}

fn client(clock: &Clock) -> Option<reqwest::Client> {
    // The first provider that is installed stays; a caller that has chosen one keeps it.
    drop(rustls::crypto::ring::default_provider().install_default());
    let built = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(clock.real_time(CONNECT_TIMEOUT).max(TIMEOUT_LEAST))
        .timeout(clock.real_time(TIMEOUT).max(TIMEOUT_LEAST))
        .no_proxy()
        .build();
    match built {
        Ok(client) => Some(client),
        Err(error) => {
            tracing::error!(%error, "callouts cannot be delivered");
            None
        }
    }
}

/// One attempt, which with two-step authentication is up to two requests.
async fn attempt(client: &reqwest::Client, callout: &Outgoing) -> i32 {
    let preemptive = callout.auth.as_ref().is_some_and(|auth| auth.preemptive);
    let status = send(client, callout, preemptive).await;
    if status == 401 && callout.auth.is_some() && !preemptive {
        send(client, callout, true).await
    } else {
        status
    }
}

async fn send(client: &reqwest::Client, callout: &Outgoing, with_credentials: bool) -> i32 {
    let Ok(method) = callout.method.parse::<reqwest::Method>() else { return NO_ANSWER };
    let mut request = client.request(method, &callout.url).body(callout.body.clone());
    for (name, value) in &callout.headers {
        request = request.header(name, value);
    }
    if let Some(auth) = callout.auth.as_ref().filter(|_| with_credentials) {
        request = request.basic_auth(&auth.username, Some(&auth.password));
    }
    match request.send().await {
        Ok(response) => i32::from(response.status().as_u16()),
        Err(_) => NO_ANSWER,
    }
}
