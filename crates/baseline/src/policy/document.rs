//! The document: a policy, its statements and whom they name.

use std::fmt;

use super::PolicyError;
use super::condition::Condition;
use super::read;

/// A resource policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The `Id`, which some services set.
    pub id: Option<String>,
    /// Whether `${aws:username}` and the like are variables: only in version 2012-10-17.
    pub variables: bool,
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The `Sid`.
    pub sid: Option<String>,
    /// What it does where it matches.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principals: Named<PrincipalName>,
    /// `Action` or `NotAction`: patterns such as `s3:Get*`.
    pub actions: Named<String>,
    /// `Resource` or `NotResource`: ARN patterns. A statement without either (a trust policy) has `*`.
    pub resources: Named<String>,
    /// `Condition`: all of them must hold.
    pub conditions: Vec<Condition>,
}

/// What a statement does where it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It grants.
    Allow,
    /// It forbids, whatever else grants.
    Deny,
}

/// A positive element (`Action`) or its negation (`NotAction`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named<T> {
    /// These.
    These(Vec<T>),
    /// All but these.
    AllBut(Vec<T>),
}

/// An entry of `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalName {
    /// `"*"` or `{"AWS": "*"}`: in a resource policy both mean everybody, signed in or not.
    Anyone,
    /// `{"AWS": …}`: an account (12 digits or its root ARN), a user, a role, a session, or the unique
    /// id that stays when the user or role was deleted.
    Aws(String),
    /// `{"Service": "cloudtrail.amazonaws.com"}`.
    Service(String),
    /// `{"Federated": …}`: an identity provider.
    Federated(String),
    /// `{"CanonicalUser": …}`: an account, by S3's old id.
    CanonicalUser(String),
}

impl Policy {
    /// Longest document that is read. The longest that AWS takes is 32 KiB, a key's.
    pub const MAX_BYTES: usize = 64 << 10;

    /// Reads a policy document.
    ///
    /// # Errors
    /// Text that is not JSON, or an element that IAM's grammar does not know.
    pub fn parse(text: &str) -> Result<Policy, PolicyError> {
        read::policy(text)
    }

    /// The statements of this effect, each with its place in the document.
    pub(super) fn with_effect(&self, effect: Effect) -> impl Iterator<Item = (usize, &Statement)> {
        self.statements.iter().enumerate().filter(move |(_, statement)| statement.effect == effect)
    }
}

impl<T> Named<T> {
    /// The entries, whichever way they are meant.
    pub fn entries(&self) -> &[T] {
        match self {
            Named::These(entries) | Named::AllBut(entries) => entries,
        }
    }
}

impl Named<String> {
    /// As two lists: what is named, and what is taken out of it again.
    pub(super) fn lists(&self) -> (Vec<String>, Vec<String>) {
        match self {
            Named::These(entries) => (entries.clone(), Vec::new()),
            Named::AllBut(entries) => (vec!["*".to_owned()], entries.clone()),
        }
    }
}

impl PrincipalName {
    /// The account that is named, or that the named user or role belongs to.
    pub fn account(&self) -> Option<&str> {
        match self {
            PrincipalName::Aws(name) => account_of(name),
            _ => None,
        }
    }

    /// Whether a whole account is named, which then decides itself who of it may.
    pub fn is_account(&self) -> bool {
        match self {
            PrincipalName::Aws(name) => is_account_id(name) || is_root_arn(name),
            _ => false,
        }
    }
}

impl fmt::Display for PrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PrincipalName::Anyone => f.write_str("*"),
            PrincipalName::Aws(name)
            | PrincipalName::Service(name)
            | PrincipalName::Federated(name)
            | PrincipalName::CanonicalUser(name) => f.write_str(name),
        }
    }
}

/// The account of an id or an ARN, where it is written out.
pub(super) fn account_of(name: &str) -> Option<&str> {
    if is_account_id(name) {
        return Some(name);
    }
    let account = name.strip_prefix("arn:")?.split(':').nth(3)?;
    is_account_id(account).then_some(account)
}

pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `arn:aws:iam::123456789012:root`, in any partition.
fn is_root_arn(name: &str) -> bool {
    name.strip_prefix("arn:").is_some_and(|rest| rest.ends_with(":root") && rest.contains(":iam::"))
}
