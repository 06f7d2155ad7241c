//! Silences: made, listed, holding, ended.

use reqwest::Method;
use serde_json::{Value, json};
use trailkeep_detect::Level;
use trailkeep_state::{AuditFilter, Role, Scope};
use trailkeep_testkit::{Reply, ScriptedServer};

use crate::incidents::{HOOK, open, signal};
use crate::stand::{Stand, read, respond, until};

const OF_FILE: &str = "[[respond.silence]]\nmatch = { rule = \"from_file_*\" }\nends_at = \"2999-01-01T00:00:00Z\"\ncomment = \"known noise\"\n";

#[tokio::test]
async fn a_silence_holds_a_message_until_it_ends() {
    let receiver = ScriptedServer::start(vec![Reply::new(200, "")]);
    let stand = Stand::with(respond(HOOK, &receiver.url())).await;
    assert!(stand.get("/silences").await.1.contains("Nothing is silenced"));
    let form =
        [("rule", "sg_*"), ("account", "111122223333, 4*"), ("for", "4h"), ("comment", "network migration")];
    assert_eq!(stand.post("/silences", "/silences", "", &form).await.0, 303);
    let id = open(&stand, &[signal("sg-1", "sg_open", Level::Critical)]).await.remove(0).id;
    let other = open(&stand, &[signal("sg-2", "other", Level::Critical)]).await.remove(0).id;
    until("the other message", async || !receiver.requests().is_empty()).await;
    let (_, page) = stand.get(&format!("/incidents/{id}")).await;
    assert!(page.contains("Silenced until") && page.contains("network migration"), "{page}");
    assert!(page.contains("Nobody was told of this incident yet"), "{page}");
    assert!(!stand.get(&format!("/incidents/{other}")).await.1.contains("Silenced until"));
    let (_, page) = stand.get("/silences").await;
    assert!(page.contains("111122223333 or 4*") && page.contains(">1</span>"), "it holds one: {page}");
    let (_, page) = stand.get("/silences?rule=other").await;
    assert!(page.contains("It would hold") && page.contains("1 of 2 unresolved incidents"), "{page}");
    let silence = stand.state.incidents().silences(1).await.unwrap()[0].id;
    assert_eq!(stand.post("/silences", &format!("/silences/{silence}/end"), "", &[]).await.0, 303);
    // The server's own desk plans again, and what is still open is told.
    until("the message", async || receiver.requests().len() == 2).await;
    assert!(String::from_utf8_lossy(&receiver.requests()[1].body).contains(&id));
    assert!(stand.get("/silences").await.1.contains("Ended (1)"));
    assert_eq!(stand.post("/silences", &format!("/silences/{silence}/end"), "", &[]).await.0, 404);
    let acts = stand.state.audit().list(&AuditFilter::default(), 9, None).await.unwrap();
    let acts: Vec<&str> = acts.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(acts, ["silence.end", "silence.create"]);
    stand.stop().await;
}

#[tokio::test]
async fn a_wrong_silence_is_refused_with_its_reason() {
    let stand = Stand::open().await;
    for (form, said) in [
        (vec![("for", "4h"), ("comment", "x")], "it would silence everything"),
        (vec![("rule", "a"), ("for", "4h")], "say why"),
        (vec![("rule", "a["), ("for", "4h"), ("comment", "x")], "is no pattern"),
        (vec![("rule", "a"), ("for", "soon"), ("comment", "x")], "is no span of time"),
        (vec![("rule", "a"), ("until", "2020-01-01T00:00"), ("comment", "x")], "must end after it begins"),
        (vec![("rule", "a"), ("until", "9999-01-01T00:00"), ("comment", "x")], "a year at most"),
        (vec![("rule", "a"), ("starts", "x"), ("for", "1h"), ("comment", "x")], "is no instant"),
        (vec![("level", "loud"), ("for", "1h"), ("comment", "x")], "loud"),
    ] {
        let (code, page) = stand.post("/silences", "/silences", "", &form).await;
        assert!(code == 400 && page.contains(said), "{form:?}: {page}");
    }
    assert!(stand.state.incidents().silences(9).await.unwrap().is_empty());
    stand.stop().await;
}

#[tokio::test]
async fn those_of_the_file_are_marked_and_end_there() {
    let stand = Stand::guarded_with(respond(OF_FILE, "")).await;
    let cookie = stand.login("responder").await;
    let page =
        read(stand.request(Method::GET, "/silences").header("cookie", &cookie).send().await.unwrap()).await.1;
    assert!(
        page.contains("known noise") && page.contains(">file</span>") && page.contains("always"),
        "{page}"
    );
    assert!(!page.contains("/silences/-1/end"), "{page}");
    let (code, page) = stand.post("/silences", "/silences/-1/end", &cookie, &[]).await;
    assert!(code == 400 && page.contains("trailkeep.toml"), "{page}");
    // An analyst looks, and is told what more takes.
    let cookie = stand.login("analyst").await;
    let page =
        read(stand.request(Method::GET, "/silences").header("cookie", &cookie).send().await.unwrap()).await.1;
    assert!(page.contains("needs the role responder") && !page.contains("name=\"comment\""), "{page}");
    stand.stop().await;
}

#[tokio::test]
async fn programs_silence_too() {
    let stand = Stand::guarded_with(respond(OF_FILE, "")).await;
    let token = stand.token(Scope::Api(Role::Responder)).await;
    let call = async |method: Method, path: &str, body: Value| -> (u16, Value) {
        let request = stand.request(method, path).bearer_auth(&token).body(body.to_string());
        let (status, text) = read(request.send().await.unwrap()).await;
        (status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
    };
    let new = json!({ "matcher": { "level": "high", "rule": "sg_*" }, "comment": "works", "for": "2h" });
    let (code, made) = call(Method::POST, "/api/v1/silences", new).await;
    assert_eq!((code, &made["state"], &made["matcher"]["rule"]), (201, &json!("active"), &json!(["sg_*"])));
    let (_, all) = call(Method::GET, "/api/v1/silences", Value::Null).await;
    let origins: Vec<&str> =
        all["data"].as_array().unwrap().iter().filter_map(|it| it["origin"].as_str()).collect();
    assert_eq!(origins, ["file", "state"]);
    assert_eq!(all["data"][0]["starts_at"], Value::Null);
    for wrong in [
        json!({ "matcher": {}, "comment": "x", "for": "2h" }),
        json!({ "matcher": { "rule": "a" }, "comment": "", "for": "2h" }),
        json!({ "matcher": { "rule": "a" }, "comment": "x" }),
        json!({ "matcher": { "rule": "a" }, "comment": "x", "for": "2h", "ends_at": "2999-01-01T00:00:00Z" }),
        json!({ "matcher": { "colour": "a" }, "comment": "x", "for": "2h" }),
        json!({ "matcher": { "rule": "a" }, "comment": "x", "ends_at": "2020-01-01T00:00:00Z" }),
    ] {
        assert_eq!(call(Method::POST, "/api/v1/silences", wrong.clone()).await.0, 400, "{wrong}");
    }
    let path = format!("/api/v1/silences/{}", made["id"]);
    assert_eq!(call(Method::DELETE, &path, Value::Null).await.0, 204);
    assert_eq!(call(Method::DELETE, &path, Value::Null).await.0, 404);
    assert_eq!(call(Method::DELETE, "/api/v1/silences/-1", Value::Null).await.0, 409);
    assert_eq!(call(Method::DELETE, "/api/v1/silences/x", Value::Null).await.0, 404);
    stand.stop().await;
}
