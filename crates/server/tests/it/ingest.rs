//! `POST /ingest/v1/events`.

use std::io::Write;
use std::time::Duration;

use base64::Engine;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use trailkeep_state::Scope;

use crate::stand::{Stand, config, file, read, record, uuid};

async fn counts(answer: Response) -> (u64, u64, u64) {
    let (status, body) = read(answer).await;
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    let of = |name: &str| body[name].as_u64().unwrap();
    (of("events"), of("duplicates"), of("quarantined"))
}

#[tokio::test]
async fn every_wrapping_is_taken_once() {
    let stand = Stand::open().await;
    let send = |body: Vec<u8>, encoding: &'static str| {
        stand
            .request(Method::POST, "/ingest/v1/events")
            .header("content-encoding", encoding)
            .body(body)
            .send()
    };
    let (a, b) = (record(&uuid(1), "StopLogging", json!({})), record(&uuid(2), "GetObject", json!({})));
    assert_eq!(counts(send(file(&[a.clone(), b.clone()]), "identity").await.unwrap()).await, (2, 0, 0));
    assert_eq!(counts(send(format!("{a}\n{b}\n").into_bytes(), "identity").await.unwrap()).await, (0, 2, 0));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&file(&[record(&uuid(3), "GetObject", json!({}))])).unwrap();
    assert_eq!(counts(send(gzip.finish().unwrap(), "gzip").await.unwrap()).await, (1, 0, 0));
    let zstd = zstd::encode_all(file(&[record(&uuid(4), "GetObject", json!({}))]).as_slice(), 1).unwrap();
    assert_eq!(counts(send(zstd, "zstd").await.unwrap()).await, (1, 0, 0));
    assert_eq!(send(b"{}".to_vec(), "br").await.unwrap().status(), 415);
    assert_eq!(send(b"hello there".to_vec(), "identity").await.unwrap().status(), 415);

    // Acknowledged means visible to the very next query, and detected on.
    let (_, page) = stand.get("/api/v1/search?q=eventName:StopLogging").await;
    let page: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    let (_, findings) = stand.get("/api/v1/findings?level=high").await;
    assert!(findings.contains("StopLogging"), "{findings}");
    stand.stop().await;
}

#[tokio::test]
async fn too_much_is_refused_and_told_when_to_come_back() {
    let mut config = config();
    config.ingest.max_body = 2_000;
    (config.ingest.rate, config.ingest.burst) = (1, 3);
    let stand = Stand::with(config).await;
    let send = |body: Vec<u8>| stand.request(Method::POST, "/ingest/v1/events").body(body).send();
    assert_eq!(send(vec![b' '; 2_001]).await.unwrap().status(), 413);
    let chunked = reqwest::Body::wrap_stream(futures::stream::iter(
        (0..30).map(|_| Ok::<_, std::io::Error>(vec![b' '; 100])),
    ));
    assert_eq!(
        stand.request(Method::POST, "/ingest/v1/events").body(chunked).send().await.unwrap().status(),
        413
    );
    assert_eq!(send(Vec::new()).await.unwrap().status(), 200);
    let limited = send(Vec::new()).await.unwrap();
    assert_eq!(limited.status(), 429);
    assert_eq!(limited.headers()["retry-after"], "1");
    let (_, body) = read(limited).await;
    assert!(body.contains("rate_limited"), "{body}");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(send(Vec::new()).await.unwrap().status(), 200);
    stand.stop().await;
}

#[tokio::test]
async fn firehose_is_answered_as_it_wants() {
    let stand = Stand::guarded().await;
    let token = stand.token(Scope::Ingest).await;
    let data = base64::engine::general_purpose::STANDARD
        .encode(record(&uuid(1), "StopLogging", json!({})).to_string());
    let delivery = json!({ "requestId": "r-1", "timestamp": 1, "records": [{ "data": data }] });
    let send = |key: String, body: Value| {
        stand
            .request(Method::POST, "/ingest/v1/firehose")
            .header("x-amz-firehose-access-key", key)
            .header("x-amz-firehose-request-id", "r-1")
            .body(body.to_string())
            .send()
    };
    let (status, receipt) = read(send(token.clone(), delivery.clone()).await.unwrap()).await;
    assert_eq!(status, 200, "{receipt}");
    assert!(receipt.contains("\"requestId\":\"r-1\"") && receipt.contains("timestamp"), "{receipt}");
    assert_eq!(send("wrong".to_owned(), delivery).await.unwrap().status(), 401);
    let (status, receipt) = read(send(token, json!({ "requestId": "r-1" })).await.unwrap()).await;
    assert_eq!(status, 400);
    assert!(receipt.contains("errorMessage"), "{receipt}");
    stand.stop().await;
}
