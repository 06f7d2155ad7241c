//! What holds playbooks back.

use serde_json::{Value, json};
use trailkeep_aws::USER_AGENT;
use trailkeep_aws::api::services::{ec2, sts};
use trailkeep_baseline::Json;
use trailkeep_respond::playbook::{Mode, PlaybookRule, RespondError};
use trailkeep_state::{Actor, ResponseStatus};

use super::network::Network;
use super::rig::{Rig, auto};

fn approve() -> PlaybookRule {
    PlaybookRule { mode: Mode::Approve, ..auto() }
}

/// Opens a port, and tells it as CloudTrail does.
async fn open(rig: &Rig, network: &Network, port: i64) -> Value {
    let permission = json!([{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    rig.make(
        &ec2::AUTHORIZE_SECURITY_GROUP_INGRESS,
        json!({"GroupId": network.group, "IpPermissions": permission}),
    )
    .await;
    let set = network.recorded_set(rig, |rule| rule.int("FromPort") == Some(port)).await;
    rig.event(
        "ec2",
        "AuthorizeSecurityGroupIngress",
        json!({"groupId": network.group}),
        json!({"securityGroupRuleSet": set}),
    )
}

async fn close(rig: &Rig, network: &Network, port: i64) {
    let permission = json!([{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    rig.make(
        &ec2::REVOKE_SECURITY_GROUP_INGRESS,
        json!({"GroupId": network.group, "IpPermissions": permission}),
    )
    .await;
}

#[tokio::test]
async fn what_has_moved_on_is_left() {
    let Some(rig) = Rig::new("300000000031", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    // Gone already.
    let event = open(&rig, &network, 22).await;
    close(&rig, &network, 22).await;
    let before = rig.look(&network.looks()).await;
    let skipped = rig.handle(&event).await;
    rig.told(&skipped, ResponseStatus::Skipped).await;
    assert_eq!(skipped.reason.as_deref(), Some("it is as it was before already"));
    // Gone and made again by somebody else: the same rule with another id is another rule.
    let event = open(&rig, &network, 23).await;
    close(&rig, &network, 23).await;
    open(&rig, &network, 23).await;
    let there = rig.look(&network.looks()).await;
    let skipped = rig.handle(&event).await;
    rig.told(&skipped, ResponseStatus::Skipped).await;
    assert!(skipped.reason.unwrap().contains("moved on"));
    assert_eq!(rig.look(&network.looks()).await, there);
    assert_ne!(before, there);
    // Undo of what has moved on is refused by the state of things, and stays done.
    rig.advance(60);
    let event = open(&rig, &network, 24).await;
    let done = rig.handle(&event).await;
    rig.told(&done, ResponseStatus::Done).await;
    let rule = json!([{"IpProtocol": "tcp", "FromPort": 24, "ToPort": 24, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "ours"}]}]);
    rig.make(
        &ec2::AUTHORIZE_SECURITY_GROUP_INGRESS,
        json!({"GroupId": network.group, "IpPermissions": rule}),
    )
    .await;
    let there = rig.look(&network.looks()).await;
    let kept = rig.playbooks.undo(done.id, &Actor::local("alice")).await.unwrap();
    assert_eq!(rig.look(&network.looks()).await, there);
    assert!(matches!(kept.status, ResponseStatus::Done | ResponseStatus::Undone), "{kept:?}");
}

#[tokio::test]
async fn a_change_that_comes_again_is_not_fought_over() {
    let Some(rig) = Rig::new("300000000032", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let event = open(&rig, &network, 22).await;
    let done = rig.handle(&event).await;
    rig.told(&done, ResponseStatus::Done).await;
    rig.advance(300);
    let event = open(&rig, &network, 22).await;
    let there = rig.look(&network.looks()).await;
    let escalated = rig.handle(&event).await;
    rig.told(&escalated, ResponseStatus::Escalated).await;
    assert_eq!(rig.look(&network.looks()).await, there, "it is left");
    // Another change by the same principal is put back; so is the same one by another principal.
    let event = open(&rig, &network, 23).await;
    let other = rig.handle(&event).await;
    rig.told(&other, ResponseStatus::Done).await;
    // A person may still say yes.
    let done = rig.playbooks.approve(escalated.id, &Actor::local("alice")).await.unwrap();
    rig.told(&done, ResponseStatus::Done).await;
    assert_eq!(done.decided_by.as_deref(), Some("alice"));
}

#[tokio::test]
async fn exempt_principals_tags_and_other_vpcs_are_left() {
    let Some(mut rig) = Rig::new("300000000033", Vec::new()).await else { return };
    let network = Network::new(&rig).await;
    rig.make(
        &trailkeep_aws::api::services::ec2::CREATE_SECURITY_GROUP,
        json!({"GroupName": "x", "Description": "x", "VpcId": network.vpc}),
    )
    .await;
    let exempt = PlaybookRule { exempt_principals: vec!["arn:aws:iam::*:role/deploy".to_owned()], ..auto() };
    rig.protect(exempt);
    let event = open(&rig, &network, 22).await;
    let skipped = rig.handle(&event).await;
    rig.told(&skipped, ResponseStatus::Skipped).await;
    let tagged = PlaybookRule { tags: [("env".to_owned(), "prod".to_owned())].into(), ..auto() };
    rig.protect(tagged);
    let event = open(&rig, &network, 23).await;
    let observed = rig.handle(&event).await;
    rig.told(&observed, ResponseStatus::Observed).await;
    assert!(observed.reason.unwrap().contains("ec2:RevokeSecurityGroupIngress"), "it says what it would do");
    let elsewhere = PlaybookRule { vpcs: vec!["vpc-0".to_owned()], ..auto() };
    rig.protect(elsewhere);
    let event = open(&rig, &network, 24).await;
    let observed = rig.handle(&event).await;
    rig.told(&observed, ResponseStatus::Observed).await;
    let here = PlaybookRule { vpcs: vec![network.vpc.clone()], ..auto() };
    rig.protect(here);
    let event = open(&rig, &network, 25).await;
    let done = rig.handle(&event).await;
    rig.told(&done, ResponseStatus::Done).await;
}

#[tokio::test]
async fn people_decide_and_approvals_expire() {
    let Some(rig) = Rig::new("300000000034", vec![approve()]).await else { return };
    let network = Network::new(&rig).await;
    let (alice, bob) = (Actor::local("alice"), Actor::local("bob"));
    let before = rig.look(&network.looks()).await;
    let event = open(&rig, &network, 22).await;
    let there = rig.look(&network.looks()).await;
    let waiting = rig.handle(&event).await;
    rig.told(&waiting, ResponseStatus::Waiting).await;
    assert_eq!(rig.look(&network.looks()).await, there, "nothing is done before somebody says so");
    let done = rig.playbooks.approve(waiting.id, &alice).await.unwrap();
    rig.told(&done, ResponseStatus::Done).await;
    assert_eq!(rig.look(&network.looks()).await, before);
    assert!(rig.playbooks.approve(waiting.id, &bob).await.is_err(), "only once");

    let event = open(&rig, &network, 23).await;
    let waiting = rig.handle(&event).await;
    let rejected = rig.playbooks.reject(waiting.id, Some("planned"), &bob).await.unwrap();
    rig.told(&rejected, ResponseStatus::Rejected).await;
    assert!(matches!(rig.playbooks.undo(waiting.id, &bob).await, Err(RespondError::NotNow { .. })));

    let event = open(&rig, &network, 24).await;
    let waiting = rig.handle(&event).await;
    rig.advance(4 * 3600);
    let late = rig.playbooks.approve(waiting.id, &alice).await;
    assert!(late.unwrap_err().to_string().contains("is over"));
    let changed = rig.playbooks.resume().await.unwrap();
    assert_eq!(
        changed.iter().map(|row| (row.id, row.status)).collect::<Vec<_>>(),
        [(waiting.id, ResponseStatus::Expired)]
    );
    assert!(rig.look(&network.looks()).await.contains("\"FromPort\": 24"));
    assert!(rig.state.audit().verify(None).await.unwrap().intact());
}

#[tokio::test]
async fn own_changes_are_ignored_and_claims_are_not_believed() {
    let Some(rig) = Rig::new("300000000035", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let own = rig.make(&sts::GET_CALLER_IDENTITY, json!({})).await;
    let mut event = open(&rig, &network, 22).await;
    event["userAgent"] = json!(USER_AGENT);
    event["userIdentity"] = json!({"type": "AssumedRole", "arn": own["Arn"]});
    assert_eq!(rig.playbooks.handle(&event).await.unwrap(), [], "its own");
    let mut event = open(&rig, &network, 23).await;
    event["userAgent"] = json!(USER_AGENT);
    let done = rig.handle(&event).await;
    rig.told(&done, ResponseStatus::Done).await;
    let requests: Vec<String> = rig
        .state
        .responses()
        .journal(done.id, 100)
        .await
        .unwrap()
        .into_iter()
        .filter_map(|entry| entry.request_id)
        .collect();
    assert!(!requests.is_empty());
    // What comes of the calls that were made: told by the request's id, whoever it says it is.
    let mut event = open(&rig, &network, 24).await;
    event["requestID"] = json!(requests[0]);
    assert_eq!(rig.playbooks.handle(&event).await.unwrap(), []);
}

#[tokio::test]
async fn many_at_once_wait() {
    let Some(rig) = Rig::new("300000000036", vec![PlaybookRule { most_per_hour: 2, ..auto() }]).await else {
        return;
    };
    let network = Network::new(&rig).await;
    let mut statuses = Vec::new();
    for port in [22, 23, 24] {
        let event = open(&rig, &network, port).await;
        statuses.push(rig.handle(&event).await.status);
    }
    assert_eq!(statuses, [ResponseStatus::Done, ResponseStatus::Done, ResponseStatus::Waiting]);
    rig.advance(3601);
    let event = open(&rig, &network, 25).await;
    let done = rig.handle(&event).await;
    rig.told(&done, ResponseStatus::Done).await;
}

/// Not a test of anything but time: `cargo test … -- --ignored how_long --nocapture`.
#[tokio::test]
#[ignore = "measures, and asserts nothing"]
async fn how_long_a_repair_takes() {
    let Some(rig) = Rig::new("300000000038", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let mut times = Vec::new();
    for port in 2000..2200 {
        let event = open(&rig, &network, port).await;
        let began = std::time::Instant::now();
        let mut responses = rig.playbooks.handle(&event).await.unwrap();
        times.push(began.elapsed());
        rig.told(&responses.remove(0), ResponseStatus::Done).await;
        rig.advance(1);
    }
    times.sort_unstable();
    println!("event to done, read back and learned: p50 {:?}, p99 {:?}", times[100], times[197]);
}

#[tokio::test]
async fn what_fails_says_why_and_can_be_taken_back() {
    let Some(rig) = Rig::new("300000000037", vec![auto()]).await else { return };
    let network = Network::new(&rig).await;
    let mut event = open(&rig, &network, 22).await;
    event["recipientAccountId"] = json!("999999999999");
    let failed = rig.handle(&event).await;
    rig.told(&failed, ResponseStatus::Failed).await;
    assert!(failed.reason.unwrap().contains("no role for account 999999999999"));
    // What was never seen before is escalated.
    let id = "sgr-0123456789abcdef0";
    let request =
        json!({"groupId": network.group, "securityGroupRuleIds": {"items": [{"securityGroupRuleId": id}]}});
    let event = rig.event("ec2", "RevokeSecurityGroupIngress", request, json!({"_return": true}));
    let escalated = rig.handle(&event).await;
    rig.told(&escalated, ResponseStatus::Escalated).await;
    assert!(matches!(
        rig.playbooks.approve(escalated.id, &Actor::local("alice")).await,
        Err(RespondError::NotNow { .. })
    ));
}
