//! The log group that the trail sends its events to, and the role with which it does.

use serde_json::json;

use super::draft::{Draft, Scope, tag_map, tags};
use super::key::Key;
use super::log_groups::period;
use super::trail::Wants;
use crate::check::Control;
use crate::desired::role;
use crate::inventory::GLOBAL;
use crate::value::Json;

/// The role with which CloudTrail writes to the log group.
pub(super) fn role(draft: &mut Draft<'_>, wants: &Wants) {
    if !wants.log_group {
        return;
    }
    let site = draft.site.clone();
    let name = site.role();
    let title = format!("Make the role {name} with which CloudTrail writes to the log group");
    let mut step = draft.step(GLOBAL, &format!("role-{}", site.region), Control::Trail, title);
    step.resource(site.role_arn())
        .call(
            "iam:CreateRole",
            json!({
                "RoleName": name, "AssumeRolePolicyDocument": role::trust(&site).to_string(),
                "Description": "CloudTrail writes its events to CloudWatch Logs with it", "Tags": tags(),
            }),
        )
        .call(
            "iam:PutRolePolicy",
            json!({
                "RoleName": name, "PolicyName": role::POLICY_NAME,
                "PolicyDocument": role::policy(&site).to_string(),
            }),
        )
        .covers(&["trail-log-group"])
        .words(
            "the role and its policy are deleted",
            "a new role that CloudTrail alone can take on, for one log group",
            "none",
            "iam:GetRole and iam:GetRolePolicy give what was set",
        );
    draft.add(step);
}

/// The log group.
pub(super) fn write(draft: &mut Draft<'_>, wants: &Wants, key: Option<&Key>) {
    let site = draft.site.clone();
    let Ok(groups) = draft.home.list("logs:DescribeLogGroups", "logGroups") else { return };
    let name = site.log_group();
    let there = groups.iter().find(|group| group.text("logGroupName") == Some(name));
    if there.is_none() && !wants.log_group {
        return;
    }
    let days = period(draft.settings.retention_days);
    let arn = site.log_group_arn();
    let title = match there {
        None => format!("Make the log group {name} for the trail"),
        Some(_) => format!("Complete the settings of the log group {name}"),
    };
    let mut step = draft.step(&site.region, "log-group", Control::Trail, title);
    step.resource(arn.clone());
    let key = key.filter(|key| key.is_ready);
    match there {
        None => {
            let mut input = json!({"logGroupName": name, "tags": tag_map()});
            if let Some(key) = key {
                input["kmsKeyId"] = json!(key.arn);
            }
            step.call("logs:CreateLogGroup", input);
        }
        Some(group) => {
            if let Some(key) = key.filter(|_| group.text("kmsKeyId").is_none()) {
                step.call("logs:AssociateKmsKey", json!({"logGroupName": name, "kmsKeyId": key.arn}));
            }
        }
    }
    let kept = match there {
        None => Some(0),
        Some(group) => group.int("retentionInDays"),
    };
    if let (Some(kept), Some(days)) = (kept, days)
        && kept < draft.settings.retention_days
    {
        step.call("logs:PutRetentionPolicy", json!({"logGroupName": name, "retentionInDays": days}));
    }
    if let Some(key) = key {
        step.needs(key.step.clone());
    }
    step.covers(&["trail-log-group"])
        .covers_in(&Scope::Resource(arn), &["log-group-retention", "log-group-encryption"])
        .words(
            "it is deleted if CloudTrail has written nothing to it; else it is kept",
            "a new log group; nothing that exists changes",
            "0.50 USD for a GB that is written, 0.03 USD for a GB and month that is kept",
            "logs:DescribeLogGroups gives it with key and retention",
        );
    draft.add(step);
}
