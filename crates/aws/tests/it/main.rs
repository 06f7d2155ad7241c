//! S3 over real and scripted servers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is a failed test")]

mod api;
mod environment;
mod faults;
mod servers;

use std::time::Duration;

use trailkeep_aws::{Aws, AwsOptions, Credentials, RetryPolicy};

/// Settings for a server on this machine, with short waits.
fn options(endpoint: &str, key: &str, secret: &str) -> AwsOptions {
    AwsOptions {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        credentials: Some(Credentials::new(key, secret, None, None, "test")),
        retry: RetryPolicy {
            max_attempts: 4,
            base: Duration::from_millis(1),
            max_wait: Duration::from_millis(5),
            deadline: Duration::from_secs(20),
        },
        ..AwsOptions::default()
    }
}

async fn aws(endpoint: &str) -> Aws {
    Aws::load(options(endpoint, "AKIATEST", "hunter2")).await.unwrap()
}
