//! What can go wrong with AWS, said with what to do next.

use std::error::Error as StdError;

type Source = Box<dyn StdError + Send + Sync>;

/// A failure to reach or to use AWS. Messages carry no secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AwsError {
    /// No credentials were found anywhere in the default chain.
    #[error("no AWS credentials found for {what}; {hint}")]
    NoCredentials {
        /// What they were needed for.
        what: String,
        /// What to set, or which profile to look at.
        hint: String,
        /// The chain's own account of it.
        #[source]
        source: Source,
    },
    /// Credentials are configured, but could not be obtained or used.
    #[error(
        "AWS credentials for {what} could not be obtained: {reason}; check the profile (`aws sts get-caller-identity`)"
    )]
    BadCredentialSource {
        /// What they were needed for.
        what: String,
        /// Why, in words.
        reason: String,
    },
    /// AWS does not accept the credentials (unknown key id, wrong secret).
    #[error(
        "{uri}: the credentials of access key {access_key_id} were not accepted ({code}); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_PROFILE"
    )]
    RejectedCredentials {
        /// The object or bucket.
        uri: String,
        /// The public half of the key.
        access_key_id: String,
        /// S3's error code.
        code: String,
    },
    /// The session token has expired and could not be renewed.
    #[error(
        "{uri}: the session of access key {access_key_id} has expired; sign in again (`aws sso login`) or renew the session token"
    )]
    ExpiredCredentials {
        /// The object or bucket.
        uri: String,
        /// The public half of the key.
        access_key_id: String,
    },
    /// The bucket does not exist at this endpoint.
    #[error(
        "bucket {bucket} does not exist at {endpoint}; check its name, and AWS_ENDPOINT_URL if it is not on AWS"
    )]
    NoSuchBucket {
        /// Bucket name.
        bucket: String,
        /// Where it was looked for.
        endpoint: String,
    },
    /// The object does not exist (any more).
    #[error("{uri} does not exist; it was deleted after it was listed, or the key is misspelt")]
    NoSuchKey {
        /// The object.
        uri: String,
    },
    /// The identity may not do this.
    #[error(
        "{uri}: access denied; the identity of access key {access_key_id} needs {action} there (and kms:Decrypt if the bucket is encrypted with a KMS key)"
    )]
    AccessDenied {
        /// The object or bucket.
        uri: String,
        /// The IAM action that is needed.
        action: &'static str,
        /// The public half of the key, or `anonymous`.
        access_key_id: String,
    },
    /// The object is archived (S3 Glacier).
    #[error("{uri} is archived ({class}); restore it first (`aws s3api restore-object`)")]
    Archived {
        /// The object.
        uri: String,
        /// Storage class, as S3 names it.
        class: String,
    },
    /// The object is no longer the one that was listed.
    #[error("{uri} was replaced while it was read; read it again")]
    Changed {
        /// The object.
        uri: String,
    },
    /// The endpoint is not a usable URL, or answers with something that is not S3.
    #[error("endpoint {endpoint}: {reason}; check AWS_ENDPOINT_URL")]
    WrongEndpoint {
        /// The endpoint.
        endpoint: String,
        /// Why, in words.
        reason: String,
    },
    /// No answer from the endpoint.
    #[error(
        "{endpoint} cannot be reached: {reason}; check the network, the proxy, AWS_REGION and AWS_ENDPOINT_URL"
    )]
    Unreachable {
        /// The endpoint.
        endpoint: String,
        /// Why, in words.
        reason: String,
    },
    /// Throttled or failing for longer than the retry policy allows.
    #[error(
        "{uri}: still {code} after {attempts} tries; the service is throttling or failing, try again later or with less concurrency"
    )]
    Exhausted {
        /// The object or bucket.
        uri: String,
        /// S3's error code, or what failed.
        code: String,
        /// Tries made.
        attempts: u32,
    },
    /// The clocks of this machine and of AWS are too far apart.
    #[error("{uri}: this machine's clock is too far off for AWS; set the clock")]
    ClockSkew {
        /// The object or bucket.
        uri: String,
    },
    /// A bucket name or a key that cannot be asked for.
    #[error("{uri}: {reason}")]
    Unusable {
        /// As it was given.
        uri: String,
        /// Why, in words.
        reason: String,
    },
    /// Any other answer.
    #[error("{uri}: S3 answered {status} {code}: {message}")]
    Response {
        /// The object or bucket.
        uri: String,
        /// HTTP status.
        status: u16,
        /// S3's error code.
        code: String,
        /// S3's own words, shortened.
        message: String,
    },
}

impl AwsError {
    /// True when another try at the same thing, later, may do.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Exhausted { .. } | Self::Unreachable { .. })
    }
}
