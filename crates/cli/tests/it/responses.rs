//! A change reaches `serve`, is put back, and is made again by `responses undo`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trailkeep_aws::api::Client;
use trailkeep_aws::api::services::ec2;
use trailkeep_aws::{Aws, AwsOptions, Credentials};
use trailkeep_testkit::{Reply, S3Server, ScriptedServer, moto};

use crate::support::trailkeep;

const ACCOUNT: &str = "310000000001";
const REGION: &str = "eu-west-1";

fn role() -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/TrailkeepRespond")
}

/// The command, with moto for AWS and this configuration.
fn command(data: &Path, server: &S3Server, arguments: &[&str]) -> Command {
    let mut command = trailkeep(data);
    command
        .env("AWS_ENDPOINT_URL", &server.endpoint)
        .env("AWS_ACCESS_KEY_ID", server.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", server.secret_access_key)
        .env("AWS_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE")
        .arg("--config")
        .arg(data.join("trailkeep.toml"))
        .args(arguments);
    command
}

fn answer(data: &Path, server: &S3Server, arguments: &[&str]) -> Value {
    let output = command(data, server, arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

struct Serve(Child);

impl Serve {
    /// Started, and listening.
    fn start(data: &Path, server: &S3Server) -> Self {
        let mut child = command(data, server, &["serve"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let told = lines.by_ref().map_while(Result::ok).any(|line| line.contains("the console is at"));
        assert!(told, "serve ended before it listened");
        // Somebody has to read on, or the server blocks on a full pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self(child)
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

async fn client(server: &S3Server) -> Client {
    let options = AwsOptions {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(server.endpoint.clone()),
        credentials: Some(Credentials::new("testkit", "testkit-secret", None, None, "test")),
        ..AwsOptions::default()
    };
    Aws::load(options).await.unwrap().api().assume_role(&role(), "attacker", None)
}

async fn ingress(client: &Client, group: &str) -> Vec<Value> {
    let groups =
        client.call(&ec2::DESCRIBE_SECURITY_GROUPS, REGION, &json!({"GroupIds": [group]})).await.unwrap();
    groups["SecurityGroups"][0]["IpPermissions"].as_array().cloned().unwrap_or_default()
}

/// The call as CloudTrail records it.
fn record(group: &str, rule: &Value) -> Value {
    let item = json!({
        "groupOwnerId": ACCOUNT, "groupId": group, "securityGroupRuleId": rule["SecurityGroupRuleId"],
        "isEgress": false, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0",
    });
    json!({
        "eventVersion": "1.10", "eventTime": chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress", "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.15", "requestID": "r-1", "eventID": "e-open-22",
        "readOnly": false, "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "userName": "mallory",
            "arn": format!("arn:aws:iam::{ACCOUNT}:user/mallory"), "accountId": ACCOUNT},
        "requestParameters": {"groupId": group, "ipPermissions": {"items": [
            {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {},
             "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}, "ipv6Ranges": {}, "prefixListIds": {}}]}},
        "responseElements": {"requestId": "r-1", "_return": true, "securityGroupRuleSet": {"items": [item]}},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opened_port_is_closed_again_and_a_person_may_open_it() {
    let Some(server) = moto() else { return };
    let receiver = ScriptedServer::answering(|_| Reply::new(200, ""));
    let folder = tempfile::tempdir().unwrap();
    let (data, logs) = (folder.path().join("data"), folder.path().join("logs"));
    std::fs::create_dir_all(&data).unwrap();
    std::fs::create_dir_all(&logs).unwrap();
    let config = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[sources.folder]\npaths = [{logs:?}]\ninterval = \"100ms\"\n\
         settle = \"100ms\"\n[respond]\nroles = [\"{}\"]\nregions = [\"{REGION}\"]\n[[respond.playbook]]\n\
         name = \"security-group-rules\"\nmode = \"auto\"\n[[respond.channel]]\nname = \"hook\"\n\
         type = \"webhook\"\nurl = \"{}\"\nsecret = \"0123456789abcdef\"\nallow_private = true\n",
        role(),
        receiver.url()
    );
    let config = config.replace("[respond]\n", "[respond]\nchannels = [\"hook\"]\n");
    std::fs::write(data.join("trailkeep.toml"), config).unwrap();

    let client = client(server).await;
    let new = json!({"GroupName": "web", "Description": "web servers"});
    let group = client.call(&ec2::CREATE_SECURITY_GROUP, REGION, &new).await.unwrap();
    let group = group["GroupId"].as_str().unwrap().to_owned();
    let serve = Serve::start(&data, server);

    let open = json!({"GroupId": group, "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]});
    let made = client.call(&ec2::AUTHORIZE_SECURITY_GROUP_INGRESS, REGION, &open).await.unwrap();
    assert_eq!(ingress(&client, &group).await.len(), 1);
    let rule = &made["SecurityGroupRules"][0];
    let object = json!({"Records": [record(&group, rule)]});
    std::fs::write(logs.join("change.json"), object.to_string()).unwrap();

    let began = Instant::now();
    while !ingress(&client, &group).await.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "the port is still open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let listed = loop {
        let listed = answer(&data, server, &["responses", "list", "-o", "json"]);
        if listed[0]["status"] == "done" {
            break listed;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{listed}");
    };
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["playbook"], "security-group-rules");
    assert_eq!(listed[0]["actor"], format!("arn:aws:iam::{ACCOUNT}:user/mallory"));
    // The finding's incident, and what the playbook did, with a button to take it back.
    let said = loop {
        let said: Vec<Value> =
            receiver.requests().iter().filter_map(|it| serde_json::from_slice(&it.body).ok()).collect();
        if said.iter().any(|message| message["action"] == "response") {
            break said;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{said:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let told = said.iter().find(|message| message["action"] == "response").unwrap();
    assert_eq!(told["offers"][0]["kind"], "undo", "{told}");
    let incidents = answer(&data, server, &["incidents", "list", "-o", "json"]);
    let incident = incidents[0]["id"].as_str().unwrap();
    let shown = answer(&data, server, &["incidents", "show", incident, "-o", "json"]);
    assert!(shown["timeline"].to_string().contains("security-group-rules (done)"), "{shown}");
    drop(serve);

    let id = listed[0]["id"].to_string();
    let undone = answer(&data, server, &["responses", "undo", &id, "-o", "json"]);
    assert_eq!(undone[0]["status"], "undone", "{undone}");
    assert_eq!(ingress(&client, &group).await.len(), 1, "a person wanted it");
    let output = command(&data, server, &["responses", "undo", &id]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "once is enough");
    let rows = command(&data, server, &["query", "-o", "json", "SELECT status, resource FROM responses"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&rows.stdout).contains("undone"), "{rows:?}");
}

#[test]
fn the_policy_of_the_role_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let printed = crate::support::json(folder.path(), &["iam-policy", "respond"]);
    let text = printed.to_string();
    assert!(text.contains("ec2:RevokeSecurityGroupIngress") && !text.contains("\"*:*\""), "{text}");
}
