//! Folders, webhooks, stopping.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use trailkeep_detect::Level;
use trailkeep_server::config::{Secret, WebhookConfig};
use trailkeep_server::signature;
use trailkeep_state::OutboxCounts;

use crate::stand::{Stand, config, file, record, until, uuid};

type Inbox = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A receiver that fails the first time.
async fn receiver() -> (String, Inbox) {
    let inbox = Inbox::default();
    let handler = |State(inbox): State<Inbox>, headers: HeaderMap, body: String| async move {
        let mut inbox = inbox.lock().unwrap();
        inbox.push((headers, body));
        if inbox.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
    };
    let app = axum::Router::new().route("/hook", post(handler)).with_state(Arc::clone(&inbox));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, inbox)
}

#[tokio::test]
async fn a_finding_is_posted_signed_and_again_if_need_be() {
    const SECRET: &str = "0123456789abcdef";
    let (url, inbox) = receiver().await;
    let mut config = config();
    config.webhook = Some(WebhookConfig {
        url: url.parse().unwrap(),
        secret: Secret::new(SECRET),
        allowed_hosts: vec!["127.0.0.1".into()],
        allow_private: true,
        min_level: Level::High,
        timeout: Duration::from_secs(5),
    });
    let stand = Stand::with(config).await;
    stand.load("test://one", file(&[record(&uuid(1), "StopLogging", json!({}))])).await;
    until("the delivery", async || inbox.lock().unwrap().len() >= 2).await;
    let received = inbox.lock().unwrap().clone();
    let (headers, body) = &received[1];
    assert_eq!(headers["idempotency-key"], received[0].0["idempotency-key"]);
    let signed = headers["x-trailkeep-signature"].to_str().unwrap();
    let (time, given) = signed.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    assert_eq!(given, signature(SECRET, time.parse().unwrap(), body));
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["type"], "finding");
    assert_eq!(body["finding"]["finding"]["event_uid"], uuid(1));
    assert!(body["url"].as_str().unwrap().starts_with(&stand.url), "{body}");
    until("the outbox", async || {
        stand.state.outbox().counts().await.unwrap()
            == OutboxCounts { sent: received.len() as u64 - 1, ..OutboxCounts::default() }
    })
    .await;
    stand.stop().await;
}

#[tokio::test]
async fn a_file_that_arrives_is_ingested_once() {
    let arriving = tempfile::tempdir().unwrap();
    let mut config = config();
    config.folders.paths = vec![arriving.path().to_owned()];
    config.folders.interval = Duration::from_millis(50);
    let stand = Stand::with(config).await;
    std::fs::write(arriving.path().join("one.json"), file(&[record(&uuid(1), "StopLogging", json!({}))]))
        .unwrap();
    std::fs::write(arriving.path().join("two.txt"), b"nothing that we know").unwrap();
    let found = async || {
        let (_, page) = stand.get("/api/v1/search").await;
        serde_json::from_str::<Value>(&page).unwrap()["data"].as_array().unwrap().len()
    };
    until("the event", async || found().await == 1).await;
    until("the run", async || {
        let runs = stand.state.runs().recent(1).await.unwrap();
        runs.first().is_some_and(|run| (run.counters.files, run.counters.events) == (1, 1))
    })
    .await;
    assert_eq!(found().await, 1);
    stand.stop().await;
}

#[tokio::test]
async fn it_stops_when_told_and_ends_its_runs() {
    let stand = Stand::open().await;
    stand
        .request(reqwest::Method::POST, "/ingest/v1/events")
        .body(file(&[record(&uuid(1), "StopLogging", json!({}))]))
        .send()
        .await
        .unwrap();
    let (state, url) = (stand.state.clone(), stand.url.clone());
    let begun = Instant::now();
    stand.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(reqwest::get(url).await.is_err());
    let run = &state.runs().recent(1).await.unwrap()[0];
    assert_eq!((run.source.as_str(), run.state.as_str(), run.counters.events), ("http", "done", 1));
}
