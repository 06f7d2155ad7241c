//! Log groups that services write to, and the resource policies that let them.

use serde_json::json;

use super::super::draft::{Draft, Scope, tag_map};
use super::super::key::{self, Key};
use super::super::log_groups::period;
use crate::check::Control;
use crate::desired::logs::ResourcePolicy;
use crate::desired::{Merge, document, merge};
use crate::inventory::Place;
use crate::value::Json;

/// Resource policies that a Region of an account may have.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const POLICIES: usize = 10;

/// Makes log groups as they are wanted, each once.
pub(super) struct Groups<'k> {
    home: Option<&'k Key>,
}

/// A log group that is there, or will be.
pub(super) struct Group {
    /// Without the `:*` that some services want behind it.
    pub(super) arn: String,
    /// The step that makes it, where it has to be made.
    pub(super) step: String,
}

impl<'k> Groups<'k> {
    /// `home` is the key of the home Region.
    pub(super) fn new(home: Option<&'k Key>) -> Self {
        Self { home }
    }

    /// The log group of this name in this place. `None` where it is not known which there are.
    pub(super) fn ensure(
        &self,
        draft: &mut Draft<'_>,
        place: Place<'_>,
        (name, of): (&str, &str),
    ) -> Option<Group> {
        let there = place.list("logs:DescribeLogGroups", "logGroups").ok()?;
        let site = draft.site.in_region(place.region);
        let arn = site.arn("logs", &format!("log-group:{name}"));
        let step_name = format!("log-group-{}", name.trim_start_matches('/').replace('/', "-"));
        let id = draft.id(place.region, &step_name);
        let group = Group { arn: arn.clone(), step: id.clone() };
        if super::with(there, "logGroupName", name).is_some() || draft.has(&id) {
            return Some(group);
        }
        let key = match place.region == draft.site.region {
            true => self.home.map(|key| (key.arn.clone(), key.step.clone(), key.is_ready)),
            false => key::regional(draft, place).map(|key| (key.arn.clone(), key.step.clone(), key.is_ready)),
        };
        let title = format!("Make the log group {name} for {of}");
        let mut step = draft.step(place.region, &step_name, Control::Services, title);
        let mut input = json!({"logGroupName": name, "tags": tag_map()});
        if let Some((key, made_by, true)) = key {
            input["kmsKeyId"] = json!(key);
            step.needs(made_by);
        }
        step.resource(arn.clone()).call("logs:CreateLogGroup", input);
        if let Some(days) = period(draft.settings.retention_days) {
            step.call("logs:PutRetentionPolicy", json!({"logGroupName": name, "retentionInDays": days}));
        }
        step.covers_in(&Scope::Resource(arn), &["log-group-retention", "log-group-encryption"]).words(
            "it is deleted if nothing was written to it; else it is kept",
            "a new log group; nothing that exists changes",
            "0.03 USD for a GB and month that is kept",
            "logs:DescribeLogGroups gives it with key and retention",
        );
        draft.add(step);
        Some(group)
    }
}

/// The resource policy of CloudWatch Logs in this place, with the statement added that it lacks. `None`
/// where it is not known what there is, or there is no room.
pub(super) fn policy(draft: &mut Draft<'_>, place: Place<'_>, wanted: &ResourcePolicy) -> Option<String> {
    let all = place.list("logs:DescribeResourcePolicies", "resourcePolicies").ok()?;
    let id = draft.id(place.region, wanted.name);
    if draft.has(&id) {
        return Some(id);
    }
    let there = super::with(all, "policyName", wanted.name).and_then(|policy| policy.text("policyDocument"));
    if there.is_none() && all.len() >= POLICIES {
        return None;
    }
    let statement = std::slice::from_ref(&wanted.statement);
    let text = match there {
        None => document(statement),
        Some(there) => match merge(Some(there), statement) {
            Merge::Same => return Some(id),
            Merge::New(text) => text,
            Merge::Unreadable(_) => return None,
        },
    };
    let title = format!("Let {} write to the log groups of the baseline", who(wanted));
    let mut step = draft.step(place.region, wanted.name, Control::Services, title);
    step.resource(
        draft.site.in_region(place.region).arn("logs", &format!("resource-policy:{}", wanted.name)),
    )
    .call("logs:PutResourcePolicy", json!({"policyName": wanted.name, "policyDocument": text}))
    .words(
        "the policy is deleted, or the former one put back",
        "lets the service write to these log groups, for resources of this account",
        "none",
        "logs:DescribeResourcePolicies gives it",
    );
    draft.add(step);
    Some(id)
}

fn who(wanted: &ResourcePolicy) -> &str {
    match wanted.statement.text("Principal.Service") {
        Some("route53.amazonaws.com") => "Route 53",
        Some("es.amazonaws.com") => "OpenSearch",
        _ => "log deliveries",
    }
}
