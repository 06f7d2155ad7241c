//! What an alarm or a rule hands its events to, and whether that is alive.

use super::allows::{self, Ask};
use super::path::{Hop, HopKind, Judged, Trouble, dead};
use super::topic::{self, function_exists, function_name};
use crate::inventory::{Inventory, Place, Unknown};
use crate::policy::Principal;
use crate::value::Json;

/// Who hands something on, as policies see it.
#[derive(Clone, Debug)]
pub(crate) struct Sender<'a> {
    /// CloudWatch or EventBridge, or the account whose rule sends to a bus of another.
    pub(crate) principal: Principal<'a>,
    /// The keys that policies may put conditions on.
    pub(crate) conditions: Vec<(&'static str, String)>,
    origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Alarm,
    Rule,
    Logs,
    Account,
}

/// A target as judged.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The target and, of a topic, its subscription; each with its state.
    pub(crate) hops: Vec<(Hop, Judged)>,
    /// Somebody, or a program of theirs, hears of it. Scaling and stopping machines tells nobody, and
    /// a log group is only a record.
    pub(crate) tells: bool,
}

impl Target {
    fn one(hop: Hop, judged: Judged, tells: bool) -> Self {
        Self { hops: vec![(hop, judged)], tells }
    }

    /// The first reason why it is not alive; what is known to be broken before what is not known.
    pub(crate) fn trouble(&self) -> Option<&Trouble> {
        let troubles = || self.hops.iter().filter_map(|(_, judged)| judged.as_ref().err());
        troubles().find(|trouble| matches!(trouble, Trouble::Dead(_))).or_else(|| troubles().next())
    }
}

impl Sender<'_> {
    /// An alarm. `AWS:SourceOwner` is what the policy that a topic is born with asks for; CloudWatch
    /// sets it, EventBridge does not.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html>
    pub(crate) fn alarm(place: Place<'_>, arn: &str) -> Self {
        let account = place.account_id();
        Self {
            principal: Principal::Service("cloudwatch.amazonaws.com"),
            conditions: vec![
                ("aws:SourceArn", arn.to_owned()),
                ("aws:SourceAccount", account.to_owned()),
                ("aws:SourceOwner", account.to_owned()),
                ("aws:SecureTransport", "true".to_owned()),
            ],
            origin: Origin::Alarm,
        }
    }

    /// A rule of EventBridge.
    pub(crate) fn rule(place: Place<'_>, arn: &str) -> Self {
        Self {
            principal: Principal::Service("events.amazonaws.com"),
            conditions: vec![
                ("aws:SourceArn", arn.to_owned()),
                ("aws:SourceAccount", place.account_id().to_owned()),
                ("aws:SecureTransport", "true".to_owned()),
            ],
            origin: Origin::Rule,
        }
    }

    /// A subscription filter of CloudWatch Logs.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>
    pub(crate) fn logs(place: Place<'_>, log_group_arn: &str) -> Self {
        Self {
            principal: Principal::Service("logs.amazonaws.com"),
            conditions: vec![
                ("aws:SourceArn", format!("{log_group_arn}:*")),
                ("aws:SourceAccount", place.account_id().to_owned()),
            ],
            origin: Origin::Logs,
        }
    }

    /// As a topic, and the key of a topic, sees it. EventBridge tells these nothing of where it comes
    /// from, so that a statement with a condition on the source never lets it in.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions>
    /// <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>
    pub(super) fn to_topic(&self) -> Self {
        let mut sender = self.clone();
        if sender.origin == Origin::Rule {
            sender.conditions.retain(|(key, _)| !key.starts_with("aws:Source"));
        }
        sender
    }

    /// As the key of a topic sees it: SNS encrypts with the topic in the context.
    /// <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>
    pub(super) fn encrypting_for(mut self, topic_arn: &str) -> Self {
        self.conditions.push(("kms:EncryptionContext:aws:sns:topicArn", topic_arn.to_owned()));
        self
    }

    pub(crate) fn who(&self) -> &'static str {
        match self.origin {
            Origin::Alarm => "CloudWatch alarms",
            Origin::Rule => "EventBridge",
            Origin::Logs => "CloudWatch Logs",
            Origin::Account => "the account",
        }
    }
}

impl<'a> Sender<'a> {
    /// An account that sends to another account's event bus.
    pub(crate) fn account(root_arn: &'a str, organization: Option<&str>) -> Self {
        let organization = organization.map(|id| ("aws:PrincipalOrgID", id.to_owned()));
        Self {
            principal: Principal::Aws(root_arn),
            conditions: organization.into_iter().collect(),
            origin: Origin::Account,
        }
    }
}

/// Trouble: the resource lies where the inventory does not reach.
pub(super) fn outside(call: &str, label: &str, arn: &str) -> Trouble {
    Trouble::Unknown(Unknown {
        call: call.to_owned(),
        missing_action: None,
        reason: format!("{label} is in an account or Region that is not part of the inventory ({arn})"),
    })
}

/// Judges the target of this ARN.
pub(crate) fn judge(inventory: &Inventory, arn: &str, sender: &Sender<'_>) -> Target {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let (service, resource) = (parts.get(2).copied().unwrap_or(""), parts.get(5).copied().unwrap_or(""));
    let last = resource.rsplit([':', '/']).next().unwrap_or(resource);
    let simple = |kind| Target::one(Hop::new(kind, last, arn), Ok(()), true);
    match service {
        "sns" => {
            let hop = Hop::new(HopKind::Topic, topic::name_of(arn), arn);
            let first = (hop, topic::takes(inventory, arn, sender));
            Target { hops: vec![first, topic::subscribers(inventory, arn)], tells: true }
        }
        "sqs" => Target::one(Hop::new(HopKind::Queue, last, arn), queue(inventory, arn, sender), true),
        "lambda" => {
            let name = function_name(arn);
            Target::one(Hop::new(HopKind::Function, name, arn), function(inventory, arn, sender), true)
        }
        "kinesis" | "firehose" => {
            Target::one(Hop::new(HopKind::Target, last, arn), stream(inventory, arn, service, last), true)
        }
        "states" => Target::one(Hop::new(HopKind::StateMachine, last, arn), machine(inventory, arn), true),
        "logs" => {
            let name = resource.trim_start_matches("log-group:").trim_end_matches(":*");
            Target::one(
                Hop::new(HopKind::LogGroup, name, arn),
                log_group(inventory, arn, name, sender),
                false,
            )
        }
        "ssm" if resource.starts_with("opsitem") => simple(HopKind::OpsItem),
        "ssm-incidents" => simple(HopKind::Incident),
        "automate" | "swf" | "autoscaling" => {
            Target::one(Hop::new(HopKind::Machine, last, arn), Ok(()), false)
        }
        "" => Target::one(
            Hop::new(HopKind::Target, arn, arn),
            dead(format!("target {arn} is not an ARN")),
            true,
        ),
        _ => simple(HopKind::Target),
    }
}

fn queue(inventory: &Inventory, arn: &str, sender: &Sender<'_>) -> Judged {
    let call = "sqs:GetQueueAttributes";
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let label = format!("queue {name}");
    let place = inventory.place_of(arn).ok_or_else(|| outside(call, &label, arn))?;
    let path = format!("/{}/{name}", place.account_id());
    let found = place.each(call).find(|(url, answer)| {
        let named = answer.as_ref().ok().and_then(|output| output.as_ref()?.text("Attributes.QueueArn"));
        named == Some(arn) || url.ends_with(&path)
    });
    let Some((_, answer)) = found else {
        return Err(Trouble::Unknown(Unknown {
            call: call.to_owned(),
            missing_action: None,
            reason: format!("{label} was not asked for its attributes"),
        }));
    };
    let Some(output) = answer? else { return dead(format!("{label} does not exist")) };
    let ask = Ask {
        policy: output.text("Attributes.Policy"),
        action: "sqs:SendMessage",
        resource: arn,
        label: &label,
    };
    allows::policy(sender, &ask)?;
    allows::key(place, output.text("Attributes.KmsMasterKeyId"), sender, &label)
}

fn function(inventory: &Inventory, arn: &str, sender: &Sender<'_>) -> Judged {
    let call = "lambda:GetPolicy";
    let name = function_name(arn);
    let label = format!("function {name}");
    let place = inventory.place_of(arn).ok_or_else(|| outside(call, &label, arn))?;
    if !function_exists(place, arn)? {
        return dead(format!("{label} does not exist"));
    }
    let policy = place.get_for(call, name)?.and_then(|output| output.text("Policy"));
    let mut sender = sender.clone();
    if sender.origin == Origin::Alarm {
        // Alarms call functions under a name of their own.
        sender.principal = Principal::Service("lambda.alarms.cloudwatch.amazonaws.com");
    }
    allows::policy(&sender, &Ask { policy, action: "lambda:InvokeFunction", resource: arn, label: &label })
}

/// Streams need only exist: what sends to them does so under a role of its own.
fn stream(inventory: &Inventory, arn: &str, service: &str, name: &str) -> Judged {
    let (call, list) = match service {
        "kinesis" => ("kinesis:ListStreams", "StreamNames"),
        _ => ("firehose:ListDeliveryStreams", "DeliveryStreamNames"),
    };
    let label = format!("stream {name}");
    let place = inventory.place_of(arn).ok_or_else(|| outside(call, &label, arn))?;
    let names = place.get(call)?.map(|output| output.texts(list)).unwrap_or_default();
    if names.contains(&name) { Ok(()) } else { dead(format!("{label} does not exist")) }
}

fn machine(inventory: &Inventory, arn: &str) -> Judged {
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let label = format!("state machine {name}");
    let place = inventory.place_of(arn).ok_or_else(|| outside("states:ListStateMachines", &label, arn))?;
    let machines = place.list("states:ListStateMachines", "stateMachines")?;
    let found = machines.iter().any(|machine| machine.text("stateMachineArn") == Some(arn));
    if found { Ok(()) } else { dead(format!("{label} does not exist")) }
}

fn log_group(inventory: &Inventory, arn: &str, name: &str, sender: &Sender<'_>) -> Judged {
    let label = format!("log group {name}");
    let place = inventory.place_of(arn).ok_or_else(|| outside("logs:DescribeLogGroups", &label, arn))?;
    let groups = place.list("logs:DescribeLogGroups", "logGroups")?;
    if !groups.iter().any(|group| group.text("logGroupName") == Some(name)) {
        return dead(format!("{label} does not exist"));
    }
    let policies = place.list("logs:DescribeResourcePolicies", "resourcePolicies")?;
    let stream = format!("{}:log-stream:any", arn.trim_end_matches(":*"));
    let action = "logs:PutLogEvents";
    let allowed = policies.iter().any(|policy| {
        let policy = policy.text("policyDocument");
        allows::policy(sender, &Ask { policy, action, resource: &stream, label: &label }).is_ok()
    });
    if allowed {
        return Ok(());
    }
    dead(format!("no resource policy of the Region lets {} write to {label}", sender.who()))
}
