//! Trails, their buckets, log groups and keys, on moto: made, read back, removed.

use serde_json::{Value, json};
use trailkeep_aws::api::services::{cloudtrail, kms, logs, s3, s3control};

use super::{REGION, fails, ok, on_moto, pick};

#[tokio::test]
async fn buckets() {
    let Some((client, _)) = on_moto().await else { return };
    let bucket = "api-bucket-1";
    let at = |extra: Value| {
        let mut input = json!({"Bucket": bucket});
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        input
    };
    let none = json!({});
    ok(&client, &s3::CREATE_BUCKET, at(json!({"ObjectLockEnabledForBucket": true}))).await;
    let listed = ok(&client, &s3::LIST_BUCKETS, none.clone()).await;
    assert_eq!(pick(&listed["Buckets"], "Name", bucket)["Name"], bucket);
    let place = ok(&client, &s3::GET_BUCKET_LOCATION, at(none.clone())).await;
    assert_eq!(place, json!({"LocationConstraint": null}));
    ok(&client, &s3::HEAD_BUCKET, at(none.clone())).await;

    for (operation, code) in [
        (&s3::GET_PUBLIC_ACCESS_BLOCK, "NoSuchPublicAccessBlockConfiguration"),
        (&s3::GET_BUCKET_POLICY, "NoSuchBucketPolicy"),
        (&s3::GET_BUCKET_LIFECYCLE_CONFIGURATION, "NoSuchLifecycleConfiguration"),
        (&s3::GET_BUCKET_REPLICATION, "ReplicationConfigurationNotFoundError"),
    ] {
        assert_eq!(fails(&client, operation, at(none.clone())).await.code(), code, "{}", operation.name);
    }

    let block = json!({"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": false});
    let policy = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    let encryption = json!({"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false}]});
    let rules = json!({"Rules": [{
        "ID": "archive", "Status": "Enabled", "Filter": {"Prefix": "AWSLogs/"},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}], "Expiration": {"Days": 400},
    }]});
    let lock = json!({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}});
    let ownership = json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]});
    for (put, get, member, value) in [
        (&s3::PUT_PUBLIC_ACCESS_BLOCK, &s3::GET_PUBLIC_ACCESS_BLOCK, "PublicAccessBlockConfiguration", block),
        (&s3::PUT_BUCKET_POLICY, &s3::GET_BUCKET_POLICY, "Policy", json!(policy)),
        (
            &s3::PUT_BUCKET_ENCRYPTION,
            &s3::GET_BUCKET_ENCRYPTION,
            "ServerSideEncryptionConfiguration",
            encryption,
        ),
        (
            &s3::PUT_BUCKET_OWNERSHIP_CONTROLS,
            &s3::GET_BUCKET_OWNERSHIP_CONTROLS,
            "OwnershipControls",
            ownership,
        ),
    ] {
        ok(&client, put, at(json!({member: value.clone()}))).await;
        assert_eq!(ok(&client, get, at(none.clone())).await[member], value, "{}", get.name);
    }
    ok(&client, &s3::PUT_OBJECT_LOCK_CONFIGURATION, at(json!({"ObjectLockConfiguration": lock}))).await;
    let read = ok(&client, &s3::GET_OBJECT_LOCK_CONFIGURATION, at(none.clone())).await;
    // moto adds zero years.
    let retention = &read["ObjectLockConfiguration"]["Rule"]["DefaultRetention"];
    assert_eq!((&retention["Mode"], &retention["Days"]), (&json!("GOVERNANCE"), &json!(30)));
    ok(
        &client,
        &s3::PUT_BUCKET_LIFECYCLE_CONFIGURATION,
        at(json!({"LifecycleConfiguration": rules.clone()})),
    )
    .await;
    let read = ok(&client, &s3::GET_BUCKET_LIFECYCLE_CONFIGURATION, at(none.clone())).await;
    let rule = pick(&read["Rules"], "ID", "archive");
    assert_eq!((&rule["Expiration"]["Days"], &rule["Transitions"][0]["Days"]), (&json!(400), &json!(90)));
    assert_eq!(rule["Filter"]["Prefix"], "AWSLogs/");

    ok(&client, &s3::PUT_BUCKET_VERSIONING, at(json!({"VersioningConfiguration": {"Status": "Enabled"}})))
        .await;
    assert_eq!(ok(&client, &s3::GET_BUCKET_VERSIONING, at(none.clone())).await["Status"], "Enabled");
    ok(&client, &s3::PUT_BUCKET_TAGGING, at(json!({"Tagging": {"TagSet": [{"Key": "k", "Value": "true"}]}})))
        .await;
    assert_eq!(
        ok(&client, &s3::GET_BUCKET_TAGGING, at(none.clone())).await["TagSet"],
        json!([{"Key": "k", "Value": "true"}])
    );
    let acl = ok(&client, &s3::GET_BUCKET_ACL, at(none.clone())).await;
    assert_eq!(acl["Grants"][0]["Permission"], "FULL_CONTROL");
    assert_eq!(acl["Grants"][0]["Grantee"]["Type"], "CanonicalUser");
    assert_eq!(ok(&client, &s3::GET_BUCKET_LOGGING, at(none.clone())).await, json!({}));

    for undo in [
        &s3::DELETE_BUCKET_POLICY,
        &s3::DELETE_PUBLIC_ACCESS_BLOCK,
        &s3::DELETE_BUCKET_ENCRYPTION,
        &s3::DELETE_BUCKET_LIFECYCLE,
        &s3::DELETE_BUCKET_OWNERSHIP_CONTROLS,
        &s3::DELETE_BUCKET,
    ] {
        ok(&client, undo, at(none.clone())).await;
    }
    assert_eq!(fails(&client, &s3::GET_BUCKET_POLICY, at(none)).await.code(), "NoSuchBucket");
}

#[tokio::test]
async fn buckets_elsewhere_and_their_logs() {
    let Some((client, _)) = on_moto().await else { return };
    let conf = json!({"LocationConstraint": "eu-west-1"});
    let input = json!({"Bucket": "api-bucket-eu", "CreateBucketConfiguration": conf});
    client.call(&s3::CREATE_BUCKET, "eu-west-1", &input).await.unwrap();
    let place = ok(&client, &s3::GET_BUCKET_LOCATION, json!({"Bucket": "api-bucket-eu"})).await;
    assert_eq!(place, json!({"LocationConstraint": "eu-west-1"}));

    let target = json!({"LoggingEnabled": {"TargetBucket": "api-bucket-target", "TargetPrefix": "s3/"}});
    ok(&client, &s3::CREATE_BUCKET, json!({"Bucket": "api-bucket-source"})).await;
    ok(&client, &s3::CREATE_BUCKET, json!({"Bucket": "api-bucket-target"})).await;
    let grant = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::api-bucket-target/*",
    }]});
    ok(&client, &s3::PUT_BUCKET_POLICY, json!({"Bucket": "api-bucket-target", "Policy": grant.to_string()}))
        .await;
    ok(
        &client,
        &s3::PUT_BUCKET_LOGGING,
        json!({"Bucket": "api-bucket-source", "BucketLoggingStatus": target.clone()}),
    )
    .await;
    let read = ok(&client, &s3::GET_BUCKET_LOGGING, json!({"Bucket": "api-bucket-source"})).await;
    assert_eq!(read["LoggingEnabled"]["TargetBucket"], "api-bucket-target");
    assert_eq!(read["LoggingEnabled"]["TargetPrefix"], "s3/");
}

#[tokio::test]
async fn the_accounts_public_access_block() {
    let Some((client, _)) = on_moto().await else { return };
    let account = json!({"AccountId": "123456789012"});
    let none = fails(&client, &s3control::GET_PUBLIC_ACCESS_BLOCK, account.clone()).await;
    assert_eq!(none.code(), "NoSuchPublicAccessBlockConfiguration");
    let block = json!({"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true});
    let put = json!({"AccountId": "123456789012", "PublicAccessBlockConfiguration": block.clone()});
    ok(&client, &s3control::PUT_PUBLIC_ACCESS_BLOCK, put).await;
    let read = ok(&client, &s3control::GET_PUBLIC_ACCESS_BLOCK, account.clone()).await;
    assert_eq!(read, json!({"PublicAccessBlockConfiguration": block}));
    ok(&client, &s3control::DELETE_PUBLIC_ACCESS_BLOCK, account).await;
}

#[tokio::test]
async fn trails() {
    let Some((client, _)) = on_moto().await else { return };
    ok(&client, &s3::CREATE_BUCKET, json!({"Bucket": "api-trail-bucket"})).await;
    let input = json!({"Name": "main", "S3BucketName": "api-trail-bucket", "IsMultiRegionTrail": true, "EnableLogFileValidation": true});
    let arn = ok(&client, &cloudtrail::CREATE_TRAIL, input).await["TrailARN"].clone();
    // moto knows a trail by its name only where it changes one.
    let name = json!({"Name": "main"});
    let listed = ok(&client, &cloudtrail::DESCRIBE_TRAILS, json!({"includeShadowTrails": true})).await;
    let trail = pick(&listed["trailList"], "Name", "main");
    assert_eq!(
        (&trail["IsMultiRegionTrail"], &trail["LogFileValidationEnabled"]),
        (&json!(true), &json!(true))
    );
    let shadow = client.call(&cloudtrail::DESCRIBE_TRAILS, "eu-west-1", &json!({})).await.unwrap();
    assert_eq!(pick(&shadow["trailList"], "Name", "main")["HomeRegion"], REGION);

    let status = ok(&client, &cloudtrail::GET_TRAIL_STATUS, name.clone()).await;
    assert_eq!(status["IsLogging"], json!(false));
    ok(&client, &cloudtrail::START_LOGGING, name.clone()).await;
    let status = ok(&client, &cloudtrail::GET_TRAIL_STATUS, name.clone()).await;
    assert_eq!(status["IsLogging"], json!(true));
    let started = status["StartLoggingTime"].as_str().unwrap();
    assert!(started.starts_with("20") && started.ends_with('Z'), "a date for a reader: {started}");

    let selectors =
        json!([{"Name": "all", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]);
    ok(
        &client,
        &cloudtrail::PUT_EVENT_SELECTORS,
        json!({"TrailName": arn, "AdvancedEventSelectors": selectors.clone()}),
    )
    .await;
    let read = ok(&client, &cloudtrail::GET_EVENT_SELECTORS, json!({"TrailName": arn})).await;
    assert_eq!(read["AdvancedEventSelectors"], selectors);
    let insights = json!([{"InsightType": "ApiCallRateInsight"}]);
    ok(
        &client,
        &cloudtrail::PUT_INSIGHT_SELECTORS,
        json!({"TrailName": arn, "InsightSelectors": insights.clone()}),
    )
    .await;
    let read = ok(&client, &cloudtrail::GET_INSIGHT_SELECTORS, json!({"TrailName": arn})).await;
    assert_eq!(read["InsightSelectors"], insights);

    ok(&client, &cloudtrail::UPDATE_TRAIL, json!({"Name": arn, "IncludeGlobalServiceEvents": true})).await;
    ok(&client, &cloudtrail::ADD_TAGS, json!({"ResourceId": arn, "TagsList": [{"Key": "k", "Value": "v"}]}))
        .await;
    let tags = ok(&client, &cloudtrail::LIST_TAGS, json!({"ResourceIdList": [arn]})).await;
    assert_eq!(tags["ResourceTagList"][0]["TagsList"][0]["Key"], "k");
    ok(&client, &cloudtrail::STOP_LOGGING, name.clone()).await;
    ok(&client, &cloudtrail::DELETE_TRAIL, name.clone()).await;
    assert_eq!(fails(&client, &cloudtrail::GET_TRAIL_STATUS, name).await.code(), "TrailNotFoundException");
}

#[tokio::test]
async fn log_groups() {
    let Some((client, _)) = on_moto().await else { return };
    let group = json!({"logGroupName": "api-trail"});
    ok(&client, &logs::CREATE_LOG_GROUP, group.clone()).await;
    ok(&client, &logs::PUT_RETENTION_POLICY, json!({"logGroupName": "api-trail", "retentionInDays": 365}))
        .await;
    let listed = ok(&client, &logs::DESCRIBE_LOG_GROUPS, json!({"logGroupNamePrefix": "api-"})).await;
    assert_eq!(pick(&listed["logGroups"], "logGroupName", "api-trail")["retentionInDays"], json!(365));
    ok(&client, &logs::DELETE_RETENTION_POLICY, group.clone()).await;

    let filter = json!({
        "logGroupName": "api-trail", "filterName": "root", "filterPattern": "{ $.userIdentity.type = \"Root\" }",
        "metricTransformations": [{"metricName": "RootUse", "metricNamespace": "Trailkeep", "metricValue": "1"}],
    });
    ok(&client, &logs::PUT_METRIC_FILTER, filter.clone()).await;
    let listed = ok(&client, &logs::DESCRIBE_METRIC_FILTERS, json!({"logGroupName": "api-trail"})).await;
    let read = pick(&listed["metricFilters"], "filterName", "root");
    assert_eq!(
        (&read["filterPattern"], &read["metricTransformations"]),
        (&filter["filterPattern"], &filter["metricTransformations"])
    );
    ok(&client, &logs::DELETE_METRIC_FILTER, json!({"logGroupName": "api-trail", "filterName": "root"}))
        .await;

    let policy =
        json!({"policyName": "vended", "policyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"});
    ok(&client, &logs::PUT_RESOURCE_POLICY, policy).await;
    let listed = ok(&client, &logs::DESCRIBE_RESOURCE_POLICIES, json!({})).await;
    pick(&listed["resourcePolicies"], "policyName", "vended");
    ok(&client, &logs::DELETE_RESOURCE_POLICY, json!({"policyName": "vended"})).await;
    for (operation, member) in [
        (&logs::DESCRIBE_DESTINATIONS, "destinations"),
        (&logs::DESCRIBE_DELIVERIES, "deliveries"),
        (&logs::DESCRIBE_DELIVERY_SOURCES, "deliverySources"),
        (&logs::DESCRIBE_DELIVERY_DESTINATIONS, "deliveryDestinations"),
    ] {
        assert_eq!(ok(&client, operation, json!({})).await[member], json!([]), "{member}");
    }
    assert_eq!(
        ok(&client, &logs::DESCRIBE_SUBSCRIPTION_FILTERS, group.clone()).await["subscriptionFilters"],
        json!([])
    );
    ok(&client, &logs::DELETE_LOG_GROUP, group).await;
}

#[tokio::test]
async fn log_groups_come_in_pages() {
    let Some((client, _)) = on_moto().await else { return };
    for index in 0..7 {
        ok(&client, &logs::CREATE_LOG_GROUP, json!({"logGroupName": format!("pages/{index}")})).await;
    }
    let listed =
        ok(&client, &logs::DESCRIBE_LOG_GROUPS, json!({"logGroupNamePrefix": "pages/", "limit": 3})).await;
    assert_eq!(listed["logGroups"].as_array().unwrap().len(), 7);
    assert_eq!(listed.get("nextToken"), None);
}

#[tokio::test]
async fn keys() {
    let Some((client, _)) = on_moto().await else { return };
    let key = ok(&client, &kms::CREATE_KEY, json!({"Description": "trails"})).await["KeyMetadata"].clone();
    assert!(key["CreationDate"].as_str().unwrap().ends_with('Z'), "{key}");
    let id = json!({"KeyId": key["Arn"]});
    ok(&client, &kms::CREATE_ALIAS, json!({"AliasName": "alias/api-trails", "TargetKeyId": key["KeyId"]}))
        .await;
    let aliases = ok(&client, &kms::LIST_ALIASES, json!({})).await;
    assert_eq!(pick(&aliases["Aliases"], "AliasName", "alias/api-trails")["TargetKeyId"], key["KeyId"]);
    assert_eq!(ok(&client, &kms::DESCRIBE_KEY, id.clone()).await["KeyMetadata"]["Enabled"], json!(true));

    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}]}).to_string();
    ok(
        &client,
        &kms::PUT_KEY_POLICY,
        json!({"KeyId": key["Arn"], "PolicyName": "default", "Policy": policy}),
    )
    .await;
    let read = ok(&client, &kms::GET_KEY_POLICY, json!({"KeyId": key["Arn"], "PolicyName": "default"})).await;
    assert_eq!(read["Policy"], json!(policy));
    assert_eq!(
        ok(&client, &kms::GET_KEY_ROTATION_STATUS, id.clone()).await["KeyRotationEnabled"],
        json!(false)
    );
    ok(&client, &kms::ENABLE_KEY_ROTATION, id.clone()).await;
    assert_eq!(
        ok(&client, &kms::GET_KEY_ROTATION_STATUS, id.clone()).await["KeyRotationEnabled"],
        json!(true)
    );

    ok(&client, &kms::DELETE_ALIAS, json!({"AliasName": "alias/api-trails"})).await;
    ok(&client, &kms::SCHEDULE_KEY_DELETION, json!({"KeyId": key["KeyId"], "PendingWindowInDays": 7})).await;
    assert_eq!(
        ok(&client, &kms::DESCRIBE_KEY, id.clone()).await["KeyMetadata"]["KeyState"],
        "PendingDeletion"
    );
    ok(&client, &kms::CANCEL_KEY_DELETION, json!({"KeyId": key["KeyId"]})).await;
    let none =
        fails(&client, &kms::DESCRIBE_KEY, json!({"KeyId": "arn:aws:kms:us-east-1:123456789012:key/x"}))
            .await;
    assert_eq!(none.code(), "NotFoundException");
}
