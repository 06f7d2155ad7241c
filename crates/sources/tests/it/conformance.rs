//! What every source keeps, whatever it reads from: the contract at the top of the crate.

use std::collections::HashMap;

use futures::StreamExt;
use trailkeep_sources::Survey;
use trailkeep_testkit::{moto, real_s3};

use crate::backends::{Backend, small};
use crate::{objects, only_error, pattern, read};

/// The suite, on each backend: one test per backend and promise.
macro_rules! conformance {
    ($($promise:ident),* $(,)?) => {
        mod folder {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(&super::Backend::folder()).await;
            })*
        }
        mod on_moto {
            $(#[tokio::test]
            async fn $promise() {
                let Some(server) = super::moto() else { return };
                super::$promise(&super::Backend::s3(server).await).await;
            })*
        }
        mod on_real_s3 {
            $(#[tokio::test]
            async fn $promise() {
                let Some(server) = super::real_s3() else { return };
                super::$promise(&super::Backend::s3(server).await).await;
            })*
        }
    };
}

conformance![
    lists_everything_in_order,
    fingerprints_follow_the_content,
    gives_bytes_whole_or_streamed,
    survives_odd_names,
    names_what_is_not_there,
    an_object_that_goes_away_spoils_only_itself,
    fetches_many_within_the_budget,
    knows_a_single_object_by_name,
];

async fn lists_everything_in_order(backend: &Backend) {
    // More than one page of a bucket listing.
    let names: Vec<String> = (0..1100).map(|n| format!("logs/{:02}/{n:05}.json", n / 100)).collect();
    for chunk in names.chunks(50) {
        futures::future::join_all(chunk.iter().map(|name| backend.put(name, name.as_bytes()))).await;
    }
    backend.put("other/x.json", b"not asked for").await;
    let sources = backend.sources(small());
    let listed = objects(&sources, &backend.location("logs/")).await;
    assert_eq!(listed.len(), names.len());
    for (object, name) in listed.iter().zip(&names) {
        assert!(object.uri.ends_with(name.as_str()), "{} is not {name}", object.uri);
        assert_eq!(object.size, Some(name.len() as u64));
    }
    let bytes = names.iter().map(|name| name.len() as u64).sum();
    assert_eq!(sources.survey(vec![backend.location("logs/")]).await, Survey { objects: 1100, bytes });
}

async fn fingerprints_follow_the_content(backend: &Backend) {
    backend.put("logs/a", b"one").await;
    backend.put("logs/b", b"two").await;
    let sources = backend.sources(small());
    let before = objects(&sources, &backend.location("logs/")).await;
    let again = objects(&sources, &backend.location("logs/")).await;
    assert!(before[0].fingerprint.is_some());
    assert_eq!(before[0].fingerprint, again[0].fingerprint);
    backend.put("logs/a", b"six").await;
    let after = objects(&sources, &backend.location("logs/")).await;
    assert_eq!(before[0].uri, after[0].uri);
    assert_ne!(before[0].fingerprint, after[0].fingerprint);
    assert_eq!(before[1].fingerprint, after[1].fingerprint);
}

async fn gives_bytes_whole_or_streamed(backend: &Backend) {
    let sources = backend.sources(small());
    let limit = 16 << 10;
    for size in [0, 1, limit, limit + 1, 20_000, 30_000, 123_457] {
        backend.put("logs/x", &pattern(size)).await;
        let object = &objects(&sources, &backend.location("logs/")).await[0];
        let body = sources.open(object).await.unwrap();
        assert_eq!(body.whole().is_some(), size <= limit, "{size}");
        if let Some(whole) = body.whole() {
            assert_eq!(whole.len(), size);
        }
        assert!(
            read(body).await.unwrap() == pattern(size),
            "{size} bytes come back other than they were put"
        );
    }
}

async fn survives_odd_names(backend: &Backend) {
    let names = ["logs/#hash?.json", "logs/a b.json", "logs/c+d%25e.json", "logs/sub/ünï'\"&<>.json"];
    for name in names {
        backend.put(name, name.as_bytes()).await;
    }
    let sources = backend.sources(small());
    let listed = objects(&sources, &backend.location("logs/")).await;
    assert_eq!(listed.len(), names.len());
    for (object, name) in listed.iter().zip(names) {
        let body = sources.open(object).await.unwrap();
        assert_eq!(read(body).await.unwrap(), name.as_bytes(), "{}", object.uri);
    }
}

async fn names_what_is_not_there(backend: &Backend) {
    backend.put("logs/x", b"x").await;
    let message = only_error(&backend.sources(small()), &backend.location("nothing-here")).await.to_string();
    assert!(message.contains("nothing-here"), "{message}");
}

async fn an_object_that_goes_away_spoils_only_itself(backend: &Backend) {
    for name in ["logs/1", "logs/2", "logs/3"] {
        backend.put(name, name.as_bytes()).await;
    }
    let sources = backend.sources(small());
    let listed = objects(&sources, &backend.location("logs/")).await;
    backend.delete("logs/2").await;
    let fetched: Vec<_> =
        sources.fetch(futures::stream::iter(listed.into_iter().map(Ok)).boxed()).collect().await;
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for item in fetched {
        let fetched = item.unwrap();
        match fetched.body {
            Ok(body) => good.push(read(body).await.unwrap()),
            Err(error) => bad.push(error.to_string()),
        }
    }
    good.sort();
    assert_eq!(good, [b"logs/1", b"logs/3"]);
    assert!(bad.len() == 1 && bad[0].contains("logs/2") && bad[0].contains("does not exist"), "{bad:?}");
}

async fn fetches_many_within_the_budget(backend: &Backend) {
    let mut expected = HashMap::new();
    for n in 0..60usize {
        let (name, bytes) = (format!("logs/{n:02}"), pattern(n * 700));
        backend.put(&name, &bytes).await;
        expected.insert(name, bytes);
    }
    let sources = backend.sources(small());
    let mut stream = sources.fetch(sources.list(vec![backend.location("logs/")]));
    while let Some(item) = stream.next().await {
        let fetched = item.unwrap();
        let name = format!("logs/{}", fetched.object.uri.rsplit('/').next().unwrap());
        let bytes = read(fetched.body.unwrap()).await.unwrap();
        assert!(expected.remove(&name).unwrap() == bytes, "{name}");
    }
    assert!(expected.is_empty(), "never given: {:?}", expected.keys());
}

async fn knows_a_single_object_by_name(backend: &Backend) {
    backend.put("logs/one.json", b"x").await;
    backend.put("logs/two.json", b"y").await;
    let listed = objects(&backend.sources(small()), &backend.location("logs/two.json")).await;
    assert_eq!(listed.len(), 1);
    assert!(listed[0].uri.ends_with("logs/two.json"));
}
