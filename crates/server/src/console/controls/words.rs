//! Statuses and severities as badges. Colour, shape and word say the same.

use maud::{Markup, html};
use trailkeep_baseline::Control;
use trailkeep_detect::Level;

use crate::console::parts;

/// A status as a badge.
pub(super) fn status(status: &str) -> Markup {
    let (class, word) = match status {
        "PASS" => ("ok", "Pass"),
        "FAIL" => ("bad", "Fail"),
        "WAIVED" => ("low", "Waived"),
        _ => ("medium", "Unknown"),
    };
    html! { span class={ "badge plain " (class) } { (word) } }
}

/// A severity as a badge.
pub(super) fn severity(severity: &str) -> Markup {
    match severity.parse::<Level>() {
        Ok(level) => parts::level(level),
        Err(_) => html! { span.badge.plain { (severity) } },
    }
}

/// How grave a severity is.
pub(super) fn rank(severity: &str) -> Option<Level> {
    severity.parse().ok()
}

/// The title of a control.
pub(super) fn title(number: u8) -> &'static str {
    Control::try_from(number).map_or("", Control::title)
}
