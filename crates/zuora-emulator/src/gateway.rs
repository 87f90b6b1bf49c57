//! The simulated payment gateway: what it says depends on the token or card alone.
//! Refuses to be random, and to be asked twice for one payment.

/// How the gateway treats a payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// Every payment goes through.
    Approve,
    /// Every payment is declined for want of money.
    InsufficientFunds,
    /// The gateway itself fails.
    TechnicalError,
}

/// What the gateway answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) approved: bool,
    pub(crate) code: &'static str,
    pub(crate) text: &'static str,
}

/// Test cards of a public gateway's documentation, and the words in a token that do the same.
const INSUFFICIENT_FUNDS_CARD: &str = "4000000000009995";
const TECHNICAL_ERROR_CARD: &str = "4000000000000119";

impl Behavior {
    /// The behavior that a token or a card number asks for.
    pub(crate) fn of(token_or_card: &str) -> Behavior {
        let token = token_or_card.to_ascii_lowercase();
        if token == INSUFFICIENT_FUNDS_CARD || token.contains("decline") || token.contains("insufficient") {
            Behavior::InsufficientFunds
        } else if token == TECHNICAL_ERROR_CARD || token.contains("error") {
            Behavior::TechnicalError
        } else {
            Behavior::Approve
        }
    }

    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Behavior::Approve => Verdict { approved: true, code: "approve", text: "Transaction approved" },
            Behavior::InsufficientFunds => Verdict {
                approved: false,
                code: "insufficient_funds",
                text: "Your card has insufficient funds.",
            },
            Behavior::TechnicalError => Verdict {
                approved: false,
                code: "processing_error",
                text: "The gateway could not be reached.",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_or_the_card_chooses_what_the_gateway_says() {
        assert!(Behavior::of("tok_visa").verdict().approved);
        assert!(Behavior::of("4111111111111111").verdict().approved);
        assert_eq!(Behavior::of("tok_decline").verdict().code, "insufficient_funds");
        assert_eq!(Behavior::of("4000000000009995").verdict().code, "insufficient_funds");
        assert_eq!(Behavior::of("tok_gateway_error").verdict().code, "processing_error");
    }
}
