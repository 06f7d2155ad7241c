//! Channels: how they are doing, trials, and trying again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use trailkeep_detect::Level;
use trailkeep_state::{AuditFilter, Role, Scope};
use trailkeep_testkit::{Reply, ScriptedServer};

use crate::incidents::{HOOK, open, signal};
use crate::stand::{Stand, read, respond, until};

const SECRET: &str = "0123456789abcdef";
/// A bot of Slack, whose messages have names, and one channel that no route leads to.
const CHANNELS: &str = "[respond]\nchannels = [\"chat\"]\nfallback = \"spare\"\n\
    [[respond.channel]]\nname = \"chat\"\ntype = \"slack\"\ntoken = \"xoxb-very-secret\"\nchannel = \"C1\"\napi_url = \"{URL}/api/\"\nallow_private = true\nrate = { messages = 3, per = \"1h\" }\n\
    [[respond.channel]]\nname = \"spare\"\ntype = \"webhook\"\nurl = \"{URL}/gone\"\nsecret = \"0123456789abcdef\"\nallow_private = true\n\
    [[respond.channel]]\nname = \"siem\"\ntype = \"elasticsearch\"\nurl = \"{URL}/es\"\nallow_private = true\n\
    [[respond.route]]\nname = \"paper trail\"\nmatch = { level = \"high\" }\nchannels = [\"siem\"]\n";

fn receiver() -> ScriptedServer {
    ScriptedServer::answering(|request| match request.line.as_str() {
        line if line.contains("/api/chat.postMessage") => {
            Reply::new(200, r#"{"ok":true,"ts":"1717243200.000100"}"#)
        }
        _ => Reply::new(410, "this hook was <b>removed</b>"),
    })
}

#[tokio::test]
async fn without_channels_the_page_shows_a_first_one() {
    let stand = Stand::open().await;
    let (code, page) = stand.get("/channels").await;
    assert!(
        code == 200 && page.contains("[[respond.channel]]") && page.contains("Nobody is told yet"),
        "{page}"
    );
    stand.stop().await;
}

#[tokio::test]
async fn a_test_arrives_or_says_why_not() {
    let receiver = receiver();
    let stand = Stand::guarded_with(respond(CHANNELS, &receiver.url())).await;
    let cookie = stand.login("responder").await;
    let page = async || {
        read(stand.request(Method::GET, "/channels").header("cookie", &cookie).send().await.unwrap()).await.1
    };
    let before = page().await;
    for text in [
        "Slack: messages with buttons",
        "3 messages an hour",
        "paper trail",
        "fallback",
        "records of each change",
    ] {
        assert!(before.contains(text), "{text} in {before}");
    }
    let test =
        async |name: &str| stand.post("/channels", &format!("/channels/{name}/test"), &cookie, &[]).await;
    let (code, arrived) = test("chat").await;
    assert!(
        code == 200 && arrived.contains("The test arrived.") && arrived.contains("1717243200.000100"),
        "{arrived}"
    );
    assert!(
        String::from_utf8_lossy(&receiver.requests()[0].body).contains("This is a test of the channel chat")
    );
    let (code, refused) = test("spare").await;
    assert!(code == 200 && refused.contains("The test did not arrive."), "{refused}");
    assert!(
        refused.contains("answered 410: this hook was &lt;b&gt;removed")
            && refused.contains("given up at once"),
        "{refused}"
    );
    assert_eq!(test("none").await.0, 404);
    for shown in [before, arrived, refused, page().await] {
        assert!(
            !shown.contains("xoxb") && !shown.contains(SECRET) && !shown.contains(&receiver.url()),
            "{shown}"
        );
    }
    let filter = AuditFilter { action: Some("channel.test".into()), ..AuditFilter::default() };
    let acts = stand.state.audit().list(&filter, 9, None).await.unwrap();
    assert_eq!(
        (acts.len(), acts[0].object.as_str(), acts[0].actor.as_str()),
        (2, "channel:spare", "responder")
    );
    assert!(acts[0].detail.contains("410") && acts[1].detail.contains("\"delivered\":true"), "{acts:?}");
    // Who may not is shown no button.
    let viewer = stand.login("viewer").await;
    let shown =
        read(stand.request(Method::GET, "/channels").header("cookie", &viewer).send().await.unwrap()).await.1;
    assert!(!shown.contains("Send a test</button>"), "{shown}");
    stand.stop().await;
}

#[tokio::test]
async fn what_was_given_up_is_shown_with_its_reason_and_tried_again() {
    let mended = Arc::new(AtomicBool::new(false));
    let is_mended = Arc::clone(&mended);
    let receiver = ScriptedServer::answering(move |_| {
        if is_mended.load(Ordering::SeqCst) { Reply::new(200, "") } else { Reply::new(410, "no such hook") }
    });
    let stand = Stand::with(respond(HOOK, &receiver.url())).await;
    let all: Vec<_> = (0..3).map(|n| signal(&format!("sg-{n}"), &format!("rule_{n}"), Level::High)).collect();
    let ids: Vec<String> = open(&stand, &all).await.into_iter().map(|it| it.id).collect();
    until("three failures", async || stand.state.outbox().counts().await.unwrap().failed == 3).await;
    let (_, page) = stand.get("/channels").await;
    for text in ["3 not delivered", "no such hook", "Given up after 1 attempt", "Retry all 3"] {
        assert!(page.contains(text), "{text} in {page}");
    }
    let (_, incident) = stand.get(&format!("/incidents/{}", ids[0])).await;
    assert!(incident.contains("Not delivered") && incident.contains("no such hook"), "{incident}");
    mended.store(true, Ordering::SeqCst);
    let one = stand.state.outbox().undelivered_to("ops", 1).await.unwrap()[0].id.to_string();
    assert_eq!(stand.post("/channels", "/channels/ops/retry", "", &[("id", &one)]).await.0, 303);
    until("one delivery", async || stand.state.outbox().counts().await.unwrap().sent == 1).await;
    assert_eq!(stand.post("/channels", "/channels/ops/retry", "", &[("id", &one)]).await.0, 404);
    assert_eq!(stand.post("/channels", "/channels/ops/retry", "", &[]).await.0, 303);
    until("the others", async || stand.state.outbox().counts().await.unwrap().sent == 3).await;
    assert!(stand.get("/channels").await.1.contains("Delivering"));
    let acts = stand.state.audit().list(&AuditFilter::default(), 9, None).await.unwrap();
    let acts: Vec<&str> = acts.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(acts, ["channel.retry", "message.retry"]);
    stand.stop().await;
}

#[tokio::test]
async fn programs_see_and_try_channels() {
    let receiver = receiver();
    let stand = Stand::guarded_with(respond(CHANNELS, &receiver.url())).await;
    let token = stand.token(Scope::Api(Role::Responder)).await;
    let call = async |method: Method, path: &str| -> (u16, Value) {
        let (status, text) =
            read(stand.request(method, path).bearer_auth(&token).send().await.unwrap()).await;
        assert!(!text.contains("xoxb") && !text.contains(SECRET), "{text}");
        (status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
    };
    let (_, all) = call(Method::GET, "/api/v1/channels").await;
    let chat = &all["data"][0];
    assert_eq!(
        (&chat["name"], &chat["type"], &chat["rate"]["messages"]),
        (&json!("chat"), &json!("slack"), &json!(3))
    );
    assert_eq!(
        (&all["data"][2]["records"], &all["data"][2]["routes"]),
        (&json!(true), &json!(["paper trail"]))
    );
    let (code, arrived) = call(Method::POST, "/api/v1/channels/chat/test").await;
    assert_eq!((code, &arrived["receipt"]["reference"]), (200, &json!("1717243200.000100")));
    let (code, refused) = call(Method::POST, "/api/v1/channels/spare/test").await;
    assert_eq!((code, &refused["error"]["code"]), (502, &json!("not_delivered")));
    assert_eq!(call(Method::POST, "/api/v1/channels/none/test").await.0, 404);
    stand.stop().await;
}
