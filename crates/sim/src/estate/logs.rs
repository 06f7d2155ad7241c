//! CloudWatch Logs: groups, metric filters on the trail's group, the destinations of others; keys.

use serde_json::{Value, json};

use super::book::Book;
use super::trail::{self, LOG_GROUP};
use super::{Place, key};
use crate::org::{ACCOUNTS, DEVELOPMENT, SECURITY, US_EAST_1};

/// Groups that every account has in every Region, after the account's short name.
const GROUPS: [&str; 6] = [
    "/ecs/{}-orders-api",
    "/ecs/{}-payments-api",
    "/aws/lambda/{}-orders-events",
    "/aws/lambda/{}-session-reaper",
    "/aws/apigateway/{}-public",
    "/aws/rds/cluster/{}-orders/postgresql",
];

/// The namespace of the metrics that alarms are on.
pub(super) const NAMESPACE: &str = "CloudTrailMetrics";

/// The CIS monitoring set: metric name, and the filter's pattern. The one on security groups is told
/// to be old: it was written before `ModifySecurityGroupRules` existed.
pub(super) const FILTERS: [(&str, &str); 15] = [
    (
        "UnauthorizedApiCalls",
        r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#,
    ),
    (
        "ConsoleSignInWithoutMfa",
        r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#,
    ),
    (
        "RootUse",
        r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
    ),
    (
        "IamPolicyChanges",
        r#"{ ($.eventSource = iam.amazonaws.com) && (($.eventName = DeleteGroupPolicy) || ($.eventName = DeleteRolePolicy) || ($.eventName = DeleteUserPolicy) || ($.eventName = PutGroupPolicy) || ($.eventName = PutRolePolicy) || ($.eventName = PutUserPolicy) || ($.eventName = CreatePolicy) || ($.eventName = DeletePolicy) || ($.eventName = CreatePolicyVersion) || ($.eventName = DeletePolicyVersion) || ($.eventName = SetDefaultPolicyVersion) || ($.eventName = AttachRolePolicy) || ($.eventName = DetachRolePolicy) || ($.eventName = AttachUserPolicy) || ($.eventName = DetachUserPolicy) || ($.eventName = AttachGroupPolicy) || ($.eventName = DetachGroupPolicy)) }"#,
    ),
    (
        "CloudTrailChanges",
        r#"{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) || ($.eventName = PutEventSelectors) || ($.eventName = PutInsightSelectors) }"#,
    ),
    (
        "ConsoleSignInFailures",
        r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#,
    ),
    (
        "KeysDisabled",
        r#"{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }"#,
    ),
    (
        "BucketPolicyChanges",
        r#"{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication) || ($.eventName = PutBucketPublicAccessBlock) || ($.eventName = DeleteBucketPublicAccessBlock)) }"#,
    ),
    (
        "ConfigChanges",
        r#"{ ($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder) || ($.eventName = DeleteConfigurationRecorder) || ($.eventName = DeleteDeliveryChannel) || ($.eventName = PutDeliveryChannel) || ($.eventName = PutConfigurationRecorder)) }"#,
    ),
    (
        "SecurityGroupChanges",
        r#"{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"#,
    ),
    (
        "NetworkAclChanges",
        r#"{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }"#,
    ),
    (
        "GatewayChanges",
        r#"{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }"#,
    ),
    (
        "RouteTableChanges",
        r#"{ ($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable)) }"#,
    ),
    (
        "VpcChanges",
        r#"{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) || ($.eventName = AcceptVpcPeeringConnection) || ($.eventName = CreateVpcPeeringConnection) || ($.eventName = DeleteVpcPeeringConnection) || ($.eventName = RejectVpcPeeringConnection) || ($.eventName = AttachClassicLinkVpc) || ($.eventName = DetachClassicLinkVpc) || ($.eventName = DisableVpcClassicLink) || ($.eventName = EnableVpcClassicLink) }"#,
    ),
    ("OrganizationsChanges", "{ $.eventSource = organizations.amazonaws.com }"),
];

pub(super) fn fill(book: &mut Book, place: Place) {
    let mut groups: Vec<Value> =
        GROUPS.iter().map(|pattern| group(place, &pattern.replace("{}", place.alias()))).collect();
    let mut filters = Vec::new();
    if trail::is_home(place) {
        groups.push(group(place, LOG_GROUP));
        filters.extend(FILTERS.iter().map(|(name, pattern)| json!({
            "filterName": name, "logGroupName": LOG_GROUP, "filterPattern": pattern,
            "metricTransformations": [{"metricName": name, "metricNamespace": NAMESPACE, "metricValue": "1"}],
        })));
        book.put_for(
            place,
            "logs:DescribeSubscriptionFilters",
            LOG_GROUP,
            json!({"subscriptionFilters": []}),
        );
    }
    book.put(place, "logs:DescribeLogGroups", json!({"logGroups": groups}));
    book.put(place, "logs:DescribeMetricFilters", json!({"metricFilters": filters}));
    book.put(place, "logs:DescribeResourcePolicies", json!({"resourcePolicies": []}));
    book.put(place, "logs:DescribeDestinations", json!({"destinations": destinations(place)}));
    book.put(place, "logs:DescribeDeliveries", json!({"deliveries": []}));
    book.put(place, "logs:DescribeDeliverySources", json!({"deliverySources": []}));
    book.put(place, "logs:DescribeDeliveryDestinations", json!({"deliveryDestinations": []}));
    for kind in ["SUBSCRIPTION_FILTER_POLICY", "DATA_PROTECTION_POLICY"] {
        book.put_for(
            place,
            "logs:DescribeAccountPolicies",
            kind,
            json!({"accountPolicies": account_policies(place, kind)}),
        );
    }
    book.put(place, "kms:ListAliases", json!({"Aliases": [{"AliasName": format!("alias/{}-logs", place.alias()), "AliasArn": place.arn("kms", &format!("alias/{}-logs", place.alias())), "TargetKeyId": key(place)}]}));
    keys(book, place);
}

/// Where the log archive takes in the logs of all accounts.
fn destinations(place: Place) -> Value {
    if place.account != SECURITY {
        return json!([]);
    }
    let arn = place.arn("logs", "destination:central-logs");
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Organization", "Effect": "Allow", "Principal": {"AWS": ACCOUNTS.map(|account| account.id)},
        "Action": ["logs:PutSubscriptionFilter", "logs:PutAccountPolicy"], "Resource": arn,
    }]});
    json!([{"destinationName": "central-logs", "arn": arn, "targetArn": place.arn("kinesis", "stream/central-logs"),
        "roleArn": place.global_arn("iam", "role/logs-to-central"), "accessPolicy": policy.to_string()}])
}

/// Every account sends all its groups to the log archive.
fn account_policies(place: Place, kind: &str) -> Value {
    if kind != "SUBSCRIPTION_FILTER_POLICY" {
        return json!([]);
    }
    let stream = format!("arn:aws:logs:{}:{}:destination:central-logs", place.name(), ACCOUNTS[0].id);
    let document = json!({"DestinationArn": stream, "FilterPattern": "", "Distribution": "Random"});
    json!([{"policyName": "to-log-archive", "policyType": kind, "scope": "ALL", "policyDocument": document.to_string()}])
}

fn group(place: Place, name: &str) -> Value {
    // The told fault: a group whose events are gone before anybody asks for them.
    let short = place.is(DEVELOPMENT, US_EAST_1) && name.ends_with("session-reaper");
    json!({
        "logGroupName": name, "arn": place.arn("logs", &format!("log-group:{name}:*")), "logGroupArn": place.arn("logs", &format!("log-group:{name}")),
        "retentionInDays": if short { 7 } else { 400 }, "kmsKeyId": key(place), "storedBytes": 5_242_880, "logGroupClass": "STANDARD", "metricFilterCount": 0,
    })
}

fn keys(book: &mut Book, place: Place) {
    let arn = key(place);
    let id = arn.rsplit('/').next().unwrap_or_default().to_owned();
    book.put_for(place, "kms:DescribeKey", &arn, json!({"KeyMetadata": {
        "KeyId": id, "Arn": arn, "AWSAccountId": place.id(), "Enabled": true, "KeyState": "Enabled", "KeyManager": "CUSTOMER", "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT",
    }}));
    book.put_for(place, "kms:GetKeyRotationStatus", &arn, json!({"KeyRotationEnabled": true}));
    let services = [
        "cloudtrail.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "logging.s3.amazonaws.com",
        "config.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
    ];
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Owner", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:root", place.id())}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "Services", "Effect": "Allow", "Principal": {"Service": services}, "Action": ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNTS.map(|account| account.id)}}},
        {"Sid": "Trails", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*", "Condition": {"StringEquals": {"aws:SourceArn": trail::all()}}},
        {"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": format!("logs.{}.amazonaws.com", place.name())}, "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"], "Resource": "*",
         "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": place.arn("logs", "*")}}},
    ]});
    book.put_for(
        place,
        "kms:GetKeyPolicy",
        &arn,
        json!({"Policy": policy.to_string(), "PolicyName": "default"}),
    );
}
