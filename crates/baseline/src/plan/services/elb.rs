//! Access and connection logs of load balancers, to a bucket of their own Region.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::draft::{Draft, Scope, Writing};
use super::Failing;
use crate::check::Control;
use crate::inventory::Place;
use crate::value::Json;

/// The load balancers of a Region that are to log.
#[derive(Default)]
pub(in crate::plan) struct Balancers {
    /// Check, what the attributes begin with, and the load balancer.
    modern: Vec<(&'static str, &'static str, String)>,
    /// Names of Classic Load Balancers.
    classic: Vec<String>,
}

impl Balancers {
    /// There are Classic Load Balancers among them.
    pub(in crate::plan) fn has_classic(&self) -> bool {
        !self.classic.is_empty()
    }
}

const MODERN: [(&str, &str); 3] = [
    ("alb-access-logging", "access_logs"),
    ("alb-connection-logging", "connection_logs"),
    ("nlb-access-logging", "access_logs"),
];
const CLASSIC: &str = "clb-access-logging";

/// The load balancers whose logs are off, by Region.
pub(super) fn find(draft: &mut Draft<'_>) -> BTreeMap<String, Balancers> {
    let mut found = BTreeMap::<String, Balancers>::new();
    for (check, attribute) in MODERN {
        for (region, all) in super::failing(draft, check) {
            for Failing { arn, .. } in all.iter().filter(|failing| is_off(failing, attribute)) {
                let here = found.entry(region.to_owned()).or_default();
                here.modern.push((check, attribute, (*arn).to_owned()));
            }
        }
    }
    for (region, all) in super::failing(draft, CLASSIC) {
        for failing in all {
            let name = super::last(failing.arn);
            if classic_is_off(failing.place, name) {
                found.entry(region.to_owned()).or_default().classic.push(name.to_owned());
            }
        }
    }
    for check in MODERN.iter().map(|(check, _)| *check).chain([CLASSIC]) {
        draft.note(check, "the load balancer names a bucket, which its owner must set right or take away");
    }
    found
}

fn is_off(failing: &Failing<'_>, attribute: &str) -> bool {
    let Ok(attributes) =
        failing.place.list_for("elbv2:DescribeLoadBalancerAttributes", failing.arn, "Attributes")
    else {
        return false;
    };
    let enabled = super::with(attributes, "Key", &format!("{attribute}.s3.enabled"));
    enabled.and_then(|enabled| enabled.text("Value")) != Some("true")
}

fn classic_is_off(place: Place<'_>, name: &str) -> bool {
    let output = place.get_for("elb:DescribeLoadBalancerAttributes", name);
    output.is_ok_and(|output| {
        output.is_some_and(|output| !output.flag("LoadBalancerAttributes.AccessLog.Enabled"))
    })
}

/// One step a Region.
pub(super) fn write(draft: &mut Draft<'_>, balancers: &BTreeMap<String, Balancers>) {
    for (region, here) in balancers {
        let site = draft.site.in_region(region);
        let bucket = site.elb_bucket();
        let made = draft.id(region, "elb-bucket");
        if !draft.has(&made) && super::super::bucket::exists(draft.global, &bucket) != Some(true) {
            continue;
        }
        let count = here.modern.len() + here.classic.len();
        let title = format!("Switch on {} of load balancers", super::counted(count, "log"));
        let mut step = draft.step(region, "elb-logs", Control::Services, title);
        step.needs(made);
        for (check, attribute, arn) in &here.modern {
            modern(&mut step, (attribute, arn), &bucket);
            step.covers_in(&Scope::Resource(arn.clone()), &[check]);
        }
        for name in &here.classic {
            let log = json!({"Enabled": true, "S3BucketName": bucket, "EmitInterval": 5});
            let arn = site.arn("elasticloadbalancing", &format!("loadbalancer/{name}"));
            step.resource(arn.clone())
                .call(
                    "elb:ModifyLoadBalancerAttributes",
                    json!({"LoadBalancerName": name, "LoadBalancerAttributes": {"AccessLog": log}}),
                )
                .covers_in(&Scope::Resource(arn), &[CLASSIC]);
        }
        step.words(
            "the former attributes are put back; logs that were delivered stay",
            "no request is touched or slowed",
            "none for the delivery; storage of the logs",
            "DescribeLoadBalancerAttributes names the bucket",
        );
        draft.add(step);
    }
}

fn modern(step: &mut Writing, (attribute, arn): (&str, &str), bucket: &str) {
    let pair = |name: &str, value: &str| json!({"Key": format!("{attribute}.s3.{name}"), "Value": value});
    let attributes: Vec<Value> = vec![pair("enabled", "true"), pair("bucket", bucket)];
    step.resource(arn).call(
        "elbv2:ModifyLoadBalancerAttributes",
        json!({"LoadBalancerArn": arn, "Attributes": attributes}),
    );
}
