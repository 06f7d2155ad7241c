//! Reading AWS's JSON leniently: the same member comes as text from an XML API and as a number or a
//! boolean from a JSON one.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Short ways into a JSON value. Paths are written with dots (`Trail.IsLogging`).
pub trait Json {
    /// The value at the end of the path, if it is there and not null.
    fn at(&self, path: &str) -> Option<&Value>;
    /// The text at the end of the path; empty text counts as none.
    fn text(&self, path: &str) -> Option<&str>;
    /// The boolean at the end of the path, also where it is written as text; absent is false.
    fn flag(&self, path: &str) -> bool;
    /// The whole number at the end of the path, also where it is written as text.
    fn int(&self, path: &str) -> Option<i64>;
    /// The time at the end of the path: ISO 8601 as the AWS CLI prints it, or the seconds (with
    /// CloudWatch Logs milliseconds) since 1970 that the JSON protocols send.
    fn time(&self, path: &str) -> Option<DateTime<Utc>>;
    /// The elements of the array at the end of the path; none where there is no array.
    fn items(&self, path: &str) -> &[Value];
    /// The texts of the array at the end of the path.
    fn texts(&self, path: &str) -> Vec<&str>;
}

impl Json for Value {
    fn at(&self, path: &str) -> Option<&Value> {
        let found = match path {
            "" => Some(self),
            _ => path.split('.').try_fold(self, |value, step| value.get(step)),
        };
        found.filter(|value| !value.is_null())
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str().filter(|text| !text.is_empty())
    }

    fn flag(&self, path: &str) -> bool {
        match self.at(path) {
            Some(Value::Bool(value)) => *value,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    fn int(&self, path: &str) -> Option<i64> {
        let value = self.at(path)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    fn time(&self, path: &str) -> Option<DateTime<Utc>> {
        match self.at(path)? {
            Value::String(text) => Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()),
            Value::Number(number) => {
                // Seconds reach this only in the year 5138: what is larger counts milliseconds.
                let number = number.as_f64()?;
                let millis = if number.abs() < 1e11 { number * 1000.0 } else { number };
                DateTime::from_timestamp_millis(millis as i64)
            }
            _ => None,
        }
    }

    fn items(&self, path: &str) -> &[Value] {
        self.at(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, path: &str) -> Vec<&str> {
        self.items(path).iter().filter_map(Value::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn xml_and_json_spellings_read_the_same() {
        let xml = json!({"a": {"on": "true", "n": "7"}});
        let own = json!({"a": {"on": true, "n": 7}});
        for value in [xml, own] {
            assert!(value.flag("a.on"));
            assert_eq!(value.int("a.n"), Some(7));
        }
        let times =
            json!({"cli": "2026-11-25T10:00:00+01:00", "s": 1_795_597_200.0, "ms": 1_795_597_200_000_i64});
        assert_eq!(times.time("cli"), times.time("s"));
        assert_eq!(times.time("s"), times.time("ms"));
        assert_eq!(json!({"t": "yesterday"}).time("t"), None);
        let odd = json!({"t": "", "n": null, "l": ["x", 1]});
        assert_eq!((odd.text("t"), odd.at("n"), odd.texts("l")), (None, None, vec!["x"]));
        assert!(odd.items("t").is_empty() && !odd.flag("missing.deep"));
    }
}
