//! What a policy allows to other accounts and to AWS's services.

use super::condition::{Condition, Operator, Quantifier};
use super::document::account_of;
use super::public::everybody;
use super::scope::is_named;
use super::{Effect, Named, Policy, Principal, PrincipalName, Statement, tie};

/// Something that a statement allows to somebody outside the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The statement's place in the document, counted from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Who is allowed.
    pub party: Party,
    /// The principal as the policy writes it.
    pub principal: String,
    /// The actions that are allowed, as patterns.
    pub actions: Vec<String>,
    /// The actions that a `NotAction` leaves out.
    pub except_actions: Vec<String>,
    /// The resources, as patterns.
    pub resources: Vec<String>,
    /// The resources that a `NotResource` leaves out.
    pub except_resources: Vec<String>,
    /// The conditions, in words, that tie the grant to fixed sources. For a service these are what keeps
    /// it from being made to act for somebody else (the confused deputy): none means anyone may be
    /// behind it.
    pub guards: Vec<String>,
    /// Accounts other than the own that those conditions let in.
    pub sources: Vec<String>,
}

/// Somebody outside the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// Another account, or a user or role of it.
    Account(String),
    /// An account of AWS's own, from which a service delivers logs.
    AwsAccount(String),
    /// Every account of an organisation.
    Organization(String),
    /// An AWS service.
    Service(String),
    /// Whoever an identity provider signs in.
    Provider(String),
    /// An account by S3's canonical user id: whose, the policy does not tell.
    CanonicalUser(String),
    /// The unique id that remains of a user or role that was deleted; nobody has it.
    Deleted(String),
}

impl Foreign {
    /// Whether conditions tie the grant to fixed sources.
    pub fn is_guarded(&self) -> bool {
        !self.guards.is_empty()
    }
}

/// Keys that say for whom a service acts, in lower case.
/// Source: IAM User Guide, "The confused deputy problem".
const SOURCE_KEYS: &[&str] = &[
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "kms:calleraccount",
];

/// Accounts from which Elastic Load Balancing delivers access logs in the older Regions, by Region.
/// Source: Elastic Load Balancing User Guide, "Enable access logs for your Application Load Balancer".
pub(crate) const ELB_ACCOUNTS: &[(&str, &str)] = &[
    ("us-east-1", "127311923021"),
    ("us-east-2", "033677994240"),
    ("us-west-1", "027434742980"),
    ("us-west-2", "797873946194"),
    ("af-south-1", "098369216593"),
    ("ap-east-1", "754344448648"),
    ("ap-southeast-3", "589379963580"),
    ("ap-south-1", "718504428378"),
    ("ap-northeast-3", "383597477331"),
    ("ap-northeast-2", "600734575887"),
    ("ap-southeast-1", "114774131450"),
    ("ap-southeast-2", "783225319266"),
    ("ap-northeast-1", "582318560864"),
    ("ca-central-1", "985666609251"),
    ("eu-central-1", "054676820928"),
    ("eu-west-1", "156460612806"),
    ("eu-west-2", "652711504416"),
    ("eu-south-1", "635631232127"),
    ("eu-west-3", "009996457667"),
    ("eu-north-1", "897822967062"),
    ("me-south-1", "076674570225"),
    ("sa-east-1", "507241528517"),
    ("us-gov-west-1", "048591011584"),
    ("us-gov-east-1", "190560391635"),
    ("cn-north-1", "638102146993"),
    ("cn-northwest-1", "037604701340"),
];

impl Policy {
    /// What other accounts, organisations, identity providers and AWS's services may do by this policy,
    /// without what is denied to them. What anyone may do is in [`Policy::public_grants`]; a statement
    /// for everybody that a condition ties to an account or an organisation is here.
    ///
    /// `own` is the account of the resource.
    pub fn foreign_accounts(&self, own: &str) -> Vec<Foreign> {
        let mut found = Vec::new();
        for (index, statement) in self.with_effect(Effect::Allow) {
            for (party, principal) in self.parties(statement, own) {
                let Some(left) = self.undenied(statement, |deny| concerns(deny, &party, &principal, own))
                else {
                    continue;
                };
                let conditions = self.guards(statement, &party);
                found.push(Foreign {
                    statement: index,
                    sid: statement.sid.clone(),
                    sources: sources(&conditions, own),
                    guards: conditions.iter().map(ToString::to_string).collect(),
                    party,
                    principal,
                    actions: left.actions,
                    except_actions: left.except_actions,
                    resources: left.resources,
                    except_resources: left.except_resources,
                });
            }
        }
        found
    }

    /// Whether the policy hands the decision over this action to the account's own identity policies,
    /// as a key's default policy does by allowing the account's root everything.
    /// Source: KMS Developer Guide, "Default key policy".
    pub fn delegates_to_account(&self, account: &str, action: &str, resource: &str) -> bool {
        let root = format!("arn:aws:iam::{account}:root");
        let request = super::Request { principal: Principal::Aws(&root), action, resource, conditions: &[] };
        let names_account = |statement: &Statement| match &statement.principals {
            Named::These(names) => {
                names.iter().any(|name| name.is_account() && name.account() == Some(account))
            }
            Named::AllBut(_) => false,
        };
        self.decide(&request) == super::Decision::Allow
            && self.with_effect(Effect::Allow).any(|(_, statement)| names_account(statement))
    }

    /// Whom the statement lets in who is not of the account.
    fn parties(&self, statement: &Statement, own: &str) -> Vec<(Party, String)> {
        if everybody(&statement.principals).is_some() {
            return tied_parties(&tie::ties(statement, self.variables), own);
        }
        let Named::These(names) = &statement.principals else { return Vec::new() };
        names
            .iter()
            .filter_map(|name| {
                let party = match name {
                    PrincipalName::Anyone => return None,
                    PrincipalName::Aws(aws) => aws_party(aws, own)?,
                    PrincipalName::Service(service) => Party::Service(service.clone()),
                    PrincipalName::Federated(provider) => Party::Provider(provider.clone()),
                    PrincipalName::CanonicalUser(id) => Party::CanonicalUser(id.clone()),
                };
                Some((party, name.to_string()))
            })
            .collect()
    }

    /// The conditions that tie the grant, of the statement itself and of statements that deny the rest.
    fn guards<'a>(&'a self, statement: &'a Statement, party: &Party) -> Vec<&'a Condition> {
        let Party::Service(service) = party else { return tie::ties(statement, self.variables) };
        let mut guards: Vec<&Condition> = tie::ties(statement, self.variables);
        // A trail's ARN in the encryption context is what ties CloudTrail to a key.
        guards.extend(statement.conditions.iter().filter(|condition| is_context_tie(condition)));
        guards.retain(|condition| is_source_key(&condition.key));
        for (_, deny) in self.with_effect(Effect::Deny) {
            let names_it = |name: &PrincipalName| is_named(name, &Principal::Service(service));
            let concerned = matches!(&deny.principals, Named::These(names) if names.iter().any(names_it));
            let conditions = &deny.conditions;
            if concerned
                && conditions.iter().any(|condition| denies_other_sources(condition, self.variables))
                && conditions.iter().all(|c| denies_other_sources(c, self.variables) || holds_for_service(c))
                && self.undenied(statement, |other| std::ptr::eq(other, deny)).is_none()
            {
                guards.extend(conditions.iter().filter(|c| denies_other_sources(c, self.variables)));
            }
        }
        guards
    }
}

fn aws_party(name: &str, own: &str) -> Option<Party> {
    if name.contains(":iam::cloudfront:user/") {
        return Some(Party::Service("cloudfront.amazonaws.com".to_owned()));
    }
    match account_of(name) {
        Some(account) if account == own => None,
        Some(account) if ELB_ACCOUNTS.iter().any(|(_, id)| *id == account) => {
            Some(Party::AwsAccount(account.to_owned()))
        }
        Some(account) => Some(Party::Account(account.to_owned())),
        None => Some(Party::Deleted(name.to_owned())),
    }
}

/// The accounts and organisations that conditions let in where the principal is everybody.
fn tied_parties(ties: &[&Condition], own: &str) -> Vec<(Party, String)> {
    let mut parties: Vec<(Party, String)> = Vec::new();
    let own_only = ties
        .iter()
        .any(|tie| is_account_key(&tie.key) && tie.values.iter().all(|value| account_of(value) == Some(own)));
    if own_only {
        return parties;
    }
    for tie in ties {
        for value in &tie.values {
            let party = match tie.key.to_lowercase().as_str() {
                "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" => {
                    Party::Organization(value.clone())
                }
                "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
                    Party::Organization(value.split('/').next().unwrap_or_default().to_owned())
                }
                key if is_account_key(key) => match account_of(value) {
                    Some(account) if account != own => Party::Account(account.to_owned()),
                    _ => continue,
                },
                _ => continue,
            };
            if !parties.iter().any(|(known, _)| *known == party) {
                parties.push((party, "*".to_owned()));
            }
        }
    }
    parties
}

/// Keys whose values are accounts, or ARNs with an account in them.
fn is_account_key(key: &str) -> bool {
    matches!(
        key.to_lowercase().as_str(),
        "aws:principalaccount"
            | "aws:principalarn"
            | "aws:sourceaccount"
            | "aws:sourcearn"
            | "aws:sourceowner"
            | "kms:calleraccount"
            | "s3:dataaccesspointaccount"
            | "s3:dataaccesspointarn"
            | "aws:vpceaccount"
    )
}

fn is_source_key(key: &str) -> bool {
    let key = key.to_lowercase();
    SOURCE_KEYS.contains(&key.as_str()) || key.starts_with("kms:encryptioncontext:")
}

/// `kms:EncryptionContext:aws:cloudtrail:arn` with an account in each value.
fn is_context_tie(condition: &Condition) -> bool {
    condition.key.to_lowercase().starts_with("kms:encryptioncontext:")
        && !condition.operator.is_negated()
        && !condition.if_exists
        && condition.quantifier != Quantifier::ForAll
        && !condition.values.is_empty()
        && condition.values.iter().all(|value| account_of(value).is_some())
}

fn denies_other_sources(condition: &Condition, variables: bool) -> bool {
    is_source_key(&condition.key)
        && condition.operator.is_negated()
        && condition.quantifier != Quantifier::ForAny
        && tie::is_fixed(condition, variables)
}

/// Conditions that stand beside a guard for services: they hold for every request of a service that
/// acts for somebody.
fn holds_for_service(condition: &Condition) -> bool {
    let says = |text: &str| condition.values.iter().any(|value| value.eq_ignore_ascii_case(text));
    match condition.operator {
        Operator::Bool => condition.is_on("aws:PrincipalIsAWSService") && says("true"),
        Operator::Null => is_source_key(&condition.key) && says("false"),
        _ => false,
    }
}

/// The accounts, but the own, that the values of the conditions name.
fn sources(conditions: &[&Condition], own: &str) -> Vec<String> {
    let mut accounts = Vec::new();
    for value in conditions.iter().flat_map(|condition| &condition.values) {
        if let Some(account) = account_of(value)
            && account != own
            && !accounts.iter().any(|known| known == account)
        {
            accounts.push(account.to_owned());
        }
    }
    accounts
}

/// Whether a denying statement takes away from this party all that it names.
fn concerns(deny: &Statement, party: &Party, principal: &str, own: &str) -> bool {
    let asking = match party {
        Party::Account(_) | Party::AwsAccount(_) | Party::Deleted(_) if principal != "*" => {
            Principal::Aws(principal)
        }
        Party::Account(account) | Party::AwsAccount(account) => Principal::Aws(account),
        Party::Service(_) if principal.starts_with("arn:") => Principal::Aws(principal),
        Party::Service(service) => Principal::Service(service),
        Party::Provider(provider) => Principal::Federated(provider),
        Party::CanonicalUser(id) => Principal::CanonicalUser(id),
        Party::Organization(_) | Party::Deleted(_) => Principal::Anyone,
    };
    let named = match &deny.principals {
        Named::These(names) => names.iter().any(|name| is_named(name, &asking)),
        Named::AllBut(names) => !names.iter().any(|name| is_named(name, &asking)),
    };
    named && deny.conditions.iter().all(|condition| holds_for_others(condition, party, own))
}

/// Whether the condition of a `Deny` holds for every request of the party: one that denies all but
/// the own account.
fn holds_for_others(condition: &Condition, party: &Party, own: &str) -> bool {
    let of_principal = condition.is_on("aws:PrincipalAccount")
        || condition.is_on("aws:PrincipalArn")
        || condition.is_on("kms:CallerAccount");
    match party {
        Party::Account(_) | Party::AwsAccount(_) => {
            of_principal
                && condition.operator.is_negated()
                && condition.quantifier != Quantifier::ForAny
                && condition.values.iter().all(|value| account_of(value) == Some(own))
        }
        _ => false,
    }
}
