//! Times and sizes as people write them.

use std::time::Duration;

use super::ConfigError;

/// `500ms`, `30s`, `5m`, `12h`, `7d`; up to a year, more than nothing.
pub(super) fn duration(key: &str, text: &str) -> Result<Duration, ConfigError> {
    let (amount, unit) = split(text);
    let scale = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    let millis = scale.zip(amount.parse::<u64>().ok()).and_then(|(scale, n)| n.checked_mul(scale));
    match millis {
        Some(millis) if (1..=366 * 86_400_000).contains(&millis) => Ok(Duration::from_millis(millis)),
        _ => Err(ConfigError::value(key, text, "write a time such as 500ms, 30s, 5m, 12h or 7d")),
    }
}

/// `512KiB`, `32MiB`, `1GiB`, or bytes.
pub(super) fn size(key: &str, text: &str) -> Result<usize, ConfigError> {
    let (amount, unit) = split(text);
    let scale = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" | "kib" => Some(1 << 10),
        "m" | "mb" | "mib" => Some(1 << 20),
        "g" | "gb" | "gib" => Some(1 << 30),
        _ => None,
    };
    let bytes = scale.zip(amount.parse::<usize>().ok()).and_then(|(scale, n)| n.checked_mul(scale));
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| ConfigError::value(key, text, "write a size such as 512KiB, 32MiB or 1GiB"))
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (&text[..at], text[at..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes() {
        assert_eq!(duration("k", "5m").unwrap(), Duration::from_secs(300));
        assert_eq!(duration("k", "250 ms").unwrap(), Duration::from_millis(250));
        assert_eq!(size("k", "32MiB").unwrap(), 32 << 20);
        for bad in ["", "5", "s", "-1s", "0s", "99999999999999999999d", "1é"] {
            assert!(duration("k", bad).is_err(), "{bad}");
        }
        for bad in ["", "0", "x", "99999999999GiB"] {
            assert!(size("k", bad).is_err(), "{bad}");
        }
    }
}
