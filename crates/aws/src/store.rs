//! Read and write access for the lake: an [`AmazonS3`] store, or the options to build one.

use std::collections::HashMap;
use std::sync::Arc;

use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredential};
use object_store::{BackoffConfig, ClientOptions, CredentialProvider, RetryConfig};

use crate::credentials::chain;
use crate::endpoint::{Endpoint, Variant, aws_url, check_bucket_name, is_host_label};
use crate::{Aws, AwsError};

impl Aws {
    /// A store for `bucket` with the same credentials (renewed as they expire), endpoint and
    /// retry policy. The bucket's Region is looked up when it is on AWS.
    ///
    /// # Errors
    /// [`AwsError::Unusable`] for a name that can be none, and those of
    /// [`Bucket::resolve_region`](crate::Bucket::resolve_region).
    pub async fn object_store(&self, bucket: &str) -> Result<AmazonS3, AwsError> {
        check_bucket_name(bucket)?;
        let inner = &self.inner;
        let retry = RetryConfig {
            backoff: BackoffConfig {
                init_backoff: inner.retry.base,
                max_backoff: inner.retry.max_wait,
                base: 2.0,
            },
            max_retries: usize::try_from(inner.retry.max_attempts.saturating_sub(1)).unwrap_or(usize::MAX),
            retry_timeout: inner.retry.deadline,
        };
        let http = inner.endpoint.as_ref().is_some_and(Endpoint::is_http);
        let region = self.region_of(bucket).await?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(&region)
            .with_retry(retry)
            .with_client_options(ClientOptions::new().with_allow_http(http))
            .with_virtual_hosted_style_request(self.virtual_hosted(bucket));
        if let Some(endpoint) = self.store_endpoint(&region) {
            builder = builder.with_endpoint(endpoint);
        }
        builder = match &inner.credentials {
            Some(credentials) => {
                let provider: Arc<dyn CredentialProvider<Credential = AwsCredential>> = credentials.clone();
                builder.with_credentials(provider)
            }
            None => builder.with_skip_signature(true),
        };
        builder.build().map_err(|error| AwsError::Unusable {
            uri: format!("s3://{bucket}"),
            reason: format!("no store could be opened there ({})", chain(&error)),
        })
    }

    /// Storage options for a library that opens `s3://bucket/…` by itself (`deltalake`).
    ///
    /// Such a library follows the credentials chain by itself only on AWS. With a custom endpoint
    /// or explicit settings the credentials of now are among the options: keep them out of logs,
    /// and prefer [`Aws::object_store`] where credentials may expire.
    ///
    /// # Errors
    /// As [`Aws::object_store`], and when credentials cannot be had.
    pub async fn storage_options(&self, bucket: &str) -> Result<HashMap<String, String>, AwsError> {
        check_bucket_name(bucket)?;
        let region = self.region_of(bucket).await?;
        let mut options = HashMap::new();
        let mut set = |key: &str, value: &str| {
            options.insert(key.to_owned(), value.to_owned());
        };
        set("aws_region", &region);
        set("aws_virtual_hosted_style_request", if self.virtual_hosted(bucket) { "true" } else { "false" });
        if let Some(endpoint) = self.store_endpoint(&region) {
            set("aws_endpoint", &endpoint);
            set("aws_allow_http", if endpoint.starts_with("http:") { "true" } else { "false" });
        }
        match &self.inner.credentials {
            None => set("aws_skip_signature", "true"),
            Some(credentials) if self.inner.explicit || self.inner.endpoint.is_some() => {
                let credential = credentials.get(&format!("s3://{bucket}")).await?;
                set("aws_access_key_id", &credential.key_id);
                set("aws_secret_access_key", &credential.secret_key);
                if let Some(token) = &credential.token {
                    set("aws_session_token", token);
                }
            }
            Some(_) => {}
        }
        Ok(options)
    }

    /// The endpoint a store has to be told; `None` where it knows AWS's own.
    fn store_endpoint(&self, region: &str) -> Option<String> {
        let inner = &self.inner;
        let special = (inner.variant != Variant::default()).then(|| aws_url(region, inner.variant));
        inner.endpoint.as_ref().map(|endpoint| endpoint.as_str().to_owned()).or(special)
    }

    fn virtual_hosted(&self, bucket: &str) -> bool {
        self.inner.endpoint.is_none() && self.inner.variant == Variant::default() && is_host_label(bucket)
    }

    async fn region_of(&self, bucket: &str) -> Result<String, AwsError> {
        if self.inner.endpoint.is_some() {
            return Ok(self.inner.region.clone());
        }
        self.bucket(bucket)?.resolve_region().await
    }
}
