//! The board of the six controls, on its page and at the top of the overview.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use trailkeep_state::ControlCounts;

use super::{Latest, words};
use crate::console::parts::{self, Icon};

/// The six controls at a glance.
pub(crate) fn board(latest: &Latest, now: DateTime<Utc>) -> Markup {
    html! {
        section.panel aria-label="The six controls" {
            header {
                h2 { "The six controls" }
                span.muted { (reach(latest)) }
                div.end { (parts::ago(latest.stored.assessed_at, now)) a.more href="/controls" { "Details" } }
            }
            div.board { @for control in &latest.stored.board { (tile(control)) } }
        }
    }
}

fn tile(control: &ControlCounts) -> Markup {
    html! {
        a.tile href={ "/controls/" (control.control) } {
            span.no { (control.control) }
            span.t { (words::title(control.control)) }
            (words::status(&control.status))
            span.d {
                @if control.fail > 0 { (parts::count(control.fail, "failure", "failures")) @if let Some(worst) = &control.worst { ", worst " (worst) } }
                @else if control.pass + control.waived + control.unknown == 0 { "nothing looked at" }
                @else { (parts::number(control.pass)) " pass" }
                @if control.unknown > 0 { ", " (parts::number(control.unknown)) " unknown" }
                @if control.waived > 0 { ", " (parts::number(control.waived)) " waived" }
            }
            (share(control))
        }
    }
}

/// The shares of the statuses as one bar.
fn share(control: &ControlCounts) -> Markup {
    let parts = [
        ("fail", control.fail),
        ("unknown", control.unknown),
        ("waived", control.waived),
        ("pass", control.pass),
    ];
    let total: u64 = parts.iter().map(|(_, n)| n).sum::<u64>().max(1);
    let mut before = 0;
    let placed = parts.map(|(class, n)| {
        let x = before * 1000 / total;
        before += n;
        (class, n, x, (before * 1000 / total - x).max(6))
    });
    html! {
        svg.share viewBox="0 0 1000 4" preserveAspectRatio="none" aria-hidden="true" {
            rect width="1000" height="4" {}
            @for (class, n, x, width) in placed {
                @if n > 0 { rect class=(class) x=(x) width=(width) height="4" {} }
            }
        }
    }
}

/// `3 accounts, 4 Regions`.
pub(super) fn reach(latest: &Latest) -> String {
    match &latest.about {
        Some(about) => format!(
            "{}, {}",
            parts::count(about.accounts.len() as u64, "account", "accounts"),
            parts::count(about.regions().len() as u64, "Region", "Regions")
        ),
        None => parts::count(latest.stored.scope.split(',').count() as u64, "account", "accounts"),
    }
}

/// Nothing was assessed yet, and what to do about it.
pub(crate) fn unassessed() -> Markup {
    html! {
        section.panel aria-label="The six controls" {
            (parts::empty(Icon::Controls, "The controls are not assessed yet", &html! {
                p { "Trailkeep asks AWS read-only questions and says which of the six controls for logging and monitoring hold, in every account and Region." }
                pre { "trailkeep check                   # once, now\n\n# trailkeep.toml: again and again\n[check]\nenabled = true\ninterval = \"6h\"" }
            }))
        }
    }
}
