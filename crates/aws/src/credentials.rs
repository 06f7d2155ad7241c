//! The default credentials chain, cached, in the shape that request signing needs.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use tokio::sync::Mutex;

use crate::AwsError;

/// Credentials are renewed this long before they expire, so that a request that is being tried
/// again does not outlive them.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);

/// Stands in where a configuration has no credentials provider.
#[derive(Debug)]
pub(crate) struct NoProvider;

impl ProvideCredentials for NoProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(
            "no credentials provider is configured",
        )))
    }
}

/// Credentials that are asked for once and kept until shortly before they expire.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    cached: Mutex<Option<Cached>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Cached {
    pub(crate) credential: Arc<AwsCredential>,
    pub(crate) expiry: Option<SystemTime>,
}

impl Cached {
    fn is_fresh(&self, now: SystemTime) -> bool {
        self.expiry.is_none_or(|expiry| expiry > now + RENEW_BEFORE)
    }
}

impl Cache {
    /// Credentials that hold for the next minutes, from `fetch` if need be.
    pub(crate) async fn get<E>(
        &self,
        fetch: impl Future<Output = Result<Cached, E>>,
    ) -> Result<Arc<AwsCredential>, E> {
        let mut cached = self.cached.lock().await;
        if let Some(hit) = cached.as_ref().filter(|hit| hit.is_fresh(SystemTime::now())) {
            return Ok(Arc::clone(&hit.credential));
        }
        let fresh = fetch.await?;
        tracing::debug!(access_key_id = fresh.credential.key_id, "aws credentials loaded");
        let credential = Arc::clone(&fresh.credential);
        *cached = Some(fresh);
        Ok(credential)
    }

    /// Forgets `used`, so that the next request asks the provider again. Does nothing when other
    /// credentials have been loaded meanwhile.
    pub(crate) async fn reject(&self, used: &AwsCredential) {
        let mut cached = self.cached.lock().await;
        if cached.as_ref().is_some_and(|hit| hit.credential.as_ref() == used) {
            *cached = None;
        }
    }
}

/// Credentials from `provider`, cached.
#[derive(Debug)]
pub(crate) struct CachedCredentials {
    provider: SharedCredentialsProvider,
    /// The profile that was asked for by name, for an error to tell.
    profile: Option<String>,
    cache: Cache,
}

impl CachedCredentials {
    pub(crate) fn new(provider: SharedCredentialsProvider, profile: Option<String>) -> Self {
        Self { provider, profile, cache: Cache::default() }
    }

    /// Credentials that hold for the next minutes; `what` names their purpose in an error.
    pub(crate) async fn get(&self, what: &str) -> Result<Arc<AwsCredential>, AwsError> {
        let fetch = async {
            let fresh = self.provider.provide_credentials().await;
            let fresh = fresh.map_err(|error| self.explain(what, error))?;
            Ok(Cached { credential: Arc::new(convert(what, &fresh)?), expiry: fresh.expiry() })
        };
        self.cache.get(fetch).await
    }

    fn explain(&self, what: &str, error: CredentialsError) -> AwsError {
        let what = what.to_owned();
        match error {
            CredentialsError::CredentialsNotLoaded(_) => {
                let hint = match &self.profile {
                    Some(profile) => format!(
                        "profile {profile} does not exist, is incomplete, or builds on one that is; \
                         look with `aws configure list --profile {profile}`"
                    ),
                    None => "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws sso login`"
                        .to_owned(),
                };
                AwsError::NoCredentials { what, hint, source: Box::new(error) }
            }
            other => AwsError::BadCredentialSource { what, reason: chain(&other) },
        }
    }

    /// As [`Cache::reject`].
    pub(crate) async fn reject(&self, used: &AwsCredential) {
        self.cache.reject(used).await;
    }
}

#[async_trait]
impl CredentialProvider for CachedCredentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        self.get("S3").await.map_err(|error| object_store::Error::Unauthenticated {
            path: String::new(),
            source: Box::new(error),
        })
    }
}

/// The signer puts these into HTTP headers, where a stray line break (common after copy and
/// paste into a variable) is fatal.
pub(crate) fn convert(what: &str, credentials: &Credentials) -> Result<AwsCredential, AwsError> {
    let header_safe = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    let token = credentials.session_token();
    if !header_safe(credentials.access_key_id())
        || !header_safe(credentials.secret_access_key())
        || !token.is_none_or(header_safe)
    {
        return Err(AwsError::BadCredentialSource {
            what: what.to_owned(),
            reason:
                "the access key, secret or session token is empty or has spaces, line breaks or non-ASCII \
                     characters in it"
                    .to_owned(),
        });
    }
    Ok(AwsCredential {
        key_id: credentials.access_key_id().to_owned(),
        secret_key: credentials.secret_access_key().to_owned(),
        token: token.map(str::to_owned),
    })
}

/// An error and its causes on one line, without repeats.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Debug)]
    struct Counting {
        calls: Arc<AtomicUsize>,
        lifetime: Option<Duration>,
    }

    impl ProvideCredentials for Counting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let call = self.calls.fetch_add(1, Ordering::SeqCst);
            let expiry = self.lifetime.map(|lifetime| SystemTime::now() + lifetime);
            let credentials = Credentials::new(format!("AKIA{call}"), "secret", None, expiry, "test");
            future::ProvideCredentials::ready(Ok(credentials))
        }
    }

    fn counting(lifetime: Option<Duration>) -> (CachedCredentials, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let provider = Counting { calls: Arc::clone(&calls), lifetime };
        (CachedCredentials::new(SharedCredentialsProvider::new(provider), None), calls)
    }

    #[tokio::test]
    async fn lasting_credentials_are_asked_for_once() {
        for lifetime in [None, Some(Duration::from_secs(3600))] {
            let (cached, calls) = counting(lifetime);
            for _ in 0..3 {
                assert_eq!(cached.get("a test").await.unwrap().key_id, "AKIA0");
            }
            assert_eq!(calls.load(Ordering::SeqCst), 1);
        }
    }

    #[tokio::test]
    async fn credentials_about_to_expire_are_renewed() {
        let (cached, _) = counting(Some(Duration::from_secs(60)));
        assert_eq!(cached.get("a test").await.unwrap().key_id, "AKIA0");
        assert_eq!(cached.get("a test").await.unwrap().key_id, "AKIA1");
    }

    #[tokio::test]
    async fn rejected_credentials_are_renewed_once() {
        let (cached, calls) = counting(None);
        let first = cached.get("a test").await.unwrap();
        cached.reject(&first).await;
        assert_eq!(cached.get("a test").await.unwrap().key_id, "AKIA1");
        cached.reject(&first).await;
        assert_eq!(cached.get("a test").await.unwrap().key_id, "AKIA1", "only the rejected ones are dropped");
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_line_break_in_a_secret_is_an_error_without_the_secret() {
        let credentials = Credentials::new("AKIA", "hunter2\n", None, None, "test");
        let cached = CachedCredentials::new(SharedCredentialsProvider::new(credentials), None);
        let message = cached.get("s3://logs").await.unwrap_err().to_string();
        assert!(message.contains("line breaks"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
        assert!(!format!("{cached:?}").contains("hunter2"));
    }
}
