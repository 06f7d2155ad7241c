//! The engine's limits and its schema.

use std::sync::Arc;
use std::time::Duration;

use trailkeep_query::{Engine, EngineOptions, MemorySource, QueryError, TableKind};

use crate::estate;

#[tokio::test]
async fn rows_are_cut_at_the_limit_and_say_so() {
    let estate = estate::fixed().await;
    let all = estate.engine.sql("SELECT * FROM cloudtrail_logs", None).await.unwrap();
    assert_eq!((all.rows, all.truncated), (14, false));
    let cut = estate.engine.sql("SELECT * FROM cloudtrail_logs", Some(3)).await.unwrap();
    assert_eq!((cut.rows, cut.truncated), (3, true));
    let exact = estate.engine.sql("SELECT * FROM cloudtrail_logs", Some(14)).await.unwrap();
    assert_eq!((exact.rows, exact.truncated), (14, false));
}

#[tokio::test]
async fn a_runaway_query_is_stopped() {
    let options = EngineOptions { timeout: Duration::from_millis(300), ..EngineOptions::default() };
    let engine = Engine::new(Arc::new(MemorySource::new()), options).await.unwrap();
    let digits = "UNNEST(sequence(1, 10000)) AS";
    let sql = format!(
        "SELECT count(*) FROM {digits} a(x) CROSS JOIN {digits} b(y) CROSS JOIN {digits} c(z) WHERE x * y * z = 7"
    );
    let error = engine.sql(&sql, None).await.unwrap_err();
    assert!(matches!(error, QueryError::Timeout { .. }), "{error}");
}

#[tokio::test]
async fn a_greedy_query_meets_the_memory_limit() {
    let options = EngineOptions { memory_limit: 1 << 20, ..EngineOptions::default() };
    let engine = Engine::new(Arc::new(MemorySource::new()), options).await.unwrap();
    let sql = "SELECT array_agg(x || y) FROM UNNEST(sequence(1, 2000)) a(x) \
               CROSS JOIN UNNEST(repeat('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 100)) b(y)";
    let error = engine.sql(sql, None).await.unwrap_err();
    assert!(matches!(error, QueryError::Memory { .. }), "{error:?}");
}

#[tokio::test]
async fn tables_and_views_are_listed_with_their_types() {
    let estate = estate::fixed().await;
    let tables = estate.engine.tables();
    let names: Vec<_> = tables.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "cloudtrail_logs",
            "s3_access_logs",
            "vpc_flow_logs",
            "events",
            "cloud_trail_mgmt_2_0",
            "s3_data_2_0",
            "lambda_execution_2_0"
        ]
    );
    let events = tables.iter().find(|t| t.name == "events").unwrap();
    assert_eq!(events.kind, TableKind::View);
    let columns: Vec<_> = events.columns.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(
        columns,
        [
            "event_time",
            "table_name",
            "account_id",
            "region",
            "actor",
            "action",
            "target",
            "source_address",
            "outcome",
            "event_uid",
            "source_uri",
            "raw",
            "event_date"
        ]
    );
    assert_eq!(events.columns[0].1, "timestamp(6) with time zone");
}

#[tokio::test]
async fn an_empty_lake_answers_with_no_rows() {
    let engine = Engine::new(Arc::new(MemorySource::new()), EngineOptions::default()).await.unwrap();
    for sql in ["SELECT * FROM cloudtrail_logs", "SELECT * FROM events", "SELECT * FROM waf_logs"] {
        assert_eq!(engine.sql(sql, None).await.unwrap().rows, 0, "{sql}");
    }
}

#[tokio::test]
async fn a_stream_gives_what_a_query_gives() {
    use futures::TryStreamExt;
    let estate = estate::fixed().await;
    let sql = "SELECT eventName AS \"Event\" FROM cloudtrail_logs ORDER BY eventtime";
    let stream = estate.engine.stream(sql).await.unwrap();
    assert_eq!(stream.schema().field(0).name(), "Event");
    let batches: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!(batches.iter().map(|b| b.num_rows()).sum::<usize>(), 14);
}
