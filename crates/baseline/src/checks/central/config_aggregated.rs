//! What AWS Config records of the whole organisation is gathered in one account.

use serde_json::{Value, json};

use super::{Role, role};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

const CALL: &str = "config:DescribeConfigurationAggregators";

pub(super) const CHECK: Check = Check {
    id: "config-aggregated",
    control: Control::Central,
    title: "AWS Config is aggregated over the organisation",
    severity: Severity::Low,
    why: "Without an aggregator, a question about all accounts has to be asked in each account and Region. \
          https://docs.aws.amazon.com/config/latest/developerguide/aggregate-data.html",
    expected: "an aggregator over the organisation and all Regions, in the management account or a delegated one",
    remediation: "aws configservice put-configuration-aggregator --configuration-aggregator-name organization \
                  --organization-aggregation-source RoleArn=ROLE_ARN,AllAwsRegions=true   # in the delegated \
                  administrator's account",
    fix_calls: &["config:PutConfigurationAggregator", "iam:PassRole"],
    frameworks: Frameworks { nist_800_53: &["AU-6(3)", "CM-8"], ..Frameworks::NONE },
    run: |context: &Context<'_>| {
        context.each_account(|place| match role(place)? {
            Role::Management => Ok(vec![judge(place)?]),
            Role::Alone | Role::Member => Ok(Vec::new()),
        })
    },
};

fn judge(management: Place<'_>) -> Result<Verdict, Unknown> {
    let mut partial = None;
    let mut unknown = None;
    for place in management.inventory.places() {
        match place.list(CALL, "ConfigurationAggregators") {
            Ok(all) => {
                for aggregator in all.iter().filter(|one| one.at("OrganizationAggregationSource").is_some()) {
                    let name = aggregator.text("ConfigurationAggregatorName").unwrap_or_default();
                    let at =
                        format!("aggregator {name} in {} of account {}", place.region, place.account_id());
                    if covers(aggregator, management) {
                        return Ok(Verdict::pass(
                            management,
                            management.account_arn(),
                            format!("{at} gathers all Regions"),
                        )
                        .evidence(json!({"aggregator": aggregator.at("ConfigurationAggregatorArn")})));
                    }
                    partial = Some(format!("{at} gathers some Regions only"));
                }
            }
            Err(reason) => unknown = Some(reason),
        }
    }
    if let Some(observed) = partial {
        return Ok(Verdict::fail(management, management.account_arn(), observed));
    }
    if let Some(unknown) = unknown.or_else(|| delegated_elsewhere(management)) {
        return Err(unknown);
    }
    Ok(Verdict::fail(management, management.account_arn(), "no aggregator gathers the organisation"))
}

/// It gathers every Region that is on.
fn covers(aggregator: &Value, management: Place<'_>) -> bool {
    let source = "OrganizationAggregationSource";
    let named = aggregator.texts(&format!("{source}.AwsRegions"));
    aggregator.flag(&format!("{source}.AllAwsRegions"))
        || management.account.regions.iter().all(|region| named.contains(&region.as_str()))
}

/// A delegated administrator that is not part of the inventory may have the aggregator.
fn delegated_elsewhere(management: Place<'_>) -> Option<Unknown> {
    let call = "organizations:ListDelegatedAdministrators";
    let admins = match management.list(call, "DelegatedAdministrators") {
        Ok(admins) => admins,
        Err(unknown) => return Some(unknown),
    };
    let mut ids = admins.iter().filter_map(|admin| admin.text("Id"));
    let away = ids.find(|id| !management.inventory.accounts.contains_key(*id))?;
    Some(Unknown {
        call: CALL.to_owned(),
        missing_action: None,
        reason: format!(
            "delegated administrator {away} may have an aggregator, and is not part of the inventory"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{ACCOUNT, HOME, OTHER, Sample, fails, passes, unknown};
    use crate::inventory::GLOBAL;

    #[test]
    fn one_aggregator_for_all() {
        let mut sample = Sample::new();
        let organization = json!({"Organization": {"MasterAccountId": ACCOUNT}});
        sample.put(GLOBAL, "organizations:DescribeOrganization", "", organization);
        sample.put(
            GLOBAL,
            "organizations:ListDelegatedAdministrators",
            "",
            json!({"DelegatedAdministrators": []}),
        );
        for region in [HOME, "us-east-1"] {
            sample.put(region, CALL, "", json!({"ConfigurationAggregators": []}));
        }
        fails(&sample, &CHECK, "no aggregator gathers the organisation");
        let with = |source: Value| {
            json!({"ConfigurationAggregators": [
            {"ConfigurationAggregatorName": "org", "OrganizationAggregationSource": source}]})
        };
        sample.put(HOME, CALL, "", with(json!({"AllAwsRegions": true})));
        passes(&sample, &CHECK, "aggregator org in eu-west-1 of account 111111111111 gathers all Regions");
        sample.put(HOME, CALL, "", with(json!({"AwsRegions": [HOME]})));
        fails(&sample, &CHECK, "gathers some Regions only");
        sample.put(HOME, CALL, "", with(json!({"AwsRegions": [HOME, "us-east-1"]})));
        passes(&sample, &CHECK, "gathers all Regions");
        sample.put(HOME, CALL, "", json!({"ConfigurationAggregators": []}));
        let admins = json!({"DelegatedAdministrators": [{"Id": OTHER}]});
        sample.put(GLOBAL, "organizations:ListDelegatedAdministrators", "", admins);
        assert_eq!(sample.status(&CHECK).as_str(), "UNKNOWN");
        sample.deny(HOME, CALL, "");
        unknown(&sample, &CHECK, CALL);
    }
}
