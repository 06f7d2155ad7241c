//! The other logs: as many lines as asked for, each in the shape of its format.

use std::collections::BTreeMap;

use trailkeep_sim::{Config, SimFile};

use super::{content, simulate, small};

/// The lines of all files of a table, without header lines; checks each file's count.
fn lines(table: &str) -> Vec<(String, Vec<String>)> {
    let sim = simulate(small());
    sim.files()
        .filter(|file| file.table == table)
        .map(|file| {
            let lines = body(&file);
            assert_eq!(lines.len(), file.events as usize, "{}", file.key);
            (file.key, lines)
        })
        .collect()
}

fn body(file: &SimFile) -> Vec<String> {
    let text = String::from_utf8(content(file)).unwrap();
    assert!(text.ends_with('\n'));
    let header = |line: &&str| !line.starts_with('#') && !line.starts_with("version ");
    text.lines().filter(header).map(str::to_owned).collect()
}

#[test]
fn all_logs_are_there() {
    let sim = simulate(small());
    let mut by_table: BTreeMap<&str, u32> = BTreeMap::new();
    for spec in sim.plan() {
        *by_table.entry(spec.table()).or_default() += spec.events();
    }
    let mut tables = sim.tables();
    tables.sort_unstable();
    assert_eq!(by_table.keys().copied().collect::<Vec<_>>(), tables);
    by_table.remove("cloudtrail_logs");
    assert_eq!(by_table.values().sum::<u32>(), 2_000);
    assert!(by_table.values().all(|&lines| lines > 100), "{by_table:?}");
}

#[test]
fn flow_logs_have_their_fields() {
    let (mut two, mut five) = (0, 0);
    for (key, lines) in lines("vpc_flow_logs") {
        assert!(key.contains("/vpcflowlogs/") && key.ends_with(".log.gz"), "{key}");
        for line in lines {
            let fields: Vec<&str> = line.split(' ').collect();
            match fields[0] {
                "2" => {
                    assert_eq!(fields.len(), 14, "{line}");
                    two += 1;
                }
                "5" => {
                    assert_eq!(fields.len(), 29, "{line}");
                    five += 1;
                }
                _ => panic!("{line}"),
            }
            assert!(["OK", "NODATA"].contains(&fields[13]), "{line}");
        }
    }
    assert!(two > 50 && five > 50, "{two} {five}");
}

#[test]
fn the_deleted_flow_log_says_nothing_more() {
    let sim = simulate(Config { companion_lines: 20_000, ..small() });
    let deletion =
        sim.attack().steps.iter().find(|step| step.what.contains("deletes the flow log")).unwrap().time;
    let last = |region: &str| {
        let here = format!("444455556666/vpcflowlogs/{region}/");
        sim.plan().filter(|spec| spec.key().contains(&here)).map(|spec| spec.delivered()).max().unwrap()
    };
    assert!((last("eu-west-1") - deletion).num_minutes() <= 10);
    assert!((last("us-east-1") - deletion).num_hours() >= 3);
    let quiet = simulate(Config { attack: false, ..small() });
    let to_the_end = quiet
        .plan()
        .filter(|spec| spec.key().contains("vpcflowlogs/eu-west-1"))
        .map(|spec| spec.delivered())
        .max();
    assert!((to_the_end.unwrap() - deletion).num_hours() >= 3);
}

#[test]
fn server_access_logs_have_their_fields_and_share_request_ids_with_the_trail() {
    let mut loot = 0;
    for (key, lines) in lines("s3_access_logs") {
        assert!(key.starts_with("s3-access/") && !key.ends_with(".gz"), "{key}");
        for line in lines {
            let quotes = line.matches('"').count();
            assert_eq!(quotes, 6, "{line}");
            let outside: Vec<&str> = line.split('"').step_by(2).collect();
            // Owner, bucket, two for the time, address, requester, id, operation, key.
            assert_eq!(outside[0].split_whitespace().count(), 9, "{line}");
            assert_eq!(outside[1].split_whitespace().count(), 6, "{line}");
            assert_eq!(outside[3].split_whitespace().count(), 9, "{line}");
            loot += u32::from(line.contains("user/svc-metrics-sync"));
        }
    }
    assert_eq!(loot, 160);
    let sim = simulate(small());
    let ids: Vec<String> = lines("s3_access_logs")
        .into_iter()
        .flat_map(|(_, lines)| lines)
        .filter(|line| line.contains("user/svc-metrics-sync"))
        .map(|line| line.split(' ').nth(6).unwrap().to_owned())
        .collect();
    let mut found = 0;
    let mut records = sim.records();
    while let Some(record) = records.next_record() {
        let value: serde_json::Value = serde_json::from_slice(record).unwrap();
        found += usize::from(ids.iter().any(|id| value["requestID"] == *id));
    }
    assert_eq!(found, 160);
}

#[test]
fn cloudfront_lines_have_33_fields() {
    for (key, lines) in lines("cloudfront_standard_logs") {
        assert!(key.starts_with("cloudfront/E") && key.ends_with(".gz"), "{key}");
        for line in lines {
            assert_eq!(line.split('\t').count(), 33, "{line}");
        }
    }
}

#[test]
fn waf_and_api_lines_are_json() {
    let mut blocked = 0;
    for (key, lines) in lines("waf_logs") {
        assert!(key.contains("/WAFLogs/eu-west-1/prod-edge-acl/"), "{key}");
        for line in lines {
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert!(value["timestamp"].is_u64() && value["httpRequest"]["clientIp"].is_string(), "{line}");
            blocked +=
                u32::from(value["action"] == "BLOCK" && value["httpRequest"]["clientIp"] == "198.51.100.23");
        }
    }
    assert_eq!(blocked, 36);
    for (key, lines) in lines("api_gateway_access_logs") {
        assert!(key.starts_with("apigateway/2026/03/1"), "{key}");
        for line in lines {
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            for field in
                ["requestId", "ip", "requestTime", "httpMethod", "resourcePath", "status", "protocol"]
            {
                assert!(value[field].is_string(), "{field} in {line}");
            }
        }
    }
}

#[test]
fn one_line_of_each_log() {
    let mut text = String::new();
    for table in simulate(small()).tables().into_iter().skip(1) {
        let all = lines(table);
        let told = all.iter().flat_map(|(_, lines)| lines).find(|line| {
            [" 198.51.100.77 ", "\"198.51.100.23\"", "\t198.51.100.23\t"]
                .iter()
                .any(|address| line.contains(address))
        });
        let (key, lines) = all.iter().max_by_key(|(_, lines)| lines.len()).unwrap();
        text.push_str(&format!("{key}\n{}\n{}\n\n", lines[0], told.unwrap()));
    }
    insta::assert_snapshot!(text);
}
