//! Killed during delivery, again and again, the sender loses nothing.
//!
//! The sender is this test binary, started again to run [`sender`] only, and ended by SIGKILL.

use std::collections::HashSet;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use trailkeep_detect::Level;
use trailkeep_respond::deliver::{Deliver, DeliverOptions};
use trailkeep_respond::desk::Desk;
use trailkeep_state::{RetryPolicy, State};
use trailkeep_testkit::{Reply, ScriptedServer};

use super::{at, config, signal};

const DATABASE: &str = "TRAILKEEP_TEST_KILL_DATABASE";
const RECEIVER: &str = "TRAILKEEP_TEST_KILL_RECEIVER";
const INCIDENTS: usize = 300;

fn text(url: &str) -> String {
    format!(
        "channels = [\"hook\"]\ngroup_by = [\"incident\"]\n[[channel]]\nname = \"hook\"\ntype = \"webhook\"\n\
         url = \"{url}\"\nsecret = \"0123456789abcdef\"\nallow_private = true\nrate = {{ messages = 1000, per = \"1m\" }}\n"
    )
}

#[tokio::test]
#[ignore = "started, and killed, by a_killed_sender_loses_nothing"]
async fn sender() {
    let state = State::open(std::env::var_os(DATABASE).unwrap()).await.unwrap();
    let config = config(&text(&std::env::var(RECEIVER).unwrap()), None);
    let options = DeliverOptions {
        policy: RetryPolicy {
            attempts: 1000,
            first_pause: TimeDelta::milliseconds(5),
            longest_pause: TimeDelta::milliseconds(20),
        },
        together: 4,
        idle: Duration::from_millis(5),
        // The dead one's claims are free again soon.
        lease: Some(TimeDelta::milliseconds(300)),
        ..DeliverOptions::default()
    };
    Deliver::new(state, &config, options).run(std::future::pending()).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_sender_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    // Slow, and failing now and then, so that deaths fall between sending and saying so.
    let count = std::sync::atomic::AtomicU32::new(0);
    let server = ScriptedServer::answering(move |_| {
        let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        #[allow(clippy::disallowed_methods, reason = "the receiver's own thread")]
        std::thread::sleep(Duration::from_millis(u64::from(count % 7) * 5));
        if count % 9 == 8 { Reply::new(503, "") } else { Reply::new(200, "") }
    });
    let state = State::open(&path).await.unwrap();
    let desk = Desk::new(state.clone(), Arc::new(config(&text(&server.url()), None)));
    let signals: Vec<_> = (0..INCIDENTS).map(|n| signal(&n.to_string(), Level::High, 0)).collect();
    let step = desk.take(&signals, at(1)).await.unwrap();
    assert_eq!(step.messages, INCIDENTS);
    let mut killed = 0;
    for round in 0..200 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "notify::killed::sender", "--ignored"])
            .env(DATABASE, &path)
            .env(RECEIVER, server.url())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(150 + round % 5 * 40)).await;
        assert!(child.try_wait().unwrap().is_none(), "the sender ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        let counts = state.outbox().counts().await.unwrap();
        assert_eq!(counts.failed, 0);
        if counts.pending == 0 {
            break;
        }
    }
    assert_eq!(state.outbox().counts().await.unwrap().sent as usize, INCIDENTS);
    assert!(killed >= 3, "it was killed only {killed} times");
    let wanted: HashSet<String> = state
        .outbox()
        .list(None, 2 * INCIDENTS)
        .await
        .unwrap()
        .into_iter()
        .map(|message| message.key)
        .collect();
    assert_eq!(wanted.len(), INCIDENTS);
    let arrived: HashSet<String> =
        server.requests().iter().map(|it| it.header("idempotency-key").to_owned()).collect();
    let lost: Vec<&String> = wanted.difference(&arrived).collect();
    assert!(lost.is_empty(), "said to be sent, and never arrived: {lost:?}");
    // A request that was cut off by its sender's death may have no key yet.
    let others: Vec<&String> = arrived.difference(&wanted).filter(|key| !key.is_empty()).collect();
    assert!(others.is_empty(), "{others:?}");
}
