//! Every playbook on the events it answers, in CloudTrail's real shapes: what is said, and which calls are
//! planned; and that the calls lead back, and back again.

mod samples;

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use samples::{
    BALANCER, BUCKET, GROUP, KEY, Sample, WEB_ACL, answered, policy, public_block, sample, samples,
};

use super::event::Event;
use super::facet::{Change, Facet};
use super::plan::{self, Priors, Remedy, Repair, playbooks};
use super::{facets, respond_policy};

#[test]
fn what_is_said_and_what_is_called() {
    let mut text = String::new();
    for sample in samples() {
        let repairs = sample.repairs();
        assert!(!repairs.is_empty(), "{}", sample.name);
        for repair in repairs {
            writeln!(text, "{}: {} ({})", sample.name, repair.changed, repair.playbook).unwrap();
            if !repair.can_act() {
                writeln!(text, "  {}", repair.will()).unwrap();
            }
            for call in repair.calls() {
                writeln!(text, "  {} {}", call.operation, call.input).unwrap();
            }
        }
    }
    insta::assert_snapshot!(text);
}

/// What strengthens, or changes nothing, is let pass.
#[test]
fn what_weakens_nothing_is_let_pass() {
    let about = |member: &str, value: Value| json!({"bucketName": BUCKET, member: value});
    let block = json!({"PublicAccessBlockConfiguration": public_block(false)});
    let stronger = sample(
        "s3",
        "PutBucketPublicAccessBlock",
        about("PublicAccessBlockConfiguration", public_block(true)),
        json!(null),
    );
    let on = json!({"LoggingEnabled": {"TargetBucket": "acme-access-logs"}});
    let same = json!({"name": "main", "s3BucketName": BUCKET});
    let lb = json!({"loadBalancerArn": BALANCER, "attributes": [{"key": "idle_timeout.timeout_seconds", "value": "5"}]});
    for sample in
        [
            stronger.prior("bucket-public-access-block", BUCKET, block),
            sample(
                "s3",
                "PutBucketPublicAccessBlock",
                about("PublicAccessBlockConfiguration", public_block(true)),
                json!(null),
            ),
            sample("s3", "DeleteBucketPublicAccessBlock", about("publicAccessBlock", json!("")), json!(null))
                .prior("bucket-public-access-block", BUCKET, json!({})),
            sample("s3", "PutBucketPolicy", about("bucketPolicy", policy("a")), json!(null)).prior(
                "bucket-policy",
                BUCKET,
                json!({"Policy": policy("a").to_string()}),
            ),
            sample("s3", "PutBucketLogging", about("BucketLoggingStatus", on), json!(null)),
            sample("s3", "PutBucketLogging", about("BucketLoggingStatus", json!({})), json!(null)).prior(
                "bucket-logging",
                BUCKET,
                json!({}),
            ),
            sample("cloudtrail", "UpdateTrail", json!({"name": "main"}), same).prior(
                "trail-settings",
                "main",
                json!({"S3BucketName": BUCKET}),
            ),
            sample("elasticloadbalancing", "ModifyLoadBalancerAttributes", lb, json!({})),
            sample("kms", "DisableKey", json!({"keyId": KEY}), json!(null)).prior(
                "kms-key",
                KEY,
                json!({"Key": {"KeyState": "Disabled"}}),
            ),
            sample("monitoring", "DisableAlarmActions", json!({"alarmNames": ["silent"]}), json!(null))
                .prior("alarm-actions", "silent", json!({"silent": {"ActionsEnabled": false}})),
        ]
    {
        assert_eq!(sample.repairs(), [], "{}", sample.name);
    }
}

/// Every facet's own list of calls is what the samples make it call, there and back: nothing is forgotten,
/// nothing is too much. The IAM policy follows from these lists.
#[test]
fn facets_call_what_they_say_they_call() {
    let mut called: BTreeSet<(String, String)> = BTreeSet::new();
    for repair in samples().iter().flat_map(Sample::repairs) {
        let Remedy::PutBack { facet, subject, made, before } = &repair.remedy else { continue };
        let facet = facets::find(facet).unwrap();
        let playbook = super::playbook(&repair.playbook).unwrap();
        assert!(
            playbook.sets.iter().any(|known| known.name == facet.name),
            "{} sets {}",
            playbook.name,
            facet.name
        );
        for (from, to) in [(made, before), (before, made)] {
            // What is found has ids.
            let mut from = from.clone();
            for part in from.values_mut().filter_map(Value::as_object_mut) {
                for id in facet.volatile {
                    part.entry(*id).or_insert(json!("id-1"));
                }
            }
            let calls = (facet.calls)(&Change { subject, account: "111122223333", from: &from, to });
            assert!(!calls.is_empty(), "{} has no way from {from:?} to {to:?}", repair.changed);
            called.extend(calls.iter().map(|call| (facet.name.to_owned(), call.operation.key())));
            let none = (facet.calls)(&Change { subject, account: "111122223333", from: to, to });
            assert!(none.is_empty(), "{} calls where nothing is to be done: {none:?}", facet.name);
        }
    }
    // Public access blocks are deleted where there was none before.
    for facet in ["bucket-public-access-block", "account-public-access-block"] {
        let facet = facets::find(facet).unwrap();
        let (from, to) = (
            plan::part("PublicAccessBlockConfiguration", public_block(false)),
            plan::part("PublicAccessBlockConfiguration", Value::Null),
        );
        let calls = (facet.calls)(&Change { subject: BUCKET, account: "111122223333", from: &from, to: &to });
        called.extend(calls.iter().map(|call| (facet.name.to_owned(), call.operation.key())));
    }
    let said: BTreeSet<(String, String)> = facets::all()
        .flat_map(|facet| facet.writes.iter().map(|operation| (facet.name.to_owned(), operation.key())))
        .collect();
    assert_eq!(called, said);
}

#[test]
fn the_policy_of_respond() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&respond_policy(|_| true)).unwrap());
    let some = respond_policy(|name| name == "trail-logging");
    assert_eq!(some["Statement"][1]["Action"], json!(["cloudtrail:StartLogging", "cloudtrail:StopLogging"]));
    assert_eq!(some["Statement"].as_array().unwrap().len(), 2);
    assert_eq!(respond_policy(|_| false)["Statement"].as_array().unwrap().len(), 1, "an observer only reads");
}

/// What is only learned from is read.
#[test]
fn events_that_are_learned_from_say_what_to_read() {
    let values = ["groupId", "subnetId", "networkAclId", "name", "alarmName", "keyId", "bucketName"];
    let part: serde_json::Map<String, Value> =
        values.iter().map(|name| ((*name).to_owned(), json!("x-1"))).collect();
    let mut request = part.clone();
    request.insert("loggingConfiguration".to_owned(), json!({"resourceArn": WEB_ACL}));
    request.insert("alarmNames".to_owned(), json!(["a"]));
    let mut response = part.clone();
    for name in ["subnet", "networkAcl"] {
        response.insert(name.to_owned(), Value::Object(part.clone()));
    }
    response.insert("flowLogIdSet".to_owned(), json!({"item": "fl-1"}));
    response.insert("loadBalancers".to_owned(), json!([{"loadBalancerArn": BALANCER}]));
    for (source, name) in super::prior::LEARNED {
        let record = json!({
            "eventID": "e", "eventTime": "2026-05-04T09:16:52Z", "eventSource": source, "eventName": name,
            "awsRegion": "r", "recipientAccountId": "1", "requestParameters": request, "responseElements": response,
        });
        let event = Event::read(&record).unwrap();
        assert!(!super::prior::to_read(&event, None).is_empty(), "{name}");
        assert!(super::Playbooks::watches(source, name));
    }
    assert!(super::Playbooks::watches("cloudtrail.amazonaws.com", "StopLogging"));
    assert!(!super::Playbooks::watches("s3.amazonaws.com", "StopLogging"));
}

#[test]
fn names_and_events_are_unique() {
    let names: BTreeSet<&str> = playbooks().iter().map(|playbook| playbook.name).collect();
    assert_eq!(names.len(), playbooks().len());
    let events: Vec<_> = playbooks().iter().flat_map(|playbook| playbook.events).collect();
    assert_eq!(events.iter().collect::<BTreeSet<_>>().len(), events.len());
    let facets: BTreeSet<&str> = facets::all().map(|facet| facet.name).collect();
    assert_eq!(facets.len(), facets::all().count());
    // Every event is in a sample.
    let sampled: BTreeSet<&str> = samples().iter().map(|sample| sample.name).collect();
    let missing: Vec<_> =
        events.iter().filter(|(_, name)| !sampled.contains(name)).map(|(_, name)| *name).collect();
    assert_eq!(missing, ["PutAccountPublicAccessBlock"], "the same as for a bucket");
}

#[test]
fn a_repair_is_the_same_after_it_was_kept() {
    for repair in samples().iter().flat_map(Sample::repairs) {
        let kept: Repair = serde_json::from_str(&serde_json::to_string(&repair).unwrap()).unwrap();
        assert_eq!(kept, repair);
        assert_eq!(kept.fingerprint(), repair.fingerprint());
    }
}

/// The same change made again has other ids, and is the same change.
#[test]
fn fingerprints_look_past_ids() {
    let authorize = |id: &str, cidr: &str| {
        let rule = json!([{"groupId": GROUP, "securityGroupRuleId": id, "isEgress": false, "ipProtocol": "tcp", "fromPort": 22,
            "toPort": 22, "cidrIpv4": cidr}]);
        sample("ec2", "AuthorizeSecurityGroupIngress", json!({"groupId": GROUP}), answered(rule))
            .repairs()
            .remove(0)
            .fingerprint()
    };
    assert_eq!(authorize("sgr-1", "0.0.0.0/0"), authorize("sgr-2", "0.0.0.0/0"));
    assert_ne!(authorize("sgr-1", "0.0.0.0/0"), authorize("sgr-1", "10.0.0.0/8"));
}

mod hostile {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z0-9:/*.\\-]{0,12}".prop_map(Value::from)
        ];
        let member = prop::sample::select(
            &[
                "groupId",
                "ipPermissions",
                "items",
                "item",
                "content",
                "SecurityGroupRule",
                "securityGroupRuleId",
                "networkAclId",
                "ruleNumber",
                "bucketName",
                "bucketPolicy",
                "attributes",
                "key",
                "value",
                "alarmNames",
                "keyId",
                "name",
            ][..],
        );
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec((member.clone().prop_map(str::to_owned), inner), 0..4)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// No request, answer or state makes a playbook panic, and what is planned has calls.
        #[test]
        fn no_event_is_fatal(request in values(), response in values(), state in values()) {
            for playbook in playbooks() {
                for (source, name) in playbook.events {
                    let record = json!({
                        "eventID": "e", "eventTime": "2026-05-04T09:16:52Z", "eventSource": source, "eventName": name,
                        "awsRegion": "eu-central-1", "recipientAccountId": "1", "requestParameters": request,
                        "responseElements": response,
                    });
                    let event = Event::read(&record).unwrap();
                    let mut priors = Priors::default();
                    if let Some(state) = state.as_object() {
                        for need in (playbook.needs)(&event) {
                            priors.insert(need.facet, &need.subject, state.clone());
                        }
                    }
                    for repair in plan::plan(&event, playbook, &priors) {
                        let _ = (repair.calls(), repair.will(), repair.fingerprint(), repair.key());
                        if let Remedy::PutBack { facet, subject, made, before } = &repair.remedy {
                            let facet: &Facet = facets::find(facet).unwrap();
                            let _ = (facet.calls)(&Change { subject, account: "1", from: before, to: made });
                            prop_assert!(facet.is_on_the_way(made, made, before));
                        }
                    }
                }
            }
        }

        /// What an answer of AWS says is read, whatever it is.
        #[test]
        fn no_answer_is_fatal(output in values(), asked in "[a-z/\\n]{0,8}") {
            for facet in facets::all() {
                for (_, state) in (facet.documents)(&asked, &output) {
                    for name in state.keys() {
                        let _ = (facet.part)(&state, name);
                    }
                }
            }
        }
    }
}

/// What is read with an empty element is written with one.
#[test]
fn access_logging_is_written_as_it_was_read() {
    let facet = facets::find("bucket-logging").unwrap();
    let read = json!({"TargetBucket": "logs", "TargetPrefix": "", "TargetObjectKeyFormat": {"SimplePrefix": ""}, "TargetGrants": []});
    let (from, to) = (plan::part("LoggingEnabled", Value::Null), plan::part("LoggingEnabled", read));
    let calls = (facet.calls)(&Change { subject: BUCKET, account: "1", from: &from, to: &to });
    assert_eq!(
        calls[0].input["BucketLoggingStatus"]["LoggingEnabled"],
        json!({"TargetBucket": "logs", "TargetPrefix": "", "TargetObjectKeyFormat": {"SimplePrefix": {}}})
    );
}

/// The documentation has a row for each playbook, with its events and where the state before comes from.
#[test]
fn the_documentation_is_as_the_code() {
    let page = include_str!("../../../../../docs/playbooks.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), playbooks().len(), "a row of docs/playbooks.md for each playbook");
    for (row, playbook) in rows.iter().zip(playbooks()) {
        let events: Vec<String> = playbook.events.iter().map(|(_, name)| format!("`{name}`")).collect();
        let begins = format!("| `{}` | {} | ", playbook.name, events.join(", "));
        assert!(row.starts_with(&begins), "{row}\nshould begin with\n{begins}");
        assert!(
            row.ends_with(&format!(" | {} |", playbook.prior)),
            "{row}\nshould end with\n{}",
            playbook.prior
        );
    }
}
