//! Routes and gateways: what reaches the internet.
//! Source: Amazon EC2 API reference, `CreateRoute`.

use sonic_rs::Value;

use super::net::is_world;
use super::{Facts, Family, event_name, request};
use crate::{json, words};

pub(super) static FAMILY: Family = Family {
    prefix: "route",
    sources: &["ec2.amazonaws.com"],
    events: &["CreateRoute", "ReplaceRoute", "DeleteRoute"],
    facts: &[
        ("route.table_id", "the route table"),
        ("route.destination", "the route's destination block or prefix list"),
        ("route.target", "where the traffic goes: a gateway, an interface, a peering"),
        ("route.to_internet", "everything is sent to an internet gateway"),
    ],
    derive,
};

fn derive(record: &Value, facts: &mut Facts) {
    let asked = request(record);
    let first = |members: &[&str]| members.iter().find_map(|member| json::text(asked, &[member]));
    let table = first(&["routeTableId"]);
    let destination = first(&["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"]);
    let target = first(&[
        "gatewayId",
        "natGatewayId",
        "transitGatewayId",
        "vpcPeeringConnectionId",
        "networkInterfaceId",
        "instanceId",
        "egressOnlyInternetGatewayId",
        "vpcEndpointId",
        "carrierGatewayId",
        "localGatewayId",
    ]);
    facts.text("route.table_id", table);
    facts.text("route.destination", destination);
    facts.text("route.target", target);
    let internet =
        destination.is_some_and(is_world) && target.is_some_and(|target| target.starts_with("igw-"));
    facts.flag("route.to_internet", internet);
    let (table, destination) = (table.unwrap_or("a route table"), destination.unwrap_or("a destination"));
    facts.summary = Some(match (event_name(record), target) {
        ("DeleteRoute", _) => format!("deleted the route to {destination} from {table}"),
        ("CreateRoute", Some(target)) => format!("routed {destination} to {target} in {table}"),
        ("ReplaceRoute", Some(target)) => format!("rerouted {destination} to {target} in {table}"),
        (name, _) => words::in_words(name, Some(&table.to_owned())),
    });
}

#[cfg(test)]
mod tests {
    use super::super::{Fact, derive};
    use super::*;

    #[test]
    fn a_default_route_to_the_internet() {
        let record = r#"{"eventSource":"ec2.amazonaws.com","eventName":"CreateRoute","requestParameters":{"routeTableId":"rtb-1","destinationCidrBlock":"0.0.0.0/0","gatewayId":"igw-1"}}"#;
        let facts = derive(&json::parse(record).unwrap());
        assert_eq!(facts.get("route.to_internet"), Some(&Fact::Bool(true)));
        assert_eq!(facts.summary.as_deref(), Some("routed 0.0.0.0/0 to igw-1 in rtb-1"));
    }
}
