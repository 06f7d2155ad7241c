//! One account of moto, which nobody else uses, with playbooks over it.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use trailkeep_aws::api::{Client, Hints, Operation};
use trailkeep_aws::{Aws, AwsOptions, Credentials, RetryPolicy};
use trailkeep_baseline::{Answer, Inventory, Json};
use trailkeep_respond::playbook::{Mode, PlaybookRule, Playbooks, Timing, respond_policy};
use trailkeep_state::{Actor, Response, ResponseStatus, State};
use trailkeep_testkit::moto;

pub(super) const REGION: &str = "eu-west-1";

/// A call that describes, and its input.
pub(super) type Look = (&'static Operation, Value);

/// A call that describes, the resource that an inventory keeps its answer under, and its input.
pub(super) type Seen = (&'static Operation, String, Value);

pub(super) struct Rig {
    pub(super) client: Client,
    pub(super) account: String,
    pub(super) state: State,
    pub(super) playbooks: Playbooks,
    clock: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

/// A client for one account: moto opens every account to everybody.
pub(super) async fn client(endpoint: &str, account: &str) -> Client {
    let role = format!("arn:aws:iam::{account}:role/TrailkeepRespond");
    plain_client(endpoint).await.assume_role(&role, "trailkeep-respond", None)
}

/// A client of no role.
pub(super) async fn plain_client(endpoint: &str) -> Client {
    let options = AwsOptions {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        credentials: Some(Credentials::new("testkit", "testkit-secret", None, None, "test")),
        retry: RetryPolicy {
            max_attempts: 5,
            base: Duration::from_millis(1),
            max_wait: Duration::from_millis(20),
            deadline: Duration::from_secs(30),
        },
        ..AwsOptions::default()
    };
    Aws::load(options).await.unwrap().api()
}

pub(super) fn playbooks(
    state: &State,
    client: Client,
    account: &str,
    rules: Vec<PlaybookRule>,
    clock: Arc<AtomicI64>,
) -> Playbooks {
    let timing = Timing {
        lease: TimeDelta::seconds(60),
        call: Duration::from_secs(30),
        wait: Duration::from_millis(20),
        patience: Duration::from_millis(400),
        clock: Arc::new(move || DateTime::from_timestamp(clock.load(Ordering::SeqCst), 0).unwrap()),
    };
    Playbooks::new(state, HashMap::from([(account.to_owned(), client)]), rules, timing)
}

pub(super) fn auto() -> PlaybookRule {
    PlaybookRule { mode: Mode::Auto, most_per_hour: 1000, ..PlaybookRule::default() }
}

impl Rig {
    /// `None`: skip.
    pub(super) async fn new(account: &str, rules: Vec<PlaybookRule>) -> Option<Self> {
        let server = moto()?;
        Some(Self::over(client(&server.endpoint, account).await, account, rules).await)
    }

    pub(super) async fn over(client: Client, account: &str, rules: Vec<PlaybookRule>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path().join("state.db")).await.unwrap();
        let clock = Arc::new(AtomicI64::new(1_777_885_200));
        let playbooks = playbooks(&state, client.clone(), account, rules, clock.clone());
        Self { client, account: account.to_owned(), state, playbooks, clock, folder }
    }

    /// Another configuration.
    pub(super) fn protect(&mut self, rule: PlaybookRule) {
        self.playbooks =
            playbooks(&self.state, self.client.clone(), &self.account, vec![rule], self.clock.clone());
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.clock.load(Ordering::SeqCst), 0).unwrap()
    }

    pub(super) fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(super) async fn make(&self, operation: &'static Operation, input: Value) -> Value {
        self.client.call(operation, REGION, &input).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What calls answer now, as one text. Ids that AWS gives anew, and times, are left out.
    pub(super) async fn look(&self, looks: &[Look]) -> String {
        let mut text = String::new();
        for (operation, input) in looks {
            let answer = match self.client.call_all(operation, REGION, input).await {
                Ok(mut answer) => {
                    strip(&mut answer);
                    serde_json::to_string_pretty(&answer).unwrap()
                }
                Err(error) if error.status().is_some_and(|status| status < 500) => error.code().to_owned(),
                Err(error) => panic!("{error}"),
            };
            text.push_str(&format!("{} {answer}\n", operation.key()));
        }
        text
    }

    /// Keeps what calls answer now, as an inventory does, and lets a minute pass.
    pub(super) async fn learn(&self, seen: &[Seen]) {
        let mut inventory = Inventory::new(self.now());
        for (operation, resource, input) in seen {
            let answer = match self.client.call_all(operation, REGION, input).await {
                Ok(output) => Answer::Output(output),
                Err(error) => Answer::Absent(error.code().to_owned()),
            };
            let is_global = matches!(operation.service.id, "s3" | "s3control");
            let region = if is_global { "global" } else { REGION };
            inventory.record(&self.account, region, &operation.key(), resource, answer);
        }
        // What is known already is not kept again.
        self.playbooks.learn(&inventory).await.unwrap();
        self.advance(60);
    }

    /// The CloudTrail record of a call.
    pub(super) fn event(&self, source: &str, name: &str, request: Value, response: Value) -> Value {
        static NUMBER: AtomicI64 = AtomicI64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        json!({
            "eventVersion": "1.11", "eventID": format!("00000000-0000-4000-8000-{number:012}"),
            "eventTime": self.now().to_rfc3339_opts(SecondsFormat::Secs, true),
            "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": REGION,
            "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.17.9", "requestID": format!("request-{number}"),
            "userIdentity": {"type": "AssumedRole", "arn": format!("arn:aws:sts::{}:assumed-role/deploy/mallory", self.account),
                "accountId": self.account, "sessionContext": {"sessionIssuer": {"type": "Role",
                    "arn": format!("arn:aws:iam::{}:role/deploy", self.account)}}},
            "requestParameters": request, "responseElements": response, "readOnly": false,
            "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": self.account,
            "eventCategory": "Management",
        })
    }

    pub(super) async fn handle(&self, event: &Value) -> Response {
        let mut responses = self.playbooks.handle(event).await.unwrap();
        assert_eq!(responses.len(), 1, "{responses:?}");
        responses.remove(0)
    }

    /// Lets a change be put back and taken back: what the calls answer is what it was before, and then
    /// what it was after the change.
    pub(super) async fn plays(
        &self,
        looks: &[Look],
        seen: &[Seen],
        change: impl AsyncFnOnce(&Self) -> Value,
    ) {
        let before = self.look(looks).await;
        if !seen.is_empty() {
            self.learn(seen).await;
        }
        let event = change(self).await;
        let name = event.text("eventName").unwrap();
        let changed = self.look(looks).await;
        assert_ne!(changed, before, "{name} changes what is looked at");
        let done = self.handle(&event).await;
        self.told(&done, ResponseStatus::Done).await;
        assert_eq!(self.look(looks).await, before, "{name}, put back");
        // The same event again does nothing more.
        assert_eq!(self.handle(&event).await, done);
        self.may_call(&done).await;
        let undone = self.playbooks.undo(done.id, &Actor::local("alice")).await.unwrap();
        self.told(&undone, ResponseStatus::Undone).await;
        assert_eq!(self.look(looks).await, changed, "{name}, taken back");
        self.may_call(&undone).await;
    }

    pub(super) async fn told(&self, response: &Response, status: ResponseStatus) {
        if response.status != status {
            let journal = self.state.responses().journal(response.id, 100).await.unwrap();
            panic!("not {status:?}: {response:#?}\n{journal:#?}");
        }
    }

    /// The policy of the role allows each call of the journal.
    async fn may_call(&self, response: &Response) {
        let policy = respond_policy(|name| name == response.playbook);
        let actions: BTreeSet<&str> =
            policy.items("Statement").iter().flat_map(|statement| statement.texts("Action")).collect();
        let journal = self.state.responses().journal(response.id, 100).await.unwrap();
        let called: Vec<&str> = journal.iter().filter_map(|entry| entry.body.text("operation")).collect();
        assert!(!called.is_empty());
        for operation in called {
            let action = trailkeep_aws::api::find(operation).unwrap().action;
            assert!(actions.contains(action), "{action}");
        }
    }
}

/// What AWS gives anew, and says of itself.
const ANEW: [&str; 11] = [
    "RequestId",
    "SecurityGroupRuleId",
    "SecurityGroupRuleArn",
    "NetworkAclAssociationId",
    "FlowLogId",
    "CreationTime",
    "DeletionDate",
    "AlarmConfigurationUpdatedTimestamp",
    "StateUpdatedTimestamp",
    "LatestDeliveryTime",
    "StartLoggingTime",
];

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !ANEW.contains(&name.as_str()));
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Operations that only tests make.
pub(super) mod only_here {
    use trailkeep_aws::api::services::{ec2, elb, elbv2, wafv2};

    use super::{Hints, Operation};

    pub(in crate::playbook) static CREATE_VPC: Operation =
        Operation::new(&ec2::SERVICE, "CreateVpc", "ec2:CreateVpc");
    pub(in crate::playbook) static CREATE_SUBNET: Operation =
        Operation::new(&ec2::SERVICE, "CreateSubnet", "ec2:CreateSubnet");
    pub(in crate::playbook) static CREATE_MANAGED_PREFIX_LIST: Operation =
        Operation::new(&ec2::SERVICE, "CreateManagedPrefixList", "ec2:CreateManagedPrefixList");
    pub(in crate::playbook) static CREATE_LOAD_BALANCER: Operation =
        Operation::new(&elbv2::SERVICE, "CreateLoadBalancer", "elasticloadbalancing:CreateLoadBalancer")
            .hints(Hints { lists: &["LoadBalancers"], ..Hints::NONE });
    pub(in crate::playbook) static CREATE_CLASSIC: Operation =
        Operation::new(&elb::SERVICE, "CreateLoadBalancer", "elasticloadbalancing:CreateLoadBalancer");
    pub(in crate::playbook) static CREATE_WEB_ACL: Operation =
        Operation::new(&wafv2::SERVICE, "CreateWebACL", "wafv2:CreateWebACL");
}
