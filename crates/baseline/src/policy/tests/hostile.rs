//! Anything at all as a policy; and what the questions about all requests have to do with single ones.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Decision, Policy, Principal, Request};
use super::policy;

fn word() -> impl Strategy<Value = Value> + Clone {
    prop::sample::select(vec![
        "*",
        "s3:*",
        "s3:Get*",
        "s3:GetObject",
        "s3:PutObject",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/k",
        "111122223333",
        "arn:aws:iam::111122223333:root",
        "o-1",
        "vpce-1",
        "true",
        "false",
        "10.0.0.0/8",
        "${aws:userid}",
        "${aws:username, 'k'}",
        "arn:aws:s3:::b/?",
        "",
    ])
    .prop_map(|text| json!(text))
}

fn words() -> impl Strategy<Value = Value> + Clone {
    prop_oneof![word(), prop::collection::vec(word(), 0..3).prop_map(Value::from)]
}

fn condition() -> impl Strategy<Value = Value> {
    let operators = vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "ArnLike",
        "ArnNotLike",
        "IpAddress",
        "NotIpAddress",
        "Bool",
        "Null",
        "NumericLessThan",
        "DateGreaterThan",
    ];
    let keys = vec![
        "aws:SourceIp",
        "aws:SourceVpce",
        "aws:PrincipalOrgID",
        "aws:SecureTransport",
        "aws:SourceArn",
        "aws:PrincipalIsAWSService",
        "aws:userid",
        "aws:UserAgent",
    ];
    let operator = (
        prop::sample::select(vec!["", "", "ForAllValues:", "ForAnyValue:"]),
        prop::sample::select(operators),
        prop::sample::select(vec!["", "", "IfExists"]),
    )
        .prop_map(|(prefix, name, suffix)| match name {
            "Null" => "Null".to_owned(),
            name => format!("{prefix}{name}{suffix}"),
        });
    prop::collection::vec((operator, prop::sample::select(keys), words()), 0..2).prop_map(|lines| {
        let mut block = json!({});
        for (operator, key, values) in lines {
            block[operator][key] = values;
        }
        block
    })
}

fn statement() -> impl Strategy<Value = Value> {
    let principal = prop_oneof![
        Just(json!("*")),
        words().prop_map(|words| json!({"AWS": words})),
        Just(json!({"Service": "s3.amazonaws.com"})),
    ];
    (any::<bool>(), any::<[bool; 3]>(), principal, words(), words(), condition()).prop_map(
        |(allow, positive, principal, actions, resources, condition)| {
            let name = |index: usize, name: &str| match positive[index] {
                true => name.to_owned(),
                false => format!("Not{name}"),
            };
            json!({
                "Effect": if allow { "Allow" } else { "Deny" },
                name(0, "Principal"): principal,
                name(1, "Action"): actions,
                name(2, "Resource"): resources,
                "Condition": condition,
            })
        },
    )
}

/// Anything that JSON can be, with the words of policies in it.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        word(),
        Just(json!(null)),
        any::<i32>().prop_map(|n| json!(n)),
        any::<bool>().prop_map(|b| json!(b))
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let names = vec![
            "Version",
            "Statement",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "Resource",
            "Condition",
            "AWS",
            "Bool",
            "ForAllValues:StringLikeIfExists",
            "aws:SourceArn",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(names), inner), 0..5).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

fn ask_everything(policy: &Policy) {
    policy.public_grants();
    policy.foreign_accounts("111122223333");
    policy.denies_insecure_transport("b");
    policy.delegates_to_account("111122223333", "kms:Decrypt", "*");
    policy.allows_service("s3.amazonaws.com", "s3:GetObject", "arn:aws:s3:::b/k", None, None);
}

/// Found by chance: what is excepted in the bucket's own partition is not in another one.
#[test]
fn an_exception_holds_in_the_partition_of_the_bucket() {
    let deny = |resource: &str| {
        policy(json!([{
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": resource,
            "Condition": { "Bool": { "aws:SecureTransport": "false" } }
        }]))
    };
    assert!(!deny("arn:aws:s3:::b/?").denies_insecure_transport("b"));
    assert!(deny("arn:aws:s3:::other/*").denies_insecure_transport("b"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_json_is_a_policy_or_an_error(value in anything(), text in r#"[{}\[\]",:A-Za-z*$ ]{0,60}"#) {
        for text in [value.to_string(), text] {
            if let Ok(policy) = Policy::parse(&text) {
                ask_everything(&policy);
            }
        }
    }

    /// A stranger who is allowed something is reported, whatever the policy looks like.
    #[test]
    fn nothing_public_goes_unreported(
        statements in prop::collection::vec(statement(), 1..4),
        agent in prop::sample::select(vec!["", "o-1", "true"]),
        action in prop::sample::select(vec!["s3:GetObject", "s3:PutObject"]),
    ) {
        let policy = policy(Value::from(statements));
        ask_everything(&policy);
        let conditions = [("aws:SecureTransport", "true"), ("aws:SourceIp", "203.0.113.9"), ("aws:UserAgent", agent)];
        let stranger = Request { principal: Principal::Anyone, action, resource: "arn:aws:s3:::b/k", conditions: &conditions };
        if policy.decide(&stranger) == Decision::Allow {
            prop_assert!(policy.is_public());
        }
    }

    /// What is said to be refused without TLS is refused in every single case.
    #[test]
    fn nobody_comes_without_tls(
        statements in prop::collection::vec(statement(), 1..3),
        own in any::<bool>(),
        action in prop::sample::select(vec!["s3:GetObject", "s3:ListBucket"]),
    ) {
        let mut statements = statements;
        statements.push(super::samples::tls_only());
        let policy = policy(Value::from(statements));
        prop_assert!(policy.denies_insecure_transport("logs"));
        let principal = if own { Principal::Aws("arn:aws:iam::111122223333:user/a") } else { Principal::Anyone };
        let request = Request { principal, action, resource: "arn:aws:s3:::logs/k", conditions: &[("aws:SecureTransport", "false")] };
        prop_assert_eq!(policy.decide(&request), Decision::Deny);
        if policy.denies_insecure_transport("b") {
            let request = Request { resource: "arn:aws:s3:::b/k", ..request };
            prop_assert_eq!(policy.decide(&request), Decision::Deny);
        }
    }
}
