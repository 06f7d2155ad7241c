//! Logs of Network Firewall.

use serde_json::{Value, json};

use super::destination::Target;
use super::logging::{listing, resource};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "network-firewall-logging",
    control: Control::Services,
    title: "Every Network Firewall logs alerts and flows",
    severity: Severity::Medium,
    why: "Alert logs tell which rule dropped what; flow logs tell what passed. \
          https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging.html",
    expected: "ALERT and FLOW logs, each with a live, closed destination",
    remediation: "aws network-firewall update-logging-configuration --firewall-arn ARN \
                  --logging-configuration '{\"LogDestinationConfigs\":[{\"LogType\":\"ALERT\",…}]}', adding one \
                  log type at a time",
    fix_calls: &["network-firewall:UpdateLoggingConfiguration", "logs:CreateLogDelivery"],
    frameworks: Frameworks {
        security_hub: &["NetworkFirewall.2"],
        config_rules: &["netfw-logging-enabled"],
        nist_800_53: &[
            "AC-2(4)", "AC-2(12)", "AC-4(26)", "AC-6(9)", "AU-2", "AU-3", "AU-6(3)", "AU-6(4)", "AU-9(7)",
            "AU-10", "AU-12", "CA-7", "SC-7(9)", "SI-3(8)", "SI-4", "SI-4(20)", "SI-7(8)",
        ],
        pci_dss_4: &["10.2.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("network-firewall:ListFirewalls", "Firewalls")?;
        let arns = listed.iter().filter_map(|firewall| firewall.text("FirewallArn"));
        Ok(arns.map(|arn| judge(context, place, arn)).collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, arn: &str) -> Verdict {
    resource(place, arn, |logging| {
        let output = place.get_for("network-firewall:DescribeLoggingConfiguration", arn)?;
        let configs =
            output.map_or(&[][..], |output| output.items("LoggingConfiguration.LogDestinationConfigs"));
        let on: Vec<&str> = configs.iter().filter_map(|config| config.text("LogType")).collect();
        let off: Vec<&str> = ["ALERT", "FLOW"].into_iter().filter(|kind| !on.contains(kind)).collect();
        logging.evidence(json!({"log_types": on}));
        logging.fix(fix(place, arn, configs, &off));
        if !off.is_empty() {
            logging.fault(format!("log types that are off: {}", listing(&off, 2)));
        }
        for config in configs {
            let kind = config.text("LogType").unwrap_or("?");
            match target(place, config) {
                Some(target) => {
                    logging.on(format!("{kind} logs go to {target}"));
                    logging.destination(target.liveness(context, place));
                }
                None => logging.fault(format!("{kind} logs name no destination")),
            }
        }
        Ok(())
    })
}

fn target(place: Place<'_>, config: &Value) -> Option<Target> {
    let to = |key: &str| config.at("LogDestination").and_then(|destination| destination.text(key));
    match config.text("LogDestinationType")? {
        "S3" => Some(Target::bucket(to("bucketName")?)),
        "CloudWatchLogs" => Some(Target::log_group(place, to("logGroup")?)),
        "KinesisDataFirehose" => Some(Target::delivery_stream(place, to("deliveryStream")?)),
        _ => None,
    }
}

/// The update replaces the whole configuration, and takes one change at a time: the command keeps what
/// is there and adds the first missing type.
fn fix(place: Place<'_>, arn: &str, configs: &[Value], off: &[&str]) -> String {
    let mut all: Vec<Value> = configs.to_vec();
    all.extend(off.first().map(|kind| {
        let destination = json!({"logGroup": "LOG_GROUP"});
        json!({"LogType": kind, "LogDestinationType": "CloudWatchLogs", "LogDestination": destination})
    }));
    format!(
        "aws network-firewall update-logging-configuration --region {} --firewall-arn {arn} \
         --logging-configuration '{}' (one log type at a time)",
        place.region,
        json!({"LogDestinationConfigs": all})
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    const ARN: &str = "arn:aws:network-firewall:eu-west-1:111111111111:firewall/edge";

    fn estate(configs: Value) -> Estate {
        Estate::new()
            .with(
                "network-firewall:ListFirewalls",
                "",
                json!({"Firewalls": [{"FirewallName": "edge", "FirewallArn": ARN}]}),
            )
            .with(
                "network-firewall:DescribeLoggingConfiguration",
                ARN,
                json!({"FirewallArn": ARN, "LoggingConfiguration": {"LogDestinationConfigs": configs}}),
            )
    }

    fn log(kind: &str, to: &str, key: &str, name: &str) -> Value {
        json!({"LogType": kind, "LogDestinationType": to, "LogDestination": {key: name}})
    }

    #[test]
    fn types_and_destinations() {
        let alert = || log("ALERT", "S3", "bucketName", "logs");
        let both = json!([alert(), log("FLOW", "KinesisDataFirehose", "deliveryStream", "flow")]);
        expect(
            &estate(both),
            &CHECK,
            Status::Pass,
            "ALERT logs go to bucket logs; FLOW logs go to delivery stream flow",
        );
        let one = expect(&estate(json!([alert()])), &CHECK, Status::Fail, "log types that are off: FLOW");
        let fix = one.remediation.unwrap();
        assert!(fix.contains("\"bucketName\":\"logs\"") && fix.contains("\"LogType\":\"FLOW\""), "{fix}");
        expect(&estate(json!([])), &CHECK, Status::Fail, "log types that are off: ALERT and FLOW");
        let dead = json!([alert(), log("FLOW", "CloudWatchLogs", "logGroup", "gone")]);
        expect(&estate(dead), &CHECK, Status::Fail, "log group gone does not exist");
        let nowhere = json!([alert(), log("FLOW", "CloudWatchLogs", "x", "app")]);
        expect(&estate(nowhere), &CHECK, Status::Fail, "FLOW logs name no destination");
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "network-firewall:DescribeLoggingConfiguration";
        expect_denied(&estate(json!([])).denied(action, ARN, action), &CHECK, action);
        expect_nothing(
            &Estate::new().with("network-firewall:ListFirewalls", "", json!({"Firewalls": []})),
            &CHECK,
        );
    }
}
