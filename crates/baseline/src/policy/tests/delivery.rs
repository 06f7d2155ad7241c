//! Services that deliver, and transport.

use serde_json::{Value, json};

use super::super::Decision;
use super::{policy, samples};

const OWN: Option<&str> = Some("111122223333");
const OTHER: Option<&str> = Some("999999999999");

#[test]
fn cloudtrail_may_write_for_its_trail_only() {
    let bucket = policy(samples::cloudtrail_bucket());
    let main = Some("arn:aws:cloudtrail:eu-west-1:111122223333:trail/main");
    let object = "arn:aws:s3:::logs/AWSLogs/111122223333/CloudTrail/x.json.gz";
    let may = |action, resource, trail, account| {
        bucket.allows_service("cloudtrail.amazonaws.com", action, resource, trail, account)
    };
    assert!(may("s3:PutObject", object, main, OWN));
    assert!(may("s3:GetBucketAcl", "arn:aws:s3:::logs", main, OWN));
    let evil = Some("arn:aws:cloudtrail:eu-west-1:999999999999:trail/main");
    assert!(!may("s3:PutObject", object, evil, OTHER) && !may("s3:PutObject", object, None, None));
    assert!(!may("s3:PutObject", "arn:aws:s3:::logs/AWSLogs/999999999999/x", main, OWN));
    assert!(!may("s3:GetObject", object, main, OWN));
    assert!(!bucket.allows_service("config.amazonaws.com", "s3:PutObject", object, main, OWN));
}

#[test]
fn an_organizations_trail_writes_under_the_organization() {
    let bucket = policy(samples::organization_bucket());
    let trail = Some("arn:aws:cloudtrail:eu-west-1:999999999999:trail/org");
    let object = "arn:aws:s3:::logs/AWSLogs/o-a1b2c3d4e5/111122223333/x";
    assert!(bucket.allows_service("cloudtrail.amazonaws.com", "s3:PutObject", object, trail, OTHER));
    assert!(!bucket.allows_service(
        "cloudtrail.amazonaws.com",
        "s3:PutObject",
        "arn:aws:s3:::logs/x",
        trail,
        OTHER
    ));
}

#[test]
fn flow_logs_are_delivered() {
    let bucket = policy(samples::flow_log_bucket());
    let source = Some("arn:aws:logs:eu-west-1:111122223333:delivery-source:x");
    let may = |account| {
        let object = "arn:aws:s3:::logs/AWSLogs/111122223333/vpcflowlogs/x";
        bucket.allows_service("delivery.logs.amazonaws.com", "s3:PutObject", object, source, account)
    };
    assert!(may(OWN) && !may(OTHER));
}

#[test]
fn alarms_reach_their_topic() {
    let topic = "arn:aws:sns:eu-west-1:111122223333:alarms";
    let alarm = Some("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:SecurityGroups");
    let may = |statements: Value, service: &str, account| {
        policy(statements).allows_service(service, "sns:Publish", topic, alarm, account)
    };
    assert!(may(samples::alarm_topic(), "cloudwatch.amazonaws.com", OWN));
    assert!(!may(samples::alarm_topic(), "events.amazonaws.com", OWN));
    // The policy that a topic has from the start lets alarms of its own account in, and no rules.
    assert!(may(samples::default_topic(), "cloudwatch.amazonaws.com", OWN));
    assert!(!may(samples::default_topic(), "cloudwatch.amazonaws.com", OTHER));
    assert!(!may(samples::default_topic(), "events.amazonaws.com", OWN));
}

#[test]
fn rules_reach_their_queue() {
    let queue = policy(samples::rule_queue());
    let may = |rule| {
        let arn = "arn:aws:sqs:eu-west-1:111122223333:calls";
        queue.allows_service("events.amazonaws.com", "sqs:SendMessage", arn, Some(rule), OWN)
    };
    assert!(may("arn:aws:events:eu-west-1:111122223333:rule/calls"));
    assert!(!may("arn:aws:events:eu-west-1:111122223333:rule/other"));
}

#[test]
fn a_deny_is_told_from_silence() {
    let decide = |statements: Value| {
        policy(statements).decide_service(
            "cloudtrail.amazonaws.com",
            "s3:PutObject",
            "arn:aws:s3:::b/k",
            None,
            OWN,
        )
    };
    let deny = json!({"Effect": "Deny", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "*", "Resource": "*"});
    assert_eq!(decide(deny), Decision::Deny);
    assert_eq!(decide(json!([])), Decision::NoMatch);
    // Encryption in transit is what services have anyway.
    assert_eq!(decide(samples::tls_only()), Decision::NoMatch);
}

#[track_caller]
fn tls(change: Value, expected: bool) {
    let mut statement = samples::tls_only();
    statement.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    assert_eq!(policy(statement).denies_insecure_transport("arn:aws:s3:::logs"), expected, "{change}");
}

#[test]
fn only_a_full_deny_makes_tls_the_only_way() {
    tls(json!({}), true);
    tls(json!({"Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}), true);
    tls(json!({"Resource": "arn:aws:s3:::logs*"}), true);
    tls(json!({"Condition": {"BoolIfExists": {"aws:securetransport": [false]}}}), true);
    tls(
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}}}),
        true,
    );
    tls(json!({"Effect": "Allow"}), false);
    tls(json!({"Principal": {"AWS": "111122223333"}}), false);
    tls(json!({"Action": "s3:GetObject"}), false);
    tls(json!({"Resource": "arn:aws:s3:::logs/*"}), false);
    tls(json!({"Resource": "arn:aws:s3:::logs"}), false);
    tls(json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}), false);
    tls(
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}}),
        false,
    );
    tls(
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}),
        false,
    );
    tls(json!({"Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}}), false);
    // That everything is denied is another matter.
    tls(json!({"Condition": {}}), false);
}

#[test]
fn tls_by_several_statements_and_by_name() {
    let part = |resource: &str| {
        let mut statement = samples::tls_only();
        statement.as_object_mut().unwrap().insert("Resource".to_owned(), json!(resource));
        statement
    };
    let both = policy(json!([part("arn:aws:s3:::logs"), part("arn:aws:s3:::logs/*")]));
    assert!(
        both.denies_insecure_transport("logs") && both.denies_insecure_transport("arn:aws:s3:::logs/a/*")
    );
    assert!(
        !both.denies_insecure_transport("logs2") && !both.denies_insecure_transport("arn:aws-cn:s3:::logs")
    );
    let china = policy(json!([part("arn:aws-cn:s3:::logs"), part("arn:aws-cn:s3:::logs/*")]));
    assert!(china.denies_insecure_transport("logs"));
    let topic = policy(json!({"Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}}));
    assert!(topic.denies_insecure_transport("arn:aws:sns:eu-west-1:111122223333:t"));
    // A topic's policy may list what topics can be asked for, which is not every action of the service.
    assert!(
        !policy(samples::alarm_topic()).denies_insecure_transport("arn:aws:sns:eu-west-1:111122223333:t")
    );
}
