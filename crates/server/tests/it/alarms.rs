//! Alarms: from an event to a state, an incident and a page; what people and programs do to them.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use trailkeep_alarms::definition::{AlarmEntry, MetricFilter};
use trailkeep_server::config::AlarmsConfig;
use trailkeep_state::{AlarmHistoryFilter, AlarmOrigin, AuditFilter, IncidentFilter, IncidentKind, NewAlarm};

use crate::stand::{Stand, file, record, until, uuid};

const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
const ARN: &str = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:cpu/high";

/// The root user did something in the last full minute.
pub(crate) fn root_use(n: u32) -> Vec<u8> {
    let time = (Utc::now() - TimeDelta::seconds(60)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let identity = json!({ "type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333" });
    file(&[record(&uuid(n), "GetBucketAcl", json!({ "userIdentity": identity, "eventTime": time }))])
}

pub(crate) fn metric(name: &str, changes: Value) -> Value {
    let mut value = json!({
        "AlarmName": name, "Namespace": "Test", "MetricName": "root", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    });
    value.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    value
}

/// Alarms of one's own on the root user's events.
pub(crate) fn own(alarms: &[Value]) -> AlarmsConfig {
    let filter = json!({
        "filterName": "root", "filterPattern": "{ $.userIdentity.type = \"Root\" }", "table": "cloudtrail_logs",
        "metricTransformations": [{ "metricName": "root", "metricNamespace": "Test", "metricValue": "1" }],
    });
    AlarmsConfig {
        alarms: alarms.iter().map(|alarm| AlarmEntry::from_value(alarm).unwrap()).collect(),
        filters: vec![MetricFilter::from_value(&filter).unwrap()],
        ..AlarmsConfig::default()
    }
}

async fn state_of(stand: &Stand, id: &str) -> String {
    stand.state.alarms().get(id).await.unwrap().state
}

pub(crate) async fn in_state(stand: &Stand, id: &str, state: &str) {
    until(&format!("{id} to be in {state}"), async || state_of(stand, id).await == state).await;
}

async fn incidents_of(stand: &Stand, alarm: &str) -> usize {
    let filter = IncidentFilter {
        kind: Some(IncidentKind::Alarm),
        rule_id: Some(alarm.to_owned()),
        ..IncidentFilter::default()
    };
    stand.state.incidents().list(&filter, 10, None).await.unwrap().rows.len()
}

pub(crate) async fn post(stand: &Stand, path: &str, form: &[(&str, &str)]) -> (StatusCode, String) {
    stand.post("/alarms/simulate", path, "", form).await
}

#[tokio::test]
async fn an_event_becomes_an_alarm_an_incident_and_a_graph() {
    let stand = Stand::alarming(AlarmsConfig::builtin().unwrap()).await;
    let name = "trailkeep-root-use";
    in_state(&stand, name, "OK").await;
    stand.load("test://root", root_use(1)).await;
    in_state(&stand, name, "ALARM").await;
    until("the incident", async || incidents_of(&stand, name).await == 1).await;

    let (status, list) = stand.get("/alarms").await;
    assert_eq!(status, 200);
    let first = list.split("<tbody>").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(first.contains("In alarm") && first.contains(name), "those in ALARM come first: {first}");
    assert!(
        first.contains("Sum of Trailkeep/trailkeep-root-use ≥ 1 for 1 of 1 period of 1 minute"),
        "{first}"
    );
    assert!(!list.contains("style=\""), "no page has a style of its own");
    assert!(!stand.get("/alarms?state=OK").await.1.contains(&format!("href=\"/alarms/{name}\"")));
    assert!(stand.get("/alarms?name=trailkeep-root").await.1.contains(name));
    assert!(stand.get("/alarms?name=root").await.1.contains("No alarm fits this filter"));
    assert_eq!(stand.get("/alarms?state=FINE").await.0, 400);
    assert_eq!(stand.get("/alarms?skip=x").await.0, 400);

    let (status, page) = stand.get(&format!("/alarms/{name}")).await;
    assert_eq!(status, 200);
    for expected in [
        "In alarm",
        "Threshold Crossed",
        "class=\"threshold\"",
        "class=\"tint\"",
        "class=\"window\"",
        "class=\"mark breaching\"",
        "class=\"state alarm\"",
        "How it was evaluated",
        "Reason data",
        "Alarm &quot;trailkeep-root-use&quot; created",
        "/incidents?rule=trailkeep-root-use",
    ] {
        assert!(page.contains(expected), "{expected} is missing: {page}");
    }
    for range in ["1h", "12h", "7d"] {
        assert_eq!(stand.get(&format!("/alarms/{name}?range={range}")).await.0, 200, "{range}");
    }
    assert_eq!(stand.get(&format!("/alarms/{name}?range=2y")).await.0, 400);
    let (_, updates) = stand.get(&format!("/alarms/{name}?item=StateUpdate")).await;
    assert!(!updates.contains("created"), "{updates}");
    assert_eq!(stand.get(&format!("/alarms/{name}?item=Nothing")).await.0, 400);
    assert_eq!(stand.get(&format!("/alarms/{name}?after=x")).await.0, 400);
    stand.stop().await;
}

#[tokio::test]
async fn each_state_has_its_page_and_composites_know_their_children() {
    let alarms = own(&[
        metric("loud", json!({})),
        metric("calm", json!({ "MetricName": "none" })),
        metric("blind", json!({ "MetricName": "none", "TreatMissingData": "missing" })),
        json!({ "AlarmName": "either", "AlarmRule": "ALARM(loud) OR ALARM(gone)" }),
    ]);
    let stand = Stand::alarming(alarms).await;
    stand.load("test://root", root_use(1)).await;
    in_state(&stand, "either", "ALARM").await;
    in_state(&stand, "calm", "OK").await;
    for (name, word) in
        [("loud", "In alarm"), ("calm", "OK"), ("blind", "Insufficient data"), ("either", "In alarm")]
    {
        let (status, page) = stand.get(&format!("/alarms/{name}")).await;
        let lead = page.split("lead-box").nth(1).unwrap().split("since").next().unwrap();
        assert!(status == 200 && lead.contains(word), "{name}: {lead}");
    }
    let (_, page) = stand.get("/alarms/either").await;
    assert!(
        page.contains("Speaks of") && page.contains("href=\"/alarms/loud\"") && page.contains("not here"),
        "{page}"
    );
    assert!(page.contains("ALARM(loud) OR ALARM(gone)") && !page.contains("class=\"threshold\""), "{page}");
    let (_, page) = stand.get("/alarms/loud").await;
    assert!(page.contains("Named by") && page.contains("href=\"/alarms/either\""), "{page}");
    let (_, page) = stand.get("/alarms/calm").await;
    assert!(
        page.contains("missing, taken as not breaching") && page.contains("no datapoint in this range"),
        "{page}"
    );
    let (_, list) = stand.get("/alarms").await;
    assert!(list.contains("either speaks of gone, and there is no such alarm"), "{list}");
    let (status, page) = stand.get("/alarms/nothing").await;
    assert!(status == 404 && page.contains("no alarm <code>nothing</code>"), "{page}");
    stand.stop().await;
}

#[tokio::test]
async fn without_alarms_the_page_says_how_to_get_some() {
    let stand = Stand::open().await;
    let (status, page) = stand.get("/alarms").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("No alarms yet")
            && page.contains("builtin = true")
            && page.contains("trailkeep alarms import"),
        "{page}"
    );
    assert_eq!(stand.get("/alarms/simulate").await.0, 200);
    stand.stop().await;
}

#[tokio::test]
async fn hostile_names_and_reasons_are_text() {
    let stand = Stand::alarming(own(&[
        metric(EVIL, json!({ "AlarmDescription": EVIL, "AlarmActions": [EVIL] })),
        json!({ "AlarmName": "simulate", "AlarmRule": format!("ALARM({:?})", EVIL.replace('"', "")) }),
        metric("..", json!({})),
    ]))
    .await;
    let arn = format!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:{EVIL}");
    assert_eq!(heard(&stand, &arn, EVIL, EVIL, Utc::now()).await, json!({ "new": true }));
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let paths = [
        "/alarms".to_owned(),
        format!("/alarms/{}", encoded(EVIL)),
        format!("/alarms/{}", encoded(&arn)),
        format!("/alarms/-?id={}", encoded(EVIL)),
        "/alarms/-?id=simulate".to_owned(),
        "/alarms/-?id=..".to_owned(),
        format!("/alarms/simulate?id={}", encoded(EVIL)),
        format!("/alarms?name={0}&account={0}&region={0}", encoded(EVIL)),
    ];
    for path in paths {
        let (status, page) = stand.get(&path).await;
        assert_eq!(status, 200, "{path}: {page}");
        assert!(
            !page.contains("<script>") && !page.contains("<img") && !page.contains("\"'>"),
            "{path}:\n{page}"
        );
    }
    for path in [
        format!("/alarms?state={0}&origin={0}&skip={0}", encoded(EVIL)),
        format!("/alarms/x{}", encoded(EVIL)),
    ] {
        let (_, page) = stand.get(&path).await;
        assert!(!page.contains("<script>") && !page.contains("<img"), "{path}:\n{page}");
    }
    let wrong = [("definition", EVIL), ("datapoints", EVIL), ("state", EVIL), ("at", EVIL)];
    let (_, page) = post(&stand, "/alarms/simulate", &wrong).await;
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"), "{page}");
    stand.stop().await;
}

#[tokio::test]
async fn actions_are_switched_and_states_set_by_hand() {
    let stand = Stand::alarming(own(&[metric("loud", json!({}))])).await;
    in_state(&stand, "loud", "OK").await;
    assert!(stand.get("/alarms/loud").await.1.contains("Switch off"));
    let (status, _) = post(&stand, "/alarms/loud", &[("act", "disable")]).await;
    assert_eq!(status, 303);
    let page = stand.get("/alarms/loud").await.1;
    assert!(
        page.contains("Switch on")
            && page.contains(
                "&quot;ActionsEnabled&quot;</span><span class=\"p\">: </span><span class=\"l\">false"
            ),
        "{page}"
    );
    assert!(stand.get("/alarms").await.1.contains("actions off"));
    stand.load("test://root", root_use(1)).await;
    in_state(&stand, "loud", "ALARM").await;
    assert_eq!(incidents_of(&stand, "loud").await, 0, "whose actions are off, disturbs nobody");

    // Over a restart, too; until a person switches them on again.
    let folder = stand.stop_keeping().await;
    let stand = Stand::alarming_in(folder, own(&[metric("loud", json!({}))])).await;
    assert!(stand.get("/alarms/loud").await.1.contains("Switch on"));
    post(&stand, "/alarms/loud", &[("act", "enable")]).await;
    let set = [("act", "set_state"), ("state", "INSUFFICIENT_DATA"), ("reason", "testing <b>the pager</b>")];
    let (status, _) = post(&stand, "/alarms/loud", &set).await;
    assert_eq!(status, 303);
    let page = stand.get("/alarms/loud").await.1;
    assert!(page.contains("testing &lt;b&gt;the pager&lt;/b&gt;"), "{page}");
    for wrong in [
        [("act", "set_state"), ("state", "FINE"), ("reason", "x")],
        [("act", "set_state"), ("state", "OK"), ("reason", " ")],
        [("act", "explode"), ("state", ""), ("reason", "")],
    ] {
        assert_eq!(post(&stand, "/alarms/loud", &wrong).await.0, 400, "{wrong:?}");
    }
    assert_eq!(post(&stand, "/alarms/nothing", &[("act", "enable")]).await.0, 404);
    let log = stand.state.audit().list(&AuditFilter::default(), 50, None).await.unwrap();
    let acts: Vec<&str> =
        log.iter().map(|entry| entry.action.as_str()).filter(|act| act.starts_with("alarm.")).collect();
    assert_eq!(acts, ["alarm.set_state", "alarm.enable_actions", "alarm.disable_actions"]);
    assert_eq!(log[0].object, "alarm:loud");
    stand.stop().await;
}

/// Sends a change of a state as EventBridge tells it.
async fn heard(stand: &Stand, arn: &str, name: &str, reason: &str, time: chrono::DateTime<Utc>) -> Value {
    let event = json!({
        "version": "0", "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92", "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch", "account": "111122223333", "time": "2026-11-25T06:00:05Z", "region": "us-east-1",
        "resources": [arn],
        "detail": {
            "alarmName": name,
            "previousState": { "value": "OK", "reason": "before" },
            "state": { "value": "ALARM", "reason": reason, "reasonData": "{\"version\":\"1.0\"}",
                       "timestamp": time.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string() },
        },
    });
    let sent = stand.request(Method::POST, "/ingest/v1/alarms").json(&event).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    sent.json().await.unwrap()
}

#[tokio::test]
async fn what_cloudwatch_tells_twice_is_taken_once() {
    let stand = Stand::alarming(own(&[])).await;
    let now = Utc::now();
    let definition = json!({
        "AlarmName": "cpu/high", "AlarmArn": ARN, "Namespace": "AWS/EC2", "MetricName": "CPUUtilization",
        "Statistic": "Average", "Period": 300, "EvaluationPeriods": 1, "Threshold": 80.0,
        "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": ["arn:aws:sns:us-east-1:111122223333:ops"],
    });
    let imported = NewAlarm {
        id: ARN.to_owned(),
        name: "cpu/high".to_owned(),
        kind: "MetricAlarm".to_owned(),
        origin: AlarmOrigin::Import,
        account_id: Some("111122223333".to_owned()),
        region: Some("us-east-1".to_owned()),
        definition: definition.to_string(),
        state: "OK".to_owned(),
        reason: "fine".to_owned(),
        reason_data: "{}".to_owned(),
        updated_at: now - TimeDelta::hours(5),
        transitioned_at: now - TimeDelta::hours(5),
    };
    stand.state.alarms().put(&[imported], now).await.unwrap();
    assert_eq!(heard(&stand, ARN, "cpu/high", "too hot", now).await, json!({ "new": true }));
    assert_eq!(heard(&stand, ARN, "cpu/high", "too hot", now).await, json!({ "new": false }));
    assert_eq!(state_of(&stand, ARN).await, "ALARM");
    until("the incident", async || incidents_of(&stand, "cpu/high").await == 1).await;
    let filter = AlarmHistoryFilter { id: Some(ARN.to_owned()), ..AlarmHistoryFilter::default() };
    assert_eq!(stand.state.alarms().history(&filter, 10, None).await.unwrap().items.len(), 1);

    let path = "/alarms/arn:aws:cloudwatch:us-east-1:111122223333:alarm:cpu%2Fhigh";
    assert!(stand.get("/alarms?account=111122223333").await.1.contains(&format!("href=\"{path}\"")));
    let (status, page) = stand.get(path).await;
    assert_eq!(status, 200);
    for expected in [
        "too hot",
        "CloudWatch evaluates this alarm",
        "class=\"state alarm\"",
        "class=\"state fine\"",
        "CloudWatch runs its actions",
        "arn:aws:sns:us-east-1:111122223333:ops",
    ] {
        assert!(page.contains(expected), "{expected} is missing: {page}");
    }
    assert!(!page.contains("class=\"threshold\"") && !page.contains("Set state"), "{page}");
    let (status, page) = post(&stand, path, &[("act", "disable")]).await;
    assert!(status == 400 && page.contains("CloudWatch evaluates cpu/high"), "{page}");

    // An alarm that nobody imported has its history all the same.
    let other = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:other";
    heard(&stand, other, "other", "too cold", now).await;
    let (status, page) = stand.get(&format!("/alarms/{other}")).await;
    assert!(status == 200 && page.contains("too cold") && page.contains("never imported"), "{page}");
    stand.stop().await;
}

#[tokio::test]
async fn a_restart_keeps_the_state_and_counts_nothing_twice() {
    let alarms = || own(&[metric("loud", json!({}))]);
    let event = root_use(1);
    let stand = Stand::alarming(alarms()).await;
    stand.load("test://root", event.clone()).await;
    in_state(&stand, "loud", "ALARM").await;
    let count = |stand: &Stand| -> Vec<f64> {
        let now = Utc::now();
        let live = stand.backend.alarms.as_ref().unwrap();
        let points = live.series("loud", now - TimeDelta::hours(1), now).unwrap();
        points.iter().map(|point| point.value).collect()
    };
    assert_eq!(count(&stand), [1.0]);
    let filter = AlarmHistoryFilter { id: Some("loud".to_owned()), ..AlarmHistoryFilter::default() };
    let before = stand.state.alarms().history(&filter, 100, None).await.unwrap().items;
    let folder = stand.stop_keeping().await;

    let stand = Stand::alarming_in(folder, alarms()).await;
    assert_eq!(state_of(&stand, "loud").await, "ALARM");
    until("the samples", async || !count(&stand).is_empty()).await;
    // A second passes, in which the engine looks.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(count(&stand), [1.0], "the event is in the snapshot and in the lake, and counts once");
    stand.load("test://again", event).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(count(&stand), [1.0], "the lake knows the event");
    let after = stand.state.alarms().history(&filter, 100, None).await.unwrap().items;
    assert_eq!(after, before, "the alarm is not made again, and has not changed");
    assert_eq!(incidents_of(&stand, "loud").await, 1);
    stand.stop().await;
}

#[tokio::test]
async fn definitions_that_change_between_two_starts_are_in_the_history() {
    let stand = Stand::alarming(own(&[
        metric("same", json!({})),
        metric("other", json!({})),
        metric("gone", json!({})),
    ]))
    .await;
    in_state(&stand, "same", "OK").await;
    let folder = stand.stop_keeping().await;
    let alarms = || {
        own(&[
            metric("same", json!({})),
            metric("other", json!({ "Threshold": 9 })),
            metric("new", json!({})),
        ])
    };
    let stand = Stand::alarming_in(folder, alarms()).await;
    // A third start changes nothing.
    let stand = Stand::alarming_in(stand.stop_keeping().await, alarms()).await;
    let summaries = async |id: &str| -> Vec<String> {
        let filter = AlarmHistoryFilter {
            id: Some(id.to_owned()),
            item_type: Some("ConfigurationUpdate".to_owned()),
            ..AlarmHistoryFilter::default()
        };
        let items = stand.state.alarms().history(&filter, 100, None).await.unwrap().items;
        items.into_iter().map(|item| item.summary.split(' ').next_back().unwrap().to_owned()).collect()
    };
    assert_eq!(summaries("same").await, ["created"]);
    assert_eq!(summaries("other").await, ["updated", "created"]);
    assert_eq!(summaries("gone").await, ["deleted", "created"]);
    assert_eq!(summaries("new").await, ["created"]);
    let (status, page) = stand.get("/alarms/gone").await;
    assert!(status == 200 && page.contains("it was removed"), "{page}");
    stand.stop().await;
}
