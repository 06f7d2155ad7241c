//! What these tests share.

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_detect::{Evidence, Finding, Level};

/// The top of an hour, and so many seconds.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_315_200, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// A finding of one event, or of several when `also` names more.
pub(crate) fn finding(group: u32, event: u32, level: Level, also: &[u32]) -> Finding {
    // An event has one time, whichever finding names it.
    let evidence = |event: u32| Evidence {
        event_uid: format!("event-{event}"),
        time: at(i64::from(event) * 97),
        table: "cloudtrail_logs".into(),
    };
    let named = evidence(event);
    Finding {
        id: format!("{group}-{event}-{level}"),
        rule_id: format!("rule-{group}"),
        rule_title: format!("Rule {group}"),
        level,
        time: named.time,
        table: named.table.clone(),
        event_uid: named.event_uid.clone(),
        account_id: Some("111122223333".into()),
        region: Some("eu-central-1".into()),
        actor: Some("alice".into()),
        access_key_id: None,
        source_ip: Some("203.0.113.7".into()),
        user_agent: None,
        action: "StopLogging".into(),
        resources: Vec::new(),
        summary: format!("event {event}"),
        description: String::new(),
        tags: Vec::new(),
        false_positives: Vec::new(),
        references: Vec::new(),
        evidence: also.iter().map(|event| evidence(*event)).chain([named]).collect(),
        group_key: format!("group-{group}"),
    }
}
