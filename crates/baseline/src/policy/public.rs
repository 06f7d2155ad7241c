//! What a policy allows to anyone.

use super::glob::Glob;
use super::scope::Globs;
use super::tie;
use super::{Effect, Named, Policy, PrincipalName, Statement};

/// Something that a statement allows to anyone, what other statements deny taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The statement's place in the document, counted from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Who is left out: the names of a `NotPrincipal`. Everybody else is allowed.
    pub all_but: Vec<String>,
    /// The actions that are allowed, as patterns.
    pub actions: Vec<String>,
    /// The actions that a `NotAction` leaves out.
    pub except_actions: Vec<String>,
    /// The resources, as patterns.
    pub resources: Vec<String>,
    /// The resources that a `NotResource` leaves out.
    pub except_resources: Vec<String>,
    /// The conditions, in words. None of them ties the request to somebody known.
    pub conditions: Vec<String>,
}

impl Policy {
    /// What the policy allows to anyone: statements whose principal is everybody (or everybody but
    /// some), without a condition on fixed values of a key that ties the request to an account, an
    /// organisation, a network or a resource, and without what a `Deny` takes away from everybody.
    ///
    /// Source: S3 User Guide, "The meaning of public". Block Public Access is not looked at.
    pub fn public_grants(&self) -> Vec<Grant> {
        let mut grants = Vec::new();
        for (index, statement) in self.with_effect(Effect::Allow) {
            let Some(all_but) = everybody(&statement.principals) else { continue };
            if !tie::ties(statement, self.variables).is_empty() {
                continue;
            }
            let Some(left) = self.undenied(statement, |deny| denies_strangers(deny, self.variables)) else {
                continue;
            };
            grants.push(Grant {
                statement: index,
                sid: statement.sid.clone(),
                all_but,
                actions: left.actions,
                except_actions: left.except_actions,
                resources: left.resources,
                except_resources: left.except_resources,
                conditions: statement.conditions.iter().map(ToString::to_string).collect(),
            });
        }
        grants
    }

    /// Whether anyone may do anything at all by this policy.
    pub fn is_public(&self) -> bool {
        !self.public_grants().is_empty()
    }

    /// What an allowing statement still allows after those denying statements that concern whom it
    /// allows. `None` where nothing is left.
    pub(super) fn undenied(&self, allow: &Statement, concerns: impl Fn(&Statement) -> bool) -> Option<Left> {
        let (actions, except_actions) = allow.actions.lists();
        let (resources, except_resources) = allow.resources.lists();
        let denies: Vec<(Globs, Globs)> = self
            .with_effect(Effect::Deny)
            .filter(|(_, deny)| concerns(deny))
            .map(|(_, deny)| {
                (Globs::actions(&deny.actions), Globs::resources(&deny.resources, self.variables))
            })
            .collect();
        let mut left = Left { actions, except_actions, resources, except_resources };
        // A document with this many pairs is no real one; it counts as if nothing were denied.
        if !denies.is_empty() && left.actions.len().saturating_mul(left.resources.len()) <= MAX_PAIRS {
            left.keep(|action, resource| {
                let action = Glob::caseless(&of_service(action, resource));
                let resource = Glob::new(resource);
                !denies
                    .iter()
                    .any(|(actions, resources)| actions.cover(&action) && resources.cover(&resource))
            });
        }
        (!left.actions.is_empty() && !left.resources.is_empty()).then_some(left)
    }
}

/// Most pairs of an action and a resource that are looked at one by one.
const MAX_PAIRS: usize = 10_000;

/// What is left of an allowing statement.
pub(super) struct Left {
    pub(super) actions: Vec<String>,
    pub(super) except_actions: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) except_resources: Vec<String>,
}

impl Left {
    /// Keeps the actions that are allowed on some resource, and the resources with some action.
    fn keep(&mut self, allowed: impl Fn(&str, &str) -> bool) {
        let pairs: Vec<Vec<bool>> = (self.actions.iter())
            .map(|action| self.resources.iter().map(|resource| allowed(action, resource)).collect())
            .collect();
        let mut row = pairs.iter().map(|row| row.contains(&true));
        self.actions.retain(|_| row.next().unwrap_or(false));
        let mut column = (0..self.resources.len()).map(|index| pairs.iter().any(|row| row[index]));
        let kept: Vec<bool> = column.by_ref().collect();
        let mut kept = kept.into_iter();
        self.resources.retain(|_| kept.next().unwrap_or(false));
    }
}

/// `*` on a bucket can only be an action of S3: so narrowed, a `Deny` of `s3:*` covers it.
fn of_service(action: &str, resource: &str) -> String {
    let service = resource.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(1));
    match service {
        Some(service) if action == "*" && !service.is_empty() && super::glob::is_plain(service) => {
            format!("{service}:*")
        }
        _ => action.to_owned(),
    }
}

/// Whether a principal element lets in everybody, and whom it leaves out.
pub(super) fn everybody(principals: &Named<PrincipalName>) -> Option<Vec<String>> {
    match principals {
        Named::These(names) => names.iter().any(is_anyone).then(Vec::new),
        Named::AllBut(names) if names.iter().any(is_anyone) => None,
        Named::AllBut(names) => Some(names.iter().map(ToString::to_string).collect()),
    }
}

fn is_anyone(name: &PrincipalName) -> bool {
    *name == PrincipalName::Anyone
}

/// Whether a denying statement concerns everybody who is not known: all but some, or all, under no
/// condition that a stranger's request does not meet.
fn denies_strangers(deny: &Statement, variables: bool) -> bool {
    everybody(&deny.principals).is_some()
        && deny.conditions.iter().all(|condition| tie::holds_for_strangers(condition, variables))
}
