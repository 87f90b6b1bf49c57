//! Decimals read from the raw JSON token, digit for digit: `282.0`, `0E-9`, `"300"`.
//! Refuses to round: a number that needs more than 28 digits, or more than 28 places, is an error.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{Number, Value};

/// What 96 bits always hold; the 29th digit only sometimes fits, so it is never relied on.
const DIGITS_MAX: usize = 28;

/// Why a token is not a decimal that can be kept exactly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// The token is not a number in JSON's notation.
    #[error("not a number: {0}")]
    NotANumber(String),
    /// Keeping it would mean rounding it.
    #[error("more than {DIGITS_MAX} digits: {0}")]
    TooLong(String),
}

/// Reads one token exactly, exponent notation included.
///
/// The scale is kept as written (`5.0` has one place) except where an exponent or a zero makes it meaningless.
///
/// # Errors
///
/// [`DecimalError`] when the token is not a number, or not one of at most 28 digits.
///
/// ```
/// use zuora::wire::decimal::parse;
/// assert_eq!(parse("282.0").unwrap().to_string(), "282.0");
/// assert!(parse("0E-9").unwrap().is_zero());
/// assert_eq!(parse("1.5e3").unwrap().to_string(), "1500");
/// ```
pub fn parse(token: &str) -> Result<Decimal, DecimalError> {
    let not_a_number = || DecimalError::NotANumber(shown(token));
    let too_long = || DecimalError::TooLong(shown(token));
    let (negative, unsigned) = token.strip_prefix('-').map_or((false, token), |rest| (true, rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_a_number());
    }
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if exponent_digits.is_empty() || !exponent_digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_a_number());
    }
    let mut digits = digits.trim_start_matches('0').to_owned();
    if digits.is_empty() {
        return Ok(Decimal::ZERO);
    }
    let exponent: i64 = exponent.parse().map_err(|_| too_long())?;
    let places = i64::try_from(fraction.len()).map_err(|_| too_long())?;
    let mut scale = places.checked_sub(exponent).ok_or_else(too_long)?;
    while (scale > DIGITS_MAX as i64 || digits.len() > DIGITS_MAX) && scale > 0 && digits.ends_with('0') {
        digits.pop();
        scale -= 1;
    }
    while scale < 0 && digits.len() < DIGITS_MAX {
        digits.push('0');
        scale += 1;
    }
    if digits.len() > DIGITS_MAX {
        return Err(too_long());
    }
    let mantissa: i128 = digits.parse().map_err(|_| too_long())?;
    let scale = u32::try_from(scale).map_err(|_| too_long())?;
    let value = Decimal::try_from_i128_with_scale(mantissa, scale).map_err(|_| too_long())?;
    Ok(if negative { -value } else { value })
}

/// A token from outside, short enough for a message.
fn shown(token: &str) -> String {
    token.chars().take(DIGITS_MAX * 2).collect()
}

/// Writes a decimal as a JSON number with exactly its digits.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let number: Number = value.to_string().parse().map_err(ser::Error::custom)?;
    number.serialize(serializer)
}

/// Reads a decimal from a JSON number or from a string that holds one, for Zuora prints some amounts as text.
///
/// # Errors
///
/// When the value is neither, or cannot be kept exactly.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Number(number) => parse(number.as_str()).map_err(de::Error::custom),
        Value::String(text) => parse(text.trim()).map_err(de::Error::custom),
        other => Err(de::Error::invalid_type(unexpected(&other), &"a decimal number")),
    }
}

fn unexpected(value: &Value) -> de::Unexpected<'_> {
    match value {
        Value::Null => de::Unexpected::Unit,
        Value::Bool(value) => de::Unexpected::Bool(*value),
        Value::Array(_) => de::Unexpected::Seq,
        _ => de::Unexpected::Map,
    }
}

/// The same for a field that may be absent, null or empty text.
pub mod option {
    use super::{Decimal, Deserialize, Deserializer, Serializer, Value, de, parse, unexpected};

    /// Writes the number, or null.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a number, text that holds one, null, or empty text (which means null).
    ///
    /// # Errors
    ///
    /// When there is a value and it cannot be kept exactly.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(None),
            Value::Number(number) => parse(number.as_str()).map(Some).map_err(de::Error::custom),
            Value::String(text) if text.trim().is_empty() => Ok(None),
            Value::String(text) => parse(text.trim()).map(Some).map_err(de::Error::custom),
            other => Err(de::Error::invalid_type(unexpected(&other), &"a decimal number or null")),
        }
    }
}
