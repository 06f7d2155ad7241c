//! Who and what exists: accounts, Regions, people, IAM users, and named resources.
//!
//! Accounts, Regions and people are fixed, so that a story can name them. Identifiers that AWS
//! makes up (`i-0…`, `AROA…`, key ids) follow from the seed.

mod pools;

pub(crate) use pools::{Kind, Pool};

use crate::dice::{Dice, Domain, mix_str, stable_base32};
use crate::text::written;

/// One AWS account.
pub(crate) struct Account {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The short name used in resource names.
    pub(crate) alias: &'static str,
}

pub(crate) const SECURITY: usize = 0;
pub(crate) const PRODUCTION: usize = 1;
pub(crate) const DEVELOPMENT: usize = 2;

/// The accounts; the ids are those that AWS uses in its documentation.
pub(crate) const ACCOUNTS: [Account; 3] = [
    Account { id: "111122223333", name: "log-archive", alias: "sec" },
    Account { id: "444455556666", name: "production", alias: "prod" },
    Account { id: "777788889999", name: "development", alias: "dev" },
];

pub(crate) const US_EAST_1: usize = 0;
pub(crate) const EU_WEST_1: usize = 1;

pub(crate) const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "us-west-2", "ap-southeast-2"];

/// The organisation's id, part of every key of an organisation trail.
pub(crate) const ORGANIZATION: &str = "o-q7w3k9x2ma";

/// The monitoring vendor that assumes a role in every account.
pub(crate) const VENDOR_ACCOUNT: &str = "999988887777";

/// One person.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    /// The address that the office, or the home line, is seen with.
    pub(crate) address: &'static str,
    /// The permission set that the person works with.
    pub(crate) role: &'static str,
}

const fn person(name: &'static str, address: &'static str, role: &'static str) -> Person {
    Person { name, address, role }
}

/// The people who sign in through IAM Identity Center.
pub(crate) const PEOPLE: [Person; 16] = [
    person("amelia.hart", "203.0.113.10", "AdministratorAccess"),
    person("bruno.keller", "203.0.113.10", "PlatformEngineer"),
    person("chidi.obi", "203.0.113.10", "PlatformEngineer"),
    person("dana.levin", "203.0.113.20", "PlatformEngineer"),
    person("elif.yildiz", "203.0.113.20", "DeveloperAccess"),
    person("farid.nazari", "203.0.113.20", "DeveloperAccess"),
    person("grace.lim", "203.0.113.34", "DeveloperAccess"),
    person("hiro.tanaka", "203.0.113.34", "DeveloperAccess"),
    person("ines.moreau", "203.0.113.71", "DeveloperAccess"),
    person("jonas.berg", "203.0.113.88", "DeveloperAccess"),
    person("kavya.rao", "203.0.113.20", "SecurityAudit"),
    person("liam.doyle", "203.0.113.10", "SecurityAudit"),
    person("mara.silva", "203.0.113.93", "DataAnalyst"),
    person("nadia.petrova", "203.0.113.34", "DataAnalyst"),
    person("oskar.lind", "203.0.113.10", "BillingReader"),
    person("priya.shah", "203.0.113.71", "AdministratorAccess"),
];

/// One IAM user, with a long-lived access key.
pub(crate) struct IamUser {
    pub(crate) name: &'static str,
    pub(crate) account: usize,
    pub(crate) address: &'static str,
    pub(crate) agent: &'static str,
}

/// The IAM users that were never migrated to single sign-on.
pub(crate) const IAM_USERS: [IamUser; 5] = [
    IamUser {
        name: "svc-jenkins",
        account: DEVELOPMENT,
        address: "192.0.2.41",
        agent: "aws-sdk-java/1.12.788 Linux/5.15.0-139-generic OpenJDK_64-Bit_Server_VM/17.0.15+6-Ubuntu-0ubuntu122.04 java/17.0.15 vendor/Ubuntu cfg/retry-mode/legacy",
    },
    IamUser {
        name: "svc-onprem-backup",
        account: PRODUCTION,
        address: "203.0.113.5",
        agent: "rclone/v1.69.1",
    },
    IamUser {
        name: "reporting-svc",
        account: PRODUCTION,
        address: "192.0.2.77",
        agent: "Boto3/1.37.11 md/Botocore#1.37.11 ua/2.1 os/linux#6.1.0-31-amd64 md/arch#x86_64 lang/python#3.11.2 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.37.11",
    },
    IamUser {
        name: "daniel.okafor",
        account: PRODUCTION,
        address: "203.0.113.10",
        agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36",
    },
    IamUser {
        name: "lab-admin",
        account: DEVELOPMENT,
        address: "203.0.113.20",
        agent: "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
    },
];

/// The organisation: resource pools and the identifiers that follow from the seed.
pub(crate) struct Org {
    pub(crate) seed: u64,
    pools: Vec<Pool>,
}

impl Org {
    /// Invents the resources of every account and Region.
    pub(crate) fn new(seed: u64) -> Org {
        let mut pools = Vec::with_capacity(ACCOUNTS.len() * REGIONS.len());
        for account in 0..ACCOUNTS.len() {
            for region in 0..REGIONS.len() {
                let mut dice = Dice::new(seed, Domain::Org, account as u64, region as u64);
                pools.push(Pool::invent(account, region, &mut dice));
            }
        }
        Org { seed, pools }
    }

    /// The `pick`-th resource of a kind, wrapping round. Global kinds are one per account.
    pub(crate) fn resource(&self, account: usize, region: usize, kind: Kind, pick: u64) -> &str {
        let region = if kind.is_global() { US_EAST_1 } else { region };
        self.pools[account * REGIONS.len() + region].get(kind, pick)
    }

    /// An identifier as IAM makes them: four letters that say the kind, then 17 that look random.
    pub(crate) fn unique_id(&self, prefix: &str, account: usize, name: &str) -> String {
        let from = mix_str(mix_str(self.seed ^ account as u64, prefix), name);
        written(|out| {
            out.extend_from_slice(prefix.as_bytes());
            stable_base32(out, from, 17);
        })
    }

    /// An access key id: `AKIA…` for a long-lived one, `ASIA…` for a session's.
    pub(crate) fn access_key(&self, prefix: &str, account: usize, name: &str, session: u64) -> String {
        let from = mix_str(mix_str(self.seed ^ session.rotate_left(17), prefix), name);
        written(|out| {
            out.extend_from_slice(prefix.as_bytes());
            stable_base32(out, from ^ account as u64, 16);
        })
    }

    /// The ARN of a person's user in Identity Center: the store and the id in it.
    pub(crate) fn identity_store(&self) -> String {
        written(|out| {
            out.extend_from_slice(b"arn:aws:identitystore::");
            out.extend_from_slice(ACCOUNTS[SECURITY].id.as_bytes());
            out.extend_from_slice(b":identitystore/d-");
            crate::dice::stable_hex(out, self.seed, 10);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_the_seed() {
        let (one, two) = (Org::new(1), Org::new(2));
        let instance = |org: &Org| org.resource(PRODUCTION, EU_WEST_1, Kind::Instance, 3).to_owned();
        assert_eq!(instance(&one), instance(&Org::new(1)));
        assert_ne!(instance(&one), instance(&two));
        assert_eq!(one.access_key("AKIA", 1, "x", 0).len(), 20);
        assert_eq!(one.unique_id("AIDA", 1, "x").len(), 21);
    }

    #[test]
    fn global_resources_are_the_same_in_every_region() {
        let org = Org::new(1);
        for pick in 0..20 {
            assert_eq!(
                org.resource(PRODUCTION, 0, Kind::Bucket, pick),
                org.resource(PRODUCTION, 3, Kind::Bucket, pick)
            );
        }
    }
}
