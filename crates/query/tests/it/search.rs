//! Searches over the estate.

use chrono::{DateTime, Utc};
use trailkeep_query::{Page, SearchQuery};

use crate::estate::{self, Estate};

fn query(text: &str) -> SearchQuery {
    let now: DateTime<Utc> = "2024-03-05T12:00:00Z".parse().unwrap();
    SearchQuery::parse(text, now).unwrap()
}

async fn found(estate: &Estate, text: &str) -> String {
    match estate.engine.search(&query(text), Page::default()).await {
        Err(e) => format!("{text} → {e}\n"),
        Ok(result) => {
            let hits: Vec<String> = result
                .events
                .iter()
                .map(|e| format!("{} {}", e.time.format("%-dT%H:%M:%S"), e.action.as_deref().unwrap_or("-")))
                .collect();
            format!("{text} → {}\n", hits.join(", "))
        }
    }
}

#[tokio::test]
async fn searches_find_what_they_say_newest_first() {
    let estate = estate::fixed().await;
    let mut report = String::new();
    for text in [
        "eventName:StopLogging",
        "eventname:stop*",
        "user:alice table:cloudtrail",
        "user:root",
        "role:Admin",
        "203.0.113.7",
        "ip:203.0.113.0/24 -user:alice",
        "ip:198.51.100.0/24",
        "key:ASIAROLE00000000002 error:*",
        "service:ec2 -error:*",
        "error:(AccessDenied OR NoSuchKey)",
        "bucket:finance-reports",
        "requestParameters.bucketName:finance-reports key:*",
        "requestparameters:backdoor",
        "resources.arn:*q1.xlsx",
        "useridentity.sessioncontext.attributes.mfaauthenticated:false region:eu-west-1",
        "dstport:>=3000 outcome:REJECT",
        "port:22",
        "\"not authorized\"",
        "\"user/alice is\" OR exfil",
        "NOT table:cloudtrail_logs account:111122223333",
        "since:6h",
        "since:2024-03-02 until:2024-03-02",
        "readonly:true since:2024-03-04",
        "eventNam:x",
        "time:>2024-03-05T03:05:00Z",
        "evil\\*",
        "%",
    ] {
        report.push_str(&found(&estate, text).await);
    }
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn a_page_of_recent_events_reads_recent_days_only() {
    let estate = estate::fixed().await;
    let page = Page { limit: 1, offset: 0 };
    let result = estate.engine.search(&query("table:cloudtrail"), page).await.unwrap();
    assert_eq!(result.events.len(), 1);
    assert!(result.more && !result.partial && result.searched_from.is_some());
    assert_eq!(estate.tables["cloudtrail_logs"].read.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn pages_follow_each_other_without_gaps() {
    let estate = estate::fixed().await;
    let all = estate.engine.search(&query(""), Page { limit: 100, offset: 0 }).await.unwrap();
    assert!(!all.more && all.searched_from.is_none());
    let mut paged = Vec::new();
    loop {
        let page = Page { limit: 3, offset: paged.len() };
        let next = estate.engine.search(&query(""), page).await.unwrap();
        paged.extend(next.events);
        if !next.more {
            break;
        }
    }
    assert_eq!(paged, all.events);
    assert!(paged.windows(2).all(|w| w[0].time >= w[1].time));
}

#[tokio::test]
async fn histogram_and_facets_count_the_hits() {
    let estate = estate::fixed().await;
    let q = query("");
    let total = estate.engine.search(&q, Page { limit: 1000, offset: 0 }).await.unwrap().events.len() as u64;
    let buckets = estate.engine.histogram(&q, 10).await.unwrap();
    assert_eq!(buckets.iter().flat_map(|b| b.counts.values()).sum::<u64>(), total);
    assert!(buckets.windows(2).all(|w| w[0].end == w[1].start));
    let facets = estate.engine.facets(&q, 3).await.unwrap();
    let table = facets.iter().find(|f| f.field == "table").unwrap();
    assert_eq!(table.values.iter().map(|(_, n)| n).sum::<u64>(), total);
    insta::assert_json_snapshot!(estate.engine.facets(&query("service:ec2"), 3).await.unwrap());
    let narrowed = query("eventName:StopLogging since:2024-03-03 until:2024-03-03");
    insta::assert_json_snapshot!(estate.engine.histogram(&narrowed, 4).await.unwrap());
}

#[tokio::test]
async fn an_event_is_found_by_its_id() {
    let estate = estate::fixed().await;
    let uid = "00000000-0000-4000-8000-000000000005";
    let time = "2024-03-03T00:00:00Z".parse().unwrap();
    let event = estate.engine.event("cloudtrail_logs", uid, Some(time)).await.unwrap().unwrap();
    assert_eq!(event.action.as_deref(), Some("StopLogging"));
    assert!(event.raw.contains("trail/main"));
    assert!(estate.tables["cloudtrail_logs"].read.lock().unwrap().len() <= 3);
    let anywhere = estate.engine.event("cloudtrail_logs", uid, None).await.unwrap();
    assert_eq!(anywhere, Some(event));
    assert_eq!(estate.engine.event("cloudtrail_logs", "x' OR '1'='1", None).await.unwrap(), None);
}
