//! Vended log deliveries of CloudWatch Logs: a *delivery* joins a *delivery source* (a resource and a
//! kind of log) with a *delivery destination*. Newer logs of CloudFront, load balancers and S3 are
//! switched on this way, and then the resource's own settings say nothing of it.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html>

use super::destination::Target;
use super::logging::Logging;
use crate::check::Context;
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// The ARNs of the delivery destinations that receive this kind of log of a resource.
///
/// # Errors
/// [`Unknown`] when sources or deliveries could not be listed.
pub(super) fn deliveries<'a>(
    place: Place<'a>,
    resource_arn: &str,
    log_type: &str,
) -> Result<Vec<&'a str>, Unknown> {
    let sources = place.list("logs:DescribeDeliverySources", "deliverySources")?;
    let mut names = sources
        .iter()
        .filter(|source| source.text("logType") == Some(log_type))
        .filter(|source| source.text("status") != Some("INACTIVE"))
        .filter(|source| source.texts("resourceArns").contains(&resource_arn))
        .filter_map(|source| source.text("name"))
        .peekable();
    if names.peek().is_none() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = names.collect();
    let deliveries = place.list("logs:DescribeDeliveries", "deliveries")?;
    Ok(deliveries
        .iter()
        .filter(|delivery| delivery.text("deliverySourceName").is_some_and(|name| names.contains(&name)))
        .filter_map(|delivery| delivery.text("deliveryDestinationArn"))
        .collect())
}

/// Judges the vended deliveries of a resource; `false` when it has none.
///
/// # Errors
/// [`Unknown`] when sources, deliveries or destinations could not be listed.
pub(super) fn judge(
    context: &Context<'_>,
    place: Place<'_>,
    (resource_arn, log_type): (&str, &str),
    logging: &mut Logging,
) -> Result<bool, Unknown> {
    let found = deliveries(place, resource_arn, log_type)?;
    for arn in &found {
        // A delivery destination may be another account's; what it writes to is known only there.
        let owner = context.inventory.place_of(arn).unwrap_or(place);
        let listed = owner.list("logs:DescribeDeliveryDestinations", "deliveryDestinations")?;
        let destination = listed.iter().find(|destination| destination.text("arn") == Some(arn));
        let target = destination
            .and_then(|destination| {
                destination.text("deliveryDestinationConfiguration.destinationResourceArn")
            })
            .and_then(Target::parse);
        match target {
            Some(target) => {
                logging.on(format!("{log_type} are delivered to {target}"));
                logging.destination(target.liveness(context, place));
            }
            None => logging.unknown(Unknown {
                call: "logs:DescribeDeliveryDestinations".to_owned(),
                missing_action: None,
                reason: format!("the delivery destination {arn} is not part of the inventory"),
            }),
        }
    }
    Ok(!found.is_empty())
}
