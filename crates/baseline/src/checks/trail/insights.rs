//! CloudTrail Insights watches the rate of calls and of errors in every account.

use std::collections::BTreeSet;

use super::{called, each_account};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "trail-insights",
    control: Control::Trail,
    title: "Insights watch call rates and error rates",
    severity: Severity::Low,
    why: "Insights learn what is usual for an account and write an event when calls or errors leave that range: a \
          burst of denied calls, a script that starts machines. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html",
    expected: "the logging trails of the account have ApiCallRateInsight and ApiErrorRateInsight between them",
    remediation: "aws cloudtrail put-insight-selectors --region HOME_REGION --trail-name NAME --insight-selectors \
                  '[{\"InsightType\":\"ApiCallRateInsight\"},{\"InsightType\":\"ApiErrorRateInsight\"}]'",
    fix_calls: &["cloudtrail:PutInsightSelectors"],
    frameworks: Frameworks {
        nist_800_53: &["AU-6(1)", "SI-4(2)", "SI-4(11)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_account(context, |account, trails| {
            let (mut on, mut unknown, mut last) = (BTreeSet::new(), None, None);
            for trail in trails.iter().filter(|trail| trail.accounts().any(|id| id == account.account_id())) {
                let answer = trail.is_logging().and_then(|logging| match logging {
                    true => trail.ask("cloudtrail:GetInsightSelectors").map(Some),
                    false => Ok(None),
                });
                match answer {
                    Ok(Some(output)) => {
                        last = Some(trail);
                        let selectors = output.map_or(&[][..], |output| output.items("InsightSelectors"));
                        on.extend(selectors.iter().filter_map(|selector| selector.text("InsightType")));
                    }
                    Ok(None) => {}
                    Err(reason) => unknown = Some(reason),
                }
            }
            let missing: Vec<&str> = ["ApiCallRateInsight", "ApiErrorRateInsight"]
                .into_iter()
                .filter(|kind| !on.contains(kind))
                .collect();
            match (missing.is_empty(), unknown, last) {
                (true, _, Some(trail)) => {
                    let observed = format!("the {} has both kinds of Insights", called(trail, account));
                    Ok(vec![Verdict::pass(account, trail.arn, observed)])
                }
                (_, Some(reason), _) => Err(reason),
                (_, None, Some(trail)) => {
                    let observed =
                        format!("not on for the {}: {}", called(trail, account), missing.join(" and "));
                    let fix = format!(
                        "aws cloudtrail put-insight-selectors --region {} --trail-name {} --insight-selectors \
                         '[{{\"InsightType\":\"ApiCallRateInsight\"}},{{\"InsightType\":\"ApiErrorRateInsight\"}}]'",
                        trail.home_region, trail.arn
                    );
                    Ok(vec![Verdict::fail(account, trail.arn, observed).remediation(fix)])
                }
                (_, None, None) => Ok(vec![Verdict::fail(
                    account,
                    account.account_arn(),
                    "no logging trail that could have Insights",
                )]),
            }
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{Estate, HOME, TRAIL};

    #[test]
    fn both_kinds() {
        let mut estate = Estate::compliant();
        estate.join_member();
        estate.passes(&CHECK);
    }

    #[test]
    fn one_kind_or_none() {
        let mut estate = Estate::compliant();
        let one = json!({"InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]});
        estate.answer(HOME, "cloudtrail:GetInsightSelectors", TRAIL, one);
        estate.fails(&CHECK, &["not on for the trail main: ApiErrorRateInsight"]);
        estate.absent(HOME, "cloudtrail:GetInsightSelectors", TRAIL, "InsightNotEnabledException");
        estate.fails(&CHECK, &["ApiCallRateInsight and ApiErrorRateInsight"]);
        estate.no_trail();
        estate.fails(&CHECK, &["no logging trail"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "cloudtrail:GetInsightSelectors", TRAIL, "cloudtrail:GetInsightSelectors");
        estate.unknown(&CHECK, "cloudtrail:GetInsightSelectors");
    }
}
