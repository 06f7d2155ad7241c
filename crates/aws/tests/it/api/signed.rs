//! Signatures, on a server that checks them: names, queries and bodies that need encoding.

use serde_json::json;
use trailkeep_aws::Aws;
use trailkeep_aws::api::ErrorKind;
use trailkeep_aws::api::services::s3;
use trailkeep_testkit::real_s3;

use super::{fails, ok, pick};
use crate::options;

#[tokio::test]
async fn a_real_server_takes_the_signatures() {
    let Some(server) = real_s3() else { return };
    let settings = options(&server.endpoint, server.access_key_id, server.secret_access_key);
    let client = Aws::load(settings).await.unwrap().api();
    let bucket = json!({"Bucket": "api-signed"});
    ok(&client, &s3::CREATE_BUCKET, bucket.clone()).await;
    pick(
        &ok(&client, &s3::LIST_BUCKETS, json!({"MaxBuckets": 100, "Prefix": "api-"})).await["Buckets"],
        "Name",
        "api-signed",
    );

    let tags = json!([{"Key": "owner:team", "Value": "a + b/c@d=e"}]);
    let tagging = json!({"Bucket": "api-signed", "Tagging": {"TagSet": tags}});
    ok(&client, &s3::PUT_BUCKET_TAGGING, tagging).await;
    assert_eq!(ok(&client, &s3::GET_BUCKET_TAGGING, bucket.clone()).await["TagSet"], tags);

    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::api-signed/*",
    }]});
    let put = json!({"Bucket": "api-signed", "Policy": policy.to_string()});
    ok(&client, &s3::PUT_BUCKET_POLICY, put).await;
    let read = ok(&client, &s3::GET_BUCKET_POLICY, bucket.clone()).await;
    let read: serde_json::Value = serde_json::from_str(read["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(read["Statement"][0]["Action"], policy["Statement"][0]["Action"]);
    ok(&client, &s3::DELETE_BUCKET_POLICY, bucket.clone()).await;
    assert_eq!(fails(&client, &s3::GET_BUCKET_POLICY, bucket.clone()).await.code(), "NoSuchBucketPolicy");

    let settings = options(&server.endpoint, server.access_key_id, "another-secret");
    let stranger = Aws::load(settings).await.unwrap().api();
    let error = fails(&stranger, &s3::GET_BUCKET_TAGGING, bucket.clone()).await;
    assert_eq!(error.kind(), &ErrorKind::Credentials, "{error}");
    assert!(!format!("{error} {error:?}").contains("another"), "{error:?}");
    ok(&client, &s3::DELETE_BUCKET, bucket).await;
}
