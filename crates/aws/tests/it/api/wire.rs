//! Requests as they go over the wire, protocol by protocol.

use serde_json::{Value, json};
use trailkeep_aws::api::Operation;
use trailkeep_aws::api::services::{
    account, cloudtrail, cloudwatch, ec2, iam, lambda, logs, s3, s3control, sns,
};
use trailkeep_testkit::{Reply, Request};

use super::scripted;

/// The request of a call.
async fn sent(operation: &'static Operation, input: Value, answer: &str) -> Request {
    let (client, server) = scripted(vec![Reply::new(200, answer)]).await;
    client.call(operation, "eu-west-1", &input).await.unwrap();
    server.requests().remove(0)
}

fn body(request: &Request) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

/// `service/region` of the signature, and the headers that it covers.
fn scope(request: &Request) -> (String, String) {
    let authorization = request.header("authorization");
    let part = |name: &str| authorization.split_once(name).unwrap().1.split(',').next().unwrap();
    let credential: Vec<&str> = part("Credential=").split('/').collect();
    assert_eq!(credential[0], "AKIATEST");
    (format!("{}/{}", credential[3], credential[2]), part("SignedHeaders=").to_owned())
}

#[tokio::test]
async fn json() {
    let input = json!({"includeShadowTrails": true});
    let request = sent(&cloudtrail::DESCRIBE_TRAILS, input, "{}").await;
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(body(&request), r#"{"includeShadowTrails":true}"#);
    assert_eq!(request.header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(
        request.header("x-amz-target"),
        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails"
    );
    let (place, headers) = scope(&request);
    assert_eq!(
        (place.as_str(), headers.as_str()),
        ("cloudtrail/eu-west-1", "content-type;host;x-amz-date;x-amz-target")
    );
}

#[tokio::test]
async fn query() {
    let input = json!({"Name": "alerts", "Attributes": {"KmsMasterKeyId": "k"}, "Tags": [{"Key": "a", "Value": "b c"}]});
    let answer = "<CreateTopicResponse><CreateTopicResult><TopicArn>a</TopicArn></CreateTopicResult></CreateTopicResponse>";
    let request = sent(&sns::CREATE_TOPIC, input, answer).await;
    assert_eq!(
        body(&request),
        "Action=CreateTopic&Version=2010-03-31&Name=alerts&Attributes.entry.1.key=KmsMasterKeyId\
         &Attributes.entry.1.value=k&Tags.member.1.Key=a&Tags.member.1.Value=b%20c"
    );
    assert_eq!(request.header("content-type"), "application/x-www-form-urlencoded; charset=utf-8");
    assert_eq!(scope(&request).0, "sns/eu-west-1");
}

/// One query's datapoints may be spread over pages: nothing of them is lost.
#[tokio::test]
async fn metric_data_in_pages() {
    let page = |inner: &str, token: &str| {
        let body = format!(
            "<GetMetricDataResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><GetMetricDataResult>\
             <MetricDataResults>{inner}</MetricDataResults>{token}<Messages/></GetMetricDataResult></GetMetricDataResponse>"
        );
        Reply::new(200, body)
    };
    let result = |status: &str, time: &str, value: &str| {
        format!(
            "<member><Id>s0_sum</Id><Label>1</Label><StatusCode>{status}</StatusCode><Timestamps><member>{time}</member>\
             </Timestamps><Values><member>{value}</member></Values></member>"
        )
    };
    let (client, server) = scripted(vec![
        page(&result("PartialData", "2026-11-25T06:00:00Z", "1.0E3"), "<NextToken>a/b</NextToken>"),
        page(&result("Complete", "2026-11-25T06:01:00Z", "-2"), ""),
    ])
    .await;
    let input = json!({
        "StartTime": "2026-11-25T06:00:00Z", "EndTime": "2026-11-25T06:05:00Z", "ScanBy": "TimestampAscending",
        "MetricDataQueries": [{"Id": "s0_sum", "AccountId": "111122223333", "MetricStat": {
            "Metric": {"Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "a", "Value": "b"}]},
            "Period": 60, "Stat": "Sum",
        }}],
    });
    let answer = client.call_all(&cloudwatch::GET_METRIC_DATA, "eu-west-1", &input).await.unwrap();
    let results = answer["MetricDataResults"].as_array().unwrap();
    let read = |index: usize| {
        (&results[index]["StatusCode"], &results[index]["Timestamps"], &results[index]["Values"])
    };
    assert_eq!(read(0), (&json!("PartialData"), &json!(["2026-11-25T06:00:00Z"]), &json!([1000.0])));
    assert_eq!(read(1), (&json!("Complete"), &json!(["2026-11-25T06:01:00Z"]), &json!([-2])));
    assert_eq!((results.len(), &answer["Messages"]), (2, &json!([])));
    let requests = server.requests();
    assert_eq!(
        body(&requests[0]),
        "Action=GetMetricData&Version=2010-08-01&StartTime=2026-11-25T06%3A00%3A00Z&EndTime=2026-11-25T06%3A05%3A00Z\
         &ScanBy=TimestampAscending&MetricDataQueries.member.1.Id=s0_sum\
         &MetricDataQueries.member.1.AccountId=111122223333\
         &MetricDataQueries.member.1.MetricStat.Metric.Namespace=N\
         &MetricDataQueries.member.1.MetricStat.Metric.MetricName=M\
         &MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=a\
         &MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value=b\
         &MetricDataQueries.member.1.MetricStat.Period=60&MetricDataQueries.member.1.MetricStat.Stat=Sum"
    );
    assert!(body(&requests[1]).ends_with("&NextToken=a%2Fb"));
}

/// moto does not have these.
#[tokio::test]
async fn calls_that_moto_does_not_know() {
    let names = json!({"AlarmNames": ["a", "b"]});
    for (operation, name) in [
        (&cloudwatch::DISABLE_ALARM_ACTIONS, "DisableAlarmActions"),
        (&cloudwatch::ENABLE_ALARM_ACTIONS, "EnableAlarmActions"),
    ] {
        let request = sent(operation, names.clone(), &format!("<{name}Response/>")).await;
        let expected =
            format!("Action={name}&Version=2010-08-01&AlarmNames.member.1=a&AlarmNames.member.2=b");
        assert_eq!(body(&request), expected);
        assert_eq!(scope(&request).0, "monitoring/eu-west-1");
    }

    let seal = json!({"logGroupName": "g", "kmsKeyId": "arn:aws:kms:eu-west-1:1:key/k"});
    let request = sent(&logs::ASSOCIATE_KMS_KEY, seal.clone(), "").await;
    assert_eq!(body(&request), seal.to_string());
    assert_eq!(request.header("x-amz-target"), "Logs_20140328.AssociateKmsKey");

    let page = r#"{"Regions":[{"RegionName":"af-south-1","RegionOptStatus":"DISABLED"}]}"#;
    let request = sent(&account::LIST_REGIONS, json!({"MaxResults": 50}), page).await;
    assert_eq!(
        (request.line.as_str(), body(&request)),
        ("POST /listRegions HTTP/1.1", r#"{"MaxResults":50}"#)
    );
    assert_eq!(scope(&request).0, "account/us-east-1");
}

#[tokio::test]
async fn a_global_service_is_signed_for_its_own_region() {
    let request = sent(&iam::LIST_ACCOUNT_ALIASES, json!({}), "<ListAccountAliasesResponse/>").await;
    assert_eq!(scope(&request).0, "iam/us-east-1");
}

#[tokio::test]
async fn ec2() {
    let input = json!({"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]});
    let request = sent(&ec2::DESCRIBE_VPCS, input, "<DescribeVpcsResponse/>").await;
    assert_eq!(
        body(&request),
        "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1"
    );
}

#[tokio::test]
async fn rest_json() {
    let input = json!({"FunctionName": "arn:aws:lambda:eu-west-1:1:function:f", "Qualifier": "v 1"});
    let request = sent(&lambda::GET_POLICY, input, r#"{"Policy":"{}"}"#).await;
    assert_eq!(
        request.line,
        "GET /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Af/policy?Qualifier=v%201 HTTP/1.1"
    );
    assert!(request.body.is_empty());
}

#[tokio::test]
async fn rest_xml() {
    let rule =
        json!({"ApplyServerSideEncryptionByDefault": {"KMSMasterKeyID": "k&1", "SSEAlgorithm": "aws:kms"}});
    let input = json!({"Bucket": "logs", "ServerSideEncryptionConfiguration": {"Rules": [rule]}});
    let request = sent(&s3::PUT_BUCKET_ENCRYPTION, input, "").await;
    assert_eq!(request.line, "PUT /logs/?encryption= HTTP/1.1");
    assert_eq!(
        body(&request),
        "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
         <ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k&amp;1</KMSMasterKeyID>\
         </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
    );
    let (place, headers) = scope(&request);
    assert_eq!(place, "s3/eu-west-1");
    assert!(headers.contains("x-amz-checksum-sha256;x-amz-content-sha256"), "{headers}");
}

/// The order that S3 wants, whatever that of the input.
#[tokio::test]
async fn documents_of_buckets() {
    let rule = json!({
        "Status": "Enabled", "ID": "old", "Filter": {"And": {"Tags": [{"Value": "v", "Key": "k"}], "Prefix": "p/"}},
        "Transitions": [{"StorageClass": "GLACIER", "Days": 90}], "Expiration": {"Days": 400},
    });
    for (operation, member, value, document) in [
        (
            &s3::PUT_BUCKET_LIFECYCLE_CONFIGURATION,
            "LifecycleConfiguration",
            json!({"Rules": [rule]}),
            "<Rule><Expiration><Days>400</Days></Expiration><ID>old</ID><Filter><And><Prefix>p/</Prefix>\
             <Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Status>Enabled</Status>\
             <Transition><Days>90</Days><StorageClass>GLACIER</StorageClass></Transition></Rule>",
        ),
        (
            &s3::PUT_BUCKET_LOGGING,
            "BucketLoggingStatus",
            json!({"LoggingEnabled": {"TargetPrefix": "", "TargetBucket": "b", "TargetObjectKeyFormat": {"SimplePrefix": {}}}}),
            "<LoggingEnabled><TargetBucket>b</TargetBucket><TargetPrefix></TargetPrefix><TargetObjectKeyFormat>\
             <SimplePrefix></SimplePrefix></TargetObjectKeyFormat></LoggingEnabled>",
        ),
        (
            &s3::PUT_BUCKET_VERSIONING,
            "VersioningConfiguration",
            json!({"Status": "Enabled", "MFADelete": "Disabled"}),
            "<MfaDelete>Disabled</MfaDelete><Status>Enabled</Status>",
        ),
        (
            &s3::PUT_OBJECT_LOCK_CONFIGURATION,
            "ObjectLockConfiguration",
            json!({"Rule": {"DefaultRetention": {"Days": 30, "Mode": "COMPLIANCE"}}, "ObjectLockEnabled": "Enabled"}),
            "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode>\
             <Days>30</Days></DefaultRetention></Rule>",
        ),
    ] {
        let request = sent(operation, json!({"Bucket": "logs", member: value}), "").await;
        let namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
        assert_eq!(body(&request), format!("<{member} xmlns=\"{namespace}\">{document}</{member}>"));
    }
    let place = json!({"Bucket": "logs", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}});
    let request = sent(&s3::CREATE_BUCKET, place, "").await;
    assert_eq!(request.line, "PUT /logs/ HTTP/1.1");
    assert!(
        body(&request)
            .ends_with("><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>")
    );
}

#[tokio::test]
async fn s3_control_says_whose_account() {
    let request = sent(
        &s3control::GET_PUBLIC_ACCESS_BLOCK,
        json!({"AccountId": "111122223333"}),
        "<PublicAccessBlockConfiguration/>",
    )
    .await;
    assert_eq!(request.line, "GET /v20180820/configuration/publicAccessBlock HTTP/1.1");
    assert_eq!(request.header("x-amz-account-id"), "111122223333");
    assert_eq!(scope(&request).0, "s3/eu-west-1");
}
