//! The alarm path: alarms, the topics they speak to, the rules that forward events.
//! Source: API references of CloudWatch, SNS and EventBridge.

use sonic_rs::{JsonContainerTrait, Value};

use super::{Facts, Family, and_list, event_name, request};
use crate::{json, words};

pub(super) static FAMILY: Family = Family {
    prefix: "alarm",
    sources: &["monitoring.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"],
    events: &[
        "PutMetricAlarm",
        "PutCompositeAlarm",
        "DeleteAlarms",
        "DisableAlarmActions",
        "SetAlarmState",
        "DeleteTopic",
        "Unsubscribe",
        "SetTopicAttributes",
        "DisableRule",
        "DeleteRule",
        "RemoveTargets",
    ],
    facts: &[
        ("alarm.names", "the alarms"),
        ("alarm.silent", "the alarm is set so that it tells nobody: its actions are off, or it has none"),
    ],
    derive,
};

fn derive(record: &Value, facts: &mut Facts) {
    let name = event_name(record);
    let asked = request(record);
    let mut names: Vec<String> = json::texts(asked, &["alarmNames"]).into_iter().map(str::to_owned).collect();
    names.extend(json::text(asked, &["alarmName"]).map(str::to_owned));
    if matches!(name, "PutMetricAlarm" | "PutCompositeAlarm") && asked.as_object().is_some() {
        let off = json::flag(asked, &["actionsEnabled"]) == Some(false);
        facts.flag("alarm.silent", off || json::list(asked, &["alarmActions"]).is_empty());
    }
    let alarms = and_list(&names, 5);
    let rule = json::text(asked, &["rule"]).or_else(|| json::text(asked, &["name"])).unwrap_or("a rule");
    let topic = json::text(asked, &["topicArn"]).unwrap_or("a topic");
    facts.summary = Some(match name {
        "DeleteAlarms" => format!("deleted alarm {alarms}"),
        "DisableAlarmActions" => format!("switched off the actions of alarm {alarms}"),
        "SetAlarmState" => {
            let state = json::text(asked, &["stateValue"]).unwrap_or("a state");
            format!("set alarm {alarms} to {state} by hand")
        }
        "DeleteTopic" => format!("deleted topic {topic}"),
        "Unsubscribe" => {
            format!("removed subscription {}", json::text(asked, &["subscriptionArn"]).unwrap_or_default())
        }
        "SetTopicAttributes" => {
            format!(
                "changed {} of topic {topic}",
                json::text(asked, &["attributeName"]).unwrap_or("an attribute")
            )
        }
        "DisableRule" => format!("disabled event rule {rule}"),
        "DeleteRule" => format!("deleted event rule {rule}"),
        "RemoveTargets" => format!("removed targets from event rule {rule}"),
        _ => words::in_words(name, Some(&alarms)),
    });
    facts.texts("alarm.names", names);
}

#[cfg(test)]
mod tests {
    use super::super::{Fact, derive};
    use super::*;

    fn silent(request: &str) -> Option<Fact> {
        let record = format!(
            r#"{{"eventSource":"monitoring.amazonaws.com","eventName":"PutMetricAlarm","requestParameters":{request}}}"#
        );
        derive(&json::parse(&record).unwrap()).get("alarm.silent").cloned()
    }

    #[test]
    fn an_alarm_without_actions_tells_nobody() {
        assert_eq!(silent(r#"{"alarmName":"a","alarmActions":[]}"#), Some(Fact::Bool(true)));
        assert_eq!(
            silent(r#"{"alarmName":"a","alarmActions":["t"],"actionsEnabled":false}"#),
            Some(Fact::Bool(true))
        );
        assert_eq!(
            silent(r#"{"alarmName":"a","alarmActions":["t"],"actionsEnabled":true}"#),
            Some(Fact::Bool(false))
        );
    }
}
