//! Logs of web ACLs, to a log group of their Region.
//! <https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html>

use serde_json::json;

use super::super::draft::{Draft, Scope};
use super::Groups;
use super::group;
use crate::check::Control;
use crate::desired::logs;
use crate::inventory::{GLOBAL, Place};

const CHECK: &str = "waf-logging";

/// Web ACLs for CloudFront, and their logs, are in this Region.
const CLOUDFRONT: &str = "us-east-1";

/// One step a Region, and one for the web ACLs of CloudFront.
pub(super) fn write(draft: &mut Draft<'_>, groups: &Groups<'_>) {
    for (region, all) in super::failing(draft, CHECK) {
        let off: Vec<&str> = all.iter().filter(|acl| is_off(acl.place, acl.arn)).map(|acl| acl.arn).collect();
        let at = if region == GLOBAL { CLOUDFRONT } else { region };
        let Some(place) = draft.inventory.place(&draft.site.account, at) else { continue };
        if off.is_empty() {
            continue;
        }
        let Some(group) = groups.ensure(draft, place, (logs::WAF, "web ACLs")) else { continue };
        let Some(policy) = group::policy(draft, place, &logs::deliveries(&draft.site.in_region(at))) else {
            continue;
        };
        let name = if region == GLOBAL { "waf-logs-cloudfront" } else { "waf-logs" };
        let title = format!("Log the requests to {}", super::counted(off.len(), "web ACL"));
        let mut step = draft.step(at, name, Control::Services, title);
        step.needs(group.step).needs(policy);
        for arn in off {
            let configuration = json!({"ResourceArn": arn, "LogDestinationConfigs": [group.arn]});
            step.resource(arn)
                .call("wafv2:PutLoggingConfiguration", json!({"LoggingConfiguration": configuration}))
                .covers_in(&Scope::Resource(arn.to_owned()), &[CHECK]);
        }
        step.words(
            "the logging configuration is deleted; logs that were written stay",
            "no request is touched or slowed; headers (cookies, tokens) are in the log unless they are redacted",
            super::VENDED_TO_LOGS,
            "wafv2:GetLoggingConfiguration names the log group",
        );
        draft.add(step);
    }
}

fn is_off(place: Place<'_>, arn: &str) -> bool {
    place.get_for("wafv2:GetLoggingConfiguration", arn) == Ok(None)
}
