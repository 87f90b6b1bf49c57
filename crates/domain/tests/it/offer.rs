//! The file of offers.
//! Refuses what would sell nothing, or something else than was meant.

use domain::offer::{OffersFile, TrustClass};
use domain::target::TargetKind;

const FILE: &str = r#"
[[offer]]
code = "seats"
name = "Seats"
product_line = "cloud"
rate_plan = "R-1"
target_kind = "namespace"
trust = "standard"

[[offer.charge]]
charge = "C-1"
capability = "seats"
unit = ["seat", "seats"]
"#;

#[test]
fn an_offer_needs_little_and_the_rest_has_plain_defaults() {
    let offers = OffersFile::parse(FILE).unwrap();
    let offer = &offers[0];
    assert_eq!((offer.code.as_str(), offer.rate_plan.as_str()), ("seats", "R-1"));
    assert_eq!((offer.target_kind, offer.trust), (TargetKind::Namespace, TrustClass::Standard));
    assert_eq!((offer.term_months, offer.plan.as_deref(), offer.plan_rank), (12, None, 0));
    assert_eq!((offer.add_on, offer.sold, offer.version), (false, true, 0));
    let charge = &offer.charges[0];
    assert_eq!((charge.units_each, charge.lifetime_months), (1, None));
    assert_eq!(charge.unit, ["seat", "seats"]);
}

#[test]
fn a_file_that_sells_twice_or_nothing_names_the_offer() {
    let twice = format!("{FILE}{FILE}");
    assert!(OffersFile::parse(&twice).unwrap_err().contains("seats stands twice"));
    let (head, _) = FILE.split_once("[[offer.charge]]").unwrap();
    let error = OffersFile::parse(&format!("{head}charge = []\n")).unwrap_err();
    assert!(error.contains("seats") && error.contains("[[offer.charge]]"), "{error}");
}

#[test]
fn a_number_that_would_sell_nothing_is_refused_with_its_name() {
    let cases = [
        ("term_months = 0", "units_each = 1"),
        ("term_months = -12", "units_each = 1"),
        ("term_months = 121", "units_each = 1"),
        ("term_months = 12", "units_each = 0"),
        ("term_months = 12", "units_each = -5"),
        ("term_months = 12", "units_each = 9223372036854775807"),
        ("term_months = 12", "lifetime_months = 0"),
    ];
    for (of_offer, of_charge) in cases {
        let file = FILE.replace("trust =", &format!("{of_offer}\ntrust =")) + of_charge;
        let error = OffersFile::parse(&file).unwrap_err();
        let wrong = if of_offer == "term_months = 12" { of_charge } else { of_offer };
        let name = wrong.split(' ').next().unwrap();
        assert!(error.contains("seats") && error.contains(name), "{error}");
    }
}

#[test]
fn a_misspelled_key_or_value_is_refused_where_it_stands() {
    for (right, wrong, told) in [
        ("trust = \"standard\"", "trust = \"always\"", "always"),
        ("target_kind = \"namespace\"", "target_kind = \"planet\"", "planet"),
        ("rate_plan = \"R-1\"", "rate_plan = \"R/1\"", "R/1"),
        ("product_line", "product_lien", "product_lien"),
        ("capability", "capabilty", "capabilty"),
        ("name = \"Seats\"\n", "", "name"),
        ("[\"seat\", \"seats\"]", "[\"seats\"]", "unit"),
    ] {
        let error = OffersFile::parse(&FILE.replace(right, wrong)).unwrap_err();
        assert!(error.contains(told) && error.contains("line"), "{error}");
    }
}
