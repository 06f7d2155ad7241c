//! Slow and engine logs of ElastiCache.

use serde_json::{Value, json};

use super::destination::Target;
use super::logging::{Logging, listing, resource};
use super::nist;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "elasticache-logging",
    control: Control::Services,
    title: "Every ElastiCache for Redis or Valkey delivers its logs",
    severity: Severity::Low,
    why: "The engine log shows restarts, failovers and refused connections, the slow log what was asked of \
          the cache. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html",
    expected: "slow-log and engine-log delivered to a live log group or delivery stream, without error",
    remediation: "aws elasticache modify-replication-group --replication-group-id ID --apply-immediately \
                  --log-delivery-configurations LogType=slow-log,DestinationType=cloudwatch-logs,\
                  DestinationDetails={CloudWatchLogsDetails={LogGroup=GROUP}},LogFormat=json,Enabled=true",
    fix_calls: &[
        "elasticache:ModifyReplicationGroup",
        "elasticache:ModifyCacheCluster",
        "logs:CreateLogDelivery",
        "logs:PutResourcePolicy",
    ],
    frameworks: Frameworks { nist_800_53: nist::AUDIT, pci_dss_4: &["10.2.1"], ..Frameworks::NONE },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let groups = place.list("elasticache:DescribeReplicationGroups", "ReplicationGroups")?;
        let clusters = place.list("elasticache:DescribeCacheClusters", "CacheClusters")?;
        let groups = groups.iter().filter_map(|group| {
            let id = group.text("ReplicationGroupId")?;
            // A group does not say its version; its members do.
            let member = clusters.iter().find(|cluster| cluster.text("ReplicationGroupId") == Some(id));
            let version = member.and_then(|member| member.text("EngineVersion"));
            Some(judge(context, place, (group, id, "replication-group", "replicationgroup"), version))
        });
        // Members of a group log through it, and Memcached has no such logs.
        let alone = clusters.iter().filter_map(|cluster| {
            let id = cluster.text("CacheClusterId")?;
            let logs =
                cluster.text("ReplicationGroupId").is_none() && cluster.text("Engine") != Some("memcached");
            let what = (cluster, id, "cache-cluster", "cluster");
            logs.then(|| judge(context, place, what, cluster.text("EngineVersion")))
        });
        Ok(groups.chain(alone).collect())
    })
}

fn judge(
    context: &Context<'_>,
    place: Place<'_>,
    (cache, id, command, kind): (&Value, &str, &str, &str),
    version: Option<&str>,
) -> Verdict {
    let arn =
        cache.text("ARN").map_or_else(|| place.arn("elasticache", &format!("{kind}:{id}")), str::to_owned);
    resource(place, &arn, |logging| {
        let can = available(version);
        let configs = cache.items("LogDeliveryConfigurations");
        let of = |log: &str| configs.iter().find(|config| config.text("LogType") == Some(log));
        let off: Vec<&str> = can.iter().copied().filter(|log| of(log).is_none()).collect();
        let setups: Vec<Value> = off
            .iter()
            .map(|log| {
                json!({"LogType": log, "DestinationType": "cloudwatch-logs", "LogFormat": "json", "Enabled": true,
                    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "LOG_GROUP"}}})
            })
            .collect();
        logging.fix(format!(
            "aws elasticache modify-{command} --region {} --{command}-id {id} --apply-immediately \
             --log-delivery-configurations '{}'",
            place.region,
            json!(setups)
        ));
        if can.is_empty() {
            logging.fault(format!("version {} can deliver no logs: upgrade it", version.unwrap_or("?")));
        }
        if !off.is_empty() {
            logging.fault(format!("logs that are not delivered: {}", listing(&off, 2)));
        }
        can.iter().filter_map(|log| of(log)).for_each(|config| deliver(context, place, config, logging));
        Ok(())
    })
}

/// Slow logs came with version 6.0, engine logs with 6.2.
fn available(version: Option<&str>) -> &'static [&'static str] {
    let mut parts = version.unwrap_or("7").split('.').map(|part| part.parse::<u32>().unwrap_or(u32::MAX));
    match (parts.next().unwrap_or(7), parts.next().unwrap_or(u32::MAX)) {
        (0..=5, _) => &[],
        (6, 0..=1) => &["slow-log"],
        _ => &["slow-log", "engine-log"],
    }
}

fn deliver(context: &Context<'_>, place: Place<'_>, config: &Value, logging: &mut Logging) {
    let log = config.text("LogType").unwrap_or("?");
    if config.text("Status") == Some("error") {
        let why = config.text("Message").unwrap_or("no reason is given");
        return logging.fault(format!("{log} is not delivered: {why}"));
    }
    let group = config.text("DestinationDetails.CloudWatchLogsDetails.LogGroup");
    let stream = config.text("DestinationDetails.KinesisFirehoseDetails.DeliveryStream");
    let target = match (group, stream) {
        (Some(name), _) => Target::log_group(place, name),
        (None, Some(name)) => Target::delivery_stream(place, name),
        (None, None) => return logging.fault(format!("{log} names no destination")),
    };
    logging.on(format!("{log} goes to {target}"));
    logging.destination(target.liveness(context, place));
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn log(kind: &str, group: &str) -> Value {
        json!({"LogType": kind, "DestinationType": "cloudwatch-logs", "Status": "active",
            "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": group}}})
    }

    fn estate(groups: Value, clusters: Value) -> Estate {
        Estate::new()
            .with("elasticache:DescribeReplicationGroups", "", json!({"ReplicationGroups": groups}))
            .with("elasticache:DescribeCacheClusters", "", json!({"CacheClusters": clusters}))
    }

    fn alone(version: &str, logs: Value) -> Estate {
        estate(
            json!([]),
            json!([{"CacheClusterId": "c", "Engine": "redis", "EngineVersion": version,
            "LogDeliveryConfigurations": logs}]),
        )
    }

    #[test]
    fn replication_groups() {
        let group = |logs: Value| {
            let group = json!({"ReplicationGroupId": "g", "ARN": "arn:g", "LogDeliveryConfigurations": logs});
            let member = json!({"CacheClusterId": "g-001", "ReplicationGroupId": "g", "Engine": "redis",
                "EngineVersion": "7.1.0"});
            estate(json!([group]), json!([member]))
        };
        let both = group(json!([log("slow-log", "app"), log("engine-log", "app")]));
        let verdict = expect(
            &both,
            &CHECK,
            Status::Pass,
            "slow-log goes to log group app; engine-log goes to log group app",
        );
        assert_eq!(verdict.resource_arn, "arn:g");
        let slow = expect(
            &group(json!([log("slow-log", "app")])),
            &CHECK,
            Status::Fail,
            "not delivered: engine-log",
        );
        assert!(
            slow.remediation
                .unwrap()
                .contains("modify-replication-group --region eu-west-1 --replication-group-id g")
        );
        expect(&group(json!([])), &CHECK, Status::Fail, "not delivered: slow-log and engine-log");
    }

    #[test]
    fn clusters_that_stand_alone() {
        expect(
            &alone("6.0.5", json!([log("slow-log", "app")])),
            &CHECK,
            Status::Pass,
            "slow-log goes to log group app",
        );
        expect(&alone("5.0.6", json!([])), &CHECK, Status::Fail, "version 5.0.6 can deliver no logs");
        let both = |slow: Value| alone("6.x", json!([slow, log("engine-log", "app")]));
        expect(&both(log("slow-log", "gone")), &CHECK, Status::Fail, "log group gone does not exist");
        let mut broken = log("slow-log", "app");
        broken["Status"] = json!("error");
        broken["Message"] = json!("access denied");
        expect(&both(broken), &CHECK, Status::Fail, "slow-log is not delivered: access denied");
        expect(&both(json!({"LogType": "slow-log"})), &CHECK, Status::Fail, "slow-log names no destination");
    }

    #[test]
    fn unknown_and_nothing() {
        let memcached = estate(json!([]), json!([{"CacheClusterId": "m", "Engine": "memcached"}]));
        expect_nothing(&memcached, &CHECK);
        let action = "elasticache:DescribeCacheClusters";
        expect_denied(&memcached.denied(action, "", action), &CHECK, action);
    }
}
