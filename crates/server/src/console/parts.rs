//! Small parts that pages are made of: icons, badges, times, numbers, notes, empty states.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, PreEscaped, html};
use trailkeep_detect::Level;

/// Line icons, drawn on a 16 by 16 grid.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Icon {
    Overview,
    Controls,
    Search,
    Sql,
    Findings,
    Incidents,
    Alarms,
    Silences,
    Channels,
    Responses,
    Settings,
    Theme,
    Help,
    Leave,
    Copy,
    Close,
    Open,
    Download,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Overview => r#"<path d="M2.5 13.5v-4m3.7 4v-8m3.6 8v-5m3.7 5v-11"/>"#,
            Self::Controls => r#"<path d="M2.5 4.2 3.7 5.4 6 2.8M2.5 11.2l1.2 1.2L6 9.8M8.5 4.5h5m-5 7h5"/>"#,
            Self::Search => r#"<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>"#,
            Self::Sql => r#"<path d="m2.5 4 4 4-4 4M8.5 12.5h5"/>"#,
            Self::Findings => {
                r#"<path d="M8 1.8 2.8 4v4c0 3 2.1 5.3 5.2 6.3 3.1-1 5.2-3.3 5.2-6.3V4zM8 5.3v3.2m0 2.2v.1"/>"#
            }
            // A lifebuoy, a bell, a bell that is struck out, a paper plane.
            Self::Incidents => {
                r#"<circle cx="8" cy="8" r="6"/><circle cx="8" cy="8" r="2.4"/><path d="m3.8 3.8 2.5 2.5m3.4 3.4 2.5 2.5m0-8.4L9.7 6.3M6.3 9.7l-2.5 2.5"/>"#
            }
            Self::Alarms => {
                r#"<path d="M3 11.5c1-1 1.2-2 1.2-4.2a3.8 3.8 0 0 1 7.6 0c0 2.2.2 3.2 1.2 4.2zM6.6 13.5a1.5 1.5 0 0 0 2.8 0M8 2v1.5"/>"#
            }
            Self::Silences => {
                r#"<path d="M5 5.2a3.8 3.8 0 0 1 6.8 2.1c0 2.2.2 3.2 1.2 4.2M10.2 11.5H3c1-1 1.2-2 1.2-4.2M6.6 13.5a1.5 1.5 0 0 0 2.8 0M2.5 2.5l11 11"/>"#
            }
            Self::Channels => r#"<path d="M14 2 7 9M14 2 9.7 14 7 9 2 6.3z"/>"#,
            Self::Responses => r#"<path d="M3 8a5 5 0 1 1 1.6 3.7M3 13v-3.2h3.2"/>"#,
            Self::Settings => {
                r#"<path d="M2 5h6m4 0h2M2 11h2m4 0h6"/><circle cx="10" cy="5" r="1.8"/><circle cx="6" cy="11" r="1.8"/>"#
            }
            Self::Theme => {
                r#"<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5v11a5.5 5.5 0 0 0 0-11z" fill="currentColor"/>"#
            }
            Self::Help => {
                r#"<circle cx="8" cy="8" r="6"/><path d="M6.3 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.9.7-.9 1.3m0 2v.1"/>"#
            }
            Self::Leave => r#"<path d="M6.5 2.5h-4v11h4M10 5l3 3-3 3m3-3H6.5"/>"#,
            Self::Copy => {
                r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M3 10.5H2.5v-8h8V3"/>"#
            }
            Self::Close => r#"<path d="m4 4 8 8m0-8-8 8"/>"#,
            Self::Open => r#"<path d="M6.5 3h-4v10.5H13v-4M9 2.5h4.5V7M13 3 7.5 8.5"/>"#,
            Self::Download => r#"<path d="M8 2.5v8m-3.5-3 3.5 3.5 3.5-3.5M2.5 13.5h11"/>"#,
        }
    }
}

/// An icon. Decoration: the text beside it says the same.
pub(crate) fn icon(icon: Icon) -> Markup {
    html! { svg.icon viewBox="0 0 16 16" aria-hidden="true" { (PreEscaped(icon.path())) } }
}

/// The product's mark.
pub(crate) fn mark() -> Markup {
    html! {
        svg viewBox="0 0 24 24" aria-hidden="true" {
            rect width="24" height="24" rx="6" fill="currentColor" {}
            path d="M6 17.5c4.2 0 3-5.6 6.2-5.6S15 6.5 18 6.5" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" {}
            circle cx="6" cy="17.5" r="2" fill="#fff" {}
            circle cx="18" cy="6.5" r="2" fill="#fff" {}
        }
    }
}

/// A finding's level: colour, shape and word, so that none of them is needed alone.
pub(crate) fn level(level: Level) -> Markup {
    let shape = match level {
        Level::Critical => "M5 0 10 5 5 10 0 5z",
        Level::High => "M5 .5 10 9.5H0z",
        Level::Medium => "M.8.8h8.4v8.4H.8z",
        Level::Low => "M5 .5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z",
        Level::Informational => "M5 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
    };
    html! { span class={ "badge " (level.as_str()) } { svg viewBox="0 0 10 10" aria-hidden="true" { path d=(shape) {} } (level_word(level)) } }
}

/// The level as a word for people.
pub(crate) fn level_word(level: Level) -> &'static str {
    match level {
        Level::Critical => "Critical",
        Level::High => "High",
        Level::Medium => "Medium",
        Level::Low => "Low",
        Level::Informational => "Info",
    }
}

/// `2026-05-04 12:30:05` with the full instant on hover; always UTC.
pub(crate) fn time(at: DateTime<Utc>) -> Markup {
    html! { time datetime=(rfc3339(at)) title={ (rfc3339(at)) " (UTC)" } { (at.format("%Y-%m-%d %H:%M:%S")) } }
}

/// `3 min ago`, with the instant on hover.
pub(crate) fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    html! { time.ago datetime=(rfc3339(at)) title={ (at.format("%Y-%m-%d %H:%M:%S")) " UTC" } { (ago_text(at, now)) } }
}

/// How long before `now`, in the largest unit that fits.
pub(crate) fn ago_text(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds();
    if seconds < -5 {
        return format!("in {}", span(-seconds));
    }
    if seconds < 5 { "just now".to_owned() } else { format!("{} ago", span(seconds)) }
}

/// `45 s`, `12 min`, `7 h`, `3 d`.
pub(crate) fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Microseconds, `Z`: what links and attributes carry.
pub(crate) fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// `1,234,567`.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1.2 MiB`.
pub(crate) fn bytes(n: u64) -> String {
    let mut value = n as f64;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit == "B" || value >= 100.0 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

/// `1.2k`, `3.4M`: for axes.
pub(crate) fn short_number(n: u64) -> String {
    let scaled = |unit: f64, suffix: &str| {
        let value = n as f64 / unit;
        if value < 10.0 && (value - value.round()).abs() > 0.04 {
            format!("{value:.1}{suffix}")
        } else {
            format!("{value:.0}{suffix}")
        }
    };
    match n {
        ..1_000 => n.to_string(),
        1_000..1_000_000 => scaled(1e3, "k"),
        1_000_000..1_000_000_000 => scaled(1e6, "M"),
        _ => scaled(1e9, "G"),
    }
}

/// `1 event`, `2 events`.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// The telling end of an ARN: `role/Admin/alice` of `arn:aws:sts::1:assumed-role/Admin/alice`.
pub(crate) fn short_arn(text: &str) -> &str {
    if !text.starts_with("arn:") {
        return text;
    }
    let tail = text.splitn(6, ':').nth(5).unwrap_or(text);
    let tail = tail.strip_prefix("assumed-role/").or_else(|| tail.strip_prefix("user/")).unwrap_or(tail);
    if tail.is_empty() { text } else { tail }
}

/// A button that copies `text`.
pub(crate) fn copy(text: &str, what: &str) -> Markup {
    html! { button.copy type="button" data-copy=(text) aria-label={ "Copy " (what) } title={ "Copy " (what) } { (icon(Icon::Copy)) } }
}

/// Nothing here, and what to do about it.
pub(crate) fn empty(picture: Icon, title: &str, body: &Markup) -> Markup {
    html! { div.empty { (icon(picture)) h2 { (title) } (body) } }
}

/// What went wrong, with the reason as the engine gave it.
pub(crate) fn failed(title: &str, reason: &str) -> Markup {
    html! { div.note.bad role="alert" { div.stack { b { (title) } pre { (reason) } } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(
            [number(0), number(999), number(1_000), number(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [short_number(950), short_number(1_200), short_number(20_000), short_number(3_000_000)],
            ["950", "1.2k", "20k", "3M"]
        );
    }

    #[test]
    fn the_telling_end_of_an_arn() {
        assert_eq!(short_arn("arn:aws:sts::111111111111:assumed-role/Admin/alice"), "Admin/alice");
        assert_eq!(short_arn("arn:aws:iam::111111111111:user/bob"), "bob");
        assert_eq!(short_arn("arn:aws:iam::111111111111:root"), "root");
        assert_eq!(short_arn("arn:aws:s3:::bucket"), "bucket");
        assert_eq!(short_arn("arn:"), "arn:");
        assert_eq!(short_arn("ec2.amazonaws.com"), "ec2.amazonaws.com");
    }
}
