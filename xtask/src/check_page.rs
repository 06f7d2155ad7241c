//! docs/reference/checks.md: every check of the six controls, with its words and its names elsewhere.

use std::fmt::Write;

use trailkeep_baseline::{Check, Control, Frameworks, checks};

use crate::reference::GENERATED;

/// The page.
pub(crate) fn page() -> String {
    let mut page = format!("{GENERATED}# Checks\n\n");
    let count = checks::all().count();
    let _ = write!(
        page,
        "{count} checks, by control. `trailkeep check` runs them over what AWS answered; what could not be asked is \
         `UNKNOWN`, with the permission that was missing. Capital words in a fix stand for names of the estate: in \
         results they are filled in as far as they are known.\n\n| control | checks |\n|---|---|\n"
    );
    for control in Control::ALL {
        let of_control = checks::all().filter(|check| check.control == control).count();
        let _ = writeln!(page, "| {}. {} | {of_control} |", control.number(), control.title());
    }
    for control in Control::ALL {
        let _ = writeln!(page, "\n## {}. {}", control.number(), control.title());
        for check in checks::all().filter(|check| check.control == control) {
            one(&mut page, check);
        }
    }
    page
}

fn one(page: &mut String, check: &Check) {
    let _ = write!(
        page,
        "\n### `{}`\n\n{}. **{}**\n\n{}\n\n",
        check.id,
        check.title,
        check.severity,
        linked(check.why)
    );
    let _ = writeln!(page, "- Expected: {}", check.expected);
    let _ = writeln!(page, "- Calls of the fix: {}", codes(check.fix_calls));
    for (name, ids) in elsewhere(&check.frameworks) {
        if !ids.is_empty() {
            let _ = writeln!(page, "- {name}: {}", ids.join(", "));
        }
    }
    let _ = write!(page, "\n```sh\n{}\n```\n", check.remediation.trim());
}

/// The same check in other catalogues.
fn elsewhere(frameworks: &Frameworks) -> [(&'static str, &'static [&'static str]); 7] {
    [
        ("CIS AWS Foundations 1.4", frameworks.cis_1_4),
        ("CIS AWS Foundations 3.0", frameworks.cis_3_0),
        ("CIS AWS Foundations 5.0", frameworks.cis_5_0),
        ("Security Hub", frameworks.security_hub),
        ("AWS Config rules", frameworks.config_rules),
        ("NIST SP 800-53 r5", frameworks.nist_800_53),
        ("PCI DSS 4", frameworks.pci_dss_4),
    ]
}

fn codes(names: &[&str]) -> String {
    if names.is_empty() {
        return "none; it is made by hand".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Addresses as links.
fn linked(text: &str) -> String {
    let words = text
        .split(' ')
        .map(|word| if word.starts_with("https://") { format!("<{word}>") } else { word.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_its_place() {
        let page = page();
        for check in checks::all() {
            assert_eq!(page.matches(&format!("\n### `{}`\n", check.id)).count(), 1, "{}", check.id);
            assert!(page.contains(check.remediation.trim()), "{}", check.id);
        }
    }

    #[test]
    fn addresses_become_links() {
        assert_eq!(linked("Why. https://docs.aws.amazon.com/x"), "Why. <https://docs.aws.amazon.com/x>");
    }
}
