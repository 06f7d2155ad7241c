//! Signature Version 4.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign as make_signature,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::Request;
use object_store::aws::AwsCredential;

use super::service::{Location, Service};

/// Adds the signature's headers.
pub(super) fn sign(
    request: &mut Request<Bytes>,
    credential: &AwsCredential,
    service: &Service,
    region: &str,
    now: SystemTime,
) -> Result<(), String> {
    let words = |error: &dyn std::fmt::Display| format!("it cannot be signed ({error})");
    let (key, secret) = (credential.key_id.as_str(), credential.secret_key.as_str());
    let identity = Credentials::new(key, secret, credential.token.clone(), None, "trailkeep").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service.signing_name)
        .time(now)
        .settings(settings(service))
        .build()
        .map_err(|error| words(&error))?
        .into();
    let instructions = {
        let headers =
            request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers,
            SignableBody::Bytes(request.body()),
        )
        .map_err(|error| words(&error))?;
        make_signature(signable, &params).map_err(|error| words(&error))?.into_parts().0
    };
    instructions.apply_to_request_http1x(request);
    Ok(())
}

/// S3 takes paths as they are and wants the body's digest; all others encode the path once more.
fn settings(service: &Service) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if matches!(service.location, Location::S3 | Location::S3Control) {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::Protocol;

    /// The credentials and the moment of AWS's own examples.
    fn signed(service: &Service, uri: &str, token: Option<&str>) -> Request<Bytes> {
        let credential = AwsCredential {
            key_id: "AKIDEXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            token: token.map(str::to_owned),
        };
        let mut request = Request::builder().method("GET").uri(uri).body(Bytes::new()).unwrap();
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        sign(&mut request, &credential, service, "us-east-1", moment).unwrap();
        request
    }

    fn authorization(request: &Request<Bytes>) -> &str {
        request.headers()["authorization"].to_str().unwrap()
    }

    #[test]
    fn the_vanilla_example_of_aws() {
        static SERVICE: Service = Service::new("service", "Service", Protocol::RestJson);
        // `get-vanilla` of AWS's Signature Version 4 test suite.
        assert_eq!(
            authorization(&signed(&SERVICE, "https://example.amazonaws.com/", None)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }

    #[test]
    fn session_tokens_are_signed_and_kept_out_of_sight() {
        static SERVICE: Service = Service::new("service", "Service", Protocol::RestJson);
        let request = signed(&SERVICE, "https://example.amazonaws.com/", Some("hunter2"));
        assert!(authorization(&request).contains("x-amz-security-token"));
        assert!(!format!("{:?}", request.headers()).contains("hunter2"));
    }

    #[test]
    fn only_s3_takes_paths_as_they_are() {
        static S3: Service = Service::new("s3", "S3", Protocol::RestXml).location(Location::S3);
        static REST: Service = Service::new("s3", "S3", Protocol::RestXml);
        let uri = "https://example.amazonaws.com/a%3Ab//c";
        let (s3, rest) = (signed(&S3, uri, None), signed(&REST, uri, None));
        assert!(s3.headers().contains_key("x-amz-content-sha256"));
        assert!(!rest.headers().contains_key("x-amz-content-sha256"));
        assert_ne!(authorization(&s3), authorization(&rest));
    }
}
