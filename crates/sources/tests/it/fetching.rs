//! The memory budget and the end of a fetch.

use std::time::Duration;

use futures::StreamExt;
use tokio::time::timeout;
use trailkeep_sources::SourceOptions;

use crate::backends::{Backend, small};
use crate::pattern;

const A_MOMENT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn bodies_that_are_kept_hold_the_budget_back() {
    let backend = Backend::folder();
    for n in 0..10 {
        backend.put(&format!("{n}"), &pattern(16 << 10)).await;
    }
    // Room for three whole objects.
    let sources = backend.sources(SourceOptions { memory: 48 << 10, concurrency: 10, ..small() });
    let mut stream = sources.fetch(sources.list(vec![backend.location("")]));
    let mut kept = Vec::new();
    for _ in 0..3 {
        kept.push(stream.next().await.unwrap().unwrap());
    }
    assert!(timeout(A_MOMENT, stream.next()).await.is_err(), "a fourth is fetched beyond the budget");
    kept.pop();
    kept.push(timeout(Duration::from_secs(10), stream.next()).await.unwrap().unwrap().unwrap());
    assert!(timeout(A_MOMENT, stream.next()).await.is_err());
    kept.clear();
    assert_eq!(stream.count().await, 6);
}

#[tokio::test]
async fn an_object_larger_than_the_budget_is_fetched_alone() {
    let backend = Backend::folder();
    backend.put("a", &pattern(16 << 10)).await;
    backend.put("b", &pattern(16 << 10)).await;
    let sources = backend.sources(SourceOptions { memory: 4096, ..small() });
    let stream = sources.fetch(sources.list(vec![backend.location("")]));
    let sizes: Vec<usize> =
        stream.map(|item| item.unwrap().body.unwrap().whole().unwrap().len()).collect().await;
    assert_eq!(sizes, [16 << 10, 16 << 10]);
}

#[tokio::test]
async fn dropping_the_stream_ends_the_listing() {
    let backend = Backend::folder();
    for n in 0..1000 {
        backend.put(&format!("{n}"), b"x").await;
    }
    let sources = backend.sources(small());
    let mut stream = sources.fetch(sources.list(vec![backend.location("")]));
    stream.next().await.unwrap().unwrap();
    drop(stream);
    // The runtime waits for blocking threads at its end: a lister that went on would hang here.
}

#[tokio::test]
async fn a_place_that_cannot_be_listed_does_not_end_the_others() {
    let backend = Backend::folder();
    backend.put("logs/a", b"x").await;
    let sources = backend.sources(small());
    let locations = vec![backend.location("missing"), backend.location("logs")];
    let items: Vec<_> = sources.fetch(sources.list(locations)).collect().await;
    assert_eq!(items.iter().filter(|item| item.is_err()).count(), 1);
    assert_eq!(items.iter().filter(|item| item.is_ok()).count(), 1);
}
