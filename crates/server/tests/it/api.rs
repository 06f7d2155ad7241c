//! `/api/v1`.

use reqwest::Method;
use serde_json::{Value, json};
use trailkeep_state::{Role, Scope};

use crate::stand::{Stand, file, read, record, uuid};

#[tokio::test]
async fn queries_come_in_the_format_that_is_asked_for() {
    let stand = Stand::open().await;
    stand.load("test://one", file(&[record(&uuid(1), "StopLogging", json!({}))])).await;
    let ask = |format: &'static str| {
        let body = json!({ "sql": "SELECT eventname, count(*) AS n FROM cloudtrail_logs GROUP BY 1", "format": format });
        stand.request(Method::POST, "/api/v1/query").body(body.to_string()).send()
    };
    assert_eq!(
        ask("json").await.unwrap().json::<Value>().await.unwrap(),
        json!([{ "eventname": "StopLogging", "n": 1 }])
    );
    assert_eq!(
        ask("ndjson").await.unwrap().text().await.unwrap().trim(),
        r#"{"eventname":"StopLogging","n":1}"#
    );
    assert_eq!(ask("csv").await.unwrap().text().await.unwrap(), "eventname,n\nStopLogging,1\n");
    assert!(ask("parquet").await.unwrap().bytes().await.unwrap().starts_with(b"PAR1"));
    let (status, wrong) = read(ask("xml").await.unwrap()).await;
    assert_eq!((status.as_u16(), wrong.contains("invalid_request")), (400, true));
    let wrong = stand
        .request(Method::POST, "/api/v1/query")
        .body(r#"{"sql":"SELECT nope FROM cloudtrail_logs"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 400);
    let write = stand
        .request(Method::POST, "/api/v1/query")
        .body(r#"{"sql":"DELETE FROM cloudtrail_logs"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(write.status(), 400);
    let (_, tables) = stand.get("/api/v1/tables").await;
    assert!(tables.contains("\"cloudtrail_logs\"") && tables.contains("\"useridentity\""), "{tables}");
    assert_eq!(stand.get("/api/v1/nothing").await.0, 404);
    assert_eq!(stand.get("/api/v1/search?limit=0").await.0, 400);
    stand.stop().await;
}

#[tokio::test]
async fn findings_are_triaged() {
    let stand = Stand::guarded().await;
    stand.load("test://one", file(&[record(&uuid(1), "StopLogging", json!({}))])).await;
    let token = stand.token(Scope::Api(Role::Analyst)).await;
    let call = |method: Method, path: String, body: Value| {
        stand.request(method, &path).bearer_auth(&token).body(body.to_string()).send()
    };
    let page: Value =
        call(Method::GET, "/api/v1/findings".into(), json!({})).await.unwrap().json().await.unwrap();
    let path = format!("/api/v1/findings/{}", page["data"][0]["id"].as_str().unwrap());
    let change = json!({ "status": "triaged", "assignee": "alice", "note": "looking" });
    let changed: Value = call(Method::PATCH, path.clone(), change).await.unwrap().json().await.unwrap();
    assert_eq!(changed["row"]["status"], "triaged");
    assert_eq!(changed["row"]["assignee"], "alice");
    assert_eq!(changed["notes"][0]["text"], "looking");
    assert_eq!(call(Method::PATCH, path.clone(), json!({ "status": "gone" })).await.unwrap().status(), 400);
    assert_eq!(call(Method::PATCH, path, json!({ "statsu": "new" })).await.unwrap().status(), 400);
    assert_eq!(call(Method::GET, "/api/v1/findings/none".into(), json!({})).await.unwrap().status(), 404);
    stand.stop().await;
}

#[tokio::test]
async fn health_needs_no_login_and_metrics_count() {
    let stand = Stand::open().await;
    assert_eq!(stand.get("/healthz").await, (reqwest::StatusCode::OK, "ok\n".to_owned()));
    stand
        .request(Method::POST, "/ingest/v1/events")
        .body(file(&[record(&uuid(1), "StopLogging", json!({}))]))
        .send()
        .await
        .unwrap();
    let (status, metrics) = stand.get("/metrics").await;
    assert_eq!(status, 200);
    for name in ["trailkeep_ingest_events_total", "trailkeep_http_seconds", "trailkeep_table_rows"] {
        assert!(metrics.contains(name), "{name} in\n{metrics}");
    }
    assert_eq!(stand.get("/readyz").await.0, 200);
    stand.stop().await;
}
