//! The desk and the sender together, over a real state.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use trailkeep_detect::Level;
use trailkeep_respond::deliver::{Deliver, DeliverOptions, test_send};
use trailkeep_respond::desk::{Desk, DeskError};
use trailkeep_respond::incident::Act;
use trailkeep_respond::route::{Matcher, Pattern};
use trailkeep_state::{Actor, IncidentStatus, MessageState, NewMessage, RetryPolicy, State, TimelineKind};
use trailkeep_testkit::{Reply, ScriptedServer};

use super::{at, config, signal};

async fn state() -> (tempfile::TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path().join("state.db")).await.unwrap();
    (folder, state)
}

fn text(url: &str) -> String {
    format!(
        "channels = [\"hook\"]\n[[channel]]\nname = \"hook\"\ntype = \"webhook\"\nurl = \"{url}\"\n\
         secret = \"0123456789abcdef\"\nallow_private = true\n"
    )
}

fn desk(state: &State, url: &str) -> Desk {
    Desk::new(state.clone(), Arc::new(config(&text(url), None)))
}

#[tokio::test]
async fn signals_become_incidents_and_messages_once() {
    let (_folder, state) = state().await;
    let first = desk(&state, "http://127.0.0.1:9");
    let signals = [signal("a", Level::High, 0), signal("b", Level::Low, 0)];
    let step = first.take(&signals, at(1)).await.unwrap();
    assert_eq!((step.incidents.len(), step.messages, step.next_due), (2, 1, Some(at(31))));
    // Again, by another process that knows nothing: nothing new.
    let second = desk(&state, "http://127.0.0.1:9");
    let step = second.take(&signals, at(2)).await.unwrap();
    assert_eq!((step.incidents.len(), step.messages), (0, 0));
    assert_eq!(second.tick(at(31)).await.unwrap().messages, 1);
    // The first one's board is old by now; it sees that.
    assert_eq!(first.tick(at(32)).await.unwrap().messages, 0);
    assert_eq!(state.outbox().counts().await.unwrap().pending, 2);
    let id = first.take(&[signal("a2", Level::High, 3)], at(4)).await.unwrap().incidents[0].id.clone();
    let detail = state.incidents().get(&id).await.unwrap().unwrap();
    assert_eq!(detail.timeline.iter().map(|it| it.kind).collect::<Vec<_>>(), [TimelineKind::Opened]);
}

#[tokio::test]
async fn what_people_do_is_kept_audited_and_told() {
    let (_folder, state) = state().await;
    let desk = desk(&state, "http://127.0.0.1:9");
    let id = desk.take(&[signal("a", Level::High, 0)], at(1)).await.unwrap().incidents[0].id.clone();
    let alice = Actor::local("alice");
    let taken = desk.act(&id, &Act::Acknowledge, &alice, at(60)).await.unwrap();
    assert_eq!((taken.status, taken.assignee.as_deref()), (IncidentStatus::Acknowledged, Some("alice")));
    desk.note_response(&id, "revoked the rule", at(61)).await.unwrap();
    desk.link(&id, "SEC-1", None, &alice, at(62)).await.unwrap();
    for (reference, url) in [(" ", None), ("SEC-2", Some("javascript:alert(1)")), ("SEC-2", Some("SEC-2"))] {
        let refused = desk.link(&id, reference, url, &alice, at(62)).await;
        assert!(matches!(refused, Err(DeskError::Ticket(_))), "{reference} {url:?}");
    }
    let resolved =
        desk.act(&id, &Act::Resolve { comment: "done".to_owned() }, &alice, at(120)).await.unwrap();
    assert_eq!(resolved.status, IncidentStatus::Resolved);
    assert!(matches!(desk.act(&id, &Act::Acknowledge, &alice, at(121)).await, Err(DeskError::Act(_))));
    assert!(matches!(
        desk.act("none", &Act::Acknowledge, &alice, at(121)).await,
        Err(DeskError::NotFound { .. })
    ));
    let detail = state.incidents().get(&id).await.unwrap().unwrap();
    let kinds: Vec<_> = detail.timeline.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["opened", "notified", "acknowledged", "notified", "response", "ticket", "resolved", "notified"]
    );
    assert_eq!((detail.tickets.len(), detail.tickets[0].reference.as_str()), (1, "SEC-1"));
    let sent: Vec<String> =
        state.incidents().sent(None, 9).await.unwrap().into_iter().map(|it| it.action).collect();
    assert_eq!(sent, ["resolve", "acknowledge", "open"]);
    let report = state.audit().verify(None).await.unwrap();
    assert!(report.intact() && report.entries == 3, "{report:?}");
}

#[tokio::test]
async fn a_silence_of_a_person_holds_and_ends() {
    let (_folder, state) = state().await;
    let desk = desk(&state, "http://127.0.0.1:9");
    let matcher = Matcher { entity: vec![Pattern::new("sg-a").unwrap()], ..Matcher::default() };
    let alice = Actor::local("alice");
    let id = desk.silence(&matcher, "works", at(0), at(1000), &alice, at(0)).await.unwrap();
    let all = desk.silence(&Matcher::default(), "", at(0), at(1000), &alice, at(0)).await;
    assert!(matches!(all, Err(DeskError::SilencesAll)));
    let step = desk.take(&[signal("a", Level::High, 1), signal("b", Level::High, 1)], at(1)).await.unwrap();
    assert_eq!((step.messages, step.held.len()), (1, 1));
    desk.end_silence(id, &alice, at(40)).await.unwrap();
    assert_eq!(desk.tick(at(41)).await.unwrap().messages, 1);
}

/// Four desks over one state, as four processes would be: every signal is counted once, and every
/// message has been enqueued once.
#[tokio::test(flavor = "multi_thread")]
async fn many_desks_over_one_state_agree() {
    let (_folder, state) = state().await;
    let desks: Vec<_> = (0..4).map(|_| Arc::new(desk(&state, "http://127.0.0.1:9"))).collect();
    let mut tasks = Vec::new();
    for (number, desk) in desks.iter().enumerate() {
        let desk = Arc::clone(desk);
        tasks.push(tokio::spawn(async move {
            for n in 0..10 {
                // Half of the signals come to two desks.
                let own = signal(&format!("{number}-{n}"), Level::High, n);
                let shared = signal(&format!("{}-s{n}", number / 2), Level::High, n);
                loop {
                    match desk.take(&[own.clone(), shared.clone()], at(n)).await {
                        Ok(_) => break,
                        Err(DeskError::Busy) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let board = state.incidents().board(at(0), at(0), at(100)).await.unwrap();
    assert_eq!(board.incidents.len(), 60);
    assert!(board.incidents.iter().all(|incident| incident.count == 1));
}

fn fast() -> DeliverOptions {
    DeliverOptions {
        policy: RetryPolicy {
            attempts: 3,
            first_pause: TimeDelta::milliseconds(10),
            longest_pause: TimeDelta::milliseconds(20),
        },
        idle: Duration::from_millis(5),
        ..DeliverOptions::default()
    }
}

/// Runs the sender until `done` says so.
async fn until(state: &State, deliver: &Deliver, done: impl AsyncFn() -> bool) {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let sender = deliver.clone();
    let running = tokio::spawn(async move {
        sender.run(async { stopped.await.unwrap_or(()) }).await;
    });
    for _ in 0..2_000 {
        if done().await {
            drop(stop);
            running.await.unwrap();
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not done: {:?}", state.outbox().list(None, 20).await.unwrap());
}

#[tokio::test]
async fn messages_arrive_in_order_and_with_their_ticket() {
    let (_folder, state) = state().await;
    let server = ScriptedServer::answering(|request| match request.line.as_str() {
        line if line.starts_with("GET") => Reply::new(200, "[]"),
        _ => Reply::new(201, r#"{"number":42,"html_url":"https://example.com/42"}"#),
    });
    let text = format!(
        "channels = [\"issues\"]\nurgent_interval = \"1s\"\n[[channel]]\nname = \"issues\"\ntype = \"github\"\nrepository = \"a/b\"\n\
         token = \"t\"\nurl = \"{}\"\nallow_private = true\n",
        server.url()
    );
    let config = config(&text, None);
    let deliver = Deliver::new(state.clone(), &config, fast());
    let desk = Desk::new(state.clone(), Arc::new(config));
    let now = Utc::now() - TimeDelta::seconds(100);
    let mut signal = signal("a", Level::High, 0);
    signal.time = now;
    let id = desk.take(&[signal], now).await.unwrap().incidents[0].id.clone();
    let alice = Actor::local("alice");
    desk.act(&id, &Act::Acknowledge, &alice, now + TimeDelta::seconds(10)).await.unwrap();
    desk.act(&id, &Act::Resolve { comment: String::new() }, &alice, now + TimeDelta::seconds(20))
        .await
        .unwrap();
    // All three wait at once.
    assert_eq!(state.outbox().counts().await.unwrap().pending, 3);
    until(&state, &deliver, async || state.outbox().counts().await.unwrap().sent == 3).await;
    let lines: Vec<String> = server.requests().iter().map(|it| it.line.clone()).collect();
    let changes: Vec<&str> =
        lines.iter().filter(|line| !line.starts_with("GET")).map(String::as_str).collect();
    assert_eq!(
        changes,
        [
            "POST /repos/a/b/issues HTTP/1.1",
            "POST /repos/a/b/issues/42/comments HTTP/1.1",
            "POST /repos/a/b/issues/42/comments HTTP/1.1",
            "PATCH /repos/a/b/issues/42 HTTP/1.1",
        ]
    );
    let detail = state.incidents().get(&id).await.unwrap().unwrap();
    assert_eq!(detail.tickets[0].reference, "42");
    assert_eq!(detail.tickets[0].url.as_deref(), Some("https://example.com/42"));
}

#[tokio::test]
async fn what_cannot_be_delivered_goes_to_the_fallback_with_the_reason() {
    let (_folder, state) = state().await;
    let gone = ScriptedServer::answering(|_| Reply::new(410, "gone"));
    let busy = ScriptedServer::answering(|_| Reply::new(503, "busy"));
    let good = ScriptedServer::answering(|_| Reply::new(200, ""));
    let hook = |name: &str, url: &str| {
        format!(
            "[[channel]]\nname = \"{name}\"\ntype = \"webhook\"\nurl = \"{url}\"\nsecret = \"0123456789abcdef\"\nallow_private = true\n"
        )
    };
    let text = format!(
        "channels = [\"gone\", \"busy\"]\nfallback = \"good\"\n{}{}{}",
        hook("gone", &gone.url()),
        hook("busy", &busy.url()),
        hook("good", &good.url())
    );
    let config = config(&text, None);
    let deliver = Deliver::new(state.clone(), &config, fast());
    let desk = Desk::new(state.clone(), Arc::new(config));
    desk.take(&[signal("a", Level::High, 0)], at(1)).await.unwrap();
    until(&state, &deliver, async || {
        let counts = state.outbox().counts().await.unwrap();
        (counts.failed, counts.sent) == (2, 2)
    })
    .await;
    assert_eq!((gone.requests().len(), busy.requests().len()), (1, 3), "what is gone is not tried again");
    let comments: Vec<String> = good
        .requests()
        .iter()
        .map(|it| {
            serde_json::from_slice::<serde_json::Value>(&it.body).unwrap()["text"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(
        comments
            .iter()
            .any(|it| it.contains("could not be delivered to gone: the receiver answered 410: gone")),
        "{comments:?}"
    );
    assert!(comments.iter().any(|it| it.contains("could not be delivered to busy")), "{comments:?}");
}

/// A receiver that hangs takes its own turns only.
#[tokio::test]
async fn one_that_hangs_keeps_nobody_waiting() {
    let (_folder, state) = state().await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let good = ScriptedServer::answering(|_| Reply::new(200, ""));
    let hook = |name: &str, url: &str| {
        format!(
            "[[channel]]\nname = \"{name}\"\ntype = \"webhook\"\nurl = \"{url}\"\nsecret = \"0123456789abcdef\"\nallow_private = true\ntimeout = \"20s\"\n"
        )
    };
    let silent_url = format!("http://{}", silent.local_addr().unwrap());
    let config = config(&format!("{}{}", hook("silent", &silent_url), hook("good", &good.url())), None);
    let deliver = Deliver::new(state.clone(), &config, fast());
    let payload =
        serde_json::to_string(&super::message(trailkeep_respond::route::Action::Open, 1, None)).unwrap();
    for n in 0..60 {
        let channel = if n < 50 { "silent" } else { "good" };
        let kind = "notification".to_owned();
        let message = NewMessage {
            key: format!("k{n:02}"),
            channel: channel.to_owned(),
            kind,
            payload: payload.clone(),
        };
        state.outbox().enqueue(&message, Utc::now()).await.unwrap();
    }
    let running = tokio::spawn(async move { deliver.run(std::future::pending()).await });
    for _ in 0..1_000 {
        if good.requests().len() == 10 {
            running.abort();
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} of 10 arrived within 5 s", good.requests().len());
}

#[tokio::test]
async fn trials_and_messages_of_unknown_channels() {
    let (_folder, state) = state().await;
    let server = ScriptedServer::answering(|_| Reply::new(200, ""));
    let config = config(&text(&server.url()), None);
    test_send(&config.channels[0], at(0)).await.unwrap();
    assert!(
        String::from_utf8_lossy(&server.requests()[0].body).contains("This is a test of the channel hook")
    );
    let new = |key: &str, kind: &str, payload: &str| NewMessage {
        key: key.to_owned(),
        channel: "nobody".to_owned(),
        kind: kind.to_owned(),
        payload: payload.to_owned(),
    };
    let payload =
        serde_json::to_string(&super::message(trailkeep_respond::route::Action::Open, 1, None)).unwrap();
    for message in [
        new("a", "notification", &payload),
        new("b", "finding", "{}"),
        NewMessage { channel: "hook".to_owned(), ..new("c", "notification", "{") },
    ] {
        state.outbox().enqueue(&message, Utc::now()).await.unwrap();
    }
    let deliver = Deliver::new(state.clone(), &config, fast());
    until(&state, &deliver, async || state.outbox().counts().await.unwrap().failed == 3).await;
    let failed = state.outbox().list(Some(MessageState::Failed), 9).await.unwrap();
    assert!(
        failed.iter().filter(|it| it.channel == "nobody").all(|it| it
            .last_error
            .as_deref()
            .unwrap()
            .contains("there is no channel 'nobody'"))
    );
}
