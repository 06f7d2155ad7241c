//! One request against one policy.

use super::compare::Keys;
use super::document::account_of;
use super::scope::applies;
use super::{Effect, Policy};

/// Who asks for what, and what AWS knows of the request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// The IAM action: `s3:GetObject`.
    pub action: &'a str,
    /// The ARN of the resource.
    pub resource: &'a str,
    /// The condition keys of the request (`("aws:SourceArn", "arn:…")`), a key of several values
    /// several times. What follows from the principal (`aws:PrincipalArn`, `aws:PrincipalAccount`,
    /// `aws:PrincipalIsAWSService`, `aws:PrincipalServiceName`) is added where it is not given.
    pub conditions: &'a [(&'a str, &'a str)],
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal<'a> {
    /// Somebody without credentials.
    Anyone,
    /// A user, role, session or account, by ARN or account id.
    Aws(&'a str),
    /// An AWS service: `cloudtrail.amazonaws.com`.
    Service(&'a str),
    /// Somebody signed in with an identity provider.
    Federated(&'a str),
    /// An account, by S3's canonical user id.
    CanonicalUser(&'a str),
}

/// What the policy says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it and none denies it. Where the policy names an account, that account's
    /// own policies decide who of it may; an account other than the resource's must allow it too.
    Allow,
    /// A statement denies it. Nothing else can allow it then.
    Deny,
    /// No statement speaks of it: denied, unless an identity policy of the same account allows it.
    NoMatch,
}

impl Policy {
    /// What this policy says of the request.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let keys = Keys { pairs: with_principal(request), variables: self.variables };
        let matches = |effect| {
            self.statements
                .iter()
                .any(|statement| statement.effect == effect && applies(statement, request, &keys))
        };
        if matches(Effect::Deny) {
            Decision::Deny
        } else if matches(Effect::Allow) {
            Decision::Allow
        } else {
            Decision::NoMatch
        }
    }
}

/// The request's keys, and those that the principal implies.
fn with_principal<'a>(request: &Request<'a>) -> Vec<(&'a str, &'a str)> {
    let mut pairs = request.conditions.to_vec();
    let implied: [(&str, Option<&str>); 2] = match request.principal {
        Principal::Aws(name) => {
            let arn = name.starts_with("arn:").then_some(name);
            [("aws:PrincipalArn", arn), ("aws:PrincipalAccount", account_of(name))]
        }
        Principal::Service(name) => {
            [("aws:PrincipalServiceName", Some(name)), ("aws:PrincipalIsAWSService", Some("true"))]
        }
        _ => [("", None), ("", None)],
    };
    for (key, value) in implied {
        if let Some(value) = value
            && !pairs.iter().any(|(given, _)| given.eq_ignore_ascii_case(key))
        {
            pairs.push((key, value));
        }
    }
    if !matches!(request.principal, Principal::Service(_))
        && !pairs.iter().any(|(given, _)| given.eq_ignore_ascii_case("aws:PrincipalIsAWSService"))
    {
        pairs.push(("aws:PrincipalIsAWSService", "false"));
    }
    pairs
}
