//! Calls that moto does not know, made and taken back on a server that keeps the state they change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::Utc;
use serde_json::{Value, json};
use trailkeep_baseline::Control;
use trailkeep_baseline::apply::{self, Clients, Fate, Journal, Outcome, Patience};
use trailkeep_baseline::plan::{Plan, PlannedCall, Step};
use trailkeep_testkit::{Reply, Request, ScriptedServer};

use crate::collect::aws;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";
const PATIENCE: Patience =
    Patience { wait: std::time::Duration::from_millis(5), limit: std::time::Duration::from_millis(200) };

fn plan(calls: &[(&str, Value)]) -> Plan {
    let call = |(operation, input): &(&str, Value)| PlannedCall {
        operation: (*operation).to_owned(),
        region: REGION.to_owned(),
        input: input.clone(),
    };
    let step = Step {
        id: format!("{ACCOUNT}/{REGION}/logs"),
        control: Control::Services,
        title: "Log".to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        resource: "r".to_owned(),
        why: Vec::new(),
        needs: Vec::new(),
        calls: calls.iter().map(call).collect(),
        undo: "u".to_owned(),
        blast_radius: "b".to_owned(),
        cost_hint: "c".to_owned(),
        verify: "v".to_owned(),
    };
    Plan { steps: vec![step], left: Vec::new() }
}

/// Makes the calls, then takes them back; what came of each.
async fn there_and_back(server: &ScriptedServer, calls: &[(&str, Value)]) -> (Outcome, Vec<Fate>) {
    let folder = tempfile::tempdir().unwrap();
    let clients: Clients = HashMap::from([(ACCOUNT.to_owned(), aws(&server.url()).await.api())]);
    let plan = plan(calls);
    let mut journal = Journal::begin(folder.path(), &plan, Utc::now()).unwrap();
    let results = Box::pin(apply::apply(&plan, &clients, &mut journal, PATIENCE, &())).await.unwrap();
    let run = journal.id().to_string();
    drop(journal);
    let undone = Box::pin(apply::undo(folder.path(), &run, &clients, PATIENCE, &())).await.unwrap();
    (results[0].outcome.clone(), undone.into_iter().map(|undone| undone.fate).collect())
}

fn json_of(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

fn ok(body: &Value) -> Reply {
    Reply::new(200, body.to_string()).header("content-type", "application/json")
}

#[tokio::test]
async fn stages_of_http_apis() {
    let state = Arc::new(Mutex::new(Value::Null));
    let kept = Arc::clone(&state);
    let server = ScriptedServer::answering(move |request| {
        let mut state = kept.lock().unwrap();
        match request.line.split(' ').next().unwrap() {
            "PATCH" => *state = json_of(request)["accessLogSettings"].clone(),
            "DELETE" => *state = Value::Null,
            _ => {}
        }
        match &*state {
            Value::Null => ok(&json!({"stageName": "live"})),
            settings => ok(&json!({"stageName": "live", "accessLogSettings": settings})),
        }
    });
    let settings =
        json!({"DestinationArn": "arn:aws:logs:eu-west-1:1:log-group:g", "Format": "$context.requestId"});
    let input = json!({"ApiId": "a1", "StageName": "live", "AccessLogSettings": settings});
    let (made, undone) = there_and_back(&server, &[("apigatewayv2:UpdateStage", input.clone())]).await;
    assert_eq!((made, undone), (Outcome::Done, vec![Fate::Restored]));
    let requests = server.requests();
    let patch = requests.iter().find(|request| request.line.starts_with("PATCH")).unwrap();
    assert!(patch.line.starts_with("PATCH /v2/apis/a1/stages/live "), "{}", patch.line);
    assert_eq!(json_of(patch)["accessLogSettings"]["destinationArn"], "arn:aws:logs:eu-west-1:1:log-group:g");
    let deleted = requests.iter().find(|request| request.line.starts_with("DELETE")).unwrap();
    assert!(
        deleted.line.starts_with("DELETE /v2/apis/a1/stages/live/accesslogsettings "),
        "{}",
        deleted.line
    );
    assert_eq!(*state.lock().unwrap(), Value::Null);

    // Settings that were there are put back as they were.
    let before = json!({"destinationArn": "arn:aws:logs:eu-west-1:1:log-group:old", "format": "old"});
    *state.lock().unwrap() = before.clone();
    let (made, undone) = there_and_back(&server, &[("apigatewayv2:UpdateStage", input)]).await;
    assert_eq!((made, undone), (Outcome::Done, vec![Fate::Restored]));
    assert_eq!(*state.lock().unwrap(), before);
}

/// A cluster that takes a while for each change, and gives itself a new version with it.
#[tokio::test]
async fn brokers_of_msk() {
    #[derive(Default)]
    struct Cluster {
        version: u32,
        updating: bool,
        logs: Value,
        asked_for: Vec<Value>,
    }
    let cluster = Arc::new(Mutex::new(Cluster::default()));
    let kept = Arc::clone(&cluster);
    let server = ScriptedServer::answering(move |request| {
        let mut cluster = kept.lock().unwrap();
        if request.line.starts_with("PUT") {
            let asked = json_of(request);
            if asked["currentVersion"] != format!("K{}", cluster.version) {
                let wrong = json!({"__type": "BadRequestException", "message": "another version is current"});
                return Reply::new(400, wrong.to_string()).header("x-amzn-errortype", "BadRequestException");
            }
            cluster.logs = asked["loggingInfo"].clone();
            cluster.version += 1;
            cluster.updating = true;
            cluster.asked_for.push(asked);
            return ok(&json!({"clusterArn": "arn", "clusterOperationArn": "op"}));
        }
        let updating = std::mem::take(&mut cluster.updating);
        ok(&json!({"clusterInfo": {
            "clusterType": "PROVISIONED", "currentVersion": format!("K{}", cluster.version),
            "state": if updating { "UPDATING" } else { "ACTIVE" },
            "provisioned": {"loggingInfo": if updating { Value::Null } else { cluster.logs.clone() }},
        }}))
    });
    let arn = "arn:aws:kafka:eu-west-1:111122223333:cluster/events/1-2";
    let logs = json!({"CloudWatchLogs": {"Enabled": true, "LogGroup": "g"}});
    let input = json!({"ClusterArn": arn, "CurrentVersion": "K0", "LoggingInfo": {"BrokerLogs": logs}});
    let (made, undone) = there_and_back(&server, &[("kafka:UpdateMonitoring", input)]).await;
    assert_eq!((made, undone), (Outcome::Done, vec![Fate::Deleted]));
    let cluster = cluster.lock().unwrap();
    let asked: Vec<(&Value, &Value)> = cluster
        .asked_for
        .iter()
        .map(|one| (&one["currentVersion"], &one["loggingInfo"]["brokerLogs"]["cloudWatchLogs"]))
        .collect();
    assert_eq!(
        asked,
        [
            (&json!("K0"), &json!({"enabled": true, "logGroup": "g"})),
            (&json!("K1"), &json!({"enabled": false})),
        ]
    );
}

/// The configuration cannot be deleted while the VPC is on its way out of it.
#[tokio::test]
async fn query_logs_of_the_resolver() {
    #[derive(Default)]
    struct Resolver {
        config: Option<Value>,
        association: Option<Value>,
        leaving: u32,
    }
    let resolver = Arc::new(Mutex::new(Resolver::default()));
    let kept = Arc::clone(&resolver);
    let server = ScriptedServer::answering(move |request| {
        let mut resolver = kept.lock().unwrap();
        let input = json_of(request);
        match request.header("x-amz-target").rsplit('.').next().unwrap() {
            "CreateResolverQueryLogConfig" => {
                let config = json!({"Id": "rqlc-1", "Name": input["Name"], "Status": "CREATING",
                    "DestinationArn": input["DestinationArn"]});
                resolver.config = Some(config.clone());
                ok(&json!({"ResolverQueryLogConfig": config}))
            }
            "AssociateResolverQueryLogConfig" => {
                assert_eq!(input["ResolverQueryLogConfigId"], "rqlc-1", "as the call before gave it");
                resolver.association = Some(json!({"Id": "rqlca-1", "Status": "ACTIVE",
                    "ResolverQueryLogConfigId": "rqlc-1", "ResourceId": input["ResourceId"]}));
                ok(&json!({"ResolverQueryLogConfigAssociation": resolver.association}))
            }
            "DisassociateResolverQueryLogConfig" => {
                resolver.association = None;
                resolver.leaving = 2;
                ok(&json!({}))
            }
            "DeleteResolverQueryLogConfig" if resolver.leaving > 0 => {
                resolver.leaving -= 1;
                let busy = json!({"__type": "InvalidRequestException", "Message": "it is associated"});
                Reply::new(400, busy.to_string())
            }
            "DeleteResolverQueryLogConfig" => {
                resolver.config = None;
                ok(&json!({}))
            }
            "ListResolverQueryLogConfigs" => {
                ok(&json!({"ResolverQueryLogConfigs": resolver.config.iter().collect::<Vec<_>>()}))
            }
            "ListResolverQueryLogConfigAssociations" => ok(&json!({
                "ResolverQueryLogConfigAssociations": resolver.association.iter().collect::<Vec<_>>(),
            })),
            other => panic!("{other}"),
        }
    });
    let config =
        trailkeep_baseline::plan::reference(&format!("{ACCOUNT}/{REGION}/logs"), "ResolverQueryLogConfig.Id");
    let calls = [
        (
            "route53resolver:CreateResolverQueryLogConfig",
            json!({"Name": "trailkeep", "DestinationArn": "arn:aws:logs:eu-west-1:1:log-group:g",
                "CreatorRequestId": "${run}"}),
        ),
        (
            "route53resolver:AssociateResolverQueryLogConfig",
            json!({"ResolverQueryLogConfigId": config, "ResourceId": "vpc-1"}),
        ),
    ];
    let (made, undone) = there_and_back(&server, &calls).await;
    assert_eq!((made, undone), (Outcome::Done, vec![Fate::Deleted, Fate::Deleted]));
    let resolver = resolver.lock().unwrap();
    assert_eq!((&resolver.config, &resolver.association), (&None, &None));
}

/// EKS takes minutes for an update: one that is under way counts as made, and its types are not there yet.
#[tokio::test]
async fn control_planes_of_eks() {
    let on: Arc<Mutex<Vec<String>>> = Arc::new(Mutex::new(vec!["api".to_owned()]));
    let (kept, updating) = (Arc::clone(&on), Arc::new(Mutex::new(false)));
    let server = ScriptedServer::answering(move |request| {
        let (mut on, mut updating) = (kept.lock().unwrap(), updating.lock().unwrap());
        let shown = on.clone();
        if request.line.starts_with("POST") {
            let setup = json_of(request)["logging"]["clusterLogging"][0].clone();
            let types =
                setup["types"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap().to_owned());
            if setup["enabled"] == true {
                on.extend(types);
            } else {
                let off: Vec<String> = types.collect();
                on.retain(|kind| !off.contains(kind));
            }
            *updating = true;
            return ok(&json!({"update": {"id": "1", "status": "InProgress"}}));
        }
        let status = if std::mem::take(&mut *updating) { "UPDATING" } else { "ACTIVE" };
        ok(&json!({"cluster": {"name": "k8s", "status": status,
            "logging": {"clusterLogging": [{"types": shown, "enabled": true}]}}}))
    });
    let setup = json!([{"types": ["audit", "authenticator"], "enabled": true}]);
    let input = json!({"name": "k8s", "logging": {"clusterLogging": setup}});
    let (made, undone) = there_and_back(&server, &[("eks:UpdateClusterConfig", input)]).await;
    assert_eq!((made, undone), (Outcome::Done, vec![Fate::Restored]));
    assert_eq!(*on.lock().unwrap(), ["api"], "what was on before stays on");
}

/// moto's clusters forget what they are told to export.
#[tokio::test]
async fn clusters_of_rds() {
    let exported = Arc::new(Mutex::new(vec!["error".to_owned()]));
    let kept = Arc::clone(&exported);
    let server = ScriptedServer::answering(move |request| {
        let mut exported = kept.lock().unwrap();
        let form = String::from_utf8(request.body.clone()).unwrap();
        let listed = |kind: &str| -> Vec<String> {
            let start = format!("CloudwatchLogsExportConfiguration.{kind}.member.");
            let pairs = form.split('&').filter(|pair| pair.starts_with(&start));
            pairs.filter_map(|pair| Some(pair.split_once('=')?.1.to_owned())).collect()
        };
        if form.contains("Action=ModifyDBCluster") {
            assert!(form.contains("DBClusterIdentifier=ledger"), "{form}");
            exported.extend(listed("EnableLogTypes"));
            let off = listed("DisableLogTypes");
            exported.retain(|log| !off.contains(log));
        }
        let action =
            if form.contains("Action=ModifyDBCluster") { "ModifyDBCluster" } else { "DescribeDBClusters" };
        let logs: String = exported.iter().map(|log| format!("<member>{log}</member>")).collect();
        let cluster = format!(
            "<DBClusterIdentifier>ledger</DBClusterIdentifier>\
             <EnabledCloudwatchLogsExports>{logs}</EnabledCloudwatchLogsExports>"
        );
        let list = format!("<DBClusters><DBCluster>{cluster}</DBCluster></DBClusters>");
        Reply::new(
            200,
            format!("<{action}Response><{action}Result>{list}</{action}Result></{action}Response>"),
        )
    });
    let input = json!({
        "DBClusterIdentifier": "ledger", "ApplyImmediately": true,
        "CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["audit", "slowquery"]},
    });
    let (made, undone) = there_and_back(&server, &[("rds:ModifyDBCluster", input)]).await;
    assert_eq!((made, undone), (Outcome::Done, vec![Fate::Restored]));
    assert_eq!(*exported.lock().unwrap(), ["error"], "what was exported before still is");
}
