//! Entering accounts: whose they are, which Regions they have, what they are in their organisation.

use std::collections::{BTreeMap, HashMap};

use futures::StreamExt;
use serde_json::{Value, json};
use trailkeep_aws::api::services::{account, ec2, organizations, sts};
use trailkeep_aws::api::{ApiError, Client, Operation};

use super::answer::{answer, failure};
use super::plan::Standing;
use super::progress::Teller;
use super::scope::{Accounts, RoleArn, Scope, is_account_id};
use super::services::organizations::NO_ORGANIZATION;
use super::{CollectError, Partition};
use crate::inventory::{Account, Answer, GLOBAL, Inventory};
use crate::value::Json;

/// What is asked while an account is entered.
pub(super) static OPERATIONS: [&Operation; 5] = [
    &sts::GET_CALLER_IDENTITY,
    &organizations::DESCRIBE_ORGANIZATION,
    &organizations::LIST_ACCOUNTS,
    &account::LIST_REGIONS,
    &ec2::DESCRIBE_REGIONS,
];

/// Accounts that are entered at the same time.
const AT_ONCE: usize = 16;

/// What the sessions are called, in the accounts' own trails.
const SESSION: &str = "trailkeep-check";

/// The accounts, entered.
pub(super) struct Entered {
    /// With the accounts, their Regions, and the answers so far.
    pub(super) inventory: Inventory,
    /// How each is asked.
    pub(super) clients: HashMap<String, Client>,
    pub(super) standings: HashMap<String, Standing>,
    pub(super) partition: Partition,
}

/// An account, and how it is entered.
struct Door {
    account: String,
    name: Option<String>,
    client: Client,
    /// Entered through a role: who is inside has yet to be seen.
    role: Option<RoleArn>,
}

/// Enters all accounts of the scope.
pub(super) async fn enter(
    base: &Client,
    scope: &Scope,
    inventory: Inventory,
    teller: &Teller<'_>,
) -> Result<Entered, CollectError> {
    let home = base.home_region();
    let identity = ask(base, teller, "", (&sts::GET_CALLER_IDENTITY, home), json!({})).await;
    let identity = identity.map_err(|source| CollectError::Identity { source: Box::new(source) })?;
    let own = identity.text("Account").filter(|id| is_account_id(id)).ok_or(CollectError::NoIdentity)?;
    let partition = Partition::of_arn(identity.text("Arn").unwrap_or_default());
    let mut entered = Entered { inventory, clients: HashMap::new(), standings: HashMap::new(), partition };
    let doors = doors(base, scope, own, teller, &mut entered).await?;
    let opened = doors.into_iter().map(|door| open(door, scope, (home, partition), teller));
    let mut opened = futures::stream::iter(opened).buffer_unordered(AT_ONCE);
    while let Some(opened) = opened.next().await {
        let (client, account, standing, notes) = opened?;
        entered.clients.insert(account.id.clone(), client);
        entered.standings.insert(account.id.clone(), standing);
        entered.inventory.notes.extend(notes);
        entered.inventory.accounts.insert(account.id.clone(), account);
    }
    // They arrive in any order.
    entered.inventory.notes.sort();
    Ok(entered)
}

/// The accounts that are to be entered.
async fn doors(
    base: &Client,
    scope: &Scope,
    own: &str,
    teller: &Teller<'_>,
    entered: &mut Entered,
) -> Result<Vec<Door>, CollectError> {
    let through = |role: RoleArn, name: Option<String>| Door {
        account: role.account().to_owned(),
        name,
        client: base.assume_role(role.as_str(), SESSION, scope.external_id.as_deref()),
        role: Some(role),
    };
    let directly = |name| Door { account: own.to_owned(), name, client: base.clone(), role: None };
    match &scope.accounts {
        Accounts::Own => Ok(vec![directly(None)]),
        Accounts::Roles(roles) => {
            let mut doors: BTreeMap<&str, Door> = BTreeMap::new();
            for role in roles {
                if let Some(taken) = doors.get(role.account()).and_then(|door| door.role.as_ref()) {
                    if taken != role {
                        entered
                            .inventory
                            .notes
                            .push(format!("{role} was not used: {taken} is of the same account"));
                    }
                    continue;
                }
                doors.insert(role.account(), through(role.clone(), None));
            }
            Ok(doors.into_values().collect())
        }
        Accounts::Organization { role } => {
            let mut doors = Vec::new();
            for member in members(base, own, entered.partition, teller).await? {
                let name = member.text("Name").map(str::to_owned);
                let Some(id) = member.text("Id").filter(|id| is_account_id(id)) else { continue };
                if let Some(why) = inactive(&member) {
                    entered.inventory.left_out.insert(id.to_owned(), why);
                } else if id == own {
                    doors.push(directly(name));
                } else {
                    let role = RoleArn::of(entered.partition.name(), id, role)?;
                    doors.push(through(role, name));
                }
            }
            Ok(doors)
        }
    }
}

async fn members(
    base: &Client,
    own: &str,
    partition: Partition,
    teller: &Teller<'_>,
) -> Result<Vec<Value>, CollectError> {
    let at = (&organizations::LIST_ACCOUNTS, partition.global_region());
    let listed = ask(base, teller, own, at, json!({})).await;
    let listed = listed.map_err(|source| CollectError::Organization { source: Box::new(source) })?;
    Ok(listed.items("Accounts").to_vec())
}

/// Why nothing can be asked in an account of this state, in words.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html>
fn inactive(member: &Value) -> Option<String> {
    let state = member.text("State").or(member.text("Status")).unwrap_or("ACTIVE");
    (state != "ACTIVE").then(|| state.to_ascii_lowercase().replace('_', " "))
}

/// One call, all its pages.
async fn ask(
    client: &Client,
    teller: &Teller<'_>,
    account: &str,
    (operation, region): (&'static Operation, &str),
    input: Value,
) -> Result<Value, ApiError> {
    teller.expect(1);
    let result = client.call_all(operation, region, &input).await;
    teller.ended(operation, account, region);
    result
}

type Opened = (Client, Account, Standing, Vec<String>);

async fn open(
    door: Door,
    scope: &Scope,
    (home, partition): (&str, Partition),
    teller: &Teller<'_>,
) -> Result<Opened, CollectError> {
    let Door { account: id, name, client, role } = door;
    let mut account = Account { id, name, ..Account::default() };
    let mut notes = Vec::new();
    let unknown = Standing::MayManage;
    let at = (&sts::GET_CALLER_IDENTITY, home);
    let identity = match ask(&client, teller, &account.id, at, json!({})).await {
        Ok(identity) => identity,
        Err(error) if role.is_some() => {
            account.failed = Some(failure(&error));
            return Ok((client, account, unknown, notes));
        }
        Err(source) => return Err(CollectError::Identity { source: Box::new(source) }),
    };
    keep(&mut account, &sts::GET_CALLER_IDENTITY, Answer::Output(identity));
    let at = (&organizations::DESCRIBE_ORGANIZATION, partition.global_region());
    let organization = answer(ask(&client, teller, &account.id, at, json!({})).await, &[NO_ORGANIZATION]);
    let standing = standing(&account.id, &organization);
    keep(&mut account, &organizations::DESCRIBE_ORGANIZATION, organization);
    match regions(&client, (home, partition), &mut account, teller).await {
        Some(all) => choose(scope, &all, &mut account)?,
        None => {
            notes.push(format!(
                "the Regions of {} could not be listed; those that are always on were looked at, of the \
                 others it is not known whether they are on",
                account.id
            ));
            choose(scope, &assumed(scope, partition), &mut account)?;
        }
    }
    Ok((client, account, standing, notes))
}

fn keep(account: &mut Account, operation: &Operation, answer: Answer) {
    let calls = account.answers.entry(GLOBAL.to_owned()).or_default();
    calls.entry(operation.key()).or_default().insert(String::new(), answer);
}

fn standing(account: &str, organization: &Answer) -> Standing {
    match organization {
        Answer::Output(output) => match output.text("Organization.MasterAccountId") {
            Some(management) if management != account => Standing::Other("NotManagementAccount"),
            _ => Standing::MayManage,
        },
        Answer::Absent(_) => Standing::Other(NO_ORGANIZATION),
        Answer::Failed(_) => Standing::MayManage,
    }
}

/// A Region, and why it cannot be looked at.
type Region = (String, Option<&'static str>);

/// All Regions of the account; `None` when neither service tells.
async fn regions(
    client: &Client,
    (home, partition): (&str, Partition),
    account: &mut Account,
    teller: &Teller<'_>,
) -> Option<Vec<Region>> {
    let at = (&account::LIST_REGIONS, partition.global_region());
    let listed = answer(ask(client, teller, &account.id, at, json!({"MaxResults": 50})).await, &[]);
    let found = read(&listed, "RegionOptStatus");
    keep(account, &account::LIST_REGIONS, listed);
    if found.is_some() {
        return found;
    }
    let at = (&ec2::DESCRIBE_REGIONS, home);
    let described = answer(ask(client, teller, &account.id, at, json!({"AllRegions": true})).await, &[]);
    let found = read(&described, "OptInStatus");
    keep(account, &ec2::DESCRIBE_REGIONS, described);
    found
}

fn read(answer: &Answer, status: &str) -> Option<Vec<Region>> {
    let Answer::Output(output) = answer else { return None };
    let regions: Vec<Region> = output
        .items("Regions")
        .iter()
        .filter_map(|region| Some((region.text("RegionName")?.to_owned(), off(region.text(status)))))
        .collect();
    (!regions.is_empty()).then_some(regions)
}

/// Why a Region of this state cannot be asked.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_Region.html>
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Region.html>
fn off(status: Option<&str>) -> Option<&'static str> {
    match status {
        Some("ENABLED" | "ENABLED_BY_DEFAULT" | "opted-in" | "opt-in-not-required") | None => None,
        Some("ENABLING") => Some("being enabled"),
        Some("DISABLING") => Some("being disabled"),
        Some(_) => Some("not opted in"),
    }
}

/// Puts each Region among those to look at or those left out.
fn choose(scope: &Scope, all: &[Region], account: &mut Account) -> Result<(), CollectError> {
    if let Some(unknown) = scope.regions.iter().find(|name| all.iter().all(|(known, _)| known != *name)) {
        let mut known: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        known.sort_unstable();
        return Err(CollectError::NoSuchRegion { region: unknown.clone(), known: known.join(", ") });
    }
    for (name, off) in all {
        let wanted = scope.regions.is_empty() || scope.regions.contains(name);
        match off {
            Some(why) => {
                account.left_out.insert(name.clone(), (*why).to_owned());
            }
            None if wanted => account.regions.push(name.clone()),
            None => {
                account.left_out.insert(name.clone(), "not in scope".to_owned());
            }
        }
    }
    account.regions.sort();
    Ok(())
}

/// Where Regions cannot be listed: those that are always on, and those asked for, which are taken at
/// their word.
fn assumed(scope: &Scope, partition: Partition) -> Vec<Region> {
    let mut names: Vec<&str> = partition.default_regions().to_vec();
    names.extend(
        scope.regions.iter().map(String::as_str).filter(|name| !partition.default_regions().contains(name)),
    );
    names.into_iter().map(|name| (name.to_owned(), None)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str, status: &str) -> Region {
        (name.to_owned(), off(Some(status)))
    }

    fn all() -> Vec<Region> {
        vec![
            region("us-east-1", "ENABLED_BY_DEFAULT"),
            region("eu-south-1", "DISABLED"),
            region("eu-west-1", "opt-in-not-required"),
            region("af-south-1", "ENABLING"),
            region("me-south-1", "opted-in"),
        ]
    }

    #[test]
    fn regions_are_looked_at_or_left_out_for_a_reason() {
        let mut account = Account::default();
        choose(&Scope::default(), &all(), &mut account).unwrap();
        assert_eq!(account.regions, ["eu-west-1", "me-south-1", "us-east-1"]);
        assert_eq!(account.left_out["eu-south-1"], "not opted in");
        assert_eq!(account.left_out["af-south-1"], "being enabled");

        let mut narrowed = Account::default();
        let scope = Scope { regions: vec!["eu-west-1".into(), "eu-south-1".into()], ..Scope::default() };
        choose(&scope, &all(), &mut narrowed).unwrap();
        assert_eq!(narrowed.regions, ["eu-west-1"]);
        assert_eq!(narrowed.left_out["us-east-1"], "not in scope");
        assert_eq!(narrowed.left_out["eu-south-1"], "not opted in");
    }

    #[test]
    fn a_region_that_does_not_exist_is_told() {
        let scope = Scope { regions: vec!["eu-wset-1".into()], ..Scope::default() };
        let error = choose(&scope, &all(), &mut Account::default()).unwrap_err().to_string();
        assert!(error.contains("eu-wset-1") && error.contains("eu-west-1"), "{error}");
    }

    #[test]
    fn without_a_list_the_default_regions_and_those_asked_for() {
        assert_eq!(assumed(&Scope::default(), Partition::Aws).len(), 17);
        let scope = Scope { regions: vec!["eu-south-1".into(), "eu-west-1".into()], ..Scope::default() };
        let mut account = Account::default();
        choose(&scope, &assumed(&scope, Partition::Aws), &mut account).unwrap();
        assert_eq!(account.regions, ["eu-south-1", "eu-west-1"]);
        assert_eq!(account.left_out.len(), 16);
    }

    #[test]
    fn members_that_are_suspended_or_leaving_are_not_entered() {
        assert_eq!(inactive(&json!({"Id": "1", "Status": "ACTIVE"})), None);
        assert_eq!(inactive(&json!({"Id": "1", "Status": "SUSPENDED"})).as_deref(), Some("suspended"));
        assert_eq!(
            inactive(&json!({"Status": "ACTIVE", "State": "PENDING_CLOSURE"})).as_deref(),
            Some("pending closure")
        );
    }

    #[test]
    fn what_an_account_is_in_its_organisation() {
        let organization = Answer::Output(json!({"Organization": {"MasterAccountId": "111122223333"}}));
        assert_eq!(standing("111122223333", &organization), Standing::MayManage);
        assert_eq!(standing("444455556666", &organization), Standing::Other("NotManagementAccount"));
        let none = Answer::Absent(NO_ORGANIZATION.to_owned());
        assert_eq!(standing("111122223333", &none), Standing::Other(NO_ORGANIZATION));
    }
}
