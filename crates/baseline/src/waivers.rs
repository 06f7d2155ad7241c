//! Waivers as they are written: `waivers.toml`.
//!
//! ```toml
//! [[waiver]]
//! check = "vpc-flow-logs"                          # or "*"
//! resource = "arn:aws:ec2:*:*:vpc/vpc-0sandbox"    # `*` stands for any text
//! owner = "platform@example.com"
//! reason = "the sandbox goes away with the migration"
//! expires = 2026-12-31                             # the last day it holds
//! ```

use std::ops::Range;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use crate::assess::Waiver;
use crate::checks;

/// What is wrong with a waiver file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}:{line}: {reason}")]
pub struct WaiverError {
    /// The file.
    pub origin: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    waiver: Vec<Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    check: Spanned<String>,
    resource: Spanned<String>,
    owner: Spanned<String>,
    reason: Spanned<String>,
    expires: Spanned<Day>,
}

/// A date, written as TOML's own or as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Date(toml::value::Datetime),
    Text(String),
}

/// Reads a waiver file; `origin` names it in messages.
///
/// # Errors
/// [`WaiverError`]: the line, what is wrong with it, and what would be right.
pub fn parse_waivers(origin: &str, text: &str) -> Result<Vec<Waiver>, WaiverError> {
    parse_with(origin, text, |id| checks::find(id).is_some())
}

fn parse_with(origin: &str, text: &str, known: impl Fn(&str) -> bool) -> Result<Vec<Waiver>, WaiverError> {
    let source = Source { origin, text };
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        source.error(&at, error.message())
    })?;
    file.waiver.into_iter().map(|raw| source.waiver(raw, &known)).collect()
}

struct Source<'a> {
    origin: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, at: &Range<usize>, reason: impl Into<String>) -> WaiverError {
        let before = self.text.as_bytes().iter().take(at.start);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        WaiverError { origin: self.origin.to_owned(), line, reason: reason.into() }
    }

    fn waiver(&self, raw: Spanned<Raw>, known: &impl Fn(&str) -> bool) -> Result<Waiver, WaiverError> {
        let whole = raw.span();
        let raw = raw.into_inner();
        let expires = self.day(&raw.expires)?;
        let check_at = raw.check.span();
        let waiver = Waiver {
            check: self.text_of("check", raw.check)?,
            resource: self.text_of("resource", raw.resource)?,
            owner: self.text_of("owner", raw.owner)?,
            reason: self.text_of("reason", raw.reason)?,
            expires,
        };
        if waiver.check != "*" && !known(&waiver.check) {
            let reason =
                format!("there is no check `{}`; write the `check_id` of a result, or `*`", waiver.check);
            return Err(self.error(&check_at, reason));
        }
        if waiver.check == "*" && waiver.resource.chars().all(|c| c == '*') {
            return Err(self.error(&whole, "this would waive everything; name a check or a resource"));
        }
        Ok(waiver)
    }

    /// A waiver that nobody answers for, or that has no reason, is none.
    fn text_of(&self, key: &str, value: Spanned<String>) -> Result<String, WaiverError> {
        let at = value.span();
        let text = value.into_inner().trim().to_owned();
        if text.is_empty() { Err(self.error(&at, format!("`{key}` is empty"))) } else { Ok(text) }
    }

    fn day(&self, value: &Spanned<Day>) -> Result<NaiveDate, WaiverError> {
        let day = match value.get_ref() {
            Day::Date(date) => date.date.and_then(|date| {
                NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
            }),
            Day::Text(text) => text.trim().parse().ok(),
        };
        day.ok_or_else(|| self.error(&value.span(), "`expires` is no day; write it as 2026-12-31"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Waiver>, WaiverError> {
        parse_with("waivers.toml", text, |id| id == "vpc-flow-logs")
    }

    fn message(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    const GOOD: &str = "[[waiver]]\ncheck = \"vpc-flow-logs\"\nresource = \"arn:aws:ec2:*\"\nowner = \"dana\"\nreason = \"soon gone\"\nexpires = 2026-12-31\n";

    #[test]
    fn both_ways_to_write_a_day() {
        let one = parse(GOOD).unwrap();
        let two = parse(&GOOD.replace("2026-12-31", "\"2026-12-31\"")).unwrap();
        assert_eq!(one, two);
        assert_eq!(one[0].expires, NaiveDate::from_ymd_opt(2026, 12, 31).unwrap());
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let with = |from: &str, to: &str| message(&format!("# a comment\n{}", GOOD.replace(from, to)));
        assert_eq!(
            with("\"vpc-flow-logs\"", "\"vpc-flow-log\""),
            "waivers.toml:3: there is no check `vpc-flow-log`; write the `check_id` of a result, or `*`"
        );
        assert_eq!(with("\"dana\"", "\" \""), "waivers.toml:5: `owner` is empty");
        assert_eq!(
            with("2026-12-31", "\"soon\""),
            "waivers.toml:7: `expires` is no day; write it as 2026-12-31"
        );
        assert_eq!(
            with("2026-12-31", "07:32:00"),
            "waivers.toml:7: `expires` is no day; write it as 2026-12-31"
        );
        assert!(
            with("owner =", "ower =").starts_with("waivers.toml:5: unknown field `ower`"),
            "{}",
            with("owner =", "ower =")
        );
        assert!(with("reason = \"soon gone\"\n", "").contains("missing field `reason`"));
        assert!(with("[[waiver]]", "[[waiver]").starts_with("waivers.toml:2: "));
        let all = GOOD.replace("\"vpc-flow-logs\"", "\"*\"").replace("\"arn:aws:ec2:*\"", "\"**\"");
        assert!(message(&all).contains("would waive everything"));
    }
}
