//! Broker logs of MSK clusters.

use serde_json::{Value, json};

use super::destination::Target;
use super::logging::{Logging, resource};
use super::nist;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "msk-broker-logging",
    control: Control::Services,
    title: "Every provisioned MSK cluster delivers its broker logs",
    severity: Severity::Medium,
    why: "Broker logs show failed authentication and denied access to topics; they are delivered nowhere by \
          default. https://docs.aws.amazon.com/msk/latest/developerguide/msk-logging.html",
    expected: "broker logs to at least one live, closed destination",
    remediation: "aws kafka update-monitoring --cluster-arn ARN --current-version VERSION --logging-info \
                  '{\"BrokerLogs\":{\"CloudWatchLogs\":{\"Enabled\":true,\"LogGroup\":\"LOG_GROUP\"}}}'",
    fix_calls: &["kafka:UpdateMonitoring", "logs:CreateLogDelivery"],
    frameworks: Frameworks { nist_800_53: nist::AUDIT, pci_dss_4: &["10.2.1"], ..Frameworks::NONE },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let clusters = place.list("kafka:ListClustersV2", "ClusterInfoList")?;
        // Serverless clusters have no broker logs to deliver.
        let provisioned = clusters.iter().filter(|cluster| cluster.text("ClusterType") != Some("SERVERLESS"));
        Ok(provisioned
            .filter_map(|cluster| Some(judge(context, place, cluster, cluster.text("ClusterArn")?)))
            .collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, cluster: &Value, arn: &str) -> Verdict {
    resource(place, arn, |logging| {
        logging.fix(format!(
            "aws kafka update-monitoring --region {} --cluster-arn {arn} --current-version {} --logging-info \
             '{}'",
            place.region,
            cluster.text("CurrentVersion").unwrap_or("VERSION"),
            json!({"BrokerLogs": {"CloudWatchLogs": {"Enabled": true, "LogGroup": "LOG_GROUP"}}})
        ));
        let logs = cluster.at("Provisioned.LoggingInfo.BrokerLogs").unwrap_or(&Value::Null);
        let name = |kind: &str, member: &str| {
            logs.at(kind).filter(|kind| kind.flag("Enabled")).map(|kind| kind.text(member))
        };
        let targets = [
            name("CloudWatchLogs", "LogGroup").map(|name| name.map(|name| Target::log_group(place, name))),
            name("Firehose", "DeliveryStream")
                .map(|name| name.map(|name| Target::delivery_stream(place, name))),
            name("S3", "Bucket").map(|name| name.map(Target::bucket)),
        ];
        let targets: Vec<Option<Target>> = targets.into_iter().flatten().collect();
        if targets.is_empty() {
            logging.fault("broker logs are off");
        }
        for target in targets {
            deliver(context, place, target, logging);
        }
        Ok(())
    })
}

fn deliver(context: &Context<'_>, place: Place<'_>, target: Option<Target>, logging: &mut Logging) {
    match target {
        Some(target) => {
            logging.on(format!("broker logs go to {target}"));
            logging.destination(target.liveness(context, place));
        }
        None => logging.fault("broker logs name no destination"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(broker_logs: Value) -> Estate {
        let cluster = json!({"ClusterArn": "arn:kafka:c", "ClusterType": "PROVISIONED", "CurrentVersion": "K1",
            "Provisioned": {"LoggingInfo": {"BrokerLogs": broker_logs}}});
        let serverless = json!({"ClusterArn": "arn:kafka:s", "ClusterType": "SERVERLESS", "Serverless": {}});
        Estate::new().with("kafka:ListClustersV2", "", json!({"ClusterInfoList": [cluster, serverless]}))
    }

    #[test]
    fn destinations() {
        let off = json!({"S3": {"Enabled": false}});
        let group = |name: &str| json!({"CloudWatchLogs": {"Enabled": true, "LogGroup": name}});
        expect(&estate(group("app")), &CHECK, Status::Pass, "broker logs go to log group app");
        expect(&estate(group("gone")), &CHECK, Status::Fail, "log group gone does not exist");
        let stream = json!({"Firehose": {"Enabled": true, "DeliveryStream": "flow"}});
        expect(&estate(stream), &CHECK, Status::Pass, "delivery stream flow");
        let bucket = json!({"S3": {"Enabled": true, "Bucket": "gone"}});
        expect(&estate(bucket), &CHECK, Status::Fail, "bucket gone does not exist");
        expect(&estate(json!({"S3": {"Enabled": true}})), &CHECK, Status::Fail, "name no destination");
        let none = expect(&estate(off), &CHECK, Status::Fail, "broker logs are off");
        assert!(none.remediation.unwrap().contains("--cluster-arn arn:kafka:c --current-version K1"));
        expect(&estate(Value::Null), &CHECK, Status::Fail, "broker logs are off");
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "kafka:ListClustersV2";
        expect_denied(&Estate::new().denied(action, "", action), &CHECK, action);
        expect_nothing(&Estate::new().with(action, "", json!({"ClusterInfoList": []})), &CHECK);
    }
}
