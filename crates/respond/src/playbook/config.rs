//! What may be done by itself, and where: `[[respond.playbook]]` in `trailkeep.toml`.
//!
//! ```toml
//! [[respond.playbook]]                 # the first that fits is the one that counts
//! name = "security-group-rules"
//! mode = "auto"
//! accounts = ["111122223333"]
//! vpcs = ["vpc-0f1e2d3c4b5a69788"]
//! exempt_principals = ["arn:aws:iam::*:role/terraform"]
//! exempt_tags = { "trailkeep:hands-off" = "*" }
//! change_windows = [{ days = ["sat"], from = "22:00", to = "02:00" }]
//!
//! [[respond.playbook]]
//! name = "*"
//! mode = "approve"
//! approval_expires = "4h"
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

use super::facet::Context;
use super::plan::{Repair, playbook};

/// What a playbook may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Says what it would do.
    #[default]
    Observe,
    /// Waits until a person says yes.
    Approve,
    /// Does it at once.
    Auto,
}

impl Mode {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Approve => "approve",
            Self::Auto => "auto",
        }
    }
}

/// What a playbook may do in a scope. Lists that are empty leave nothing out; patterns have `*` and `?`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlaybookRule {
    /// The playbook's name, or a pattern.
    pub name: String,
    /// What it may do.
    pub mode: Mode,
    /// Accounts, patterns of their ids.
    pub accounts: Vec<String>,
    /// Regions, patterns of their names.
    pub regions: Vec<String>,
    /// VPCs, patterns of their ids. What lies in none is left out. Groups and network ACLs that are
    /// created are only told where their VPC is named here.
    pub vpcs: Vec<String>,
    /// Tags of the resource, with patterns of their values: all of them.
    pub tags: BTreeMap<String, String>,
    /// Resources, patterns of their ids, names or ARNs.
    pub resources: Vec<String>,
    /// Whose changes are left: patterns of ARNs, of principals, or of roles for all their sessions.
    pub exempt_principals: Vec<String>,
    /// Tags that leave a resource alone, with patterns of their values: any of them.
    pub exempt_tags: BTreeMap<String, String>,
    /// Times in which changes are left.
    pub change_windows: Vec<ChangeWindow>,
    /// How long an approval is waited for. Default 4h.
    pub approval_expires: Span,
    /// Repairs that start by themselves in an account within an hour; what comes after them waits for
    /// approval. Default 20.
    pub most_per_hour: u32,
    /// How old an event may be: the state of things says little of what was meant long ago. Older ones are
    /// ignored. Default 2h; CloudTrail needs minutes.
    pub max_event_age: Span,
    /// How long a change that was put back is remembered: made again by the same principal within it, it
    /// is escalated instead. Default 24h.
    pub remember: Span,
}

impl Default for PlaybookRule {
    fn default() -> Self {
        Self {
            name: "*".to_owned(),
            mode: Mode::Observe,
            accounts: Vec::new(),
            regions: Vec::new(),
            vpcs: Vec::new(),
            tags: BTreeMap::new(),
            resources: Vec::new(),
            exempt_principals: Vec::new(),
            exempt_tags: BTreeMap::new(),
            change_windows: Vec::new(),
            approval_expires: Span(TimeDelta::hours(4)),
            most_per_hour: 20,
            max_event_age: Span(TimeDelta::hours(2)),
            remember: Span(TimeDelta::hours(24)),
        }
    }
}

/// A time in which changes are expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeWindow {
    /// Days on which it begins (`mon` … `sun`); none for every day.
    #[serde(default)]
    pub days: Vec<String>,
    /// When it begins, `HH:MM` UTC.
    pub from: String,
    /// When it ends, `HH:MM` UTC; earlier than `from` for a window over midnight.
    pub to: String,
}

/// A length of time: `30m`, `4h`, `2d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub TimeDelta);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let seconds = match unit.trim() {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => 0,
        };
        let all = number.parse::<i64>().ok().and_then(|number| number.checked_mul(seconds));
        match all {
            Some(all) if (1..=366 * 86_400).contains(&all) => Ok(Self(TimeDelta::seconds(all))),
            _ => Err(format!("'{text}' is no length of time; write it as 30m, 4h or 2d, at most 366d")),
        }
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.num_seconds();
        let (number, unit) = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")]
            .into_iter()
            .find(|(size, _)| seconds % size == 0)
            .map_or((seconds, "s"), |(size, unit)| (seconds / size, unit));
        write!(f, "{number}{unit}")
    }
}

/// A configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("respond.playbook number {number}: {why}")]
pub struct ConfigProblem {
    /// Which entry, from one.
    pub number: usize,
    /// What is wrong, and what would be right.
    pub why: String,
}

/// Checks what serde cannot: names of playbooks, days, times.
///
/// # Errors
/// The first entry that cannot be used.
pub fn check(rules: &[PlaybookRule]) -> Result<(), ConfigProblem> {
    for (index, rule) in rules.iter().enumerate() {
        let bad = |why: String| ConfigProblem { number: index + 1, why };
        let has_pattern = rule.name.contains(['*', '?']);
        if !has_pattern && playbook(&rule.name).is_none() {
            let names: Vec<&str> = super::plan::playbooks().iter().map(|playbook| playbook.name).collect();
            return Err(bad(format!("there is no playbook '{}'; there are {}", rule.name, names.join(", "))));
        }
        for window in &rule.change_windows {
            window.times().map_err(bad)?;
            if let Some(day) = window.days.iter().find(|day| day.parse::<Weekday>().is_err()) {
                return Err(bad(format!("'{day}' is no day; write mon, tue, wed, thu, fri, sat or sun")));
            }
        }
    }
    Ok(())
}

impl ChangeWindow {
    fn times(&self) -> Result<(NaiveTime, NaiveTime), String> {
        let time = |text: &str| {
            NaiveTime::parse_from_str(text, "%H:%M")
                .map_err(|_| format!("'{text}' is no time; write HH:MM, in UTC"))
        };
        Ok((time(&self.from)?, time(&self.to)?))
    }

    /// Whether a time is in it. One that cannot be read holds no time.
    #[must_use]
    pub fn holds(&self, time: DateTime<Utc>) -> bool {
        let Ok((from, to)) = self.times() else { return false };
        let is_day = |day: Weekday| {
            self.days.is_empty() || self.days.iter().any(|name| name.parse::<Weekday>() == Ok(day))
        };
        let (day, clock) = (time.weekday(), time.time());
        if from <= to {
            return is_day(day) && from <= clock && clock < to;
        }
        (is_day(day) && from <= clock) || (is_day(day.pred()) && clock < to)
    }
}

/// Whether a rule is for a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
    /// VPC or tags would say, and are not known.
    Unsure,
}

impl PlaybookRule {
    /// VPC or tags of the resource matter to it.
    pub(super) fn asks_context(&self) -> bool {
        !self.vpcs.is_empty() || !self.tags.is_empty() || !self.exempt_tags.is_empty()
    }

    /// Whether it is about a playbook.
    pub(super) fn is_about(&self, playbook: &str) -> bool {
        like(&self.name, playbook)
    }

    pub(super) fn fits(&self, repair: &Repair, context: Option<&Context>) -> Fit {
        let any = |patterns: &[String], text: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| like(pattern, text))
        };
        let plain = self.is_about(&repair.playbook)
            && any(&self.accounts, &repair.account)
            && any(&self.regions, &repair.region)
            && any(&self.resources, &repair.resource);
        if !plain {
            return Fit::No;
        }
        if !self.vpcs.is_empty() {
            match (repair.vpc.as_deref(), context) {
                (Some(vpc), _) if any(&self.vpcs, vpc) => {}
                (Some(_), _) => return Fit::No,
                (None, Some(context)) => match &context.vpc {
                    Some(vpc) if any(&self.vpcs, vpc) => {}
                    _ => return Fit::No,
                },
                (None, None) => return Fit::Unsure,
            }
        }
        match context {
            _ if self.tags.is_empty() => Fit::Yes,
            None => Fit::Unsure,
            Some(context) => {
                let has = |(key, value): (&String, &String)| context.has(key, value);
                if self.tags.iter().all(has) { Fit::Yes } else { Fit::No }
            }
        }
    }

    pub(super) fn exempts_principal(&self, repair: &Repair) -> bool {
        let is = |pattern: &String| {
            [&repair.principal, &repair.actor].into_iter().any(|arn| !arn.is_empty() && like(pattern, arn))
        };
        self.exempt_principals.iter().any(is)
    }

    /// `None` where the tags are not known.
    pub(super) fn exempts_tags(&self, context: Option<&Context>) -> Option<bool> {
        if self.exempt_tags.is_empty() {
            return Some(false);
        }
        context.map(|context| self.exempt_tags.iter().any(|(key, value)| context.has(key, value)))
    }
}

impl Context {
    fn has(&self, key: &str, pattern: &str) -> bool {
        self.tags.iter().any(|(name, value)| name == key && like(pattern, value))
    }
}

/// A pattern with `*` (any text) and `?` (one character). Linear in time, whatever the pattern.
#[must_use]
pub(super) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut from, mut star, mut mark) = (0, 0, None, 0);
    while from < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some(at);
                mark = from;
                at += 1;
            }
            Some(&c) if c == '?' || c == text[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some(star) => {
                    at = star + 1;
                    mark += 1;
                    from = mark;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn windows_over_midnight_belong_to_the_day_they_begin_on() {
        let window =
            ChangeWindow { days: vec!["sat".to_owned()], from: "22:00".to_owned(), to: "02:00".to_owned() };
        assert!(window.holds(at("2026-05-09T22:00:00Z")) && window.holds(at("2026-05-10T01:59:59Z")));
        for out in
            ["2026-05-09T21:59:59Z", "2026-05-10T02:00:00Z", "2026-05-10T22:30:00Z", "2026-05-09T01:00:00Z"]
        {
            assert!(!window.holds(at(out)), "{out}");
        }
        let daily = ChangeWindow { days: Vec::new(), from: "08:00".to_owned(), to: "09:00".to_owned() };
        assert!(daily.holds(at("2026-05-04T08:30:00Z")) && !daily.holds(at("2026-05-04T09:00:00Z")));
    }

    #[test]
    fn spans_are_read_and_written() {
        for (text, seconds) in [("30m", 1_800), ("4h", 14_400), ("2d", 172_800), ("90 s", 90)] {
            assert_eq!(text.parse::<Span>().unwrap().0.num_seconds(), seconds);
        }
        assert_eq!(Span(TimeDelta::hours(24)).to_string(), "1d");
        for bad in ["", "h", "0h", "-1h", "1y", "99999999999999999999h", "400d"] {
            assert!(bad.parse::<Span>().unwrap_err().contains("no length of time"), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let rule = |change: fn(&mut PlaybookRule)| {
            let mut rule = PlaybookRule::default();
            change(&mut rule);
            check(&[PlaybookRule::default(), rule]).map_err(|error| error.to_string())
        };
        assert_eq!(rule(|_| ()), Ok(()));
        assert!(rule(|rule| rule.name = "sg".to_owned()).unwrap_err().starts_with(
            "respond.playbook number 2: there is no playbook 'sg'; there are security-group-rules"
        ));
        let window = |days: &str, from: &str| ChangeWindow {
            days: vec![days.to_owned()],
            from: from.to_owned(),
            to: "09:00".to_owned(),
        };
        assert!(
            check(&[PlaybookRule {
                change_windows: vec![window("caturday", "08:00")],
                ..PlaybookRule::default()
            }])
            .unwrap_err()
            .why
            .contains("no day")
        );
        assert!(
            check(&[PlaybookRule {
                change_windows: vec![window("sat", "8 o'clock")],
                ..PlaybookRule::default()
            }])
            .unwrap_err()
            .why
            .contains("HH:MM")
        );
    }

    /// The obvious, slow twin.
    fn slow(pattern: &[char], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => slow(&pattern[1..], text) || (!text.is_empty() && slow(pattern, &text[1..])),
            (Some(&p), Some(&t)) => (p == '?' || p == t) && slow(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn patterns_match_as_their_slow_twin_does(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(like(&pattern, &text), slow(&chars(&pattern), &chars(&text)));
        }
    }
}
