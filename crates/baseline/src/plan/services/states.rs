//! Execution logs of Step Functions, to a log group of their Region.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>

use serde_json::json;

use super::super::draft::{Draft, Scope};
use super::Groups;
use super::group;
use crate::check::Control;
use crate::desired::logs;
use crate::value::Json;

const CHECK: &str = "stepfunctions-logging";

/// The inline policy that lets the machine's role log.
const POLICY: &str = "trailkeep-state-machine-logs";

/// One step a machine: its role is given what it needs first.
pub(super) fn write(draft: &mut Draft<'_>, groups: &Groups<'_>) {
    draft.note(CHECK, "logging is on; its level and its destination are its owner's to change");
    for (region, all) in super::failing(draft, CHECK) {
        for failing in all {
            let Ok(Some(machine)) = failing.place.get_for("states:DescribeStateMachine", failing.arn) else {
                continue;
            };
            if machine.text("loggingConfiguration.level").is_some_and(|level| level != "OFF") {
                continue;
            }
            let role = machine.text("roleArn").and_then(|arn| arn.split_once(":role/"));
            let Some(role) = role.map(|(_, path)| super::last(path)) else { continue };
            let name = format!("{}states", logs::VENDED);
            let Some(group) = groups.ensure(draft, failing.place, (&name, "state machines")) else {
                continue;
            };
            let wanted = logs::deliveries(&draft.site.in_region(region));
            let Some(policy) = group::policy(draft, failing.place, &wanted) else { continue };
            let called = super::last(failing.arn);
            let title = format!("Log the executions of the state machine {called}");
            let mut step = draft.step(region, &format!("states-{called}"), Control::Services, title);
            // The execution's data stays out of the log: it may be anything.
            let configuration = json!({
                "level": "ALL", "includeExecutionData": false,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": format!("{}:*", group.arn)}}],
            });
            step.resource(failing.arn)
                .needs(group.step)
                .needs(policy)
                .call(
                    "iam:PutRolePolicy",
                    json!({
                        "RoleName": role, "PolicyName": POLICY,
                        "PolicyDocument": logs::state_machine_policy().to_string(),
                    }),
                )
                .call(
                    "states:UpdateStateMachine",
                    json!({"stateMachineArn": failing.arn, "loggingConfiguration": configuration}),
                )
                .covers_in(&Scope::Resource(failing.arn.to_owned()), &[CHECK])
                .words(
                    "logging is switched off again, and the role's policy deleted; what was written stays",
                    "the machine's role gets an inline policy for log deliveries; executions that run go on",
                    super::VENDED_TO_LOGS,
                    "states:DescribeStateMachine gives level and log group",
                );
            draft.add(step);
        }
    }
}
