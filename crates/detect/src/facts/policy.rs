//! What a policy document grants: to everybody, to other accounts, everything.
//!
//! A reading on the safe side of what matters for detection: a statement is public when it allows
//! somebody unnamed and no condition ties it to a known network, organisation, account or
//! resource. Source: IAM User Guide, "The meaning of public" (S3) and the policy grammar.

use sonic_rs::{JsonContainerTrait, JsonValueTrait, Value};

use super::net::is_world;
use crate::json;

/// Condition keys that tie a statement to somebody known when compared with fixed values.
const TYING_KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "cognito-identity.amazonaws.com:aud",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "sts:externalid",
    "token.actions.githubusercontent.com:sub",
];

/// What a document grants.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Grants {
    /// Somebody unnamed may do something.
    pub(super) public: bool,
    /// The actions that are public.
    pub(super) public_actions: Vec<String>,
    /// Accounts that are named as principals.
    pub(super) accounts: Vec<String>,
    /// AWS services that are named as principals.
    pub(super) services: Vec<String>,
    /// Every action on every resource.
    pub(super) everything: bool,
    /// Every IAM action on every resource, which is as good.
    pub(super) iam: bool,
}

/// A document as CloudTrail carries it: as JSON, as JSON text, or as URL-encoded JSON text.
pub(super) fn grants_of(document: &Value) -> Grants {
    match document.as_str() {
        None => read(document),
        Some(text) => {
            let decoded =
                if text.trim_start().starts_with('%') { percent_decode(text) } else { text.to_owned() };
            json::parse(&decoded).map(|document| read(&document)).unwrap_or_default()
        }
    }
}

fn read(document: &Value) -> Grants {
    let mut grants = Grants::default();
    for statement in json::list(document, &["Statement"]) {
        if json::text(statement, &["Effect"]) == Some("Allow") {
            read_statement(statement, &mut grants);
        }
    }
    grants
}

fn read_statement(statement: &Value, grants: &mut Grants) {
    let actions: Vec<&str> = json::texts(statement, &["Action"]);
    let unconditional = !json::member(statement, "Condition").is_some_and(is_tied);
    if unconditional && (is_anybody(statement) || json::member(statement, "NotPrincipal").is_some()) {
        grants.public = true;
        grants.public_actions.extend(actions.iter().map(|action| (*action).to_owned()));
    }
    if let Some(principal) = json::member(statement, "Principal") {
        grants
            .accounts
            .extend(json::texts(principal, &["AWS"]).into_iter().filter_map(account_of).map(str::to_owned));
        grants.services.extend(json::texts(principal, &["Service"]).into_iter().map(str::to_owned));
    }
    if json::texts(statement, &["Resource"]).contains(&"*") {
        // Everything but a few actions is nearly everything.
        let all_but =
            json::member(statement, "NotAction").is_some() && json::member(statement, "Principal").is_none();
        grants.everything |= all_but || actions.iter().any(|action| matches!(*action, "*" | "*:*"));
        grants.iam |= actions.iter().any(|action| action.eq_ignore_ascii_case("iam:*"));
    }
}

fn is_anybody(statement: &Value) -> bool {
    let Some(principal) = json::member(statement, "Principal") else { return false };
    principal.as_str() == Some("*") || json::texts(principal, &["AWS"]).contains(&"*")
}

/// The account of a principal: `123456789012` or the fifth part of an ARN.
fn account_of(principal: &str) -> Option<&str> {
    let account = if principal.starts_with("arn:") { principal.split(':').nth(4)? } else { principal };
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// Whether a condition block ties its statement to somebody known.
fn is_tied(condition: &Value) -> bool {
    let Some(operators) = condition.as_object() else { return false };
    operators
        .iter()
        .any(|(operator, keys)| is_positive(operator) && keys.as_object().is_some_and(has_tying_key))
}

/// Operators that let only the named values through. `…IfExists` lets a request without the key
/// through, and a negation everybody but.
fn is_positive(operator: &str) -> bool {
    let operator = operator.to_ascii_lowercase();
    let plain = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    matches!(
        plain,
        "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike" | "ipaddress"
    )
}

fn has_tying_key(keys: &sonic_rs::Object) -> bool {
    keys.iter().any(|(key, values)| {
        let values = json::items(values);
        TYING_KEYS.contains(&key.to_ascii_lowercase().as_str())
            && !values.is_empty()
            && values.iter().all(|value| value.as_str().is_some_and(|value| !is_anything(value)))
    })
}

fn is_anything(value: &str) -> bool {
    value.chars().all(|c| matches!(c, '*' | '?')) || is_world(value)
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escaped = (bytes[index] == b'%').then(|| text.get(index + 1..index + 3)).flatten();
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                index += 3;
            }
            None => {
                decoded.push(if bytes[index] == b'+' { b' ' } else { bytes[index] });
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(body: &str) -> Grants {
        grants_of(
            &json::parse(&format!(
                r#"{{"Statement":[{{"Effect":"Allow","Action":"s3:GetObject",{body}}}]}}"#
            ))
            .unwrap(),
        )
    }

    #[test]
    fn anybody_is_public() {
        for principal in [r#""*""#, r#"{"AWS":"*"}"#, r#"{"AWS":["arn:aws:iam::1:root","*"]}"#] {
            assert!(statement(&format!(r#""Principal":{principal}"#)).public, "{principal}");
        }
        assert!(statement(r#""NotPrincipal":{"AWS":"arn:aws:iam::123456789012:root"}"#).public);
        assert!(!statement(r#""Principal":{"Service":"cloudtrail.amazonaws.com"}"#).public);
    }

    #[test]
    fn conditions_tie_only_when_they_name_somebody() {
        let public =
            |condition: &str| statement(&format!(r#""Principal":"*","Condition":{condition}"#)).public;
        assert!(!public(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#));
        assert!(!public(r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24"]}}"#));
        assert!(!public(r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:123456789012:*"}}"#));
        assert!(public(r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#));
        assert!(public(r#"{"StringLike":{"aws:PrincipalArn":"*"}}"#));
        assert!(public(r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#));
        assert!(public(r#"{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}"#));
        assert!(public(r#"{"Bool":{"aws:SecureTransport":"true"}}"#));
    }

    #[test]
    fn documents_come_as_text_and_encoded() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        let as_text = sonic_rs::Value::from(text);
        assert!(grants_of(&as_text).everything);
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert!(grants_of(&sonic_rs::Value::from(encoded.as_str())).everything);
    }

    #[test]
    fn admin_is_every_action_on_every_resource() {
        let grants = |body: &str| {
            grants_of(&json::parse(&format!(r#"{{"Statement":[{{"Effect":"Allow",{body}}}]}}"#)).unwrap())
        };
        assert!(grants(r#""Action":["s3:*","*"],"Resource":["*"]"#).everything);
        assert!(grants(r#""NotAction":["aws-portal:*"],"Resource":"*""#).everything);
        assert!(grants(r#""Action":"iam:*","Resource":"*""#).iam);
        assert!(!grants(r#""Action":"*","Resource":"arn:aws:s3:::b""#).everything);
        assert!(!grants(r#""Action":"s3:*","Resource":"*""#).everything);
    }

    #[test]
    fn accounts_and_services_are_named() {
        let grants = statement(
            r#""Principal":{"AWS":["arn:aws:iam::123456789012:root","210987654321"],"Service":"sns.amazonaws.com"}"#,
        );
        assert_eq!(grants.accounts, ["123456789012", "210987654321"]);
        assert_eq!(grants.services, ["sns.amazonaws.com"]);
    }
}
