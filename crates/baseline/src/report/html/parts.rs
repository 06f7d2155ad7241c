//! Small parts of the page.

use maud::{Markup, html};

use crate::check::{Severity, Status};
use crate::report::text::clean;

/// A status as a word with its colour.
pub(super) fn status(status: Status) -> Markup {
    let class = match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Unknown => "unknown",
        Status::Waived => "waived",
    };
    html! { span class={ "tag " (class) } { (status.as_str()) } }
}

/// A severity as a word with its colour.
pub(super) fn severity(severity: Severity) -> Markup {
    html! { span class={ "tag " (severity.as_str()) } { (severity.as_str()) } }
}

/// Text from the estate: escaped by the template, and without control characters.
pub(super) fn said(text: &str) -> Markup {
    html! { (clean(text)) }
}

/// An identifier, to be read letter by letter.
pub(super) fn code(text: &str) -> Markup {
    html! { code { (clean(text)) } }
}

/// A command or a document, line by line.
pub(super) fn block(text: &str) -> Markup {
    let lines: Vec<String> = text.lines().map(clean).collect();
    html! { pre { (lines.join("\n")) } }
}

/// The Region, or that there is none.
pub(super) fn region(name: &str) -> Markup {
    html! { @if name == crate::inventory::GLOBAL { span.dim { "global" } } @else { (clean(name)) } }
}
