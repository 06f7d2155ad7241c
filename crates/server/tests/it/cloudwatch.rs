//! The calls of CloudWatch and SQS that alarms need, on moto.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures::StreamExt;
use serde_json::{Value, json};
use trailkeep_alarms::definition::alarms_from_value;
use trailkeep_alarms::metric_data::Fetching;
use trailkeep_alarms::watch::{Poll, PollScope, Watcher, read_message};
use trailkeep_alarms::{AlarmState, Engine, EngineLimits};
use trailkeep_aws::api::services::{cloudwatch, sns, sqs};
use trailkeep_aws::api::{Client, Operation};
use trailkeep_aws::{Aws, AwsOptions, Credentials, RetryPolicy};
use trailkeep_server::alarming::cloudwatch::{CloudWatch, Received, WatchedAccount};
use trailkeep_testkit::{Reply, ScriptedServer, moto};

const ACCOUNT: &str = "123456789012";
const HOME: &str = "us-east-1";

async fn client(endpoint: &str) -> Client {
    let options = AwsOptions {
        region: Some(HOME.to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        credentials: Some(Credentials::new("testkit", "testkit-secret", None, None, "test")),
        retry: RetryPolicy {
            max_attempts: 2,
            base: Duration::from_millis(1),
            max_wait: Duration::from_millis(5),
            deadline: Duration::from_secs(20),
        },
        ..AwsOptions::default()
    };
    Aws::load(options).await.unwrap().api()
}

fn watched(account_id: &str, client: &Client, regions: &[&str]) -> WatchedAccount {
    let regions = regions.iter().map(|region| (*region).to_owned()).collect();
    WatchedAccount { account_id: account_id.to_owned(), client: client.clone(), regions }
}

async fn ok(client: &Client, operation: &'static Operation, region: &str, input: Value) -> Value {
    client.call_all(operation, region, &input).await.unwrap_or_else(|error| panic!("{error}"))
}

fn alarm(name: &str) -> Value {
    json!({
        "AlarmName": name, "Namespace": "Watched", "MetricName": name, "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 2, "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold",
    })
}

/// The changes that a poll brings, and the places that could not be asked.
async fn poll(cloudwatch: &CloudWatch, watcher: &mut Watcher) -> (Vec<(String, AlarmState)>, Vec<String>) {
    let (mut changes, mut failed) = (Vec::new(), Vec::new());
    let answers: Vec<(PollScope, Result<Value, String>)> = cloudwatch.describe().collect().await;
    for (scope, answer) in answers {
        match answer {
            Ok(answer) => {
                let poll = Poll::read(&answer, &scope).unwrap();
                assert_eq!(poll.unread, []);
                let new = watcher.poll(poll).into_iter();
                changes
                    .extend(new.map(|new| (format!("{}/{}", new.region.unwrap(), new.alarm_name), new.to)));
            }
            Err(reason) => failed.push(format!("{}: {reason}", scope.account_id.unwrap())),
        }
    }
    changes.sort();
    (changes, failed)
}

#[tokio::test]
async fn a_poll_finds_alarms_of_all_regions() {
    let Some(server) = moto() else { return };
    let client = client(&server.endpoint).await;
    let nobody = self::client("http://127.0.0.1:1").await;
    for (region, name) in [(HOME, "poll-a"), ("eu-west-1", "poll-b"), ("eu-west-1", "poll-c")] {
        ok(&client, &cloudwatch::PUT_METRIC_ALARM, region, alarm(name)).await;
    }
    let set =
        |name: &str, state: &str| json!({ "AlarmName": name, "StateValue": state, "StateReason": "a test" });
    ok(&client, &cloudwatch::SET_ALARM_STATE, "eu-west-1", set("poll-b", "ALARM")).await;
    let accounts =
        vec![watched(ACCOUNT, &client, &[HOME, "eu-west-1"]), watched("999988887777", &nobody, &[HOME])];
    let (cloudwatch, mut watcher) = (CloudWatch::new(accounts), Watcher::new());

    let (changes, failed) = poll(&cloudwatch, &mut watcher).await;
    assert!(changes.contains(&("eu-west-1/poll-b".to_owned(), AlarmState::Alarm)), "{changes:?}");
    assert!(
        changes.iter().all(|(name, _)| !name.ends_with("poll-a") && !name.ends_with("poll-c")),
        "{changes:?}"
    );
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].starts_with("999988887777: ") && failed[0].contains("no answer"), "{failed:?}");
    assert_eq!(poll(&cloudwatch, &mut watcher).await.0, [], "each change once");

    ok(&client, &cloudwatch::SET_ALARM_STATE, HOME, set("poll-a", "ALARM")).await;
    ok(&client, &cloudwatch::SET_ALARM_STATE, "eu-west-1", set("poll-b", "OK")).await;
    let (changes, _) = poll(&cloudwatch, &mut watcher).await;
    assert_eq!(
        changes,
        [("eu-west-1/poll-b".to_owned(), AlarmState::Ok), ("us-east-1/poll-a".to_owned(), AlarmState::Alarm)]
    );
}

#[tokio::test]
async fn regions_are_those_of_the_account_unless_some_are_named() {
    let Some(server) = moto() else { return };
    let (client, nobody) = (client(&server.endpoint).await, client("http://127.0.0.1:1").await);
    let clients = || [(ACCOUNT.to_owned(), client.clone()), ("999988887777".to_owned(), nobody.clone())];
    let (cloudwatch, failed) = CloudWatch::open(clients(), &[]).await;
    let regions = &cloudwatch.accounts()[0].regions;
    assert!(regions.len() > 10 && regions.is_sorted() && regions.iter().any(|region| region == "eu-west-1"));
    assert_eq!(failed.len(), 1);
    assert!(failed[0].starts_with("account 999988887777 is not watched: "), "{failed:?}");
    let home = cloudwatch.home().unwrap();
    assert_eq!((home.account_id.as_str(), home.region.as_str()), (ACCOUNT, HOME));
    let (cloudwatch, failed) = CloudWatch::open(clients(), &["eu-west-1".to_owned()]).await;
    assert_eq!(
        (cloudwatch.accounts()[1].regions.as_slice(), failed.len()),
        (&["eu-west-1".to_owned()][..], 0)
    );
}

fn minutes_ago(now: DateTime<Utc>, minutes: i64) -> String {
    (now - TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[tokio::test]
async fn alarms_live_on_metrics_of_cloudwatch() {
    let Some(server) = moto() else { return };
    let client = client(&server.endpoint).await;
    let now = Utc::now();
    let mut data = Vec::new();
    for minutes in 2..8 {
        for value in [4.0, 9.0] {
            let time = minutes_ago(now, minutes);
            data.push(json!({ "MetricName": "fetched", "Timestamp": time, "Value": value }));
        }
    }
    ok(
        &client,
        &cloudwatch::PUT_METRIC_DATA,
        "eu-west-1",
        json!({ "Namespace": "Watched", "MetricData": data }),
    )
    .await;

    let mut engine = Engine::new(EngineLimits::default());
    let mut there = alarm("fetched");
    there["AlarmArn"] = json!(format!("arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:fetched"));
    let mut elsewhere = alarm("fetched");
    elsewhere["AlarmArn"] = json!("arn:aws:cloudwatch:eu-west-1:999988887777:alarm:fetched");
    engine.put_all(alarms_from_value(&json!([there, elsewhere, alarm("nowhere")])).unwrap(), now).unwrap();
    let cloudwatch = CloudWatch::new(vec![watched(ACCOUNT, &client, &[HOME, "eu-west-1"])]);
    engine.set_fetching(Some(Fetching::new(cloudwatch.home())));

    let plan = engine.plan_fetch(now);
    assert_eq!((plan.calls.len(), plan.metrics, plan.problems), (3, 3, vec![]));
    let answers: Vec<_> = cloudwatch.fetch(plan.calls).collect().await;
    let mut failed = Vec::new();
    for (call, answer) in &answers {
        match answer {
            Ok(answer) => assert_eq!(engine.take_fetched(call, answer, now).problems, Vec::<String>::new()),
            Err(reason) => failed.push(reason.as_str()),
        }
    }
    assert_eq!(failed, ["account 999988887777 is not among those that are watched"]);
    let mut told: Vec<_> = engine.tick(now).transitions;
    assert_eq!(told.len(), 1, "{told:?}");
    let change = told.remove(0);
    assert_eq!(
        (change.to, change.account_id.as_deref(), change.region.as_deref()),
        (AlarmState::Alarm, Some(ACCOUNT), Some("eu-west-1"))
    );
    assert!(change.reason.starts_with("Threshold Crossed: 2 datapoints [6.5 ("), "{}", change.reason);
    // What is known is not asked again, but for the account that could not be asked.
    assert_eq!(engine.plan_fetch(now).calls.len(), 1);
}

/// One query that CloudWatch does not take does not cost the others their data.
#[tokio::test]
async fn a_refused_query_stands_alone() {
    let server = ScriptedServer::answering(|request| {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        if body.contains("MetricName=m7&") {
            return Reply::new(
                400,
                "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>no m7</Message></Error></ErrorResponse>",
            );
        }
        let ids = body.split('&').filter_map(|pair| pair.split_once(".Id=")).map(|(_, id)| id);
        let results: String = ids
            .map(|id| {
                format!(
                    "<member><Id>{id}</Id><StatusCode>Complete</StatusCode><Timestamps/><Values/></member>"
                )
            })
            .collect();
        Reply::new(
            200,
            format!(
                "<GetMetricDataResponse><GetMetricDataResult><MetricDataResults>{results}</MetricDataResults></GetMetricDataResult></GetMetricDataResponse>"
            ),
        )
    });
    let client = client(&server.url()).await;
    let now = Utc::now();
    let mut engine = Engine::new(EngineLimits::default());
    let alarms: Vec<Value> = (0..10).map(|n| alarm(&format!("m{n}"))).collect();
    engine.put_all(alarms_from_value(&json!(alarms)).unwrap(), now).unwrap();
    let cloudwatch = CloudWatch::new(vec![watched(ACCOUNT, &client, &[HOME])]);
    engine.set_fetching(Some(Fetching::new(cloudwatch.home())));
    let calls = engine.plan_fetch(now).calls;
    assert_eq!(calls.len(), 1);
    let answers: Vec<_> = cloudwatch.fetch(calls).collect().await;
    let mut failed = Vec::new();
    for (call, answer) in &answers {
        match answer {
            Ok(answer) => assert_eq!(engine.take_fetched(call, answer, now).problems, Vec::<String>::new()),
            Err(reason) => failed.push((call.metrics(), reason.contains("ValidationError: no m7"))),
        }
    }
    assert_eq!(failed, [(1, true)]);
    let left = engine.plan_fetch(now).calls;
    assert_eq!((left.len(), left[0].metrics()), (1, 1));
}

#[tokio::test]
async fn queues_give_their_messages_until_they_are_deleted() {
    let Some(server) = moto() else { return };
    let client = client(&server.endpoint).await;
    let url = ok(&client, &sqs::CREATE_QUEUE, HOME, json!({ "QueueName": "alarm-events" })).await;
    let url = url["QueueUrl"].as_str().unwrap().to_owned();
    let topic =
        ok(&client, &sns::CREATE_TOPIC, HOME, json!({ "Name": "alarm-events" })).await["TopicArn"].clone();
    let queue = format!("arn:aws:sqs:{HOME}:{ACCOUNT}:alarm-events");
    let subscribe = json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": queue });
    ok(&client, &sns::SUBSCRIBE, HOME, subscribe).await;
    let arn = |name: &str| format!("arn:aws:cloudwatch:{HOME}:{ACCOUNT}:alarm:{name}");
    let event = json!({
        "version": "0", "detail-type": "CloudWatch Alarm State Change", "source": "aws.cloudwatch", "account": ACCOUNT,
        "time": "2026-11-25T06:00:05Z", "region": HOME, "resources": [arn("by-event")],
        "detail": { "alarmName": "by-event", "state": { "value": "ALARM", "timestamp": "2026-11-25T06:00:04.653+0000" } },
    });
    let message = json!({
        "AlarmName": "by-topic", "AlarmArn": arn("by-topic"), "NewStateValue": "OK", "OldStateValue": "ALARM",
        "StateChangeTime": "2026-11-25T06:00:04.653+0000",
    });
    ok(&client, &sqs::SEND_MESSAGE, HOME, json!({ "QueueUrl": url, "MessageBody": event.to_string() })).await;
    ok(&client, &sns::PUBLISH, HOME, json!({ "TopicArn": topic, "Message": message.to_string() })).await;

    // The queue's account is not watched: it is asked for by the first.
    let cloudwatch = CloudWatch::new(vec![watched("999988887777", &client, &[HOME])]);
    let mut received: Vec<Received> = Vec::new();
    while received.len() < 2 {
        let more = cloudwatch.receive(&url).await.unwrap();
        assert!(!more.is_empty(), "{received:?}");
        received.extend(more);
    }
    let mut read: Vec<_> = received.iter().map(|message| read_message(&message.body).unwrap()).collect();
    read.sort_by(|a, b| a.alarm_name.cmp(&b.alarm_name));
    let states: Vec<_> = read.iter().map(|change| (change.alarm_name.as_str(), change.to)).collect();
    assert_eq!(states, [("by-event", AlarmState::Alarm), ("by-topic", AlarmState::Ok)]);

    let receipts: Vec<String> = received.into_iter().map(|message| message.receipt).collect();
    cloudwatch.delete(&url, &receipts).await.unwrap();
    let ask = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
    let left = ok(&client, &sqs::GET_QUEUE_ATTRIBUTES, HOME, ask).await;
    for attribute in ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] {
        assert_eq!(left["Attributes"][attribute], "0");
    }
    let error = cloudwatch.delete(&url, &["none".to_owned()]).await.unwrap_err();
    assert!(error.contains("1 of 1 messages could not be deleted"), "{error}");
    let gone = cloudwatch.receive(&url.replace("alarm-events", "no-such")).await.unwrap_err();
    assert!(gone.contains("no-such: sqs:ReceiveMessage in us-east-1"), "{gone}");
    assert!(CloudWatch::default().receive(&url).await.unwrap_err().contains("no account to ask"));
}
