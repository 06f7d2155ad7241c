//! Pages of an open console.

use serde_json::json;

use crate::stand::{Stand, file, record, uuid};

#[tokio::test]
async fn an_empty_console_says_what_to_do_next() {
    let stand = Stand::open().await;
    let (status, page) = stand.get("/").await;
    assert_eq!(status, 200);
    assert!(page.contains("No logs yet") && page.contains("trailkeep ingest"), "{page}");
    assert!(stand.get("/search").await.1.contains("No events yet"));
    assert!(stand.get("/findings").await.1.contains("trailkeep rules list"));
    assert!(stand.get("/sql").await.1.contains("Ask the lake"));
    for page in ["/settings/tokens", "/settings/users", "/settings/audit", "/settings/runs"] {
        assert_eq!(stand.get(page).await.0, 200, "{page}");
    }
    assert_eq!(stand.get("/nothing").await.0, 404);
    assert_eq!(stand.get("/findings/nothing").await.0, 404);
    stand.stop().await;
}

#[tokio::test]
async fn an_event_is_searched_opened_and_found_on() {
    let stand = Stand::open().await;
    let records = [
        record(&uuid(1), "StopLogging", json!({})),
        record(&uuid(2), "DescribeTrails", json!({ "readOnly": true })),
    ];
    stand.load("test://one", file(&records)).await;

    let (_, overview) = stand.get("/").await;
    assert!(overview.contains("<svg") && overview.contains("cloudtrail_logs"), "{overview}");
    assert!(!overview.contains("style=\""), "no page has a style of its own");

    let (_, hits) = stand.get("/search?q=eventName:StopLogging").await;
    assert!(
        hits.contains(&format!("event={}", uuid(1))) && !hits.contains(&format!("event={}", uuid(2))),
        "{hits}"
    );
    assert!(
        hits.contains("-action%3AStopLogging") || hits.contains("-action:StopLogging"),
        "a facet excludes"
    );

    let (_, open) = stand.get(&format!("/search?event={}&table=cloudtrail_logs", uuid(1))).await;
    assert!(
        open.contains("±15 minutes") && open.contains("Same key") && open.contains("AKIAEXAMPLE"),
        "{open}"
    );
    let (_, fragment) =
        stand.get(&format!("/search?fragment=1&event={}&table=cloudtrail_logs", uuid(1))).await;
    assert!(fragment.starts_with("<aside"), "{fragment}");
    let (_, page) = stand.get(&format!("/events/cloudtrail_logs/{}", uuid(1))).await;
    assert!(page.contains("Findings on this event"), "{page}");
    assert_eq!(stand.get("/events/cloudtrail_logs/none").await.0, 404);
    assert_eq!(stand.get("/events/nope/none").await.0, 404);

    let (_, findings) = stand.get("/findings?level=high").await;
    let (_, rest) = findings.split_once("href=\"/findings/").expect("a finding");
    let id = rest.split('"').next().unwrap();
    let (status, detail) = stand.get(&format!("/findings/{id}")).await;
    assert_eq!(status, 200);
    assert!(
        detail.contains("Evidence") && detail.contains(&uuid(1)) && detail.contains("attack.mitre.org"),
        "{detail}"
    );
    stand.stop().await;
}

#[tokio::test]
async fn a_query_that_is_wrong_says_how_to_mend_it() {
    let stand = Stand::open().await;
    stand.load("test://one", file(&[record(&uuid(1), "StopLogging", json!({}))])).await;
    let (status, page) = stand.get("/search?q=(a").await;
    assert_eq!(status, 200);
    assert!(page.contains("not understood"), "{page}");
    assert_eq!(stand.get("/search?since=soon").await.0, 400);

    let csrf = stand.csrf("/sql", "").await;
    let run = |sql: &'static str, export: &'static str| {
        stand
            .client
            .post(stand.at("/sql"))
            .form(&[("csrf", csrf.as_str()), ("sql", sql), ("export", export)])
            .send()
    };
    let page = run("SELECT evntname FROM cloudtrail_logs", "").await.unwrap().text().await.unwrap();
    assert!(page.contains("was not run") && page.contains("eventname"), "{page}");
    let page = run("SELECT eventname, count(*) AS n FROM cloudtrail_logs GROUP BY 1", "")
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains("StopLogging") && page.contains("1 row"), "{page}");
    let page = run("DROP TABLE cloudtrail_logs", "").await.unwrap().text().await.unwrap();
    assert!(page.contains("was not run"), "{page}");
    let export = run("SELECT eventname FROM cloudtrail_logs", "csv").await.unwrap();
    assert!(export.headers()["content-disposition"].to_str().unwrap().ends_with(".csv\""));
    assert_eq!(export.text().await.unwrap(), "eventname\nStopLogging\n");
    stand.stop().await;
}

#[tokio::test]
async fn pages_of_hits_have_no_gaps_and_no_repeats() {
    let stand = Stand::open().await;
    // All at the same instant: the hardest case for a cursor of time.
    let records: Vec<_> = (0..250)
        .map(|n| record(&uuid(n), "GetObject", json!({ "eventTime": "2026-05-04T12:00:00Z" })))
        .collect();
    stand.load("test://many", file(&records)).await;
    let (mut seen, mut path) = (std::collections::BTreeSet::new(), "/search?since=all".to_owned());
    loop {
        let (_, page) = stand.get(&path).await;
        let before = seen.len();
        let ids: Vec<_> = page.split("event=").skip(1).map(|rest| rest[..36].to_owned()).collect();
        let fresh = ids.iter().collect::<std::collections::BTreeSet<_>>().len();
        seen.extend(ids);
        assert_eq!(seen.len(), before + fresh, "an event came twice");
        let Some((_, next)) =
            page.split_once("data-next").map(|(head, _)| head.rsplit_once("href=\"").unwrap())
        else {
            break;
        };
        path = next.split('"').next().unwrap().replace("&amp;", "&");
    }
    assert_eq!(seen.len(), 250);
    stand.stop().await;
}

#[tokio::test]
async fn assets_are_kept_and_pages_are_not() {
    let stand = Stand::open().await;
    let (_, page) = stand.get("/").await;
    let css = page
        .split("href=\"")
        .find(|part| part.contains(".css"))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let answer = stand.client.get(stand.at(&css)).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/css; charset=utf-8");
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let answer = stand.client.get(stand.at("/")).send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(stand.get("/assets/../config").await.0, 404);
    stand.stop().await;
}
