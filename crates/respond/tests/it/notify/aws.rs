//! Channels of AWS: on moto where it has them, against a scripted endpoint where it has not.

use std::time::Duration;

use object_store::ObjectStore;
use serde_json::{Value, json};
use trailkeep_aws::api::services::{securityhub, sns, sqs};
use trailkeep_aws::{Aws, AwsOptions, Credentials, RetryPolicy};
use trailkeep_respond::route::{Action, Notification};
use trailkeep_testkit::{Reply, ScriptedServer, moto};

use super::{config, message, of, ticket};

const REGION: &str = "eu-west-1";

async fn aws(endpoint: &str) -> Aws {
    Aws::load(AwsOptions {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        credentials: Some(Credentials::new("testkit", "testkit-secret", None, None, "test")),
        retry: RetryPolicy { max_attempts: 2, base: Duration::from_millis(1), ..RetryPolicy::default() },
        ..AwsOptions::default()
    })
    .await
    .unwrap()
}

async fn send(aws: &Aws, kind: &str, settings: &str, message: &Notification) -> Option<String> {
    let text = format!("[[channel]]\nname = \"ops\"\ntype = \"{kind}\"\n{settings}");
    let channel = config(&text, Some(aws.clone())).channels.remove(0);
    channel.channel.send(message).await.unwrap_or_else(|error| panic!("{kind}: {error}")).reference
}

#[tokio::test]
async fn sns_reaches_its_subscribers() {
    let Some(server) = moto() else { return };
    let aws = aws(&server.endpoint).await;
    let api = aws.api();
    let call = async |operation, input: Value| api.call(operation, REGION, &input).await.unwrap();
    for (name, attributes) in [("security", json!({})), ("security.fifo", json!({ "FifoTopic": "true" }))] {
        let topic =
            call(&sns::CREATE_TOPIC, json!({ "Name": name, "Attributes": attributes })).await["TopicArn"]
                .clone();
        let fifo = name.ends_with(".fifo").then(|| json!({ "FifoQueue": "true" })).unwrap_or(json!({}));
        let queue =
            call(&sqs::CREATE_QUEUE, json!({ "QueueName": name, "Attributes": fifo })).await["QueueUrl"]
                .clone();
        let wanted = json!({ "QueueUrl": queue, "AttributeNames": ["QueueArn"] });
        let arn = call(&sqs::GET_QUEUE_ATTRIBUTES, wanted).await["Attributes"]["QueueArn"].clone();
        call(&sns::SUBSCRIBE, json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": arn })).await;
        let settings = format!("topic = {topic}");
        // Twice: a FIFO topic drops the repetition.
        for _ in 0..2 {
            send(&aws, "sns", &settings, &message(Action::Open, 1, None)).await;
        }
        let receive = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10 });
        let got = call(&sqs::RECEIVE_MESSAGE, receive).await;
        let messages = got["Messages"].as_array().unwrap();
        assert_eq!(messages.len(), if name.ends_with(".fifo") { 1 } else { 2 }, "{name}");
        let body: Value = serde_json::from_str(messages[0]["Body"].as_str().unwrap()).unwrap();
        let subject = body["Subject"].as_str().unwrap();
        assert!(
            subject.starts_with("[HIGH] Security group opened to the world") && subject.len() < 100,
            "{subject}"
        );
        assert!(body["Message"].as_str().unwrap().contains("Account: 111122223333"));
        assert_eq!(body["MessageAttributes"]["level"]["Value"], "high");
    }
}

#[tokio::test]
async fn security_hub_has_the_finding_once_and_archives_it() {
    let Some(server) = moto() else { return };
    let aws = aws(&server.endpoint).await;
    for message in [message(Action::Record, 1, None), message(Action::Record, 1, None)] {
        send(&aws, "security_hub", "", &message).await;
    }
    let found = aws.api().call_all(&securityhub::GET_FINDINGS, REGION, &json!({})).await.unwrap();
    let own = |found: &Value| -> Vec<Value> {
        let all = found["Findings"].as_array().unwrap();
        all.iter()
            .filter(|it| it["Id"].as_str().unwrap().starts_with("trailkeep/incident/"))
            .cloned()
            .collect()
    };
    let findings = own(&found);
    assert_eq!(findings.len(), 1);
    insta::assert_json_snapshot!("security_hub", findings[0], {
        ".ProductFields.ProviderVersion" => "[version]",
    });
    send(&aws, "security_hub", "", &of(Action::Record, 2, None, message(Action::Resolve, 2, None).items))
        .await;
    let found = aws.api().call_all(&securityhub::GET_FINDINGS, REGION, &json!({})).await.unwrap();
    assert_eq!(own(&found)[0]["RecordState"], "ARCHIVED");
}

#[tokio::test]
async fn s3_has_one_object_per_message_whatever_is_repeated() {
    let Some(server) = moto() else { return };
    let aws = aws(&server.endpoint).await;
    let bucket = server.new_bucket();
    let settings = format!("bucket = \"{bucket}\"");
    for _ in 0..2 {
        send(&aws, "s3", &settings, &message(Action::Record, 1, None)).await;
    }
    let store = aws.object_store(&bucket).await.unwrap();
    let listed = store.list_with_delimiter(Some(&"trailkeep/eventday=20260601".into())).await.unwrap();
    assert_eq!(listed.objects.len(), 1);
    use object_store::ObjectStoreExt as _;
    let bytes = store.get(&listed.objects[0].location).await.unwrap().bytes().await.unwrap();
    let record: Value = serde_json::from_slice(&bytes).unwrap();
    insta::assert_json_snapshot!("ocsf", record, { ".metadata.product.version" => "[version]" });
}

/// moto has no OpsItems and no incidents: what is asked, against an endpoint that answers as the
/// API documents.
#[tokio::test]
async fn ops_items_and_incidents_are_asked_for_as_documented() {
    let server = ScriptedServer::answering(|request| {
        let target = request.header("x-amz-target").to_owned();
        match (target.rsplit('.').next().unwrap_or_default(), request.line.as_str()) {
            ("CreateOpsItem", _) => Reply::new(200, r#"{"OpsItemId":"oi-0123456789ab"}"#),
            (_, line) if line.contains("startIncident") => Reply::new(
                200,
                r#"{"incidentRecordArn":"arn:aws:ssm-incidents::111122223333:incident-record/p/1"}"#,
            ),
            _ => Reply::new(200, "{}"),
        }
    });
    let aws = aws(&server.url()).await;
    let arn = "arn:aws:ssm-incidents::111122223333:incident-record/p/1";
    let plan = "response_plan = \"arn:aws:ssm-incidents::111122223333:response-plan/p\"";
    for (kind, settings, reference) in [("ops_item", "", "oi-0123456789ab"), ("incident_manager", plan, arn)]
    {
        for message in [
            message(Action::Open, 1, None),
            message(Action::Acknowledge, 2, ticket(reference)),
            message(Action::Resolve, 3, ticket(reference)),
        ] {
            assert_eq!(send(&aws, kind, settings, &message).await.as_deref(), Some(reference));
        }
    }
    let told: Vec<String> = server
        .requests()
        .iter()
        .map(|request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            format!("{} {}\n{body:#}", request.line, request.header("x-amz-target"))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

#[tokio::test]
async fn an_ops_item_that_is_there_already_is_found() {
    let server = ScriptedServer::answering(|request| match request.header("x-amz-target") {
        "AmazonSSM.CreateOpsItem" => {
            Reply::new(400, r#"{"__type":"OpsItemAlreadyExistsException","Message":"it is there"}"#)
        }
        _ => Reply::new(200, r#"{"OpsItemSummaries":[{"OpsItemId":"oi-1"}]}"#),
    });
    let aws = aws(&server.url()).await;
    let reference = send(&aws, "ops_item", "", &message(Action::Open, 1, None)).await;
    assert_eq!(reference.as_deref(), Some("oi-1"));
}
