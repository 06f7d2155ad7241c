//! Query logs of the Route 53 Resolver: what machines in the VPCs ask for.
//! <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html>

use serde_json::json;

use super::super::draft::{Draft, Scope};
use super::super::step::reference;
use super::Groups;
use super::group;
use crate::check::Control;
use crate::desired::logs;
use crate::inventory::Place;
use crate::value::Json;

const CHECK: &str = "resolver-query-logging";

/// The query logging configuration of a Region, and its step.
const NAME: &str = "trailkeep";

/// One step a Region.
pub(super) fn write(draft: &mut Draft<'_>, groups: &Groups<'_>) {
    for (region, all) in super::failing(draft, CHECK) {
        let Some(place) = all.first().map(|failing| failing.place) else { continue };
        let off: Vec<&str> =
            all.iter().filter(|vpc| is_off(place, super::last(vpc.arn))).map(|vpc| vpc.arn).collect();
        let configs = place.list("route53resolver:ListResolverQueryLogConfigs", "ResolverQueryLogConfigs");
        let (false, Ok(configs)) = (off.is_empty(), configs) else { continue };
        let name = format!("{}resolver", logs::VENDED);
        let Some(group) = groups.ensure(draft, place, (&name, "queries of VPCs")) else { continue };
        let Some(policy) = group::policy(draft, place, &logs::deliveries(&draft.site.in_region(region)))
        else {
            continue;
        };
        let id = draft.id(region, "resolver-query-logs");
        let title = format!("Log the DNS queries of {}", super::counted(off.len(), "VPC"));
        let mut step = draft.step(region, "resolver-query-logs", Control::Services, title);
        step.needs(group.step).needs(policy);
        let ours = configs.iter().find(|config| {
            config.text("Name") == Some(NAME) && config.text("DestinationArn") == Some(&group.arn)
        });
        let config = match ours.and_then(|config| config.text("Id")) {
            Some(config) => config.to_owned(),
            None => {
                step.call(
                    "route53resolver:CreateResolverQueryLogConfig",
                    json!({
                        "Name": NAME, "DestinationArn": group.arn,
                        "CreatorRequestId": super::super::draft::RUN,
                        "Tags": super::super::draft::tags(),
                    }),
                );
                reference(&id, "ResolverQueryLogConfig.Id")
            }
        };
        for arn in off {
            let input = json!({"ResolverQueryLogConfigId": config, "ResourceId": super::last(arn)});
            step.resource(arn)
                .call("route53resolver:AssociateResolverQueryLogConfig", input)
                .covers_in(&Scope::Resource(arn.to_owned()), &[CHECK]);
        }
        step.words(
            "the VPCs are taken out of the configuration, which is deleted; logs that were written stay",
            "no answer is touched or slowed",
            super::VENDED_TO_LOGS,
            "route53resolver:ListResolverQueryLogConfigAssociations gives one for each VPC",
        );
        draft.add(step);
    }
}

/// No query logging configuration is associated with the VPC.
fn is_off(place: Place<'_>, vpc: &str) -> bool {
    let list = "ResolverQueryLogConfigAssociations";
    let all = place.list("route53resolver:ListResolverQueryLogConfigAssociations", list);
    all.is_ok_and(|all| super::with(all, "ResourceId", vpc).is_none())
}
