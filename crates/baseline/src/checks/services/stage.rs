//! What stages of all kinds of API Gateway have in common.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>

use std::collections::BTreeMap;

use serde_json::Value;

use super::destination::Target;
use super::logging::{Logging, listing};
use crate::check::Context;
use crate::inventory::Place;
use crate::value::Json;

/// The log format that the fixes propose: who, when, what, and how it ended, as JSON.
pub(super) const FORMAT: &str = "{\"requestId\":\"$context.requestId\",\"ip\":\"$context.identity.sourceIp\",\
     \"requestTime\":\"$context.requestTime\",\"route\":\"$context.routeKey\",\"status\":\"$context.status\"}";

/// The ARN of a stage: of `restapis` or `apis`.
pub(super) fn arn(place: Place<'_>, kind: &str, api: &str, stage: &str) -> String {
    format!("arn:{}:apigateway:{}::/{kind}/{api}/stages/{stage}", place.partition(), place.region)
}

/// Judges the access log settings of a stage.
pub(super) fn access_log(
    context: &Context<'_>,
    place: Place<'_>,
    (destination, format): (Option<&str>, Option<&str>),
    logging: &mut Logging,
) {
    let Some(destination) = destination else {
        logging.fault("access logging is off");
        return;
    };
    match Target::parse(destination) {
        Some(target) => {
            logging.on(format!("access is logged to {target}"));
            logging.destination(target.liveness(context, place));
        }
        None => logging.fault(format!("{destination} is neither a log group nor a delivery stream")),
    }
    let format = format.unwrap_or_default();
    if !["$context.requestId", "$context.extendedRequestId"].iter().any(|name| format.contains(name)) {
        logging.fault("the access log format has no request id");
    }
    let left_out: Vec<&str> = [
        ("caller's address", &["$context.identity.sourceIp"][..]),
        ("status", &["$context.status", "$context.integration.status", "$context.responseType"][..]),
    ]
    .into_iter()
    .filter(|(_, names)| !names.iter().any(|name| format.contains(name)))
    .map(|(what, _)| what)
    .collect();
    if !left_out.is_empty() {
        logging.note(format!("the access log format leaves out the {}", listing(&left_out, 2)));
    }
}

/// Judges execution logging: the stage's level, and the methods or routes that have one of their own.
pub(super) fn execution_log(
    default: Option<&str>,
    own: &BTreeMap<&str, Option<&str>>,
    logging: &mut Logging,
) {
    let is_on = |level: Option<&str>| matches!(level, Some("ERROR" | "INFO"));
    let silent: Vec<&str> =
        own.iter().filter(|(_, level)| level.is_some() && !is_on(**level)).map(|(name, _)| *name).collect();
    if !is_on(default) {
        let logged = own.values().filter(|level| is_on(**level)).count();
        logging.fault("execution logging is off");
        if logged > 0 {
            logging.fault(format!("only {logged} of its methods or routes switch it on"));
        }
    } else if silent.is_empty() {
        logging.on(format!("executions are logged at level {}", default.unwrap_or_default()));
    } else {
        logging.fault(format!("execution logging is off for {}", listing(&silent, 5)));
    }
}

/// The levels of a map of methods or routes, by name.
pub(super) fn levels<'a>(settings: Option<&'a Value>, member: &str) -> BTreeMap<&'a str, Option<&'a str>> {
    let entries = settings.and_then(Value::as_object).into_iter().flatten();
    entries.map(|(name, setting)| (name.as_str(), setting.text(member))).collect()
}
