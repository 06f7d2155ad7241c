//! What is tried again, and what is not.

use std::time::Duration;

use trailkeep_respond::route::Action;
use trailkeep_testkit::{Reply, ScriptedServer};

use super::{channel, message};

async fn error(kind: &str, settings: &str, reply: Reply) -> trailkeep_respond::channel::ChannelError {
    let server = ScriptedServer::start(vec![reply]);
    let settings = format!("{}\nallow_private = true", settings.replace("{URL}", &server.url()));
    channel(kind, &settings).channel.send(&message(Action::Open, 1, None)).await.unwrap_err()
}

#[tokio::test]
async fn statuses_say_whether_it_is_worth_trying_again() {
    let settings = "url = \"{URL}\"";
    for (status, retryable) in [
        (400, false),
        (404, false),
        (410, false),
        (413, false),
        (302, false),
        (401, true),
        (429, true),
        (500, true),
        (503, true),
    ] {
        let reply = Reply::new(status, "no\u{7} thanks").header("retry-after", "17");
        let error = error("slack", settings, reply).await;
        assert_eq!(
            (error.retryable, error.retry_after),
            (retryable, Some(Duration::from_secs(17))),
            "{status}"
        );
        assert!(error.reason.contains(&format!("answered {status}: no  thanks")), "{error}");
    }
}

#[tokio::test]
async fn slack_says_in_the_body_what_is_wrong() {
    let settings = "token = \"x\"\nchannel = \"C\"\napi_url = \"{URL}\"";
    for (said, retryable) in [
        ("channel_not_found", false),
        ("invalid_blocks", false),
        ("invalid_auth", true),
        ("internal_error", true),
    ] {
        let error =
            error("slack", settings, Reply::new(200, format!("{{\"ok\":false,\"error\":\"{said}\"}}"))).await;
        assert_eq!(error.retryable, retryable, "{said}");
    }
}

#[tokio::test]
async fn broken_connections_are_tried_again_and_secrets_are_in_no_error() {
    let cut = Reply { status: 200, body: b"abc".to_vec(), ..Reply::default() }.cut_after(0);
    // The status came: the message arrived, whatever became of the rest.
    let server = ScriptedServer::start(vec![cut]);
    let settings = format!("url = \"{}/services/hunter2\"\nallow_private = true", server.url());
    channel("slack", &settings).channel.send(&message(Action::Open, 1, None)).await.unwrap();
    let nobody = "url = \"http://127.0.0.1:9/services/hunter2\"\nallow_private = true";
    let slack = channel("slack", nobody);
    let error = slack.channel.send(&message(Action::Open, 1, None)).await.unwrap_err();
    assert!(error.retryable && !error.to_string().contains("hunter2"), "{error}");
    assert!(!format!("{slack:?}").contains("hunter2"), "{slack:?}");
}
