//! Queries to public hosted zones.

use serde_json::Value;

use super::destination::Target;
use super::logging::resource;
use super::nist;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "route53-query-logging",
    control: Control::Services,
    title: "Every public hosted zone logs DNS queries",
    severity: Severity::Medium,
    why: "Query logs show reconnaissance of names and abuse of forgotten records. \
          https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html",
    expected: "a query logging configuration with a live log group (in us-east-1, as Route 53 asks)",
    remediation: "aws route53 create-query-logging-config --hosted-zone-id ZONE \
                  --cloud-watch-logs-log-group-arn LOG_GROUP_ARN",
    fix_calls: &["route53:CreateQueryLoggingConfig", "logs:CreateLogGroup", "logs:PutResourcePolicy"],
    frameworks: Frameworks {
        security_hub: &["Route53.2"],
        config_rules: &["route53-query-logging-enabled"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.4.2"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_account(|place| {
        let zones = place.list("route53:ListHostedZones", "HostedZones")?;
        // Private zones are logged by the Resolver, VPC by VPC.
        Ok(zones
            .iter()
            .filter(|zone| !zone.flag("Config.PrivateZone"))
            .filter_map(|zone| {
                Some(judge(context, place, zone.text("Id")?.trim_start_matches("/hostedzone/"), zone))
            })
            .collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, id: &str, zone: &Value) -> Verdict {
    let arn = format!("arn:{}:route53:::hostedzone/{id}", place.partition());
    resource(place, &arn, |logging| {
        logging.fix(format!(
            "aws route53 create-query-logging-config --hosted-zone-id {id} --cloud-watch-logs-log-group-arn \
             arn:{}:logs:us-east-1:{}:log-group:/aws/route53/{}",
            place.partition(),
            place.account_id(),
            zone.text("Name").unwrap_or(id).trim_end_matches('.')
        ));
        let configs = place.list("route53:ListQueryLoggingConfigs", "QueryLoggingConfigs")?;
        let Some(config) = configs.iter().find(|config| config.text("HostedZoneId") == Some(id)) else {
            logging.fault("query logging is off");
            return Ok(());
        };
        match config.text("CloudWatchLogsLogGroupArn").and_then(Target::parse) {
            Some(target) => {
                logging.on(format!("queries are logged to {target}"));
                logging.destination(target.liveness(context, place));
            }
            None => logging.fault("its query logging configuration names no log group"),
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(configs: Value) -> Estate {
        let private = json!({"Id": "/hostedzone/Z2", "Name": "inner.", "Config": {"PrivateZone": true}});
        let public =
            json!({"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": false}});
        let zones = json!([public, private]);
        Estate::new().global("route53:ListHostedZones", "", json!({"HostedZones": zones})).global(
            "route53:ListQueryLoggingConfigs",
            "",
            json!({"QueryLoggingConfigs": configs}),
        )
    }

    #[test]
    fn public_zones() {
        let to = |arn: String| {
            estate(json!([{"Id": "q", "HostedZoneId": "Z1", "CloudWatchLogsLogGroupArn": arn}]))
        };
        let on = expect(&to(group_arn()), &CHECK, Status::Pass, "queries are logged to log group app");
        assert_eq!(on.resource_arn, "arn:aws:route53:::hostedzone/Z1");
        expect(&to(dead_group_arn()), &CHECK, Status::Fail, "log group gone does not exist");
        let elsewhere = to(format!("arn:aws:logs:us-east-1:{ACCOUNT}:log-group:dns"));
        expect(&elsewhere, &CHECK, Status::Unknown, "us-east-1 of account 111111111111 is not part");
        let off = expect(&estate(json!([])), &CHECK, Status::Fail, "query logging is off");
        assert!(off.remediation.unwrap().ends_with("log-group:/aws/route53/example.com"));
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "route53:ListQueryLoggingConfigs";
        expect_denied(&estate(json!([])).denied_globally(action, "", action), &CHECK, action);
        expect_nothing(
            &Estate::new().global("route53:ListHostedZones", "", json!({"HostedZones": []})),
            &CHECK,
        );
    }
}
