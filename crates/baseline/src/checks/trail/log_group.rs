//! Each trail sends its events to a log group that is there.

use super::each_trail;
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::trails::bare_log_group;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "trail-log-group",
    control: Control::Trail,
    title: "The trail sends its events to CloudWatch Logs",
    severity: Severity::Low,
    why: "Metric filters and alarms work on log groups: without one, nobody is told of an event as it happens. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html",
    expected: "CloudWatchLogsLogGroupArn names a log group that exists in the trail's home Region",
    remediation: "aws cloudtrail update-trail --region HOME_REGION --name NAME --cloud-watch-logs-log-group-arn \
                  LOG_GROUP_ARN --cloud-watch-logs-role-arn ROLE_ARN",
    fix_calls: &[
        "logs:CreateLogGroup",
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:PassRole",
        "cloudtrail:UpdateTrail",
    ],
    frameworks: Frameworks {
        cis_1_4: &["3.4"],
        security_hub: &["CloudTrail.5"],
        config_rules: &["cloud-trail-cloud-watch-logs-enabled"],
        nist_800_53: &[
            "AC-2(4)", "AC-6(9)", "AU-2", "AU-3", "AU-6(1)", "AU-6(3)", "AU-6(4)", "AU-6(5)", "AU-7(1)",
            "AU-10", "AU-12", "CA-7", "SI-4(5)", "SI-4(20)",
        ],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_trail(context, CHECK.remediation, |trail| {
            let fix = format!(
                "aws cloudtrail update-trail --region {} --name {} --cloud-watch-logs-log-group-arn LOG_GROUP_ARN \
                 --cloud-watch-logs-role-arn ROLE_ARN",
                trail.home_region, trail.arn
            );
            let fail =
                |observed: String| Ok(Some(Verdict::fail(trail.place, trail.arn, observed).remediation(fix)));
            let Some(arn) = trail.log_group() else {
                return fail("sends no events to CloudWatch Logs".to_owned());
            };
            let Some(place) = context.inventory.place_of(arn) else {
                // Members are shown an organisation trail, and the log group of its maker.
                let observed = format!(
                    "sends its events to {arn}, of an account or Region that is not part of the inventory"
                );
                return Ok(Some(Verdict::pass(trail.place, trail.arn, observed)));
            };
            let groups = place.list("logs:DescribeLogGroups", "logGroups")?;
            let is_it = |text: Option<&str>| text.map(bare_log_group) == Some(arn);
            if groups.iter().any(|group| is_it(group.text("arn")) || is_it(group.text("logGroupArn"))) {
                return Ok(Some(Verdict::pass(trail.place, trail.arn, format!("sends its events to {arn}"))));
            }
            fail(format!("sends its events to {arn}, which does not exist"))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECK;
    use crate::testing::{Estate, HOME, LOG_GROUP, MEMBER};

    #[test]
    fn there_and_gone() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.answer(HOME, "logs:DescribeLogGroups", "", json!({"logGroups": []}));
        estate.fails(&CHECK, &[LOG_GROUP, "does not exist"]);
    }

    #[test]
    fn none() {
        let mut estate = Estate::compliant();
        estate.trail(|trail| trail["CloudWatchLogsLogGroupArn"] = Value::Null);
        estate.fails(&CHECK, &["sends no events"]);
    }

    #[test]
    fn a_member_alone_does_not_see_the_log_group() {
        let mut estate = Estate::compliant();
        estate.join_member();
        estate.inventory.accounts.retain(|id, _| id == MEMBER);
        estate.passes(&CHECK);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "logs:DescribeLogGroups", "", "logs:DescribeLogGroups");
        estate.unknown(&CHECK, "logs:DescribeLogGroups");
    }
}
