use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::parse_time;

const ARN: &str = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:cpu";

fn event(state: &str, time: &str) -> Value {
    json!({
        "version": "0", "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92", "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch", "account": "111122223333", "time": "2026-11-25T06:00:05Z", "region": "us-east-1",
        "resources": [ARN],
        "detail": {
            "alarmName": "cpu",
            "configuration": { "description": "busy", "metrics": [{ "id": "m1" }] },
            "previousState": { "value": "OK", "reason": "before", "timestamp": "2026-11-25T05:00:00.000+0000" },
            "state": { "value": state, "reason": "Threshold Crossed: 1 datapoint", "reasonData": "{\"version\":\"1.0\"}", "timestamp": time },
        },
    })
}

fn notification(state: &str, time: &str) -> Value {
    json!({
        "AlarmName": "cpu", "AlarmDescription": null, "AWSAccountId": "111122223333", "NewStateValue": state,
        "NewStateReason": "Threshold Crossed: 1 datapoint", "StateChangeTime": time, "Region": "US East (N. Virginia)",
        "AlarmArn": ARN, "OldStateValue": "OK", "AlarmActions": ["arn:aws:sns:us-east-1:111122223333:t"],
        "Trigger": { "MetricName": "CPUUtilization" },
    })
}

fn described(state: &str, transitioned: &str, updated: &str) -> Value {
    json!({ "MetricAlarms": [{
        "AlarmName": "cpu", "AlarmArn": ARN, "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average",
        "Period": 300, "EvaluationPeriods": 1, "Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold",
        "StateValue": state, "StateReason": "Threshold Crossed: 1 datapoint", "StateUpdatedTimestamp": updated,
        "StateTransitionedTimestamp": transitioned, "AlarmActions": ["arn:aws:sns:us-east-1:111122223333:t"],
    }] })
}

fn poll(watcher: &mut Watcher, answer: &Value) -> Vec<Transition> {
    watcher.poll(Poll::read(answer, &PollScope::default()).unwrap())
}

#[test]
fn events_and_messages_are_read_in_any_envelope() {
    let time = "2026-11-25T06:00:04.653+0000";
    let plain = event("ALARM", time);
    let found = read_message(&plain.to_string()).unwrap();
    assert_eq!((found.alarm_name.as_str(), found.alarm_arn.as_deref()), ("cpu", Some(ARN)));
    assert_eq!(
        (found.from, found.to, found.time),
        (Some(AlarmState::Ok), AlarmState::Alarm, parse_time(time).unwrap())
    );
    assert_eq!(
        (found.account_id.as_deref(), found.region.as_deref()),
        (Some("111122223333"), Some("us-east-1"))
    );
    assert_eq!(
        (found.reason_data, found.description.as_deref()),
        (json!({ "version": "1.0" }), Some("busy"))
    );
    let sns = json!({ "Type": "Notification", "Message": notification("ALARM", time).to_string() });
    let sqs = json!({ "MessageId": "1", "Body": sns.to_string() });
    for text in [notification("ALARM", time).to_string(), sns.to_string(), sqs.to_string()] {
        let found = read_message(&text).unwrap();
        assert_eq!(
            (found.origin, found.region.as_deref(), found.to),
            (Origin::Sns, Some("us-east-1"), AlarmState::Alarm)
        );
        assert_eq!(found.actions, ["arn:aws:sns:us-east-1:111122223333:t"]);
    }
    let wrapped = json!({ "Type": "Notification", "Message": plain.to_string() });
    assert_eq!(read_message(&wrapped.to_string()).unwrap().origin, Origin::EventBridge);
    let mut composite = event("ALARM", time);
    composite["detail"]["configuration"] = json!({ "alarmRule": "ALARM(a)" });
    composite["detail"]["state"]["actionsSuppressedBy"] = json!("WaitPeriod");
    let found = read_message(&composite.to_string()).unwrap();
    assert_eq!(
        (found.alarm_type.as_str(), found.suppressed_by),
        ("CompositeAlarm", Some(SuppressedBy::WaitPeriod))
    );
}

use crate::composite::SuppressedBy;

/// An envelope as SNS puts it into a queue that takes no raw messages.
fn envelope(subject: &str, message: &Value) -> String {
    json!({
        "Type": "Notification", "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:alarms", "Subject": subject, "Message": message.to_string(),
        "Timestamp": "2026-11-25T06:00:05.100Z", "SignatureVersion": "1", "Signature": "EXAMPLE==",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-x.pem",
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=x",
        "MessageAttributes": { "Message": { "Type": "String", "Value": "a name that must not mislead" } },
    })
    .to_string()
}

/// What a queue's messages hold, however they came into it.
#[test]
fn bodies_of_queues_are_read() {
    let time = "2026-11-25T06:00:04.653+0000";
    let (event, message) = (event("ALARM", time), notification("ALARM", time));
    let composite = json!({
        "AlarmName": "any", "AlarmDescription": "of \"all\"", "AWSAccountId": "111122223333", "NewStateValue": "OK",
        "NewStateReason": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:cpu transitioned to OK", "StateChangeTime": time,
        "Region": "US East (N. Virginia)", "AlarmArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:any",
        "OldStateValue": "ALARM", "OKActions": ["arn:aws:sns:us-east-1:111122223333:t"], "AlarmActions": [],
        "AlarmRule": "ALARM(cpu)", "TriggeringChildren": [{ "Arn": ARN, "State": { "Value": "OK", "Timestamp": time } }],
    });
    for (what, body, origin, kind) in [
        ("a target of EventBridge", event.to_string(), Origin::EventBridge, "MetricAlarm"),
        ("EventBridge over SNS", envelope("", &event), Origin::EventBridge, "MetricAlarm"),
        (
            "an alarm over SNS",
            envelope("ALARM: \"cpu\" in US East (N. Virginia)", &message),
            Origin::Sns,
            "MetricAlarm",
        ),
        ("an alarm over SNS, raw", message.to_string(), Origin::Sns, "MetricAlarm"),
        ("a composite alarm over SNS", envelope("OK: \"any\"", &composite), Origin::Sns, "CompositeAlarm"),
        ("a composite alarm over SNS, raw", composite.to_string(), Origin::Sns, "CompositeAlarm"),
    ] {
        let found = read_message(&body).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((found.origin, found.alarm_type.as_str()), (origin, kind), "{what}");
        assert_eq!(found.time, parse_time(time).unwrap(), "{what}");
        assert_eq!(
            found.from,
            Some(if kind == "MetricAlarm" { AlarmState::Ok } else { AlarmState::Alarm }),
            "{what}"
        );
        let place = (found.account_id.as_deref(), found.region.as_deref());
        assert_eq!(place, (Some("111122223333"), Some("us-east-1")), "{what}");
        // Over whatever ways it comes, it is one change.
        let mut watcher = Watcher::new();
        assert!(watcher.take(found.clone()).is_some() && watcher.take(found).is_none(), "{what}");
    }
    let mut changed = event.clone();
    changed["detail-type"] = json!("CloudWatch Alarm Configuration Change");
    let confirmation = json!({ "Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe to the topic x." });
    for body in [
        changed.to_string(),
        envelope("", &changed),
        confirmation.to_string(),
        json!({ "Event": "s3:TestEvent" }).to_string(),
    ] {
        assert!(read_message(&body).is_err(), "{body}");
    }
}

#[test]
fn what_is_no_change_of_an_alarm_says_so() {
    let mut nameless = event("ALARM", "2026-11-25T06:00:00Z");
    nameless["detail"]["alarmName"] = Value::Null;
    let mut timeless = event("ALARM", "soon");
    timeless["time"] = json!("later");
    for (text, part) in [
        ("".to_owned(), "no JSON"),
        ("[]".to_owned(), "neither an event"),
        (json!({ "detail-type": "EC2 Instance State-change Notification" }).to_string(), "neither an event"),
        (json!({ "Message": "hello" }).to_string(), "no JSON"),
        (event("FINE", "2026-11-25T06:00:00Z").to_string(), "no usable state"),
        (nameless.to_string(), "no usable alarm name"),
        (timeless.to_string(), "no usable time"),
        ("x".repeat(LARGEST_TEST), "bytes"),
    ] {
        let error = read_message(&text).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

const LARGEST_TEST: usize = 3 * 1024 * 1024;

#[test]
fn a_change_is_told_once_however_it_is_heard_of() {
    let mut watcher = Watcher::new();
    let time = "2026-11-25T06:00:04.653+0000";
    let first = read_message(&event("ALARM", time).to_string()).unwrap();
    assert!(watcher.take(first.clone()).is_some());
    assert!(watcher.take(first).is_none());
    let message = read_message(&notification("ALARM", "2026-11-25T06:00:04.650+0000").to_string()).unwrap();
    assert!(watcher.take(message).is_none());
    assert_eq!(poll(&mut watcher, &described("ALARM", time, "2026-11-25T07:00:00Z")), []);
    // The event of its end was lost: the poll sees it.
    let found = poll(&mut watcher, &described("OK", "2026-11-25T06:30:00Z", "2026-11-25T06:30:00Z"));
    assert_eq!((found.len(), found[0].from, found[0].to), (1, Some(AlarmState::Alarm), AlarmState::Ok));
    // And the event comes late after all.
    let late = read_message(&event("OK", "2026-11-25T06:30:00.400+0000").to_string()).unwrap();
    assert!(watcher.take(late).is_none());
    assert_eq!(watcher.state(ARN), Some(AlarmState::Ok));
}

#[test]
fn the_first_poll_tells_only_of_alarms() {
    for (state, told) in [("ALARM", 1), ("OK", 0), ("INSUFFICIENT_DATA", 0)] {
        let mut watcher = Watcher::new();
        let answer = described(state, "2026-11-25T06:00:00Z", "2026-11-25T06:00:00Z");
        assert_eq!(poll(&mut watcher, &answer).len(), told, "{state}");
        assert_eq!(poll(&mut watcher, &answer).len(), 0);
    }
}

#[test]
fn a_poll_that_is_behind_the_events_tells_nothing() {
    let mut watcher = Watcher::new();
    watcher.take(read_message(&event("ALARM", "2026-11-25T06:10:00Z").to_string()).unwrap());
    assert_eq!(poll(&mut watcher, &described("OK", "2026-11-25T06:00:00Z", "2026-11-25T06:00:00Z")), []);
}

#[test]
fn alarms_that_cannot_be_read_do_not_hide_the_others() {
    let mut answer = described("ALARM", "2026-11-25T06:00:00Z", "2026-11-25T06:00:00Z");
    answer["MetricAlarms"].as_array_mut().unwrap().insert(0, json!({ "AlarmName": "new kind" }));
    let poll = Poll::read(&answer, &PollScope::default()).unwrap();
    assert_eq!((poll.states.len(), poll.unread.len()), (1, 1));
    assert!(poll.unread[0].to_string().starts_with("alarm 'new kind': "), "{}", poll.unread[0]);
}

#[test]
fn memory_is_bounded_and_survives_a_restart() {
    let mut watcher = Watcher::new();
    let at = |seconds: i64| DateTime::from_timestamp(1_795_586_400 + seconds, 0).unwrap();
    for n in 0..MOST_ALARMS as i64 + 10 {
        watcher.see(&format!("a{n}"), AlarmState::Ok, at(n));
    }
    assert!(watcher.seen.len() <= MOST_ALARMS && watcher.state("a0").is_none());
    assert_eq!(watcher.state(&format!("a{}", MOST_ALARMS + 9)), Some(AlarmState::Ok));
    let mut one = Watcher::new();
    for n in 0..100 {
        one.see("a", AlarmState::Ok, at(n * 10));
    }
    assert_eq!(one.seen["a"].len(), MOST_CHANGES);
    let again: Watcher = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert_eq!(again, one);
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(text in r#"\{("(Message|Body|detail-type|AlarmName|NewStateValue)":("[a-zA-Z {}]{0,12}"|[0-9]|null),?){0,4}\}"#) {
        let _ = read_message(&text);
    }

    #[test]
    fn in_any_order_each_change_is_told_once(mut order in Just((0..12).collect::<Vec<i64>>()).prop_shuffle()) {
        let mut watcher = Watcher::new();
        order.extend(order.clone());
        let told = order.iter().filter(|n| {
            let state = if *n % 2 == 0 { AlarmState::Alarm } else { AlarmState::Ok };
            let time = DateTime::from_timestamp(1_795_586_400 + *n * 60, 0).unwrap();
            watcher.take(bare("a".to_owned(), state, time, Origin::EventBridge)).is_some()
        });
        prop_assert_eq!(told.count(), 12);
    }
}
