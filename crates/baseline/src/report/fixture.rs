//! A small assessment for the golden files: every status, hostile names, several accounts.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::{About, Report, Scope, WaiverState};
use crate::assess::{Assessment, Waiver};
use crate::check::{Check, CheckResult, Control, Frameworks, Settings, Severity, Status};
use crate::inventory::Failure;

const LOGGING: Check = Check {
    id: "trail-logging",
    control: Control::Trail,
    title: "A multi-Region trail is logging",
    severity: Severity::Critical,
    why: "Without a trail that is logging nobody can say what happened.",
    expected: "a multi-Region trail whose status is logging",
    remediation: "aws cloudtrail start-logging --name TRAIL",
    fix_calls: &["cloudtrail:StartLogging"],
    frameworks: Frameworks {
        cis_1_4: &["3.1"],
        cis_3_0: &["3.1"],
        cis_5_0: &["3.1"],
        security_hub: &["CloudTrail.1"],
        config_rules: &["multi-region-cloudtrail-enabled"],
        nist_800_53: &["AU-2", "AU-12"],
        pci_dss_4: &["10.2.1"],
    },
    run: |_| Vec::new(),
};

const FLOW: Check = Check {
    id: "vpc-flow-logs",
    control: Control::Services,
    title: "Every VPC has flow logs of all traffic",
    severity: Severity::Medium,
    why: "Flow logs show who talked to whom when nothing else does.",
    expected: "a flow log of all traffic that delivers",
    remediation: "aws ec2 create-flow-logs --resource-type VPC --traffic-type ALL",
    fix_calls: &["ec2:CreateFlowLogs", "iam:PassRole"],
    frameworks: Frameworks { security_hub: &["EC2.6"], nist_800_53: &["AU-12"], ..Frameworks::NONE },
    run: |_| Vec::new(),
};

const CLOSED: Check = Check {
    id: "log-bucket-closed",
    control: Control::Bucket,
    title: "The log bucket is closed to the public",
    severity: Severity::High,
    why: "Who can read the logs knows what is watched.",
    expected: "no statement that lets everybody in",
    remediation: "aws s3api put-public-access-block --bucket BUCKET …",
    fix_calls: &["s3:PutBucketPublicAccessBlock"],
    frameworks: Frameworks {
        cis_1_4: &["3.3"],
        security_hub: &["CloudTrail.6"],
        nist_800_53: &["AC-3"],
        ..Frameworks::NONE
    },
    run: |_| Vec::new(),
};

static CHECKS: [&Check; 3] = [&LOGGING, &FLOW, &CLOSED];

fn find(id: &str) -> Option<&'static Check> {
    CHECKS.into_iter().find(|check| check.id == id)
}

pub(super) fn report<'a>(assessment: &'a Assessment, about: &'a About) -> Report<'a> {
    Report::with_checks(assessment, about, find)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_777_896_000, 0).unwrap()
}

fn waiver() -> Waiver {
    Waiver {
        check: "vpc-flow-logs".to_owned(),
        resource: "arn:aws:ec2:*:vpc/vpc-sandbox".to_owned(),
        owner: "platform@example.com".to_owned(),
        reason: "the sandbox goes away in June".to_owned(),
        expires: NaiveDate::from_ymd_opt(2026, 6, 30).unwrap(),
    }
}

fn result(check: &Check, status: Status, place: (&str, &str), arn: &str, observed: &str) -> CheckResult {
    CheckResult {
        check_id: check.id.to_owned(),
        control: check.control,
        title: check.title.to_owned(),
        status,
        severity: check.severity,
        account_id: place.0.to_owned(),
        region: place.1.to_owned(),
        resource_arn: arn.to_owned(),
        observed: observed.to_owned(),
        expected: check.expected.to_owned(),
        remediation: check.remediation.to_owned(),
        missing_actions: Vec::new(),
        evidence: serde_json::Value::Null,
        waiver: None,
    }
}

pub(super) fn assessment() -> Assessment {
    let (one, two) = ("111122223333", "444455556666");
    let mut off = result(
        &LOGGING,
        Status::Fail,
        (two, "eu-west-1"),
        "arn:aws:cloudtrail:eu-west-1:444455556666:trail/main",
        "the trail is configured, and is not logging since 2026-05-01T03:04:05Z",
    );
    off.evidence = json!({"IsLogging": false, "StopLoggingTime": "2026-05-01T03:04:05Z"});
    let mut unknown = result(
        &LOGGING,
        Status::Unknown,
        ("777788889999", "us-east-1"),
        "arn:aws:iam::777788889999:root",
        "AccessDenied: not authorized to perform cloudtrail:GetTrailStatus",
    );
    unknown.missing_actions = vec!["cloudtrail:GetTrailStatus".to_owned()];
    let vpc = |id: &str| format!("arn:aws:ec2:eu-west-1:111122223333:vpc/{id}");
    let flow = |id: &str| {
        let mut result = result(&FLOW, Status::Fail, (one, "eu-west-1"), &vpc(id), "it has no flow log");
        result.remediation =
            format!("aws ec2 create-flow-logs --resource-ids {id} --resource-type VPC --traffic-type ALL");
        result
    };
    let mut waived = flow("vpc-sandbox");
    (waived.status, waived.waiver) = (Status::Waived, Some(waiver()));
    Assessment {
        assessed_at: now(),
        results: vec![
            result(
                &LOGGING,
                Status::Pass,
                (one, "us-east-1"),
                "arn:aws:cloudtrail:us-east-1:111122223333:trail/org",
                "it is logging; the last delivery was 4 minutes ago",
            ),
            off,
            unknown,
            flow("vpc-0a"),
            flow("vpc-0b"),
            waived,
            result(
                &CLOSED,
                Status::Fail,
                (one, "global"),
                "arn:aws:s3:::logs-<script>alert(1)</script>",
                "=HYPERLINK(\"x\"): the statement \u{1b}[31m\u{202e}mirror lets everybody read, \"as is\", & more",
            ),
            result(
                &CLOSED,
                Status::Pass,
                (two, "global"),
                "arn:aws:s3:::logs-two",
                "nobody but CloudTrail may write, nobody else may read",
            ),
        ],
    }
}

pub(super) fn about() -> About {
    let scope = |id: &str, name: &str| Scope {
        account_id: id.to_owned(),
        name: Some(name.to_owned()),
        regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
        left_out: BTreeMap::new(),
        failed: None,
        answered: 210,
        refused: 0,
    };
    let mut third = scope("777788889999", "development");
    (third.answered, third.refused) = (180, 1);
    third.left_out.insert("me-south-1".to_owned(), "not opted in".to_owned());
    let mut fourth = scope("123456789012", "<b>old</b>");
    (fourth.regions, fourth.answered) = (Vec::new(), 0);
    fourth.failed = Some(Failure {
        code: "AccessDenied".to_owned(),
        message: "the role trailkeep-check does not trust this account".to_owned(),
        missing_action: Some("sts:AssumeRole".to_owned()),
    });
    let expired = Waiver {
        check: "log-bucket-closed".to_owned(),
        resource: "arn:aws:s3:::logs-*".to_owned(),
        owner: "dana".to_owned(),
        reason: "moved with the migration".to_owned(),
        expires: NaiveDate::from_ymd_opt(2026, 4, 30).unwrap(),
    };
    About {
        version: "0.1.0".to_owned(),
        settings: Settings::default(),
        controls: Control::ALL.to_vec(),
        accounts: vec![
            scope("111122223333", "log-archive"),
            scope("444455556666", "production"),
            third,
            fourth,
        ],
        waivers: vec![
            WaiverState { waiver: waiver(), expired: false, covers: 1 },
            WaiverState { waiver: expired, expired: true, covers: 0 },
        ],
    }
}
