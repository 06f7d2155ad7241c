//! The attack: told in order, found in the output.

use std::collections::{BTreeMap, BTreeSet};

use trailkeep_sim::Config;

use super::{parse, simulate, small};

#[test]
fn every_event_of_the_attack_is_in_a_file() {
    let sim = simulate(small());
    let mut found = BTreeMap::new();
    for file in sim.files().filter(|file| file.table == "cloudtrail_logs") {
        for record in parse(&file) {
            found.insert(record["eventID"].as_str().unwrap().to_owned(), record);
        }
    }
    let attack = sim.attack();
    for step in &attack.steps {
        assert!(!step.event_ids.is_empty() || step.other_lines > 0, "{}", step.what);
        for id in &step.event_ids {
            let record = &found[id];
            let time =
                record["eventTime"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
            assert!(step.time <= time && time <= step.until, "{record}");
        }
    }
    let ids: BTreeSet<&str> = attack.event_ids().collect();
    assert_eq!(ids.len(), attack.event_ids().count());
    // All that the attacker's addresses did is told, but for the insights, which have no address.
    let theirs = found.values().filter(|record| {
        let address = record["sourceIPAddress"].as_str().unwrap_or_default();
        attack.addresses.iter().any(|one| one == address)
    });
    let insights = attack.event_ids().filter(|id| found[*id]["eventCategory"] == "Insight").count();
    assert_eq!(theirs.count() + insights, ids.len());
}

#[test]
fn the_story_has_the_calls_that_rules_look_for() {
    let sim = simulate(small());
    let mut calls = BTreeSet::new();
    let mut failures = 0;
    let ids: BTreeSet<&str> = sim.attack().event_ids().collect();
    let mut records = sim.records();
    while let Some(record) = records.next_record() {
        let value: serde_json::Value = serde_json::from_slice(record).unwrap();
        if ids.contains(value["eventID"].as_str().unwrap()) {
            calls.insert(value["eventName"].as_str().unwrap_or_default().to_owned());
            failures += u32::from(value["responseElements"]["ConsoleLogin"] == "Failure");
        }
    }
    for call in [
        "GetCallerIdentity",
        "ConsoleLogin",
        "CreateUser",
        "AttachUserPolicy",
        "CreateAccessKey",
        "AuthorizeSecurityGroupIngress",
        "ModifySecurityGroupRules",
        "CreateNetworkAclEntry",
        "StopLogging",
        "UpdateTrail",
        "PutEventSelectors",
        "DeleteFlowLogs",
        "PutBucketPolicy",
        "DeleteBucketPublicAccessBlock",
        "DisableKey",
        "ScheduleKeyDeletion",
        "DeleteAlarms",
        "DisableAlarmActions",
        "AssumeRole",
        "GetObject",
    ] {
        assert!(calls.contains(call), "{call} is missing");
    }
    assert!(failures >= 20, "{failures} failed sign-ins");
}

#[test]
fn the_order_is_the_same_whatever_the_seed_and_the_size() {
    let told = |seed, events| -> Vec<_> {
        let sim = simulate(Config { seed, events, ..small() });
        sim.attack().steps.iter().map(|step| (step.time, step.what, step.technique)).collect()
    };
    let first = told(1, 3_000);
    assert!(first.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{first:?}");
    assert_eq!(first, told(2, 3_000));
    assert_eq!(first, told(1, 9_000));
}

#[test]
fn the_attack_takes_place_on_its_day() {
    let sim = simulate(Config { days: 3, attack_day: Some(1), ..small() });
    assert!(sim.attack().steps.iter().all(|step| step.time.date_naive().to_string() == "2026-03-18"));
}

#[test]
fn the_story_reads_as_follows() {
    let sim = simulate(small());
    let mut text = String::new();
    for step in &sim.attack().steps {
        text.push_str(&format!(
            "{} {} {} {}\n  {}\n  {}\n  {} {} · {} events, {} lines\n",
            step.time.format("%H:%M:%S"),
            step.actor,
            step.account,
            step.region,
            step.what,
            step.why,
            step.technique,
            step.technique_name,
            step.event_ids.len(),
            step.other_lines
        ));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn one_record_of_each_call_of_the_attack() {
    let sim = simulate(small());
    let ids: BTreeSet<&str> = sim.attack().event_ids().collect();
    let mut seen = BTreeMap::new();
    let mut records = sim.records();
    while let Some(record) = records.next_record() {
        let value: serde_json::Value = serde_json::from_slice(record).unwrap();
        // The everyday calls of the enumeration are in the goldens of their services.
        let denied = value["errorCode"].is_string();
        if ids.contains(value["eventID"].as_str().unwrap()) && !denied {
            let name = value["eventName"].as_str().unwrap_or("Insight").to_owned();
            let failed = value["responseElements"]["ConsoleLogin"] == "Failure";
            let text = String::from_utf8_lossy(record).into_owned();
            seen.entry((name, failed)).or_insert(text);
        }
    }
    let text: Vec<String> = seen.into_values().collect();
    insta::assert_snapshot!(text.join("\n"));
}
