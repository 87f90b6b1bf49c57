//! The form of the buy page: its fields as they were typed, what they ask for, and which field a refusal is about.
//! Refuses to guess: a field that cannot be read is named, and keeps what was typed.

use app::subscription::SubscriptionView;
use domain::account::Account;
use domain::offer::PricedOffer;
use domain::order::{ActionKind, PlaceOrder, QUANTITY_MAX, Requested, Settlement};
use domain::target::{Target, TargetKind};
use serde::Deserialize;

use crate::view::money;

/// What was typed and chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct BuyForm {
    /// The idempotency key of the page.
    pub key: String,
    /// The subscription that is changed; empty for a new one.
    pub subscription: String,
    /// The offer's code.
    pub offer: String,
    /// How many.
    pub quantity: String,
    /// The name of a group or server.
    pub target: String,
    /// How it is paid.
    pub settlement: String,
    /// The customer's own number.
    pub po_number: String,
    /// The total that the page showed, in minor units.
    pub seen: String,
    /// Which button was pressed.
    #[serde(rename = "do")]
    pub pressed: String,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The id of the field on the page.
    pub id: &'static str,
    /// What to enter.
    pub words: String,
}

/// What the form is read against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Who buys.
    pub account: &'a Account,
    /// What can be bought.
    pub offers: &'a [PricedOffer],
    /// The subscription that is changed.
    pub subscription: Option<&'a SubscriptionView>,
}

impl Context<'_> {
    /// Whether the subscription contains the offer on any day to come.
    pub fn contains(&self, offer: &PricedOffer) -> bool {
        self.subscription.is_some_and(|view| {
            view.expected.lines.iter().any(|line| line.rate_plan == offer.offer.rate_plan && line.per_unit())
        })
    }

    /// The offers that fit: for a new subscription those that begin one, for an old one its own and what can be added.
    pub fn choices(&self) -> Vec<&PricedOffer> {
        let fits = |offer: &&PricedOffer| match self.subscription {
            None => !offer.offer.add_on,
            Some(view) => {
                let kind = view.expected.target.as_ref().map(|target| target.kind);
                self.contains(offer) || (offer.offer.add_on && kind == Some(offer.offer.target_kind))
            }
        };
        self.offers.iter().filter(fits).collect()
    }
}

impl BuyForm {
    /// Whether the order is to be placed, not only previewed.
    pub fn wants_order(&self) -> bool {
        self.pressed == "order"
    }

    /// Whether anything was entered that a preview could be made of.
    pub fn is_begun(&self) -> bool {
        let target = !self.subscription.is_empty() || !self.target.trim().is_empty();
        !self.offer.is_empty() && !self.quantity.trim().is_empty() && target
    }

    /// The order that the form asks for, or what is wrong with it, all at once.
    pub fn request(&self, context: &Context<'_>) -> Result<PlaceOrder, Vec<FieldError>> {
        let mut errors = Vec::new();
        let offer = context.choices().into_iter().find(|offer| offer.offer.code == self.offer);
        if offer.is_none() {
            errors.push(wrong("offer", "Choose a plan"));
        }
        let quantity = self.quantity();
        if quantity.is_none() {
            errors.push(quantity_error());
        }
        let kind = offer.map(|offer| offer.offer.target_kind);
        let target = kind.and_then(|kind| self.target(kind));
        if context.subscription.is_none() && target.is_none() {
            errors.push(target_error(kind));
        }
        let settlement: Option<Settlement> = self.settlement.parse().ok();
        if settlement.is_none() {
            errors.push(wrong("settlement", "Choose how you pay"));
        }
        let (Some(offer), Some(settlement), true) = (offer, settlement, errors.is_empty()) else {
            return Err(errors);
        };
        let subscription = context.subscription.map(|view| view.expected.number.clone());
        let po_number = Some(self.po_number.trim().to_owned()).filter(|number| !number.is_empty());
        let action = Requested {
            kind: match (&subscription, context.contains(offer)) {
                (None, _) => ActionKind::Subscribe,
                (Some(_), true) => ActionKind::ChangeQuantity,
                (Some(_), false) => ActionKind::Add,
            },
            offer: Some(offer.offer.code.clone()),
            quantity,
            target: target.filter(|_| subscription.is_none()),
            subscription,
            start: None,
        };
        Ok(PlaceOrder {
            account: context.account.number.clone(),
            settlement,
            actions: vec![action],
            po_number,
        })
    }

    /// People write `1,500` and ` 15 `.
    fn quantity(&self) -> Option<i64> {
        let digits: String =
            self.quantity.chars().filter(|char| !char.is_whitespace() && *char != ',').collect();
        digits.parse().ok().filter(|quantity| (1..=i64::from(QUANTITY_MAX)).contains(quantity))
    }

    fn target(&self, kind: TargetKind) -> Option<Target> {
        format!("{kind}:{}", self.target.trim()).parse().ok()
    }
}

/// The field that a refusal is about; `None` if it is about the order as a whole.
pub fn field_of(code: &str, field: Option<&str>) -> Option<FieldError> {
    match (code, field) {
        ("unknown_offer" | "add_on_only" | "not_in_subscription", _) => {
            Some(wrong("offer", "Choose another plan"))
        }
        ("wrong_currency", _) => Some(wrong("offer", "Choose a plan that is sold in your currency")),
        ("quantity_out_of_range", _) => Some(quantity_error()),
        ("wrong_target", _) => Some(target_error(None)),
        ("no_payment_method", _) => {
            Some(wrong("settlement", "Choose bank transfer: there is no card on file"))
        }
        ("field_not_readable", Some("po_number")) => {
            Some(wrong("po_number", "Enter 1 to 255 letters, digits or signs"))
        }
        _ => None,
    }
}

fn quantity_error() -> FieldError {
    let most = money::count(i64::from(QUANTITY_MAX));
    FieldError { id: "quantity", words: format!("Enter a whole number from 1 to {most}") }
}

fn target_error(kind: Option<TargetKind>) -> FieldError {
    let words = match kind {
        Some(TargetKind::Server) => "Enter a name for your server, for example git-1",
        Some(TargetKind::Namespace) => "Enter the path of your group, for example brightwater",
        None => "Enter the path of your group or a name for your server",
    };
    wrong("target", words)
}

fn wrong(id: &'static str, words: &str) -> FieldError {
    FieldError { id, words: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story;

    fn form() -> BuyForm {
        BuyForm {
            offer: "cloud-business".into(),
            quantity: " 1,500 ".into(),
            target: "brightwater ".into(),
            settlement: "invoice".into(),
            ..BuyForm::default()
        }
    }

    #[test]
    fn a_filled_form_is_an_order() {
        let (account, offers) = (story::account(), story::offers());
        let context = Context { account: &account, offers: &offers, subscription: None };
        let request = form().request(&context).unwrap();
        let action = &request.actions[0];
        assert_eq!((action.kind, action.quantity), (ActionKind::Subscribe, Some(1_500)));
        assert_eq!(action.target.as_ref().unwrap().to_string(), "namespace:brightwater");
        assert_eq!(request.po_number, None);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let (account, offers) = (story::account(), story::offers());
        let context = Context { account: &account, offers: &offers, subscription: None };
        let errors = BuyForm {
            quantity: "-3".into(),
            offer: String::new(),
            target: "a b".into(),
            settlement: "gold".into(),
            ..form()
        };
        let ids: Vec<&str> = errors.request(&context).unwrap_err().iter().map(|error| error.id).collect();
        assert_eq!(ids, ["offer", "quantity", "target", "settlement"]);
        assert!(!context.choices().iter().any(|offer| offer.offer.add_on));
    }

    #[test]
    fn in_a_subscription_its_own_plan_changes_and_another_is_added() {
        let (account, offers) = (story::account(), story::offers());
        let view = SubscriptionView { expected: story::expected(), version: None, trust_until: None };
        let context = Context { account: &account, offers: &offers, subscription: Some(&view) };
        let codes: Vec<&str> = context.choices().iter().map(|offer| offer.offer.code.as_str()).collect();
        assert_eq!(codes, ["cloud-business", "cloud-assist"]);
        let change = form().request(&context).unwrap();
        assert_eq!(change.actions[0].kind, ActionKind::ChangeQuantity);
        assert_eq!(change.actions[0].target, None);
    }

    #[test]
    fn a_refusal_finds_its_field() {
        assert_eq!(field_of("quantity_out_of_range", Some("actions[0].quantity")).unwrap().id, "quantity");
        assert_eq!(field_of("field_not_readable", Some("po_number")).unwrap().id, "po_number");
        assert_eq!(field_of("subscription_ended", None), None);
    }
}
