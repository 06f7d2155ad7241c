//! As much of the WebDriver protocol as the tests need.
//! Source: W3C WebDriver, section 6.3 (endpoints).

use std::time::{Duration, Instant};

use base64::Engine;
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use trailkeep_testkit::Browser;

/// A window of Chromium with a profile of its own.
pub(crate) struct Window {
    session: String,
    http: Client,
    _profile: TempDir,
}

impl Window {
    pub(crate) async fn open(browser: &Browser) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut arguments: Vec<String> = browser.arguments().iter().map(|text| (*text).to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let options = json!({ "binary": browser.chromium, "args": arguments });
        let ask = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let http = Client::new();
        let answer = http.post(format!("{}/session", browser.url())).json(&ask).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let id = answer["value"]["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("no session: {answer}\n{}", browser.log()));
        Self { session: format!("{}/session/{id}", browser.url()), http, _profile: profile }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}/{path}", self.session)).json(&body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert!(answer["value"].get("error").is_none(), "{path} {body}: {answer}");
        answer["value"].clone()
    }

    pub(crate) async fn go(&self, url: &str) {
        self.post("url", json!({ "url": url })).await;
    }

    /// Runs a script; `return` gives its value back.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.post("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Types keys into whatever has the focus.
    pub(crate) async fn keys(&self, text: &str) {
        let actions: Vec<Value> = text
            .chars()
            .flat_map(|key| {
                [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
            })
            .collect();
        self.post("actions", json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }))
            .await;
    }

    /// Presses at one point, moves to another, and lets go.
    pub(crate) async fn drag(&self, from: (i64, i64), to: (i64, i64)) {
        let moved = |(x, y): (i64, i64)| json!({ "type": "pointerMove", "duration": 60, "x": x, "y": y, "origin": "viewport" });
        let actions = [
            moved(from),
            json!({ "type": "pointerDown", "button": 0 }),
            moved((from.0.midpoint(to.0), from.1)),
            moved(to),
            json!({ "type": "pointerUp", "button": 0 }),
        ];
        self.post(
            "actions",
            json!({ "actions": [{ "type": "pointer", "id": "mouse", "actions": actions }] }),
        )
        .await;
    }

    pub(crate) async fn resize(&self, width: u32, height: u32) {
        self.post("window/rect", json!({ "width": width, "height": height })).await;
    }

    pub(crate) async fn screenshot(&self) -> Vec<u8> {
        let answer: Value =
            self.http.get(format!("{}/screenshot", self.session)).send().await.unwrap().json().await.unwrap();
        base64::engine::general_purpose::STANDARD.decode(answer["value"].as_str().unwrap()).unwrap()
    }

    /// Waits until a script's expression is true. Pages may load meanwhile.
    pub(crate) async fn until(&self, expression: &str) {
        let begun = Instant::now();
        loop {
            let ask = json!({ "script": format!("return Boolean({expression})"), "args": [] });
            let answer =
                self.http.post(format!("{}/execute/sync", self.session)).json(&ask).send().await.unwrap();
            let answer: Value = answer.json().await.unwrap();
            if answer["value"] == true {
                return;
            }
            let place =
                self.run("return location.href + '\\n' + document.body.innerText.slice(0, 600)").await;
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "waited too long for {expression}: {answer} at {place}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn close(self) {
        self.http.delete(&self.session).send().await.unwrap();
    }
}
