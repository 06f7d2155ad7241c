//! Buttons in Slack: signed as Slack signs, and each act's effect.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::Utc;
use reqwest::StatusCode;
use serde_json::{Value, json};
use trailkeep_aws::api::Client;
use trailkeep_aws::api::services::{cloudtrail, s3};
use trailkeep_aws::{Aws, AwsOptions, Credentials};
use trailkeep_baseline::Json;
use trailkeep_detect::Level;
use trailkeep_respond::http::hmac_sha256;
use trailkeep_respond::playbook::{Mode, PlaybookRule, Playbooks, Timing};
use trailkeep_server::Changes;
use trailkeep_server::backend::Responder;
use trailkeep_state::{AuditFilter, Response, ResponseFilter, ResponseStatus};

use crate::incidents::{open, signal};
use crate::stand::{Stand, read, record, respond, until};

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const APP: &str = "[respond.slack]\nsigning_secret = \"8f742231b10e8888abcd99yyyzzz85a5\"\n\
                   users = { UANA = \"analyst\", URES = \"responder\", UVIEW = \"viewer\" }\n";

/// The body of a press, as Slack sends it.
fn body(user: &str, value: &str) -> String {
    let payload = json!({
        "type": "block_actions",
        "user": { "id": user, "username": user.to_lowercase() },
        "actions": [{ "action_id": "trailkeep", "value": value }],
    });
    format!("payload={}", percent(&payload.to_string()))
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn send(stand: &Stand, body: &str, at: i64, secret: &str) -> (StatusCode, String) {
    let time = at.to_string();
    let signature = format!("v0={}", hmac_sha256(secret, &[b"v0:", time.as_bytes(), b":", body.as_bytes()]));
    let request = stand
        .request(reqwest::Method::POST, "/hooks/slack")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-slack-request-timestamp", time)
        .header("x-slack-signature", signature)
        .body(body.to_owned());
    read(request.send().await.unwrap()).await
}

/// A press that Slack has signed.
async fn press(stand: &Stand, user: &str, value: &str) {
    let (code, text) = send(stand, &body(user, value), Utc::now().timestamp(), SECRET).await;
    assert_eq!((code.as_u16(), text.as_str()), (200, ""));
}

async fn status(stand: &Stand, id: &str) -> String {
    stand.state.incidents().get(id).await.unwrap().unwrap().incident.status.to_string()
}

#[tokio::test]
async fn only_what_slack_signed_just_now_is_heard() {
    let stand = Stand::guarded_with(respond(APP, "")).await;
    let id = open(&stand, &[signal("sg-1", "sg_open", Level::High)]).await.remove(0).id;
    let (now, press) = (Utc::now().timestamp(), body("UANA", &format!("acknowledge:{id}")));
    assert_eq!(send(&stand, &press, now, "another secret").await.0, 401);
    assert_eq!(send(&stand, &press, now - 600, SECRET).await.0, 401);
    assert_eq!(send(&stand, &press, now + 600, SECRET).await.0, 401);
    let bare = stand.request(reqwest::Method::POST, "/hooks/slack").body(press.clone());
    assert_eq!(bare.send().await.unwrap().status(), 401);
    let large = format!("payload={}", "x".repeat(70_000));
    assert_eq!(send(&stand, &large, now, SECRET).await.0, 413);
    assert_eq!(status(&stand, &id).await, "open");
    // Signed, and no button of ours: a link's button is told too, and Slack wants to hear that it was.
    for other in ["payload=%7B%7D", "ssl_check=1", &body("UANA", "delete:everything")] {
        assert_eq!(send(&stand, other, now, SECRET).await.0, 200, "{other}");
    }
    assert_eq!(send(&stand, &press, now, SECRET).await.0, 200);
    until("the acknowledgement", async || status(&stand, &id).await == "acknowledged").await;
    stand.stop().await;
    let without = Stand::open().await;
    assert_eq!(send(&without, &press, now, SECRET).await.0, 404);
    without.stop().await;
}

#[tokio::test]
async fn people_do_in_slack_what_their_role_allows() {
    let stand = Stand::guarded_with(respond(APP, "")).await;
    let all =
        open(&stand, &[signal("sg-1", "sg_open", Level::High), signal("sg-2", "sg_open", Level::High)]).await;
    let (id, other) = (all[0].id.clone(), all[1].id.clone());
    for nobody in ["USTRANGER", "UVIEW"] {
        press(&stand, nobody, &format!("acknowledge:{id}")).await;
    }
    press(&stand, "UANA", &format!("acknowledge:{other}")).await;
    until("the acknowledgement", async || status(&stand, &other).await == "acknowledged").await;
    assert_eq!(status(&stand, &id).await, "open", "a stranger and a viewer were refused");
    press(&stand, "URES", &format!("resolve:{other}")).await;
    until("the end", async || status(&stand, &other).await == "resolved").await;
    let detail = stand.state.incidents().get(&other).await.unwrap().unwrap();
    assert_eq!(detail.incident.assignee.as_deref(), Some("slack:uana"));
    assert_eq!(detail.incident.resolved.unwrap().by, "slack:ures");
    // Names can be chosen in Slack; the id is kept with the act.
    let acts = stand.state.audit().list(&AuditFilter::default(), 9, None).await.unwrap();
    let acts: Vec<_> = acts.iter().filter(|entry| entry.actor.starts_with("slack:")).collect();
    assert_eq!(acts.len(), 2);
    assert_eq!((acts[1].action.as_str(), acts[1].address.as_deref()), ("incident.acknowledge", Some("UANA")));
    stand.stop().await;
}

const REGION: &str = "eu-west-1";
const ACCOUNT: &str = "300000000077";

async fn client(endpoint: &str) -> Client {
    let options = AwsOptions {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        credentials: Some(Credentials::new("testkit", "testkit-secret", None, None, "test")),
        ..AwsOptions::default()
    };
    let api = Aws::load(options).await.unwrap().api();
    // moto opens every account to everybody.
    api.assume_role(&format!("arn:aws:iam::{ACCOUNT}:role/TrailkeepRespond"), "trailkeep-respond", None)
}

fn responder(state: &trailkeep_state::State, client: Client) -> Responder {
    let rule = PlaybookRule { mode: Mode::Approve, most_per_hour: 1000, ..PlaybookRule::default() };
    let accounts = HashMap::from([(ACCOUNT.to_owned(), client)]);
    let playbooks = Playbooks::new(state, accounts, vec![rule], Timing::default());
    Responder { playbooks, changes: Arc::new(Changes::default()), surveyed: Vec::new() }
}

async fn response(stand: &Stand, number: usize) -> Response {
    let mut all = stand.state.responses().list(&ResponseFilter::default(), 9, None).await.unwrap();
    all.reverse();
    all.remove(number)
}

#[tokio::test]
async fn a_repair_is_approved_undone_and_refused_from_slack() {
    let Some(moto) = trailkeep_testkit::moto() else { return };
    let client = client(&moto.endpoint).await;
    let make = async |operation, input: Value| client.call(operation, REGION, &input).await.unwrap();
    let place = json!({ "LocationConstraint": REGION });
    make(
        &s3::CREATE_BUCKET,
        json!({ "Bucket": "slack-trail-300000000077", "CreateBucketConfiguration": place }),
    )
    .await;
    make(&cloudtrail::CREATE_TRAIL, json!({ "Name": "main", "S3BucketName": "slack-trail-300000000077" }))
        .await;
    let logs =
        async || make(&cloudtrail::GET_TRAIL_STATUS, json!({ "Name": "main" })).await.flag("IsLogging");
    let mut config = respond(APP, "");
    config.server.login = false;
    let stand = Stand::responding(config, |state| responder(state, client.clone())).await;
    let playbooks = &stand.backend.responder.as_ref().unwrap().playbooks;
    let stopped = async |id: &str| {
        let arn = format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main");
        let more = json!({ "requestParameters": { "name": arn }, "recipientAccountId": ACCOUNT, "awsRegion": REGION });
        make(&cloudtrail::START_LOGGING, json!({ "Name": "main" })).await;
        make(&cloudtrail::STOP_LOGGING, json!({ "Name": "main" })).await;
        playbooks.handle(&record(id, "StopLogging", more)).await.unwrap().remove(0)
    };
    let first = stopped("00000000-0000-4000-8000-000000000001").await;
    assert_eq!(first.status, ResponseStatus::Waiting);
    // An analyst takes incidents, and repairs nothing.
    press(&stand, "UANA", &format!("approve:{}", first.id)).await;
    press(&stand, "URES", &format!("approve:{}", first.id)).await;
    until("the repair", async || response(&stand, 0).await.status == ResponseStatus::Done).await;
    assert!(logs().await);
    assert_eq!(response(&stand, 0).await.decided_by.as_deref(), Some("slack:ures"));
    press(&stand, "URES", &format!("undo:{}", first.id)).await;
    until("the undo", async || response(&stand, 0).await.status == ResponseStatus::Undone).await;
    assert!(!logs().await);
    let second = stopped("00000000-0000-4000-8000-000000000002").await;
    press(&stand, "URES", &format!("reject:{}", second.id)).await;
    until("the no", async || response(&stand, 1).await.status == ResponseStatus::Rejected).await;
    assert!(!logs().await);
    // What became of it reaches the incident, as it does from the console.
    until("the entry", async || {
        let found = response(&stand, 0).await.incident_id;
        let Some(id) = found else { return false };
        let detail = stand.state.incidents().get(&id).await.unwrap().unwrap();
        detail.timeline.iter().any(|entry| entry.text.contains("(undone)"))
    })
    .await;
    stand.stop().await;
}
