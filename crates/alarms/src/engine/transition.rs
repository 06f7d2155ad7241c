//! Changes of state, and actions to run.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::AlarmState;
use crate::composite::SuppressedBy;

/// Where a transition comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Evaluated here.
    Engine,
    /// An event of EventBridge, "CloudWatch Alarm State Change".
    EventBridge,
    /// An alarm's message to an SNS topic.
    Sns,
    /// A poll of `DescribeAlarms`.
    DescribeAlarms,
}

/// An alarm changed its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// `AlarmName`.
    pub alarm_name: String,
    /// `AlarmArn`, where it has one.
    pub alarm_arn: Option<String>,
    /// `MetricAlarm` or `CompositeAlarm`.
    pub alarm_type: String,
    /// The account, where it is known.
    pub account_id: Option<String>,
    /// The Region, where it is known.
    pub region: Option<String>,
    /// The state before, where it is known.
    pub from: Option<AlarmState>,
    /// The state now.
    pub to: AlarmState,
    /// When.
    pub time: DateTime<Utc>,
    /// Why, in CloudWatch's words.
    pub reason: String,
    /// Why, as data; null where there is none.
    pub reason_data: Value,
    /// Whether the alarm's actions are enabled.
    pub actions_enabled: bool,
    /// The actions for the new state, whether they run now or are held back.
    pub actions: Vec<String>,
    /// What holds the actions back.
    pub suppressed_by: Option<SuppressedBy>,
    /// `AlarmDescription`.
    pub description: Option<String>,
    /// What the alarm watches, as the source of the transition has it.
    pub configuration: Value,
    /// Where the transition comes from.
    pub origin: Origin,
}

/// Actions that are to be run now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionRun {
    /// `AlarmName`.
    pub alarm_name: String,
    /// `AlarmArn`, where it has one.
    pub alarm_arn: Option<String>,
    /// `MetricAlarm` or `CompositeAlarm`.
    pub alarm_type: String,
    /// The state that they are for.
    pub state: AlarmState,
    /// When the alarm went into it: with the alarm, what tells this run from others.
    pub since: DateTime<Utc>,
    /// ARNs, or names of channels.
    pub actions: Vec<String>,
    /// Why the alarm is in the state.
    pub reason: String,
    /// The same as data.
    pub reason_data: Value,
    /// What had held them back.
    pub released_from: Option<SuppressedBy>,
}

/// Region and account of an alarm's ARN, `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`.
pub fn scope_of_arn(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(7, ':');
    let (head, service) = (parts.next()?, parts.nth(1)?);
    let (region, account) = (parts.next()?, parts.next()?);
    (head == "arn" && service == "cloudwatch" && parts.next() == Some("alarm")).then_some((region, account))
}
