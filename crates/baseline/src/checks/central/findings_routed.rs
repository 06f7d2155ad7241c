//! Findings reach somebody.
//!
//! A grave, new finding is run through the EventBridge rules of every bus that gets it: that of the
//! account and Region itself, that of the service's administrator in the same Region, and of Security
//! Hub also that of the Region in which findings are aggregated. A finding of GuardDuty also counts as
//! routed where Security Hub is on and a rule picks it there, as Security Hub imports it.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::delegated::administrator_of;
use super::findings::{At, guardduty, security_hub};
use super::guardduty::enabled_detector;
use crate::alert_path::{AwsEvent, Coverage, Outcome};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "findings-routed",
    control: Control::Central,
    title: "Findings of GuardDuty and Security Hub reach somebody",
    severity: Severity::High,
    why: "A finding that waits in a console until somebody looks is found weeks later. \
          https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
    expected: "an enabled EventBridge rule picks a grave finding and hands it to a live target, or Trailkeep notifies",
    remediation: "aws events put-rule --region REGION --name trailkeep-findings --event-pattern '{\"source\": \
                  [\"aws.guardduty\", \"aws.securityhub\"], \"detail-type\": [\"GuardDuty Finding\", \"Security Hub \
                  Findings - Imported\"]}' && aws events put-targets --region REGION --rule trailkeep-findings \
                  --targets Id=topic,Arn=TOPIC_ARN   # a topic whose policy lets events.amazonaws.com publish, with a \
                  confirmed subscription",
    fix_calls: &["events:PutRule", "events:PutTargets"],
    frameworks: Frameworks {
        nist_800_53: &["AU-6(1)", "IR-4(1)", "IR-6(1)", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1", "12.10.5"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| context.each_region(judge),
};

fn judge(place: Place<'_>) -> Result<Vec<Verdict>, Unknown> {
    let mut verdicts = Vec::new();
    let hub = place.get("securityhub:DescribeHub");
    match enabled_detector(place) {
        Ok(Some(id)) => {
            let arn = place.arn("guardduty", &format!("detector/{id}"));
            verdicts.push(verdict(place, &arn, "GuardDuty", ways_of_guardduty(place, hub.clone())));
        }
        // Nothing is sent where it is off, which another check tells.
        Ok(None) => {}
        Err(unknown) => verdicts.push(Verdict::unknown(place, place.account_arn(), &unknown)),
    }
    match hub {
        Ok(Some(_)) => {
            let arn = place.arn("securityhub", "hub/default");
            verdicts.push(verdict(place, &arn, "Security Hub", ways_of_hub(place, false)));
        }
        Ok(None) => {}
        Err(unknown) => verdicts.push(Verdict::unknown(place, place.account_arn(), &unknown)),
    }
    Ok(verdicts)
}

/// A bus that gets the finding, and the finding as it gets it.
struct Way {
    account: String,
    region: String,
    event: AwsEvent,
}

/// The ways that a finding goes.
struct Ways {
    all: Vec<Way>,
    /// Why there may be more.
    more: Option<Unknown>,
}

fn ways_of_guardduty(place: Place<'_>, hub: Result<Option<&Value>, Unknown>) -> Ways {
    let own = place.account_id().to_owned();
    let admin = administrator_of(place, false).filter(|admin| *admin != own);
    let mut all: Vec<Way> = [Some(own), admin]
        .into_iter()
        .flatten()
        .map(|account| way(place, account, place.region, guardduty))
        .collect();
    let more = match hub {
        Ok(Some(_)) => {
            let through = ways_of_hub(place, true);
            all.extend(through.all);
            through.more
        }
        Ok(None) => None,
        Err(unknown) => Some(unknown),
    };
    Ways { all, more }
}

fn ways_of_hub(place: Place<'_>, of_guardduty: bool) -> Ways {
    let own = place.account_id().to_owned();
    let told = place.get("securityhub:GetAdministratorAccount").ok().flatten();
    let told = told.and_then(|output| output.text("Administrator.AccountId")).map(str::to_owned);
    let admin = told.or_else(|| administrator_of(place, true)).filter(|admin| *admin != own);
    let accounts: Vec<String> = [Some(own), admin].into_iter().flatten().collect();
    let mut ways = Ways { all: Vec::new(), more: None };
    for account in accounts {
        let mut regions = vec![place.region.to_owned()];
        match aggregation_region(place, &account) {
            Ok(region) => regions.extend(region.filter(|region| region != place.region)),
            Err(unknown) => ways.more = ways.more.or(Some(unknown)),
        }
        for region in regions {
            ways.all.push(way(place, account.clone(), &region, |at| security_hub(at, of_guardduty)));
        }
    }
    ways
}

/// The Region in which the account's Security Hub aggregates findings, where the inventory tells.
fn aggregation_region(place: Place<'_>, account: &str) -> Result<Option<String>, Unknown> {
    let Some(there) = place.inventory.place(account, place.region) else { return Ok(None) };
    let all = there.list("securityhub:ListFindingAggregators", "FindingAggregators")?;
    let arn = all.first().and_then(|aggregator| aggregator.text("FindingAggregatorArn"));
    Ok(arn.and_then(|arn| arn.split(':').nth(3)).map(str::to_owned))
}

fn way(place: Place<'_>, account: String, region: &str, event: impl Fn(&At<'_>) -> AwsEvent) -> Way {
    let time = place.inventory.collected_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let at = At {
        partition: place.partition(),
        bus_account: &account,
        // The bus of another Region gets the event as of that Region.
        region,
        about: place.account_id(),
        time: &time,
    };
    let event = event(&at);
    Way { region: region.to_owned(), event, account }
}

fn verdict(place: Place<'_>, arn: &str, service: &str, ways: Ways) -> Verdict {
    let paths = place.inventory.alert_paths();
    let mut unknown = None;
    let mut near = Vec::new();
    for Way { account, region, event } in &ways.all {
        let coverage = paths.coverage(account, region, std::slice::from_ref(event));
        let at = if account == place.account_id() { String::new() } else { format!(" in account {account}") };
        match coverage.events.first().map(|(_, outcome)| outcome) {
            Some(Outcome::Alerted(path)) => {
                let observed = format!("findings of {service} reach somebody ({}{at})", path.describe());
                return Verdict::pass(place, arn, observed).evidence(json!({"path": path.hops}));
            }
            Some(Outcome::Unknown(reason)) => unknown = unknown.or(Some(reason.clone())),
            Some(Outcome::Slips) | None => near.extend(near_misses(&coverage, &at)),
        }
    }
    let fix = CHECK.remediation.replace("REGION", place.region);
    if let Some(unknown) = unknown.or(ways.more) {
        return Verdict::unknown(place, arn, &unknown);
    }
    let reason = if near.is_empty() { "no EventBridge rule picks them".to_owned() } else { near.join("; ") };
    Verdict::fail(place, arn, format!("findings of {service} reach nobody: {reason}"))
        .remediation(fix)
        .evidence(json!({"near": near}))
}

fn near_misses(coverage: &Coverage<'_>, at: &str) -> Vec<String> {
    let picks = coverage.listeners.iter().take(3);
    picks
        .map(|listener| format!("{}{at} picks them, but {}", listener.label, listener.broken.join(" and ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::alert_path::sample::{ACCOUNT, HOME, OTHER, Sample, TOPIC, fails, passes, unknown};
    use crate::inventory::Watch;

    const HUB: &str = "securityhub:DescribeHub";

    fn with_guardduty() -> Sample {
        let mut sample = Sample::new();
        for region in [HOME, "us-east-1"] {
            sample.put(region, "guardduty:ListDetectors", "", json!({"DetectorIds": []}));
            sample.absent(region, HUB, "");
        }
        sample.put(HOME, "guardduty:ListDetectors", "", json!({"DetectorIds": ["d1"]}));
        sample.put(HOME, "guardduty:GetDetector", "d1", json!({"Status": "ENABLED"}));
        sample
    }

    fn pattern(source: &str) -> Value {
        json!({"source": [source]})
    }

    #[test]
    fn a_rule_that_picks_grave_findings_will_do() {
        let mut sample = with_guardduty();
        fails(&sample, &CHECK, "findings of GuardDuty reach nobody: no EventBridge rule picks them");
        let grave = json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"],
            "detail": {"severity": [{"numeric": [">=", 7]}]}});
        sample.add_rule(HOME, "grave", grave, TOPIC);
        passes(&sample, &CHECK, "findings of GuardDuty reach somebody (rule grave → topic alerts");
        sample.put(HOME, "sns:ListSubscriptionsByTopic", TOPIC, json!({"Subscriptions": []}));
        fails(&sample, &CHECK, "rule grave picks them, but topic alerts has no subscription");
        sample.deny(HOME, "events:ListRules", "");
        unknown(&sample, &CHECK, "events:ListRules");
    }

    #[test]
    fn rules_hear_findings_without_a_trail() {
        let mut sample = with_guardduty();
        sample.put(HOME, "cloudtrail:DescribeTrails", "", json!({"trailList": []}));
        sample.add_rule(HOME, "grave", pattern("aws.guardduty"), TOPIC);
        passes(&sample, &CHECK, "rule grave");
    }

    #[test]
    fn security_hub_imports_what_guardduty_finds() {
        let mut sample = with_guardduty();
        sample.put(
            HOME,
            HUB,
            "",
            json!({"HubArn": "arn:aws:securityhub:eu-west-1:111111111111:hub/default"}),
        );
        let grave = json!({"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"],
            "detail": {"findings": {"Severity": {"Label": ["HIGH", "CRITICAL"]}, "Workflow": {"Status": ["NEW"]},
                "RecordState": ["ACTIVE"]}}});
        sample.add_rule(HOME, "hub", grave, TOPIC);
        let verdicts = sample.run(&CHECK);
        assert_eq!(
            verdicts.iter().filter(|verdict| verdict.observed.contains("rule hub")).count(),
            2,
            "{verdicts:?}"
        );
    }

    #[test]
    fn the_administrator_may_route_for_its_members() {
        let mut sample = with_guardduty();
        sample.add_account(OTHER);
        let admins = json!({"AdminAccounts": [{"AdminAccountId": OTHER, "AdminStatus": "ENABLED"}]});
        sample.put(HOME, "guardduty:ListOrganizationAdminAccounts", "", admins);
        fails(&sample, &CHECK, "reach nobody");
        let arn = format!("arn:aws:events:{HOME}:{OTHER}:rule/all");
        let function = format!("arn:aws:ssm:{HOME}:{OTHER}:opsitem:1");
        let rule = json!({"Name": "all", "Arn": arn, "State": "ENABLED",
            "EventPattern": pattern("aws.guardduty").to_string()});
        sample.put_in(OTHER, HOME, "events:ListRules", "", json!({"Rules": [rule]}));
        sample.put_in(OTHER, HOME, "events:ListTargetsByRule", &arn, json!({"Targets": [{"Arn": function}]}));
        passes(&sample, &CHECK, "in account 222222222222)");
    }

    #[test]
    fn trailkeep_notifies() {
        let mut sample = with_guardduty();
        sample.inventory.trailkeep = Some(Watch { accounts: vec![ACCOUNT.to_owned()], notifies: true });
        passes(&sample, &CHECK, "Trailkeep");
    }
}
