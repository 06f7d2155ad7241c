//! What the tests of this crate share.

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_detect::{Evidence, Finding, Level};

use crate::{Actor, State};

/// A new state in a folder that goes when the first value is dropped.
pub(crate) async fn state() -> (tempfile::TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path().join("state.db")).await.unwrap();
    (folder, state)
}

/// Noon of a day, and so many seconds.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_315_200, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub(crate) fn admin() -> Actor {
    Actor { name: "admin".into(), address: Some("192.0.2.1".into()) }
}

/// A finding of one event.
pub(crate) fn finding(group: &str, uid: &str, seconds: i64, level: Level) -> Finding {
    let time = at(seconds);
    Finding {
        id: format!("{group}-{uid}"),
        rule_id: "rule-1".into(),
        rule_title: "Trail stopped".into(),
        level,
        time,
        table: "cloudtrail_logs".into(),
        event_uid: uid.into(),
        account_id: Some("111122223333".into()),
        region: Some("eu-central-1".into()),
        actor: Some("arn:aws:iam::111122223333:user/alice".into()),
        access_key_id: None,
        source_ip: Some("203.0.113.7".into()),
        user_agent: None,
        action: "StopLogging".into(),
        resources: vec!["arn:aws:cloudtrail:eu-central-1:111122223333:trail/main".into()],
        summary: format!("stopped trail main ({uid})"),
        description: "A trail was stopped.".into(),
        tags: vec!["attack.t1562.008".into()],
        false_positives: Vec::new(),
        references: Vec::new(),
        evidence: vec![Evidence { event_uid: uid.into(), time, table: "cloudtrail_logs".into() }],
        group_key: group.into(),
    }
}
