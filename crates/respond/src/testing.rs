//! What the tests of this crate share.

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_detect::{Evidence, Level};
use trailkeep_state::{Incident, IncidentKind};

use crate::incident::{Grouping, Signal, fold};

/// Noon of a Monday (1 June 2026, UTC), and so many seconds.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_315_200, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// A signal of a rule about an entity.
pub(crate) fn signal(id: &str, rule: &str, entity: &str, level: Level, seconds: i64) -> Signal {
    Signal {
        id: id.to_owned(),
        kind: IncidentKind::Finding,
        clears: false,
        rule_id: rule.to_owned(),
        rule_title: format!("Rule {rule}"),
        entity: entity.to_owned(),
        level,
        account_id: Some("111122223333".to_owned()),
        region: Some("eu-central-1".to_owned()),
        resource: Some(entity.to_owned()),
        owner: Some("team-core".to_owned()),
        actor: Some("arn:aws:iam::111122223333:user/alice".to_owned()),
        time: at(seconds),
        title: format!("Rule {rule}"),
        summary: format!("alice changed {entity}"),
        evidence: vec![Evidence {
            event_uid: format!("event-{id}"),
            time: at(seconds),
            table: "cloudtrail_logs".to_owned(),
        }],
    }
}

/// An incident of one signal.
pub(crate) fn incident(rule: &str, entity: &str, level: Level, seconds: i64) -> Incident {
    let signal = signal(&format!("{rule}/{entity}"), rule, entity, level, seconds);
    fold([], &[signal], &Grouping::default(), at(seconds)).remove(0).incident
}
