//! The same queries over the real lake: Delta tables on disk must answer as
//! tables in memory do, and read only the files of the days asked for.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tempfile::TempDir;
use trailkeep_lake::{Appender, Lake, LakeOptions};
use trailkeep_query::{Engine, EngineOptions, LakeSource, Page, SearchQuery};

use crate::{estate, sql};

/// An engine over a lake on disk that holds the estate's logs.
async fn on_disk(first: DateTime<Utc>) -> (TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().to_str().unwrap(), LakeOptions::default()).unwrap();
    for (def, batch) in estate::batches(&estate::logs(first)) {
        let mut writer = Appender::new(lake.table(def).await.unwrap()).await.writer();
        let fresh = writer.fresh(batch).await.unwrap();
        writer.write(fresh.batch).await.unwrap();
        writer.commit().await.unwrap();
    }
    let source = LakeSource::open(lake).await.unwrap();
    let options = EngineOptions { threads: Some(2), ..EngineOptions::default() };
    let engine = Engine::new(Arc::new(source), options).await.unwrap();
    (folder, engine)
}

#[tokio::test]
async fn golden_queries_answer_the_same_over_delta() {
    if std::env::var_os("BLESS").is_some() {
        return; // The answers are those of the tables in memory.
    }
    let (_fixed_folder, fixed) = on_disk("2024-03-01T00:00:00Z".parse().unwrap()).await;
    let (_recent_folder, recent) = on_disk(sql::recently()).await;
    let failures = sql::differences(&fixed, &recent).await;
    assert!(failures.is_empty(), "{} case(s) differ:\n\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test]
async fn only_files_of_the_days_asked_for_are_opened() {
    let (_folder, engine) = on_disk("2024-03-01T00:00:00Z".parse().unwrap()).await;
    for condition in [
        "eventtime >= '2024-03-05T00:00:00Z' AND from_iso8601_timestamp(eventtime) >= timestamp '2024-03-05 00:00:00'",
        "event_time >= timestamp '2024-03-05 00:00:00'",
        "\"timestamp\" = '2024/03/05'",
    ] {
        let query = format!("EXPLAIN SELECT eventname FROM cloudtrail_logs WHERE {condition}");
        let result = engine.sql(&query, None).await.unwrap();
        let plan = trailkeep_query::output::value::to_text(result.batches[0].column(1).as_ref(), 1).unwrap();
        assert!(plan.contains("event_date=2024-03-05"), "{plan}");
        assert!(!plan.contains("event_date=2024-03-03"), "{plan}");
    }
}

#[tokio::test]
async fn searches_and_facets_run_over_delta() {
    let (_folder, engine) = on_disk("2024-03-01T00:00:00Z".parse().unwrap()).await;
    let now = "2024-03-05T12:00:00Z".parse().unwrap();
    let query = SearchQuery::parse("user:alice OR 198.51.100.0", now).unwrap();
    let found = engine.search(&query, Page::default()).await.unwrap();
    assert_eq!(found.events.len(), 5);
    let facets = engine.facets(&query, 10).await.unwrap();
    assert_eq!(facets[0].values.iter().map(|(_, n)| n).sum::<u64>(), 5);
    let uid = &found.events[0].event_uid;
    assert!(engine.event("cloudtrail_logs", uid, Some(found.events[0].time)).await.unwrap().is_some());
}
