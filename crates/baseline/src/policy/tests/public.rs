//! The meaning of public.

use serde_json::{Value, json};

use super::{policy, samples};

fn open(change: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::b/*"});
    statement.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    statement
}

#[track_caller]
fn is_public(condition: Value, expected: bool) {
    let statement = open(json!({"Condition": condition}));
    assert_eq!(policy(statement.clone()).is_public(), expected, "{statement}");
}

#[test]
fn a_website_is_public() {
    let grants = policy(samples::website()).public_grants();
    let [grant] = grants.as_slice() else { panic!("{grants:?}") };
    assert_eq!((grant.statement, grant.sid.as_deref()), (0, Some("PublicReadGetObject")));
    assert_eq!(
        (grant.actions.as_slice(), grant.resources.as_slice()),
        (["s3:GetObject".to_owned()].as_slice(), ["arn:aws:s3:::site/*".to_owned()].as_slice())
    );
    assert!(grant.all_but.is_empty() && grant.conditions.is_empty());
}

#[test]
fn the_policies_of_log_buckets_are_not() {
    for statements in [
        samples::cloudtrail_bucket(),
        samples::organization_bucket(),
        samples::flow_log_bucket(),
        samples::load_balancer_bucket(),
        samples::default_topic(),
        samples::alarm_topic(),
        samples::rule_queue(),
        samples::trail_key(),
        samples::tls_only(),
    ] {
        assert_eq!(policy(statements.clone()).public_grants(), [], "{statements}");
    }
}

#[test]
fn fixed_values_tie() {
    for (key, value) in [
        ("aws:SourceVpc", "vpc-91237329"),
        ("AWS:SOURCEVPCE", "vpce-1a2b3c4d"),
        ("aws:SourceAccount", "111122223333"),
        ("aws:SourceOwner", "111122223333"),
        ("aws:PrincipalOrgID", "o-a1b2c3d4e5"),
        ("aws:PrincipalAccount", "111122223333"),
        ("aws:SourceArn", "arn:aws:s3:::source"),
        ("aws:userid", "AROAEXAMPLEID:session"),
        ("s3:DataAccessPointAccount", "111122223333"),
        ("kms:CallerAccount", "111122223333"),
    ] {
        is_public(json!({"StringEquals": {key: value}}), false);
        is_public(json!({"StringEquals": {key: [value, value]}}), false);
        is_public(json!({"StringLike": {key: value}}), false);
        is_public(json!({"StringNotEquals": {key: value}}), true);
        is_public(json!({"StringEquals": {key: ["${aws:userid}"]}}), true);
        is_public(json!({"StringLike": {key: [value, "*"]}}), true);
        is_public(json!({"StringEquals": {key: []}}), true);
    }
    // S3 User Guide's own example.
    is_public(json!({"StringLike": {"aws:SourceVpc": "vpc-*"}}), true);
    // One tie is enough, since all lines have to hold.
    is_public(
        json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}, "StringLike": {"aws:SourceArn": "*"}}),
        false,
    );
}

#[test]
fn keys_that_anybody_sets_do_not_tie() {
    for key in [
        "aws:Referer",
        "aws:UserAgent",
        "aws:username",
        "aws:PrincipalTag/team",
        "s3:x-amz-acl",
        "aws:ResourceAccount",
    ] {
        is_public(json!({"StringEquals": {key: "x"}}), true);
    }
    is_public(json!({"Bool": {"aws:SecureTransport": "true"}}), true);
    is_public(json!({"Null": {"aws:PrincipalOrgID": "false"}}), true);
}

#[test]
fn wildcards_after_somebody_fixed_still_tie() {
    is_public(json!({"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}), false);
    is_public(json!({"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/*"}}), true);
    is_public(json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::source-*"}}), true);
    // As text, a `*` before the account runs over it.
    is_public(json!({"StringLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}), true);
    is_public(json!({"StringLike": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:*"}}), false);
    is_public(json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}), false);
    is_public(json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}}), true);
    is_public(
        json!({"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}),
        false,
    );
    is_public(json!({"StringLike": {"aws:userid": "AROAEXAMPLEID:*"}}), false);
    is_public(json!({"StringLike": {"aws:userid": "*:ana"}}), true);
    is_public(json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}), false);
    is_public(json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/*"}}), true);
}

#[test]
fn networks_may_not_be_wide() {
    for (networks, public) in [
        (json!("203.0.113.0/24"), false),
        (json!("203.0.113.7"), false),
        (json!(["10.0.0.0/8", "172.16.0.0/12"]), false),
        (json!("0.0.0.0/1"), true),
        (json!(["203.0.113.0/24", "0.0.0.0/0"]), true),
        (json!(["2.0.0.0/8", "3.0.0.0/8"]), true),
        (json!("2001:db8::/32"), false),
        (json!("2000::/3"), true),
        (json!("somewhere"), true),
    ] {
        is_public(json!({"IpAddress": {"aws:SourceIp": networks}}), public);
    }
    is_public(json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), true);
    is_public(json!({"StringEquals": {"aws:SourceIp": "203.0.113.7"}}), true);
}

#[test]
fn conditions_that_hold_without_the_key_do_not_tie() {
    let key = json!({"aws:PrincipalOrgID": "o-a1b2c3d4e5"});
    is_public(json!({"StringEqualsIfExists": key}), true);
    is_public(json!({"ForAllValues:StringEquals": key}), true);
    is_public(json!({"ForAnyValue:StringEquals": key}), false);
    let there = json!({"aws:PrincipalOrgID": "false"});
    is_public(json!({"ForAllValues:StringEquals": key, "Null": there}), false);
    is_public(json!({"StringEqualsIfExists": key, "Null": there}), false);
}

#[test]
fn not_principal_with_allow_is_public() {
    let statement = json!({"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/eve"},
        "NotAction": "s3:Delete*", "NotResource": "arn:aws:s3:::b/secret/*"});
    let grants = policy(statement).public_grants();
    let [grant] = grants.as_slice() else { panic!("{grants:?}") };
    assert_eq!(grant.all_but, ["arn:aws:iam::111122223333:user/eve"]);
    assert_eq!(
        (grant.actions.as_slice(), grant.except_actions.as_slice()),
        (["*".to_owned()].as_slice(), ["s3:Delete*".to_owned()].as_slice())
    );
    assert_eq!(grant.except_resources, ["arn:aws:s3:::b/secret/*"]);
}

/// What is left of public reading and writing beside a `Deny`.
fn left(deny: Value) -> Vec<String> {
    let mut deny = deny;
    deny.as_object_mut().unwrap().insert("Effect".to_owned(), json!("Deny"));
    let allow = open(json!({"Action": ["s3:GetObject", "s3:PutObject"]}));
    policy(json!([allow, deny])).public_grants().into_iter().flat_map(|grant| grant.actions).collect()
}

#[test]
fn a_deny_takes_away_what_it_covers() {
    let all = ["s3:GetObject", "s3:PutObject"];
    let nothing: [&str; 0] = [];
    assert_eq!(left(json!({"Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"})), nothing);
    assert_eq!(left(json!({"Principal": "*", "Action": "s3:Put*", "Resource": "*"})), ["s3:GetObject"]);
    assert_eq!(
        left(json!({"Principal": "*", "NotAction": "s3:GetObject", "Resource": "*"})),
        ["s3:GetObject"]
    );
    assert_eq!(
        left(json!({"Principal": "*", "Action": "*", "NotResource": "arn:aws:s3:::other/*"})),
        nothing
    );
    assert_eq!(left(json!({"Principal": "*", "Action": "*", "NotResource": "arn:aws:s3:::b/open/*"})), all);
    assert_eq!(left(json!({"Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::b/secret/*"})), all);
    assert_eq!(left(json!({"Principal": {"AWS": "999999999999"}, "Action": "*", "Resource": "*"})), all);
    let but_own = json!({"NotPrincipal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"});
    assert_eq!(left(but_own), nothing);
    assert_eq!(left(json!({"NotPrincipal": {"AWS": "*"}, "Action": "*", "Resource": "*"})), all);
    assert_eq!(
        left(json!({"Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:userid}/*"})),
        all
    );
}

#[test]
fn a_deny_of_all_but_known_sources_takes_away_the_rest() {
    let but = |condition: Value| {
        left(json!({"Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition}))
    };
    let nothing: [&str; 0] = [];
    assert_eq!(but(json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})), nothing);
    assert_eq!(but(json!({"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}})), nothing);
    assert_eq!(
        but(json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}})),
        nothing
    );
    // These leave somebody in whom nobody knows.
    for condition in [
        json!({"StringNotLike": {"aws:SourceVpce": "vpce-*"}}),
        json!({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
        json!({"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
        json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1", "aws:UserAgent": "x"}}),
        json!({"Bool": {"aws:SecureTransport": "false"}}),
    ] {
        assert_eq!(but(condition.clone()).len(), 2, "{condition}");
    }
}

#[test]
fn a_deny_of_the_service_covers_every_action_of_the_bucket() {
    let allow = open(json!({"Action": "*"}));
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"});
    assert!(!policy(json!([allow, deny])).is_public());
}

#[test]
fn topics_queues_and_keys() {
    let topic = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "SNS:Publish",
        "Resource": "arn:aws:sns:eu-west-1:111122223333:t"});
    assert!(policy(topic).is_public());
    let queue = json!({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:t"}}});
    assert!(!policy(queue).is_public());
    let via_service = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}});
    assert!(policy(via_service).is_public());
    let default_of_s3 = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com",
            "kms:CallerAccount": "111122223333"}}});
    assert!(!policy(default_of_s3).is_public());
}
