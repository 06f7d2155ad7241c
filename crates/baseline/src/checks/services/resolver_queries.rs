//! Queries that machines in a VPC make through the Resolver.

use super::destination::Target;
use super::logging::{Logging, listing, resource};
use super::nist;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "resolver-query-logging",
    control: Control::Services,
    title: "Every VPC logs the DNS queries of its machines",
    severity: Severity::Medium,
    why: "The names that a machine asks for betray command channels and tunnels that flow logs do not. \
          https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html",
    expected: "an active association with a query logging configuration whose destination is live and \
               closed",
    remediation: "aws route53resolver associate-resolver-query-log-config --resolver-query-log-config-id \
                  CONFIG --resource-id VPC",
    fix_calls: &[
        "route53resolver:CreateResolverQueryLogConfig",
        "route53resolver:AssociateResolverQueryLogConfig",
        "logs:CreateLogDelivery",
    ],
    frameworks: Frameworks { nist_800_53: nist::TRAFFIC, pci_dss_4: &["10.2.1"], ..Frameworks::NONE },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let vpcs = place.list("ec2:DescribeVpcs", "Vpcs")?;
        let own =
            vpcs.iter().filter(|vpc| vpc.text("OwnerId").is_none_or(|owner| owner == place.account_id()));
        Ok(own.filter_map(|vpc| vpc.text("VpcId")).map(|id| judge(context, place, id)).collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, vpc: &str) -> Verdict {
    resource(place, &place.arn("ec2", &format!("vpc/{vpc}")), |logging| {
        let configs = place.list("route53resolver:ListResolverQueryLogConfigs", "ResolverQueryLogConfigs")?;
        let known = configs.first().and_then(|config| config.text("Id")).unwrap_or("CONFIG");
        logging.fix(format!(
            "aws route53resolver associate-resolver-query-log-config --region {} \
             --resolver-query-log-config-id {known} --resource-id {vpc}",
            place.region
        ));
        let associations = place.list(
            "route53resolver:ListResolverQueryLogConfigAssociations",
            "ResolverQueryLogConfigAssociations",
        )?;
        let mine: Vec<_> = associations.iter().filter(|one| one.text("ResourceId") == Some(vpc)).collect();
        if mine.is_empty() {
            logging.fault("no query logging configuration is associated with it");
        }
        // One association that works is enough; the faults of the others are then worth a note.
        let mut tried = Vec::new();
        for association in mine {
            let mut one = Logging::default();
            let id = association.text("ResolverQueryLogConfigId").unwrap_or("?");
            let config = configs.iter().find(|config| config.text("Id") == Some(id));
            let target = config.and_then(|config| config.text("DestinationArn")).and_then(Target::parse);
            match (association.text("Status"), target) {
                (Some("ACTIVE"), Some(target)) => {
                    one.destination(target.liveness(context, place));
                    match one.into_trouble() {
                        None => {
                            logging.on(format!("queries are logged to {target}"));
                            tried.iter().for_each(|(fault, _): &(Option<String>, _)| {
                                fault.iter().for_each(|fault| logging.note(fault));
                            });
                            return Ok(());
                        }
                        Some(trouble) => tried.push(trouble),
                    }
                }
                (Some("ACTIVE"), None) => tried.push((
                    None,
                    Some(Unknown {
                        call: "route53resolver:ListResolverQueryLogConfigs".to_owned(),
                        missing_action: None,
                        reason: format!("the query logging configuration {id} is not part of the inventory"),
                    }),
                )),
                (status, _) => {
                    let why = [association.text("Error"), association.text("ErrorMessage")];
                    let why: Vec<&str> = why.into_iter().flatten().filter(|text| *text != "NONE").collect();
                    let why = if why.is_empty() { String::new() } else { format!(": {}", listing(&why, 2)) };
                    let status = status.unwrap_or("of unknown status");
                    tried.push((Some(format!("its association with {id} is {status}{why}")), None));
                }
            }
        }
        for (fault, unknown) in tried {
            fault.into_iter().for_each(|fault| logging.fault(fault));
            unknown.into_iter().for_each(|unknown| logging.unknown(unknown));
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(configs: Value, associations: Value) -> Estate {
        Estate::new()
            .with("ec2:DescribeVpcs", "", json!({"Vpcs": [{"VpcId": "vpc-1"}]}))
            .with(
                "route53resolver:ListResolverQueryLogConfigs",
                "",
                json!({"ResolverQueryLogConfigs": configs}),
            )
            .with(
                "route53resolver:ListResolverQueryLogConfigAssociations",
                "",
                json!({"ResolverQueryLogConfigAssociations": associations}),
            )
    }

    fn association(status: &str) -> Value {
        json!({"ResolverQueryLogConfigId": "rqlc-1", "ResourceId": "vpc-1", "Status": status,
            "Error": "DESTINATION_NOT_FOUND", "ErrorMessage": "bucket is gone"})
    }

    #[test]
    fn associations() {
        let config = |arn: String| json!([{"Id": "rqlc-1", "DestinationArn": arn, "Status": "CREATED"}]);
        let active = || json!([association("ACTIVE")]);
        expect(
            &estate(config(group_arn()), active()),
            &CHECK,
            Status::Pass,
            "queries are logged to log group app",
        );
        let dead = estate(config(dead_group_arn()), active());
        expect(&dead, &CHECK, Status::Fail, "log group gone does not exist");
        let failed = estate(config(group_arn()), json!([association("FAILED")]));
        expect(&failed, &CHECK, Status::Fail, "is FAILED: DESTINATION_NOT_FOUND and bucket is gone");
        let off = expect(&estate(config(group_arn()), json!([])), &CHECK, Status::Fail, "no query logging");
        assert!(
            off.remediation.unwrap().ends_with("--resolver-query-log-config-id rqlc-1 --resource-id vpc-1")
        );
        expect(&estate(json!([]), active()), &CHECK, Status::Unknown, "rqlc-1 is not part of the inventory");
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "route53resolver:ListResolverQueryLogConfigAssociations";
        expect_denied(&estate(json!([]), json!([])).denied(action, "", action), &CHECK, action);
        expect_nothing(&Estate::new().with("ec2:DescribeVpcs", "", json!({"Vpcs": []})), &CHECK);
    }
}
