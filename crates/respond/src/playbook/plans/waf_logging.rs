//! Logging of a web ACL: switched off, it is switched on again as it was.

use serde_json::Value;

use crate::playbook::event::{Event, text};
use crate::playbook::facets::waf::LOGGING;
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy, part};

const PART: &str = "LoggingConfiguration";

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "waf-logging",
    title: "Logging of a web ACL switched off",
    events: &[("wafv2.amazonaws.com", "DeleteLoggingConfiguration")],
    prior: "the last state seen",
    needs: |event| {
        text(&event.request, "resourceArn").map(|arn| Need::new(&LOGGING, arn)).into_iter().collect()
    },
    plan: |event, priors| plan(event, priors).into_iter().collect(),
    sets: &[&LOGGING],
};

fn plan(event: &Event, priors: &Priors) -> Option<Draft> {
    let arn = text(&event.request, "resourceArn")?;
    let said = format!("switched off the logs of web ACL {arn}");
    let before = priors.get(&LOGGING, &arn).map(|prior| (LOGGING.part)(prior, PART));
    let remedy = match before.filter(|before| !before.is_null()) {
        Some(before) => Remedy::put_back(&LOGGING, &arn, part(PART, Value::Null), part(PART, before)),
        None => Remedy::unknown("where its logs went"),
    };
    Some(Draft::new(&arn, said, remedy))
}
