//! Serves an emulator with a demo catalog on 127.0.0.1:9876, its own operations on 127.0.0.1:9877.
//! Point a Zuora SDK at it; Ctrl-C ends it.

use zuora_emulator::http::{Clock, Handle, serve, serve_admin};
use zuora_emulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Emulator, Settings, seed};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clock = Clock::real();
    let mut emulator = Emulator::new(Settings::default());
    seed::demo(&mut emulator, clock.now())?;
    let emulator = Handle::new(emulator);
    let api = tokio::net::TcpListener::bind("127.0.0.1:9876").await?;
    let admin = tokio::net::TcpListener::bind("127.0.0.1:9877").await?;
    println!(
        "http://{} client_id={DEFAULT_CLIENT_ID} client_secret={DEFAULT_CLIENT_SECRET}",
        api.local_addr()?
    );
    println!("http://{} (faults, books, clock)", admin.local_addr()?);
    tokio::try_join!(
        serve(api, emulator.clone(), clock.clone(), std::future::pending()),
        serve_admin(admin, emulator, clock, std::future::pending()),
    )?;
    Ok(())
}
