use proptest::prelude::*;
use trailkeep_detect::Level;
use trailkeep_state::{Actor, IncidentKind};

use super::*;
use crate::incident::{Act, ActError, AlarmTransition, act, resolve_quiet};
use crate::testing::{at, signal};

const GROUPING: Grouping = Grouping { window: TimeDelta::seconds(100), resolve_cleared: true };

fn one(existing: &[&Incident], signals: &[Signal], seconds: i64) -> IncidentChange {
    let mut changes = fold(existing.iter().copied(), signals, &GROUPING, at(seconds));
    assert_eq!(changes.len(), 1, "{changes:#?}");
    changes.remove(0)
}

fn kinds(change: &IncidentChange) -> Vec<TimelineKind> {
    change.timeline.iter().map(|entry| entry.kind).collect()
}

fn high(id: &str, seconds: i64) -> Signal {
    signal(id, "r", "e", Level::High, seconds)
}

fn done(incident: &Incident, what: &Act, seconds: i64) -> Incident {
    act(incident, what, &Actor::local("alice"), at(seconds)).unwrap().unwrap().0.incident
}

#[test]
fn a_burst_is_one_incident() {
    let signals: Vec<_> = (0..50).map(|n| high(&format!("s{n}"), n)).collect();
    let change = one(&[], &signals, 60);
    assert_eq!((change.incident.count, change.signals.len(), change.incident.changes), (50, 50, 1));
    assert_eq!(kinds(&change), [TimelineKind::Opened, TimelineKind::Signals]);
    assert_eq!(change.timeline[1].text, "49 more signals, 50 in all");
    assert!(change.incident.evidence.len() <= EVIDENCE);
    let more = one(&[&change.incident], &[high("s50", 149)], 150);
    assert_eq!((more.incident.id.clone(), more.incident.count), (change.incident.id.clone(), 51));
    assert_eq!(more.incident.changes, 1, "growing alone is not told");
}

#[test]
fn other_rules_entities_and_accounts_are_other_incidents() {
    let mut account = high("d", 0);
    account.account_id = Some("444455556666".to_owned());
    let signals = [
        high("a", 0),
        signal("b", "other", "e", Level::High, 0),
        signal("c", "r", "other", Level::High, 0),
        account,
    ];
    assert_eq!(fold([], &signals, &GROUPING, at(1)).len(), 4);
}

#[test]
fn after_the_window_a_new_incident_follows_the_old_one() {
    let changes = fold([], &[high("a", 0), high("b", 101)], &GROUPING, at(102));
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[1].incident.follows.as_deref(), Some(changes[0].incident.id.as_str()));
    let acknowledged = done(&changes[0].incident, &Act::Acknowledge, 5);
    let next = one(&[&acknowledged], &[high("b", 101)], 102);
    assert_eq!(next.incident.status, IncidentStatus::Open, "an old acknowledgement swallows nothing");
    assert_ne!(next.incident.id, acknowledged.id);
}

#[test]
fn what_comes_again_after_it_was_resolved_opens_it_and_what_comes_late_does_not() {
    let incident = one(&[], &[high("a", 0)], 0).incident;
    let resolved = done(&incident, &Act::Resolve { comment: String::new() }, 50);
    let late = one(&[&resolved], &[high("late", 40)], 60);
    assert_eq!((late.incident.status, late.incident.count), (IncidentStatus::Resolved, 2));
    assert_eq!(late.incident.changes, resolved.changes);
    let again = one(&[&resolved], &[high("again", 70)], 71);
    assert_eq!(again.incident.status, IncidentStatus::Open);
    assert_eq!((again.incident.open_since, &again.incident.resolved), (at(71), &None));
    assert_eq!(kinds(&again), [TimelineKind::Reopened]);
    let later = one(&[&resolved], &[high("later", 151)], 152);
    assert_ne!(later.incident.id, incident.id);
}

#[test]
fn a_rise_asks_for_attention_again() {
    let incident = one(&[], &[signal("a", "r", "e", Level::Low, 0)], 0).incident;
    let acknowledged = done(&incident, &Act::Acknowledge, 5);
    let same = one(&[&acknowledged], &[signal("b", "r", "e", Level::Low, 10)], 10);
    assert_eq!(same.incident.status, IncidentStatus::Acknowledged);
    let raised = one(&[&acknowledged], &[signal("c", "r", "e", Level::Critical, 20)], 21);
    assert_eq!((raised.incident.status, raised.incident.level), (IncidentStatus::Open, Level::Critical));
    assert_eq!(raised.incident.changes, acknowledged.changes + 1);
    assert_eq!(kinds(&raised), [TimelineKind::Raised]);
}

fn transition(old: &str, new: &str, seconds: i64) -> AlarmTransition {
    AlarmTransition {
        alarm_name: "NetworkAclChanges".to_owned(),
        alarm_arn: "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:NetworkAclChanges".to_owned(),
        old_state: old.to_owned(),
        new_state: new.to_owned(),
        reason: "Threshold Crossed".to_owned(),
        time: at(seconds),
        account_id: Some("111122223333".to_owned()),
        region: Some("eu-central-1".to_owned()),
        level: None,
        owner: None,
    }
}

#[test]
fn an_alarm_that_is_ok_again_resolves_its_incident() {
    let alarm = Signal::of_alarm(&transition("OK", "ALARM", 0)).unwrap();
    let ok = Signal::of_alarm(&transition("ALARM", "OK", 60)).unwrap();
    assert_eq!(Signal::of_alarm(&transition("ALARM", "INSUFFICIENT_DATA", 60)), None);
    assert_eq!((alarm.level, alarm.kind, alarm.key()), (Level::High, IncidentKind::Alarm, ok.key()));
    let incident = one(&[], std::slice::from_ref(&alarm), 1).incident;
    let resolved = one(&[&incident], std::slice::from_ref(&ok), 61);
    assert_eq!(resolved.incident.status, IncidentStatus::Resolved);
    assert_eq!(resolved.incident.summary, "OK → ALARM: Threshold Crossed");
    // OK without an incident is no news.
    assert!(fold([], std::slice::from_ref(&ok), &GROUPING, at(61)).is_empty());
    let stays = Grouping { resolve_cleared: false, ..GROUPING };
    let told = fold([&incident], std::slice::from_ref(&ok), &stays, at(61)).remove(0);
    assert_eq!((told.incident.status, kinds(&told)), (IncidentStatus::Open, vec![TimelineKind::Signals]));
    // It flaps: the same incident opens again.
    let again = Signal::of_alarm(&transition("OK", "ALARM", 90)).unwrap();
    let again = one(&[&resolved.incident], &[again], 91);
    assert_eq!((again.incident.id, again.incident.status), (incident.id, IncidentStatus::Open));
}

#[test]
fn people_take_give_and_close_incidents() {
    let incident = one(&[], &[high("a", 0)], 0).incident;
    let alice = Actor::local("alice");
    let (change, audit) = act(&incident, &Act::Acknowledge, &alice, at(1)).unwrap().unwrap();
    let taken = change.incident;
    assert_eq!((taken.assignee.as_deref(), taken.changes), (Some("alice"), 2));
    assert_eq!(
        (audit.action.as_str(), audit.object),
        ("incident.acknowledge", format!("incident:{}", incident.id))
    );
    assert_eq!(act(&taken, &Act::Acknowledge, &alice, at(2)), Ok(None));
    let given = done(&taken, &Act::Assign { to: Some("bob".to_owned()) }, 3);
    assert_eq!((given.assignee.as_deref(), given.changes), (Some("bob"), 2), "nobody is told of that");
    assert_eq!(act(&given, &Act::Note { text: " \n".to_owned() }, &alice, at(4)), Err(ActError::EmptyNote));
    let resolved = done(&given, &Act::Resolve { comment: "planned work".to_owned() }, 5);
    assert!(matches!(act(&resolved, &Act::Acknowledge, &alice, at(6)), Err(ActError::Resolved { .. })));
    assert_eq!(done(&resolved, &Act::Reopen, 7).status, IncidentStatus::Open);
    assert!(matches!(act(&given, &Act::Reopen, &alice, at(6)), Err(ActError::NotResolved { .. })));
}

#[test]
fn quiet_findings_are_resolved_and_alarms_are_not() {
    let finding = one(&[], &[high("a", 0)], 0).incident;
    let alarm = one(&[], &[Signal::of_alarm(&transition("OK", "ALARM", 0)).unwrap()], 0).incident;
    let both = [&finding, &alarm];
    assert!(resolve_quiet(both, TimeDelta::days(1), at(86_399)).is_empty());
    let resolved = resolve_quiet(both, TimeDelta::days(1), at(86_400));
    assert_eq!(resolved.len(), 1);
    assert_eq!(resolved[0].incident.id, finding.id);
}

fn signals() -> impl Strategy<Value = Vec<Signal>> {
    let level = prop::sample::select(Level::ALL.to_vec());
    let one = (0..3usize, 0..3usize, level, 0..600i64, any::<bool>());
    prop::collection::vec(one, 0..60).prop_map(|all| {
        let make =
            |(n, (rule, entity, level, seconds, clears)): (usize, (usize, usize, Level, i64, bool))| {
                let mut made =
                    signal(&format!("s{n}"), &format!("r{rule}"), &format!("e{entity}"), level, seconds);
                made.clears = clears && n % 3 == 0;
                made
            };
        all.into_iter().enumerate().map(make).collect()
    })
}

proptest! {
    /// Whatever comes: no signal is in two incidents, none that alarms is in none, counts and
    /// levels are those of the signals, and the order within a batch does not matter.
    #[test]
    fn nothing_is_lost_or_counted_twice(signals in signals(), order in any::<u64>()) {
        let changes = fold([], &signals, &GROUPING, at(700));
        let mut seen: Vec<&str> =
            changes.iter().flat_map(|change| change.signals.iter().map(|(id, _)| id.as_str())).collect();
        seen.sort_unstable();
        let all = seen.len();
        seen.dedup();
        prop_assert_eq!(all, seen.len());
        for signal in &signals {
            prop_assert!(signal.clears || seen.contains(&signal.id.as_str()));
        }
        for change in &changes {
            let own: Vec<&Signal> = signals
                .iter()
                .filter(|signal| !signal.clears && change.signals.iter().any(|(id, _)| *id == signal.id))
                .collect();
            prop_assert_eq!(change.incident.count, own.len() as u64);
            prop_assert_eq!(Some(change.incident.level), own.iter().map(|signal| signal.level).max());
            prop_assert_eq!(Some(change.incident.last_time), own.iter().map(|signal| signal.time).max());
        }
        let mut shuffled = signals.clone();
        shuffled.sort_by_key(|signal| crate::incident::hash(&[&signal.id, &order.to_string()]));
        prop_assert_eq!(fold([], &shuffled, &GROUPING, at(700)), changes);
    }
}
