//! The command line: nouns, then verbs, in the words of the API.
//! Refuses to do anything; it only says what was asked.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Order-to-cash that keeps selling while the billing provider is down.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// Settings file; `purser.toml` in this directory if not given.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows the main job for real, in small: nothing to install, no account, no network.
    Demo(DemoOptions),
    /// Serves the API, the portal and the console, and works on what was ordered.
    Serve(ServeOptions),
    /// Runs a Zuora on this machine.
    Emulate(EmulateOptions),
    /// Brings the database's schema up to what this version needs.
    Migrate(Common),
    /// What can be sold.
    Offer {
        #[command(subcommand)]
        command: OfferCommand,
    },
    /// Billing accounts.
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// API tokens of product services.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Who works here.
    Staff {
        #[command(subcommand)]
        command: StaffCommand,
    },
    /// Who may act for which account.
    Membership {
        #[command(subcommand)]
        command: MembershipCommand,
    },
    /// Licenses of self-managed servers.
    License {
        #[command(subcommand)]
        command: LicenseCommand,
    },
}

/// What every command that opens the database takes.
#[derive(Debug, Args)]
pub struct Common {
    /// `sqlite:FILE` or `postgres://USER@HOST/DATABASE`.
    #[arg(long)]
    pub database: Option<String>,
    /// Prints one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DemoOptions {
    /// Where the portal and the API listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the metrics are.
    #[arg(long, default_value = "127.0.0.1:9090")]
    pub metrics: SocketAddr,
    /// Another database than a fresh SQLite file.
    #[arg(long)]
    pub database: Option<String>,
    /// How many orders customers place.
    #[arg(long, default_value_t = 320)]
    pub orders: usize,
    /// Ends when the story ends, instead of staying up for clicking through.
    #[arg(long)]
    pub once: bool,
    /// Prints one JSON object on standard output and nothing else there.
    #[arg(long)]
    pub json: bool,
    /// Writes the port that was taken, for scripts that listen on port 0.
    #[arg(long)]
    pub port_file: Option<PathBuf>,
    /// Writes an API token with every scope.
    #[arg(long)]
    pub token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Where the portal and the API listen.
    #[arg(long)]
    pub listen: Option<SocketAddr>,
    /// Where the metrics are.
    #[arg(long)]
    pub metrics: Option<SocketAddr>,
    /// `sqlite:FILE` or `postgres://USER@HOST/DATABASE`.
    #[arg(long)]
    pub database: Option<String>,
    /// The tenant's REST endpoint.
    #[arg(long)]
    pub zuora: Option<String>,
    /// What this process does: `all`, `web` or `worker`.
    #[arg(long)]
    pub role: Option<String>,
    /// How fast the clock runs; for drills only.
    #[arg(long)]
    pub clock_speed: Option<String>,
    /// The moment at which fast time and real time are equal, for drills with several processes.
    #[arg(long)]
    pub clock_origin: Option<jiff::Timestamp>,
    /// Writes the port that was taken, for scripts that listen on port 0.
    #[arg(long)]
    pub port_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct EmulateOptions {
    /// Where Zuora's API listens.
    #[arg(long, default_value = "127.0.0.1:9876")]
    pub listen: SocketAddr,
    /// Where faults, books and the clock are: a port that no fault touches.
    #[arg(long, default_value = "127.0.0.1:9877")]
    pub admin: SocketAddr,
    /// What it starts with: `demo` (the demo's catalog), `empty`, or a number (that catalog, other ids).
    #[arg(long, default_value = "demo")]
    pub seed: Seed,
    /// Whether a second order with the same number is refused, as Zuora is believed to do.
    #[arg(long, value_enum, default_value = "reject")]
    pub duplicate_order_numbers: Duplicates,
    /// A fault trace (TOML) to play from the start.
    #[arg(long)]
    pub trace: Option<PathBuf>,
    /// How fast the clock runs: 60 makes a minute pass in a second.
    #[arg(long, default_value = "1")]
    pub clock_speed: String,
    /// The moment at which fast time and real time are equal, for drills with several processes.
    #[arg(long)]
    pub clock_origin: Option<jiff::Timestamp>,
    /// Writes the port that was taken, for scripts that listen on port 0.
    #[arg(long)]
    pub port_file: Option<PathBuf>,
    /// Writes the admin port that was taken.
    #[arg(long)]
    pub admin_port_file: Option<PathBuf>,
}

/// What an emulator starts with.
#[derive(Debug, Clone, Copy)]
pub enum Seed {
    /// Nothing.
    Empty,
    /// The demo's catalog, with ids made from a number.
    Catalog(u64),
}

impl std::str::FromStr for Seed {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "demo" => Ok(Seed::Catalog(1)),
            "empty" => Ok(Seed::Empty),
            number => {
                number.parse().map(Seed::Catalog).map_err(|_| "write demo, empty or a number".to_owned())
            }
        }
    }
}

/// What becomes of a second order with the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Duplicates {
    /// It is refused.
    Reject,
    /// It is made.
    Accept,
}

#[derive(Debug, Subcommand)]
pub enum OfferCommand {
    /// Makes the offers what the file says; what it does not name is no longer sold.
    Apply {
        /// For example `offers.toml`.
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Opens a billing account; Zuora hears of it from the worker.
    Create {
        /// The company's name.
        #[arg(long)]
        name: String,
        /// Its currency, for life.
        #[arg(long)]
        currency: String,
        /// First name of the person who is billed.
        #[arg(long)]
        first_name: String,
        /// Last name of the person who is billed.
        #[arg(long)]
        last_name: String,
        /// Where invoices go.
        #[arg(long)]
        mail: String,
        /// ISO country code of the person who is billed.
        #[arg(long)]
        country: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Makes a token and shows its secret, once.
    Create {
        /// What it is for, in words.
        #[arg(long)]
        name: String,
        /// What it may be used for; repeat for more: entitlements:read, orders:read, orders:write.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// The only product line that it may touch.
        #[arg(long)]
        product_line: Option<String>,
        /// Days until it stops working.
        #[arg(long, default_value_t = 90)]
        days: u16,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Makes someone staff and mails them a sign-in link.
    Invite {
        /// Their address.
        #[arg(long)]
        mail: String,
        /// Their name.
        #[arg(long)]
        name: String,
        /// viewer, support, billing or operator.
        #[arg(long)]
        role: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Subcommand)]
pub enum MembershipCommand {
    /// Lets someone act for an account and mails them a sign-in link.
    Grant {
        /// The account's number.
        #[arg(long)]
        account: String,
        /// Their address.
        #[arg(long)]
        mail: String,
        /// Their name.
        #[arg(long)]
        name: String,
        /// manager, subscription_contact, billing_contact or viewer.
        #[arg(long)]
        role: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Subcommand)]
pub enum LicenseCommand {
    /// Checks a license file without a network; exits with 1 if it is not good.
    Verify {
        /// The file.
        file: PathBuf,
        /// A public key as KEYID=64 hexadecimal digits; repeat during a rotation. Without one, the demo's key.
        #[arg(long = "key", value_name = "ID=HEX")]
        keys: Vec<String>,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Makes a signing key and prints its public half.
    NewKey {
        /// Where the secret half goes; the file must not exist.
        file: PathBuf,
    },
}
