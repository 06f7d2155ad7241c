//! Whatever is in a message, the vendors' limits hold.

use serde_json::Value;
use trailkeep_respond::route::{Action, Item, Why};
use trailkeep_testkit::{Reply, ScriptedServer};

use super::{channel, incident, of};

fn monstrous() -> Vec<Item> {
    let mut monster = incident();
    for text in [&mut monster.title, &mut monster.summary, &mut monster.rule_id, &mut monster.entity] {
        *text = "ö<&*\\|=\" ".repeat(20_000);
    }
    monster.actor = Some("a\n".repeat(50_000));
    monster.resource = Some("r".repeat(50_000));
    monster.owner = Some("o\u{0}".repeat(50_000));
    vec![Item { incident: monster, why: Why::Opened }; 20]
}

async fn body(kind: &str, settings: &str, items: Vec<Item>) -> Vec<u8> {
    let server = ScriptedServer::answering(|request| match request.line.as_str() {
        line if line.starts_with("GET") && line.contains("table") => Reply::new(200, r#"{"result":[]}"#),
        line if line.starts_with("GET") => Reply::new(200, "[]"),
        line if line.contains("search") => Reply::new(200, r#"{"issues":[]}"#),
        _ => Reply::new(200, r#"{"key":"S-1","number":1,"iid":1,"result":{"sys_id":"a","number":"I"}}"#),
    });
    let settings = format!("{}\nallow_private = true", settings.replace("{URL}", &server.url()));
    channel(kind, &settings).channel.send(&of(Action::Open, 1, None, items)).await.unwrap();
    server.requests().pop().unwrap().body
}

/// A path, and how many characters a text there may have.
type Limit = (&'static [&'static str], usize);

/// The longest text at a path; `*` stands for each item.
fn longest(value: &Value, path: &[&str]) -> usize {
    match (path, value) {
        ([], Value::String(text)) => text.chars().count(),
        (["*", rest @ ..], Value::Array(items)) => {
            items.iter().map(|item| longest(item, rest)).max().unwrap_or(0)
        }
        ([name, rest @ ..], _) => value.get(name).map_or(0, |value| longest(value, rest)),
        ([], _) => 0,
    }
}

#[tokio::test]
async fn texts_and_lists_are_within_the_documented_limits() {
    let key = "0123456789abcdef0123456789abcdef";
    let pagerduty = format!("routing_key = \"{key}\"\nurl = \"{{URL}}\"");
    let checks: [(&str, &str, &[Limit]); 8] = [
        (
            "slack",
            "url = \"{URL}\"",
            &[
                (&["attachments", "*", "blocks", "*", "text", "text"], 3_000),
                (&["attachments", "*", "blocks", "*", "fields", "*", "text"], 2_000),
                (&["text"], 4_000),
            ],
        ),
        (
            "pagerduty",
            &pagerduty,
            &[(&["dedup_key"], 255), (&["payload", "summary"], 1_024), (&["payload", "source"], 255)],
        ),
        (
            "opsgenie",
            "api_key = \"k\"\nurl = \"{URL}\"",
            &[
                (&["message"], 130),
                (&["description"], 15_000),
                (&["alias"], 512),
                (&["entity"], 512),
                (&["tags", "*"], 50),
            ],
        ),
        (
            "jira",
            "url = \"{URL}\"\ntoken = \"t\"\nproject = \"S\"",
            &[(&["fields", "summary"], 254), (&["fields", "labels", "*"], 255)],
        ),
        (
            "servicenow",
            "url = \"{URL}\"\npassword = \"p\"",
            &[(&["short_description"], 160), (&["description"], 4_000), (&["correlation_id"], 100)],
        ),
        (
            "github",
            "repository = \"a/b\"\ntoken = \"t\"\nurl = \"{URL}\"",
            &[(&["title"], 256), (&["body"], 65_536)],
        ),
        (
            "gitlab",
            "project = \"a/b\"\ntoken = \"t\"\nurl = \"{URL}\"",
            &[(&["title"], 255), (&["description"], 1_048_576)],
        ),
        ("teams", "url = \"{URL}\"", &[(&["type"], 7)]),
    ];
    for items in [monstrous(), monstrous()[..1].to_vec()] {
        for (kind, settings, limits) in checks {
            let body = body(kind, settings, items.clone()).await;
            let json: Value = serde_json::from_slice(&body).unwrap();
            for (path, most) in limits {
                let found = longest(&json, path);
                assert!(
                    found > 0 || path.contains(&"fields") || path.contains(&"tags"),
                    "{kind}: nothing at {path:?}"
                );
                assert!(found <= *most, "{kind}: {path:?} has {found} characters of {most}");
            }
            match kind {
                "slack" => {
                    let blocks = json["attachments"][0]["blocks"].as_array().unwrap();
                    assert!(blocks.len() <= 50);
                    assert!(longest(&blocks[0], &["text", "text"]) <= 150, "a header");
                }
                "teams" => assert!(body.len() <= 28 * 1024, "{} bytes", body.len()),
                "pagerduty" => assert!(body.len() <= 512 * 1024, "{} bytes", body.len()),
                _ => {}
            }
        }
    }
}
