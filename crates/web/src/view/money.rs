//! Amounts as people read them: `€1,558.85`, `−€77.94`, `CHF 20.00`.
//! Refuses to round: what arrives here was rounded by `rating`; only the digits of an exact result are cut, and say so.

use domain::Currency;
use rating::Money;
use rust_decimal::Decimal;

/// Digits that an exact result shows beyond those of its currency: enough to see which way it was rounded.
const EXTRA_DIGITS: u32 = 1;

/// An amount with the currency's sign and decimals.
pub fn amount(money: Money) -> String {
    decimal(money.amount(), Currency(money.currency))
}

/// An amount in minor units.
pub fn minor(minor: i64, currency: Currency) -> String {
    amount(Money { minor, currency: currency.0 })
}

/// An exact amount, such as a unit price: with the currency's decimals, and more where it has more.
pub fn decimal(exact: Decimal, currency: Currency) -> String {
    let digits = decimals(currency).max(exact.normalize().scale());
    signed(exact, currency, &grouped(exact.abs(), digits))
}

/// An exact result before rounding: cut after one more digit than the currency has, with `…` if anything follows.
pub fn exact(exact: Decimal, currency: Currency) -> String {
    let digits = decimals(currency);
    let exact = exact.normalize();
    if exact.scale() <= digits {
        return decimal(exact, currency);
    }
    let cut = exact.trunc_with_scale(digits + EXTRA_DIGITS);
    let more = if cut == exact { "" } else { "…" };
    signed(exact, currency, &format!("{}{more}", grouped(cut.abs(), digits + EXTRA_DIGITS)))
}

/// Whether an exact result has more digits than its currency, so that it was rounded.
pub fn is_rounded(exact: Decimal, currency: Currency) -> bool {
    exact.normalize().scale() > decimals(currency)
}

/// The currency's name in a sentence: `in euro`.
pub fn currency_name(currency: Currency) -> String {
    match currency.code() {
        "EUR" => "euro".to_owned(),
        "USD" => "US dollars".to_owned(),
        "GBP" => "pounds".to_owned(),
        code => code.to_owned(),
    }
}

/// A whole number with thousands separated.
pub fn count(number: i64) -> String {
    let sign = if number < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}", thousands(&number.unsigned_abs().to_string()))
}

/// What money of a quantity is: `12` or `12.5`.
pub fn quantity(quantity: Decimal) -> String {
    let text = quantity.abs().normalize().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if quantity.is_sign_negative() && !quantity.is_zero() { "\u{2212}" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", thousands(whole))
}

fn decimals(currency: Currency) -> u32 {
    currency.0.exponent().map_or(0, u32::from)
}

fn signed(value: Decimal, currency: Currency, digits: &str) -> String {
    let sign = if value.is_sign_negative() && !value.is_zero() { "\u{2212}" } else { "" };
    match currency.code() {
        "EUR" => format!("{sign}€{digits}"),
        "USD" => format!("{sign}${digits}"),
        "GBP" => format!("{sign}£{digits}"),
        "JPY" => format!("{sign}¥{digits}"),
        // Other signs belong to several currencies; letters do not. The space must not break.
        code => format!("{sign}{code}\u{a0}{digits}"),
    }
}

fn grouped(value: Decimal, digits: u32) -> String {
    let mut value = value;
    value.rescale(digits);
    let text = value.to_string();
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", thousands(whole)),
        None => thousands(&text),
    }
}

fn thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro(text: &str) -> String {
        decimal(text.parse().unwrap(), currency("EUR"))
    }

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_carry_their_sign_their_thousands_and_the_decimals_of_their_currency() {
        assert_eq!(minor(155_885, currency("EUR")), "€1,558.85");
        assert_eq!(minor(-7_794, currency("EUR")), "−€77.94");
        assert_eq!(minor(0, currency("EUR")), "€0.00");
        assert_eq!(minor(1_000_000, currency("JPY")), "¥1,000,000");
        assert_eq!(minor(2_000, currency("CHF")), "CHF\u{a0}20.00");
        assert_eq!(minor(1_234_567_890, currency("KWD")), "KWD\u{a0}1,234,567.890");
    }

    #[test]
    fn a_price_keeps_digits_beyond_the_cent() {
        assert_eq!(euro("348"), "€348.00");
        assert_eq!(euro("0.0125"), "€0.0125");
        assert_eq!(euro("348.500"), "€348.50");
    }

    #[test]
    fn an_exact_result_is_cut_and_says_so() {
        let euro = currency("EUR");
        assert_eq!(exact("1558.8493150684931506849315068".parse().unwrap(), euro), "€1,558.849…");
        assert_eq!(exact("-77.9425".parse().unwrap(), euro), "−€77.942…");
        assert_eq!(exact("77.945".parse().unwrap(), euro), "€77.945");
        assert_eq!(exact("5220".parse().unwrap(), euro), "€5,220.00");
        assert!(is_rounded("77.945".parse().unwrap(), euro) && !is_rounded("77.940".parse().unwrap(), euro));
    }

    #[test]
    fn counts_and_quantities_group_their_thousands() {
        assert_eq!(count(10_000), "10,000");
        assert_eq!(count(-1_234_567), "−1,234,567");
        assert_eq!(quantity("1500.50".parse().unwrap()), "1,500.5");
        assert_eq!(quantity("-15".parse().unwrap()), "−15");
    }
}
