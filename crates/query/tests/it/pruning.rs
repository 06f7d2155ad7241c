//! Predicates on time, however they are written, must skip day partitions,
//! and must never skip one that holds a match.

use chrono::NaiveDate;
use proptest::prelude::*;

use crate::estate::{self, Estate};

/// The days of `cloudtrail_logs` that a query reads, as `day of March`.
async fn days(estate: &Estate, condition: &str) -> String {
    let table = &estate.tables["cloudtrail_logs"];
    table.read.lock().unwrap().clear();
    let sql = format!("SELECT count(*) FROM cloudtrail_logs WHERE {condition}");
    estate.engine.sql(&sql, None).await.unwrap();
    let read = table.read.lock().unwrap();
    read.iter().map(|d| d.format("%-d").to_string()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn every_way_to_write_a_time_prunes_days() {
    let estate = estate::fixed().await;
    let mut report = String::new();
    for condition in [
        "true",
        "event_date = DATE '2024-03-03'",
        "event_time >= timestamp '2024-03-03 12:00:00'",
        "event_time BETWEEN timestamp '2024-03-03 00:00:00' AND timestamp '2024-03-03 23:59:59'",
        "event_time > '2024-03-04T10:00:00Z'",
        "eventtime > '2024-03-04T00:00:00Z'",
        "eventtime >= '2024-03-02' AND eventtime < '2024-03-03'",
        "eventtime BETWEEN '2024-03-01T00:00:00Z' AND '2024-03-01T23:59:59Z'",
        "eventtime LIKE '2024-03-05%'",
        "substr(eventtime, 1, 10) = '2024-03-01'",
        "substr(eventtime, 1, 4) <= '2024-03-01'",
        "from_iso8601_timestamp(eventtime) > timestamp '2024-03-04 00:00:00'",
        "from_iso8601_timestamp(eventtime) > date_add('day', -2, timestamp '2024-03-06 00:00:00')",
        "date(from_iso8601_timestamp(eventtime)) = DATE '2024-03-02'",
        "CAST(from_iso8601_timestamp(eventtime) AS DATE) >= DATE '2024-03-05'",
        "date_parse(eventtime, '%Y-%m-%dT%H:%i:%sZ') >= timestamp '2024-03-05 00:00:00'",
        "parse_datetime(eventtime, 'yyyy-MM-dd''T''HH:mm:ss''Z''') >= timestamp '2024-03-05 00:00:00'",
        "date_trunc('day', event_time) = timestamp '2024-03-03 00:00:00'",
        "date_format(event_time, '%Y-%m-%d') = '2024-03-03'",
        "\"timestamp\" >= '2024/03/04'",
        "\"timestamp\" BETWEEN '2024/03/02' AND '2024/03/03'",
        "\"date\" = DATE '2024-03-02'",
        "year = '2024' AND month = '03' AND day = '04'",
        "year = '2023' AND month = '03'",
        "to_unixtime(event_time) < 1709300000",
        "eventtime < '2024-03-02' OR event_date = DATE '2024-03-05'",
        "event_date IN (DATE '2024-03-01', DATE '2024-03-02')",
        "NOT (eventtime > '2024-03-02')",
        "eventname = 'StopLogging'",
        "event_time > now() - INTERVAL '7' DAY",
    ] {
        report.push_str(&format!("{condition} → {}\n", days(&estate, condition).await));
    }
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn views_pass_bounds_on() {
    let estate = estate::fixed().await;
    let table = &estate.tables["cloudtrail_logs"];
    for sql in [
        "SELECT action FROM events WHERE event_time >= timestamp '2024-03-05 00:00:00'",
        "SELECT api.operation FROM cloud_trail_mgmt_2_0 WHERE time_dt >= timestamp '2024-03-05 00:00:00'",
        "SELECT api.operation FROM cloud_trail_mgmt_2_0 WHERE time > 1709683200000 - 86400000",
        "SELECT api.operation FROM cloud_trail_mgmt_2_0 WHERE eventday = '20240305'",
        "WITH e AS (SELECT * FROM cloudtrail_logs) SELECT * FROM e WHERE eventtime > '2024-03-06'",
        "SELECT r.arn FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS t(r) WHERE eventtime > '2024-03-06'",
    ] {
        estate.engine.sql(sql, None).await.unwrap();
        let read = table.read.lock().unwrap().clone();
        assert!(
            read.len() <= 2 && read.contains(&NaiveDate::from_ymd_opt(2024, 3, 5).unwrap()),
            "{sql}: {read:?}"
        );
    }
}

/// A comparison with a column or expression that says something about time.
fn comparison() -> impl Strategy<Value = String> {
    let texts = prop_oneof![
        Just("eventtime"),
        Just("substr(eventtime, 1, 10)"),
        Just("substr(eventtime, 1, 7)"),
        Just("substr(eventtime, 1, 13)"),
        Just("to_iso8601(event_time)"),
        Just("date_format(event_time, '%Y-%m-%d')"),
        Just("date_format(event_date, '%Y-%m')"),
        Just("CAST(event_date AS VARCHAR)"),
    ];
    let instants = prop_oneof![
        Just("event_time"),
        Just("from_iso8601_timestamp(eventtime)"),
        Just("date_trunc('hour', event_time)"),
        Just("date_trunc('day', event_time)"),
        Just("date_trunc('week', event_time)"),
        Just("date_trunc('month', event_time)"),
        Just("CAST(eventtime AS TIMESTAMP)"),
        Just("CAST(event_date AS TIMESTAMP)"),
        Just("date_parse(eventtime, '%Y-%m-%dT%H:%i:%sZ')"),
        Just("CAST(date_trunc('month', event_time) AS DATE)"),
        Just("date(event_time)"),
        Just("event_date"),
    ];
    let op = prop_oneof![Just("="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let day = (1u32..=7, 0u32..24, 0u32..60);
    let text = day.clone().prop_flat_map(|(d, h, m)| {
        prop_oneof![
            Just(format!("'2024-03-0{d}'")),
            Just(format!("'2024-03-0{d}T{h:02}:{m:02}:00Z'")),
            Just(format!("'2024-03-0{d}T{h:02}'")),
            Just("'2024-03'".to_string()),
            Just("'2024'".to_string()),
            Just("'2024-0'".to_string()),
        ]
    });
    let instant = day.prop_map(|(d, h, m)| format!("timestamp '2024-03-0{d} {h:02}:{m:02}:00'"));
    prop_oneof![
        (texts, op.clone(), text).prop_map(|(e, op, v)| format!("{e} {op} {v}")),
        (instants, op, instant).prop_map(|(e, op, v)| format!("{e} {op} {v}")),
    ]
}

fn predicate() -> impl Strategy<Value = String> {
    comparison().prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} AND {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            inner.prop_map(|a| format!("NOT ({a})")),
        ]
    })
}

/// The slow twin: the same predicate where nothing can be pruned by it.
#[test]
fn pruning_never_loses_a_row() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let estate = runtime.block_on(estate::fixed());
    let ids = |sql: String| {
        let result = runtime.block_on(estate.engine.sql(&sql, None)).unwrap();
        let mut ids: Vec<String> = Vec::new();
        for batch in &result.batches {
            for row in 0..batch.num_rows() {
                ids.push(trailkeep_query::output::value::to_json(batch.column(0).as_ref(), row).to_string());
            }
        }
        ids.sort();
        ids
    };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&predicate(), |p| {
            let fast = ids(format!("SELECT eventid FROM cloudtrail_logs WHERE {p}"));
            // A CASE with a row-dependent branch hides the predicate from the rule.
            let slow = ids(format!(
                "SELECT eventid FROM cloudtrail_logs WHERE CASE WHEN length(eventid) > 0 THEN ({p}) ELSE false END"
            ));
            prop_assert_eq!(fast, slow, "{}", p);
            Ok(())
        })
        .unwrap();
}
