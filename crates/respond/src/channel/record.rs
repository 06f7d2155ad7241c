//! Incidents as records for other systems: our own shape, and OCSF.

use serde::Deserialize;
use serde_json::{Value, json};
use trailkeep_detect::Level;
use trailkeep_state::{Incident, IncidentKind, IncidentStatus};
use url::Url;

use crate::route::{Item, Notification};
use crate::text::{lead, line, link, subject};

/// The version of OCSF that records are of.
const OCSF: &str = "1.3.0";

/// How incidents are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// As the API gives them.
    #[default]
    Native,
    /// OCSF Detection Findings, class 2004.
    Ocsf,
}

/// The id of what is said of an incident: of each of its changes another.
pub(crate) fn record_id(item: &Item) -> String {
    format!("{}-{}", item.incident.id, item.incident.changes)
}

/// One incident.
pub(crate) fn document(format: Format, message: &Notification, item: &Item, console: Option<&Url>) -> Value {
    match format {
        Format::Native => {
            let mut document = serde_json::to_value(&item.incident).unwrap_or_default();
            document["why"] = serde_json::to_value(item.why).unwrap_or_default();
            document["record_id"] = record_id(item).into();
            document["thread"] = message.thread.as_str().into();
            if let Some(url) = link(console, &item.incident) {
                document["url"] = url.as_str().into();
            }
            document
        }
        Format::Ocsf => ocsf(item, console),
    }
}

/// A whole message.
pub(crate) fn message_document(message: &Notification, format: Format, console: Option<&Url>) -> Value {
    let incidents: Vec<Value> =
        message.items.iter().map(|item| document(format, message, item, console)).collect();
    json!({
        "key": message.key,
        "type": "notification",
        "action": message.action,
        "thread": message.thread,
        "channel": message.channel,
        "route": message.route,
        "urgent": message.urgent,
        "time": message.at,
        "level": message.level,
        "subject": subject(message),
        "text": lead(message),
        "total": message.total,
        "levels": message.levels.iter().map(|(level, count)| (level.to_string(), Value::from(*count)))
            .collect::<serde_json::Map<_, _>>(),
        "incidents": incidents,
        "offers": message.offers,
    })
}

/// A Detection Finding. <https://schema.ocsf.io/1.3.0/classes/detection_finding>
fn ocsf(item: &Item, console: Option<&Url>) -> Value {
    let incident = &item.incident;
    let (severity_id, severity) = severity(incident.level);
    let (activity_id, activity) = match (incident.status, incident.changes) {
        (IncidentStatus::Resolved, _) => (3, "Close"),
        (_, 1) => (1, "Create"),
        _ => (2, "Update"),
    };
    let (status_id, status) = match incident.status {
        IncidentStatus::Open => (1, "New"),
        IncidentStatus::Acknowledged => (2, "In Progress"),
        IncidentStatus::Resolved => (4, "Resolved"),
    };
    let mut info = json!({
        "uid": incident.id,
        "title": line(&incident.title, 300),
        "desc": line(&incident.summary, 4_000),
        "created_time": incident.opened_at.timestamp_millis(),
        "modified_time": incident.changed_at.timestamp_millis(),
        "first_seen_time": incident.first_time.timestamp_millis(),
        "last_seen_time": incident.last_time.timestamp_millis(),
        "types": [match incident.kind {
            IncidentKind::Finding => "Detection",
            IncidentKind::Alarm => "Alarm",
            IncidentKind::Control => "Compliance",
        }],
        "analytic": { "uid": incident.rule_id, "name": incident.rule_title, "type": "Rule", "type_id": 1 },
    });
    if let Some(url) = link(console, incident) {
        info["src_url"] = url.as_str().into();
    }
    let mut finding = json!({
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200_400 + activity_id,
        "type_name": format!("Detection Finding: {activity}"),
        "time": incident.changed_at.timestamp_millis(),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "count": incident.count,
        "message": format!("{}: {}", line(&incident.title, 300), line(&incident.summary, 1_000)),
        "metadata": {
            "version": OCSF,
            "uid": record_id(item),
            "profiles": ["cloud"],
            "product": { "name": "Trailkeep", "vendor_name": "Trailkeep", "version": env!("CARGO_PKG_VERSION") },
        },
        "cloud": { "provider": "AWS", "region": incident.region },
        "finding_info": info,
        "resources": [{
            "uid": incident.resource.as_deref().unwrap_or(&incident.entity),
            "region": incident.region,
            "owner": incident.owner.as_ref().map(|name| json!({ "name": name })),
        }],
        "evidences": incident.evidence.iter()
            .map(|event| json!({ "data": { "event_uid": event.event_uid, "table": event.table, "time": event.time } }))
            .collect::<Vec<_>>(),
    });
    if let Some(account) = &incident.account_id {
        finding["cloud"]["account"] = json!({ "uid": account, "type": "AWS Account", "type_id": 10 });
    }
    // Only what OCSF has a place for may stand there; who did it is part of the evidence.
    if let (Some(actor), Some(first)) = (&incident.actor, finding["evidences"].get_mut(0)) {
        first["actor"] = json!({ "user": { "uid": actor } });
    }
    clean(&mut finding);
    finding
}

/// OCSF has no nulls: what is not known is not there.
fn clean(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(clean);
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}

fn severity(level: Level) -> (u8, &'static str) {
    match level {
        Level::Informational => (1, "Informational"),
        Level::Low => (2, "Low"),
        Level::Medium => (3, "Medium"),
        Level::High => (4, "High"),
        Level::Critical => (5, "Critical"),
    }
}

/// A number for a level, of ten.
pub(crate) fn of_ten(incident: &Incident) -> u8 {
    match incident.level {
        Level::Informational => 1,
        Level::Low => 3,
        Level::Medium => 5,
        Level::High => 8,
        Level::Critical => 10,
    }
}
