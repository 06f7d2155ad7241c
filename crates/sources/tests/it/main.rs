//! Sources over real folders and real S3 servers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is a failed test")]

mod backends;
mod conformance;
mod fetching;
mod local;
mod s3;

use std::io::Read;

use futures::StreamExt;
use trailkeep_sources::{Body, Location, Object, SourceError, Sources};

/// Everything at `location`.
async fn list(sources: &Sources, location: &Location) -> Vec<Result<Object, SourceError>> {
    sources.list(vec![location.clone()]).collect().await
}

/// Everything at `location`, which has no errors.
async fn objects(sources: &Sources, location: &Location) -> Vec<Object> {
    list(sources, location).await.into_iter().map(Result::unwrap).collect()
}

/// The one error at `location`.
async fn only_error(sources: &Sources, location: &Location) -> SourceError {
    let mut items = list(sources, location).await;
    assert_eq!(items.len(), 1, "{items:?}");
    items.remove(0).unwrap_err()
}

/// The body read to its end, on a blocking thread and with an awkward buffer.
async fn read(mut body: Body) -> std::io::Result<Vec<u8>> {
    let reading = tokio::task::spawn_blocking(move || {
        let (mut whole, mut buffer) = (Vec::new(), [0; 1013]);
        loop {
            match body.read(&mut buffer)? {
                0 => return Ok(whole),
                count => whole.extend_from_slice(&buffer[..count]),
            }
        }
    });
    reading.await.unwrap()
}

/// Bytes that repeat at no chunk boundary.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect()
}
