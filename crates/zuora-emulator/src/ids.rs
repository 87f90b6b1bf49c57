//! Ids and numbers that are the same in every run: a counter under a seed.
//! Refuses randomness; whatever must look random is a hash of a counter.

use std::collections::BTreeMap;

/// A well mixed number from a seed and a counter (the finalizer of SplitMix64).
pub(crate) fn mix(seed: u64, counter: u64) -> u64 {
    let mut z = seed.wrapping_add(counter.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The series of human-readable numbers; each counts on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Series {
    Account,
    Order,
    Subscription,
    RatePlan,
    Charge,
    Invoice,
    CreditMemo,
    Payment,
    PaymentMethod,
    Product,
    ProductRatePlan,
    ProductRatePlanCharge,
}

impl Series {
    fn prefix(self) -> &'static str {
        match self {
            Series::Account => "A",
            Series::Order => "O-",
            Series::Subscription => "A-S",
            Series::RatePlan => "SRP-",
            Series::Charge => "C-",
            Series::Invoice => "INV",
            Series::CreditMemo => "CM",
            Series::Payment => "P-",
            Series::PaymentMethod => "PM-",
            Series::Product => "PC-",
            Series::ProductRatePlan => "PRP-",
            Series::ProductRatePlanCharge => "PRPC-",
        }
    }
}

/// Where ids and numbers come from. Cloning it before a preview and putting it back leaves no gap.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    seed: u64,
    next: u64,
    series: BTreeMap<Series, u64>,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Ids {
        Ids { seed, next: 0, series: BTreeMap::new() }
    }

    /// A new id of 32 lower-case hex digits; later ids sort after earlier ones.
    pub(crate) fn id(&mut self) -> String {
        self.next += 1;
        let tenant = mix(self.seed, 0) & 0x00FF_FFFF_FFFF_FFFF;
        format!("8a{:014x}{:016x}", tenant, self.next)
    }

    /// The next number of a series, `O-00000001`.
    pub(crate) fn number(&mut self, series: Series) -> String {
        let next = self.series.entry(series).or_insert(0);
        *next += 1;
        format!("{}{next:08}", series.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_32_hex_digits_in_order_and_the_same_for_a_seed() {
        let (mut one, mut two) = (Ids::new(7), Ids::new(7));
        let ids: Vec<String> = (0..300).map(|_| one.id()).collect();
        assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())));
        assert!(ids.is_sorted());
        assert_eq!(ids[0], two.id());
        assert_ne!(ids[0], Ids::new(8).id());
    }

    #[test]
    fn each_series_counts_on_its_own() {
        let mut ids = Ids::new(1);
        assert_eq!(ids.number(Series::Order), "O-00000001");
        assert_eq!(ids.number(Series::Order), "O-00000002");
        assert_eq!(ids.number(Series::Subscription), "A-S00000001");
    }
}
