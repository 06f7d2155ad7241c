//! Control-plane logs of EKS clusters.

use serde_json::json;

use super::destination::log_group;
use super::logging::{listing, resource};
use super::nist;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "eks-control-plane-logging",
    control: Control::Services,
    title: "Every EKS cluster logs its whole control plane",
    severity: Severity::Medium,
    why: "The audit and authenticator logs are the only record of who did what in a cluster. \
          https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
    expected: "all five types on (api, audit, authenticator, controllerManager, scheduler), and their log \
               group there",
    remediation: "aws eks update-cluster-config --name CLUSTER --logging \
                  '{\"clusterLogging\":[{\"types\":[\"api\",\"audit\",\"authenticator\",\
                  \"controllerManager\",\"scheduler\"],\"enabled\":true}]}'",
    fix_calls: &["eks:UpdateClusterConfig"],
    frameworks: Frameworks {
        security_hub: &["EKS.8"],
        config_rules: &["eks-cluster-log-enabled"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.2.1"],
        ..Frameworks::NONE
    },
    run,
};

const TYPES: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let names = place.list("eks:ListClusters", "clusters")?;
        Ok(names.iter().filter_map(|name| name.as_str()).map(|name| judge(place, name)).collect())
    })
}

fn judge(place: Place<'_>, name: &str) -> Verdict {
    resource(place, &place.arn("eks", &format!("cluster/{name}")), |logging| {
        logging.fix(format!(
            "aws eks update-cluster-config --region {} --name {name} --logging '{}'",
            place.region,
            json!({"clusterLogging": [{"types": TYPES, "enabled": true}]})
        ));
        let cluster = place.get_for("eks:DescribeCluster", name)?;
        let setups = cluster.map_or(&[][..], |cluster| cluster.items("cluster.logging.clusterLogging"));
        let on: Vec<&str> = setups
            .iter()
            .filter(|setup| setup.flag("enabled"))
            .flat_map(|setup| setup.texts("types"))
            .collect();
        logging.evidence(json!({"enabled": on}));
        let off: Vec<&str> = TYPES.into_iter().filter(|kind| !on.contains(kind)).collect();
        if !off.is_empty() {
            if !off.contains(&"audit") && !off.contains(&"authenticator") {
                logging.severity(Severity::Low);
            }
            logging.fault(format!("control-plane logs that are off: {}", listing(&off, 5)));
            return Ok(());
        }
        logging.on("all five control-plane logs are on");
        let group = format!("/aws/eks/{name}/cluster");
        if log_group(place, &group)?.is_none() {
            logging.fault(format!("log group {group} does not exist"));
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(on: &[&str]) -> Estate {
        let off: Vec<&str> = TYPES.into_iter().filter(|kind| !on.contains(kind)).collect();
        let setups = json!([{"types": on, "enabled": true}, {"types": off, "enabled": false}]);
        Estate::new().with("eks:ListClusters", "", json!({"clusters": ["prod"]})).with(
            "eks:DescribeCluster",
            "prod",
            json!({"cluster": {"name": "prod", "logging": {"clusterLogging": setups}}}),
        )
    }

    #[test]
    fn types() {
        let there = estate(&TYPES).log_groups(&["/aws/eks/prod/cluster"]);
        let verdict = expect(&there, &CHECK, Status::Pass, "all five control-plane logs are on");
        assert_eq!(verdict.resource_arn, "arn:aws:eks:eu-west-1:111111111111:cluster/prod");
        expect(&estate(&TYPES), &CHECK, Status::Fail, "log group /aws/eks/prod/cluster does not exist");
        let some = expect(
            &estate(&["api", "audit", "authenticator"]),
            &CHECK,
            Status::Fail,
            "off: controllerManager and scheduler",
        );
        assert_eq!(some.severity, Some(Severity::Low));
        let none = expect(
            &estate(&[]),
            &CHECK,
            Status::Fail,
            "off: api, audit, authenticator, controllerManager and scheduler",
        );
        assert_eq!(none.severity, None);
    }

    #[test]
    fn unknown_and_nothing() {
        expect_denied(
            &estate(&[]).denied("eks:DescribeCluster", "prod", "eks:DescribeCluster"),
            &CHECK,
            "eks:DescribeCluster",
        );
        expect_nothing(&Estate::new().with("eks:ListClusters", "", json!({"clusters": []})), &CHECK);
    }
}
