//! Bounds for what comes from logs: an event may carry megabytes in one field.

use trailkeep_detect::{Evidence, Finding, Signal};

use crate::codec::clip;

/// An id, a name, an ARN.
const NAME: usize = 2048;
/// A text for people.
const TEXT: usize = 16 * 1024;
const LIST: usize = 100;

/// Bounds a finding's texts and lists. Its evidence is left: it is stored row by row.
pub(crate) fn finding(finding: &mut Finding) {
    let Finding { id, rule_id, rule_title, table, event_uid, action, .. } = finding;
    for name in [id, rule_id, rule_title, table, event_uid, action] {
        clip(name, NAME);
    }
    let Finding { account_id, region, actor, access_key_id, source_ip, user_agent, .. } = finding;
    for name in [account_id, region, actor, access_key_id, source_ip, user_agent].into_iter().flatten() {
        clip(name, NAME);
    }
    clip(&mut finding.summary, TEXT);
    clip(&mut finding.description, TEXT);
    clip(&mut finding.group_key, NAME);
    let Finding { resources, tags, false_positives, references, .. } = finding;
    for list in [resources, tags, false_positives, references] {
        names(list);
    }
}

/// Bounds a piece of evidence.
pub(crate) fn evidence(evidence: &mut Evidence) {
    clip(&mut evidence.event_uid, NAME);
    clip(&mut evidence.table, NAME);
}

/// Bounds a signal's texts and lists.
pub(crate) fn signal(signal: &mut Signal) {
    let Signal { correlation_rule_id, group, event_uid, table, base_rule_id, action, .. } = signal;
    for name in [correlation_rule_id, event_uid, table, base_rule_id, action] {
        clip(name, NAME);
    }
    clip(group, TEXT);
    let Signal { value, account_id, region, actor, access_key_id, source_ip, user_agent, .. } = signal;
    for name in [value, account_id, region, actor, access_key_id, source_ip, user_agent].into_iter().flatten()
    {
        clip(name, NAME);
    }
    names(&mut signal.resources);
}

fn names(list: &mut Vec<String>) {
    list.truncate(LIST);
    list.iter_mut().for_each(|name| clip(name, NAME));
}

#[cfg(test)]
mod tests {
    use trailkeep_detect::Level;

    #[test]
    fn a_monstrous_finding_becomes_a_bounded_one() {
        let mut finding = crate::testing::finding("g", "u", 0, Level::Low);
        finding.user_agent = Some("é".repeat(1_000_000));
        finding.summary = "x".repeat(1_000_000);
        finding.resources = vec!["r".repeat(10_000); 10_000];
        super::finding(&mut finding);
        assert!(serde_json::to_string(&finding).unwrap().len() < 300_000);
    }
}
