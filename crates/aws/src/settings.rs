//! [`Aws`]: the settings as resolved, shared by everything that talks to AWS.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::service_config::ServiceConfigKey;
use http::HeaderValue;
use object_store::ClientOptions;
use object_store::client::{HttpClient, HttpConnector, ReqwestConnector};
use parking_lot::Mutex;

use crate::credentials::{CachedCredentials, NoProvider, chain};
use crate::endpoint::{Endpoint, Variant, check_bucket_name};
use crate::{AwsError, AwsOptions, Bucket, RetryPolicy, api};

/// Where requests go when nothing names a Region. S3 answers them with the bucket's own Region.
const DEFAULT_REGION: &str = "us-east-1";

/// What requests say of who makes them.
pub const USER_AGENT: &str = concat!("trailkeep/", env!("CARGO_PKG_VERSION"));

/// Resolved AWS settings. Cheap to clone; clones share credentials and connections.
#[derive(Debug, Clone)]
pub struct Aws {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) sdk: SdkConfig,
    /// The endpoint of S3, when it is not AWS's own.
    pub(crate) endpoint: Option<Endpoint>,
    /// The caller's endpoint for every service.
    pub(crate) fixed_endpoint: Option<Endpoint>,
    pub(crate) allow_http: bool,
    pub(crate) region: String,
    pub(crate) variant: Variant,
    /// `None`: requests are not signed.
    pub(crate) credentials: Option<Arc<CachedCredentials>>,
    /// True when the caller fixed the credentials or the profile.
    pub(crate) explicit: bool,
    pub(crate) http: HttpClient,
    pub(crate) retry: RetryPolicy,
    /// Regions of buckets that answered from elsewhere.
    pub(crate) bucket_regions: Mutex<HashMap<String, String>>,
    /// What calls of other services share.
    pub(crate) api: api::Shared,
}

impl Aws {
    /// Resolves the settings. Looks at variables and files; credentials are asked for later, by
    /// the first request.
    ///
    /// # Errors
    /// [`AwsError::WrongEndpoint`] when the configured endpoint is unusable.
    pub async fn load(options: AwsOptions) -> Result<Self, AwsError> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(profile) = &options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &options.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(credentials) = &options.credentials {
            loader = loader.credentials_provider(SharedCredentialsProvider::new(credentials.clone()));
        }
        Self::from_sdk(Box::pin(loader.load()).await, &options)
    }

    /// The same over a configuration that was resolved elsewhere.
    ///
    /// # Errors
    /// [`AwsError::WrongEndpoint`] when the configured endpoint is unusable.
    pub fn from_sdk(sdk: SdkConfig, options: &AwsOptions) -> Result<Self, AwsError> {
        let allow_http = options.allow_http || truthy(std::env::var("AWS_ALLOW_HTTP").ok());
        let parse = |url: String| Endpoint::parse(&url, allow_http);
        let fixed_endpoint = options.endpoint_url.clone().map(parse).transpose()?;
        let endpoint = match &fixed_endpoint {
            Some(fixed) => Some(fixed.clone()),
            None => configured_endpoint(&sdk, "S3").map(parse).transpose()?,
        };
        let profile = options.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok());
        // Without a provider the first request says that there are no credentials.
        let provider =
            || sdk.credentials_provider().unwrap_or_else(|| SharedCredentialsProvider::new(NoProvider));
        let credentials = (!options.anonymous).then(|| Arc::new(CachedCredentials::new(provider(), profile)));
        let region =
            sdk.region().map_or_else(|| DEFAULT_REGION.to_owned(), |region| region.as_ref().to_owned());
        let inner = Inner {
            http: http_client(endpoint.as_ref())?,
            variant: Variant {
                fips: sdk.use_fips().unwrap_or(false),
                dual_stack: sdk.use_dual_stack().unwrap_or(false),
            },
            explicit: options.credentials.is_some() || options.profile.is_some(),
            region,
            endpoint,
            fixed_endpoint,
            allow_http,
            credentials,
            retry: options.retry,
            bucket_regions: Mutex::default(),
            api: api::Shared::default(),
            sdk,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// For SDK clients of other services.
    #[must_use]
    pub fn sdk_config(&self) -> &SdkConfig {
        &self.inner.sdk
    }

    /// The Region in use.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// The S3 endpoint, when it is not AWS's own.
    #[must_use]
    pub fn s3_endpoint(&self) -> Option<&str> {
        self.inner.endpoint.as_ref().map(Endpoint::as_str)
    }

    /// A bucket to read from. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AwsError::Unusable`] when `name` can be no bucket's name.
    pub fn bucket(&self, name: &str) -> Result<Bucket, AwsError> {
        check_bucket_name(name)?;
        Ok(Bucket::new(self.clone(), name))
    }
}

/// `AWS_ENDPOINT_URL_<SERVICE>` and its counterpart in the profile go before the general ones.
pub(crate) fn configured_endpoint(sdk: &SdkConfig, service_id: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service_id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let specific = key.ok().and_then(|key| sdk.service_config()?.load_config(key));
    specific.or_else(|| sdk.endpoint_url().map(str::to_owned)).filter(|url| !url.is_empty())
}

pub(crate) fn http_client(endpoint: Option<&Endpoint>) -> Result<HttpClient, AwsError> {
    let options = ClientOptions::new()
        .with_allow_http(endpoint.is_some_and(Endpoint::is_http))
        // CloudTrail keeps it: who reads the log sees which changes were Trailkeep's.
        .with_user_agent(HeaderValue::from_static(USER_AGENT))
        .with_connect_timeout(Duration::from_secs(5))
        // Covers the body too: a chunk of a few MiB over a slow line.
        .with_timeout(Duration::from_secs(120));
    ReqwestConnector::default().connect(&options).map_err(|error| AwsError::WrongEndpoint {
        endpoint: endpoint.map_or("S3", Endpoint::as_str).to_owned(),
        reason: format!("no HTTP client could be made ({})", chain(&error)),
    })
}

fn truthy(value: Option<String>) -> bool {
    value.is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on"))
}
