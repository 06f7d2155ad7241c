//! Alert and flow logs of Network Firewall, to log groups of their Region.
//! <https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging.html>

use serde_json::{Value, json};

use super::super::draft::{Draft, Scope};
use super::Groups;
use super::group;
use crate::check::Control;
use crate::desired::logs;
use crate::value::Json;

const CHECK: &str = "network-firewall-logging";

/// One step a firewall. Each call adds one kind of log, as the API takes one change at a time.
/// <https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_UpdateLoggingConfiguration.html>
pub(super) fn write(draft: &mut Draft<'_>, groups: &Groups<'_>) {
    for (region, all) in super::failing(draft, CHECK) {
        for failing in all {
            let call = "network-firewall:DescribeLoggingConfiguration";
            let Ok(output) = failing.place.get_for(call, failing.arn) else { continue };
            let path = "LoggingConfiguration.LogDestinationConfigs";
            let mut configs: Vec<Value> = output.map_or(Vec::new(), |output| output.items(path).to_vec());
            let off: Vec<&str> = ["ALERT", "FLOW"]
                .into_iter()
                .filter(|kind| super::with(&configs, "LogType", kind).is_none())
                .collect();
            if off.is_empty() {
                continue;
            }
            let name = format!("{}network-firewall", logs::VENDED);
            let Some(group) = groups.ensure(draft, failing.place, (&name, "Network Firewall")) else {
                continue;
            };
            let wanted = logs::deliveries(&draft.site.in_region(region));
            let Some(policy) = group::policy(draft, failing.place, &wanted) else { continue };
            let called = super::last(failing.arn);
            let title = format!("Log the traffic that the firewall {called} sees");
            let mut step = draft.step(region, &format!("firewall-{called}"), Control::Services, title);
            step.resource(failing.arn).needs(group.step).needs(policy);
            for kind in off {
                configs.push(json!({
                    "LogType": kind, "LogDestinationType": "CloudWatchLogs", "LogDestination": {"logGroup": name},
                }));
                step.call(
                    "network-firewall:UpdateLoggingConfiguration",
                    json!({
                        "FirewallArn": failing.arn,
                        "LoggingConfiguration": {"LogDestinationConfigs": configs.clone()},
                    }),
                );
            }
            step.covers_in(&Scope::Resource(failing.arn.to_owned()), &[CHECK]).words(
                "the former configuration is put back, a kind of log at a time; what was written stays",
                "no traffic is touched or slowed; alerts need a rule that alerts",
                super::VENDED_TO_LOGS,
                "network-firewall:DescribeLoggingConfiguration gives both kinds",
            );
            draft.add(step);
        }
    }
}
