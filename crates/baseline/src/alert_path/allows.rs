//! Whether a resource's policy, and the key it is encrypted with, let a service hand something to it.

use super::path::{Judged, Trouble, dead};
use super::target::Sender;
use crate::estate::keys;
use crate::inventory::{Place, Unknown};
use crate::policy::{Decision, Policy, Request};

/// What is asked of the policy.
pub(crate) struct Ask<'a> {
    /// The policy's text.
    pub(crate) policy: Option<&'a str>,
    /// The IAM action.
    pub(crate) action: &'a str,
    /// The ARN of the resource.
    pub(crate) resource: &'a str,
    /// For the reason: `topic alerts`.
    pub(crate) label: &'a str,
}

/// The policy lets the sender do this.
pub(crate) fn policy(sender: &Sender<'_>, ask: &Ask<'_>) -> Judged {
    let refused = |why: &str| dead(format!("{} {why} {} ({})", ask.label, sender.who(), ask.action));
    let Some(text) = ask.policy else { return refused("has no policy that lets in") };
    match decide(text, sender, ask.action, ask.resource) {
        Ok(Decision::Allow) => Ok(()),
        Ok(Decision::Deny) => refused("has a policy that denies"),
        Ok(Decision::NoMatch) => refused("has a policy that does not let in"),
        Err(error) => Err(Trouble::Unknown(Unknown {
            call: ask.action.to_owned(),
            missing_action: None,
            reason: format!("the policy of {} cannot be read: {error}", ask.label),
        })),
    }
}

fn decide(
    text: &str,
    sender: &Sender<'_>,
    action: &str,
    resource: &str,
) -> Result<Decision, crate::policy::PolicyError> {
    let policy = Policy::parse(text)?;
    let conditions: Vec<(&str, &str)> =
        sender.conditions.iter().map(|(key, value)| (*key, value.as_str())).collect();
    Ok(policy.decide(&Request { principal: sender.principal, action, resource, conditions: &conditions }))
}

/// A topic or queue that is encrypted with this key takes messages from the sender: the sender must
/// be allowed to use the key. The policy of an AWS managed key (`alias/aws/sns`) lets no other service
/// in and cannot be changed.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>
pub(crate) fn key(place: Place<'_>, name: Option<&str>, sender: &Sender<'_>, label: &str) -> Judged {
    let Some(name) = name else { return Ok(()) };
    let managed = |name: &str| name.starts_with("alias/aws/") || name.contains(":alias/aws/");
    let sealed = || {
        dead(format!(
            "{label} is encrypted with an AWS managed key ({name}), which {} may not use",
            sender.who()
        ))
    };
    if managed(name) {
        return sealed();
    }
    let key = keys::find(place.inventory, place, name)?;
    if key.is_aws_managed() {
        return sealed();
    }
    if !key.is_enabled() {
        return dead(format!("{label} is encrypted with a key that is {} ({name})", key.state()));
    }
    let text = key.policy()?;
    for action in ["kms:GenerateDataKey", "kms:Decrypt"] {
        policy(
            sender,
            &Ask { policy: text, action, resource: &key.arn, label: &format!("the key of {label}") },
        )?;
    }
    Ok(())
}
