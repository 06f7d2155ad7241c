//! The KMS key of logs, log group and topic.

use serde_json::{Value, json};

use super::draft::{Draft, RUN};
use super::step::reference;
use super::trail::{Subject, Wants};
use crate::check::Control;
use crate::desired::{Merge, Site, TAG, document, key, merge};
use crate::inventory::Place;
use crate::value::Json;

/// The key: its ARN, and the step that makes it where it is not there yet.
pub(super) struct Key {
    /// The ARN, or what stands for it.
    pub(super) arn: String,
    /// The id of the step that makes or changes it.
    pub(super) step: String,
    /// Its policy lets in all whom the baseline needs, or will.
    pub(super) is_ready: bool,
}

/// Makes the key of the home Region, or adds to its policy. `None` where nothing wants it, or it is not
/// known whether it is there.
pub(super) fn write(draft: &mut Draft<'_>, subject: &Subject<'_, '_>, wants: &Wants) -> Option<Key> {
    let (site, home) = (draft.site.clone(), draft.home);
    let trails = [subject.trail_arn(&site)];
    match target(draft, home)? {
        Some(id) => Some(existing(draft, home, id, &key::service_statements(&site, &trails))),
        None if wants.key => {
            let title = format!("Make a KMS key for logs ({})", site.key_alias());
            Some(new(draft, &site, title, &key::statements(&site, &trails)))
        }
        None => None,
    }
}

/// The key of another Region, which log groups there are encrypted with: made once it is wanted. `None`
/// where it is not known whether it is there.
pub(super) fn regional(draft: &mut Draft<'_>, place: Place<'_>) -> Option<Key> {
    let site = draft.site.in_region(place.region);
    let statements = key::region_statements(&site);
    match target(draft, place)? {
        Some(id) => Some(existing(draft, place, id, &statements[1..])),
        None => {
            let title = format!("Make a KMS key for the log groups of this Region ({})", site.key_alias());
            Some(new(draft, &site, title, &statements))
        }
    }
}

/// The id of the key that the alias of this place names; `None` where aliases are not known.
fn target<'a>(draft: &Draft<'_>, place: Place<'a>) -> Option<Option<&'a str>> {
    let aliases = place.list("kms:ListAliases", "Aliases").ok()?;
    let alias = aliases.iter().find(|item| item.text("AliasName") == Some(draft.site.key_alias()));
    Some(alias.and_then(|item| item.text("TargetKeyId")))
}

fn new(draft: &mut Draft<'_>, site: &Site, title: String, statements: &[Value]) -> Key {
    let region = site.region.as_str();
    let id = draft.id(region, "key");
    let arn = reference(&id, "KeyMetadata.Arn");
    let key = Key { arn: arn.clone(), step: id.clone(), is_ready: true };
    if draft.has(&id) {
        return key;
    }
    let mut step = draft.step(region, "key", Control::Bucket, title);
    step.resource(site.arn("kms", site.key_alias()))
        .call(
            "kms:CreateKey",
            json!({
                "Description": format!("Logs of CloudTrail, VPC and alarms ({TAG} {RUN})"),
                "Policy": document(statements), "Tags": [{"TagKey": TAG, "TagValue": RUN}],
            }),
        )
        .call("kms:EnableKeyRotation", json!({"KeyId": arn}))
        .call("kms:CreateAlias", json!({"AliasName": site.key_alias(), "TargetKeyId": arn}))
        .words(
            "the alias is deleted and the key scheduled for deletion in 30 days, unless logs are encrypted with it",
            "nothing that exists uses it; who reads the logs needs kms:Decrypt on it",
            "1 USD a month, and 0.03 USD for 10,000 uses (few, with bucket keys)",
            "kms:DescribeKey says Enabled; kms:GetKeyRotationStatus says true",
        );
    draft.add(step);
    key
}

fn existing(draft: &mut Draft<'_>, place: Place<'_>, id: &str, wanted: &[Value]) -> Key {
    let site = draft.site.in_region(place.region);
    let arn = site.arn("kms", &format!("key/{id}"));
    let mut key = Key { arn: arn.clone(), step: draft.id(&site.region, "key"), is_ready: false };
    let text = match place.get_for("kms:GetKeyPolicy", &arn) {
        Ok(Some(output)) => output.text("Policy"),
        // The policy of a key that nothing refers to yet is not asked for. An earlier run that ended
        // early made it, with the policy that it needs.
        _ => {
            key.is_ready = true;
            return key;
        }
    };
    match merge(text, wanted) {
        Merge::Same => key.is_ready = true,
        Merge::New(_) if draft.has(&key.step) => key.is_ready = true,
        Merge::New(policy) => {
            key.is_ready = true;
            let mut step =
                draft.step(&site.region, "key", Control::Bucket, "Let the services use the key for logs");
            step.resource(arn.clone()).call("kms:PutKeyPolicy", put(&arn, &policy)).words(
                "the former policy is put back",
                "adds statements for services that write logs or alarms of this account",
                "none",
                "kms:GetKeyPolicy gives the statements",
            );
            draft.add(step);
        }
        Merge::Unreadable(_) => {}
    }
    key
}

fn put(arn: &str, policy: &str) -> Value {
    json!({"KeyId": arn, "PolicyName": "default", "Policy": policy})
}
