//! Logs are written by attackers, too.

use serde_json::json;

use crate::stand::{Stand, file, record, uuid};

const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";

#[tokio::test]
async fn whatever_an_event_says_is_text() {
    let stand = Stand::open().await;
    let hostile = record(
        &uuid(1),
        "StopLogging",
        json!({
            "userIdentity": { "type": EVIL, "principalId": EVIL, "arn": EVIL, "accountId": EVIL, "accessKeyId": EVIL, "userName": EVIL },
            "awsRegion": EVIL, "sourceIPAddress": EVIL, "userAgent": EVIL,
            "requestParameters": { EVIL: EVIL, "name": EVIL }, "requestID": EVIL, "recipientAccountId": EVIL,
            "resources": [{ "ARN": EVIL, "accountId": EVIL, "type": EVIL }]
        }),
    );
    // A call that failed is found on by fewer rules, so what failed is an event of its own.
    let also = record(EVIL, EVIL, json!({ "errorCode": EVIL, "errorMessage": EVIL }));
    stand.load("test://<script>alert(1)</script>", file(&[hostile, also])).await;
    stand
        .load("test://broken", format!("{{\"Records\":[{{\"eventVersion\":\"1.09\",\"eventID\":\"{EVIL}\""))
        .await;

    let (_, findings) = stand.get("/findings?status=all").await;
    let mut paths: Vec<String> = findings
        .split("href=\"/findings/")
        .skip(1)
        .map(|rest| format!("/findings/{}", rest.split('"').next().unwrap()))
        .collect();
    assert!(!paths.is_empty(), "the hostile event is found on");
    paths.extend([
        "/".to_owned(),
        "/?since=all".to_owned(),
        "/findings".to_owned(),
        format!("/findings?q={0}&account={0}&assignee={0}&rule={0}", encoded(EVIL)),
        format!("/findings?level={}", encoded(EVIL)),
        "/search?since=all".to_owned(),
        format!("/search?q={}", encoded(EVIL)),
        format!("/search?since={}", encoded(EVIL)),
        format!("/search?since=all&event={}&table=cloudtrail_logs", uuid(1)),
        format!("/search?since=all&event={}&table=cloudtrail_logs", encoded(EVIL)),
        format!("/search?since=all&event={0}&table={0}&after={0}", encoded(EVIL)),
        format!("/events/cloudtrail_logs/{}", uuid(1)),
        format!("/events/{0}/{0}", encoded(EVIL)),
        format!("/sql?q={}", encoded(EVIL)),
        format!("/login?next={}", encoded(EVIL)),
        format!("/settings/audit?actor={0}&action={0}&object={0}", encoded(EVIL)),
        "/settings/runs".to_owned(),
    ]);
    for path in paths {
        let answer = stand.client.get(stand.at(&path)).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        let page = answer.text().await.unwrap();
        assert!(!page.contains("<script>") && !page.contains("<img"), "{path}:\n{page}");
    }
    let csrf = stand.csrf("/sql", "").await;
    let form = [("csrf", csrf.as_str()), ("sql", "SELECT *, useridentity.arn FROM cloudtrail_logs")];
    let page = stand.client.post(stand.at("/sql")).form(&form).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"), "{page}");
    stand.stop().await;
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn other_sites_and_other_names_are_refused() {
    let stand = Stand::open().await;
    let rebound = stand.client.get(stand.at("/")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), 421);
    let csrf = stand.csrf("/sql", "").await;
    let form = [("csrf", csrf.as_str()), ("sql", "SELECT 1")];
    for (name, value) in
        [("origin", "http://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let answer =
            stand.client.post(stand.at("/sql")).header(name, value).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{name}: {value}");
        let answer = stand
            .client
            .post(stand.at("/ingest/v1/events"))
            .header(name, value)
            .body("{}")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{name}: {value}");
    }
    let forged =
        stand.client.post(stand.at("/sql")).form(&[("csrf", "x"), ("sql", "SELECT 1")]).send().await.unwrap();
    assert_eq!(forged.status(), 403);
    let without = stand
        .client
        .post(stand.at("/settings/tokens"))
        .form(&[("name", "x"), ("scope", "admin")])
        .send()
        .await
        .unwrap();
    assert_eq!(without.status(), 403);
    assert!(stand.state.tokens().list().await.unwrap().is_empty());
    stand.stop().await;
}
