use super::*;
use crate::testing::{at, state};

fn alarm(id: &str, origin: AlarmOrigin, seconds: i64) -> NewAlarm {
    NewAlarm {
        id: id.to_owned(),
        name: id.rsplit(':').next().unwrap_or(id).to_owned(),
        kind: "MetricAlarm".to_owned(),
        origin,
        account_id: Some("111122223333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        definition: "{}".to_owned(),
        state: "OK".to_owned(),
        reason: "Unchecked: Initial alarm creation".to_owned(),
        reason_data: "{}".to_owned(),
        updated_at: at(seconds),
        transitioned_at: at(seconds),
    }
}

fn change(id: &str, to: &str, seconds: i64) -> AlarmEvent {
    AlarmEvent {
        alarm_id: id.to_owned(),
        alarm_name: id.to_owned(),
        alarm_kind: "MetricAlarm".to_owned(),
        time: at(seconds),
        item_type: "StateUpdate".to_owned(),
        summary: format!("Alarm updated from OK to {to}"),
        data: "{}".to_owned(),
        from_state: Some("OK".to_owned()),
        to_state: Some(to.to_owned()),
        reason: Some("Threshold Crossed".to_owned()),
        account_id: None,
        region: None,
    }
}

fn update(id: &str, to: &str, seconds: i64) -> AlarmStateUpdate {
    AlarmStateUpdate {
        id: id.to_owned(),
        state: to.to_owned(),
        reason: "Threshold Crossed".to_owned(),
        reason_data: "{}".to_owned(),
        updated_at: at(seconds),
        transitioned_at: at(seconds),
    }
}

async fn names(alarms: &Alarms, filter: &AlarmFilter) -> Vec<String> {
    alarms.list(filter, 0, 100).await.unwrap().into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_changed_definition_keeps_the_state() {
    let (_folder, state) = state().await;
    let alarms = state.alarms();
    assert_eq!(alarms.put(&[alarm("a", AlarmOrigin::Toml, 0)], at(0)).await.unwrap(), 1);
    assert_eq!(alarms.put(&[alarm("a", AlarmOrigin::Toml, 0)], at(1)).await.unwrap(), 0, "nothing changed");
    let commit = AlarmCommit { states: vec![update("a", "ALARM", 2)], ..AlarmCommit::default() };
    alarms.commit(&commit, at(2)).await.unwrap();
    let other = NewAlarm { definition: "{\"x\":1}".to_owned(), ..alarm("a", AlarmOrigin::Toml, 3) };
    assert_eq!(alarms.put(&[other], at(3)).await.unwrap(), 1);
    let row = alarms.get("a").await.unwrap();
    assert_eq!((row.state.as_str(), row.definition.as_str()), ("ALARM", "{\"x\":1}"));
    assert_eq!((row.transitioned_at, row.stored_at), (at(2), at(3)));
    assert_eq!(alarms.counts().await.unwrap(), [("ALARM".to_owned(), 1)]);
}

#[tokio::test]
async fn an_import_brings_its_state_unless_it_is_older() {
    let (_folder, state) = state().await;
    let alarms = state.alarms();
    alarms.put(&[alarm("a", AlarmOrigin::Import, 10)], at(0)).await.unwrap();
    let newer = NewAlarm { state: "ALARM".to_owned(), ..alarm("a", AlarmOrigin::Import, 20) };
    alarms.put(&[newer], at(1)).await.unwrap();
    alarms.put(&[alarm("a", AlarmOrigin::Import, 15)], at(2)).await.unwrap();
    assert_eq!(alarms.get("a").await.unwrap().state, "ALARM");
}

#[tokio::test]
async fn each_origin_and_scope_replaces_its_own() {
    let (_folder, state) = state().await;
    let alarms = state.alarms();
    let other = NewAlarm { region: Some("us-east-1".to_owned()), ..alarm("d", AlarmOrigin::Import, 0) };
    let all = [
        alarm("a", AlarmOrigin::Toml, 0),
        alarm("b", AlarmOrigin::Import, 0),
        alarm("c", AlarmOrigin::Import, 0),
        other,
    ];
    alarms.put(&all, at(0)).await.unwrap();
    let scope = Some(("111122223333", "eu-west-1"));
    let done = alarms
        .replace(AlarmOrigin::Import, scope, &[alarm("c", AlarmOrigin::Import, 0)], at(1))
        .await
        .unwrap();
    assert_eq!(done, Replaced { changed: 0, removed: 1 });
    assert_eq!(names(&alarms, &AlarmFilter::default()).await, ["a", "c", "d"]);
    assert_eq!(alarms.replace(AlarmOrigin::Toml, None, &[], at(2)).await.unwrap().removed, 1);
    alarms.remove("c").await.unwrap();
    assert!(matches!(alarms.remove("c").await, Err(StateError::NotFound { .. })));
}

#[tokio::test]
async fn alarms_are_found_by_state_name_and_scope() {
    let (_folder, state) = state().await;
    let alarms = state.alarms();
    let arn = |account: &str| format!("arn:aws:cloudwatch:eu-west-1:{account}:alarm:cpu");
    let loud = NewAlarm { state: "ALARM".to_owned(), ..alarm("z%", AlarmOrigin::Api, 0) };
    let all = [alarm(&arn("1"), AlarmOrigin::Import, 0), alarm(&arn("2"), AlarmOrigin::Import, 0), loud];
    alarms.put(&all, at(0)).await.unwrap();
    assert_eq!(names(&alarms, &AlarmFilter::default()).await[0], "z%", "those in ALARM come first");
    let states = |state: &str| AlarmFilter { states: vec![state.to_owned()], ..AlarmFilter::default() };
    assert_eq!(names(&alarms, &states("ALARM")).await, ["z%"]);
    let prefix =
        |prefix: &str| AlarmFilter { name_prefix: Some(prefix.to_owned()), ..AlarmFilter::default() };
    assert_eq!(names(&alarms, &prefix("cp")).await.len(), 2);
    assert_eq!(names(&alarms, &prefix("%")).await.len(), 0, "no wildcard");
    assert_eq!(alarms.counts_of(&prefix("cp")).await.unwrap().len(), 1);
    assert_eq!(alarms.counts_of(&states("ALARM")).await.unwrap(), [("ALARM".to_owned(), 1)]);
    let composite = AlarmFilter { kind: Some("CompositeAlarm".to_owned()), ..AlarmFilter::default() };
    assert_eq!(names(&alarms, &composite).await.len(), 0);
    assert_eq!(alarms.scopes().await.unwrap().iter().map(|scope| scope.alarms).sum::<u64>(), 3);
    let error = alarms.get("cpu").await.unwrap_err().to_string();
    assert!(error.contains("give the ARN"), "{error}");
    assert_eq!(alarms.get(&arn("2")).await.unwrap().id, arn("2"));
    assert!(matches!(alarms.get("x").await, Err(StateError::NotFound { .. })));
}

#[tokio::test]
async fn a_commit_is_kept_once_and_whole() {
    let (_folder, state) = state().await;
    let alarms = state.alarms();
    alarms.put(&[alarm("a", AlarmOrigin::Api, 0)], at(0)).await.unwrap();
    let commit = AlarmCommit {
        states: vec![update("a", "ALARM", 60), update("gone", "ALARM", 60)],
        events: vec![change("a", "ALARM", 60)],
        snapshot: Some(("engine".to_owned(), "{\"version\":1}".to_owned())),
        ..AlarmCommit::default()
    };
    assert_eq!(alarms.commit(&commit, at(60)).await.unwrap(), 1);
    assert_eq!(alarms.commit(&commit, at(61)).await.unwrap(), 0, "repeated after a kill");
    assert_eq!(alarms.snapshot("engine").await.unwrap(), Some(("{\"version\":1}".to_owned(), at(61))));
    assert_eq!(alarms.snapshot("watcher").await.unwrap(), None);
    let huge = AlarmCommit {
        events: vec![change("a", "OK", 120)],
        snapshot: Some(("engine".to_owned(), "x".repeat(SNAPSHOT + 1))),
        ..AlarmCommit::default()
    };
    assert!(matches!(alarms.commit(&huge, at(120)).await, Err(StateError::Invalid { .. })));
    let page = alarms.history(&AlarmHistoryFilter::default(), 10, None).await.unwrap();
    assert_eq!(page.items, [change("a", "ALARM", 60)], "all or nothing");
}

#[tokio::test]
async fn history_is_paged_filtered_and_never_edited() {
    let (_folder, state) = state().await;
    let alarms = state.alarms();
    let events: Vec<AlarmEvent> = (0..25)
        .map(|n| change(if n % 5 == 0 { "a" } else { "b" }, if n % 2 == 0 { "ALARM" } else { "OK" }, n))
        .collect();
    alarms.commit(&AlarmCommit { events, ..AlarmCommit::default() }, at(0)).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = alarms.history(&AlarmHistoryFilter::default(), 10, after).await.unwrap();
        seen.extend(page.items.into_iter().map(|item| item.time));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..25).rev().map(at).collect::<Vec<_>>());
    let count =
        async |filter: AlarmHistoryFilter| alarms.history(&filter, 100, None).await.unwrap().items.len();
    assert_eq!(count(AlarmHistoryFilter { alarm: Some("a".into()), ..Default::default() }).await, 5);
    assert_eq!(count(AlarmHistoryFilter { id: Some("a".into()), ..Default::default() }).await, 5);
    let cursor = AlarmCursor { time: -5, seq: 7 };
    assert_eq!(cursor.to_string().parse(), Ok(cursor));
    for damaged in ["", "_", "5", "a_b", "5_7_9"] {
        assert!(damaged.parse::<AlarmCursor>().is_err(), "{damaged}");
    }
    assert_eq!(count(AlarmHistoryFilter { to_state: Some("ALARM".into()), ..Default::default() }).await, 13);
    assert_eq!(
        count(AlarmHistoryFilter { since: Some(at(5)), until: Some(at(10)), ..Default::default() }).await,
        5
    );
    assert_eq!(count(AlarmHistoryFilter { item_type: Some("Action".into()), ..Default::default() }).await, 0);
    let mut tx = alarms.db.write("edit").await.unwrap();
    assert!(sqlx::query("UPDATE alarm_history SET reason = 'x'").execute(&mut *tx).await.is_err());
    drop(tx);
    assert_eq!(alarms.prune(at(20)).await.unwrap(), 20);
    assert_eq!(count(AlarmHistoryFilter::default()).await, 5);
}

#[tokio::test]
async fn metric_filters_are_replaced_by_scope() {
    let (_folder, state) = state().await;
    let alarms = state.alarms();
    let filter = |id: &str, definition: &str| MetricFilterRow {
        id: id.to_owned(),
        name: id.to_owned(),
        table_name: "cloudtrail_logs".to_owned(),
        origin: AlarmOrigin::Import,
        account_id: Some("1".to_owned()),
        region: Some("r".to_owned()),
        definition: definition.to_owned(),
    };
    let put = async |list: &[MetricFilterRow]| {
        alarms.replace_filters(AlarmOrigin::Import, Some(("1", "r")), list, at(0)).await.unwrap()
    };
    assert_eq!(put(&[filter("a", "{}"), filter("b", "{}")]).await, Replaced { changed: 2, removed: 0 });
    assert_eq!(put(&[filter("a", "{}"), filter("c", "{}")]).await, Replaced { changed: 1, removed: 1 });
    assert_eq!(alarms.filters().await.unwrap(), [filter("a", "{}"), filter("c", "{}")]);
    let long = [filter("a", &"x".repeat(DEFINITION + 1))];
    let error = alarms.replace_filters(AlarmOrigin::Import, None, &long, at(0)).await.unwrap_err();
    assert!(matches!(error, StateError::Invalid { .. }), "{error}");
}
