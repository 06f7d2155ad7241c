//! Which conditions tie a request to somebody or something known, so that a statement for everybody
//! is not public.
//!
//! Sources: S3 User Guide, "The meaning of public"; IAM User Guide, "AWS global condition context
//! keys". Where S3's wording is stricter than the effect (it takes any wildcard in `aws:SourceArn` for
//! public), the effect counts: an ARN whose account is written out ties to that account.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::compare::network;
use super::condition::{Condition, Operator, Quantifier};
use super::document::account_of;
use super::glob::is_plain;
use super::{Statement, variable};

/// What the values of a key must be like to tie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Written out.
    Plain,
    /// An ARN that is written out, or whose account is.
    Arn,
    /// A path in an organisation: `o-a1b2c3/*`.
    OrgPath,
    /// `AROAEXAMPLE:session`, where the id before the colon is written out.
    UserId,
    /// Networks that are not too wide.
    Network,
}

/// The keys that tie, in lower case. Not among them: `aws:PrincipalTag`, `aws:username` and
/// `aws:PrincipalType`, which every account sets for itself; `aws:Referer` and `aws:UserAgent`, which
/// every client does; `aws:PrincipalIsAWSService` and `kms:ViaService`, which say through which
/// service but not for whom.
const KEYS: &[(&str, Kind)] = &[
    ("aws:principalaccount", Kind::Plain),
    ("aws:principalarn", Kind::Arn),
    ("aws:principalorgid", Kind::Plain),
    ("aws:principalorgpaths", Kind::OrgPath),
    ("aws:sourceaccount", Kind::Plain),
    ("aws:sourcearn", Kind::Arn),
    ("aws:sourceip", Kind::Network),
    ("aws:sourceorgid", Kind::Plain),
    ("aws:sourceorgpaths", Kind::OrgPath),
    ("aws:sourceowner", Kind::Plain),
    ("aws:sourcevpc", Kind::Plain),
    ("aws:sourcevpcarn", Kind::Arn),
    ("aws:sourcevpce", Kind::Plain),
    ("aws:userid", Kind::UserId),
    ("aws:vpceaccount", Kind::Plain),
    ("aws:vpceorgid", Kind::Plain),
    ("aws:vpceorgpaths", Kind::OrgPath),
    ("kms:calleraccount", Kind::Plain),
    ("s3:dataaccesspointaccount", Kind::Plain),
    ("s3:dataaccesspointarn", Kind::Arn),
];

/// Widest networks that are somebody's: S3 takes wider ones for public.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 32;

/// The conditions of an allowing statement that only known requests meet.
pub(super) fn ties(statement: &Statement, variables: bool) -> Vec<&Condition> {
    statement.conditions.iter().filter(|condition| is_tie(condition, statement, variables)).collect()
}

fn is_tie(condition: &Condition, statement: &Statement, variables: bool) -> bool {
    // `…IfExists` and `ForAllValues` also hold for a request without the key, unless it must be there.
    let holds_when_absent = condition.if_exists || condition.quantifier == Quantifier::ForAll;
    !condition.operator.is_negated()
        && (!holds_when_absent || must_be_present(&condition.key, statement))
        && is_fixed(condition, variables)
}

fn must_be_present(key: &str, statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.operator == Operator::Null
            && condition.is_on(key)
            && !condition.values.is_empty()
            && condition.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
    })
}

/// Whether the condition of a denying statement holds for everybody who is not known: it denies all
/// whose key is not one of fixed values.
pub(super) fn holds_for_strangers(condition: &Condition, variables: bool) -> bool {
    if condition.is_on("aws:PrincipalIsAWSService") {
        return condition.operator == Operator::Bool
            && condition.values.iter().any(|value| value.eq_ignore_ascii_case("false"));
    }
    // `ForAnyValue` does not hold where the key is absent, as it is for a stranger.
    condition.operator.is_negated()
        && (condition.quantifier != Quantifier::ForAny)
        && is_fixed(condition, variables)
}

/// Whether the key ties and each value stands for somebody in particular.
pub(super) fn is_fixed(condition: &Condition, variables: bool) -> bool {
    let key = condition.key.to_lowercase();
    let Some((_, kind)) = KEYS.iter().find(|(known, _)| *known == key) else { return false };
    if condition.values.is_empty()
        || variables && condition.values.iter().any(|value| variable::varies(value))
    {
        return false;
    }
    let addresses = matches!(condition.operator, Operator::IpAddress | Operator::NotIpAddress);
    match kind {
        Kind::Network => addresses && are_narrow(&condition.values),
        _ if addresses => false,
        _ => {
            is_text(condition.operator)
                && condition.values.iter().all(|value| is_somebody(*kind, value, condition.operator))
        }
    }
}

fn is_text(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::StringEquals
            | Operator::StringNotEquals
            | Operator::StringEqualsIgnoreCase
            | Operator::StringNotEqualsIgnoreCase
            | Operator::StringLike
            | Operator::StringNotLike
            | Operator::ArnLike
            | Operator::ArnNotLike
    )
}

fn is_somebody(kind: Kind, value: &str, operator: Operator) -> bool {
    if value.is_empty() {
        return false;
    }
    if is_plain(value) {
        return true;
    }
    match kind {
        Kind::Plain | Kind::Network => false,
        Kind::OrgPath => value
            .split_once('/')
            .is_some_and(|(organisation, _)| organisation.starts_with("o-") && is_plain(organisation)),
        Kind::UserId => value.split_once(':').is_some_and(|(id, _)| is_plain(id) && id.len() > 4),
        Kind::Arn => {
            let Some(account) = account_of(value) else { return false };
            // Compared as text, a `*` before the account could run over it.
            let arn = matches!(operator, Operator::ArnLike | Operator::ArnNotLike);
            arn || value.split_once(account).is_some_and(|(before, _)| is_plain(before))
        }
    }
}

/// Whether the networks are each somebody's. Neighbours count as one: a list of halves is a whole.
fn are_narrow(values: &[String]) -> bool {
    let Some(networks) = values.iter().map(|value| network(value)).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for network in networks {
        match network {
            IpNet::V4(network) => v4.push(network.trunc()),
            IpNet::V6(network) => v6.push(network.trunc()),
        }
    }
    Ipv4Net::aggregate(&v4).iter().all(|network| network.prefix_len() >= WIDEST_V4)
        && Ipv6Net::aggregate(&v6).iter().all(|network| network.prefix_len() >= WIDEST_V6)
}
