//! Flow logs of VPCs.

use serde_json::{Value, json};

use super::destination::Target;
use super::logging::{Logging, listing, resource};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "vpc-flow-logs",
    control: Control::Services,
    title: "Every VPC has flow logs of all traffic",
    severity: Severity::Medium,
    why: "Flow logs are the record of who talked to whom: of scans, of data that left, of paths between \
          machines. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
    expected: "an active flow log of traffic type ALL for the VPC or for each of its subnets, delivered \
               without error to a live, closed destination",
    remediation: "aws ec2 create-flow-logs --resource-type VPC --resource-ids VPC --traffic-type ALL \
                  --log-destination-type s3 --log-destination arn:aws:s3:::LOG_BUCKET",
    fix_calls: &["ec2:CreateFlowLogs", "logs:CreateLogDelivery", "iam:PassRole"],
    frameworks: Frameworks {
        cis_1_4: &["3.9"],
        cis_3_0: &["3.7"],
        cis_5_0: &["3.7"],
        security_hub: &["EC2.6"],
        config_rules: &["vpc-flow-logs-enabled"],
        nist_800_53: &["AC-4(26)", "AU-2", "AU-3", "AU-6(3)", "AU-6(4)", "AU-12", "CA-7", "SI-7(8)"],
        pci_dss_4: &["10.2.1"],
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let vpcs = place.list("ec2:DescribeVpcs", "Vpcs")?;
        // The owner of a shared VPC answers for it; participants cannot log it as a whole.
        let own =
            vpcs.iter().filter(|vpc| vpc.text("OwnerId").is_none_or(|owner| owner == place.account_id()));
        Ok(own.filter_map(|vpc| vpc.text("VpcId")).map(|id| judge(context, place, id)).collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, vpc: &str) -> Verdict {
    resource(place, &place.arn("ec2", &format!("vpc/{vpc}")), |logging| {
        logging.fix(format!(
            "aws ec2 create-flow-logs --region {} --resource-type VPC --resource-ids {vpc} --traffic-type \
             ALL --log-destination-type s3 --log-destination arn:{}:s3:::LOG_BUCKET",
            place.region,
            place.partition()
        ));
        let logs = place.list("ec2:DescribeFlowLogs", "FlowLogs")?;
        let mut whole = Tried::default();
        whole.all(context, place, logs, vpc);
        if whole.is_complete() {
            logging.on(format!("all traffic is logged by {}", listing(&whole.good, 3)));
            return Ok(());
        }
        by_subnet(context, place, (vpc, logs, whole), logging)
    })
}

/// Where the VPC as a whole is not logged, each of its subnets may be.
fn by_subnet(
    context: &Context<'_>,
    place: Place<'_>,
    (vpc, logs, whole): (&str, &[Value], Tried),
    logging: &mut Logging,
) -> Result<(), Unknown> {
    let subnets = place.list("ec2:DescribeSubnets", "Subnets")?;
    let of_vpc = subnets.iter().filter(|subnet| subnet.text("VpcId") == Some(vpc));
    let ids: Vec<&str> = of_vpc.filter_map(|subnet| subnet.text("SubnetId")).collect();
    let (mut without, mut tried) = (Vec::new(), whole.clone());
    for id in &ids {
        let mut one = whole.clone();
        one.all(context, place, logs, id);
        if !one.is_complete() {
            without.push(*id);
        }
        tried.join(one);
    }
    logging.evidence(json!({"subnets": ids.len(), "without": without}));
    if !ids.is_empty() && without.is_empty() {
        let by = listing(&tried.good, 3);
        logging.on(format!("all traffic of its {} subnets is logged by {by}", ids.len()));
        return Ok(());
    }
    let interfaces =
        logs.iter().filter_map(|log| log.text("ResourceId")).filter(|id| id.starts_with("eni-")).count();
    if interfaces > 0 {
        logging.note(format!("flow logs of single network interfaces in this Region: {interfaces}"));
    }
    tried.tell(&without, logging);
    Ok(())
}

/// The flow logs of a resource, added up: ACCEPT and REJECT make ALL.
#[derive(Clone, Debug, Default)]
struct Tried {
    accepted: bool,
    rejected: bool,
    good: Vec<String>,
    half: Vec<String>,
    faults: Vec<String>,
    unknown: Option<Unknown>,
}

impl Tried {
    fn is_complete(&self) -> bool {
        self.accepted && self.rejected
    }

    /// Adds the flow logs of one VPC or subnet.
    fn all(&mut self, context: &Context<'_>, place: Place<'_>, logs: &[Value], resource: &str) {
        for log in logs.iter().filter(|log| log.text("ResourceId") == Some(resource)) {
            self.one(context, place, log);
        }
    }

    /// Says why they do not add up. A destination that is not known may be a good one: then, without
    /// a fault for certain, the VPC is unknown.
    fn tell(self, without: &[&str], logging: &mut Logging) {
        let is_open = self.unknown.is_some() && self.faults.is_empty();
        if let Some(unknown) = self.unknown {
            logging.unknown(unknown);
        }
        if is_open {
            return;
        }
        if self.good.is_empty() && self.faults.is_empty() {
            logging.fault("it has no flow log, and neither has any of its subnets");
            return;
        }
        self.faults.iter().for_each(|fault| logging.fault(fault));
        if !self.half.is_empty() {
            logging.fault(format!("only a part of the traffic is logged by {}", listing(&self.half, 3)));
        }
        if !without.is_empty() {
            logging.fault(format!("subnets without a flow log of all traffic: {}", listing(without, 5)));
        }
    }

    fn one(&mut self, context: &Context<'_>, place: Place<'_>, log: &Value) {
        let id = log.text("FlowLogId").unwrap_or("a flow log");
        if log.text("FlowLogStatus").is_some_and(|status| status != "ACTIVE") {
            return self.faults.push(format!("{id} is not active"));
        }
        if log.text("DeliverLogsStatus") == Some("FAILED") {
            let why = log.text("DeliverLogsErrorMessage").unwrap_or("no reason is given");
            return self.faults.push(format!("{id} cannot deliver: {why}"));
        }
        let target = match log.text("LogDestination").and_then(Target::parse) {
            Some(target) => target,
            // Older flow logs name only the log group.
            None => match log.text("LogGroupName") {
                Some(name) => Target::log_group(place, name),
                None => return self.faults.push(format!("{id} has no destination")),
            },
        };
        let mut look = Logging::default();
        look.destination(target.liveness(context, place));
        let Some((fault, unknown)) = look.into_trouble() else {
            let kind = log.text("TrafficType").unwrap_or("ALL");
            self.accepted |= kind != "REJECT";
            self.rejected |= kind != "ACCEPT";
            self.good.push(format!("{id} to {target}"));
            if kind != "ALL" {
                self.half.push(format!("{id} ({kind})"));
            }
            return;
        };
        self.faults.extend(fault.map(|fault| format!("{id} delivers to nowhere safe: {fault}")));
        if let Some(unknown) = unknown {
            self.unknown.get_or_insert(unknown);
        }
    }

    fn join(&mut self, other: Self) {
        let add = |list: &mut Vec<String>, more: Vec<String>| {
            for text in more {
                if !list.contains(&text) {
                    list.push(text);
                }
            }
        };
        add(&mut self.good, other.good);
        add(&mut self.half, other.half);
        add(&mut self.faults, other.faults);
        self.unknown = self.unknown.take().or(other.unknown);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn log(id: &str, resource: &str, kind: &str) -> Value {
        json!({"FlowLogId": id, "ResourceId": resource, "TrafficType": kind, "FlowLogStatus": "ACTIVE",
            "DeliverLogsStatus": "SUCCESS", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs/flow"})
    }

    fn but(mut log: Value, member: &str, value: &str) -> Value {
        log[member] = json!(value);
        log
    }

    fn estate(logs: Value) -> Estate {
        let shared = json!({"VpcId": "vpc-2", "OwnerId": "222222222222"});
        let subnets = json!([{"SubnetId": "subnet-a", "VpcId": "vpc-1"}, {"SubnetId": "subnet-b", "VpcId": "vpc-1"},
            {"SubnetId": "subnet-c", "VpcId": "vpc-2"}]);
        Estate::new()
            .with("ec2:DescribeVpcs", "", json!({"Vpcs": [{"VpcId": "vpc-1", "OwnerId": ACCOUNT}, shared]}))
            .with("ec2:DescribeSubnets", "", json!({"Subnets": subnets}))
            .with("ec2:DescribeFlowLogs", "", json!({"FlowLogs": logs}))
    }

    #[test]
    fn the_whole_vpc() {
        let all = json!([log("fl-1", "vpc-1", "ALL")]);
        let verdict =
            expect(&estate(all), &CHECK, Status::Pass, "all traffic is logged by fl-1 to bucket logs");
        assert_eq!(verdict.resource_arn, "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1");
        let halves = json!([log("fl-1", "vpc-1", "ACCEPT"), log("fl-2", "vpc-1", "REJECT")]);
        expect(&estate(halves), &CHECK, Status::Pass, "fl-1 to bucket logs and fl-2 to bucket logs");
        let group = json!({"FlowLogId": "fl-1", "ResourceId": "vpc-1", "TrafficType": "ALL",
            "FlowLogStatus": "ACTIVE", "LogGroupName": "app"});
        expect(&estate(json!([group])), &CHECK, Status::Pass, "fl-1 to log group app");
    }

    #[test]
    fn what_is_missing_is_named() {
        let none = expect(&estate(json!([])), &CHECK, Status::Fail, "it has no flow log");
        assert!(none.remediation.unwrap().contains("--resource-ids vpc-1"));
        let rejects = json!([log("fl-1", "vpc-1", "REJECT")]);
        expect(
            &estate(rejects),
            &CHECK,
            Status::Fail,
            "only a part of the traffic is logged by fl-1 (REJECT)",
        );
        let one = json!([log("fl-1", "subnet-a", "ALL")]);
        expect(&estate(one), &CHECK, Status::Fail, "subnets without a flow log of all traffic: subnet-b");
        let both = json!([log("fl-1", "subnet-a", "ALL"), log("fl-2", "subnet-b", "ALL")]);
        expect(&estate(both), &CHECK, Status::Pass, "all traffic of its 2 subnets");
        let interface = json!([log("fl-1", "eni-1", "ALL")]);
        expect(
            &estate(interface),
            &CHECK,
            Status::Fail,
            "flow logs of single network interfaces in this Region: 1",
        );
        let mixed = json!([
            log("fl-1", "vpc-1", "REJECT"),
            log("fl-2", "subnet-a", "ACCEPT"),
            log("fl-3", "subnet-b", "ACCEPT")
        ]);
        expect(&estate(mixed), &CHECK, Status::Pass, "all traffic of its 2 subnets");
    }

    #[test]
    fn broken_deliveries() {
        let all = || log("fl-1", "vpc-1", "ALL");
        for (log, saying) in [
            (but(all(), "FlowLogStatus", "INACTIVE"), "fl-1 is not active"),
            (
                but(but(all(), "DeliverLogsStatus", "FAILED"), "DeliverLogsErrorMessage", "Access error"),
                "fl-1 cannot deliver: Access error",
            ),
            (but(all(), "LogDestination", "arn:aws:s3:::gone"), "bucket gone does not exist"),
            (but(all(), "LogDestination", ""), "fl-1 has no destination"),
        ] {
            expect(&estate(json!([log])), &CHECK, Status::Fail, saying);
        }
        let foreign = but(all(), "LogDestination", "arn:aws:firehose:eu-west-1:9:deliverystream/x");
        expect(&estate(json!([foreign])), &CHECK, Status::Unknown, "account 9 is not part of the inventory");
    }

    #[test]
    fn unknown_and_nothing() {
        let refused = estate(json!([])).denied("ec2:DescribeFlowLogs", "", "ec2:DescribeFlowLogs");
        expect_denied(&refused, &CHECK, "ec2:DescribeFlowLogs");
        let refused = estate(json!([])).denied("ec2:DescribeSubnets", "", "ec2:DescribeSubnets");
        expect_denied(&refused, &CHECK, "ec2:DescribeSubnets");
        expect_nothing(&Estate::new().with("ec2:DescribeVpcs", "", json!({"Vpcs": []})), &CHECK);
    }
}
