//! Access logs of stages, of REST, HTTP and WebSocket APIs, to a log group of their Region.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>

use serde_json::{Value, json};

use super::super::draft::{Draft, Scope, tags};
use super::group::{self, Group};
use super::{Failing, Groups};
use crate::check::Control;
use crate::desired::logs;
use crate::inventory::{GLOBAL, Place};
use crate::value::Json;

const REST: &str = "apigateway-rest-access-logging";
const V2: &str = "apigateway-v2-access-logging";

/// Who asked what, from where, and how it ended. Each kind of API has names of its own.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#apigateway-cloudwatch-log-formats>
const REST_FORMAT: &str = "{\"requestId\":\"$context.requestId\",\"ip\":\"$context.identity.sourceIp\",\
     \"user\":\"$context.identity.user\",\"requestTime\":\"$context.requestTime\",\
     \"httpMethod\":\"$context.httpMethod\",\"resourcePath\":\"$context.resourcePath\",\
     \"status\":\"$context.status\",\"protocol\":\"$context.protocol\",\
     \"responseLength\":\"$context.responseLength\"}";
const V2_FORMAT: &str = "{\"requestId\":\"$context.requestId\",\"ip\":\"$context.identity.sourceIp\",\
     \"requestTime\":\"$context.requestTime\",\"route\":\"$context.routeKey\",\"status\":\"$context.status\"}";

/// One step a Region and kind of API, and the account's role where an API needs it.
pub(super) fn write(draft: &mut Draft<'_>, groups: &Groups<'_>) {
    for region in draft.global.account.regions.clone() {
        let Some(place) = draft.inventory.place(&draft.site.account, &region) else { continue };
        let rest: Vec<Stage<'_>> = stages(draft, REST, &region, "restapis", rest_is_off);
        let v2: Vec<Stage<'_>> = stages(draft, V2, &region, "apis", v2_is_off);
        if rest.is_empty() && v2.is_empty() {
            continue;
        }
        let name = format!("{}apigateway", logs::VENDED);
        let Some(group) = groups.ensure(draft, place, (&name, "API Gateway")) else { continue };
        let needs_role = |stage: &&Stage<'_>| !is_http(place, stage.api);
        let role = match rest.is_empty() && !v2.iter().any(|stage| needs_role(&stage)) {
            true => Some(None),
            false => account(draft, place),
        };
        let Some(policy) = group::policy(draft, place, &logs::deliveries(&draft.site.in_region(&region)))
        else {
            continue;
        };
        if let Some(role) = &role {
            write_rest(draft, &region, &rest, (&group, role.as_deref()));
        }
        let known: Vec<&Stage<'_>> = v2.iter().filter(|stage| role.is_some() || !needs_role(stage)).collect();
        let role = role.flatten();
        write_v2(draft, &region, &known, (&group, &policy, role.as_deref()));
    }
}

/// A stage that logs no access.
struct Stage<'a> {
    arn: &'a str,
    api: &'a str,
    name: &'a str,
}

/// The stages of `…/restapis/ID/stages/NAME` that fail the check and have no destination.
fn stages<'a>(
    draft: &Draft<'a>,
    check: &str,
    region: &str,
    kind: &str,
    is_off: fn(Place<'_>, &str, &str) -> bool,
) -> Vec<Stage<'a>> {
    let all = super::failing(draft, check);
    let stage = |Failing { place, arn }: &Failing<'a>| {
        let (_, rest) = arn.split_once(&format!("/{kind}/"))?;
        let (api, name) = rest.split_once("/stages/")?;
        is_off(*place, api, name).then_some(Stage { arn, api, name })
    };
    all.get(region).into_iter().flatten().filter_map(stage).collect()
}

fn rest_is_off(place: Place<'_>, api: &str, name: &str) -> bool {
    let stages = place.list_for("apigateway:GetStages", api, "item").unwrap_or_default();
    let stage = super::with(stages, "stageName", name);
    stage.is_some_and(|stage| stage.text("accessLogSettings.destinationArn").is_none())
}

fn v2_is_off(place: Place<'_>, api: &str, name: &str) -> bool {
    let stages = place.list_for("apigatewayv2:GetStages", api, "Items").unwrap_or_default();
    let stage = super::with(stages, "StageName", name);
    stage.is_some_and(|stage| stage.text("AccessLogSettings.DestinationArn").is_none())
}

/// HTTP APIs log by a delivery; the others with the account's role.
fn is_http(place: Place<'_>, api: &str) -> bool {
    let apis = place.list("apigatewayv2:GetApis", "Items").unwrap_or_default();
    super::with(apis, "ApiId", api).and_then(|api| api.text("ProtocolType")) == Some("HTTP")
}

/// The step that tells API Gateway the role; `Some(None)` where it knows one, `None` where that is not
/// known.
fn account(draft: &mut Draft<'_>, place: Place<'_>) -> Option<Option<String>> {
    let settings = place.get("apigateway:GetAccount").ok()??;
    if settings.text("cloudwatchRoleArn").is_some() {
        return Some(None);
    }
    let name = draft.site.api_role();
    let arn = format!("arn:{}:iam::{}:role/{name}", draft.site.partition, draft.site.account);
    let made = draft.id(GLOBAL, "role-apigateway");
    if !draft.has(&made) {
        let title = format!("Make the role {name} with which API Gateway writes to log groups");
        let mut step = draft.step(GLOBAL, "role-apigateway", Control::Services, title);
        step.resource(arn.clone())
            .call(
                "iam:CreateRole",
                json!({
                    "RoleName": name, "AssumeRolePolicyDocument": logs::api_trust().to_string(),
                    "Description": "API Gateway writes its logs to CloudWatch Logs with it", "Tags": tags(),
                }),
            )
            .call(
                "iam:PutRolePolicy",
                json!({
                    "RoleName": name, "PolicyName": crate::desired::role::POLICY_NAME,
                    "PolicyDocument": logs::api_policy().to_string(),
                }),
            )
            .words(
                "the role and its policy are deleted",
                "a new role that API Gateway alone can take on",
                "none",
                "iam:GetRole and iam:GetRolePolicy give what was set",
            );
        draft.add(step);
    }
    let title = "Tell API Gateway the role with which it writes logs".to_owned();
    let mut step = draft.step(place.region, "apigateway-account", Control::Services, title);
    let patch = json!([{"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}]);
    step.resource(format!("arn:{}:apigateway:{}::/account", draft.site.partition, place.region))
        .needs(made)
        .call("apigateway:UpdateAccount", json!({"patchOperations": patch}))
        .words(
            "the setting is emptied again",
            "stages whose logging was set up, and wrote nothing for want of a role, begin to write",
            "none",
            "apigateway:GetAccount gives the role",
        );
    draft.add(step);
    Some(Some(draft.id(place.region, "apigateway-account")))
}

fn write_rest(
    draft: &mut Draft<'_>,
    region: &str,
    stages: &[Stage<'_>],
    (group, role): (&Group, Option<&str>),
) {
    let title = format!("Log the access to {} of REST APIs", super::counted(stages.len(), "stage"));
    let mut step = draft.step(region, "apigateway-rest-logs", Control::Services, title);
    step.needs(group.step.clone());
    if let Some(role) = role {
        step.needs(role);
    }
    for Stage { arn, api, name } in stages {
        let replace = |member: &str, value: &str| json!({"op": "replace", "path": format!("/accessLogSettings/{member}"), "value": value});
        let patch: Vec<Value> = vec![replace("destinationArn", &group.arn), replace("format", REST_FORMAT)];
        step.resource(*arn)
            .call(
                "apigateway:UpdateStage",
                json!({"restApiId": api, "stageName": name, "patchOperations": patch}),
            )
            .covers_in(&Scope::Resource((*arn).to_owned()), &[REST]);
    }
    words(&mut step);
    draft.add(step);
}

fn write_v2(
    draft: &mut Draft<'_>,
    region: &str,
    stages: &[&Stage<'_>],
    (group, policy, role): (&Group, &str, Option<&str>),
) {
    let title =
        format!("Log the access to {} of HTTP and WebSocket APIs", super::counted(stages.len(), "stage"));
    let mut step = draft.step(region, "apigateway-v2-logs", Control::Services, title);
    step.needs(group.step.clone()).needs(policy);
    if let Some(role) = role {
        step.needs(role);
    }
    for Stage { arn, api, name } in stages {
        let settings = json!({"DestinationArn": group.arn, "Format": V2_FORMAT});
        step.resource(*arn)
            .call(
                "apigatewayv2:UpdateStage",
                json!({"ApiId": api, "StageName": name, "AccessLogSettings": settings}),
            )
            .covers_in(&Scope::Resource((*arn).to_owned()), &[V2]);
    }
    words(&mut step);
    draft.add(step);
}

fn words(step: &mut super::super::draft::Writing) {
    step.words(
        "access logging is switched off again; logs that were written stay",
        "no request is touched; what API Gateway deploys stays as it is",
        super::TO_LOGS,
        "the stage gives destination and format",
    );
}
