//! Numbers as CloudWatch writes them in reasons.

/// As Java writes a double: `5.0`, `0.25`, `1.0E7`, `5.0E-4`.
pub(crate) fn java(number: f64) -> String {
    let magnitude = number.abs();
    if number == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return format!("{number:?}");
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => format!("{mantissa}E{exponent}"),
        Some((mantissa, exponent)) => format!("{mantissa}.0E{exponent}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::java;

    #[test]
    fn numbers_are_written_as_java_does() {
        for (number, text) in [
            (5.0, "5.0"),
            (0.0, "0.0"),
            (-1.5, "-1.5"),
            (0.46522264287069004, "0.46522264287069004"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (5e-4, "5.0E-4"),
            (1e-3, "0.001"),
        ] {
            assert_eq!(java(number), text);
        }
    }
}
