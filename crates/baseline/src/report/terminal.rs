//! For people: a board of the six controls, then what to do about the failures.

use std::collections::BTreeMap;

use super::text::{clean, clean_lines, clip, count, listed, wrap};
use super::{Line, Report};
use crate::check::{CheckResult, Severity, Status};

/// How a report looks on this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns.
    pub width: usize,
    /// Whether it may use colour.
    pub colour: bool,
    /// Resources that are listed of each failure.
    pub resources: usize,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 100, colour: false, resources: 5 }
    }
}

/// Below this width a control takes two lines of the board.
const WIDE: usize = 96;
/// Accounts and Regions that are named of each failure.
const NAMED: usize = 4;

pub(super) fn render(report: &Report<'_>, look: &Look) -> String {
    let mut page = Page { out: String::new(), look: Look { width: look.width.max(40), ..*look } };
    head(report, &mut page);
    board(report, &mut page);
    failures(report, &mut page);
    unknowns(report, &mut page);
    waivers(report, &mut page);
    foot(report, &mut page);
    page.out
}

/// Select Graphic Rendition: what the colours of a terminal are called.
#[derive(Clone, Copy)]
enum Paint {
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Blue,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "1;31",
            Self::Yellow => "33",
            Self::Green => "32",
            Self::Blue => "34",
        }
    }

    fn of(status: Status) -> Self {
        match status {
            Status::Pass => Self::Green,
            Status::Fail => Self::Red,
            Status::Unknown => Self::Yellow,
            Status::Waived => Self::Blue,
        }
    }

    fn level(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Red,
            Severity::Medium => Self::Yellow,
            Severity::Low | Severity::Informational => Self::Blue,
        }
    }
}

struct Page {
    out: String,
    look: Look,
}

impl Page {
    fn paint(&self, paint: Paint, text: &str) -> String {
        if self.look.colour { format!("\x1b[{}m{text}\x1b[0m", paint.code()) } else { text.to_owned() }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// Wraps at spaces, behind an indent.
    fn wrapped(&mut self, indent: usize, paint: Option<Paint>, text: &str) {
        for line in wrap(&clean(text), self.look.width.saturating_sub(indent)) {
            let line = paint.map_or_else(|| line.clone(), |paint| self.paint(paint, &line));
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    /// A command, to be copied: no line of it is broken.
    fn command(&mut self, indent: usize, text: &str) {
        for line in clean_lines(text) {
            let line = self.paint(Paint::Bold, &line);
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    fn heading(&mut self, text: &str) {
        let text = self.paint(Paint::Bold, text);
        self.line("");
        self.line(&text);
        self.line("");
    }
}

fn head(report: &Report<'_>, page: &mut Page) {
    let (accounts, regions) = (report.about.accounts.len(), report.about.regions().len());
    let title = page.paint(Paint::Bold, "The six controls");
    page.line(&format!(
        "{title}  {}, {}, {} UTC",
        count(accounts, "account", "accounts"),
        count(regions, "Region", "Regions"),
        report.assessment.assessed_at.format("%Y-%m-%d %H:%M")
    ));
    page.line("");
}

fn board(report: &Report<'_>, page: &mut Page) {
    let wide = page.look.width >= WIDE;
    if wide {
        let title = page.look.width.min(112) - 53;
        let header = format!(
            "{:13}{:title$}  {:>5} {:>5} {:>8} {:>7}  worst",
            "", "control", "pass", "fail", "unknown", "waived"
        );
        let header = page.paint(Paint::Dim, &header);
        page.line(&header);
    }
    for state in
        report.assessment.board().iter().filter(|state| report.about.controls.contains(&state.control))
    {
        let status = page.paint(Paint::of(state.status), &format!("{:<8}", state.status.as_str()));
        let worst = report
            .worst(state.control)
            .map_or(String::new(), |worst| page.paint(Paint::level(worst), worst.as_str()));
        let (number, name) = (state.control.number(), state.control.title());
        if wide {
            let title = page.look.width.min(112) - 53;
            page.line(&format!(
                "  {number}  {status}{:title$}  {:>5} {:>5} {:>8} {:>7}  {worst}",
                clip(name, title),
                state.pass,
                state.fail,
                state.unknown,
                state.waived
            ));
        } else {
            page.line(&format!("  {number}  {status}{}", clip(name, page.look.width - 13)));
            let mut counts = vec![format!("{} pass", state.pass), format!("{} fail", state.fail)];
            counts.extend((state.unknown > 0).then(|| format!("{} unknown", state.unknown)));
            counts.extend((state.waived > 0).then(|| format!("{} waived", state.waived)));
            counts.extend((!worst.is_empty()).then(|| format!("worst {worst}")));
            page.line(&format!("{:13}{}", "", counts.join(", ")));
        }
    }
}

/// Failures of one check, which have one fix.
struct Group<'a> {
    severity: Severity,
    results: Vec<&'a CheckResult>,
}

fn groups<'a>(report: &'a Report<'_>) -> Vec<Group<'a>> {
    let mut by_check: BTreeMap<(u8, &str), Vec<&CheckResult>> = BTreeMap::new();
    for Line { result, .. } in report.lines.iter().filter(|line| line.result.status == Status::Fail) {
        by_check.entry((result.control.number(), &result.check_id)).or_default().push(result);
    }
    let mut groups: Vec<Group<'_>> = by_check
        .into_values()
        .map(|mut results| {
            results.sort_by_key(|result| std::cmp::Reverse(result.severity));
            Group { severity: results[0].severity, results }
        })
        .collect();
    // The worst first; within a severity, the order of the controls.
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    groups
}

fn failures(report: &Report<'_>, page: &mut Page) {
    let groups = groups(report);
    if groups.is_empty() {
        return;
    }
    page.heading(&format!("{} to fix", count(groups.len(), "thing", "things")));
    for (at, group) in groups.iter().enumerate() {
        if at > 0 {
            page.line("");
        }
        failure(group, page);
    }
}

fn failure(group: &Group<'_>, page: &mut Page) {
    let first = group.results[0];
    let level =
        page.paint(Paint::level(group.severity), &format!("{:<9}", group.severity.as_str().to_uppercase()));
    let title = clip(&clean(&first.title), page.look.width.saturating_sub(11));
    let title = page.paint(Paint::Bold, &title);
    page.line(&format!("  {level}{title}"));
    page.wrapped(
        11,
        Some(Paint::Dim),
        &format!("control {}, {}: {}", first.control.number(), first.check_id, places(&group.results)),
    );
    let same_fix = group.results.iter().all(|result| result.remediation == first.remediation);
    for result in group.results.iter().take(page.look.resources) {
        page.wrapped(11, None, &result.resource_arn);
        page.wrapped(13, None, &result.observed);
        if !same_fix {
            page.command(13, &result.remediation);
        }
    }
    if let Some(more) = group.results.len().checked_sub(page.look.resources).filter(|more| *more > 0) {
        page.wrapped(11, Some(Paint::Dim), &format!("and {more} more; `-o json` or `-o csv` has them all"));
    }
    page.wrapped(11, Some(Paint::Dim), &format!("expected: {}", first.expected));
    if same_fix {
        page.wrapped(11, Some(Paint::Dim), "fix:");
        page.command(13, &first.remediation);
    }
}

/// `3 resources in 2 accounts (…), 2 Regions (…)`.
fn places(results: &[&CheckResult]) -> String {
    let distinct = |of: fn(&CheckResult) -> &str| {
        let mut all: Vec<&str> = results.iter().map(|result| of(result)).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let (accounts, regions) = (distinct(|result| &result.account_id), distinct(|result| &result.region));
    format!(
        "{} in {} ({}), {} ({})",
        count(results.len(), "resource", "resources"),
        count(accounts.len(), "account", "accounts"),
        listed(&accounts, NAMED),
        count(regions.len(), "Region", "Regions"),
        listed(&regions, NAMED)
    )
}

fn unknowns(report: &Report<'_>, page: &mut Page) {
    let unknown: Vec<&CheckResult> = report
        .lines
        .iter()
        .map(|line| line.result)
        .filter(|result| result.status == Status::Unknown)
        .collect();
    if unknown.is_empty() {
        return;
    }
    let mut by_action: BTreeMap<&str, Vec<&CheckResult>> = BTreeMap::new();
    let mut by_reason: BTreeMap<&str, Vec<&CheckResult>> = BTreeMap::new();
    for result in &unknown {
        for action in &result.missing_actions {
            by_action.entry(action).or_default().push(result);
        }
        if result.missing_actions.is_empty() {
            by_reason.entry(&result.observed).or_default().push(result);
        }
    }
    page.heading(&format!("{} could not be known", count(unknown.len(), "result", "results")));
    for (action, results) in &by_action {
        page.wrapped(2, None, &format!("{action} is not allowed: {}", in_accounts(results)));
    }
    if !by_action.is_empty() {
        page.wrapped(
            2,
            Some(Paint::Dim),
            "`trailkeep iam-policy check` prints the policy that the role needs",
        );
    }
    for (reason, results) in &by_reason {
        page.wrapped(2, None, &format!("{reason}: {}", in_accounts(results)));
    }
}

fn in_accounts(results: &[&CheckResult]) -> String {
    let mut accounts: Vec<&str> = results.iter().map(|result| result.account_id.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    format!("{} in {}", count(results.len(), "result", "results"), listed(&accounts, NAMED))
}

fn waivers(report: &Report<'_>, page: &mut Page) {
    if report.about.waivers.is_empty() {
        return;
    }
    page.heading("Waivers");
    for state in &report.about.waivers {
        let waiver = &state.waiver;
        let (paint, stands) = match (state.expired, state.covers) {
            (true, _) => (Some(Paint::Yellow), format!("expired on {}, holds no more", waiver.expires)),
            (false, 0) => (None, format!("until {}, nothing to hold for", waiver.expires)),
            (false, n) => (
                None,
                format!(
                    "until {}, holds for {}",
                    waiver.expires,
                    count(usize::try_from(n).unwrap_or(usize::MAX), "failure", "failures")
                ),
            ),
        };
        page.wrapped(2, paint, &format!("{} on {}: {stands}", waiver.check, waiver.resource));
        page.wrapped(4, Some(Paint::Dim), &format!("{} ({})", waiver.reason, waiver.owner));
    }
}

fn foot(report: &Report<'_>, page: &mut Page) {
    let parts: Vec<String> = [Status::Pass, Status::Fail, Status::Unknown, Status::Waived]
        .into_iter()
        .map(|status| format!("{} {}", report.count(status), status.as_str().to_lowercase()))
        .collect();
    page.line("");
    page.line(&format!("{}: {}", count(report.lines.len(), "result", "results"), parts.join(", ")));
    for scope in report.about.accounts.iter().filter(|scope| scope.failed.is_some()) {
        let Some(failure) = &scope.failed else { continue };
        page.wrapped(
            0,
            Some(Paint::Yellow),
            &format!(
                "account {} could not be entered: {}: {}",
                scope.account_id, failure.code, failure.message
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn shown(look: Look) -> String {
        let (assessment, about) = (fixture::assessment(), fixture::about());
        fixture::report(&assessment, &about).terminal(&look)
    }

    #[test]
    fn wide() {
        insta::assert_snapshot!(shown(Look::default()));
    }

    #[test]
    fn narrow() {
        insta::assert_snapshot!(shown(Look { width: 60, resources: 1, ..Look::default() }));
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let coloured = shown(Look { colour: true, ..Look::default() });
        assert!(coloured.contains("\x1b[1;31mFAIL    \x1b[0m"), "{coloured:?}");
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once("\x1b[") {
            plain.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        plain.push_str(rest);
        let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(trimmed(&plain), trimmed(&shown(Look::default())));
    }

    #[test]
    fn an_estate_of_nothing_is_told_too() {
        let (mut assessment, mut about) = (fixture::assessment(), fixture::about());
        assessment.results.clear();
        about.waivers.clear();
        let text = fixture::report(&assessment, &about).terminal(&Look { width: 0, ..Look::default() });
        assert!(text.contains("0 results") && text.matches("UNKNOWN").count() == 6, "{text}");
    }
}
