use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::testing::{admin, at, state};
use crate::{Actor, AuditFilter, State, StateError};

fn new(key: &str, status: ResponseStatus) -> NewResponse {
    NewResponse {
        key: key.to_owned(),
        playbook: "trail-logging".to_owned(),
        mode: "approve".to_owned(),
        status,
        reason: None,
        fingerprint: "f".to_owned(),
        event_uid: format!("event of {key}"),
        event_time: at(0),
        account_id: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        resource: "main".to_owned(),
        actor: "arn:aws:iam::111122223333:user/alice".to_owned(),
        changed: "stopped trail main".to_owned(),
        plan: json!({"remedy": "put_back"}),
        expires_at: Some(at(60)),
    }
}

const LEASE: TimeDelta = TimeDelta::seconds(30);

async fn claim(state: &State, id: ResponseId, from: ResponseStatus, seconds: i64) -> bool {
    let responses = state.responses();
    let (from, actor) = ([from], Actor::system());
    let claimed = responses.claim(id, &from, ResponseStatus::Running, LEASE, &actor, at(seconds)).await;
    claimed.unwrap().is_some()
}

#[tokio::test]
async fn an_event_that_comes_again_makes_no_second_response() {
    let (_folder, state) = state().await;
    let responses = state.responses();
    let (first, is_new) = responses.open(&new("a", ResponseStatus::Waiting), at(1)).await.unwrap();
    assert!(is_new);
    let (second, is_new) = responses.open(&new("a", ResponseStatus::Observed), at(2)).await.unwrap();
    assert!(!is_new);
    assert_eq!(first, second);
    assert_eq!(responses.get(first.id).await.unwrap(), Some(first.clone()));
    responses.open(&new("b", ResponseStatus::Observed), at(3)).await.unwrap();
    let all = responses.list(&ResponseFilter::default(), 10, None).await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(responses.list(&ResponseFilter::default(), 10, Some(all[0].id)).await.unwrap(), [first]);
    let filter = ResponseFilter {
        statuses: vec![ResponseStatus::Observed],
        playbook: Some("trail-logging".to_owned()),
        account_id: Some("111122223333".to_owned()),
        event_uid: Some("event of b".to_owned()),
        incident_id: None,
    };
    assert_eq!(responses.list(&filter, 10, None).await.unwrap().len(), 1);
    let long = NewResponse { plan: json!("x".repeat(BODY)), ..new("c", ResponseStatus::Waiting) };
    assert!(matches!(responses.open(&long, at(1)).await, Err(StateError::Invalid { .. })));
}

#[tokio::test]
async fn people_decide_once_and_in_time() {
    let (_folder, state) = state().await;
    let responses = state.responses();
    let open = async |key: &str, status| responses.open(&new(key, status), at(0)).await.unwrap().0.id;
    let one = open("a", ResponseStatus::Waiting).await;
    responses.approve(one, &admin(), at(10)).await.unwrap();
    assert!(matches!(responses.approve(one, &admin(), at(11)).await, Err(StateError::Refused { .. })));
    assert!(matches!(responses.reject(one, None, &admin(), at(11)).await, Err(StateError::Refused { .. })));
    let two = open("b", ResponseStatus::Waiting).await;
    responses.reject(two, Some("planned work"), &admin(), at(12)).await.unwrap();
    let row = responses.get(two).await.unwrap().unwrap();
    assert_eq!((row.status, row.reason.as_deref()), (ResponseStatus::Rejected, Some("planned work")));
    assert_eq!((row.decided_by.as_deref(), row.finished_at), (Some("admin"), Some(at(12))));
    let three = open("c", ResponseStatus::Waiting).await;
    assert!(matches!(responses.approve(three, &admin(), at(60)).await, Err(StateError::Refused { .. })));
    let four = open("d", ResponseStatus::Escalated).await;
    assert_eq!(responses.expire(at(59)).await.unwrap(), []);
    assert_eq!(responses.expire(at(60)).await.unwrap(), [three]);
    responses.approve(four, &admin(), at(90)).await.unwrap();
    let missing = responses.approve(ResponseId(99), &admin(), at(1)).await;
    assert!(matches!(missing, Err(StateError::NotFound { .. })));
    let filter = AuditFilter { object: Some(format!("response:{two}")), ..AuditFilter::default() };
    let entries = state.audit().list(&filter, 10, None).await.unwrap();
    assert_eq!((entries[0].action.as_str(), entries[0].actor.as_str()), ("response.reject", "admin"));
    assert!(state.audit().verify(None).await.unwrap().intact());
}

#[tokio::test]
async fn one_worker_has_a_response_until_it_dies() {
    let (_folder, state) = state().await;
    let responses = state.responses();
    let id = responses.open(&new("a", ResponseStatus::Approved), at(0)).await.unwrap().0.id;
    assert_eq!(responses.left_over(at(0)).await.unwrap().len(), 1, "approved and not begun");
    assert!(claim(&state, id, ResponseStatus::Approved, 0).await);
    assert!(!claim(&state, id, ResponseStatus::Approved, 1).await);
    assert!(!claim(&state, id, ResponseStatus::Running, 29).await, "its worker lives");
    responses.note(id, "call", &json!({"n": 1}), Some("r-1"), LEASE, at(20)).await.unwrap();
    assert!(!claim(&state, id, ResponseStatus::Running, 49).await, "its worker has written since");
    assert!(responses.left_over(at(49)).await.unwrap().is_empty());
    assert_eq!(responses.left_over(at(50)).await.unwrap().len(), 1);
    assert!(claim(&state, id, ResponseStatus::Running, 50).await, "its worker is dead");
    responses.begin(id, &json!({"x": 1}), &json!({"x": null}), at(51)).await.unwrap();
    responses.note(id, "answer", &json!("y".repeat(BODY)), None, LEASE, at(52)).await.unwrap();
    responses.finish(id, ResponseStatus::Done, None, at(53)).await.unwrap();
    let row = responses.get(id).await.unwrap().unwrap();
    assert_eq!((row.before, row.after), (Some(json!({"x": 1})), Some(json!({"x": null}))));
    assert_eq!((row.started_at, row.finished_at), (Some(at(0)), Some(at(53))));
    let journal = responses.journal(id, 10).await.unwrap();
    assert_eq!(journal.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
    assert!(journal[1].body["left_out_bytes"].is_number());
    assert!(responses.made_request("r-1").await.unwrap() && !responses.made_request("r-2").await.unwrap());
    assert_eq!(responses.put_back_at("f").await.unwrap(), Some(at(53)));
    assert_eq!(responses.put_back_at("g").await.unwrap(), None);
    assert_eq!(responses.started_since("111122223333", at(0)).await.unwrap(), 1);
    assert_eq!(responses.started_since("111122223333", at(1)).await.unwrap(), 0);
    responses.set_incident(id, "i-1", at(54)).await.unwrap();
    assert_eq!(responses.prune(at(54)).await.unwrap(), 0);
    assert_eq!(responses.prune(at(55)).await.unwrap(), 1);
    assert!(responses.journal(id, 10).await.unwrap().is_empty(), "the journal goes with it");
}

fn seen(subject: &str, seconds: i64, state: u32) -> PriorState {
    PriorState {
        account_id: "1".to_owned(),
        region: "r".to_owned(),
        facet: "f".to_owned(),
        subject: subject.to_owned(),
        seen_at: at(seconds),
        source: "read".to_owned(),
        state: json!({"n": state}),
    }
}

#[tokio::test]
async fn the_state_before_an_event_is_the_last_one_seen_before_it() {
    let (_folder, state) = state().await;
    let priors = state.priors();
    let states = [seen("a", 10, 1), seen("a", 20, 1), seen("a", 30, 2), seen("b", 15, 9)];
    assert_eq!(priors.remember(&states).await.unwrap(), 3, "the same again is not kept");
    let before = async |subject: &str, seconds| {
        let found = priors.before("1", "r", "f", subject, at(seconds)).await.unwrap();
        found.map(|state| state.state["n"].as_u64().unwrap())
    };
    assert_eq!(before("a", 10).await, None, "seen at the same moment is not before");
    assert_eq!(before("a", 11).await, Some(1));
    assert_eq!(before("a", 30).await, Some(1));
    assert_eq!(before("a", 31).await, Some(2));
    // What is learned late has its place all the same.
    priors.remember(&[seen("a", 25, 7)]).await.unwrap();
    assert_eq!((before("a", 29).await, before("a", 31).await), (Some(7), Some(2)));
}

#[tokio::test]
async fn states_are_kept_within_bounds() {
    let (_folder, state) = state().await;
    let priors = state.priors();
    let many: Vec<PriorState> = (0..100).map(|n| seen("a", i64::from(n), n)).collect();
    priors.remember(&many).await.unwrap();
    assert!(priors.before("1", "r", "f", "a", at(92)).await.unwrap().is_none(), "old versions go");
    assert!(priors.before("1", "r", "f", "a", at(93)).await.unwrap().is_some());
    let long = PriorState { state: json!("x".repeat(2 * 1024 * 1024)), ..seen("long", 0, 0) };
    assert_eq!(priors.remember(&[long]).await.unwrap(), 0);
    let others: Vec<PriorState> = (0..50).map(|n| seen(&format!("s{n}"), n, 0)).collect();
    priors.remember(&others).await.unwrap();
    assert_eq!(priors.prune_to(1000).await.unwrap(), 0);
    assert!(priors.prune_to(10).await.unwrap() >= 40);
    assert!(priors.before("1", "r", "f", "a", at(1000)).await.unwrap().is_some(), "the newest stay");
}
