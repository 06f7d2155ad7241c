//! Findings in words: statuses, and ATT&CK tags with where they lead.

use maud::{Markup, html};
use trailkeep_state::{Resolution, Status};

/// A status as a word for people.
pub(crate) fn status_word(status: Status) -> &'static str {
    match status {
        Status::New => "New",
        Status::Triaged => "Triaged",
        Status::Closed(Resolution::Resolved) => "Resolved",
        Status::Closed(Resolution::FalsePositive) => "False positive",
    }
}

/// A status as a badge.
pub(crate) fn status(status: Status) -> Markup {
    let class = match status {
        Status::New => "plain low",
        Status::Triaged => "plain medium",
        Status::Closed(Resolution::Resolved) => "plain ok",
        Status::Closed(Resolution::FalsePositive) => "plain",
    };
    html! { span class={ "badge " (class) } { (status_word(status)) } }
}

/// Where an ATT&CK tag leads: `attack.t1562.008` to the technique, `attack.defense-evasion` nowhere.
pub(super) fn attack_link(tag: &str) -> Option<(String, String)> {
    let id = tag.strip_prefix("attack.")?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut parts = id.split('.');
    let (kind, digits) = parts.next()?.split_at_checked(1)?;
    if !number(digits) {
        return None;
    }
    let sub = parts.next();
    let page = match (kind, sub) {
        ("t", None) => format!("techniques/T{digits}/"),
        ("t", Some(sub)) if number(sub) => format!("techniques/T{digits}/{sub}/"),
        ("g", None) => format!("groups/G{digits}/"),
        ("s", None) => format!("software/S{digits}/"),
        _ => return None,
    };
    Some((id.to_ascii_uppercase(), format!("https://attack.mitre.org/{page}")))
}

/// A tag that leads nowhere, for people: `defense evasion`.
pub(super) fn tag_word(tag: &str) -> String {
    tag.strip_prefix("attack.").unwrap_or(tag).replace(['-', '_'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn techniques_lead_to_their_page() {
        let link = |tag| attack_link(tag).map(|(_, url)| url);
        assert_eq!(
            link("attack.t1562.008").as_deref(),
            Some("https://attack.mitre.org/techniques/T1562/008/")
        );
        assert_eq!(link("attack.t1098").as_deref(), Some("https://attack.mitre.org/techniques/T1098/"));
        for none in
            ["attack.defense-evasion", "attack.", "attack.t", "attack.t1562.x\"", "cve.2024.1", "attack.é1"]
        {
            assert_eq!(link(none), None, "{none}");
        }
        assert_eq!(tag_word("attack.defense-evasion"), "defense evasion");
    }
}
