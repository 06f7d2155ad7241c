//! What an error answer means: try again, go elsewhere, or a typed error.

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::endpoint::is_region;

/// The longest text that is passed on from an error answer.
const MAX_MESSAGE: usize = 300;

/// An error answer of S3, as far as it could be read.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Region of the bucket, when S3 says it.
    pub(crate) region: Option<String>,
    /// Storage class, for archived objects.
    pub(crate) storage_class: Option<String>,
    /// False when the body was no S3 error document, though one was due.
    pub(crate) is_s3: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Document {
    code: Option<String>,
    message: Option<String>,
    region: Option<String>,
    storage_class: Option<String>,
}

impl Failure {
    pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let document: Option<Document> = quick_xml::de::from_reader(body).ok();
        let is_s3 =
            document.as_ref().is_some_and(|d| d.code.is_some()) || headers.contains_key("x-amz-request-id");
        let document = document.unwrap_or_default();
        let region = headers.get("x-amz-bucket-region").and_then(|value| value.to_str().ok());
        Self {
            status: status.as_u16(),
            code: document.code.unwrap_or_else(|| default_code(status).to_owned()),
            message: shorten(&document.message.unwrap_or_default()),
            region: region.map(str::to_owned).or(document.region).filter(|region| is_region(region)),
            storage_class: document.storage_class,
            is_s3,
        }
    }

    /// True when the same request may do later.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self.status, 429 | 500 | 502 | 503 | 504)
            || matches!(self.code.as_str(), "SlowDown" | "InternalError" | "RequestTimeout" | "Throttling")
    }

    /// The Region to ask instead, when that is what was wrong.
    pub(crate) fn other_region(&self, asked: &str) -> Option<&str> {
        let misdirected = matches!(self.status, 301 | 307)
            || matches!(self.code.as_str(), "AuthorizationHeaderMalformed" | "PermanentRedirect")
            // The answer to HEAD has no body, so no code.
            || (self.status == 400 && self.code == "BadRequest");
        self.region.as_deref().filter(|region| misdirected && *region != asked)
    }

    pub(crate) fn is_expired_token(&self) -> bool {
        matches!(self.code.as_str(), "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired")
    }
}

/// Codes for answers without a body (HEAD), or with a body that is not S3's.
fn default_code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        301 => "PermanentRedirect",
        400 => "BadRequest",
        403 => "AccessDenied",
        404 => "NotFound",
        412 => "PreconditionFailed",
        503 => "ServiceUnavailable",
        _ => "Unknown",
    }
}

/// A text of the other side, cut short and without control characters.
pub(crate) fn shorten(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = clean.clone().take(MAX_MESSAGE).collect();
    if clean.count() > MAX_MESSAGE {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Failure {
        let headers = headers
            .iter()
            .map(|&(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            })
            .collect();
        Failure::read(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }

    #[test]
    fn an_error_document() {
        let body = "<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>no\nsuch</Message><BucketName>x</BucketName></Error>";
        let failure = read(404, &[], body);
        assert_eq!(
            (failure.code.as_str(), failure.message.as_str(), failure.is_s3),
            ("NoSuchBucket", "no such", true)
        );
        assert!(!failure.is_transient());
    }

    #[test]
    fn throttling_is_transient() {
        let failure =
            read(503, &[], "<Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>");
        assert!(failure.is_transient());
        assert!(read(500, &[], "").is_transient());
        assert!(!read(403, &[], "").is_transient());
    }

    #[test]
    fn a_bucket_elsewhere_names_its_region() {
        let from_header = read(301, &[("x-amz-bucket-region", "eu-west-1")], "");
        assert_eq!(from_header.other_region("us-east-1"), Some("eu-west-1"));
        assert_eq!(from_header.other_region("eu-west-1"), None, "no endless redirects");
        let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>ap-south-1</Region></Error>";
        assert_eq!(read(400, &[], body).other_region("us-east-1"), Some("ap-south-1"));
        let denied =
            read(403, &[("x-amz-bucket-region", "eu-west-1")], "<Error><Code>AccessDenied</Code></Error>");
        assert_eq!(denied.other_region("us-east-1"), None);
    }

    #[test]
    fn a_hostile_region_is_not_followed() {
        let body = "<Error><Code>PermanentRedirect</Code><Region>evil.example/#</Region></Error>";
        assert_eq!(read(301, &[], body).other_region("us-east-1"), None);
    }

    #[test]
    fn a_web_page_is_not_s3() {
        let failure = read(404, &[], "<html><body>nginx</body></html>");
        assert!(!failure.is_s3);
        assert!(!read(404, &[], "not xml <<<").is_s3);
        assert!(read(404, &[("x-amz-request-id", "1")], "").is_s3);
    }
}
