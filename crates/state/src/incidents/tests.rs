use chrono::TimeDelta;
use serde_json::json;
use trailkeep_detect::{Evidence, Level};

use super::*;
use crate::testing::{admin, at, state};
use crate::{NewAuditEntry, NewMessage, State};

fn incident(id: &str, seconds: i64, level: Level) -> Incident {
    Incident {
        id: id.into(),
        key: format!("key-{id}"),
        kind: IncidentKind::Finding,
        status: IncidentStatus::Open,
        level,
        title: "Trail stopped".into(),
        summary: format!("stopped trail {id}"),
        rule_id: "trail_stopped".into(),
        rule_title: "Trail stopped".into(),
        entity: format!("arn:aws:cloudtrail:eu-central-1:111122223333:trail/{id}"),
        account_id: Some("111122223333".into()),
        region: Some("eu-central-1".into()),
        resource: None,
        owner: Some("team-core".into()),
        actor: Some("arn:aws:iam::111122223333:user/alice".into()),
        assignee: None,
        count: 1,
        first_time: at(seconds),
        last_time: at(seconds),
        opened_at: at(seconds),
        open_since: at(seconds),
        acknowledged: None,
        resolved: None,
        changes: 1,
        changed_at: at(seconds),
        follows: None,
        evidence: vec![Evidence {
            event_uid: "u".into(),
            time: at(seconds),
            table: "cloudtrail_logs".into(),
        }],
    }
}

fn change(incident: Incident) -> IncidentChange {
    let signals = vec![(format!("s-{}", incident.id), incident.first_time)];
    let entry = TimelineEntry::new(incident.opened_at, "system", TimelineKind::Opened, "opened");
    IncidentChange { incident, timeline: vec![entry], signals }
}

fn told(incident: &str, thread: &str) -> Told {
    Told {
        incident: incident.into(),
        channel: "chat".into(),
        thread: thread.into(),
        changes: 1,
        level: Level::High,
        status: IncidentStatus::Open,
        step: 0,
        digest: false,
        since: at(1),
        at: at(1),
    }
}

fn sent(key: &str) -> SentRecord {
    SentRecord {
        key: key.into(),
        channel: "chat".into(),
        thread: "t".into(),
        action: "open".into(),
        subject: "Trail stopped".into(),
        urgent: true,
        incidents: 1,
        at: at(1),
    }
}

async fn generation(state: &State) -> i64 {
    state.incidents().generation().await.unwrap()
}

async fn keep(state: &State, commit: Commit, seconds: i64) -> i64 {
    state.incidents().commit(&commit, at(seconds)).await.unwrap().expect("nobody else was faster")
}

#[tokio::test]
async fn incident_message_and_what_was_told_are_kept_together_or_not_at_all() {
    let (_folder, state) = state().await;
    let commit = Commit {
        generation: generation(&state).await,
        incidents: vec![change(incident("a", 0, Level::High))],
        timeline: vec![(
            "a".into(),
            TimelineEntry::new(at(1), "system", TimelineKind::Notified, "told chat"),
        )],
        told: vec![told("a", "t")],
        threads: vec![Thread {
            id: "t".into(),
            channel: "chat".into(),
            group: "g".into(),
            episode: 1,
            messages: 1,
            last_at: at(1),
            closed: false,
        }],
        sent: vec![sent("t/1")],
        messages: vec![NewMessage {
            key: "t/1".into(),
            channel: "chat".into(),
            kind: "notification".into(),
            payload: "{}".into(),
        }],
        audit: vec![NewAuditEntry::new(&admin(), "incident.test", "incident:a", json!(null))],
    };
    let next = keep(&state, commit.clone(), 1).await;
    let board = state.incidents().board(at(0), at(0), at(1)).await.unwrap();
    assert_eq!(board.generation, next);
    assert_eq!(board.incidents, [incident("a", 0, Level::High)]);
    assert_eq!(
        (board.told, board.threads, board.sent),
        (commit.told.clone(), commit.threads.clone(), commit.sent.clone())
    );
    assert_eq!(state.outbox().counts().await.unwrap().pending, 1);

    // The same commit again is of an older board: nothing of it is kept.
    let second =
        Commit { messages: vec![NewMessage { key: "t/2".into(), ..commit.messages[0].clone() }], ..commit };
    assert_eq!(state.incidents().commit(&second, at(2)).await.unwrap(), None);
    assert_eq!(state.outbox().counts().await.unwrap().pending, 1);
    assert_eq!(state.audit().head().await.unwrap().unwrap().seq, 1);

    let detail = state.incidents().get("a").await.unwrap().unwrap();
    let kinds: Vec<_> = detail.timeline.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [TimelineKind::Opened, TimelineKind::Notified]);
    assert_eq!(state.incidents().known_signals(&["s-a", "s-b"]).await.unwrap(), ["s-a".to_owned()].into());
    assert_eq!(state.incidents().sent(Some("chat"), 9).await.unwrap(), [sent("t/1")]);
}

#[tokio::test]
async fn incidents_are_found_by_what_they_are_searched_by() {
    let (_folder, state) = state().await;
    let mut resolved = incident("b", 10, Level::Low);
    resolved.status = IncidentStatus::Resolved;
    resolved.resolved = Some(Stamp { by: "alice".into(), at: at(11) });
    let all = ["a", "c", "d"].map(|id| incident(id, 20, Level::High));
    let incidents = all.into_iter().chain([resolved]).map(change).collect();
    keep(&state, Commit { generation: 0, incidents, ..Commit::default() }, 20).await;
    let found = async |filter: IncidentFilter| -> Vec<String> {
        let page = state.incidents().list(&filter, 10, None).await.unwrap();
        page.rows.into_iter().map(|row| row.id).collect()
    };
    let all = IncidentFilter::default();
    assert_eq!(found(all.clone()).await, ["d", "c", "a", "b"]);
    assert_eq!(found(IncidentFilter { min_level: Some(Level::High), ..all.clone() }).await.len(), 3);
    assert_eq!(
        found(IncidentFilter { statuses: vec![IncidentStatus::Resolved], ..all.clone() }).await,
        ["b"]
    );
    assert_eq!(found(IncidentFilter { text: Some("TRAIL A".into()), ..all.clone() }).await, ["a"]);
    assert_eq!(found(IncidentFilter { assignee: Some(String::new()), ..all.clone() }).await.len(), 4);
    assert!(found(IncidentFilter { owner: Some("nobody".into()), ..all.clone() }).await.is_empty());
    let first = state.incidents().list(&all, 3, None).await.unwrap();
    let second = state.incidents().list(&all, 3, first.next).await.unwrap();
    assert_eq!((first.rows.len(), second.rows.len(), second.next), (3, 1, None));
    let cursor = first.next.unwrap();
    assert_eq!(cursor.to_string().parse::<IncidentCursor>(), Ok(cursor));
    for damaged in ["", "1", "a_b", "1_2_3"] {
        assert!(damaged.parse::<IncidentCursor>().is_err(), "{damaged}");
    }
    let high = IncidentFilter { text: Some("trail a".into()), ..all.clone() };
    let counts = state.incidents().counts_of(&high).await.unwrap();
    assert_eq!(counts.statuses[0], (IncidentStatus::Open, 1));
    assert_eq!(state.incidents().signals("a", 9).await.unwrap(), ["s-a"]);
    assert!(state.incidents().signals("none", 9).await.unwrap().is_empty());
    let counts = state.incidents().counts().await.unwrap();
    assert_eq!(
        counts.statuses,
        [(IncidentStatus::Open, 3), (IncidentStatus::Acknowledged, 0), (IncidentStatus::Resolved, 1)]
    );
    assert_eq!(counts.unresolved[1], (Level::High, 3));
}

#[tokio::test]
async fn the_board_leaves_out_what_was_resolved_long_ago_and_pruning_forgets_it() {
    let (_folder, state) = state().await;
    let mut old = incident("old", 0, Level::Low);
    old.status = IncidentStatus::Resolved;
    old.resolved = Some(Stamp { by: "system".into(), at: at(0) });
    let incidents = vec![change(old), change(incident("new", 0, Level::Low))];
    keep(&state, Commit { generation: 0, incidents, told: vec![told("old", "t")], ..Commit::default() }, 0)
        .await;
    let board = state.incidents().board(at(1), at(0), at(1)).await.unwrap();
    assert_eq!(board.incidents.len(), 1);
    assert!(board.told.is_empty());
    assert_eq!(state.incidents().prune(at(0) + TimeDelta::days(1)).await.unwrap(), 1);
    assert!(state.incidents().get("old").await.unwrap().is_none());
    assert!(state.incidents().get("new").await.unwrap().is_some(), "an unresolved one stays");
    assert!(state.incidents().known_signals(&["s-old"]).await.unwrap().is_empty());
}

#[tokio::test]
async fn silences_come_and_go_and_change_the_board() {
    let (_folder, state) = state().await;
    let incidents = state.incidents();
    let before = generation(&state).await;
    let new =
        NewSilence { matcher: "{}".into(), comment: "works".into(), starts_at: at(0), ends_at: at(100) };
    let id = incidents.silence(&new, &admin(), at(0)).await.unwrap();
    assert_eq!(generation(&state).await, before + 1);
    assert_eq!(incidents.board(at(0), at(0), at(99)).await.unwrap().silences.len(), 1);
    assert!(incidents.board(at(0), at(0), at(100)).await.unwrap().silences.is_empty());
    incidents.end_silence(id, &admin(), at(50)).await.unwrap();
    assert!(incidents.end_silence(id, &admin(), at(51)).await.is_err());
    assert_eq!(incidents.silences(9).await.unwrap()[0].ends_at, at(50));
    let wrong = NewSilence { ends_at: at(0), ..new };
    assert!(
        incidents
            .silence(&wrong, &admin(), at(0))
            .await
            .unwrap_err()
            .to_string()
            .contains("silence is not valid")
    );
    let acts = state.audit().list(&crate::AuditFilter::default(), 9, None).await.unwrap();
    assert_eq!(
        acts.iter().map(|act| act.action.as_str()).collect::<Vec<_>>(),
        ["silence.end", "silence.create"]
    );
}

#[tokio::test]
async fn tickets_belong_to_the_incidents_of_their_thread() {
    let (_folder, state) = state().await;
    let commit = Commit {
        incidents: vec![change(incident("a", 0, Level::High))],
        told: vec![told("a", "t")],
        ..Commit::default()
    };
    keep(&state, commit, 0).await;
    let ticket = |thread: &str, channel: &str, reference: &str| Ticket {
        channel: channel.into(),
        thread: thread.into(),
        reference: reference.into(),
        url: None,
        at: at(1),
    };
    let incidents = state.incidents();
    for kept in
        [ticket("t", "chat", "SEC-1"), ticket("a", "", "https://wiki/1"), ticket("x", "chat", "SEC-2")]
    {
        incidents.keep_ticket(&kept, None, at(1)).await.unwrap();
        incidents.keep_ticket(&kept, None, at(2)).await.unwrap();
    }
    let detail = incidents.get("a").await.unwrap().unwrap();
    let names: Vec<_> = detail.tickets.iter().map(|ticket| ticket.reference.as_str()).collect();
    assert_eq!(names, ["https://wiki/1", "SEC-1"]);
    assert_eq!(incidents.ticket("t", "chat").await.unwrap().unwrap().reference, "SEC-1");
    assert_eq!(incidents.ticket("t", "other").await.unwrap(), None);
}

#[tokio::test]
async fn a_monstrous_incident_becomes_a_bounded_one() {
    let (_folder, state) = state().await;
    let mut monster = incident("a", 0, Level::Low);
    monster.summary = "é".repeat(1_000_000);
    monster.actor = Some("x".repeat(1_000_000));
    monster.evidence = vec![monster.evidence[0].clone(); 10_000];
    keep(&state, Commit { incidents: vec![change(monster)], ..Commit::default() }, 0).await;
    let kept = state.incidents().get("a").await.unwrap().unwrap().incident;
    assert!(serde_json::to_string(&kept).unwrap().len() < 64 * 1024);
}
