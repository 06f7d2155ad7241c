//! Destinations of CloudWatch Logs take in the logs of the estate's accounts, and nobody else's.

use serde_json::{Value, json};

use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::policy::{Decision, Policy, Principal, Request};
use crate::value::Json;

const CALL: &str = "logs:DescribeDestinations";
const ACTION: &str = "logs:PutSubscriptionFilter";

pub(super) const CHECK: Check = Check {
    id: "central-destination-policy",
    control: Control::Central,
    title: "Log destinations take in the estate's accounts only",
    severity: Severity::Medium,
    why: "A destination that lets nobody in gathers nothing; one that lets everybody in can be flooded with false logs. \
          https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions.html",
    expected: "the access policy lets in the other accounts of the estate (by id or aws:PrincipalOrgID), and not \
               everybody",
    remediation: "aws logs put-destination-policy --region REGION --destination-name DESTINATION --access-policy \
                  '{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \
                  \"logs:PutSubscriptionFilter\", \"Resource\": \"DESTINATION_ARN\", \"Condition\": {\"StringEquals\": \
                  {\"aws:PrincipalOrgID\": \"ORGANIZATION_ID\"}}}]}'",
    fix_calls: &["logs:PutDestinationPolicy"],
    frameworks: Frameworks {
        nist_800_53: &["AC-4", "AU-6(3)", "AU-9"],
        pci_dss_4: &["10.3.3"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| {
        context.each_region(|place| {
            let all = place.list(CALL, "destinations")?;
            Ok(all.iter().map(|destination| judge(place, destination)).collect())
        })
    },
};

fn judge(place: Place<'_>, destination: &Value) -> Verdict {
    let name = destination.text("destinationName").unwrap_or_default();
    let arn = destination
        .text("arn")
        .map_or_else(|| place.arn("logs", &format!("destination:{name}")), str::to_owned);
    let evidence =
        json!({"targetArn": destination.at("targetArn"), "accessPolicy": destination.at("accessPolicy")});
    let Some(text) = destination.text("accessPolicy") else {
        return Verdict::fail(
            place,
            arn,
            format!("destination {name} has no access policy: it lets no account in"),
        )
        .evidence(evidence);
    };
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(error) => {
            let unknown = Unknown {
                call: CALL.to_owned(),
                missing_action: None,
                reason: format!("the access policy of destination {name} cannot be read: {error}"),
            };
            return Verdict::unknown(place, arn, &unknown).evidence(evidence);
        }
    };
    if !policy.public_grants().is_empty() {
        return Verdict::fail(
            place,
            arn,
            format!("destination {name} takes in logs of any account in the world"),
        )
        .evidence(evidence);
    }
    let others: Vec<&str> =
        place.inventory.accounts.keys().map(String::as_str).filter(|id| *id != place.account_id()).collect();
    let mut refused = Vec::new();
    for id in &others {
        match lets_in(place, &policy, id, &arn) {
            Ok(true) => {}
            Ok(false) => refused.push(*id),
            Err(unknown) => return Verdict::unknown(place, arn, &unknown).evidence(evidence),
        }
    }
    let verdict = if !others.is_empty() && refused.len() == others.len() {
        Verdict::fail(
            place,
            arn,
            format!("destination {name} lets in none of the other {} accounts", others.len()),
        )
    } else if refused.is_empty() {
        Verdict::pass(place, arn, format!("destination {name} lets in the estate's accounts"))
    } else {
        let observed = format!(
            "destination {name} lets in {} of {} other accounts, not {}",
            others.len() - refused.len(),
            others.len(),
            refused.join(", ")
        );
        Verdict::pass(place, arn, observed)
    };
    verdict.evidence(evidence)
}

fn lets_in(place: Place<'_>, policy: &Policy, account: &str, arn: &str) -> Result<bool, Unknown> {
    let theirs = place.inventory.place(account, crate::inventory::GLOBAL);
    let told = theirs.map_or(Ok(None), |place| place.get("organizations:DescribeOrganization"));
    let organization = told.as_ref().ok().and_then(|output| (*output)?.text("Organization.Id"));
    let conditions: Vec<(&str, &str)> =
        organization.map(|id| ("aws:PrincipalOrgID", id)).into_iter().collect();
    let request = Request {
        principal: Principal::Aws(account),
        action: ACTION,
        resource: arn,
        conditions: &conditions,
    };
    let allows = policy.decide(&request) == Decision::Allow;
    // Without the organisation's id a condition on it cannot be met, which says nothing.
    if allows { Ok(true) } else { told.map(|_| false) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, OTHER, Sample, fails, passes, unknown};

    const ARN: &str = "arn:aws:logs:eu-west-1:111111111111:destination:central";

    fn with_policy(principal: &Value, condition: Value) -> Sample {
        let mut sample = Sample::new();
        sample.add_account(OTHER);
        let organization = json!({"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": OTHER}});
        sample.put_in(OTHER, "global", "organizations:DescribeOrganization", "", organization);
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal,
            "Action": ACTION, "Resource": ARN, "Condition": condition}]});
        let destination = json!({"destinationName": "central", "arn": ARN,
            "targetArn": "arn:aws:kinesis:eu-west-1:111111111111:stream/logs", "accessPolicy": policy.to_string()});
        sample.put(HOME, CALL, "", json!({"destinations": [destination]}));
        sample
    }

    #[test]
    fn only_the_estate_is_let_in() {
        passes(&with_policy(&json!({"AWS": OTHER}), json!({})), &CHECK, "lets in the estate's accounts");
        let by_organization = |id: &str| json!({"StringEquals": {"aws:PrincipalOrgID": id}});
        passes(
            &with_policy(&json!("*"), by_organization("o-a1b2c3d4e5")),
            &CHECK,
            "lets in the estate's accounts",
        );
        fails(
            &with_policy(&json!("*"), by_organization("o-other")),
            &CHECK,
            "lets in none of the other 1 accounts",
        );
        fails(&with_policy(&json!("*"), json!({})), &CHECK, "takes in logs of any account in the world");
        fails(&with_policy(&json!({"AWS": "444444444444"}), json!({})), &CHECK, "lets in none");
        let mut denied = with_policy(&json!("*"), json!({}));
        denied.deny(HOME, CALL, "");
        unknown(&denied, &CHECK, CALL);
        assert!(Sample::new().run(&CHECK).is_empty(), "without destinations there is nothing to judge");
    }
}
