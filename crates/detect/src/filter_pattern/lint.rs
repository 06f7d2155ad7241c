//! What a pattern says that is likely not meant, and what CloudWatch Logs would not take.

use std::fmt;

use crate::filter_pattern::expr::Expr;
use crate::filter_pattern::term::{Slot, Term};
use crate::filter_pattern::terms::Terms;
use crate::filter_pattern::test::{Form, Op, Operand, Test};
use crate::filter_pattern::{AWS_MAX_LENGTH, FilterPattern, Kind};

/// Regular expressions that CloudWatch Logs takes in one pattern.
const AWS_REGEXES: usize = 2;

/// Selectors with a wildcard that it takes in one pattern.
const AWS_WILDCARDS: usize = 3;

/// What a [`Warning`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// `!=` terms joined with `||`: true of nearly every event.
    AnyNotEqual,
    /// `&&` and `||` side by side without parentheses.
    Precedence,
    /// A value or term that the user guide wants in double quotes.
    Unquoted,
    /// A comparison with `true`, `false` or `null`, which is one with that text.
    TextForKeyword,
    /// `?` terms beside other terms, which CloudWatch Logs ignores.
    OptionalIgnored,
    /// More than CloudWatch Logs takes: the pattern works here, and is refused there.
    Quota,
    /// Written otherwise than the user guide has it, and read as meant.
    Spelling,
}

/// A remark about a pattern that can be used all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// The byte of the pattern at which it begins.
    pub position: usize,
    /// What is wrong, for people.
    pub message: String,
    /// The pattern, or part of it, as it was probably meant, where that can be told.
    pub suggestion: Option<String>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.position, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; write {suggestion}"),
            None => Ok(()),
        }
    }
}

/// All remarks, in the pattern's order.
pub(crate) fn lint(pattern: &FilterPattern) -> Vec<Warning> {
    let mut linter = Linter { source: &pattern.source, warnings: Vec::new() };
    match &pattern.kind {
        Kind::Terms(terms) => linter.unstructured(terms),
        Kind::Json(json) => linter.structured(&json.terms, Some(&json.expr), ("{ ", " }")),
        Kind::Delimited(pattern) => linter.structured(&pattern.terms, pattern.expr.as_ref(), ("", "")),
    }
    let length = pattern.source.chars().count();
    if length > AWS_MAX_LENGTH {
        let message = format!("the pattern has {length} characters; CloudWatch Logs takes {AWS_MAX_LENGTH}");
        linter.warn(WarningKind::Quota, 0, message, None);
    }
    if !matches!(pattern.kind, Kind::Terms(_)) && pattern.regexes() > AWS_REGEXES {
        let message = format!("CloudWatch Logs takes {AWS_REGEXES} regular expressions in one pattern");
        linter.warn(WarningKind::Quota, 0, message, None);
    }
    linter.warnings.sort_by_key(|warning| warning.position);
    linter.warnings
}

struct Linter<'p> {
    source: &'p str,
    warnings: Vec<Warning>,
}

impl Linter<'_> {
    fn warn(
        &mut self,
        kind: WarningKind,
        position: usize,
        message: impl Into<String>,
        instead: Option<String>,
    ) {
        self.warnings.push(Warning { kind, position, message: message.into(), suggestion: instead });
    }

    fn unstructured(&mut self, terms: &Terms) {
        if let Some(at) = terms.optional_at.filter(|_| terms.optional_is_ignored()) {
            let message = "terms with ? are ignored beside terms without: they decide nothing here";
            self.warn(WarningKind::OptionalIgnored, at, message, None);
        }
        for &at in &terms.unquoted {
            let word = self.source[at..].split_whitespace().next().unwrap_or_default();
            let message = "terms with other characters than letters, digits and _ belong in double quotes";
            self.warn(WarningKind::Unquoted, at, message, Some(format!("\"{word}\"")));
        }
    }

    fn structured(&mut self, terms: &[Term], expr: Option<&Expr>, (open, close): (&str, &str)) {
        let mut wildcards = 0;
        for term in terms {
            self.spelling(term);
            if let Test::Compare(op, operand) = &term.test {
                self.operand(*op, operand, term);
            }
            let Slot::Path(selector) = &term.slot else { continue };
            wildcards += usize::from(selector.wildcards() > 0);
            if selector.wildcards() > 1 {
                let message = "CloudWatch Logs takes one wildcard in a selector";
                self.warn(WarningKind::Quota, term.span.start, message, None);
            }
        }
        if wildcards > AWS_WILDCARDS {
            let message =
                format!("CloudWatch Logs takes {AWS_WILDCARDS} selectors with wildcards in one pattern");
            self.warn(WarningKind::Quota, 0, message, None);
        }
        if let Some(expr) = expr {
            let whole = Rendered { source: self.source, terms };
            self.joints(expr, &whole, true, (open, close));
        }
    }

    fn spelling(&mut self, term: &Term) {
        if term.lower_case {
            let message = "the user guide writes IS NULL, IS TRUE, IS FALSE and NOT EXISTS in capitals";
            self.warn(WarningKind::Spelling, term.span.start, message, None);
        }
    }

    fn operand(&mut self, op: Op, operand: &Operand, term: &Term) {
        if operand.quoted || matches!(operand.form, Form::Regex(_)) {
            return;
        }
        let (at, text) = (term.span.start, &*operand.text);
        if text.contains(char::is_whitespace) {
            let message =
                "a value with a space belongs in double quotes; without, CloudWatch Logs may refuse it";
            self.warn(WarningKind::Unquoted, at, message, Some(format!("\"{text}\"")));
        } else if text.starts_with('!') && op == Op::Eq {
            let message = format!("=! compares with the text '{text}'");
            self.warn(WarningKind::Spelling, at, message, Some(format!("!= {}", &text[1..])));
        } else if text.len() > 1 && text.starts_with('\'') && text.ends_with('\'') {
            let message = "single quotes are part of the value; values stand in double quotes";
            let inner = &text[1..text.len() - 1];
            self.warn(WarningKind::Spelling, at, message, Some(format!("\"{inner}\"")));
        } else if matches!(&term.slot, Slot::Path(_))
            && ["true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word))
        {
            let message = format!("this compares with the text \"{text}\", and not with JSON's {text}");
            let suggestion = (op == Op::Eq).then(|| format!("IS {}", text.to_ascii_uppercase()));
            self.warn(WarningKind::TextForKeyword, at, message, suggestion);
        }
    }

    /// Looks at how the terms are joined.
    fn joints(&mut self, expr: &Expr, whole: &Rendered<'_>, top: bool, braces: (&str, &str)) {
        let (open, close) = if top { braces } else { ("", "") };
        let (Expr::Any { parts, .. } | Expr::All { parts, .. }) = expr else { return };
        if matches!(expr, Expr::Any { .. }) {
            if let Some((meant, at)) = whole.as_meant(parts) {
                let message = "!= terms joined with || are true of nearly every event: what fails one passes \
                               another; they were probably meant to be joined with &&";
                self.warn(WarningKind::AnyNotEqual, at, message, Some(format!("{open}{meant}{close}")));
            }
            let bare = parts.iter().find(|part| matches!(part, Expr::All { grouped: false, .. }));
            if let Some(bare) = bare {
                let message =
                    "&& binds tighter than ||, so that this reads as with these parentheses; write them";
                let suggestion = format!("{open}{}{close}", whole.text(expr, true));
                self.warn(WarningKind::Precedence, whole.start(bare), message, Some(suggestion));
            }
        }
        parts.iter().for_each(|part| self.joints(part, whole, false, braces));
    }
}

/// Writes expressions again, with the terms as they stood in the pattern.
struct Rendered<'p> {
    source: &'p str,
    terms: &'p [Term],
}

impl Rendered<'_> {
    fn text(&self, expr: &Expr, top: bool) -> String {
        let (parts, joint) = match expr {
            Expr::Term(index) => {
                return format!("({})", self.source[self.terms[*index].span.clone()].trim_end());
            }
            Expr::All { parts, .. } => (parts, " && "),
            Expr::Any { parts, .. } => (parts, " || "),
        };
        let joined = parts.iter().map(|part| self.text(part, false)).collect::<Vec<_>>().join(joint);
        if top { joined } else { format!("({joined})") }
    }

    fn start(&self, expr: &Expr) -> usize {
        match expr {
            Expr::Term(index) => self.terms[*index].span.start,
            Expr::All { parts, .. } | Expr::Any { parts, .. } => {
                parts.first().map_or(0, |part| self.start(part))
            }
        }
    }

    /// For alternatives of which two or more are `!=` terms: the others in parentheses, and those
    /// joined to them with `&&`; and where the first of them stands.
    fn as_meant(&self, parts: &[Expr]) -> Option<(String, usize)> {
        let is_not_equal =
            |part: &&Expr| matches!(part, Expr::Term(index) if self.terms[*index].test.is_not_equal());
        let (unequal, others): (Vec<&Expr>, Vec<&Expr>) = parts.iter().partition(is_not_equal);
        let first = unequal.first().filter(|_| unequal.len() > 1)?;
        let mut terms = Vec::new();
        match others.as_slice() {
            [] => {}
            [only] => terms.push(self.text(only, false)),
            several => {
                let alternatives = several.iter().map(|part| self.text(part, false)).collect::<Vec<_>>();
                terms.push(format!("({})", alternatives.join(" || ")));
            }
        }
        terms.extend(unequal.iter().map(|part| self.text(part, false)));
        Some((terms.join(" && "), self.start(first)))
    }
}
