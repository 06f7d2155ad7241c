//! Subscription filters send the trail's log group to something that is there.
//!
//! Filters of one log group, and account policies that subscribe all log groups of a Region.

use serde_json::{Value, json};

use crate::alert_path::{Sender, Trouble, judge_target};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::policy::{Decision, Policy, Principal, Request};
use crate::value::Json;

const CALL: &str = "logs:DescribeSubscriptionFilters";

pub(super) const CHECK: Check = Check {
    id: "central-subscription-filters",
    control: Control::Central,
    title: "Subscription filters of the trail's log group have a live destination",
    severity: Severity::Medium,
    why: "A subscription filter whose destination is gone, or refuses it, drops what it is given without a word. \
          https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html",
    expected: "the function, stream or destination that the filter sends to exists and takes what CloudWatch Logs sends",
    remediation: "aws logs put-subscription-filter --region REGION --log-group-name LOG_GROUP --filter-name FILTER \
                  --filter-pattern '' --destination-arn LIVE_DESTINATION_ARN   # or delete-subscription-filter",
    fix_calls: &["logs:PutSubscriptionFilter"],
    frameworks: Frameworks {
        nist_800_53: &["AU-5", "AU-6(3)"],
        pci_dss_4: &["10.3.3", "10.7.2"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| context.each_region(judge),
};

fn judge(place: Place<'_>) -> Result<Vec<Verdict>, Unknown> {
    let mut verdicts = Vec::new();
    for (group, answer) in place.each(CALL) {
        let arn = place.arn("logs", &format!("log-group:{group}"));
        match answer {
            Ok(output) => {
                for filter in output.into_iter().flat_map(|output| output.items("subscriptionFilters")) {
                    let label = format!(
                        "subscription filter {} of log group {group}",
                        filter.text("filterName").unwrap_or("")
                    );
                    verdicts.push(verdict(
                        place,
                        &arn,
                        &label,
                        filter.text("destinationArn").unwrap_or_default(),
                    ));
                }
            }
            Err(unknown) => verdicts.push(Verdict::unknown(place, arn, &unknown)),
        }
    }
    for (_, answer) in place.each("logs:DescribeAccountPolicies") {
        // Account policies are asked for in addition; a refusal is told where they matter alone.
        let policies = answer.ok().flatten().into_iter().flat_map(|output| output.items("accountPolicies"));
        for policy in
            policies.filter(|policy| policy.text("policyType") == Some("SUBSCRIPTION_FILTER_POLICY"))
        {
            let document: Value = policy
                .text("policyDocument")
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_default();
            let label = format!("account policy {}", policy.text("policyName").unwrap_or(""));
            let arn = place.arn("logs", "log-group:*");
            verdicts.push(verdict(place, &arn, &label, document.text("DestinationArn").unwrap_or_default()));
        }
    }
    Ok(verdicts)
}

fn verdict(place: Place<'_>, arn: &str, label: &str, destination: &str) -> Verdict {
    let evidence = json!({"destinationArn": destination});
    let trouble = if destination.split(':').nth(2) == Some("logs") {
        to_destination(place, destination).err()
    } else {
        judge_target(place.inventory, destination, &Sender::logs(place, arn)).trouble().cloned()
    };
    match trouble {
        None => Verdict::pass(place, arn, format!("{label} sends to {destination}")),
        Some(Trouble::Dead(reason)) => {
            Verdict::fail(place, arn, format!("{label} sends to nothing: {reason}"))
        }
        Some(Trouble::Unknown(unknown)) => Verdict::unknown(place, arn, &unknown),
    }
    .evidence(evidence)
}

/// A destination of CloudWatch Logs, mostly another account's.
fn to_destination(place: Place<'_>, arn: &str) -> Result<(), Trouble> {
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let call = "logs:DescribeDestinations";
    let there = place.inventory.place_of(arn).ok_or_else(|| Unknown {
        call: call.to_owned(),
        missing_action: None,
        reason: format!("destination {arn} is in an account or Region that is not part of the inventory"),
    })?;
    let all = there.list(call, "destinations")?;
    let Some(destination) = all.iter().find(|destination| destination.text("destinationName") == Some(name))
    else {
        return Err(Trouble::Dead(format!("destination {name} does not exist")));
    };
    if there.account_id() == place.account_id() {
        return Ok(());
    }
    let organization = place.global().get("organizations:DescribeOrganization").ok().flatten();
    let organization = organization.and_then(|output| output.text("Organization.Id"));
    let conditions: Vec<(&str, &str)> =
        organization.map(|id| ("aws:PrincipalOrgID", id)).into_iter().collect();
    let request = Request {
        principal: Principal::Aws(place.account_id()),
        action: "logs:PutSubscriptionFilter",
        resource: arn,
        conditions: &conditions,
    };
    match destination.text("accessPolicy").map(Policy::parse) {
        Some(Ok(policy)) if policy.decide(&request) == Decision::Allow => Ok(()),
        Some(Err(error)) => Err(Trouble::Unknown(Unknown {
            call: call.to_owned(),
            missing_action: None,
            reason: format!("the access policy of destination {name} cannot be read: {error}"),
        })),
        _ => Err(Trouble::Dead(format!("destination {name} does not let account {} in", place.account_id()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, OTHER, Sample, fails, passes, unknown};

    fn sending_to(arn: &str) -> Sample {
        let mut sample = Sample::new();
        let filter = json!({"filterName": "ship", "logGroupName": "trail", "filterPattern": "", "destinationArn": arn});
        sample.put(HOME, CALL, "trail", json!({"subscriptionFilters": [filter]}));
        sample
    }

    #[test]
    fn functions() {
        let function = "arn:aws:lambda:eu-west-1:111111111111:function:ship";
        let mut sample = sending_to(function);
        fails(
            &sample,
            &CHECK,
            "subscription filter ship of log group trail sends to nothing: function ship does not exist",
        );
        sample.put(HOME, "lambda:ListFunctions", "", json!({"Functions": [{"FunctionName": "ship"}]}));
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": function,
            "Principal": {"Service": "logs.amazonaws.com"}, "Action": "lambda:InvokeFunction",
            "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:logs:eu-west-1:111111111111:log-group:trail:*"}}}]});
        sample.put(HOME, "lambda:GetPolicy", "ship", json!({"Policy": policy.to_string()}));
        passes(&sample, &CHECK, "sends to arn:aws:lambda");
        sample.deny(HOME, CALL, "trail");
        unknown(&sample, &CHECK, CALL);
    }

    #[test]
    fn destinations_of_other_accounts() {
        let arn = "arn:aws:logs:eu-west-1:222222222222:destination:central";
        let mut sample = sending_to(arn);
        assert_eq!(sample.status(&CHECK).as_str(), "UNKNOWN", "another account's");
        sample.add_account(OTHER);
        fails(&sample, &CHECK, "destination central does not exist");
        let mut with = |principal: &str| {
            let policy = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": principal},
                "Action": "logs:PutSubscriptionFilter", "Resource": arn}]});
            let destination =
                json!({"destinationName": "central", "arn": arn, "accessPolicy": policy.to_string()});
            sample.put_in(
                OTHER,
                HOME,
                "logs:DescribeDestinations",
                "",
                json!({"destinations": [destination]}),
            );
            sample.verdict(&CHECK).observed
        };
        assert!(with("111111111111").ends_with(arn));
        assert!(with("444444444444").contains("does not let account 111111111111 in"));
    }
}
