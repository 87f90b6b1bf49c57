//! The portal and the console in a real browser, against everything else running for real in this process.
//! Refuses to run unless PURSER_TEST_BROWSER=1, and says so; `bin/test` sets it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail and say why")]

mod driver;
mod look;
mod story;

/// Set by the stage of `bin/test` that has installed a browser.
const ASKED: &str = "PURSER_TEST_BROWSER";

fn asked() -> bool {
    let asked = std::env::var(ASKED).is_ok_and(|value| value == "1");
    if !asked {
        eprintln!("skipped: set {ASKED}=1 where chromium and chromedriver are installed, or run bin/test");
    }
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_buys_without_scripts_and_every_page_can_be_read() {
    if asked() {
        story::run().await.expect("the story");
    }
}
