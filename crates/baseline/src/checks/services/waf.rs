//! Web ACLs of AWS WAF, regional ones and those for CloudFront.

use serde_json::Value;

use super::destination::Target;
use super::logging::{Logging, listing, resource};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "waf-logging",
    control: Control::Services,
    title: "Every web ACL logs the requests it blocks",
    severity: Severity::Medium,
    why: "Web ACL logs show attacks that were blocked and the requests around them; sampled requests are \
          gone after three hours. https://docs.aws.amazon.com/waf/latest/developerguide/logging.html",
    expected: "a logging configuration with a live, closed destination, whose filter keeps every blocked \
               request",
    remediation: "aws wafv2 put-logging-configuration --logging-configuration \
                  ResourceArn=WEB_ACL_ARN,LogDestinationConfigs=LOG_GROUP_ARN (the destination's name \
                  begins with aws-waf-logs-)",
    fix_calls: &[
        "wafv2:PutLoggingConfiguration",
        "logs:CreateLogDelivery",
        "logs:PutResourcePolicy",
        "iam:CreateServiceLinkedRole",
    ],
    frameworks: Frameworks {
        security_hub: &["WAF.11"],
        config_rules: &["wafv2-logging-enabled"],
        nist_800_53: &[
            "AC-4(26)", "AU-2", "AU-3", "AU-6(3)", "AU-6(4)", "AU-10", "AU-12", "CA-7", "SC-7(9)",
            "SC-7(10)", "SC-7(25)", "SI-7(8)",
        ],
        pci_dss_4: &["10.4.2"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    let look = |place: Place<'_>| -> Result<Vec<Verdict>, Unknown> {
        let listed = place.list("wafv2:ListWebACLs", "WebACLs")?;
        let arns = listed.iter().filter_map(|acl| acl.text("ARN"));
        Ok(arns.map(|arn| judge(context, place, arn)).collect())
    };
    let mut verdicts = context.each_region(look);
    let mut global = context.each_account(look);
    // An account that could not be entered was told of by the first pass.
    global.retain(|verdict| {
        context.inventory.accounts.get(&verdict.account_id).is_some_and(|account| account.failed.is_none())
    });
    verdicts.append(&mut global);
    verdicts
}

fn judge(context: &Context<'_>, place: Place<'_>, arn: &str) -> Verdict {
    resource(place, arn, |logging| {
        logging.fix(format!(
            "aws wafv2 put-logging-configuration --region {} --logging-configuration \
             ResourceArn={arn},LogDestinationConfigs=LOG_GROUP_ARN (the destination's name begins with \
             aws-waf-logs-)",
            arn.split(':').nth(3).unwrap_or("REGION")
        ));
        let output = place.get_for("wafv2:GetLoggingConfiguration", arn)?;
        let destinations = output.map(|output| output.texts("LoggingConfiguration.LogDestinationConfigs"));
        let (Some(output), Some(destinations)) = (output, destinations.filter(|list| !list.is_empty()))
        else {
            logging.fault("logging is off");
            return Ok(());
        };
        for destination in destinations {
            match Target::parse(destination) {
                Some(target) => {
                    logging.on(format!("requests are logged to {target}"));
                    logging.destination(target.liveness(context, place));
                }
                None => logging.fault(format!("{destination} is no destination that WAF can log to")),
            }
        }
        filter(output, logging);
        redacted(output, logging);
        Ok(())
    })
}

const LEFT_OUT: &str = "its logging filter may leave out requests that are not blocked";

/// What becomes of a blocked request in the logging filter.
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_LoggingFilter.html>
fn filter(output: &Value, logging: &mut Logging) {
    let Some(filter) = output.at("LoggingConfiguration.LoggingFilter") else { return };
    for rule in filter.items("Filters") {
        let keeps = rule.text("Behavior") == Some("KEEP");
        match (met_by_block(rule), keeps) {
            (Met::Always, true) => return logging.note(LEFT_OUT),
            (Met::Always, false) => return logging.fault("its logging filter drops blocked requests"),
            (Met::Sometimes, false) => {
                return logging.fault(format!(
                    "its logging filter drops the blocked requests that meet {}",
                    conditions(rule)
                ));
            }
            (Met::Sometimes, true) | (Met::Never, _) => {}
        }
    }
    if filter.text("DefaultBehavior") == Some("DROP") {
        logging.fault("its logging filter drops blocked requests by default");
    } else {
        logging.note(LEFT_OUT);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Met {
    Always,
    Sometimes,
    Never,
}

/// Whether a blocked request, of which nothing else is known, meets the filter.
fn met_by_block(rule: &Value) -> Met {
    let one = |condition: &Value| match condition.text("ActionCondition.Action") {
        Some("BLOCK") => Met::Always,
        Some("ALLOW") => Met::Never,
        // A request may have been counted or challenged before it was blocked, and bear any label.
        _ => Met::Sometimes,
    };
    let met: Vec<Met> = rule.items("Conditions").iter().map(one).collect();
    let (decisive, neutral) = match rule.text("Requirement") {
        Some("MEETS_ANY") => (Met::Always, Met::Never),
        _ => (Met::Never, Met::Always),
    };
    if met.contains(&decisive) {
        decisive
    } else if met.iter().all(|one| *one == neutral) {
        neutral
    } else {
        Met::Sometimes
    }
}

fn conditions(rule: &Value) -> String {
    let name = |condition: &Value| -> Option<String> {
        let label = condition.text("LabelNameCondition.LabelName").map(|label| format!("label {label}"));
        label.or_else(|| Some(format!("action {}", condition.text("ActionCondition.Action")?)))
    };
    let names: Vec<String> = rule.items("Conditions").iter().filter_map(name).collect();
    listing(&names, 3)
}

/// Redaction is a choice; a reader of the logs should know of it.
fn redacted(output: &Value, logging: &mut Logging) {
    let names: Vec<String> = output
        .items("LoggingConfiguration.RedactedFields")
        .iter()
        .filter_map(|field| {
            let (kind, detail) = field.as_object()?.iter().next()?;
            Some(match detail.text("Name") {
                Some(name) => format!("{kind} {name}"),
                None => kind.clone(),
            })
        })
        .collect();
    if !names.is_empty() {
        logging.note(format!("redacted: {}", listing(&names, 4)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    const ACL: &str = "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/site/1";

    fn none_for_cloudfront(estate: Estate) -> Estate {
        estate.global("wafv2:ListWebACLs", "", json!({"WebACLs": []}))
    }

    fn listed() -> Estate {
        none_for_cloudfront(Estate::new()).with(
            "wafv2:ListWebACLs",
            "",
            json!({"WebACLs": [{"Name": "site", "ARN": ACL}]}),
        )
    }

    fn logging(configuration: Value) -> Estate {
        listed().with("wafv2:GetLoggingConfiguration", ACL, json!({"LoggingConfiguration": configuration}))
    }

    fn filtered(filters: Value, default: &str) -> Estate {
        logging(json!({"LogDestinationConfigs": [group_arn()],
            "LoggingFilter": {"Filters": filters, "DefaultBehavior": default}}))
    }

    fn action(name: &str) -> Value {
        json!({"ActionCondition": {"Action": name}})
    }

    #[test]
    fn on_and_alive() {
        let on = logging(json!({"LogDestinationConfigs": [group_arn()],
            "RedactedFields": [{"SingleHeader": {"Name": "cookie"}}, {"QueryString": {}}]}));
        expect(
            &on,
            &CHECK,
            Status::Pass,
            "logged to log group app (note: redacted: SingleHeader cookie and QueryString)",
        );
        let off = listed().without("wafv2:GetLoggingConfiguration", ACL, "WAFNonexistentItemException");
        expect(&off, &CHECK, Status::Fail, "logging is off");
        let dead = logging(json!({"LogDestinationConfigs": [dead_group_arn()]}));
        expect(&dead, &CHECK, Status::Fail, "log group gone does not exist");
        let foreign =
            logging(json!({"LogDestinationConfigs": ["arn:aws:firehose:eu-west-1:2:deliverystream/x"]}));
        expect(&foreign, &CHECK, Status::Unknown, "account 2 is not part of the inventory");
    }

    #[test]
    fn for_cloudfront() {
        let arn = "arn:aws:wafv2:us-east-1:111111111111:global/webacl/edge/2";
        let estate = Estate::new()
            .with("wafv2:ListWebACLs", "", json!({"WebACLs": []}))
            .global("wafv2:ListWebACLs", "", json!({"WebACLs": [{"ARN": arn}]}))
            .without_globally("wafv2:GetLoggingConfiguration", arn, "WAFNonexistentItemException");
        let verdict = expect(&estate, &CHECK, Status::Fail, "logging is off");
        assert!(verdict.remediation.unwrap().contains("--region us-east-1"));
        assert_eq!((verdict.region.as_str(), verdict.resource_arn.as_str()), ("global", arn));
    }

    #[test]
    fn filters_that_drop_blocked_requests() {
        let label = json!({"LabelNameCondition": {"LabelName": "awswaf:bot"}});
        let rule = |behavior: &str, requirement: &str, conditions: Value| {
            let rule = json!({"Behavior": behavior, "Requirement": requirement, "Conditions": conditions});
            json!([rule])
        };
        for (filters, default, status, saying) in [
            (rule("DROP", "MEETS_ANY", json!([action("ALLOW")])), "KEEP", Status::Pass, "not blocked"),
            (
                rule("KEEP", "MEETS_ANY", json!([action("BLOCK"), action("COUNT")])),
                "DROP",
                Status::Pass,
                "may leave out requests that are not blocked",
            ),
            (
                rule("DROP", "MEETS_ANY", json!([action("BLOCK")])),
                "KEEP",
                Status::Fail,
                "drops blocked requests",
            ),
            (rule("KEEP", "MEETS_ALL", json!([action("COUNT")])), "DROP", Status::Fail, "by default"),
            (
                rule("DROP", "MEETS_ALL", json!([action("BLOCK"), label])),
                "KEEP",
                Status::Fail,
                "that meet action BLOCK and label awswaf:bot",
            ),
            (rule("DROP", "MEETS_ALL", json!([action("ALLOW"), label])), "KEEP", Status::Pass, "app"),
        ] {
            expect(&filtered(filters, default), &CHECK, status, saying);
        }
    }

    #[test]
    fn unknown_and_nothing() {
        let refused = listed().denied("wafv2:GetLoggingConfiguration", ACL, "wafv2:GetLoggingConfiguration");
        expect_denied(&refused, &CHECK, "wafv2:GetLoggingConfiguration");
        let nothing =
            none_for_cloudfront(Estate::new()).with("wafv2:ListWebACLs", "", json!({"WebACLs": []}));
        expect_nothing(&nothing, &CHECK);
        let refused = none_for_cloudfront(Estate::new()).denied("wafv2:ListWebACLs", "", "wafv2:ListWebACLs");
        expect_denied(&refused, &CHECK, "wafv2:ListWebACLs");
    }
}
