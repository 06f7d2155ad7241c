//! From an event to a person: finding, alarm, incident, channel, silence, on the binary.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use trailkeep_testkit::{Reply, ScriptedServer};

use crate::support::trailkeep;

struct Serve(Child);

impl Serve {
    /// Started, and listening.
    fn start(data: &Path) -> Self {
        let mut command = trailkeep(data);
        command.arg("--config").arg(data.join("trailkeep.toml")).arg("serve").stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let told = lines.by_ref().map_while(Result::ok).any(|line| line.contains("the console is at"));
        assert!(told, "serve ended before it listened");
        // Somebody has to read on, or the server blocks on a full pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self(child)
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn run(data: &Path, arguments: &[&str]) -> (bool, String, String) {
    let mut command = trailkeep(data);
    let output = command.arg("--config").arg(data.join("trailkeep.toml")).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

fn answer(data: &Path, arguments: &[&str]) -> Value {
    let (done, out, said) = run(data, arguments);
    assert!(done, "{arguments:?}: {said}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out} {said}"))
}

/// What the root user did to a trail just now.
fn record() -> Value {
    let at = Utc::now() - TimeDelta::seconds(60);
    json!({
        "eventVersion": "1.10", "eventTime": at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.15", "requestID": "r-1",
        "eventID": "0d2b3c4d-0000-4000-8000-000000000001", "readOnly": false, "eventType": "AwsApiCall",
        "managementEvent": true, "recipientAccountId": "111122223333", "eventCategory": "Management",
        "userIdentity": {"type": "Root", "principalId": "111122223333", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:root"},
        "requestParameters": {"name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"},
        "responseElements": null,
    })
}

fn config(logs: &Path, url: &str) -> String {
    format!(
        r#"
        [server]
        listen = "127.0.0.1:0"
        [sources.folder]
        paths = [{logs:?}]
        interval = "100ms"
        settle = "100ms"
        [respond]
        channels = ["hook"]
        [[respond.channel]]
        name = "hook"
        type = "webhook"
        url = "{url}"
        secret = "0123456789abcdef"
        allow_private = true
        [[respond.channel]]
        name = "pager"
        type = "webhook"
        url = "{url}/pager"
        secret = "0123456789abcdef"
        allow_private = true
        [[alarms.metric_filter]]
        filterName = "root-use"
        filterPattern = '{{ $.userIdentity.type = "Root" }}'
        metricTransformations = [{{ metricName = "RootUse", metricNamespace = "Security", metricValue = "1" }}]
        [[alarms.alarm]]
        AlarmName = "root-use"
        Namespace = "Security"
        MetricName = "RootUse"
        Statistic = "Sum"
        Period = 60
        EvaluationPeriods = 5
        DatapointsToAlarm = 1
        Threshold = 1.0
        ComparisonOperator = "GreaterThanOrEqualToThreshold"
        TreatMissingData = "notBreaching"
        AlarmActions = ["pager"]
        "#
    )
}

/// The path of a request's first line.
fn path_of(line: &str) -> &str {
    line.split(' ').nth(1).unwrap_or_default()
}

/// Waits for what the receiver was told.
async fn told(receiver: &ScriptedServer, what: impl Fn(&str, &Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let found = receiver.requests().into_iter().find_map(|request| {
            let body: Value = serde_json::from_slice(&request.body).ok()?;
            what(path_of(&request.line), &body).then_some(body)
        });
        if let Some(found) = found {
            return found;
        }
        let all: Vec<String> =
            receiver.requests().iter().map(|it| String::from_utf8_lossy(&it.body).into_owned()).collect();
        assert!(began.elapsed() < Duration::from_secs(100), "{all:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_becomes_a_finding_an_alarm_and_what_a_person_is_told() {
    let receiver = ScriptedServer::answering(|_| Reply::new(200, ""));
    let folder = tempfile::tempdir().unwrap();
    let (data, logs) = (folder.path().join("data"), folder.path().join("logs"));
    std::fs::create_dir_all(&data).unwrap();
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::write(data.join("trailkeep.toml"), config(&logs, &receiver.url())).unwrap();

    let (done, _, said) = run(&data, &["channels", "test", "pager"]);
    assert!(done && said.contains("pager took the message"), "{said}");
    told(&receiver, |path, body| path == "/pager" && body["action"] == "test").await;
    assert!(!run(&data, &["channels", "test", "nobody"]).0);

    let serve = Serve::start(&data);
    std::fs::write(logs.join("change.json"), json!({ "Records": [record()] }).to_string()).unwrap();
    // The rule about the trail, at once; the alarm, when its minute is over.
    let stopped = |body: &Value| body["action"] == "open" && body.to_string().contains("StopLogging");
    let rule = told(&receiver, |path, body| path == "/" && (stopped(body) || body["level"] == "high")).await;
    assert_eq!(rule["channel"], "hook");
    let alarm = told(&receiver, |path, body| path == "/pager" && body["action"] == "open").await;
    assert!(alarm["incidents"][0]["title"].to_string().contains("root-use is in ALARM"), "{alarm}");
    told(&receiver, |path, body| path == "/" && body.to_string().contains("root-use is in ALARM")).await;

    let alarms = answer(&data, &["alarms", "list", "-o", "json"]);
    assert_eq!((&alarms[0]["AlarmName"], &alarms[0]["StateValue"]), (&json!("root-use"), &json!("ALARM")));
    let history =
        answer(&data, &["query", "-o", "json", "SELECT history_item_type, new_state FROM alarm_history"]);
    let history = history.to_string();
    assert!(history.contains("Action") && history.contains("\"ALARM\""), "{history}");

    let incidents = answer(&data, &["incidents", "list", "--min-level", "high", "-o", "json"]);
    let one = incidents.as_array().unwrap().iter().find(|it| it["kind"] == "alarm").unwrap();
    let id = one["id"].as_str().unwrap();
    let taken = answer(&data, &["incidents", "acknowledge", id, "-o", "json"]);
    assert_eq!(taken[0]["status"], "acknowledged");
    // The server sees what another process did.
    told(&receiver, |_, body| body["action"] == "acknowledge").await;
    let added = answer(&data, &["silences", "add", "rule=root-*", "level=low", "--for", "8h", "-o", "json"]);
    assert!(added[0]["matcher"].to_string().contains("root-*"), "{added}");
    let number = added[0]["id"].to_string();
    assert!(run(&data, &["silences", "end", &number]).0);
    assert_eq!(answer(&data, &["silences", "list", "-o", "json"]), json!([]));
    assert!(
        run(&data, &["silences", "add", "colour=red", "--for", "8h"]).2.contains("colour"),
        "unknown labels"
    );
    drop(serve);
}
