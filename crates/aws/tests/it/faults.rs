//! Faults that real servers do not make on demand.

use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use trailkeep_aws::{Aws, AwsError, AwsOptions, Bucket, ListRequest, SdkConfig};
use trailkeep_testkit::{Reply, ScriptedServer};

use crate::aws;

const EMPTY_LISTING: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

async fn bucket(replies: Vec<Reply>) -> (Bucket, ScriptedServer) {
    let server = ScriptedServer::start(replies);
    (aws(&server.url()).await.bucket("logs").unwrap(), server)
}

fn error(status: u16, code: &str) -> Reply {
    Reply::new(status, format!("<Error><Code>{code}</Code><Message>scripted</Message></Error>"))
}

async fn list_error(replies: Vec<Reply>) -> AwsError {
    let (bucket, _server) = bucket(replies).await;
    bucket.list_page(&ListRequest::default()).await.unwrap_err()
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let replies = vec![error(503, "SlowDown"), error(500, "InternalError"), Reply::new(200, EMPTY_LISTING)];
    let (bucket, server) = bucket(replies).await;
    assert!(bucket.list_page(&ListRequest::default()).await.unwrap().objects.is_empty());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn throttling_without_end_is_an_error_that_says_so() {
    let (bucket, server) = bucket(vec![error(503, "SlowDown")]).await;
    let error = bucket.list_page(&ListRequest::default()).await.unwrap_err();
    assert!(matches!(&error, AwsError::Exhausted { code, attempts: 4, .. } if code == "SlowDown"), "{error}");
    assert!(error.is_transient());
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_resumed_where_it_did() {
    let whole: Vec<u8> = (0..100u8).collect();
    let replies = vec![
        Reply::new(206, whole[10..60].to_vec()).cut_after(20),
        Reply::new(206, whole[30..60].to_vec()).cut_after(0),
        Reply::new(206, whole[30..60].to_vec()),
    ];
    let (bucket, server) = bucket(replies).await;
    assert_eq!(bucket.get("key", 10..60, "\"e\"").await.unwrap(), whole[10..60]);
    let ranges: Vec<String> = server.requests().iter().map(|r| r.header("range").to_owned()).collect();
    assert_eq!(ranges, ["bytes=10-59", "bytes=30-59", "bytes=30-59"]);
    assert!(server.requests().iter().all(|r| r.header("if-match") == "\"e\""));
}

#[tokio::test]
async fn an_object_replaced_midway_is_no_mixture() {
    let replies = vec![Reply::new(206, vec![1; 50]).cut_after(20), error(412, "PreconditionFailed")];
    let (bucket, _server) = bucket(replies).await;
    let error = bucket.get("key", 0..50, "\"e\"").await.unwrap_err();
    assert!(matches!(&error, AwsError::Changed { uri } if uri == "s3://logs/key"), "{error}");
}

#[tokio::test]
async fn a_shorter_object_than_listed_is_a_changed_one() {
    let (bucket, _server) = bucket(vec![Reply::new(206, vec![1; 20])]).await;
    assert!(matches!(bucket.get("key", 0..50, "").await.unwrap_err(), AwsError::Changed { .. }));
}

#[tokio::test]
async fn a_server_that_ignores_ranges_is_not_believed() {
    let replies = vec![Reply::new(200, vec![1; 50]).cut_after(20), Reply::new(200, vec![1; 50])];
    let (bucket, _server) = bucket(replies).await;
    assert!(matches!(bucket.get("key", 0..50, "").await.unwrap_err(), AwsError::WrongEndpoint { .. }));
}

#[tokio::test]
async fn a_bucket_in_another_region_is_asked_there_and_remembered() {
    let elsewhere = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
    let (bucket, server) = bucket(vec![Reply::new(400, elsewhere), Reply::new(200, EMPTY_LISTING)]).await;
    bucket.list_page(&ListRequest::default()).await.unwrap();
    bucket.list_page(&ListRequest::default()).await.unwrap();
    let regions: Vec<bool> =
        server.requests().iter().map(|r| r.header("authorization").contains("/eu-west-1/s3/")).collect();
    assert_eq!(regions, [false, true, true]);
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let to = |region: &str| error(301, "PermanentRedirect").header("x-amz-bucket-region", region);
    let error = list_error(vec![to("eu-west-1"), to("us-east-1")]).await;
    assert!(matches!(error, AwsError::Response { status: 301, .. }), "{error}");
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_then_told() {
    let (bucket, server) = bucket(vec![error(400, "ExpiredToken")]).await;
    let error = bucket.list_page(&ListRequest::default()).await.unwrap_err();
    assert!(
        matches!(&error, AwsError::ExpiredCredentials { access_key_id, .. } if access_key_id == "AKIATEST")
    );
    assert!(error.to_string().contains("aws sso login"), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn each_refusal_has_its_own_words() {
    for (status, code, words) in [
        (404, "NoSuchBucket", "bucket logs does not exist"),
        (403, "AccessDenied", "needs s3:ListBucket"),
        (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
        (403, "RequestTimeTooSkewed", "set the clock"),
        (400, "SomethingNew", "S3 answered 400 SomethingNew: scripted"),
    ] {
        let message = list_error(vec![error(status, code)]).await.to_string();
        assert!(message.contains(words), "{code}: {message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[tokio::test]
async fn archived_objects_say_how_to_restore_them() {
    let body = "<Error><Code>InvalidObjectState</Code><StorageClass>GLACIER</StorageClass></Error>";
    let (bucket, _server) = bucket(vec![Reply::new(403, body)]).await;
    let message = bucket.get("key", 0..5, "").await.unwrap_err().to_string();
    assert!(message.contains("GLACIER") && message.contains("restore-object"), "{message}");
}

#[tokio::test]
async fn a_web_server_is_no_s3_endpoint() {
    for reply in [Reply::new(404, "<html>not found</html>"), Reply::new(200, "<html>welcome</html>")] {
        let message = list_error(vec![reply]).await.to_string();
        assert!(message.contains("no S3 endpoint") && message.contains("AWS_ENDPOINT_URL"), "{message}");
    }
}

#[tokio::test]
async fn a_closed_port_is_told_soon() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let bucket = aws(&format!("http://127.0.0.1:{port}")).await.bucket("logs").unwrap();
    let error = bucket.list_page(&ListRequest::default()).await.unwrap_err();
    assert!(matches!(error, AwsError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("AWS_ENDPOINT_URL"), "{error}");
}

#[tokio::test]
async fn no_credentials_anywhere() {
    let server = ScriptedServer::start(vec![Reply::new(200, EMPTY_LISTING)]);
    let options = AwsOptions { endpoint_url: Some(server.url()), ..AwsOptions::default() };
    let aws = Aws::from_sdk(SdkConfig::builder().build(), &options).unwrap();
    let error = aws.bucket("logs").unwrap().list_page(&ListRequest::default()).await.unwrap_err();
    assert!(matches!(error, AwsError::NoCredentials { .. }), "{error}");
    assert!(error.to_string().contains("s3://logs") && error.to_string().contains("AWS_PROFILE"), "{error}");
    assert!(server.requests().is_empty(), "nothing is sent unsigned by accident");

    let anonymous = AwsOptions { anonymous: true, ..options };
    let aws = Aws::from_sdk(SdkConfig::builder().build(), &anonymous).unwrap();
    aws.bucket("logs").unwrap().list_page(&ListRequest::default()).await.unwrap();
    assert_eq!(server.requests()[0].header("authorization"), "");
}

/// What `AWS_ENDPOINT_URL_S3`, or the `services` section of a profile, would say.
#[derive(Debug)]
struct Configured(&'static str);

impl LoadServiceConfig for Configured {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        (key.service_id() == "S3" && key.env() == "AWS_ENDPOINT_URL").then(|| self.0.to_owned())
    }
}

#[test]
fn the_endpoint_for_s3_goes_before_the_general_one() {
    let general = || SdkConfig::builder().endpoint_url("http://127.0.0.1:1");
    let endpoint =
        |sdk, options: &AwsOptions| Aws::from_sdk(sdk, options).unwrap().s3_endpoint().map(str::to_owned);
    let none = AwsOptions::default();
    assert_eq!(endpoint(SdkConfig::builder().build(), &none), None);
    assert_eq!(endpoint(general().build(), &none).unwrap(), "http://127.0.0.1:1");
    let specific = || general().service_config(Configured("http://127.0.0.1:2")).build();
    assert_eq!(endpoint(specific(), &none).unwrap(), "http://127.0.0.1:2");
    let explicit = AwsOptions { endpoint_url: Some("http://127.0.0.1:3/".to_owned()), ..none };
    assert_eq!(endpoint(specific(), &explicit).unwrap(), "http://127.0.0.1:3");
}

#[test]
fn a_wrong_endpoint_is_told_by_name() {
    let sdk = SdkConfig::builder().endpoint_url("minio:9000").build();
    let message = Aws::from_sdk(sdk, &AwsOptions::default()).unwrap_err().to_string();
    assert!(message.contains("minio:9000"), "{message}");
}
