//! Killed at any moment of a repair or of its undoing, the next process finishes it.
//!
//! The worker is this test binary, started again to run [`worker`] only, and ended by SIGKILL.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use serde_json::{Value, json};
use trailkeep_aws::api::services::ec2;
use trailkeep_baseline::Json;
use trailkeep_state::{Actor, ResponseId, ResponseStatus, State};
use trailkeep_testkit::moto;

use super::network::Network;
use super::rig::{Rig, auto, client, playbooks};

const DATABASE: &str = "TRAILKEEP_TEST_KILL_DATABASE";
const ENDPOINT: &str = "TRAILKEEP_TEST_KILL_ENDPOINT";
const ACCOUNT: &str = "300000000041";
const NOW: &str = "TRAILKEEP_TEST_KILL_NOW";
const UNDO: &str = "TRAILKEEP_TEST_KILL_UNDO";

/// Rules with a tag each: putting them back takes as many calls.
const RULES: i64 = 6;

#[tokio::test]
#[ignore = "started, and killed, by a_repair_that_is_killed_is_finished_by_the_next_process"]
async fn worker() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let state = State::open(variable(DATABASE)).await.unwrap();
    let clock = Arc::new(AtomicI64::new(variable(NOW).parse().unwrap()));
    let client = client(&variable(ENDPOINT), ACCOUNT).await;
    let playbooks = playbooks(&state, client, ACCOUNT, vec![auto()], clock);
    match std::env::var(UNDO) {
        Ok(id) => drop(playbooks.undo(ResponseId(id.parse().unwrap()), &Actor::system()).await.unwrap()),
        Err(_) => drop(playbooks.resume().await.unwrap()),
    }
}

/// Starts a worker, and kills it once the journal has so many entries. False: it was done before.
async fn kill_after(rig: &Rig, id: ResponseId, entries: usize, undo: bool) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "playbook::killed::worker", "--ignored"])
        .env(DATABASE, rig.folder().join("state.db"))
        .env(ENDPOINT, &moto().unwrap().endpoint)
        .env(NOW, rig.now().timestamp().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if undo {
        command.env(UNDO, id.to_string());
    }
    let mut child = command.spawn().unwrap();
    loop {
        let written = rig.state.responses().journal(id, 1000).await.unwrap().len();
        let has_ended = child.try_wait().unwrap().is_some();
        if written >= entries || has_ended {
            child.kill().unwrap();
            child.wait().unwrap();
            return !has_ended;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Revokes all rules of a group but the first, and tells it.
async fn revoke(rig: &Rig, network: &Network) -> Value {
    let set = network.recorded_set(rig, |rule| rule.int("FromPort").is_some_and(|port| port > 1000)).await;
    let ids: Vec<&str> =
        set.items("items").iter().filter_map(|rule| rule.text("securityGroupRuleId")).collect();
    assert_eq!(ids.len() as i64, RULES);
    rig.make(
        &ec2::REVOKE_SECURITY_GROUP_INGRESS,
        json!({"GroupId": network.group, "SecurityGroupRuleIds": ids}),
    )
    .await;
    let response = json!({"_return": true, "revokedSecurityGroupRuleSet": set});
    rig.event("ec2", "RevokeSecurityGroupIngress", json!({"groupId": network.group}), response)
}

#[cfg(unix)]
#[tokio::test]
async fn a_repair_that_is_killed_is_finished_by_the_next_process() {
    let mut rule = auto();
    rule.mode = trailkeep_respond::playbook::Mode::Approve;
    let Some(rig) = Rig::new(ACCOUNT, vec![rule]).await else { return };
    let network = Network::new(&rig).await;
    for number in 0..RULES {
        let port = 2000 + number;
        let permission = json!([{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]);
        let tags = json!([{"ResourceType": "security-group-rule", "Tags": [{"Key": "n", "Value": number.to_string()}]}]);
        let input = json!({"GroupId": network.group, "IpPermissions": permission, "TagSpecifications": tags});
        rig.make(&ec2::AUTHORIZE_SECURITY_GROUP_INGRESS, input).await;
    }
    let whole = rig.look(&network.looks()).await;
    let alice = Actor::local("alice");
    let (mut repairs, mut undos) = (0, 0);
    // A repair writes an entry before it begins, two for each call, and one at its end.
    for entries in 0..(2 * RULES as usize + 3) {
        rig.learn(&[(&ec2::DESCRIBE_SECURITY_GROUP_RULES, String::new(), json!({}))]).await;
        // Each time another group of people: what comes again would be escalated.
        rig.advance(48 * 3600);
        let event = revoke(&rig, &network).await;
        let torn = rig.look(&network.looks()).await;
        assert_ne!(torn, whole);
        let waiting = rig.handle(&event).await;
        rig.told(&waiting, ResponseStatus::Waiting).await;
        rig.state.responses().approve(waiting.id, &alice, rig.now()).await.unwrap();
        repairs += u32::from(kill_after(&rig, waiting.id, entries, false).await);
        rig.advance(61);
        rig.playbooks.resume().await.unwrap();
        let done = rig.state.responses().get(waiting.id).await.unwrap().unwrap();
        rig.told(&done, ResponseStatus::Done).await;
        assert_eq!(rig.look(&network.looks()).await, whole, "killed after {entries} entries");

        let so_far = rig.state.responses().journal(done.id, 1000).await.unwrap().len();
        undos += u32::from(kill_after(&rig, done.id, so_far + entries % 4, true).await);
        rig.advance(61);
        rig.playbooks.resume().await.unwrap();
        let mut undone = rig.state.responses().get(done.id).await.unwrap().unwrap();
        if undone.status == ResponseStatus::Done {
            // It was killed before it began.
            undone = rig.playbooks.undo(done.id, &alice).await.unwrap();
        }
        rig.told(&undone, ResponseStatus::Undone).await;
        assert_eq!(rig.look(&network.looks()).await, torn, "killed {} entries into undoing", entries % 4);
        // Whole again for the next round: of the same change, and the same time before it.
        rig.advance(60);
        let mut event = event;
        event["eventID"] = json!(format!("again-{entries}"));
        let again = rig.handle(&event).await;
        rig.told(&again, ResponseStatus::Waiting).await;
        let again = rig.playbooks.approve(again.id, &alice).await.unwrap();
        rig.told(&again, ResponseStatus::Done).await;
        assert_eq!(rig.look(&network.looks()).await, whole);
    }
    assert!(
        repairs >= 10 && undos >= 5,
        "too few were killed in the middle: {repairs} repairs, {undos} undos"
    );
    assert!(rig.state.audit().verify(None).await.unwrap().intact());
}
