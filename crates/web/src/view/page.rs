//! What every page has around its content: who sells, who reads, where they are, and whether billing answers.
//! Refuses content: that is the page's own.

use app::App;
use app::health::Billing;
use domain::Instant;

use super::reader::Reader;

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The first words of the window's title.
    pub title: String,
    /// Whose portal it is.
    pub seller: String,
    /// Where customers turn to.
    pub support_mail: String,
    /// Who reads.
    pub reader: Reader,
    /// Since when billing does not answer, if it does not.
    pub silent_since: Option<Instant>,
    /// The entries of the menu.
    pub menu: Vec<Link>,
    /// The account that the page is about; its link leads to the others.
    pub account: Option<String>,
    /// The name of who is signed in; with it comes the way out.
    pub person: Option<String>,
    /// Set where the page looks again by itself, in seconds.
    pub refresh_s: Option<u32>,
}

/// An entry of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub words: &'static str,
    /// Whether the page is there.
    pub here: bool,
}

impl Page {
    /// The frame around a page that anybody may see; times are in the tenant's zone.
    pub fn public(app: &App, title: &str) -> Page {
        let settings = &app.settings;
        Page {
            title: title.to_owned(),
            seller: settings.seller.name.clone(),
            support_mail: settings.seller.support_mail.clone(),
            reader: Reader { zone: settings.zone.clone(), now: app.now() },
            silent_since: match app::health::freshness(app).billing {
                Billing::Answers => None,
                Billing::Silent { since } => Some(since),
            },
            menu: Vec::new(),
            account: None,
            person: None,
            refresh_s: None,
        }
    }

    /// The first letter of the seller, for the mark beside the name.
    pub fn initial(&self) -> String {
        self.seller.chars().next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default()
    }

    /// The state of billing for the foot of the page.
    pub fn status(&self) -> &'static str {
        match self.silent_since {
            Some(_) => "Status: billing delayed",
            None => "Status: everything works",
        }
    }
}
