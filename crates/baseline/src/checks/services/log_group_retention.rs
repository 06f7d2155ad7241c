//! How long log groups keep their logs.

use serde_json::{Value, json};

use super::logging::resource;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-group-retention",
    control: Control::Services,
    title: "Every log group keeps its logs long enough",
    severity: Severity::Medium,
    why: "Intrusions are found months after they began; logs that are gone by then explain nothing. \
          https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    expected: "logs kept for at least the configured days (365 unless told otherwise), or for ever",
    remediation: "aws logs put-retention-policy --log-group-name GROUP --retention-in-days 365",
    fix_calls: &["logs:PutRetentionPolicy"],
    frameworks: Frameworks {
        security_hub: &["CloudWatch.16"],
        config_rules: &["cw-loggroup-retention-period-check"],
        nist_800_53: &["AU-6(3)", "AU-6(4)", "AU-10", "AU-11", "CA-7", "SI-12"],
        pci_dss_4: &["10.5.1"],
        ..Frameworks::NONE
    },
    run,
};

/// The periods that CloudWatch Logs takes, in days.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
#[rustfmt::skip]
const PERIODS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// The command that makes a log group keep its logs for at least so many days.
pub(super) fn command(region: &str, group: &str, days: i64) -> String {
    match PERIODS.into_iter().find(|period| *period >= days) {
        Some(period) => format!(
            "aws logs put-retention-policy --region {region} --log-group-name '{group}' --retention-in-days \
             {period}"
        ),
        // Longer than any period there is: for ever.
        None => format!("aws logs delete-retention-policy --region {region} --log-group-name '{group}'"),
    }
}

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let groups = place.list("logs:DescribeLogGroups", "logGroups")?;
        Ok(groups
            .iter()
            // Groups of class DELIVERY only pass logs on; their one day cannot be changed.
            .filter(|group| group.text("logGroupClass") != Some("DELIVERY"))
            .filter_map(|group| Some(judge(context, place, group, group.text("logGroupName")?)))
            .collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, group: &Value, name: &str) -> Verdict {
    let wanted = context.settings.retention_days;
    let arn = place.arn("logs", &format!("log-group:{name}"));
    let verdict = resource(place, &arn, |logging| {
        logging.fix(command(place.region, name, wanted));
        let days = group.int("retentionInDays");
        logging.evidence(json!({"retentionInDays": days}));
        match days {
            None => logging.on("logs are kept for ever"),
            Some(days) if days >= wanted => logging.on(format!("logs are kept for {days} days")),
            Some(days) => logging.fault(format!("logs are kept for {days} days only")),
        }
        Ok(())
    });
    verdict.expected(format!("logs kept for at least {wanted} days, or for ever"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::{Settings, Status};

    fn estate(group: Value) -> Estate {
        Estate::new().with("logs:DescribeLogGroups", "", json!({"logGroups": [group]}))
    }

    #[test]
    fn days() {
        let group = |days: Value| estate(json!({"logGroupName": "/app", "retentionInDays": days}));
        expect(&group(Value::Null), &CHECK, Status::Pass, "kept for ever");
        let year = expect(&group(json!(365)), &CHECK, Status::Pass, "kept for 365 days");
        assert_eq!(year.resource_arn, "arn:aws:logs:eu-west-1:111111111111:log-group:/app");
        let short = expect(&group(json!(30)), &CHECK, Status::Fail, "kept for 30 days only");
        assert_eq!(short.expected.unwrap(), "logs kept for at least 365 days, or for ever");
        assert!(short.remediation.unwrap().ends_with("--log-group-name '/app' --retention-in-days 365"));

        let settings = Settings { retention_days: 20, ..Settings::default() };
        let estate = group(json!(30));
        let verdicts = (CHECK.run)(&Context { inventory: estate.inventory(), settings: &settings });
        assert_eq!(verdicts[0].status, Status::Pass);
    }

    #[test]
    fn the_next_period_that_there_is() {
        assert!(command("r", "g", 366).ends_with("--retention-in-days 400"));
        assert!(command("r", "g", 1).ends_with("--retention-in-days 1"));
        assert!(command("r", "g", 4000).starts_with("aws logs delete-retention-policy"));
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "logs:DescribeLogGroups";
        expect_denied(&Estate::new().denied(action, "", action), &CHECK, action);
        expect_nothing(
            &estate(json!({"logGroupName": "d", "logGroupClass": "DELIVERY", "retentionInDays": 1})),
            &CHECK,
        );
        expect_nothing(&Estate::new().with(action, "", json!({"logGroups": []})), &CHECK);
    }
}
