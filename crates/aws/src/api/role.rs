//! The identity of a role.

use std::sync::Arc;
use std::time::SystemTime;

use chrono::DateTime;
use object_store::aws::AwsCredential;
use serde_json::{Value, json};

use super::client::Client;
use super::error::{ApiError, ErrorKind};
use super::place::GLOBAL;
use super::services::sts::ASSUME_ROLE;
use crate::credentials::{Cache, Cached, convert};

/// A role, and the credentials of a session of it.
#[derive(Debug)]
pub(super) struct Role {
    /// Whose credentials ask for the role.
    base: Client,
    input: Value,
    cache: Cache,
}

impl Role {
    pub(super) fn new(base: Client, arn: &str, session_name: &str, external_id: Option<&str>) -> Self {
        let mut input = json!({"RoleArn": arn, "RoleSessionName": session_name});
        if let Some(external_id) = external_id {
            input["ExternalId"] = json!(external_id);
        }
        Self { base, input, cache: Cache::default() }
    }

    /// Credentials of a session, a new one if need be. An error is AssumeRole's own.
    pub(super) async fn credential(&self) -> Result<Arc<AwsCredential>, ApiError> {
        self.cache.get(self.assume()).await
    }

    pub(super) async fn reject(&self, used: &AwsCredential) {
        self.cache.reject(used).await;
    }

    async fn assume(&self) -> Result<Cached, ApiError> {
        // A role may be assumed by a role, whose calls come here again.
        let output = Box::pin(self.base.call(&ASSUME_ROLE, GLOBAL, &self.input)).await?;
        read(&output).ok_or_else(|| {
            let message = "it has no usable credentials".to_owned();
            ApiError::own(&ASSUME_ROLE, self.base.home_region(), ErrorKind::BadAnswer, message)
        })
    }
}

fn read(output: &Value) -> Option<Cached> {
    let text = |name: &str| output["Credentials"][name].as_str();
    let expiry = DateTime::parse_from_rfc3339(text("Expiration")?).ok()?;
    let credentials = aws_credential_types::Credentials::new(
        text("AccessKeyId")?,
        text("SecretAccessKey")?,
        Some(text("SessionToken")?.to_owned()),
        Some(SystemTime::from(expiry)),
        "AssumeRole",
    );
    let credential = convert("the role", &credentials).ok()?;
    Some(Cached { credential: Arc::new(credential), expiry: credentials.expiry() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_whole_or_not_at_all() {
        let good = json!({"Credentials": {
            "AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2026-01-01T00:00:00Z",
        }});
        let cached = read(&good).unwrap();
        assert_eq!(
            (cached.credential.key_id.as_str(), cached.credential.token.as_deref()),
            ("ASIA", Some("t"))
        );
        assert!(cached.expiry.is_some());
        for member in ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"] {
            for bad in [json!(null), json!("\n")] {
                let mut output = good.clone();
                output["Credentials"][member] = bad;
                assert!(read(&output).is_none(), "{member}");
            }
        }
    }
}
