//! What the attacker does once inside: stay, open the network, blind the logs, take, destroy.

use super::entry::{BROWSER, FIRST_ADDRESS, HOME, NETWORK};
use super::teller::{Fact, Prose, Teller};
use crate::cast::inside_address;
use crate::companion::access::{self, Access};
use crate::companion::flow::{self, Flow};
use crate::companion::{Log, visit::hex};
use crate::config::SimError;
use crate::identity::{Actor, Origin, Session};
use crate::org::{ACCOUNTS, EU_WEST_1, Kind, ORGANIZATION, PRODUCTION, SECURITY, US_EAST_1};
use crate::record::Fate;

/// The address that the attack goes on from, once it has a key of its own.
const SECOND_ADDRESS: &str = "198.51.100.77";

/// Where the new key turns up at last: it was sold, or shared.
const MANY_ADDRESSES: [&str; 10] = [
    "198.51.100.77",
    "198.51.100.9",
    "192.0.2.139",
    "203.0.113.111",
    "2001:db8:41f0:7::2a",
    "198.51.100.44",
    "2001:db8:9c03:11::5",
    "192.0.2.130",
    "203.0.113.118",
    "2001:db8:e2aa:1::77",
];

const SHELL: &str =
    "aws-cli/2.15.22 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off command/s3.cp";

const NEW_USER: &str = "svc-metrics-sync";
const LOOT: &str = "meridian-prod-customer-exports";
const TRAIL_BUCKET: &str = "meridian-org-trail-logs";

fn impair() -> (&'static str, &'static str) {
    ("T1562.008", "Impair Defenses: Disable or Modify Cloud Logs")
}

pub(super) fn tell(teller: &mut Teller<'_>) -> Result<(), SimError> {
    let session_key = teller.org.access_key("ASIA", PRODUCTION, "daniel.okafor", 1);
    let new_key = teller.org.access_key("AKIA", PRODUCTION, NEW_USER, 0);
    teller.attack.access_keys.extend([session_key.clone(), new_key.clone()]);
    teller.attack.addresses.extend(MANY_ADDRESSES.iter().map(|&address| address.to_owned()));
    let since = teller.at(19, 14, 7);
    let daniel =
        Actor::user(teller.org, PRODUCTION, "daniel.okafor", Some(&session_key), Some((since, false)))
            .from(FIRST_ADDRESS, BROWSER);
    persistence(teller, &daniel, &new_key)?;
    let backdoor =
        Actor::user(teller.org, PRODUCTION, NEW_USER, Some(&new_key), None).from(SECOND_ADDRESS, SHELL);
    open_network(teller, &daniel)?;
    blind(teller, &daniel, &backdoor)?;
    log_archive(teller, &backdoor)?;
    take(teller, &backdoor)?;
    destroy(teller, &backdoor)?;
    shared_key(teller, &new_key)
}

fn persistence(teller: &mut Teller<'_>, daniel: &Actor, new_key: &str) -> Result<(), SimError> {
    let facts: Vec<Fact> = vec![
        ("new_user", NEW_USER.to_owned()),
        ("new_user_id", teller.org.unique_id("AIDA", PRODUCTION, NEW_USER)),
        ("new_key", new_key.to_owned()),
    ];
    let begin = teller.at(19, 17, 33);
    teller.step(
        begin,
        "daniel.okafor",
        HOME,
        Prose {
            what: "creates the IAM user svc-metrics-sync, named like one of the service users",
            why: "a user of one's own survives the password being changed",
            technique: ("T1136.003", "Create Account: Cloud Account"),
        },
    );
    teller.event(begin, HOME, daniel, "iam:CreateUser", Fate::Succeeds, &facts)?;

    let begin = teller.at(19, 17, 58);
    teller.step(
        begin,
        "daniel.okafor",
        HOME,
        Prose {
            what: "attaches AdministratorAccess to svc-metrics-sync",
            why: "full rights for a user that nobody asked for",
            technique: ("T1098.003", "Account Manipulation: Additional Cloud Roles"),
        },
    );
    teller.event(begin, HOME, daniel, "iam:AttachUserPolicy", Fate::Succeeds, &facts)?;

    let begin = teller.at(19, 18, 26);
    teller.step(
        begin,
        "daniel.okafor",
        HOME,
        Prose {
            what: "creates an access key and a console password for svc-metrics-sync",
            why: "a long-lived key for another user than oneself is a back door",
            technique: ("T1098.001", "Account Manipulation: Additional Cloud Credentials"),
        },
    );
    teller.event(begin, HOME, daniel, "iam:CreateAccessKey", Fate::Succeeds, &facts)?;
    teller.event(begin + 19, HOME, daniel, "iam:CreateLoginProfile", Fate::Succeeds, &facts)?;
    Ok(())
}

fn open_network(teller: &mut Teller<'_>, daniel: &Actor) -> Result<(), SimError> {
    let host = 5;
    let inside = inside_address(PRODUCTION, EU_WEST_1, host);
    let ssh = |teller: &mut Teller<'_>, time: i64, accepted: bool| {
        let packets = if accepted { 2_900 } else { 1 };
        let flow = Flow {
            time,
            host,
            source: SECOND_ADDRESS,
            destination: &inside,
            source_port: 40_000 + (time % 9_000) as u32,
            destination_port: 22,
            protocol: 6,
            packets,
            bytes: packets * 210,
            accepted,
            egress: false,
        };
        teller.line(time, Log::FlowProduction, |org, _, out| {
            flow::line(org, Log::FlowProduction, &flow, out);
        });
    };
    let begin = teller.at(19, 24, 12);
    teller.step(
        begin,
        "daniel.okafor",
        NETWORK,
        Prose {
            what: "opens tcp/22 to 0.0.0.0/0 on a security group of the batch workers",
            why: "SSH open to the world; the flow log shows the attacker knocking before and inside after",
            technique: ("T1562.007", "Impair Defenses: Disable or Modify Cloud Firewall"),
        },
    );
    let group = |nth| ("group", teller.resource(NETWORK, Kind::SecurityGroup, nth));
    let (first, second) = (group(2), group(7));
    let facts = [first, ("rule", teller.rule_id(22))];
    teller.event(begin, NETWORK, daniel, "ec2:AuthorizeSecurityGroupIngress", Fate::Succeeds, &facts)?;
    for knock in 0..8 {
        ssh(teller, begin - 300 + knock * 31, false);
    }
    for visit in 0..10 {
        ssh(teller, begin + 25 + visit * 60, true);
    }

    let begin = teller.at(19, 26, 40);
    teller.step(
        begin,
        "daniel.okafor",
        NETWORK,
        Prose {
            what: "changes a rule of the orders database's security group: tcp/5432 from 0.0.0.0/0",
            why: "ModifySecurityGroupRules opens a port without any Authorize call; many monitors miss it",
            technique: ("T1562.007", "Impair Defenses: Disable or Modify Cloud Firewall"),
        },
    );
    let facts = [second, ("rule", teller.rule_id(5432))];
    teller.event(begin, NETWORK, daniel, "ec2:ModifySecurityGroupRules", Fate::Succeeds, &facts)?;

    let begin = teller.at(19, 28, 5);
    teller.step(
        begin,
        "daniel.okafor",
        NETWORK,
        Prose {
            what: "adds network ACL entries that allow all traffic, in and out",
            why: "the last barrier round the subnets is gone",
            technique: ("T1562.007", "Impair Defenses: Disable or Modify Cloud Firewall"),
        },
    );
    for (at, (number, egress)) in [("50", "false"), ("50", "true")].into_iter().enumerate() {
        let facts = [
            ("acl", teller.resource(NETWORK, Kind::NetworkAcl, 0)),
            ("number", number.to_owned()),
            ("egress", egress.to_owned()),
        ];
        let time = begin + at as i64 * 11;
        teller.event(time, NETWORK, daniel, "ec2:CreateNetworkAclEntry", Fate::Succeeds, &facts)?;
    }
    Ok(())
}

fn blind(teller: &mut Teller<'_>, daniel: &Actor, backdoor: &Actor) -> Result<(), SimError> {
    let account = ACCOUNTS[PRODUCTION].id;
    let trail = [("trail_arn", format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/prod-data-events"))];
    let begin = teller.at(19, 38, 51);
    teller.step(
        begin,
        "daniel.okafor",
        NETWORK,
        Prose {
            what: "stops the trail prod-data-events",
            why: "only the organisation's own trail, which a member account cannot stop, goes on recording",
            technique: impair(),
        },
    );
    teller.event(begin, NETWORK, daniel, "cloudtrail:StopLogging", Fate::Succeeds, &trail)?;

    let begin = teller.at(19, 39, 30);
    teller.step(
        begin,
        "daniel.okafor",
        NETWORK,
        Prose {
            what: "narrows the trail: one Region, no global services, no validation, no write events",
            why: "a trail that is switched on again later records next to nothing",
            technique: impair(),
        },
    );
    teller.event(begin, NETWORK, daniel, "cloudtrail:UpdateTrail", Fate::Succeeds, &trail)?;
    teller.event(begin + 22, NETWORK, daniel, "cloudtrail:PutEventSelectors", Fate::Succeeds, &trail)?;

    let begin = teller.at(19, 41, 15);
    let flow_log = [("flow_log", teller.resource(NETWORK, Kind::FlowLog, 0))];
    teller.step(
        begin,
        NEW_USER,
        NETWORK,
        Prose {
            what: "deletes the flow log of production's network in eu-west-1",
            why: "the log ends here: from now on nobody sees who talks to whom",
            technique: impair(),
        },
    );
    teller.event(begin, NETWORK, backdoor, "ec2:DeleteFlowLogs", Fate::Succeeds, &flow_log)?;
    teller.flow_log_ends = Some(begin);

    let begin = teller.at(19, 43, 8);
    teller.step(
        begin,
        NEW_USER,
        NETWORK,
        Prose {
            what: "switches off two alarms' actions and deletes two alarms",
            why: "the alarms that would have told of the changes are silent",
            technique: ("T1562.001", "Impair Defenses: Disable or Modify Tools"),
        },
    );
    teller.event(begin, NETWORK, backdoor, "monitoring:DisableAlarmActions", Fate::Succeeds, &[])?;
    teller.event(begin + 17, NETWORK, backdoor, "monitoring:DeleteAlarms", Fate::Succeeds, &[])?;
    Ok(())
}

fn log_archive(teller: &mut Teller<'_>, backdoor: &Actor) -> Result<(), SimError> {
    let vault = (SECURITY, US_EAST_1);
    let begin = teller.at(19, 50, 27);
    let number = 77;
    let session = Session { name: NEW_USER, number, since: begin, origin: Origin::Plain };
    let admin =
        Actor::role(teller.org, SECURITY, "log-archive-admin", &session, SECOND_ADDRESS.to_owned(), SHELL);
    teller.step(
        begin,
        NEW_USER,
        vault,
        Prose {
            what: "assumes the role log-archive-admin in the log archive account",
            why: "the role trusts all of production: one administrator there is one here",
            technique: ("T1548.005", "Abuse Elevation Control Mechanism: Temporary Elevated Cloud Access"),
        },
    );
    // One call, recorded in both accounts, with one shared id.
    let shared = hex(&mut teller.dice, 32);
    let shared = format!(
        "{}-{}-{}-{}-{}",
        &shared[..8],
        &shared[8..12],
        &shared[12..16],
        &shared[16..20],
        &shared[20..]
    );
    let facts: Vec<Fact> = vec![
        ("new_user", NEW_USER.to_owned()),
        ("session_key", session_key(&admin)),
        ("role_id", teller.org.unique_id("AROA", SECURITY, "log-archive-admin")),
        ("shared_event", shared),
    ];
    teller.event(begin, HOME, backdoor, "sts:AssumeRole", Fate::Succeeds, &facts)?;
    let stranger = Actor::other_account(teller.org, PRODUCTION, NEW_USER).from(SECOND_ADDRESS, SHELL);
    teller.event(begin, vault, &stranger, "sts:AssumeRole", Fate::Succeeds, &facts)?;
    teller.attack.access_keys.push(session_key(&admin));

    let begin = teller.at(19, 52, 3);
    teller.step(
        begin,
        "log-archive-admin",
        vault,
        Prose {
            what: "removes the public access block of the trail's bucket and makes the bucket public",
            why: "the logs of all accounts can be read, without a trace in CloudTrail, by anybody",
            technique: ("T1562.008", "Impair Defenses: Disable or Modify Cloud Logs"),
        },
    );
    let bucket = [("bucket", TRAIL_BUCKET.to_owned())];
    teller.event(begin, vault, &admin, "s3:DeleteBucketPublicAccessBlock", Fate::Succeeds, &bucket)?;
    teller.event(begin + 38, vault, &admin, "s3:PutBucketPolicy", Fate::Succeeds, &bucket)?;
    let seed = teller.config.seed;
    for read in 0..24 {
        let time = begin + 95 + read * 7;
        teller.line(time, Log::AccessTrail, |_, dice, out| {
            let key = format!("AWSLogs/{ORGANIZATION}/444455556666/CloudTrail/{}.json.gz", hex(dice, 16));
            let request_id = hex(dice, 16).to_uppercase();
            let access = Access {
                time,
                address: SECOND_ADDRESS,
                requester: "-",
                request_id: &request_id,
                operation: "REST.GET.OBJECT",
                key: &key,
                status: 200,
                error: "-",
                bytes: dice.range(2_000, 90_000),
                agent: "Wget/1.21.4",
            };
            access::line(seed, Log::AccessTrail, &access, dice, out);
        });
    }
    Ok(())
}

/// The access key of a session, as it stands in its identity.
fn session_key(actor: &Actor) -> String {
    let text = String::from_utf8_lossy(&actor.identity);
    let (_, rest) = text.split_once(r#""accessKeyId":""#).unwrap_or_default();
    rest.chars().take(20).collect()
}

fn take(teller: &mut Teller<'_>, backdoor: &Actor) -> Result<(), SimError> {
    let begin = teller.at(20, 5, 16);
    teller.step(
        begin,
        NEW_USER,
        HOME,
        Prose {
            what: "lists the bucket of customer exports and downloads 160 objects from it",
            why: "the damage itself: personal data of customers leaves the organisation",
            technique: ("T1530", "Data from Cloud Storage"),
        },
    );
    let bucket = ("bucket", LOOT.to_owned());
    teller.event(begin, HOME, backdoor, "s3:ListObjects", Fate::Succeeds, std::slice::from_ref(&bucket))?;
    let seed = teller.config.seed;
    for nth in 0..160 {
        let time = begin + 12 + nth * 6;
        let tenant = 1_000 + nth * 37;
        let object = format!("exports/tenant-{tenant}/2026/customers-{}.csv.gz", hex(&mut teller.dice, 12));
        let facts = [bucket.clone(), ("object", object.clone())];
        let ids = teller.event(time, HOME, backdoor, "s3:GetObject", Fate::Succeeds, &facts)?;
        teller.line(time, Log::AccessExports, |_, dice, out| {
            let access = Access {
                time,
                address: SECOND_ADDRESS,
                requester: &backdoor.arn,
                request_id: &ids.request,
                operation: "REST.GET.OBJECT",
                key: &object,
                status: 200,
                error: "-",
                bytes: dice.range(400_000, 90_000_000),
                agent: SHELL,
            };
            access::line(seed, Log::AccessExports, &access, dice, out);
        });
    }
    Ok(())
}

fn destroy(teller: &mut Teller<'_>, backdoor: &Actor) -> Result<(), SimError> {
    let begin = teller.at(20, 26, 44);
    teller.step(
        begin,
        NEW_USER,
        NETWORK,
        Prose {
            what: "disables the KMS key of the orders data and schedules it for deletion in seven days",
            why: "without the key the data is lost, backups included; there are seven days to undo it",
            technique: ("T1485", "Data Destruction"),
        },
    );
    let key = teller.resource(NETWORK, Kind::Key, 0);
    let facts = [("key_arn", format!("arn:aws:kms:eu-west-1:{}:key/{key}", ACCOUNTS[PRODUCTION].id))];
    teller.event(begin, NETWORK, backdoor, "kms:DisableKey", Fate::Succeeds, &facts)?;
    teller.event(begin + 31, NETWORK, backdoor, "kms:ScheduleKeyDeletion", Fate::Succeeds, &facts)?;
    Ok(())
}

fn shared_key(teller: &mut Teller<'_>, new_key: &str) -> Result<(), SimError> {
    let begin = teller.at(20, 34, 9);
    teller.step(
        begin,
        NEW_USER,
        HOME,
        Prose {
            what: "the new access key is used from ten networks within half an hour",
            why: "one person is not in ten places: the key was passed on, and must go at once",
            technique: ("T1078.004", "Valid Accounts: Cloud Accounts"),
        },
    );
    const CALLS: [&str; 4] =
        ["sts:GetCallerIdentity", "s3:ListBuckets", "ec2:DescribeInstances", "iam:ListUsers"];
    for (at, address) in MANY_ADDRESSES.iter().enumerate() {
        let actor = Actor::user(teller.org, PRODUCTION, NEW_USER, Some(new_key), None).from(address, SHELL);
        for (nth, name) in CALLS.iter().enumerate().take(2 + at % 3) {
            let time = begin + at as i64 * 170 + nth as i64 * 13;
            teller.event(time, HOME, &actor, name, Fate::Succeeds, &[])?;
        }
    }
    Ok(())
}
