//! Reading documents, and deciding requests.

use serde_json::{Value, json};

use super::super::{Decision, Named, Policy, PolicyError, Principal, PrincipalName};
use super::{ask, policy, samples};

const OBJECT: &str = "arn:aws:s3:::b/k";

fn decide(statements: Value, principal: Principal<'_>, action: &str, resource: &str) -> Decision {
    ask(&policy(statements), principal, action, resource, &[])
}

#[test]
fn a_deny_wins_and_silence_is_neither() {
    let statements = json!([
        {"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret/*"}
    ]);
    let of = |action, resource| decide(statements.clone(), Principal::Anyone, action, resource);
    assert_eq!(of("s3:GetObject", "arn:aws:s3:::b/a"), Decision::Allow);
    assert_eq!(of("s3:getobject", "arn:aws:s3:::b/a"), Decision::Allow);
    assert_eq!(of("s3:GetObject", "arn:aws:s3:::b/secret/a"), Decision::Deny);
    assert_eq!(of("s3:PutObject", "arn:aws:s3:::b/a"), Decision::NoMatch);
    assert_eq!(of("s3:GetObject", "arn:aws:s3:::B/a"), Decision::NoMatch);
}

#[test]
fn not_action_and_not_resource() {
    let statement = json!({"Effect": "Allow", "Principal": "*", "NotAction": ["s3:Put*", "s3:Delete*"],
        "NotResource": "arn:aws:s3:::b/secret/*"});
    let of = |action, resource| decide(statement.clone(), Principal::Anyone, action, resource);
    assert_eq!(of("s3:GetObject", OBJECT), Decision::Allow);
    assert_eq!(of("s3:PutObject", OBJECT), Decision::NoMatch);
    assert_eq!(of("s3:GetObject", "arn:aws:s3:::b/secret/a"), Decision::NoMatch);
}

#[test]
fn principals_are_told_apart() {
    let to = |principal: Value, asking| {
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"});
        decide(statement, asking, "s3:GetObject", OBJECT) == Decision::Allow
    };
    let user = Principal::Aws("arn:aws:iam::111122223333:user/ana");
    let session = Principal::Aws("arn:aws:sts::111122223333:assumed-role/Audit/ana");
    for whole in ["111122223333", "arn:aws:iam::111122223333:root"] {
        assert!(to(json!({"AWS": whole}), user) && to(json!({"AWS": whole}), session));
        assert!(!to(json!({"AWS": whole}), Principal::Aws("arn:aws:iam::999999999999:user/ana")));
        assert!(!to(json!({"AWS": whole}), Principal::Anyone));
    }
    assert!(to(json!({"AWS": ["arn:aws:iam::111122223333:user/ana"]}), user));
    assert!(!to(json!({"AWS": "arn:aws:iam::111122223333:user/eve"}), user));
    assert!(to(json!({"AWS": "arn:aws:iam::111122223333:role/team/Audit"}), session));
    assert!(!to(json!({"AWS": "arn:aws:iam::999999999999:role/Audit"}), session));
    assert!(!to(json!({"AWS": "arn:aws:iam::111122223333:role/Admin"}), session));
    for anyone in [json!("*"), json!({"AWS": "*"}), json!({"AWS": ["1", "*"]})] {
        assert!(to(anyone.clone(), user) && to(anyone.clone(), Principal::Anyone));
        assert!(to(anyone, Principal::Service("s3.amazonaws.com")));
    }
    let service = Principal::Service("events.amazonaws.com");
    assert!(to(json!({"Service": ["s3.amazonaws.com", "events.amazonaws.com"]}), service));
    assert!(
        !to(json!({"Service": "s3.amazonaws.com"}), service) && !to(json!({"AWS": "111122223333"}), service)
    );
    assert!(to(json!({"CanonicalUser": "79a5"}), Principal::CanonicalUser("79A5")));
    assert!(to(json!({"Federated": "accounts.google.com"}), Principal::Federated("accounts.google.com")));
}

#[test]
fn not_principal_means_everybody_else() {
    let deny = json!([
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:root"]}, "Action": "s3:*",
         "Resource": "*"}
    ]);
    let own = Principal::Aws("arn:aws:iam::111122223333:role/a");
    assert_eq!(decide(deny.clone(), own, "s3:GetObject", OBJECT), Decision::Allow);
    assert_eq!(decide(deny, Principal::Anyone, "s3:GetObject", OBJECT), Decision::Deny);
    let allow =
        json!({"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"});
    assert_eq!(decide(allow.clone(), own, "s3:GetObject", OBJECT), Decision::NoMatch);
    assert_eq!(decide(allow, Principal::Anyone, "s3:GetObject", OBJECT), Decision::Allow);
}

#[test]
fn what_follows_from_the_principal_is_known() {
    let only = |condition: Value, asking| {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": condition});
        decide(statement, asking, "s3:GetObject", OBJECT) == Decision::Allow
    };
    let account = json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}});
    assert!(only(account.clone(), Principal::Aws("arn:aws:iam::111122223333:user/a")));
    assert!(!only(account.clone(), Principal::Anyone) && !only(account, Principal::Aws("999999999999")));
    let service = json!({"Bool": {"aws:PrincipalIsAWSService": "true"}});
    assert!(
        only(service.clone(), Principal::Service("s3.amazonaws.com")) && !only(service, Principal::Anyone)
    );
}

#[test]
fn resources_may_vary_by_request() {
    let homes = policy(json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": "arn:aws:s3:::b/${aws:username}/*"}));
    let of =
        |name: &[(&str, &str)]| ask(&homes, Principal::Anyone, "s3:GetObject", "arn:aws:s3:::b/ana/x", name);
    assert_eq!(of(&[("aws:username", "ana")]), Decision::Allow);
    assert_eq!(of(&[("aws:username", "*")]), Decision::NoMatch);
    assert_eq!(of(&[]), Decision::NoMatch);
}

#[test]
fn shapes_that_aws_writes() {
    let document = json!({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": {
        "Sid": "", "Effect": "Allow", "Principal": {"AWS": 111122223333u64}, "Action": "SQS:*",
        "Resource": ["arn:aws:sqs:eu-west-1:111122223333:q"], "Condition": {"Bool": {"aws:SecureTransport": true}}}});
    let policy = Policy::parse(&document.to_string()).unwrap();
    assert_eq!((policy.id.as_deref(), policy.variables), (Some("__default_policy_ID"), false));
    let statement = &policy.statements[0];
    assert_eq!(statement.sid, None);
    assert_eq!(statement.principals, Named::These(vec![PrincipalName::Aws("111122223333".into())]));
    assert_eq!(statement.conditions[0].to_string(), "Bool aws:SecureTransport true");
    assert!(statement.principals.entries()[0].is_account());
}

#[test]
fn a_trust_policy_has_no_resource() {
    let trust = json!([{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "sts:AssumeRole"}]);
    let policy = policy(trust);
    assert!(policy.allows_service(
        "cloudtrail.amazonaws.com",
        "sts:AssumeRole",
        "arn:aws:iam::1:role/r",
        None,
        None
    ));
}

#[track_caller]
fn refused(document: Value, at: &str, expects: &str) {
    match Policy::parse(&document.to_string()) {
        Err(PolicyError::Element { path, expected, .. }) => {
            assert_eq!(path, at);
            assert!(expected.contains(expects), "{expected}");
        }
        other => panic!("{document}: {other:?}"),
    }
}

#[test]
fn what_is_no_policy_is_refused_with_its_place() {
    let statement = |change: Value| {
        let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        for (name, value) in change.as_object().unwrap() {
            match value {
                Value::Null => statement.as_object_mut().unwrap().remove(name),
                value => statement.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        json!({"Statement": [statement]})
    };
    refused(json!([]), "policy", "an object");
    refused(json!({}), "Statement", "a statement");
    refused(json!({"Statement": [7]}), "Statement[0]", "a statement");
    refused(json!({"Version": "2013", "Statement": []}), "Version", "2012-10-17");
    refused(statement(json!({"Effect": "allow"})), "Statement[0].Effect", "\"Allow\"");
    refused(statement(json!({"Principal": null})), "Statement[0]", "Principal or NotPrincipal");
    refused(statement(json!({"NotPrincipal": "*"})), "Statement[0]", "Principal or NotPrincipal");
    refused(statement(json!({"Principal": "111122223333"})), "Statement[0].Principal", "CanonicalUser");
    refused(statement(json!({"Principal": {"Aws": "*"}})), "Statement[0].Principal.Aws", "AWS");
    refused(statement(json!({"Action": null})), "Statement[0]", "Action or NotAction");
    refused(statement(json!({"Action": {"a": 1}})), "Statement[0].Action", "a text");
    refused(statement(json!({"NotResource": "x"})), "Statement[0]", "Resource or NotResource");
    refused(statement(json!({"Condition": []})), "Statement[0].Condition", "an object");
    refused(statement(json!({"Condition": {"Bool": 1}})), "Statement[0].Condition.Bool", "condition keys");
    let error = Policy::parse("{\n \"a\": ,}").unwrap_err();
    assert_eq!(error.to_string(), "the policy is not JSON: expected value at line 2, column 7");
    let long = format!("{{\"Id\": \"{}\"}}", "x".repeat(Policy::MAX_BYTES));
    assert!(matches!(Policy::parse(&long), Err(PolicyError::TooLong { .. })));
}

#[test]
fn a_key_hands_the_decision_to_its_account() {
    let key = policy(samples::trail_key());
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/1";
    assert!(key.delegates_to_account("111122223333", "kms:ScheduleKeyDeletion", arn));
    assert!(!key.delegates_to_account("999999999999", "kms:Decrypt", arn));
    let user = Principal::Aws("arn:aws:iam::111122223333:user/ana");
    assert_eq!(ask(&key, user, "kms:Decrypt", arn, &[]), Decision::Allow);
    let one_user =
        policy(json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/ana"},
        "Action": "kms:*", "Resource": "*"}));
    assert!(!one_user.delegates_to_account("111122223333", "kms:Decrypt", arn));
    let anyone = policy(json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}));
    assert!(!anyone.delegates_to_account("111122223333", "kms:Decrypt", arn));
}
