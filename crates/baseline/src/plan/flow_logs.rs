//! Flow logs of VPCs, to the log bucket.

use std::collections::BTreeMap;

use serde_json::json;

use super::draft::{Draft, Scope, tags};
use crate::check::Control;
use crate::value::Json;

/// VPCs without good flow logs, by Region.
pub(super) type Missing = BTreeMap<String, Vec<String>>;

/// The VPCs of which the check says that they are not logged. One that has a flow log to the log bucket
/// already is left out: another one would say the same.
pub(super) fn missing(draft: &mut Draft<'_>) -> Missing {
    let bucket = draft.site.bucket_arn(&draft.site.log_bucket());
    let mut missing = Missing::new();
    let mut there = false;
    for result in draft.failures("vpc-flow-logs") {
        let Some((_, vpc)) = result.resource_arn.split_once(":vpc/") else { continue };
        let Some(place) = draft.inventory.place(&result.account_id, &result.region) else { continue };
        let Ok(logs) = place.list("ec2:DescribeFlowLogs", "FlowLogs") else { continue };
        let ours = |log: &&serde_json::Value| {
            log.text("ResourceId") == Some(vpc) && log.text("LogDestination") == Some(&bucket)
        };
        if logs.iter().any(|log| ours(&log)) {
            there = true;
            continue;
        }
        missing.entry(result.region.clone()).or_default().push(vpc.to_owned());
    }
    if there {
        draft.note("vpc-flow-logs", "the VPC has a flow log to the log bucket already; what keeps it from delivering is to be taken away first");
    }
    missing
}

/// One step a Region, with as many calls as there are VPCs in lots.
pub(super) fn write(draft: &mut Draft<'_>, missing: &Missing) {
    let site = draft.site.clone();
    let bucket = site.bucket_arn(&site.log_bucket());
    let bucket_step = draft.id(&site.region, "log-bucket");
    // Without the bucket there is nowhere to deliver to.
    if !draft.has(&bucket_step) && super::bucket::exists(draft.global, &site.log_bucket()) != Some(true) {
        return;
    }
    for (region, vpcs) in missing {
        let title = match vpcs.as_slice() {
            [one] => format!("Log the traffic of the VPC {one}"),
            many => format!("Log the traffic of {} VPCs", many.len()),
        };
        let mut step = draft.step(region, "flow-logs", Control::Services, title);
        let first = vpcs.first().map_or("", String::as_str);
        step.resource(site.in_region(region).arn("ec2", &format!("vpc/{first}"))).needs(bucket_step.clone());
        for lot in vpcs.chunks(25) {
            step.call(
                "ec2:CreateFlowLogs",
                json!({
                    "ResourceType": "VPC", "ResourceIds": lot, "TrafficType": "ALL",
                    "LogDestinationType": "s3", "LogDestination": bucket,
                    "TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": tags()}],
                }),
            );
        }
        step.covers_in(&Scope::Region(region.clone()), &["vpc-flow-logs"]).words(
            "the flow logs are deleted; files that they delivered stay",
            "no traffic is touched or slowed",
            "0.25 USD for a GB of flow logs (the first 10 TB), and the storage",
            "ec2:DescribeFlowLogs gives one for each VPC",
        );
        draft.add(step);
    }
}
