//! What goes over the wire, word for word, against what the vendors document.

use std::fmt::Write as _;

use serde_json::Value;
use trailkeep_detect::Level;
use trailkeep_respond::channel::{ChannelError, verify_slack, verify_webhook};
use trailkeep_respond::config::Secret;
use trailkeep_respond::route::{Action, Notification, Offer, OfferKind, Receipt};
use trailkeep_testkit::{Reply, Request, ScriptedServer};

use super::{at, channel, message, ticket};

/// Requests as text, with the headers that the vendor asks for.
fn told(requests: &[Request], headers: &[&str]) -> String {
    let mut out = String::new();
    for request in requests {
        let _ = writeln!(out, "{}", request.line);
        for name in headers {
            let _ = writeln!(out, "{name}: {}", request.header(name));
        }
        for line in String::from_utf8_lossy(&request.body).lines() {
            match serde_json::from_str::<Value>(line) {
                Ok(body) => writeln!(out, "{body:#}").unwrap(),
                Err(_) => writeln!(out, "{line}").unwrap(),
            }
        }
        out.push('\n');
    }
    out
}

async fn sent(
    kind: &str,
    settings: &str,
    server: &ScriptedServer,
    messages: &[Notification],
) -> Vec<Receipt> {
    let settings = format!("{}\nallow_private = true", settings.replace("{URL}", &server.url()));
    let channel = channel(kind, &settings);
    let mut receipts = Vec::new();
    for message in messages {
        receipts.push(channel.channel.send(message).await.unwrap_or_else(|error| panic!("{kind}: {error}")));
    }
    receipts
}

fn accepting() -> ScriptedServer {
    ScriptedServer::answering(|_| Reply::new(202, "{}"))
}

fn life(reference: &str) -> [Notification; 3] {
    [
        message(Action::Open, 1, None),
        message(Action::Acknowledge, 2, ticket(reference)),
        message(Action::Resolve, 3, ticket(reference)),
    ]
}

#[tokio::test]
async fn slack_by_webhook_with_buttons() {
    let server = ScriptedServer::answering(|_| Reply::new(200, "ok"));
    let mut asks = message(Action::Response, 1, None);
    asks.comment = Some("Revoke the rule that opens port 22?".to_owned());
    let target = "7c9e6679".to_owned();
    asks.offers =
        [OfferKind::Approve, OfferKind::Reject].map(|kind| Offer { kind, target: target.clone() }).to_vec();
    let messages = [message(Action::Open, 1, None), asks];
    sent("slack", "url = \"{URL}/services/T/B/x\"", &server, &messages).await;
    insta::assert_snapshot!(told(&server.requests(), &["content-type"]));
}

#[tokio::test]
async fn slack_by_bot_answers_in_the_thread_of_the_first_message() {
    let server = ScriptedServer::answering(|_| Reply::new(200, r#"{"ok":true,"ts":"1780315201.000100"}"#));
    let settings = "token = \"xoxb-1\"\nchannel = \"C0123456789\"\napi_url = \"{URL}/api/\"";
    let messages =
        [message(Action::Open, 1, None), message(Action::Escalate, 2, ticket("1780315201.000100"))];
    let receipts = sent("slack", settings, &server, &messages).await;
    assert_eq!(receipts[0].reference.as_deref(), Some("1780315201.000100"));
    let requests = server.requests();
    let bodies: Vec<Value> = requests.iter().map(|it| serde_json::from_slice(&it.body).unwrap()).collect();
    assert!(requests[0].line.starts_with("POST /api/chat.postMessage "));
    assert_eq!(requests[0].header("authorization"), "Bearer xoxb-1");
    assert_eq!((&bodies[0]["channel"], &bodies[0]["thread_ts"]), (&"C0123456789".into(), &Value::Null));
    assert_eq!(
        (&bodies[1]["thread_ts"], &bodies[1]["reply_broadcast"]),
        (&"1780315201.000100".into(), &true.into())
    );
}

#[tokio::test]
async fn teams() {
    let server = accepting();
    sent("teams", "url = \"{URL}/workflows/x\"", &server, &[message(Action::Open, 1, None)]).await;
    insta::assert_snapshot!(told(&server.requests(), &["content-type"]));
}

#[tokio::test]
async fn pagerduty_from_trigger_to_resolve() {
    let server = accepting();
    let settings = "routing_key = \"0123456789abcdef0123456789abcdef\"\nurl = \"{URL}\"";
    let mut messages = life("fedcba9876543210fedcba9876543210").to_vec();
    messages.push(message(Action::Digest, 4, None));
    sent("pagerduty", settings, &server, &messages).await;
    insta::assert_snapshot!(told(&server.requests(), &["content-type"]));
}

#[tokio::test]
async fn opsgenie_from_create_to_close() {
    let server = accepting();
    let settings = "api_key = \"k-1\"\nurl = \"{URL}\"\nteams = [\"security\"]\ntags = [\"aws\"]";
    sent("opsgenie", settings, &server, &life("fedcba9876543210fedcba9876543210")).await;
    insta::assert_snapshot!(told(&server.requests(), &["authorization"]));
}

#[tokio::test]
async fn webhook_signed_so_that_the_receiver_can_tell() {
    let server = accepting();
    let settings = "url = \"{URL}/hook\"\nsecret = \"0123456789abcdef\"";
    sent("webhook", settings, &server, &[message(Action::Open, 1, None)]).await;
    let requests = server.requests();
    insta::assert_snapshot!(told(&requests, &["idempotency-key", "x-trailkeep-event"]));
    let (header, body) = (requests[0].header("x-trailkeep-signature"), &requests[0].body);
    let (secret, window, now) =
        (Secret::new("0123456789abcdef"), chrono::TimeDelta::minutes(5), chrono::Utc::now());
    assert!(verify_webhook(&secret, header, body, window, now));
    assert!(!verify_webhook(&secret, header, &body[1..], window, now));
    assert!(!verify_webhook(&secret, header, body, window, now + window * 2));
    assert!(!verify_webhook(&Secret::new("another"), header, body, window, now));
    assert!(verify_slack(&secret, "1", "v0=", body, now).is_err());
}

#[tokio::test]
async fn jira_from_create_to_done() {
    let server = ScriptedServer::answering(|request| match request.line.as_str() {
        line if line.contains("search") => Reply::new(200, r#"{"issues":[]}"#),
        line if line.starts_with("GET") => Reply::new(
            200,
            r#"{"transitions":[{"id":"11","name":"Start","to":{"statusCategory":{"key":"indeterminate"}}},
               {"id":"31","name":"Close","to":{"statusCategory":{"key":"done"}}}]}"#,
        ),
        line if line.contains("transitions") => Reply::new(204, ""),
        _ => Reply::new(201, r#"{"id":"10001","key":"SEC-17"}"#),
    });
    let settings = "url = \"{URL}\"\nuser = \"bot@example.com\"\ntoken = \"t\"\nproject = \"SEC\"";
    let receipts = sent("jira", settings, &server, &life("SEC-17")).await;
    assert!(receipts.iter().all(|receipt| receipt.reference.as_deref() == Some("SEC-17")));
    assert_eq!(receipts[0].url.as_deref(), Some(format!("{}/browse/SEC-17", server.url()).as_str()));
    insta::assert_snapshot!(told(&server.requests(), &["authorization"]));
}

#[tokio::test]
async fn servicenow_from_new_to_resolved() {
    let made = std::sync::atomic::AtomicBool::new(false);
    let server = ScriptedServer::answering(move |request| {
        let record = r#"{"sys_id":"abc123","number":"INC0010023"}"#;
        if request.line.starts_with("GET") && !made.load(std::sync::atomic::Ordering::Relaxed) {
            return Reply::new(200, r#"{"result":[]}"#);
        }
        made.store(true, std::sync::atomic::Ordering::Relaxed);
        let get = request.line.starts_with("GET");
        Reply::new(
            if get { 200 } else { 201 },
            format!("{{\"result\":{}}}", if get { format!("[{record}]") } else { record.to_owned() }),
        )
    });
    let settings = "url = \"{URL}\"\nuser = \"bot\"\npassword = \"p\"\nassignment_group = \"Security\"";
    let receipts = sent("servicenow", settings, &server, &life("INC0010023")).await;
    assert!(receipts.iter().all(|receipt| receipt.reference.as_deref() == Some("INC0010023")));
    insta::assert_snapshot!(told(&server.requests(), &["authorization"]));
}

#[tokio::test]
async fn github_from_open_to_closed() {
    let server = ScriptedServer::answering(|request| match request.line.as_str() {
        line if line.starts_with("GET") => Reply::new(200, "[]"),
        _ => Reply::new(201, r#"{"number":42,"html_url":"https://github.com/example/sec/issues/42"}"#),
    });
    let settings = "repository = \"example/sec\"\ntoken = \"t\"\nurl = \"{URL}\"";
    let receipts = sent("github", settings, &server, &life("42")).await;
    assert_eq!(receipts[0].url.as_deref(), Some("https://github.com/example/sec/issues/42"));
    insta::assert_snapshot!(told(&server.requests(), &["accept", "authorization", "x-github-api-version"]));
}

#[tokio::test]
async fn gitlab_from_open_to_closed() {
    let server = ScriptedServer::answering(|request| match request.line.as_str() {
        line if line.starts_with("GET") => Reply::new(200, "[]"),
        _ => Reply::new(201, r#"{"iid":7,"web_url":"https://gitlab.com/example/sec/-/issues/7"}"#),
    });
    let settings = "project = \"example/sec\"\ntoken = \"t\"\nurl = \"{URL}\"";
    sent("gitlab", settings, &server, &life("7")).await;
    insta::assert_snapshot!(told(&server.requests(), &["private-token"]));
}

/// A ticket whose making was not heard of (killed before the receipt was kept) is found, not made
/// again.
#[tokio::test]
async fn no_ticket_is_made_twice() {
    let marker = "<!-- trailkeep:fedcba9876543210fedcba9876543210 -->";
    let issue = format!(r#"[{{"number":42,"iid":42,"body":"x {marker}","html_url":"u","web_url":"u"}}]"#);
    for (kind, settings, answer) in [
        ("github", "repository = \"a/b\"\ntoken = \"t\"\nurl = \"{URL}\"", issue.as_str()),
        ("gitlab", "project = \"a/b\"\ntoken = \"t\"\nurl = \"{URL}\"", issue.as_str()),
        ("jira", "url = \"{URL}\"\ntoken = \"t\"\nproject = \"SEC\"", r#"{"issues":[{"key":"42"}]}"#),
        ("servicenow", "url = \"{URL}\"\npassword = \"p\"", r#"{"result":[{"sys_id":"a","number":"42"}]}"#),
    ] {
        let server = ScriptedServer::start(vec![Reply::new(200, answer)]);
        let receipts = sent(kind, settings, &server, &[message(Action::Open, 1, None)]).await;
        assert_eq!(receipts[0].reference.as_deref(), Some("42"), "{kind}");
        assert_eq!(server.requests().len(), 1, "{kind}: it only looked");
    }
}

#[tokio::test]
async fn splunk_and_elasticsearch() {
    let server = accepting();
    let settings = "url = \"{URL}\"\ntoken = \"t\"\nindex = \"security\"";
    sent("splunk", settings, &server, &[message(Action::Record, 1, None)]).await;
    insta::assert_snapshot!("splunk", told(&server.requests(), &["authorization"]));
    // The second time, each document is there already: that is well.
    let there = r#"{"errors":true,"items":[{"create":{"status":409,"error":{"type":"version_conflict_engine_exception"}}}]}"#;
    let server = ScriptedServer::start(vec![
        Reply::new(200, r#"{"errors":false,"items":[{"create":{"status":201}}]}"#),
        Reply::new(200, there),
    ]);
    let messages = [message(Action::Record, 1, None), message(Action::Record, 1, None)];
    sent("elasticsearch", "url = \"{URL}\"\napi_key = \"k\"\nformat = \"ocsf\"", &server, &messages).await;
    insta::assert_snapshot!(
        "elasticsearch",
        told(&server.requests()[..1], &["authorization", "content-type"])
    );
}

#[tokio::test]
async fn elasticsearch_says_which_documents_it_refused() {
    for (status, retryable) in [(400, false), (429, true), (503, true)] {
        let answer = format!(
            r#"{{"errors":true,"items":[{{"create":{{"status":201}}}},{{"create":{{"status":{status},"error":{{"type":"t","reason":"r"}}}}}}]}}"#
        );
        let server = ScriptedServer::start(vec![Reply::new(200, answer)]);
        let settings = format!("url = \"{}\"\nallow_private = true", server.url());
        let error = channel("elasticsearch", &settings)
            .channel
            .send(&message(Action::Record, 1, None))
            .await
            .unwrap_err();
        assert_eq!(error.retryable, retryable, "{error}");
        assert!(error.reason.contains(&format!("with {status}: t: r")), "{error}");
    }
}

/// Every kind of HTTP channel takes a trial, and leaves nothing open that pages somebody.
#[tokio::test]
async fn a_trial_of_each_kind() {
    let server = ScriptedServer::answering(|request| match request.line.as_str() {
        line if line.contains("search/jql") => Reply::new(200, r#"{"issues":[]}"#),
        line if line.starts_with("GET") && line.contains("transitions") => {
            Reply::new(200, r#"{"transitions":[{"id":"31","to":{"statusCategory":{"key":"done"}}}]}"#)
        }
        line if line.starts_with("GET") && line.contains("table") => Reply::new(200, r#"{"result":[]}"#),
        line if line.starts_with("GET") => Reply::new(200, "[]"),
        line if line.contains("_bulk") => Reply::new(200, r#"{"errors":false,"items":[]}"#),
        _ => Reply::new(
            200,
            r#"{"ok":true,"ts":"1","key":"SEC-1","number":1,"iid":1,"result":{"sys_id":"a","number":"INC1"}}"#,
        ),
    });
    for (kind, settings) in [
        ("slack", "url = \"{URL}\""),
        ("teams", "url = \"{URL}\""),
        ("pagerduty", "routing_key = \"0123456789abcdef0123456789abcdef\"\nurl = \"{URL}\""),
        ("opsgenie", "api_key = \"k\"\nurl = \"{URL}\""),
        ("webhook", "url = \"{URL}\"\nsecret = \"0123456789abcdef\""),
        ("jira", "url = \"{URL}\"\ntoken = \"t\"\nproject = \"SEC\""),
        ("servicenow", "url = \"{URL}\"\npassword = \"p\""),
        ("github", "repository = \"a/b\"\ntoken = \"t\"\nurl = \"{URL}\""),
        ("gitlab", "project = \"a/b\"\ntoken = \"t\"\nurl = \"{URL}\""),
        ("splunk", "url = \"{URL}\"\ntoken = \"t\""),
        ("elasticsearch", "url = \"{URL}\""),
    ] {
        sent(kind, settings, &server, &[Notification::test("ops", at(0))]).await;
    }
    let lines: Vec<String> = server.requests().iter().map(|request| request.line.clone()).collect();
    for end in
        ["/close?identifierType=alias", "/issue/SEC-1/transitions", "PATCH /repos/a/b/issues/1", "/issues/1 "]
    {
        assert!(lines.iter().any(|line| line.contains(end)), "{end} in {lines:#?}");
    }
    let resolves = server
        .requests()
        .iter()
        .filter(|it| String::from_utf8_lossy(&it.body).contains("\"resolve\""))
        .count();
    assert_eq!(resolves, 1, "PagerDuty's trial is resolved");
}

#[test]
fn levels_have_a_word_in_each_vendors_language() {
    // A level that is added must be thought of everywhere: `match` does that; this counts them.
    assert_eq!(Level::ALL.len(), 5);
    assert!(!ChannelError::permanent("x").retryable);
}
