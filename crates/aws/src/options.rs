//! What a caller may fix; everything left out is found the way every AWS tool finds it.

use std::time::Duration;

use aws_credential_types::Credentials;

/// Explicit settings, each of which wins over the environment and the profile.
#[derive(Debug, Clone, Default)]
pub struct AwsOptions {
    /// Profile in the shared config files, instead of `AWS_PROFILE` or `default`.
    pub profile: Option<String>,
    /// Region, instead of `AWS_REGION` or the profile's.
    pub region: Option<String>,
    /// Endpoint for every service, instead of `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` or the
    /// profile's.
    pub endpoint_url: Option<String>,
    /// Fixed credentials, instead of the default chain.
    pub credentials: Option<Credentials>,
    /// Do not sign: for public buckets.
    pub anonymous: bool,
    /// Allow `http://` to hosts other than this machine (also: `AWS_ALLOW_HTTP=true`).
    pub allow_http: bool,
    /// How throttled and failed requests are tried again.
    pub retry: RetryPolicy,
}

/// Exponential backoff with full jitter, bounded in tries and in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all, the first included.
    pub max_attempts: u32,
    /// The first wait is at most this long; each later one at most twice the one before.
    pub base: Duration,
    /// No wait is longer than this.
    pub max_wait: Duration,
    /// No new try is begun after this long.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        // S3 asks clients that it throttles to slow down for seconds, not milliseconds.
        Self {
            max_attempts: 10,
            base: Duration::from_millis(100),
            max_wait: Duration::from_secs(15),
            deadline: Duration::from_secs(180),
        }
    }
}
