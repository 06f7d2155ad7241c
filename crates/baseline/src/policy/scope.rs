//! Whether a statement speaks of a request: its principals, actions and resources.

use super::compare::{Keys, holds};
use super::decide::{Principal, Request};
use super::document::{account_of, is_account_id};
use super::glob::Glob;
use super::variable;
use super::{Named, PrincipalName, Statement};

/// Whether the statement matches the request in every part.
pub(super) fn applies(statement: &Statement, request: &Request<'_>, keys: &Keys<'_>) -> bool {
    in_named(&statement.principals, |name| is_named(name, &request.principal))
        && in_named(&statement.actions, |pattern| action_matches(pattern, request.action))
        && in_named(&statement.resources, |pattern| resource_matches(pattern, request.resource, keys))
        && statement.conditions.iter().all(|condition| holds(condition, keys))
}

fn in_named<T>(named: &Named<T>, is: impl Fn(&T) -> bool) -> bool {
    match named {
        Named::These(entries) => entries.iter().any(is),
        Named::AllBut(entries) => !entries.iter().any(is),
    }
}

pub(super) fn action_matches(pattern: &str, action: &str) -> bool {
    Glob::caseless(pattern).matches(&action.to_lowercase())
}

fn resource_matches(pattern: &str, resource: &str, keys: &Keys<'_>) -> bool {
    match keys.variables {
        true => variable::pattern(pattern, |key| keys.first(key)).is_some_and(|glob| glob.matches(resource)),
        false => Glob::new(pattern).matches(resource),
    }
}

/// Whether the name in the policy means who asks.
pub(super) fn is_named(name: &PrincipalName, principal: &Principal<'_>) -> bool {
    match (name, principal) {
        (PrincipalName::Anyone, _) => true,
        (PrincipalName::Aws(name), Principal::Aws(asking)) => is_named_aws(name, asking),
        (PrincipalName::Service(name), Principal::Service(asking)) => {
            name == "*" || name.eq_ignore_ascii_case(asking)
        }
        (PrincipalName::Federated(name), Principal::Federated(asking)) => name == "*" || name == asking,
        (PrincipalName::CanonicalUser(name), Principal::CanonicalUser(asking)) => {
            name.eq_ignore_ascii_case(asking)
        }
        _ => false,
    }
}

/// An account means all of it. A role means its sessions.
fn is_named_aws(name: &str, asking: &str) -> bool {
    if name == asking {
        return true;
    }
    let Some(account) = account_of(name) else { return false };
    if account_of(asking) != Some(account) {
        return false;
    }
    if is_account_id(name) || name.ends_with(":root") {
        return true;
    }
    let role = name.split_once(":role/").and_then(|(_, path)| path.rsplit('/').next());
    let session = asking.split_once(":assumed-role/").and_then(|(_, path)| path.split('/').next());
    role.is_some() && role == session
}

/// What a set of names holds, against patterns: for questions about all requests at once.
pub(super) struct Globs {
    these: bool,
    entries: Vec<Glob>,
}

impl Globs {
    pub(super) fn actions(named: &Named<String>) -> Globs {
        Globs::of(named, Glob::caseless)
    }

    /// A resource with a variable in it is another one in every request: it surely covers nothing.
    pub(super) fn resources(named: &Named<String>, variables: bool) -> Globs {
        Globs::of(named, |pattern| match variables && variable::varies(pattern) {
            // No ARN is empty, so this covers none; taken out of a `NotResource`, it may be any.
            true if matches!(named, Named::These(_)) => Glob::new(""),
            true => Glob::new("*"),
            false => Glob::new(pattern),
        })
    }

    fn of(named: &Named<String>, glob: impl Fn(&str) -> Glob) -> Globs {
        Globs {
            these: matches!(named, Named::These(_)),
            entries: named.entries().iter().map(|pattern| glob(pattern)).collect(),
        }
    }

    /// Whether everything that the pattern matches is surely among these.
    pub(super) fn cover(&self, pattern: &Glob) -> bool {
        match self.these {
            true => self.entries.iter().any(|entry| entry.covers(pattern)),
            false => !self.entries.iter().any(|entry| entry.overlaps(pattern)),
        }
    }
}
