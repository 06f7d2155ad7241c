//! Access and connection logs of load balancers: switched off, they are switched on again.

use serde_json::{Value, json};
use trailkeep_baseline::Json;

use crate::playbook::event::{Event, field, flag, list, text};
use crate::playbook::facets::balancer::{ATTRIBUTES, CLASSIC_ATTRIBUTES};
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy, part};
use crate::playbook::state::Parts;

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "load-balancer-logging",
    title: "Logs of a load balancer switched off",
    events: &[("elasticloadbalancing.amazonaws.com", "ModifyLoadBalancerAttributes")],
    prior: "the last state seen",
    needs: |event| match (arn(event), classic(event)) {
        (Some(arn), _) => vec![Need::new(&ATTRIBUTES, arn)],
        (None, Some(name)) => vec![Need::new(&CLASSIC_ATTRIBUTES, name)],
        (None, None) => Vec::new(),
    },
    plan: |event, priors| {
        let draft = if arn(event).is_some() { current(event, priors) } else { classic_log(event, priors) };
        draft.into_iter().collect()
    },
    sets: &[&ATTRIBUTES, &CLASSIC_ATTRIBUTES],
};

fn arn(event: &Event) -> Option<String> {
    text(&event.request, "loadBalancerArn")
}

fn classic(event: &Event) -> Option<String> {
    text(&event.request, "loadBalancerName")
}

/// `access_logs.s3.enabled`, `connection_logs.s3.enabled`, and those with the same beginning.
fn current(event: &Event, priors: &Priors) -> Option<Draft> {
    let arn = arn(event)?;
    let asked: Parts = list(&event.request, "attributes")
        .into_iter()
        .filter_map(|item| Some((text(item, "key")?, json!(text(item, "value").unwrap_or_default()))))
        .collect();
    let is_off = |key: &String, value: &Value| {
        key.contains("_logs.s3.enabled")
            && value.as_str().is_some_and(|value| value.eq_ignore_ascii_case("false"))
    };
    let off: Vec<&String> =
        asked.iter().filter(|(key, value)| is_off(key, value)).map(|(key, _)| key).collect();
    if off.is_empty() {
        return None;
    }
    let said = format!(
        "switched off {} of load balancer {arn}",
        off.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ")
    );
    let Some(prior) = priors.get(&ATTRIBUTES, &arn) else {
        return Some(Draft::new(
            &arn,
            said,
            Remedy::unknown("whether its logs were on, and where they went"),
        ));
    };
    let (mut made, mut before) = (Parts::new(), Parts::new());
    for key in off {
        if (ATTRIBUTES.part)(prior, key) != json!("true") {
            continue;
        }
        // Bucket and prefix of the log go with it.
        let family = key.trim_end_matches("enabled");
        for (key, was) in prior.iter().filter(|(key, _)| key.starts_with(family)) {
            before.insert(key.clone(), was.clone());
        }
        for (key, is) in asked.iter().filter(|(key, _)| key.starts_with(family)) {
            made.insert(key.clone(), is.clone());
        }
    }
    (!made.is_empty()).then(|| Draft::new(&arn, said, Remedy::put_back(&ATTRIBUTES, &arn, made, before)))
}

fn classic_log(event: &Event, priors: &Priors) -> Option<Draft> {
    let name = classic(event)?;
    let attributes = field(&event.request, "loadBalancerAttributes")?;
    let log = field(attributes, "accessLog").filter(|log| !flag(log, "enabled"))?;
    let said = format!("switched off the access logs of load balancer {name}");
    let Some(prior) = priors.get(&CLASSIC_ATTRIBUTES, &name) else {
        return Some(Draft::new(
            &name,
            said,
            Remedy::unknown("whether its logs were on, and where they went"),
        ));
    };
    let before = (CLASSIC_ATTRIBUTES.part)(prior, "AccessLog");
    if !before.flag("Enabled") {
        return None;
    }
    let made = json!({"Enabled": flag(log, "enabled")});
    let remedy =
        Remedy::put_back(&CLASSIC_ATTRIBUTES, &name, part("AccessLog", made), part("AccessLog", before));
    Some(Draft::new(&name, said, remedy))
}
