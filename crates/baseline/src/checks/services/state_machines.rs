//! Logs of Step Functions state machines.

use serde_json::json;

use super::destination::Target;
use super::logging::resource;
use super::nist;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "stepfunctions-logging",
    control: Control::Services,
    title: "Every Step Functions state machine logs",
    severity: Severity::Medium,
    why: "Executions of express workflows leave no history at all, those of standard ones for 90 days; logs \
          keep what was done. https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
    expected: "log level ALL or ERROR, and a live log group",
    remediation: "aws stepfunctions update-state-machine --state-machine-arn ARN --logging-configuration \
                  '{\"level\":\"ALL\",\"includeExecutionData\":true,\"destinations\":[{\
                  \"cloudWatchLogsLogGroup\":{\"logGroupArn\":\"LOG_GROUP_ARN:*\"}}]}'",
    fix_calls: &["states:UpdateStateMachine", "logs:CreateLogDelivery", "logs:PutResourcePolicy"],
    frameworks: Frameworks {
        security_hub: &["StepFunctions.1"],
        config_rules: &["step-functions-state-machine-logging-enabled"],
        nist_800_53: nist::TRAFFIC,
        pci_dss_4: &["10.4.2"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("states:ListStateMachines", "stateMachines")?;
        let arns = listed.iter().filter_map(|machine| machine.text("stateMachineArn"));
        Ok(arns.map(|arn| judge(context, place, arn)).collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, arn: &str) -> Verdict {
    resource(place, arn, |logging| {
        let configuration = json!({"level": "ALL", "includeExecutionData": true,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "LOG_GROUP_ARN:*"}}]});
        logging.fix(format!(
            "aws stepfunctions update-state-machine --region {} --state-machine-arn {arn} \
             --logging-configuration '{configuration}'",
            place.region
        ));
        let Some(machine) = place.get_for("states:DescribeStateMachine", arn)? else {
            logging.fault("it is listed, but is not there any more");
            return Ok(());
        };
        let level = machine.text("loggingConfiguration.level").unwrap_or("OFF");
        let data = machine.flag("loggingConfiguration.includeExecutionData");
        logging.evidence(json!({"level": level, "includeExecutionData": data}));
        match level {
            "ALL" | "ERROR" => {}
            "OFF" => {
                logging.fault("logging is off");
                return Ok(());
            }
            other => logging.fault(format!("only events of level {other} are logged")),
        }
        let destinations = machine.items("loggingConfiguration.destinations");
        if destinations.is_empty() {
            logging.fault("its logging has no destination");
        }
        for destination in destinations {
            let arn = destination.text("cloudWatchLogsLogGroup.logGroupArn").unwrap_or_default();
            match Target::parse(arn) {
                Some(target) => {
                    logging.on(format!("events of level {level} are logged to {target}"));
                    logging.destination(target.liveness(context, place));
                }
                None => logging.fault(format!("its destination {arn:?} is no log group")),
            }
        }
        if !data {
            logging.note("without execution data (includeExecutionData is off)");
        }
        if level == "ERROR" && machine.text("type") == Some("EXPRESS") {
            logging.note("executions of this express workflow that succeed leave no trace");
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    const ARN: &str = "arn:aws:states:eu-west-1:111111111111:stateMachine:pay";

    fn estate(logging: Value) -> Estate {
        Estate::new()
            .with("states:ListStateMachines", "", json!({"stateMachines": [{"stateMachineArn": ARN}]}))
            .with(
                "states:DescribeStateMachine",
                ARN,
                json!({"type": "EXPRESS", "loggingConfiguration": logging}),
            )
    }

    fn to(level: &str, arn: &str, data: bool) -> Estate {
        estate(json!({"level": level, "includeExecutionData": data,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": format!("{arn}:*")}}]}))
    }

    #[test]
    fn levels_and_destinations() {
        let all = expect(
            &to("ALL", &group_arn(), true),
            &CHECK,
            Status::Pass,
            "level ALL are logged to log group app",
        );
        assert!(!all.observed.contains("note"), "{}", all.observed);
        let errors = to("ERROR", &group_arn(), false);
        expect(
            &errors,
            &CHECK,
            Status::Pass,
            "includeExecutionData is off); executions of this express workflow",
        );
        expect(&to("FATAL", &group_arn(), true), &CHECK, Status::Fail, "only events of level FATAL");
        expect(&to("ALL", &dead_group_arn(), true), &CHECK, Status::Fail, "log group gone does not exist");
        expect(&estate(json!({"level": "ALL", "destinations": []})), &CHECK, Status::Fail, "no destination");
        expect(&estate(json!({"level": "OFF"})), &CHECK, Status::Fail, "logging is off");
        let off = expect(&estate(Value::Null), &CHECK, Status::Fail, "logging is off");
        assert!(off.remediation.unwrap().contains(ARN));
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "states:DescribeStateMachine";
        expect_denied(&estate(Value::Null).denied(action, ARN, action), &CHECK, action);
        expect_nothing(
            &Estate::new().with("states:ListStateMachines", "", json!({"stateMachines": []})),
            &CHECK,
        );
    }
}
