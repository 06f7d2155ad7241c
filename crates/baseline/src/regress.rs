//! What got worse between two assessments.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::assess::Assessment;
use crate::check::{CheckResult, Status};

/// The failures of `after` that are news: what passed `before` and fails now. Where the resource was
/// not there before (a trail was deleted, and now its account fails; a VPC was added without flow
/// logs), the check counts: in that account it passed for everything, and does no longer.
///
/// What was unknown, waived or failing before is no regression, and neither is the first look at an
/// account.
#[must_use]
pub fn regressions<'a>(before: &Assessment, after: &'a Assessment) -> Vec<(Uuid, &'a CheckResult)> {
    let known: HashMap<Uuid, Status> = before.with_ids().map(|(id, result)| (id, result.status)).collect();
    let place = |result: &CheckResult| (result.check_id.clone(), result.account_id.clone());
    let mut sound: HashSet<(String, String)> =
        before.results.iter().filter(|result| result.status == Status::Pass).map(place).collect();
    for result in before.results.iter().filter(|result| result.status != Status::Pass) {
        sound.remove(&place(result));
    }
    let failing = after.with_ids().filter(|(_, result)| result.status == Status::Fail);
    failing
        .filter(|(id, result)| match known.get(id) {
            Some(status) => *status == Status::Pass,
            None => sound.contains(&place(result)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::check::{Control, Severity};

    fn result(account: &str, arn: &str, status: Status) -> CheckResult {
        CheckResult {
            check_id: "c".to_owned(),
            control: Control::Trail,
            title: "T".to_owned(),
            status,
            severity: Severity::High,
            account_id: account.to_owned(),
            region: "eu-west-1".to_owned(),
            resource_arn: arn.to_owned(),
            observed: String::new(),
            expected: String::new(),
            remediation: String::new(),
            missing_actions: Vec::new(),
            evidence: serde_json::Value::Null,
            waiver: None,
        }
    }

    fn news(before: &[(&str, &str, Status)], after: &[(&str, &str, Status)]) -> Vec<String> {
        let of = |rows: &[(&str, &str, Status)]| Assessment {
            assessed_at: DateTime::UNIX_EPOCH,
            results: rows.iter().map(|(account, arn, status)| result(account, arn, *status)).collect(),
        };
        let after = of(after);
        regressions(&of(before), &after).into_iter().map(|(_, result)| result.resource_arn.clone()).collect()
    }

    #[test]
    fn only_what_passed_can_regress() {
        use Status::{Fail, Pass, Unknown, Waived};
        let before =
            [("1", "a", Pass), ("1", "b", Fail), ("1", "c", Unknown), ("1", "d", Waived), ("1", "e", Pass)];
        let after =
            [("1", "a", Fail), ("1", "b", Fail), ("1", "c", Fail), ("1", "d", Fail), ("1", "e", Unknown)];
        assert_eq!(news(&before, &after), ["a"]);
    }

    #[test]
    fn a_new_failure_counts_where_all_was_well() {
        use Status::{Fail, Pass};
        assert_eq!(news(&[("1", "trail", Pass)], &[("1", "root", Fail)]), ["root"]);
        assert!(news(&[("1", "trail", Pass), ("1", "x", Fail)], &[("1", "root", Fail)]).is_empty());
        assert!(news(&[("1", "trail", Pass)], &[("2", "root", Fail)]).is_empty(), "a first look");
        assert!(news(&[], &[("1", "a", Fail)]).is_empty());
    }
}
