//! The monitoring section of CIS AWS Foundations: its filters fire on the calls they name, and on no
//! other.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use trailkeep_detect::filter_pattern::{FilterPattern, FilterSet, WarningKind};

/// A filter in a shape that a benchmark prints, the service its calls are of, and the calls.
struct Case {
    filter: &'static str,
    source: &'static str,
    calls: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        filter: "{($.eventName=DeleteGroupPolicy)||($.eventName=DeleteRolePolicy)||($.eventName=PutUserPolicy)||($.eventName=CreatePolicyVersion)||($.eventName=AttachRolePolicy)||($.eventName=DetachUserPolicy)}",
        source: "iam.amazonaws.com",
        calls: &[
            "DeleteGroupPolicy",
            "DeleteRolePolicy",
            "PutUserPolicy",
            "CreatePolicyVersion",
            "AttachRolePolicy",
            "DetachUserPolicy",
        ],
    },
    Case {
        filter: "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }",
        source: "cloudtrail.amazonaws.com",
        calls: &["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"],
    },
    Case {
        filter: "{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }",
        source: "kms.amazonaws.com",
        calls: &["DisableKey", "ScheduleKeyDeletion"],
    },
    Case {
        filter: "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketReplication)) }",
        source: "s3.amazonaws.com",
        calls: &["PutBucketAcl", "PutBucketPolicy", "DeleteBucketPolicy", "DeleteBucketReplication"],
    },
    Case {
        filter: "{ ($.eventSource = config.amazonaws.com) && (($.eventName=StopConfigurationRecorder)||($.eventName=DeleteDeliveryChannel)||($.eventName=PutConfigurationRecorder)) }",
        source: "config.amazonaws.com",
        calls: &["StopConfigurationRecorder", "DeleteDeliveryChannel", "PutConfigurationRecorder"],
    },
    Case {
        filter: "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }",
        source: "ec2.amazonaws.com",
        calls: &[
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
            "ModifySecurityGroupRules",
        ],
    },
    Case {
        filter: "{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }",
        source: "ec2.amazonaws.com",
        calls: &[
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "DeleteNetworkAcl",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
        ],
    },
    // Without parentheses around the alternatives: the source goes with the first name only.
    Case {
        filter: "{($.eventSource = ec2.amazonaws.com) && ($.eventName =CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName =ReplaceRoute) || ($.eventName= DeleteRouteTable) || ($.eventName =DisassociateRouteTable) }",
        source: "ec2.amazonaws.com",
        calls: &[
            "CreateRoute",
            "CreateRouteTable",
            "ReplaceRoute",
            "DeleteRouteTable",
            "DisassociateRouteTable",
        ],
    },
    Case {
        filter: "{ ($.eventName = CreateVpc) || ($.eventName = ModifyVpcAttribute) || ($.eventName = AcceptVpcPeeringConnection) || ($.eventName = EnableVpcClassicLink) }",
        source: "ec2.amazonaws.com",
        calls: &["CreateVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "EnableVpcClassicLink"],
    },
    Case {
        filter: "{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = \"AcceptHandshake\") || ($.eventName = \"AttachPolicy\") || ($.eventName = \"LeaveOrganization\") || ($.eventName = \"UpdatePolicy\")) }",
        source: "organizations.amazonaws.com",
        calls: &["AcceptHandshake", "AttachPolicy", "LeaveOrganization", "UpdatePolicy"],
    },
];

/// Calls that none of the filters names.
const QUIET: &[(&str, &str)] = &[
    ("ec2.amazonaws.com", "DescribeSecurityGroups"),
    ("ec2.amazonaws.com", "UpdateSecurityGroupRuleDescriptionsIngress"),
    ("kms.amazonaws.com", "Decrypt"),
    ("s3.amazonaws.com", "GetObject"),
    ("cloudtrail.amazonaws.com", "LookupEvents"),
    ("iam.amazonaws.com", "ListPolicies"),
    ("organizations.amazonaws.com", "DescribeOrganization"),
    ("config.amazonaws.com", "DescribeConfigurationRecorders"),
];

fn call(source: &str, name: &str) -> Value {
    json!({
        "eventVersion": "1.08",
        "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/admin/alice",
            "accountId": "111122223333"},
        "eventTime": "2024-03-01T10:00:00Z", "eventSource": source, "eventName": name,
        "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.15",
        "requestParameters": {"groupId": "sg-1"}, "responseElements": {"_return": true},
        "eventID": "3d1c5e9a-0d2e-4f6c-9a53-1f6c1e8f0a11", "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333", "readOnly": false,
    })
}

fn parse(filter: &str) -> FilterPattern {
    FilterPattern::parse(filter).unwrap_or_else(|error| panic!("{error}\n{}", error.caret(filter)))
}

fn with(mut event: Value, changes: &[(&str, Value)]) -> String {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = event.pointer_mut(parent).unwrap();
        if parent.is_null() {
            *parent = json!({});
        }
        parent[name] = value.clone();
    }
    event.to_string()
}

#[test]
fn filters_fire_on_the_calls_they_name_and_on_no_other() {
    let patterns: Vec<FilterPattern> = CASES.iter().map(|case| parse(case.filter)).collect();
    let set = FilterSet::new(&patterns);
    let named = CASES.iter().flat_map(|case| case.calls.iter().map(|&name| (case.source, name)));
    for (source, name) in named.chain(QUIET.iter().copied()) {
        let event = call(source, name).to_string();
        let expected: Vec<usize> = (0..CASES.len())
            .filter(|&i| CASES[i].source == source && CASES[i].calls.contains(&name))
            .collect();
        let fired: Vec<usize> = (0..CASES.len()).filter(|&i| patterns[i].matches(&event)).collect();
        assert_eq!(fired, expected, "{source} {name}");
        assert_eq!(set.matches(&event), expected, "{source} {name}, as a set");
    }
}

#[test]
fn a_source_in_the_filter_keeps_other_services_out() {
    let kms = parse(CASES[2].filter);
    assert!(!kms.matches(&call("example.amazonaws.com", "DisableKey").to_string()));
    let trail = parse(CASES[1].filter);
    assert!(trail.matches(&call("example.amazonaws.com", "StopLogging").to_string()), "it names no source");
    let routes = parse(CASES[7].filter);
    assert!(!routes.matches(&call("example.amazonaws.com", "CreateRoute").to_string()));
    assert!(routes.matches(&call("example.amazonaws.com", "ReplaceRoute").to_string()), "&& binds tighter");
    assert_eq!(routes.lint()[0].kind, WarningKind::Precedence);
}

#[test]
fn unauthorised_calls() {
    let joined_with_or = parse(
        "{ ($.errorCode = *UnauthorizedOperation) || ($.errorCode = AccessDenied*) || ($.sourceIPAddress!=delivery.logs.amazonaws.com) || ($.eventName!=HeadBucket) }",
    );
    let bare = parse(
        "{ ($.errorCode =*UnauthorizedOperation) || ($.errorCode =AccessDenied*) && ($.sourceIPAddress!=delivery.logs.amazonaws.com) && ($.eventName!=HeadBucket) }",
    );
    let fine = call("ec2.amazonaws.com", "DescribeInstances");
    let refused = |code: &str| with(fine.clone(), &[("/errorCode", json!(code))]);
    let (denied, unauthorised) = (refused("AccessDeniedException"), refused("Client.UnauthorizedOperation"));
    for event in [&fine.to_string(), &denied, &unauthorised] {
        assert!(joined_with_or.matches(event), "matches nearly everything: {event}");
    }
    assert_eq!(joined_with_or.lint()[0].kind, WarningKind::AnyNotEqual);
    assert!(!bare.matches(&fine.to_string()));
    assert!(bare.matches(&denied) && bare.matches(&unauthorised));
    let by_logs = |code: &str| {
        let from = ("/sourceIPAddress", json!("delivery.logs.amazonaws.com"));
        with(fine.clone(), &[from, ("/errorCode", json!(code))])
    };
    assert!(!bare.matches(&by_logs("AccessDenied")));
    assert!(bare.matches(&by_logs("Client.UnauthorizedOperation")), "read as A || (B && C && D)");
    assert!(
        !bare.matches(&with(
            fine,
            &[("/errorCode", json!("AccessDenied")), ("/eventName", json!("HeadBucket"))]
        ))
    );
}

#[test]
fn sign_in_without_mfa() {
    let all = ["\"ConsoleLogin\"", "ConsoleLogin"].map(|name| {
        parse(&format!("{{ ($.eventName = {name}) && ($.additionalEventData.MFAUsed != \"Yes\") }}"))
    });
    let users = parse(
        "{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != Yes) && ($.userIdentity.type = IAMUser) && ($.responseElements.ConsoleLogin = Success) }",
    );
    let login = |kind: &str, mfa: &str, outcome: &str| {
        with(
            call("signin.amazonaws.com", "ConsoleLogin"),
            &[
                ("/userIdentity/type", json!(kind)),
                ("/additionalEventData", json!({"MFAUsed": mfa})),
                ("/responseElements", json!({"ConsoleLogin": outcome})),
            ],
        )
    };
    for pattern in &all {
        assert!(pattern.matches(&login("IAMUser", "No", "Success")));
        assert!(!pattern.matches(&login("IAMUser", "Yes", "Success")));
        assert!(pattern.matches(&login("AssumedRole", "No", "Success")), "single sign-on fires it falsely");
        assert!(
            !pattern.matches(&call("signin.amazonaws.com", "ConsoleLogin").to_string()),
            "no MFAUsed at all"
        );
    }
    assert!(users.matches(&login("IAMUser", "No", "Success")));
    for other in
        [("AssumedRole", "No", "Success"), ("IAMUser", "Yes", "Success"), ("IAMUser", "No", "Failure")]
    {
        assert!(!users.matches(&login(other.0, other.1, other.2)), "{other:?}");
    }
}

#[test]
fn root_and_failed_sign_ins() {
    for root in ["\"Root\"", "Root"] {
        let filter = format!(
            "{{ $.userIdentity.type = {root} && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }}"
        );
        let pattern = parse(&filter);
        let used = |changes: &[(&str, Value)]| {
            let mut all = vec![("/userIdentity/type", json!("Root"))];
            all.extend_from_slice(changes);
            with(call("iam.amazonaws.com", "CreateUser"), &all)
        };
        assert!(pattern.matches(&used(&[])));
        assert!(!pattern.matches(&used(&[("/userIdentity/invokedBy", json!("cloudtrail.amazonaws.com"))])));
        assert!(!pattern.matches(&used(&[("/eventType", json!("AwsServiceEvent"))])));
        assert!(!pattern.matches(&call("iam.amazonaws.com", "CreateUser").to_string()));
    }
    for message in ["\"Failed authentication\"", "Failed authentication"] {
        let pattern = parse(&format!("{{ ($.eventName = ConsoleLogin) && ($.errorMessage = {message}) }}"));
        let login = call("signin.amazonaws.com", "ConsoleLogin");
        assert!(pattern.matches(&with(login.clone(), &[("/errorMessage", json!("Failed authentication"))])));
        assert!(!pattern.matches(&with(login.clone(), &[("/errorMessage", json!("No username found"))])));
        assert!(!pattern.matches(&login.to_string()));
    }
}

/// The benchmarks' own text, where the folder of shared references is there.
fn benchmarks() -> Option<Value> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILKEEP_SHARED").map_or(default, Into::into);
    let path = shared.join("reference/cis-monitoring-filters.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!(
            "SKIPPED: the benchmarks' filters are not at {}; set TRAILKEEP_SHARED to run",
            path.display()
        );
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// The values that a filter compares a field with, found by looking at its text only.
fn named<'f>(filter: &'f str, field: &str) -> Vec<&'f str> {
    let rest = filter.split(field).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('='));
    rest.map(|rest| rest.split([')', '&', '|', '}']).next().unwrap().trim().trim_matches('"')).collect()
}

#[test]
fn every_filter_of_every_benchmark_parses_and_fires_on_the_calls_it_names() {
    let Some(benchmarks) = benchmarks() else { return };
    let recommendations =
        benchmarks.as_object().unwrap().values().flat_map(|v| v.as_object().unwrap().values());
    let both = recommendations.flat_map(|r| [&r["remediation"], &r["audit"]]);
    let filters: BTreeSet<&str> =
        both.flat_map(|texts| texts.as_array().unwrap()).map(|text| text.as_str().unwrap()).collect();
    assert!(filters.len() > 20, "{} filters", filters.len());
    let everything: BTreeSet<&str> =
        filters.iter().flat_map(|f| named(f, "$.eventName")).chain(QUIET.iter().map(|q| q.1)).collect();
    let mut names_calls = 0;
    for filter in &filters {
        let pattern = parse(filter);
        if ["errorCode", "ConsoleLogin", "Root"].iter().any(|word| filter.contains(word)) {
            continue; // Those ask for more than names, and have tests of their own.
        }
        names_calls += 1;
        let names = named(filter, "$.eventName");
        let source = named(filter, "$.eventSource").first().copied().unwrap_or("example.amazonaws.com");
        for &name in &everything {
            let fires = pattern.matches(&call(source, name).to_string());
            assert_eq!(fires, names.contains(&name), "{name}: {filter}");
        }
    }
    assert!(names_calls >= 14, "{names_calls} filters name calls");
}
