//! Faults that moto does not make.

use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use serde_json::json;
use trailkeep_aws::api::services::{cloudtrail, ec2, kms, s3, sns};
use trailkeep_aws::api::{ApiError, ErrorKind};
use trailkeep_aws::{Aws, AwsOptions, SdkConfig};
use trailkeep_testkit::{Reply, ScriptedServer};

use super::{fails, ok, scripted};
use crate::aws;

fn refusal(status: u16, code: &str) -> Reply {
    Reply::new(status, format!("{{\"__type\":\"com.amazonaws.x#{code}\",\"message\":\"scripted\"}}"))
}

async fn trails_error(replies: Vec<Reply>) -> ApiError {
    let (client, _server) = scripted(replies).await;
    fails(&client, &cloudtrail::DESCRIBE_TRAILS, json!({})).await
}

#[tokio::test]
async fn throttling_and_failures_are_waited_out() {
    let replies = vec![
        refusal(400, "ThrottlingException"),
        refusal(500, "InternalFailure"),
        Reply::new(200, "{\"trailList\":[]}").cut_after(4),
        Reply::new(200, "{\"trailList\":[]}"),
    ];
    let (client, server) = scripted(replies).await;
    assert_eq!(ok(&client, &cloudtrail::DESCRIBE_TRAILS, json!({})).await, json!({"trailList": []}));
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn throttling_without_end_is_told() {
    let error = trails_error(vec![refusal(400, "ThrottlingException")]).await;
    assert_eq!((error.kind(), error.code()), (&ErrorKind::Throttled, "ThrottlingException"));
    assert!(error.to_string().contains("cloudtrail:DescribeTrails in us-east-1: still throttled"), "{error}");
    let error = trails_error(vec![Reply::new(503, "<html>")]).await;
    assert_eq!((error.kind(), error.code(), error.status()), (&ErrorKind::Failing, "Http503", Some(503)));
}

#[tokio::test]
async fn a_denial_names_the_action() {
    let error = trails_error(vec![refusal(400, "AccessDeniedException")]).await;
    assert_eq!(error.missing_action(), Some("cloudtrail:DescribeTrails"));
    assert!(error.to_string().contains("needs cloudtrail:DescribeTrails"), "{error}");

    let body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to \
                perform this operation. User: arn:aws:iam::1:user/x is not authorized to perform: \
                ec2:DescribeFlowLogs because no identity-based policy allows it</Message></Error></Errors></Response>";
    let (client, _server) = scripted(vec![Reply::new(403, body)]).await;
    let error = fails(&client, &ec2::DESCRIBE_VPCS, json!({})).await;
    assert_eq!(error.missing_action(), Some("ec2:DescribeFlowLogs"), "AWS knows better");

    let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let (client, _server) = scripted(vec![Reply::new(403, body)]).await;
    let error = fails(&client, &s3::GET_BUCKET_ENCRYPTION, json!({"Bucket": "logs"})).await;
    assert_eq!(error.missing_action(), Some("s3:GetEncryptionConfiguration"));
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_then_told() {
    let (client, server) = scripted(vec![refusal(400, "ExpiredTokenException")]).await;
    let error = fails(&client, &cloudtrail::DESCRIBE_TRAILS, json!({})).await;
    assert_eq!(error.kind(), &ErrorKind::Credentials);
    assert!(error.to_string().contains("aws sso login") && !error.to_string().contains("hunter2"), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn clocks_that_differ() {
    let body = r#"{"__type":"InvalidSignatureException","message":"Signature expired: 20260101T000000Z is now earlier"}"#;
    let error = trails_error(vec![Reply::new(400, body)]).await;
    assert_eq!(error.kind(), &ErrorKind::ClockSkew);
    assert!(error.to_string().contains("set the clock"), "{error}");
}

#[tokio::test]
async fn pages_without_end_are_refused() {
    let page = |token: &str| {
        Reply::new(
            200,
            format!(
                "<ListTopicsResponse><ListTopicsResult><Topics><member><TopicArn>t</TopicArn></member></Topics>\
                     <NextToken>{token}</NextToken></ListTopicsResult></ListTopicsResponse>"
            ),
        )
    };
    let (client, server) = scripted(vec![page("a"), page("b")]).await;
    let error = fails(&client, &sns::LIST_TOPICS, json!({})).await;
    assert_eq!(error.kind(), &ErrorKind::BadAnswer);
    assert!(error.message().contains("no end"), "{error}");
    assert_eq!(server.requests().len(), 3);
    let bodies: Vec<bool> = server.requests().iter().map(|r| r.body.ends_with(b"NextToken=b")).collect();
    assert_eq!(bodies, [false, false, true]);
}

#[tokio::test]
async fn one_page_may_be_asked_for_alone() {
    let (client, server) =
        scripted(vec![Reply::new(200, r#"{"Aliases":[],"NextMarker":"m","Truncated":true}"#)]).await;
    let page = client.call(&kms::LIST_ALIASES, "us-east-1", &json!({})).await.unwrap();
    assert_eq!(page["NextMarker"], "m");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn answers_that_make_no_sense_are_told() {
    for (reply, words) in [
        (Reply::new(200, "<html>welcome</html>"), "no JSON"),
        (Reply::new(404, "<html>not found</html>"), "404 without an error document"),
        (Reply::new(200, vec![b' '; 65 << 20]), "longer than 64 MiB"),
    ] {
        let error = trails_error(vec![reply]).await;
        assert_eq!(error.kind(), &ErrorKind::BadAnswer, "{error}");
        assert!(
            error.to_string().contains(words) && error.to_string().contains("AWS_ENDPOINT_URL"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_bucket_in_another_region_is_asked_there_and_remembered() {
    let elsewhere = Reply::new(301, "<Error><Code>PermanentRedirect</Code></Error>")
        .header("x-amz-bucket-region", "eu-west-1");
    let (client, server) = scripted(vec![elsewhere, Reply::new(200, "{}")]).await;
    for operation in [&s3::GET_BUCKET_POLICY, &s3::GET_BUCKET_POLICY] {
        assert_eq!(ok(&client, operation, json!({"Bucket": "logs"})).await, json!({"Policy": "{}"}));
    }
    let regions: Vec<bool> =
        server.requests().iter().map(|r| r.header("authorization").contains("/eu-west-1/s3/")).collect();
    assert_eq!(regions, [false, true, true]);
}

#[tokio::test]
async fn a_wrong_input_is_not_sent() {
    let (client, server) = scripted(vec![Reply::new(200, "{}")]).await;
    let error = fails(&client, &s3::PUT_BUCKET_POLICY, json!({"Bucket": "logs", "Polcy": "{}"})).await;
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.to_string().contains("no member Polcy"), "{error}");
    let error = client.call(&cloudtrail::DESCRIBE_TRAILS, "evil.example/", &json!({})).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NoSuchPlace);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_closed_port_is_told_soon() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = aws(&format!("http://127.0.0.1:{port}")).await.api();
    let error = fails(&client, &cloudtrail::DESCRIBE_TRAILS, json!({})).await;
    assert_eq!(error.kind(), &ErrorKind::Unreachable);
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[tokio::test]
async fn no_credentials_anywhere() {
    let options = AwsOptions { endpoint_url: Some("http://127.0.0.1:1".to_owned()), ..AwsOptions::default() };
    let client = Aws::from_sdk(SdkConfig::builder().build(), &options).unwrap().api();
    let error = fails(&client, &cloudtrail::DESCRIBE_TRAILS, json!({})).await;
    assert_eq!(error.kind(), &ErrorKind::Credentials);
    assert!(error.to_string().contains("AWS_PROFILE"), "{error}");
}

/// What `AWS_ENDPOINT_URL_CLOUDTRAIL` would say.
#[derive(Debug)]
struct ForCloudTrail(String);

impl LoadServiceConfig for ForCloudTrail {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        (key.service_id() == "CloudTrail" && key.env() == "AWS_ENDPOINT_URL").then(|| self.0.clone())
    }
}

#[tokio::test]
async fn each_service_may_have_an_endpoint_of_its_own() {
    let trails = ScriptedServer::start(vec![Reply::new(200, "{\"trailList\":[]}")]);
    let others = ScriptedServer::start(vec![Reply::new(200, "{\"Aliases\":[]}")]);
    let sdk = |general: Option<String>| {
        let mut sdk = SdkConfig::builder().service_config(ForCloudTrail(trails.url()));
        sdk.set_endpoint_url(general);
        sdk.build()
    };
    let client = |general, fixed| {
        let options = AwsOptions { endpoint_url: fixed, anonymous: true, ..AwsOptions::default() };
        Aws::from_sdk(sdk(general), &options).unwrap().api()
    };
    // S3 would be on AWS, over TLS.
    ok(&client(None, None), &cloudtrail::DESCRIBE_TRAILS, json!({})).await;
    assert_eq!(trails.requests()[0].header("authorization"), "", "anonymous calls are not signed");
    ok(&client(Some(others.url()), None), &cloudtrail::DESCRIBE_TRAILS, json!({})).await;
    ok(&client(Some(others.url()), None), &kms::LIST_ALIASES, json!({})).await;
    assert_eq!((trails.requests().len(), others.requests().len()), (2, 1));
    ok(&client(None, Some(others.url())), &cloudtrail::DESCRIBE_TRAILS, json!({})).await;
    assert_eq!((trails.requests().len(), others.requests().len()), (2, 2), "the options go before all");
}

/// An answer to AssumeRole whose session lasts until `expiration`.
fn session(key: &str, expiration: &str) -> Reply {
    Reply::new(
        200,
        format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>\
             <SecretAccessKey>hunter3</SecretAccessKey><SessionToken>token-{key}</SessionToken>\
             <Expiration>{expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        ),
    )
}

#[tokio::test]
async fn a_role_is_assumed_when_it_is_needed_and_kept() {
    let trails = || Reply::new(200, "{\"trailList\":[]}");
    let replies = vec![session("ASIA1", "2999-01-01T00:00:00Z"), trails()];
    let (client, server) = scripted(replies).await;
    let role = client.assume_role("arn:aws:iam::111122223333:role/audit", "trailkeep", Some("x-1"));
    assert!(server.requests().is_empty());
    for _ in 0..2 {
        ok(&role, &cloudtrail::DESCRIBE_TRAILS, json!({})).await;
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 3, "one session for both calls");
    let asked = String::from_utf8(requests[0].body.clone()).unwrap();
    assert!(asked.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Faudit"), "{asked}");
    assert!(asked.contains("RoleSessionName=trailkeep&ExternalId=x-1"), "{asked}");
    assert!(requests[0].header("authorization").contains("Credential=AKIATEST/"));
    assert!(requests[1].header("authorization").contains("Credential=ASIA1/"));
    assert_eq!(requests[1].header("x-amz-security-token"), "token-ASIA1");
    assert!(!format!("{role:?}").contains("hunter"), "no secrets in debug output");
}

#[tokio::test]
async fn a_session_about_to_end_is_renewed() {
    let trails = || Reply::new(200, "{\"trailList\":[]}");
    let replies = vec![
        session("ASIA1", "2000-01-01T00:00:00Z"),
        trails(),
        session("ASIA2", "2999-01-01T00:00:00Z"),
        trails(),
        refusal(400, "ExpiredTokenException"),
        session("ASIA3", "2999-01-01T00:00:00Z"),
        trails(),
    ];
    let (client, server) = scripted(replies).await;
    let role = client.assume_role("arn:aws:iam::111122223333:role/audit", "trailkeep", None);
    for _ in 0..3 {
        ok(&role, &cloudtrail::DESCRIBE_TRAILS, json!({})).await;
    }
    let requests = server.requests();
    let key = |index: usize| requests[index].header("x-amz-security-token").to_owned();
    assert_eq!(
        [key(1), key(3), key(4), key(6)],
        ["token-ASIA1", "token-ASIA2", "token-ASIA2", "token-ASIA3"]
    );
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_told_as_such() {
    let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: x is not authorized to perform: \
                sts:AssumeRole on resource: arn</Message></Error></ErrorResponse>";
    let (client, _server) = scripted(vec![Reply::new(403, body)]).await;
    let role = client.assume_role("arn:aws:iam::111122223333:role/audit", "trailkeep", None);
    let error = fails(&role, &cloudtrail::DESCRIBE_TRAILS, json!({})).await;
    assert_eq!(error.operation().name, "AssumeRole");
    assert_eq!(error.missing_action(), Some("sts:AssumeRole"));
}
