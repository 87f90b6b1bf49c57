//! Decimals digit for digit, enums that never close, times in the tenant's zone.

use jiff::tz::TimeZone;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::wire::decimal::{self, DecimalError, parse};
use crate::wire::{BillingPeriod, ChargeModel, ChargeType, LocalTime, OrderStatus, RatePlans};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Money {
    #[serde(with = "decimal")]
    amount: Decimal,
    #[serde(default, with = "decimal::option")]
    tax: Option<Decimal>,
}

#[test]
fn a_decimal_is_read_digit_for_digit() {
    for (token, expected) in [
        ("282.0", "282.0"),
        ("0E-9", "0"),
        ("0.000000000", "0"),
        ("-0", "0"),
        ("1E+3", "1000"),
        ("1.25e2", "125"),
        ("12e-1", "1.2"),
        ("-9999999999999.99", "-9999999999999.99"),
        ("1234567890123456789012345678", "1234567890123456789012345678"),
        ("0.1000000000000000000000000000000000", "0.1000000000000000000000000000"),
        ("1e-28", "0.0000000000000000000000000001"),
        ("00012", "12"),
    ] {
        assert_eq!(parse(token).unwrap().to_string(), expected, "{token}");
    }
}

#[test]
fn a_decimal_that_would_have_to_be_rounded_is_an_error() {
    for token in [
        "12345678901234567890123456789",
        "0.12345678901234567890123456789",
        "1e-29",
        "1e28",
        "1e999999999999",
    ] {
        assert_eq!(parse(token), Err(DecimalError::TooLong(token.into())));
    }
}

#[test]
fn what_is_not_a_number_is_an_error() {
    for token in [
        "", "-", ".5", "1e", "1e+", "e5", "1.2.3", "0x10", "1_000", "NaN", "Infinity", "12,5", "1e5e5",
        "--1", "+1", "١",
    ] {
        assert_eq!(parse(token), Err(DecimalError::NotANumber(token.into())), "{token}");
    }
}

#[test]
fn a_decimal_field_takes_a_number_or_text_and_an_optional_one_nothing() {
    let read = |text| serde_json::from_str::<Money>(text);
    assert_eq!(read(r#"{"amount":5.0}"#).unwrap(), Money { amount: Decimal::from(5), tax: None });
    assert_eq!(read(r#"{"amount":"300","tax":null}"#).unwrap().amount, Decimal::from(300));
    assert_eq!(read(r#"{"amount":1,"tax":""}"#).unwrap().tax, None);
    assert_eq!(read(r#"{"amount":1,"tax":0E-9}"#).unwrap().tax, Some(Decimal::ZERO));
    for wrong in [
        r#"{"amount":null}"#,
        r#"{"amount":""}"#,
        r#"{"amount":"banana"}"#,
        r#"{"amount":true}"#,
        r#"{"amount":1,"tax":[]}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_value_that_zuora_invents_tomorrow_is_kept() {
    let status: OrderStatus = serde_json::from_str(r#""Half Done""#).unwrap();
    assert_eq!(status, OrderStatus::Other("Half Done".into()));
    assert_eq!(serde_json::to_string(&status).unwrap(), r#""Half Done""#);
    assert_eq!(serde_json::from_str::<OrderStatus>(r#""Completed""#).unwrap(), OrderStatus::Completed);
}

#[test]
fn both_spellings_of_a_value_are_one() {
    let model = |text| serde_json::from_str::<ChargeModel>(text).unwrap();
    assert_eq!(model(r#""Tiered with Overage Pricing""#), model(r#""TieredWithOverage""#));
    assert_eq!(serde_json::to_string(&model(r#""Flat Fee Pricing""#)).unwrap(), r#""FlatFee""#);
    let period = |text| serde_json::from_str::<BillingPeriod>(text).unwrap();
    assert_eq!(period(r#""Semi-Annual""#), period(r#""Semi_Annual""#));
    assert_eq!(serde_json::from_str::<ChargeType>(r#""One-Time""#).unwrap(), ChargeType::OneTime);
}

#[test]
fn plans_are_a_list_a_url_or_nothing() {
    let read = |text| serde_json::from_str::<RatePlans>(text);
    assert_eq!(read("[]").unwrap(), RatePlans::Listed(vec![]));
    assert_eq!(read("null").unwrap(), RatePlans::Listed(vec![]));
    assert_eq!(read(r#""https://x/v1/y""#).unwrap(), RatePlans::At("https://x/v1/y".into()));
    assert!(read("7").is_err());
}

#[test]
fn a_local_time_means_the_earlier_instant_where_the_clock_repeats() {
    let zone = TimeZone::get("America/Los_Angeles").unwrap();
    let at = |text: &str| LocalTime(text.into()).at(&zone).map(|instant| instant.to_string());
    assert_eq!(at("2026-11-01 01:30:00").unwrap(), "2026-11-01T08:30:00Z");
    assert_eq!(at("2026-06-05T06:00:35+01:00").unwrap(), "2026-06-05T05:00:35Z");
    assert!(at("yesterday").is_err());
    let instant = "2026-07-01T00:00:00Z".parse().unwrap();
    assert_eq!(LocalTime::of(instant, &zone).0, "2026-06-30 17:00:00");
}

proptest! {
    #[test]
    fn a_decimal_survives_the_wire_unchanged(mantissa in -(10_i128.pow(28) - 1)..10_i128.pow(28), scale in 0_u32..=28) {
        let amount = Decimal::try_from_i128_with_scale(mantissa, scale).unwrap();
        let text = serde_json::to_string(&Money { amount, tax: Some(amount) }).unwrap();
        let read: Money = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read.amount, amount);
        prop_assert_eq!(read.tax, Some(amount));
        if mantissa != 0 {
            prop_assert_eq!(read.amount.scale(), scale);
        }
    }

    #[test]
    fn no_text_makes_the_decimal_parser_panic(text in "[-+.eE0-9a]{0,40}") {
        if let Ok(value) = parse(&text) {
            prop_assert_eq!(parse(&value.to_string()).unwrap(), value);
        }
    }
}
