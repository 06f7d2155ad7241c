use trailkeep_detect::Level;

use super::*;
use crate::testing::{at, incident, message};

#[test]
fn subjects() {
    let one = message(Action::Open, 1);
    let many = message(Action::Storm, 30);
    let subjects: Vec<String> = [
        one.clone(),
        Notification { action: Action::Escalate, ..one.clone() },
        Notification { action: Action::Repeat, ..one.clone() },
        Notification { action: Action::Resolve, ..one },
        many.clone(),
        Notification { action: Action::Digest, ..many },
        Notification::test("ops", at(0)),
    ]
    .iter()
    .map(subject)
    .collect();
    insta::assert_snapshot!(subjects.join("\n"));
}

#[test]
fn whole_texts() {
    let message = message(Action::Storm, 30);
    let message = Notification { items: message.items[..2].to_vec(), ..message };
    let console = Url::parse("https://trailkeep.example.com/").unwrap();
    insta::assert_snapshot!("plain", plain_page(&message, Some(&console), 10_000));
    insta::assert_snapshot!("html", html_page(&message, Some(&console)));
    insta::assert_snapshot!("markdown", markdown_page(&message, Some(&console), 10_000));
}

/// What somebody would write into a log to be read by the one who is warned of them.
#[test]
fn hostile_texts_do_nothing() {
    let mut hostile = incident("r", "<script>alert(1)</script>", Level::High, 0);
    hostile.summary = "<!channel> *b* `x` @everyone [a](javascript:x)\r\nBcc: x@y\u{7}</td>".to_owned();
    hostile.title = "a\nSubject: b".to_owned();
    let message = crate::testing::message_of(Action::Open, vec![hostile]);
    assert!(!subject(&message).contains(['\n', '\r', '\u{7}']));
    let html = html_page(&message, None);
    assert!(!html.contains("<script") && !html.contains("&lt;script>"), "{html}");
    let markdown = markdown_page(&message, None, 10_000);
    assert!(!markdown.contains("[a](") && !markdown.contains("@everyone"), "{markdown}");
    assert_eq!(mrkdwn("<!channel> & *b*"), "&lt;!channel&gt; &amp; *\u{200b}b*\u{200b}");
}

#[test]
fn texts_are_bounded() {
    let mut monster = incident("r", &"é".repeat(1_000_000), Level::High, 0);
    monster.summary = "x ".repeat(1_000_000);
    let message = crate::testing::message_of(Action::Open, vec![monster; 20]);
    assert!(subject(&message).chars().count() <= 200);
    assert!(plain_page(&message, None, 5_000).chars().count() <= 5_000);
    assert!(html_page(&message, None).len() < 200_000);
}
