//! What AWS would answer about the simulated organisation: an inventory as `trailkeep check` collects
//! it, with faults that a story can name.
//!
//! Answers are spelled as the APIs spell them. Nothing here knows the checks: an [`Estate`] is a
//! document and the list of its told [`faults`](Estate::faults), as it is after the attack.

mod book;
mod central;
mod logs;
mod services;
mod storage;
mod trail;
mod watch;

use serde_json::Value;

use crate::org::{ACCOUNTS, ORGANIZATION, PRODUCTION, REGIONS, SECURITY};
use crate::world::Simulator;

use book::Book;

/// An inventory of the organisation, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Estate {
    /// The document, in the shape that `trailkeep check --from-inventory` reads.
    pub inventory: Value,
    /// The faults it was given, for people.
    pub faults: &'static [Fault],
}

/// One told fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The control that it breaks, 1 to 6.
    pub control: u8,
    /// The account's name in the organisation.
    pub account: &'static str,
    /// Where and what, in a line.
    pub what: &'static str,
}

const fn fault(control: u8, account: &'static str, what: &'static str) -> Fault {
    Fault { control, account, what }
}

const FAULTS: &[Fault] = &[
    fault(
        1,
        "production",
        "the trail prod-data-events in eu-west-1 writes no digests: nobody can prove its files whole",
    ),
    fault(2, "production", "the VPCs in eu-west-1 have no flow log since the attacker deleted it"),
    fault(2, "production", "the load balancer prod-public in us-east-1 keeps no access log"),
    fault(2, "development", "the log group /aws/lambda/dev-session-reaper keeps its events for a week"),
    fault(3, "development", "GuardDuty is off in ap-southeast-2"),
    fault(4, "log-archive", "a lifecycle rule deletes the organisation's trail after 90 days"),
    fault(5, "log-archive", "the filter for security group changes does not know ModifySecurityGroupRules"),
    fault(6, "log-archive", "the topic sec-security-alerts has a subscription that nobody confirmed"),
    fault(6, "production", "the alarm prod-payments-latency-p99 has its actions switched off"),
];

/// An account in a Region, as the modules here fill in its answers.
#[derive(Clone, Copy)]
struct Place {
    account: usize,
    region: usize,
}

impl Place {
    fn id(self) -> &'static str {
        ACCOUNTS[self.account].id
    }

    fn alias(self) -> &'static str {
        ACCOUNTS[self.account].alias
    }

    fn name(self) -> &'static str {
        REGIONS[self.region]
    }

    fn is(self, account: usize, region: usize) -> bool {
        (self.account, self.region) == (account, region)
    }

    fn arn(self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.name(), self.id())
    }

    /// As [`Place::arn`], for services whose ARNs name no Region.
    fn global_arn(self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}::{}:{resource}", self.id())
    }
}

/// The key that everything of an account in a Region is encrypted with.
fn key(place: Place) -> String {
    let number = place.account * 16 + place.region;
    place.arn("kms", &format!("key/5f0a1c2e-0000-4000-8000-{number:012x}"))
}

impl Simulator {
    /// What AWS would answer about this organisation at the end of its last day.
    #[must_use]
    pub fn estate(&self) -> Estate {
        self.asked(0, self.config().attack)
    }

    /// What it would have answered a day before, when the attacker had not come yet.
    #[must_use]
    pub fn estate_before(&self) -> Estate {
        self.asked(1, false)
    }

    fn asked(&self, days_ago: u64, attacked: bool) -> Estate {
        let config = self.config();
        let end = config.start + chrono::Days::new(u64::from(config.days)) - chrono::Days::new(days_ago);
        let mut book = Book::new(end.and_time(chrono::NaiveTime::MIN).and_utc(), attacked);
        for account in 0..ACCOUNTS.len() {
            let home = Place { account, region: crate::org::US_EAST_1 };
            organization(&mut book, home);
            storage::fill(&mut book, home, &self.world().org);
            for region in 0..REGIONS.len() {
                let place = Place { account, region };
                trail::fill(&mut book, place);
                logs::fill(&mut book, place);
                watch::fill(&mut book, place);
                central::fill(&mut book, place);
                services::fill(&mut book, place, &self.world().org);
            }
        }
        Estate { inventory: book.finish(), faults: FAULTS }
    }
}

fn organization(book: &mut Book, place: Place) {
    use serde_json::json;
    let id = place.id();
    let master = ACCOUNTS[SECURITY].id;
    book.global(place, "sts:GetCallerIdentity", json!({
        "UserId": "AROAEXAMPLE:trailkeep", "Account": id, "Arn": format!("arn:aws:sts::{id}:assumed-role/trailkeep-check/trailkeep"),
    }));
    book.global(
        place,
        "iam:ListAccountAliases",
        json!({"AccountAliases": [format!("meridian-{}", place.alias())]}),
    );
    book.global(place, "organizations:DescribeOrganization", json!({"Organization": {
        "Id": ORGANIZATION, "Arn": format!("arn:aws:organizations::{master}:organization/{ORGANIZATION}"),
        "FeatureSet": "ALL", "MasterAccountId": master, "MasterAccountArn": format!("arn:aws:organizations::{master}:account/{ORGANIZATION}/{master}"),
    }}));
    let regions: Vec<Value> = REGIONS
        .iter()
        .map(|name| json!({"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"}))
        .collect();
    book.global(place, "account:ListRegions", json!({"Regions": regions}));
    if place.account == SECURITY {
        let accounts: Vec<Value> = ACCOUNTS
            .iter()
            .map(|account| json!({"Id": account.id, "Name": account.name, "Status": "ACTIVE"}))
            .collect();
        book.global(place, "organizations:ListAccounts", json!({"Accounts": accounts}));
        let delegated = |service: &str| json!({"Id": master, "Name": ACCOUNTS[SECURITY].name, "Status": "ACTIVE", "ServicePrincipal": service});
        book.global(
            place,
            "organizations:ListDelegatedAdministrators",
            json!({"DelegatedAdministrators": [delegated("securityhub.amazonaws.com")]}),
        );
    }
}

/// Where the attacker worked.
fn attacked(place: Place) -> bool {
    place.is(PRODUCTION, crate::org::EU_WEST_1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    fn estate() -> Estate {
        Simulator::new(Config { events: 2_000, companion_lines: 800, ..Config::default() }).unwrap().estate()
    }

    #[test]
    fn the_same_configuration_gives_the_same_inventory() {
        assert_eq!(estate().inventory, estate().inventory);
        let simulator =
            Simulator::new(Config { events: 2_000, companion_lines: 800, ..Config::default() }).unwrap();
        let flows = |estate: Estate| {
            let id = ACCOUNTS[PRODUCTION].id;
            estate.inventory["accounts"][id]["answers"]["eu-west-1"]["ec2:DescribeFlowLogs"][""]["output"]
                .clone()
        };
        let (before, after) = (flows(simulator.estate_before()), flows(simulator.estate()));
        assert_eq!(before["FlowLogs"].as_array().unwrap().len(), 2);
        assert!(after["FlowLogs"].as_array().unwrap().is_empty());
    }

    #[test]
    fn every_account_answers_in_every_region() {
        let estate = estate();
        let accounts = estate.inventory["accounts"].as_object().unwrap();
        assert_eq!(accounts.len(), ACCOUNTS.len());
        for (id, account) in accounts {
            assert_eq!(account["id"], id.as_str());
            for region in REGIONS.iter().chain(&["global"]) {
                let calls = account["answers"][*region].as_object().unwrap();
                assert!(calls.len() > 10, "{id} {region} has {} calls", calls.len());
                for (call, answers) in calls {
                    assert!(
                        call.contains(':') && answers.as_object().is_some_and(|all| !all.is_empty()),
                        "{call}"
                    );
                }
            }
        }
    }

    #[test]
    fn faults_are_in_accounts_that_exist() {
        for fault in estate().faults {
            assert!((1..=6).contains(&fault.control));
            assert!(ACCOUNTS.iter().any(|account| account.name == fault.account), "{}", fault.account);
        }
    }
}
