//! How the attacker gets in: scans, the leaked key, the enumeration, guesses, a found password.

use super::daily::Insight;
use super::teller::{Prose, Teller};
use crate::companion::visit::Visit;
use crate::companion::{Log, api, cloudfront, waf};
use crate::config::SimError;
use crate::identity::Actor;
use crate::org::{EU_WEST_1, PRODUCTION, US_EAST_1};
use crate::record::Fate;

/// The address that the attack begins from.
pub(super) const FIRST_ADDRESS: &str = "198.51.100.23";

pub(super) const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

const SCRIPT: &str = "Boto3/1.34.46 md/Botocore#1.34.46 ua/2.0 os/linux#6.6.9-amd64 md/arch#x86_64 lang/python#3.11.8 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.46";

const SCANNER: &str = "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)";

pub(super) const HOME: (usize, usize) = (PRODUCTION, US_EAST_1);
pub(super) const NETWORK: (usize, usize) = (PRODUCTION, EU_WEST_1);

pub(super) fn tell(teller: &mut Teller<'_>) -> Result<(), SimError> {
    scan(teller);
    leaked_key(teller)?;
    guesses(teller)?;
    found_password(teller)
}

fn scan(teller: &mut Teller<'_>) {
    let begin = teller.at(17, 52, 4);
    teller.step(
        begin,
        FIRST_ADDRESS,
        NETWORK,
        Prose {
            what: "scans the public shop and its API for weaknesses; the web firewall blocks the injections",
            why: "the first sight of an address that comes back later with a key",
            technique: ("T1595.002", "Active Scanning: Vulnerability Scanning"),
        },
    );
    const PATHS: [(&str, &str); 6] = [
        ("/search", "q=1%27%20UNION%20SELECT%20table_name%20FROM%20information_schema.tables--"),
        ("/p/100001", "id=1%27%20OR%20%271%27=%271"),
        ("/assets/..%2f..%2f..%2fetc%2fpasswd", ""),
        ("/.env", ""),
        ("/.git/config", ""),
        ("/actuator/env", ""),
    ];
    for round in 0..12 {
        for (at, (path, query)) in PATHS.iter().enumerate() {
            let time = begin + round * 71 + at as i64 * 9;
            let block = match at {
                0 | 1 => Some(waf::SQL_INJECTION),
                2 => Some(waf::TRAVERSAL),
                _ => None,
            };
            let visit = Visit {
                time,
                address: FIRST_ADDRESS,
                agent: SCANNER,
                country: "RO",
                method: "GET",
                path,
                query,
                status: if block.is_some() { 403 } else { 404 },
                bytes: 919,
            };
            teller.line(time, Log::Waf, |org, dice, out| waf::line(org, &visit, block, dice, out));
            teller.line(time, Log::CloudFront, |_, dice, out| cloudfront::line(&visit, dice, out));
        }
        let time = begin + round * 71 + 60;
        let path = ["/v1/admin/users", "/v1/export", "/v1/orders"][round as usize % 3];
        let visit = Visit {
            time,
            address: FIRST_ADDRESS,
            agent: SCANNER,
            country: "RO",
            method: "GET",
            path,
            query: "",
            status: 403,
            bytes: 42,
        };
        teller.line(time, Log::Api, |org, dice, out| api::line(org, &visit, "-", dice, out));
    }
}

/// What the leaked key tries, and whether it may.
const TRIES: [(&str, bool); 30] = [
    ("iam:ListUsers", false),
    ("iam:ListRoles", false),
    ("iam:GetUser", false),
    ("iam:ListAccessKeys", false),
    ("iam:GetAccountSummary", false),
    ("iam:GetAccountPasswordPolicy", false),
    ("iam:ListAttachedRolePolicies", false),
    ("organizations:DescribeOrganization", false),
    ("organizations:ListAccounts", false),
    ("s3:ListBuckets", true),
    ("s3:GetBucketPolicy", false),
    ("s3:GetBucketLocation", true),
    ("ec2:DescribeInstances", false),
    ("ec2:DescribeSecurityGroups", false),
    ("ec2:DescribeVpcs", false),
    ("ec2:DescribeSnapshots", false),
    ("ec2:DescribeRegions", false),
    ("rds:DescribeDBInstances", false),
    ("rds:DescribeDBSnapshots", false),
    ("lambda:ListFunctions20150331", false),
    ("secretsmanager:ListSecrets", true),
    ("ssm:GetParametersByPath", true),
    ("dynamodb:ListTables", false),
    ("cloudtrail:DescribeTrails", false),
    ("guardduty:ListDetectors", false),
    ("securityhub:DescribeHub", false),
    ("config:DescribeConfigurationRecorders", false),
    ("eks:ListClusters", false),
    ("logs:DescribeLogGroups", false),
    ("kms:ListAliases", false),
];

fn leaked_key(teller: &mut Teller<'_>) -> Result<(), SimError> {
    let key = teller.org.access_key("AKIA", PRODUCTION, "reporting-svc", 0);
    let thief =
        || Actor::user(teller.org, PRODUCTION, "reporting-svc", Some(&key), None).from(FIRST_ADDRESS, SCRIPT);
    let actor = thief();
    teller.attack.access_keys.push(key.clone());
    teller.attack.addresses.push(FIRST_ADDRESS.to_owned());
    let begin = teller.at(18, 41, 7);
    teller.step(begin, "reporting-svc", HOME, Prose {
        what: "calls GetCallerIdentity with the access key of reporting-svc, from an address the key was never used from",
        why: "the usual first call with a stolen key: whose is it?",
        technique: ("T1078.004", "Valid Accounts: Cloud Accounts"),
    });
    teller.event(begin, HOME, &actor, "sts:GetCallerIdentity", Fate::Succeeds, &[])?;

    let begin = teller.at(18, 42, 19);
    teller.step(
        begin,
        "reporting-svc",
        HOME,
        Prose {
            what: "tries sixty calls over sixteen services in four minutes; most are refused",
            why: "a burst of AccessDenied over many services is a stranger finding out what a key can do",
            technique: ("T1580", "Cloud Infrastructure Discovery"),
        },
    );
    for (round, place) in [HOME, NETWORK].into_iter().enumerate() {
        for (at, (name, allowed)) in TRIES.iter().enumerate() {
            let fate = if *allowed { Fate::Succeeds } else { Fate::Refused };
            let global = name.starts_with("iam:") || name.starts_with("organizations:");
            let place = if global { HOME } else { place };
            let time = begin + round as i64 * 121 + at as i64 * 4;
            teller.event(time, place, &actor, name, fate, &[])?;
        }
    }
    let unusual = Insight {
        kind: "ApiErrorRateInsight",
        service: "iam",
        call: "ListUsers",
        error: "AccessDenied",
        actor: "arn:aws:iam::444455556666:user/reporting-svc",
        rates: (0.0017, 4.6),
    };
    unusual.tell(teller, HOME, begin, teller.at(18, 47, 0));
    Ok(())
}

fn guesses(teller: &mut Teller<'_>) -> Result<(), SimError> {
    let begin = teller.at(18, 54, 2);
    teller.step(
        begin,
        "victor.ames",
        HOME,
        Prose {
            what: "guesses the console password of victor.ames, 34 times in seven minutes, without luck",
            why: "many failed sign-ins on one user from one address: brute force",
            technique: ("T1110.001", "Brute Force: Password Guessing"),
        },
    );
    let actor =
        Actor::user(teller.org, PRODUCTION, "victor.ames", Some(""), None).from(FIRST_ADDRESS, BROWSER);
    for guess in 0..34 {
        let facts = [("mfa", "No".to_owned())];
        let time = begin + guess * 12 + guess % 5;
        let fate = Fate::Message("Failed authentication");
        teller.event(time, HOME, &actor, "signin:ConsoleLogin", fate, &facts)?;
    }
    Ok(())
}

fn found_password(teller: &mut Teller<'_>) -> Result<(), SimError> {
    let key = teller.org.access_key("AKIA", PRODUCTION, "reporting-svc", 0);
    let actor =
        Actor::user(teller.org, PRODUCTION, "reporting-svc", Some(&key), None).from(FIRST_ADDRESS, SCRIPT);
    let begin = teller.at(19, 5, 48);
    teller.step(begin, "reporting-svc", NETWORK, Prose {
        what: "reads decrypted parameters under /prod/legacy/ and the secret with the console password of daniel.okafor",
        why: "a reporting job has no business with passwords; its policy was too wide",
        technique: ("T1555.006", "Credentials from Password Stores: Cloud Secrets Management Stores"),
    });
    teller.event(begin, NETWORK, &actor, "ssm:GetParametersByPath", Fate::Succeeds, &[])?;
    let time = begin + 41;
    teller.event(time, NETWORK, &actor, "secretsmanager:GetSecretValue", Fate::Succeeds, &[])?;

    let begin = teller.at(19, 14, 7);
    let door = Actor::user(teller.org, PRODUCTION, "daniel.okafor", None, None).from(FIRST_ADDRESS, BROWSER);
    teller.step(
        begin,
        "daniel.okafor",
        HOME,
        Prose {
            what: "signs in to the console as daniel.okafor, an administrator, without a second factor",
            why: "an IAM user with a password and no MFA is one leaked password away from everything",
            technique: ("T1078.004", "Valid Accounts: Cloud Accounts"),
        },
    );
    let facts = [("mfa", "No".to_owned())];
    teller.event(begin, HOME, &door, "signin:ConsoleLogin", Fate::Succeeds, &facts)?;
    Ok(())
}
