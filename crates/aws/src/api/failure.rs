//! An error answer of any protocol, and what to make of it.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::error::ErrorKind;
use super::operation::Operation;
use super::xml::Node;
use crate::s3::answer::{Failure as S3Failure, shorten};

/// An error answer, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: u16,
    /// Without a namespace; empty when there was none.
    pub(super) code: String,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let is_xml = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
        let (code, message) = if is_xml { read_xml(body) } else { read_json(headers, body) };
        let code = bare(&code);
        Self { status: status.as_u16(), code: shorten(code), message: shorten(without_headers(&message)) }
    }

    /// An error answer of S3, whose answers to HEAD have no body.
    pub(super) fn of_s3(failure: &S3Failure) -> Self {
        let code = if failure.is_s3 { failure.code.clone() } else { String::new() };
        Self { status: failure.status, code: shorten(&code), message: failure.message.clone() }
    }

    pub(super) fn is_throttling(&self) -> bool {
        self.status == 429 || THROTTLING.contains(&self.code.as_str())
    }

    /// True when the same request may do later.
    pub(super) fn is_transient(&self) -> bool {
        self.is_throttling()
            || matches!(self.status, 500 | 502 | 503 | 504)
            || TRANSIENT.contains(&self.code.as_str())
    }

    pub(super) fn is_expired_token(&self) -> bool {
        matches!(self.code.as_str(), "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired")
    }

    /// What to make of it once no further try is to be made.
    pub(super) fn kind(&self, operation: &Operation) -> ErrorKind {
        let code = self.code.as_str();
        if self.is_throttling() {
            ErrorKind::Throttled
        } else if self.is_transient() {
            ErrorKind::Failing
        } else if is_skewed(code, &self.message) {
            ErrorKind::ClockSkew
        } else if DENIED.contains(&code) {
            ErrorKind::Denied { missing_action: missing_action(operation, &self.message) }
        } else if self.is_expired_token() || REJECTED.contains(&code) {
            ErrorKind::Credentials
        } else if matches!(
            code,
            "OptInRequired" | "RegionDisabledException" | "SubscriptionRequiredException"
        ) {
            ErrorKind::NoSuchPlace
        } else if code.is_empty() {
            ErrorKind::BadAnswer
        } else {
            ErrorKind::Other
        }
    }
}

/// As the SDKs have them, without `LimitExceededException`: most services mean a quota by it.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
const THROTTLING: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

const TRANSIENT: [&str; 8] = [
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceError",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
];

const DENIED: [&str; 12] = [
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedForDependencyException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Client.UnauthorizedOperation",
    "ForbiddenException",
    "KMSAccessDeniedException",
    "NotAuthorized",
    "UnauthorizedAccess",
    "UnauthorizedException",
    "UnauthorizedOperation",
];

const REJECTED: [&str; 11] = [
    "AuthFailure",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

fn is_skewed(code: &str, message: &str) -> bool {
    match code {
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => true,
        "InvalidSignatureException" | "SignatureDoesNotMatch" => {
            message.contains("Signature expired") || message.contains("Signature not yet current")
        }
        _ => false,
    }
}

/// The action that AWS names (`… is not authorized to perform: kms:DescribeKey on …`), or the
/// operation's.
fn missing_action(operation: &Operation, message: &str) -> String {
    let named = message.split_once("not authorized to perform: ").and_then(|(_, rest)| {
        let word = rest.split(|c: char| c.is_whitespace() || c == ',').next()?.trim_end_matches('.');
        let (service, action) = word.split_once(':')?;
        let plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'*'))
        };
        // SNS writes its own name in capitals.
        (plain(service) && plain(action)).then(|| format!("{}:{action}", service.to_ascii_lowercase()))
    });
    named.unwrap_or_else(|| operation.action.to_owned())
}

/// What is wrong with a signature is told with the headers that were signed, the session token
/// among them.
fn without_headers(message: &str) -> &str {
    message.split("The Canonical String").next().unwrap_or(message).trim_end()
}

/// `com.amazonaws.x#SomeException:http://…` is SomeException.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code).trim()
}

/// `<ErrorResponse><Error>`, EC2's `<Response><Errors><Error>`, S3's `<Error>`.
fn read_xml(body: &[u8]) -> (String, String) {
    let Ok(root) = Node::parse(body) else { return Default::default() };
    let Some(error) = root.find("Error") else { return Default::default() };
    let text = |name: &str| error.text_of(name).unwrap_or_default().to_owned();
    (text("Code"), text("Message"))
}

/// The code is in a header or in the body, under one of three names.
/// <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>
fn read_json(headers: &HeaderMap, body: &[u8]) -> (String, String) {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |names: &[&str]| {
        names.iter().find_map(|name| document.get(name)?.as_str()).unwrap_or_default().to_owned()
    };
    let header = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let code = header.map_or_else(|| text(&["__type", "code", "Code"]), str::to_owned);
    (code, text(&["message", "Message", "errorMessage"]))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::api::services::cloudtrail::DESCRIBE_TRAILS;

    fn read(status: u16, header: Option<&'static str>, body: &str) -> Failure {
        let headers = header
            .map(|value| (HeaderName::from_static("x-amzn-errortype"), HeaderValue::from_static(value)))
            .into_iter()
            .collect();
        Failure::read(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }

    #[test]
    fn every_protocol_tells_its_code() {
        for (header, body, code) in [
            (None, r#"{"__type":"com.amazonaws.kms#NotFoundException","message":"m"}"#, "NotFoundException"),
            (None, r#"{"__type":"TrailNotFoundException","Message":"m"}"#, "TrailNotFoundException"),
            (Some("ResourceNotFoundException:http://x/"), r#"{"message":"m"}"#, "ResourceNotFoundException"),
            (None, r#"{"code":"BadRequest","message":"m"}"#, "BadRequest"),
            (
                None,
                "<ErrorResponse xmlns=\"u\"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>m</Message></Error></ErrorResponse>",
                "NoSuchEntity",
            ),
            (
                None,
                "<?xml version=\"1.0\"?><Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>m</Message></Error></Errors><RequestID>1</RequestID></Response>",
                "InvalidVpcID.NotFound",
            ),
            (
                None,
                "<Error><Code>NoSuchBucketPolicy</Code><Message>m</Message></Error>",
                "NoSuchBucketPolicy",
            ),
        ] {
            let failure = read(400, header, body);
            assert_eq!((failure.code.as_str(), failure.message.as_str()), (code, "m"), "{body}");
            assert_eq!(failure.kind(&DESCRIBE_TRAILS), ErrorKind::Other, "{body}");
        }
    }

    #[test]
    fn denials_name_the_action() {
        let denied = |code: &str, message: &str| {
            let failure = Failure { status: 403, code: code.to_owned(), message: message.to_owned() };
            match failure.kind(&DESCRIBE_TRAILS) {
                ErrorKind::Denied { missing_action } => missing_action,
                other => panic!("{code}: {other:?}"),
            }
        };
        let user = "User: arn:aws:iam::111122223333:user/x is not authorized to perform: ";
        assert_eq!(
            denied("AccessDeniedException", &format!("{user}kms:DescribeKey on resource: arn:x because no")),
            "kms:DescribeKey"
        );
        assert_eq!(
            denied("AuthorizationError", &format!("{user}SNS:ListTopics on resource: *")),
            "sns:ListTopics"
        );
        assert_eq!(
            denied("UnauthorizedOperation", &format!("You are not. {user}ec2:DescribeVpcs.")),
            "ec2:DescribeVpcs"
        );
        for vague in ["Access Denied", &format!("{user}<script>:x")] {
            assert_eq!(denied("AccessDenied", vague), "cloudtrail:DescribeTrails");
        }
    }

    #[test]
    fn kinds() {
        for (status, code, message, kind) in [
            (400, "ThrottlingException", "", ErrorKind::Throttled),
            (503, "SlowDown", "", ErrorKind::Throttled),
            (429, "", "", ErrorKind::Throttled),
            (500, "", "", ErrorKind::Failing),
            (400, "InvalidSignatureException", "Signature expired: 2026…", ErrorKind::ClockSkew),
            (403, "RequestTimeTooSkewed", "", ErrorKind::ClockSkew),
            (403, "InvalidSignatureException", "does not match", ErrorKind::Credentials),
            (400, "ExpiredTokenException", "", ErrorKind::Credentials),
            (403, "OptInRequired", "", ErrorKind::NoSuchPlace),
            (404, "", "", ErrorKind::BadAnswer),
        ] {
            let failure = Failure { status, code: code.to_owned(), message: message.to_owned() };
            assert_eq!(failure.kind(&DESCRIBE_TRAILS), kind, "{status} {code}");
        }
    }

    #[test]
    fn a_session_token_is_not_repeated() {
        let body = r#"{"__type":"InvalidSignatureException","message":"The signature does not match.\n\nThe Canonical String for this request should have been 'POST\n/\n\nx-amz-security-token:hunter2'"}"#;
        assert_eq!(read(403, None, body).message, "The signature does not match.");
    }

    #[test]
    fn hostile_answers_are_cut_short() {
        let failure =
            read(400, None, &format!("{{\"__type\":\"{}\",\"message\":\"a\\u001bb\"}}", "x".repeat(10_000)));
        assert!(failure.code.len() < 400 && failure.message == "a b");
        assert_eq!(read(502, None, "<html><body>proxy</body></html>").code, "");
    }
}
