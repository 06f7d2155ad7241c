//! What was learned about the logging of one resource, and the verdict that follows from it.

use serde_json::Value;

use super::destination::Liveness;
use crate::check::{Severity, Verdict};
use crate::inventory::{Place, Unknown};

/// Gathers what is seen of one resource. A fault makes it fail; failing that, something unknown makes
/// it unknown; only a resource with neither passes.
#[derive(Debug, Default)]
pub(super) struct Logging {
    on: Vec<String>,
    faults: Vec<String>,
    notes: Vec<String>,
    unknown: Option<Unknown>,
    fix: Option<String>,
    severity: Option<Severity>,
    evidence: Value,
}

impl Logging {
    /// What is as it should be, in words.
    pub(super) fn on(&mut self, text: impl Into<String>) {
        self.on.push(text.into());
    }

    /// What is not.
    pub(super) fn fault(&mut self, text: impl Into<String>) {
        self.faults.push(text.into());
    }

    /// What a reader should know, and does not change the verdict.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// What could not be looked at; the first one is told.
    pub(super) fn unknown(&mut self, unknown: Unknown) {
        self.unknown.get_or_insert(unknown);
    }

    /// The command that fixes this resource.
    pub(super) fn fix(&mut self, command: impl Into<String>) {
        self.fix = Some(command.into());
    }

    /// How bad the fault is, where that differs from the check's severity.
    pub(super) fn severity(&mut self, severity: Severity) {
        self.severity = Some(severity);
    }

    /// The answers that it is judged by.
    pub(super) fn evidence(&mut self, evidence: Value) {
        self.evidence = evidence;
    }

    /// Whether a fault was found so far.
    pub(super) fn is_faulty(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Takes over what is known of a destination.
    pub(super) fn destination(&mut self, liveness: Result<Liveness, Unknown>) {
        match liveness {
            Ok(Liveness::Alive) => {}
            Ok(Liveness::Missing(text) | Liveness::Open(text)) => self.fault(text),
            Ok(Liveness::Elsewhere(unknown)) | Err(unknown) => self.unknown(unknown),
        }
    }

    /// The first fault and what is unknown; `None` where there is neither.
    pub(super) fn into_trouble(self) -> Option<(Option<String>, Option<Unknown>)> {
        match (self.faults.into_iter().next(), self.unknown) {
            (None, None) => None,
            trouble => Some(trouble),
        }
    }

    fn verdict(self, place: Place<'_>, arn: &str) -> Verdict {
        let mut seen = self.on;
        let verdict = if !self.faults.is_empty() {
            Verdict::fail(place, arn, sentence(self.faults, self.notes))
        } else if let Some(unknown) = self.unknown {
            let mut verdict = Verdict::unknown(place, arn, &unknown);
            seen.push(unknown.reason);
            verdict.observed = sentence(seen, Vec::new());
            verdict
        } else {
            Verdict::pass(place, arn, sentence(seen, self.notes))
        };
        let verdict = verdict.evidence(self.evidence);
        let verdict = match self.severity {
            Some(severity) => verdict.severity(severity),
            None => verdict,
        };
        match self.fix {
            Some(command) => verdict.remediation(command),
            None => verdict,
        }
    }
}

fn sentence(parts: Vec<String>, notes: Vec<String>) -> String {
    let mut text = parts.join("; ");
    if !notes.is_empty() {
        text = format!("{text} (note: {})", notes.join("; "));
    }
    text
}

/// Looks at one resource. An error in between leaves the faults found until then standing.
pub(super) fn resource(
    place: Place<'_>,
    arn: &str,
    look: impl FnOnce(&mut Logging) -> Result<(), Unknown>,
) -> Verdict {
    let mut logging = Logging::default();
    if let Err(unknown) = look(&mut logging) {
        logging.unknown(unknown);
    }
    logging.verdict(place, arn)
}

/// `a, b and c`, of at most `most` names; the rest is counted.
pub(super) fn listing<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(most);
    match (shown.as_slice(), more) {
        ([], _) => String::new(),
        (shown, 1..) => format!("{} and {more} more", shown.join(", ")),
        ([one], 0) => (*one).to_owned(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_and_the_rest_counted() {
        let names = ["a", "b", "c", "d"];
        for (count, most, expected) in
            [(0, 3, ""), (1, 3, "a"), (2, 3, "a and b"), (3, 3, "a, b and c"), (4, 3, "a, b, c and 1 more")]
        {
            assert_eq!(listing(&names[..count], most), expected);
        }
    }
}
