//! Trails: what an update or new selectors stop recording.
//! Source: CloudTrail API reference, `UpdateTrail`, `PutEventSelectors`.

use sonic_rs::{JsonValueTrait, Value};

use super::{Facts, Family, and_list, event_name, request};
use crate::{json, words};

pub(super) static FAMILY: Family = Family {
    prefix: "trail",
    sources: &["cloudtrail.amazonaws.com"],
    events: &[
        "CreateTrail",
        "UpdateTrail",
        "DeleteTrail",
        "StartLogging",
        "StopLogging",
        "PutEventSelectors",
        "PutInsightSelectors",
        "DeleteEventDataStore",
        "UpdateEventDataStore",
        "StopEventDataStoreIngestion",
    ],
    facts: &[
        ("trail.name", "the trail's name or ARN"),
        ("trail.narrowed", "something that was or could be recorded no longer is"),
        (
            "trail.narrowings",
            "what: `multi-region off`, `global services off`, `log validation off`, `KMS key removed`, `organization off`, `management events off`, `read events off`, `write events off`, `sources excluded`, `insights off`",
        ),
    ],
    derive,
};

fn derive(record: &Value, facts: &mut Facts) {
    let name = event_name(record);
    let asked = request(record);
    let trail =
        ["trailName", "name", "eventDataStore"].iter().find_map(|member| json::text(asked, &[member]));
    let narrowings = match name {
        "UpdateTrail" => update(asked),
        "PutEventSelectors" => selectors(asked),
        "PutInsightSelectors" if json::list(asked, &["insightSelectors"]).is_empty() => {
            vec!["insights off".to_owned()]
        }
        "UpdateEventDataStore" => advanced(&json::list(asked, &["advancedEventSelectors"])),
        _ => Vec::new(),
    };
    facts.text("trail.name", trail);
    facts.flag("trail.narrowed", !narrowings.is_empty());
    let target = trail.unwrap_or("a trail").to_owned();
    facts.summary = Some(match name {
        "StopLogging" => format!("stopped logging of trail {target}"),
        "StartLogging" => format!("started logging of trail {target}"),
        "DeleteTrail" => format!("deleted trail {target}"),
        "CreateTrail" => format!("created trail {target}"),
        _ if narrowings.is_empty() => words::in_words(name, Some(&target)),
        _ => format!("narrowed trail {target}: {}", and_list(&narrowings, 6)),
    });
    facts.texts("trail.narrowings", narrowings);
}

fn update(asked: &Value) -> Vec<String> {
    let off = |member: &str| json::flag(asked, &[member]) == Some(false);
    // The key is removed by setting it to the empty text.
    let key_removed = json::member(asked, "kmsKeyId").is_some_and(|key| key.as_str() == Some(""));
    let found = [
        (off("isMultiRegionTrail"), "multi-region off"),
        (off("includeGlobalServiceEvents"), "global services off"),
        (off("enableLogFileValidation"), "log validation off"),
        (off("isOrganizationTrail"), "organization off"),
        (key_removed, "KMS key removed"),
    ];
    found.into_iter().filter(|(is, _)| *is).map(|(_, words)| words.to_owned()).collect()
}

fn selectors(asked: &Value) -> Vec<String> {
    let basic = json::list(asked, &["eventSelectors"]);
    if basic.is_empty() {
        return advanced(&json::list(asked, &["advancedEventSelectors"]));
    }
    let management: Vec<&Value> = basic
        .into_iter()
        .filter(|selector| json::flag(selector, &["includeManagementEvents"]) != Some(false))
        .collect();
    let mut found = Vec::new();
    if management.is_empty() {
        return vec!["management events off".to_owned()];
    }
    let kind = |selector: &&Value| json::text(selector, &["readWriteType"]).unwrap_or("All").to_owned();
    let kinds: Vec<String> = management.iter().map(kind).collect();
    if kinds.iter().all(|kind| kind == "WriteOnly") {
        found.push("read events off".to_owned());
    } else if kinds.iter().all(|kind| kind == "ReadOnly") {
        found.push("write events off".to_owned());
    }
    if management.iter().all(|selector| !json::list(selector, &["excludeManagementEventSources"]).is_empty())
    {
        found.push("sources excluded".to_owned());
    }
    found
}

/// Advanced selectors: one of them has to take all management events for nothing to be lost.
fn advanced(selectors: &[&Value]) -> Vec<String> {
    if selectors.is_empty() {
        return Vec::new();
    }
    let fields = |selector: &Value| -> Vec<(String, Value)> {
        let fields = json::list(selector, &["fieldSelectors"]).into_iter();
        fields.filter_map(|field| Some((json::text(field, &["field"])?.to_owned(), field.clone()))).collect()
    };
    let takes_management = |fields: &[(String, Value)]| {
        fields.iter().any(|(name, field)| {
            name == "eventCategory" && json::texts(field, &["equals"]).contains(&"Management")
        })
    };
    let management: Vec<Vec<(String, Value)>> =
        selectors.iter().map(|selector| fields(selector)).filter(|fields| takes_management(fields)).collect();
    if management.is_empty() {
        return vec!["management events off".to_owned()];
    }
    let read_only = |fields: &Vec<(String, Value)>| {
        fields
            .iter()
            .find(|(name, _)| name == "readOnly")
            .and_then(|(_, field)| json::boolean(json::list(field, &["equals"]).first()?))
    };
    let mut found = Vec::new();
    match management.iter().map(read_only).collect::<Vec<_>>() {
        kinds if kinds.iter().all(|kind| *kind == Some(false)) => found.push("read events off".to_owned()),
        kinds if kinds.iter().all(|kind| *kind == Some(true)) => found.push("write events off".to_owned()),
        _ => {}
    }
    if management
        .iter()
        .all(|fields| fields.iter().any(|(name, _)| name == "eventSource" || name == "eventName"))
    {
        found.push("sources excluded".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Fact, derive};
    use super::*;

    fn narrowings(name: &str, request: &str) -> Vec<String> {
        let record = format!(
            r#"{{"eventSource":"cloudtrail.amazonaws.com","eventName":"{name}","requestParameters":{request}}}"#
        );
        match derive(&json::parse(&record).unwrap()).get("trail.narrowings") {
            Some(Fact::Texts(found)) => found.clone(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn an_update_may_narrow() {
        assert_eq!(
            narrowings(
                "UpdateTrail",
                r#"{"name":"t","isMultiRegionTrail":false,"enableLogFileValidation":false,"kmsKeyId":""}"#
            ),
            ["multi-region off", "log validation off", "KMS key removed"]
        );
        assert!(
            narrowings("UpdateTrail", r#"{"name":"t","isMultiRegionTrail":true,"kmsKeyId":"k"}"#).is_empty()
        );
    }

    #[test]
    fn basic_selectors() {
        let one = |body: &str| {
            narrowings("PutEventSelectors", &format!(r#"{{"trailName":"t","eventSelectors":[{{{body}}}]}}"#))
        };
        assert_eq!(
            one(r#""readWriteType":"All","includeManagementEvents":false"#),
            ["management events off"]
        );
        assert_eq!(one(r#""readWriteType":"WriteOnly","includeManagementEvents":true"#), ["read events off"]);
        assert_eq!(
            one(
                r#""readWriteType":"All","includeManagementEvents":true,"excludeManagementEventSources":["kms.amazonaws.com"]"#
            ),
            ["sources excluded"]
        );
        assert!(
            one(r#""readWriteType":"All","includeManagementEvents":true,"excludeManagementEventSources":[]"#)
                .is_empty()
        );
    }

    #[test]
    fn advanced_selectors() {
        let many = |body: &str| {
            narrowings(
                "PutEventSelectors",
                &format!(r#"{{"trailName":"t","advancedEventSelectors":[{body}]}}"#),
            )
        };
        let data = r#"{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]}]}"#;
        let all = r#"{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]}]}"#;
        let write = r#"{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]},{"field":"readOnly","equals":["false"]}]}"#;
        assert_eq!(many(data), ["management events off"]);
        assert_eq!(many(write), ["read events off"]);
        assert!(many(&format!("{data},{all}")).is_empty());
        assert!(many(&format!("{write},{all}")).is_empty());
    }
}
