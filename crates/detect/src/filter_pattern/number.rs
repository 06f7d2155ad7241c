//! Numbers as patterns and events write them.

use std::cmp::Ordering;

use sonic_rs::{JsonValueTrait, Value};

/// A number. Whole numbers are kept exact: account and request numbers do not fit a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    /// Reads an integer or decimal with an optional sign, or scientific notation (`-1.5e+3`).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let exponent_is_sound = exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
        let mantissa_is_sound = match fraction {
            Some(fraction) => digits(fraction) && (whole.is_empty() || digits(whole)),
            None => digits(whole),
        };
        if !mantissa_is_sound || !exponent_is_sound {
            return None;
        }
        if fraction.is_none()
            && exponent.is_none()
            && let Ok(int) = text.parse()
        {
            return Some(Self::Int(int));
        }
        text.parse().ok().filter(|float: &f64| float.is_finite()).map(Self::Float)
    }

    /// The number a JSON value holds, if it is one.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        if let Some(int) = value.as_i64() {
            return Some(Self::Int(int.into()));
        }
        if let Some(int) = value.as_u64() {
            return Some(Self::Int(int.into()));
        }
        value.as_f64().map(Self::Float)
    }

    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (a, b) => a.float().partial_cmp(&b.float()),
        }
    }

    /// The nearest float.
    pub(crate) fn float(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Float(float) => float,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_the_user_guide_writes_them() {
        for text in ["0", "+1000", "-7", "55.5", "10e3", "10e-3", "1e+3", "1E3", "-1.5e+3", ".5"] {
            assert!(Number::parse(text).is_some(), "{text}");
        }
        for text in ["", "+", "1.", "1e", "1e+", "0x1", "1_000", "inf", "NaN", "1e999", "1.2.3", "--1", "4*"]
        {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn whole_numbers_compare_exactly() {
        let (a, b) = (Number::parse("123456789012345678"), Number::parse("123456789012345679"));
        assert_eq!(a.unwrap().compare(b.unwrap()), Some(Ordering::Less));
        let (int, float) = (Number::parse("1000").unwrap(), Number::parse("1e3").unwrap());
        assert_eq!(int.compare(float), Some(Ordering::Equal));
    }
}
