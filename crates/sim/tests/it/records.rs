//! CloudTrail files and records.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use trailkeep_sim::{Config, FileSpec, SimError, Simulator};

use super::{parse, simulate, small};

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_seed_others() {
    let files = |seed| -> Vec<_> {
        simulate(Config { events: 900, companion_lines: 500, seed, ..Config::default() }).files().collect()
    };
    let (one, again, other) = (files(1), files(1), files(2));
    assert_eq!(one, again);
    assert_ne!(one, other);
}

#[test]
fn files_can_be_made_in_any_order_and_on_any_thread() {
    let sim = simulate(small());
    let in_order: Vec<_> = sim.files().collect();
    let specs: Vec<FileSpec> = sim.plan().collect();
    let (even, odd): (Vec<_>, Vec<_>) = specs.iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let half = |part: Vec<(usize, &FileSpec)>| -> Vec<_> {
        part.into_iter().rev().map(|(at, spec)| (at, spec.render())).collect()
    };
    let mut made = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(odd));
        let mut made = half(even);
        made.extend(other.join().unwrap());
        made
    });
    made.sort_by_key(|(at, _)| *at);
    let made: Vec<_> = made.into_iter().map(|(_, file)| file).collect();
    assert_eq!(made, in_order);
}

#[test]
fn the_number_of_events_and_lines_is_exact() {
    for (events, lines, days) in [(700, 400, 1), (3_001, 2_003, 1), (12_345, 999, 9), (50_000, 0, 2)] {
        let sim = simulate(Config { events, companion_lines: lines, days, ..Config::default() });
        let mut seen = BTreeMap::new();
        for spec in sim.plan() {
            let trail = spec.table() == "cloudtrail_logs";
            *seen.entry(trail).or_insert(0) += u64::from(spec.events());
        }
        assert_eq!(seen.get(&true), Some(&events));
        assert_eq!(seen.get(&false).copied().unwrap_or(0), lines);
    }
}

#[test]
fn a_file_holds_as_many_records_as_it_says() {
    for file in simulate(small()).files().filter(|file| file.table == "cloudtrail_logs") {
        assert_eq!(parse(&file).len(), file.events as usize, "{}", file.key);
    }
}

#[test]
fn every_record_is_json_with_the_fields_that_all_have() {
    let sim = simulate(Config { events: 20_000, companion_lines: 0, ..Config::default() });
    let mut records = sim.records();
    let (mut count, mut bytes) = (0u64, 0u64);
    let mut identities = BTreeSet::new();
    let mut categories = BTreeSet::new();
    let mut versions = BTreeSet::new();
    let mut errors = BTreeSet::new();
    while let Some(record) = records.next_record() {
        count += 1;
        bytes += record.len() as u64;
        let value: serde_json::Value = serde_json::from_slice(record)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(record)));
        let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
        for field in [
            "eventVersion",
            "eventTime",
            "awsRegion",
            "eventID",
            "eventType",
            "recipientAccountId",
            "eventCategory",
        ] {
            assert!(!text(field).is_empty(), "{field} is missing in {value}");
        }
        assert!(text("eventTime").starts_with("2026-03-17T"), "{value}");
        categories.insert(text("eventCategory"));
        versions.insert(text("eventVersion"));
        if text("eventCategory") == "Insight" {
            assert_eq!(
                value["insightDetails"]["eventSource"].as_str().unwrap().rsplit('.').next(),
                Some("com")
            );
            continue;
        }
        for field in ["eventSource", "eventName", "sourceIPAddress", "userAgent"] {
            assert!(!text(field).is_empty(), "{field} is missing in {value}");
        }
        assert!(value["readOnly"].is_boolean() && value["managementEvent"].is_boolean(), "{value}");
        assert!(value.get("requestParameters").is_some() && value.get("responseElements").is_some());
        let identity = &value["userIdentity"];
        identities.insert(identity["type"].as_str().unwrap_or("(service event)").to_owned());
        assert!(identity.is_object(), "{value}");
        if let Some(code) = value["errorCode"].as_str() {
            errors.insert(code.to_owned());
            assert!(value["responseElements"].is_null(), "{value}");
            assert!(value["errorMessage"].is_string(), "{value}");
        }
        let service = text("eventSource");
        if ["iam.amazonaws.com", "route53.amazonaws.com", "organizations.amazonaws.com"]
            .contains(&service.as_str())
        {
            assert_eq!(text("awsRegion"), "us-east-1", "{value}");
        }
    }
    assert_eq!(count, 20_000);
    let mean = bytes / count;
    assert!((1_200..=2_000).contains(&mean), "{mean} bytes a record");
    let all: Vec<&str> = identities.iter().map(String::as_str).collect();
    assert_eq!(
        all,
        [
            "(service event)",
            "AWSAccount",
            "AWSService",
            "AssumedRole",
            "IAMUser",
            "IdentityCenterUser",
            "Root",
            "SAMLUser",
            "WebIdentityUser"
        ]
    );
    let all: Vec<&str> = categories.iter().map(String::as_str).collect();
    assert_eq!(all, ["Data", "Insight", "Management", "NetworkActivity"]);
    assert_eq!(versions.iter().map(String::as_str).collect::<Vec<_>>(), ["1.08", "1.09", "1.10", "1.11"]);
    for code in [
        "AccessDenied",
        "AccessDeniedException",
        "ThrottlingException",
        "Client.UnauthorizedOperation",
        "NoSuchKey",
        "VpceAccessDenied",
    ] {
        assert!(errors.contains(code), "{code} is not among {errors:?}");
    }
}

#[test]
fn ids_are_unique_and_calls_are_many() {
    let sim = simulate(Config { events: 50_000, companion_lines: 0, ..Config::default() });
    let mut ids = BTreeSet::new();
    let mut calls = BTreeSet::new();
    let mut records = sim.records();
    while let Some(record) = records.next_record() {
        let value: serde_json::Value = serde_json::from_slice(record).unwrap();
        assert!(ids.insert(value["eventID"].as_str().unwrap().to_owned()));
        calls.insert(format!("{}:{}", value["eventSource"], value["eventName"]));
    }
    assert_eq!(ids.len(), 50_000);
    assert!(calls.len() > 150, "{} calls", calls.len());
}

#[test]
fn records_are_those_of_the_files() {
    let sim = simulate(small());
    let mut records = sim.records();
    for file in sim.files().filter(|file| file.table == "cloudtrail_logs") {
        for expected in parse(&file) {
            let record: serde_json::Value = serde_json::from_slice(records.next_record().unwrap()).unwrap();
            assert_eq!(record, expected);
        }
    }
    assert!(records.next_record().is_none());
}

#[test]
fn keys_are_laid_out_as_a_trail_does() {
    let sim = simulate(small());
    let mut keys = BTreeSet::new();
    let mut last = None;
    for file in sim.files() {
        assert!(keys.insert(file.key.clone()), "{} twice", file.key);
        assert!(last <= Some(file.delivered), "files come in the order of delivery");
        last = Some(file.delivered);
        if file.table != "cloudtrail_logs" {
            continue;
        }
        let parts: Vec<&str> = file.key.split('/').collect();
        let ["AWSLogs", "o-q7w3k9x2ma", account, service, region, year, month, day, name] = parts[..] else {
            panic!("{}", file.key);
        };
        assert!(["CloudTrail", "CloudTrail-Insight"].contains(&service));
        let stamp = file.delivered.format("%Y%m%dT%H%MZ").to_string();
        let prefix = format!("{account}_{service}_{region}_{stamp}_");
        let unique = name.strip_prefix(&prefix).unwrap().strip_suffix(".json.gz").unwrap();
        assert_eq!(unique.len(), 16, "{name}");
        assert_eq!([year, month, day].concat(), stamp[..8]);
        for record in parse(&file) {
            assert_eq!(record["recipientAccountId"], account);
            assert_eq!(record["awsRegion"], region);
            let time =
                record["eventTime"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
            let age = (file.delivered - time).num_seconds();
            assert!((1..=300).contains(&age), "{time} in {}", file.key);
        }
    }
}

#[test]
fn days_have_a_rhythm() {
    let start = NaiveDate::from_ymd_opt(2026, 3, 16).unwrap();
    let sim = simulate(Config { events: 70_000, days: 7, start, companion_lines: 0, ..Config::default() });
    let mut by_day = [0u32; 8];
    for spec in sim.plan() {
        let at = spec.delivered().date_naive() - start;
        by_day[at.num_days() as usize] += spec.events();
    }
    assert!(by_day[0] > by_day[5] + by_day[5] / 4, "Monday is busier than Saturday: {by_day:?}");
}

#[test]
fn what_cannot_be_is_refused_with_a_reason() {
    let refuse = |config| Simulator::new(config).err().unwrap();
    assert_eq!(refuse(Config { days: 0, ..small() }), SimError::Days(0));
    assert_eq!(refuse(Config { compression: 0, ..small() }), SimError::Compression(0));
    assert_eq!(refuse(Config { attack_day: Some(3), ..small() }), SimError::AttackDay { day: 3, days: 1 });
    assert!(matches!(refuse(Config { events: 10, ..small() }), SimError::TooFewEvents { asked: 10, .. }));
    assert!(matches!(refuse(Config { companion_lines: 10, ..small() }), SimError::TooFewLines { .. }));
    let quiet = simulate(Config { events: 10, companion_lines: 0, attack: false, ..Config::default() });
    assert_eq!(quiet.plan().map(|spec| spec.events()).sum::<u32>(), 10);
    assert!(quiet.attack().steps.is_empty());
}
