//! Chooses the caller of a routine: which person, which session, from which address.

use crate::dice::{Dice, mix, mix_str, stable_hex};
use crate::identity::{Actor, Origin, Session};
use crate::org::{IAM_USERS, Kind, Org, PEOPLE, PRODUCTION};
use crate::text::written;

/// Who may take part in a routine.
#[derive(Clone, Copy)]
pub(crate) enum Cast {
    /// Somebody with this permission set, in the console.
    Console(&'static str),
    /// Somebody with this permission set, on the command line.
    Cli(&'static str),
    /// An IAM user with an access key.
    User(&'static str),
    /// A role as a workload holds it.
    Role(&'static str, Place),
    /// A service-linked role, used by its service.
    Linked(&'static str, &'static str),
    /// A service in its own name.
    Service(&'static str),
    /// The monitoring vendor.
    Vendor,
    /// A GitHub workflow before it has a role.
    Workflow,
    /// A person at the access portal.
    Portal,
    /// A person with the portal's assertion, on the way to a role.
    Assertion,
}

/// Where a role's session runs; decides session name, address and user agent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Lambda,
    Task,
    Instance,
    /// A GitHub runner.
    Runner,
    /// Terraform on a GitHub runner.
    Terraform,
    /// The monitoring vendor's collectors.
    Vendor,
    /// A service that was handed the role (AWS Backup, Config).
    Handed(&'static str),
}

const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36 Edg/134.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
];

const CLIS: [&str; 4] = [
    "aws-cli/2.24.20 md/awscrt#0.23.8 ua/2.1 os/macos#24.3.0 md/arch#arm64 lang/python#3.12.9 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off",
    "aws-cli/2.22.35 md/awscrt#0.22.0 ua/2.0 os/linux#6.8.0-55-generic md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.24 md/prompt#off",
    "aws-cli/2.17.64 md/awscrt#0.21.2 ua/2.0 os/windows#11 md/arch#amd64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off",
    "Boto3/1.37.11 md/Botocore#1.37.11 ua/2.1 os/macos#24.3.0 md/arch#arm64 lang/python#3.13.2 md/pyimpl#CPython m/Z,b cfg/retry-mode#legacy Botocore/1.37.11",
];

const TASKS: [&str; 5] = [
    "aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.1 md/GOOS#linux md/GOARCH#arm64 api/dynamodb#1.41.1 m/E,g",
    "aws-sdk-java/2.30.38 md/io#sync md/http#Apache ua/2.1 os/Linux#5.10.234-225.921.amzn2.x86_64 lang/java#21.0.6 md/OpenJDK_64-Bit_Server_VM#21.0.6+7-LTS md/vendor#Amazon.com_Inc. md/en_US exec-env/AWS_ECS_FARGATE cfg/retry-mode#legacy m/D,N",
    "Boto3/1.37.11 md/Botocore#1.37.11 ua/2.1 os/linux#5.10.234-225.921.amzn2.aarch64 md/arch#aarch64 lang/python#3.13.2 md/pyimpl#CPython exec-env/AWS_ECS_FARGATE m/b,Z cfg/retry-mode#standard Botocore/1.37.11",
    "aws-sdk-js/3.766.0 ua/2.1 os/linux#5.10.234-225.921.amzn2.x86_64 lang/js md/nodejs#22.14.0 api/sqs#3.766.0 exec-env/AWS_ECS_FARGATE m/E,N",
    "aws-sdk-rust/1.3.6 ua/2.1 api/kms/1.64.0 os/linux lang/rust/1.85.0 exec-env/AWS_ECS_FARGATE m/E,n",
];

const LAMBDAS: [&str; 3] = [
    "Boto3/1.36.3 md/Botocore#1.36.3 ua/2.0 os/linux#5.10.235-246.923.amzn2.x86_64 md/arch#x86_64 lang/python#3.13.2 md/pyimpl#CPython exec-env/AWS_Lambda_python3.13 cfg/retry-mode#legacy Botocore/1.36.3",
    "aws-sdk-nodejs/3.758.0 ua/2.1 os/linux#5.10.235 lang/js md/nodejs#22.13.0 api/s3#3.758.0 exec-env/AWS_Lambda_nodejs22.x m/E",
    "aws-sdk-go-v2/1.36.1 ua/2.1 os/linux lang/go#1.23.6 md/GOOS#linux md/GOARCH#arm64 exec-env/AWS_Lambda_provided.al2023 api/dynamodb#1.39.9 m/g",
];

const TERRAFORM: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.11.2 (+https://www.terraform.io) terraform-provider-aws/5.91.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.7 md/GOOS#linux md/GOARCH#amd64";

const INSTANCE: &str = "aws-sdk-go/1.55.5 (go1.22.11; linux; amd64) amazon-ssm-agent/3.3.1957.0";

impl Cast {
    /// The caller, at this moment.
    pub(crate) fn actor(self, org: &Org, account: usize, region: usize, time: i64, dice: &mut Dice) -> Actor {
        match self {
            Cast::Service(principal) => Actor::service(principal),
            Cast::Vendor => Actor::vendor(org),
            Cast::Console(set) => single_sign_on(org, account, set, &BROWSERS, time, dice).in_console(),
            Cast::Cli(set) => single_sign_on(org, account, set, &CLIS, time, dice),
            Cast::User(name) => iam_user(org, account, name, time),
            Cast::Role(role, place) => workload(org, account, region, role, place, time, dice),
            Cast::Linked(role, principal) => {
                let session = hourly(role, role, time);
                let session = Session { name: role.trim_start_matches("AWSServiceRoleFor"), ..session };
                Actor::role(org, account, role, &session, String::new(), "").invoked_by(principal)
            }
            Cast::Workflow => {
                let repository = org.resource(account, region, Kind::Repository, dice.bits());
                Actor::workflow(account, repository, runner_address(dice.bits()))
            }
            Cast::Portal | Cast::Assertion => {
                let at = dice.below(PEOPLE.len() as u32) as usize;
                let person = &PEOPLE[at];
                let actor = match self {
                    Cast::Assertion => Actor::assertion(org, person.name),
                    _ => Actor::identity_center(org, person.name, time.unsigned_abs() / 28_800),
                };
                actor.from(person.address, BROWSERS[at % BROWSERS.len()])
            }
        }
    }
}

/// The session of somebody with a permission set: one a working shift and account.
fn single_sign_on(
    org: &Org,
    account: usize,
    set: &str,
    agents: &'static [&'static str; 4],
    time: i64,
    dice: &mut Dice,
) -> Actor {
    let holders = || PEOPLE.iter().enumerate().filter(|(_, person)| person.role == set);
    let nth = dice.below(holders().count() as u32) as usize;
    let (at, person) = holders().nth(nth).unwrap_or((0, &PEOPLE[0]));
    let role = written(|out| {
        out.extend_from_slice(b"AWSReservedSSO_");
        out.extend_from_slice(set.as_bytes());
        out.push(b'_');
        stable_hex(out, mix_str(org.seed ^ account as u64, set), 16);
    });
    let name = format!("{}@example.com", person.name);
    let session = hourly(&role, &name, time);
    Actor::role(org, account, &role, &session, person.address.to_owned(), agents[at % agents.len()])
}

/// An IAM user with its long-lived key; those who use the console have a session there.
fn iam_user(org: &Org, account: usize, name: &str, time: i64) -> Actor {
    let Some(user) = IAM_USERS.iter().find(|user| user.name == name) else {
        return Actor::user(org, account, name, None, None);
    };
    // The console works with keys of its own, which end with the session.
    let session = user.agent.starts_with("Mozilla").then(|| (hourly(name, name, time).since, true));
    let key = match session {
        Some((since, _)) => org.access_key("ASIA", account, name, since.unsigned_abs()),
        None => org.access_key("AKIA", account, name, 0),
    };
    Actor::user(org, account, name, Some(&key), session).from(user.address, user.agent)
}

/// A role in the hands of a workload.
fn workload(
    org: &Org,
    account: usize,
    region: usize,
    role: &'static str,
    place: Place,
    time: i64,
    dice: &mut Dice,
) -> Actor {
    // A workload has a handful of running copies, replaced once a day.
    let copy = u64::from(dice.below(5));
    let unit =
        mix(mix_str(org.seed ^ (account * 8 + region) as u64, role), copy + time.unsigned_abs() / 86_400);
    let name = match place {
        Place::Lambda => org.resource(account, region, Kind::Function, unit).to_owned(),
        Place::Task => written(|out| stable_hex(out, unit, 32)),
        Place::Instance => org.resource(account, region, Kind::Instance, unit).to_owned(),
        Place::Runner => "GitHubActions".to_owned(),
        Place::Terraform => "terraform".to_owned(),
        Place::Vendor => "DatadogAWSIntegration".to_owned(),
        Place::Handed("backup.amazonaws.com") => "AWSBackup-AWSBackupDefaultServiceRole".to_owned(),
        Place::Handed(_) => "AWSConfig-BucketConfigCheck".to_owned(),
    };
    let mut session = hourly(role, &name, time);
    session.number = mix(session.number, copy);
    session.origin = match place {
        Place::Instance => Origin::Instance,
        Place::Runner | Place::Terraform => Origin::Federated,
        _ => Origin::Plain,
    };
    let (address, agent) = match place {
        Place::Lambda => (nat_address(account, region), LAMBDAS[(unit % 3) as usize]),
        Place::Task => (nat_address(account, region), TASKS[(mix_str(0, role) % 5) as usize]),
        Place::Instance => (inside_address(account, region, unit), INSTANCE),
        Place::Runner => (runner_address(session.number), CLIS[1]),
        Place::Terraform => (runner_address(session.number), TERRAFORM),
        Place::Vendor => ("192.0.2.14".to_owned(), "Datadog"),
        Place::Handed(_) => (String::new(), ""),
    };
    let actor = Actor::role(org, account, role, &session, address, agent);
    match place {
        Place::Handed(principal) => actor.invoked_by(principal),
        // Half of the workloads reach AWS through an interface endpoint, from inside.
        Place::Task | Place::Lambda if unit & 1 == 1 && account == PRODUCTION => {
            let mut actor = actor.through(org.resource(account, region, Kind::Endpoint, unit));
            actor.address = inside_address(account, region, unit);
            actor
        }
        _ => actor,
    }
}

/// A session whose credentials are renewed each hour, at a minute of its own.
fn hourly<'a>(role: &str, name: &'a str, time: i64) -> Session<'a> {
    let phase = (mix_str(mix_str(3, role), name) % 3_600) as i64;
    let since = (time - phase).div_euclid(3_600) * 3_600 + phase;
    Session { name, number: since.unsigned_abs(), since, origin: Origin::Plain }
}

/// The address that an account's network shows to the world in one Region.
pub(crate) fn nat_address(account: usize, region: usize) -> String {
    format!("192.0.2.{}", 48 + account * 4 + region)
}

fn runner_address(number: u64) -> String {
    format!("192.0.2.{}", 160 + mix(number, 4) % 32)
}

/// The address of a host within an account's network.
pub(crate) fn inside_address(account: usize, region: usize, unit: u64) -> String {
    let host = mix(unit, 5);
    format!("10.{}.{}.{}", account * 16 + region * 4 + 16, host % 48 + 1, (host >> 16) % 240 + 10)
}
