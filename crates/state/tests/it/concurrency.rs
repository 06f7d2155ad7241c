//! Two states on one file, as two processes have them, writing at the same time.

use trailkeep_detect::Level;
use trailkeep_state::{
    Actor, FindingFilter, LedgerEntry, NewAuditEntry, NewMessage, ObjectKey, RetryPolicy, Route, State,
};

use crate::fixtures::{at, finding};

fn entry(number: i64) -> LedgerEntry {
    let key = ObjectKey { source_uri: format!("s3://logs/{number}"), fingerprint: "etag:1/1".into() };
    LedgerEntry {
        key,
        run: None,
        events: 1,
        duplicates: 0,
        quarantined: 0,
        bytes: 1,
        finished_at: at(number),
    }
}

/// One process' work: the same objects, findings and acts as the other's.
async fn work(state: State, name: &'static str) -> (usize, u64) {
    let routes = [Route::channel("chat", Level::Low)];
    let (mut new, mut put) = (0, 0);
    for number in 0..40_u32 {
        let batch: Vec<_> =
            (0..5).map(|group| finding(group, (number * 7 + group) % 60, Level::High, &[])).collect();
        new += state.findings().upsert(&batch, &routes, at(0)).await.unwrap().new.len();
        put += state.ledger().put(&[entry(i64::from(number))]).await.unwrap();
        let act = NewAuditEntry::new(&Actor::local(name), "test.act", format!("n:{number}"), 1.into());
        state.audit().append(&act, at(0)).await.unwrap();
    }
    (new, put)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_writers_lose_nothing_and_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    // Opened at the same moment: one of them makes the schema, the other waits for it.
    let (a, b) = tokio::join!(State::open(&path), State::open(&path));
    let (a, b) = (a.unwrap(), b.unwrap());
    let first = tokio::spawn(work(a.clone(), "a"));
    let second = tokio::spawn(work(b.clone(), "b"));
    let (first, second) = (first.await.unwrap(), second.await.unwrap());

    let rows = a.findings().list(&FindingFilter::default(), 1000, None).await.unwrap().rows;
    assert_eq!(first.0 + second.0, rows.len(), "each row was new to one of them");
    assert_eq!(first.1 + second.1, 40, "each object was recorded by one of them");
    for row in &rows {
        let detail = b.findings().get(&row.id, 1000).await.unwrap().unwrap();
        assert_eq!(detail.evidence.len() as u64, row.count);
    }
    assert_eq!(b.outbox().counts().await.unwrap().pending, rows.len() as u64);
    let report = b.audit().verify(None).await.unwrap();
    assert_eq!((report.entries, report.problems), (80, vec![]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_claim_each_message_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let a = State::open(&path).await.unwrap();
    let b = State::open(&path).await.unwrap();
    for number in 0..60 {
        let (key, channel) = (format!("m{number}"), "chat".to_owned());
        let message = NewMessage { key, channel, kind: "test".into(), payload: "{}".into() };
        a.outbox().enqueue(&message, at(0)).await.unwrap();
    }
    let senders = (0..6).map(|number| {
        let outbox = if number % 2 == 0 { a.outbox() } else { b.outbox() };
        tokio::spawn(async move {
            let mut sent = Vec::new();
            loop {
                let lease = chrono::TimeDelta::seconds(60);
                let claims = outbox.claim(4, lease, &RetryPolicy::default(), at(1)).await.unwrap();
                if claims.is_empty() {
                    return sent;
                }
                for claim in claims {
                    assert!(outbox.ack(&claim, at(2)).await.unwrap());
                    sent.push(claim.message.key);
                }
            }
        })
    });
    let mut sent = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        sent.extend(sender.await.unwrap());
    }
    assert_eq!(sent.len(), 60);
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), 60);
}

#[tokio::test]
async fn readers_do_not_wait_for_a_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let a = State::open(&path).await.unwrap();
    let b = State::open(&path).await.unwrap();
    a.findings().upsert(&[finding(1, 1, Level::Low, &[])], &[], at(0)).await.unwrap();
    let many: Vec<_> = (0..3000).map(|number| finding(number, number % 80, Level::Low, &[])).collect();
    let writing = tokio::spawn({
        let findings = a.findings();
        async move { findings.upsert(&many, &[], at(1)).await.unwrap() }
    });
    let mut reads = 0;
    while !writing.is_finished() {
        let total = b.findings().counts(&FindingFilter::default()).await.unwrap().total;
        assert!(total == 1 || total == 3000, "a reader saw half a transaction: {total}");
        reads += 1;
    }
    assert!(reads > 1, "the reader waited");
    assert_eq!(writing.await.unwrap().unchanged, 1);
}
