//! Other accounts and services.

use serde_json::{Value, json};

use super::super::{Foreign, Party};
use super::{policy, samples};

const OWN: &str = "111122223333";

fn foreign(statements: Value) -> Vec<Foreign> {
    policy(statements).foreign_accounts(OWN)
}

fn parties(statements: Value) -> Vec<Party> {
    foreign(statements).into_iter().map(|foreign| foreign.party).collect()
}

fn allow(principal: Value, condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
        "Condition": condition})
}

#[test]
fn principals_outside_the_account() {
    let named = json!({"AWS": [OWN, "arn:aws:iam::111122223333:role/own", "999999999999",
        "arn:aws:iam::888888888888:role/x", "AIDAEXAMPLEID",
        "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"],
        "Federated": "accounts.google.com", "CanonicalUser": "79a5"});
    assert_eq!(
        parties(allow(named, json!({}))),
        [
            Party::Account("999999999999".into()),
            Party::Account("888888888888".into()),
            Party::Deleted("AIDAEXAMPLEID".into()),
            Party::Service("cloudfront.amazonaws.com".into()),
            Party::Provider("accounts.google.com".into()),
            Party::CanonicalUser("79a5".into()),
        ]
    );
}

#[test]
fn services_with_and_without_a_guard() {
    let trail = foreign(samples::cloudtrail_bucket());
    assert!(trail.len() == 2 && trail.iter().all(Foreign::is_guarded), "{trail:?}");
    assert_eq!(
        trail[0].guards,
        ["StringEquals aws:SourceArn arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"]
    );
    assert!(trail[0].sources.is_empty());
    let key = foreign(samples::trail_key());
    assert_eq!(key.iter().map(Foreign::is_guarded).collect::<Vec<_>>(), [true, false]);
    let bare = foreign(allow(
        json!({"Service": "cloudtrail.amazonaws.com"}),
        json!({"StringEquals": {"s3:x-amz-acl": "x"}}),
    ));
    assert!(!bare[0].is_guarded());
    let wide = json!({"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*"}});
    assert!(!foreign(allow(json!({"Service": "cloudtrail.amazonaws.com"}), wide))[0].is_guarded());
    let optional = json!({"StringEqualsIfExists": {"aws:SourceAccount": OWN}});
    assert!(!foreign(allow(json!({"Service": "s3.amazonaws.com"}), optional))[0].is_guarded());
    // A network says nothing of whom the service acts for.
    let network = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    assert!(!foreign(allow(json!({"Service": "s3.amazonaws.com"}), network))[0].is_guarded());
}

#[test]
fn the_accounts_behind_a_service() {
    let organization = foreign(samples::organization_bucket());
    assert_eq!(organization[0].sources, ["999999999999"]);
    assert!(organization[0].is_guarded());
}

#[test]
fn a_guard_may_stand_in_a_deny() {
    let write = allow(json!({"Service": "cloudtrail.amazonaws.com"}), json!({}));
    let deny = |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition});
    let confused = json!({"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-1"}, "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"}});
    assert!(foreign(json!([write, deny(confused)]))[0].is_guarded());
    let elsewhere = json!({"StringNotEquals": {"aws:SourceOrgID": "o-1", "aws:UserAgent": "x"}});
    assert!(!foreign(json!([write, deny(elsewhere)]))[0].is_guarded());
    assert!(!foreign(json!([write, samples::tls_only()]))[0].is_guarded());
}

#[test]
fn accounts_of_aws_are_told_from_others() {
    let balancers = foreign(samples::load_balancer_bucket());
    assert_eq!(balancers[0].party, Party::AwsAccount("156460612806".into()));
    assert_eq!(balancers[1].party, Party::Service("logdelivery.elasticloadbalancing.amazonaws.com".into()));
    assert!(balancers[1].is_guarded());
}

#[test]
fn everybody_of_an_organization_or_account() {
    let of = |condition: Value| parties(allow(json!("*"), condition));
    assert_eq!(
        of(json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        [Party::Organization("o-1".into())]
    );
    assert_eq!(
        of(json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}})),
        [Party::Organization("o-1".into())]
    );
    let accounts = json!({"StringEquals": {"aws:PrincipalAccount": [OWN, "999999999999"]}});
    assert_eq!(of(accounts), [Party::Account("999999999999".into())]);
    assert_eq!(of(json!({"StringEquals": {"aws:PrincipalAccount": OWN, "aws:PrincipalOrgID": "o-1"}})), []);
    assert_eq!(of(json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}})), []);
    // What anyone may do is public, not foreign.
    assert_eq!(of(json!({})), []);
    assert_eq!(parties(samples::default_topic()), []);
}

#[test]
fn what_is_denied_to_them_is_left_out() {
    let other = allow(json!({"AWS": "arn:aws:iam::999999999999:role/x"}), json!({}));
    let deny = |principal: Value, condition: Value| json!({"Effect": "Deny", "Principal": principal, "Action": "s3:*", "Resource": "*", "Condition": condition});
    assert_eq!(parties(json!([other, deny(json!("*"), json!({}))])), []);
    assert_eq!(parties(json!([other, deny(json!({"AWS": "999999999999"}), json!({}))])), []);
    assert_eq!(
        parties(json!([other, deny(json!("*"), json!({"StringNotEquals": {"aws:PrincipalAccount": OWN}}))])),
        []
    );
    assert_eq!(parties(json!([other, deny(json!({"AWS": "888888888888"}), json!({}))])).len(), 1);
    assert_eq!(
        parties(json!([other, deny(json!("*"), json!({"Bool": {"aws:SecureTransport": "false"}}))])).len(),
        1
    );
    let but_own = json!({"Effect": "Deny", "NotPrincipal": {"AWS": OWN}, "Action": "*", "Resource": "*"});
    assert_eq!(parties(json!([other, but_own])), []);
}
