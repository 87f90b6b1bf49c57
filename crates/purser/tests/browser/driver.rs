//! A chromedriver of our own and browsers from it.
//! Refuses to end a process that it did not start.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use thirtyfour::prelude::*;

/// A running chromedriver; dropping it ends it.
pub struct Driver {
    child: Child,
    url: String,
}

/// What a browser is to be.
pub struct Wanted {
    /// Whether pages may run scripts.
    pub scripts: bool,
    /// The width of the window in CSS pixels.
    pub width: u32,
}

/// A phone's height and a laptop's are both near it.
const HEIGHT: u32 = 900;

/// How long chromedriver may take to start.
const START: Duration = Duration::from_secs(20);

impl Driver {
    /// Starts chromedriver on a free port.
    pub async fn start() -> WebDriverResult<Driver> {
        let free =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let child = Command::new("chromedriver")
            .arg(format!("--port={}", free.port()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts; `bin/test` installs it");
        let driver = Driver { child, url: format!("http://127.0.0.1:{}", free.port()) };
        let started = tokio::time::Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", free.port())).await.is_err() {
            assert!(started.elapsed() < START, "chromedriver does not listen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(driver)
    }

    /// Opens a browser.
    pub async fn open(&self, wanted: Wanted) -> WebDriverResult<WebDriver> {
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--hide-scrollbars",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ] {
            capabilities.add_arg(argument)?;
        }
        capabilities.add_arg(&format!("--window-size={},{HEIGHT}", wanted.width.max(500)))?;
        if !wanted.scripts {
            capabilities.add_experimental_option(
                "prefs",
                serde_json::json!({ "profile.managed_default_content_settings.javascript": 2 }),
            )?;
        }
        if wanted.width < 500 {
            // Windows are not made narrower than that; an emulated phone is.
            let metrics = serde_json::json!({ "width": wanted.width, "height": HEIGHT, "pixelRatio": 2.0 });
            capabilities.add_experimental_option(
                "mobileEmulation",
                serde_json::json!({ "deviceMetrics": metrics }),
            )?;
        }
        WebDriver::new(&self.url, capabilities).await
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
