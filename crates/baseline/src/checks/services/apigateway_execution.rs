//! Execution logs of REST and WebSocket API stages. (HTTP APIs have none.)

use std::collections::BTreeMap;

use super::logging::resource;
use super::{nist, stage};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "apigateway-execution-logging",
    control: Control::Services,
    title: "Every REST and WebSocket API stage logs executions",
    severity: Severity::Medium,
    why: "Execution logs show what API Gateway did with a request: authorisers, throttling, errors. \
          https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
    expected: "execution logging at level ERROR or INFO for the stage, and for no method or route off",
    remediation: "aws apigateway update-stage --rest-api-id API --stage-name STAGE --patch-operations \
                  'op=replace,path=/*/*/logging/loglevel,value=ERROR' (the account needs a CloudWatch Logs \
                  role: aws apigateway update-account)",
    fix_calls: &["apigateway:PATCH", "iam:PassRole"],
    frameworks: Frameworks {
        security_hub: &["APIGateway.1"],
        config_rules: &["api-gw-execution-logging-enabled"],
        nist_800_53: nist::TRAFFIC,
        pci_dss_4: &["10.2.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        // Neither kind of API hides what is known of the other.
        let (rest, sockets) = (rest(place), websockets(place));
        match (rest, sockets) {
            (Ok(mut verdicts), Ok(more)) => {
                verdicts.extend(more);
                Ok(verdicts)
            }
            (Ok(mut verdicts), Err(unknown)) | (Err(unknown), Ok(mut verdicts)) => {
                verdicts.push(Verdict::unknown(place, place.account_arn(), &unknown));
                Ok(verdicts)
            }
            (Err(unknown), Err(_)) => Err(unknown),
        }
    })
}

fn rest(place: Place<'_>) -> Result<Vec<Verdict>, Unknown> {
    let mut verdicts = Vec::new();
    for api in place.list("apigateway:GetRestApis", "items")? {
        let Some(id) = api.text("id") else { continue };
        match place.list_for("apigateway:GetStages", id, "item") {
            Ok(stages) => verdicts.extend(stages.iter().map(|stage| {
                let name = stage.text("stageName").unwrap_or("?");
                let mut own = stage::levels(stage.at("methodSettings"), "loggingLevel");
                let default = own.remove("*/*").flatten();
                let own = own.into_iter().collect();
                let fix = format!(
                    "aws apigateway update-stage --region {} --rest-api-id {id} --stage-name {name} \
                     --patch-operations 'op=replace,path=/*/*/logging/loglevel,value=ERROR'",
                    place.region
                );
                judge(place, &stage::arn(place, "restapis", id, name), default, &own, fix)
            })),
            Err(unknown) => {
                let arn = format!("arn:{}:apigateway:{}::/restapis/{id}", place.partition(), place.region);
                verdicts.push(Verdict::unknown(place, arn, &unknown));
            }
        }
    }
    Ok(verdicts)
}

fn websockets(place: Place<'_>) -> Result<Vec<Verdict>, Unknown> {
    let mut verdicts = Vec::new();
    let apis = place.list("apigatewayv2:GetApis", "Items")?;
    for api in apis.iter().filter(|api| api.text("ProtocolType") == Some("WEBSOCKET")) {
        let Some(id) = api.text("ApiId") else { continue };
        match place.list_for("apigatewayv2:GetStages", id, "Items") {
            Ok(stages) => verdicts.extend(stages.iter().map(|stage| {
                let name = stage.text("StageName").unwrap_or("?");
                let default = stage.text("DefaultRouteSettings.LoggingLevel");
                let own = stage::levels(stage.at("RouteSettings"), "LoggingLevel");
                let fix = format!(
                    "aws apigatewayv2 update-stage --region {} --api-id {id} --stage-name {name} \
                     --default-route-settings LoggingLevel=ERROR",
                    place.region
                );
                judge(place, &stage::arn(place, "apis", id, name), default, &own, fix)
            })),
            Err(unknown) => {
                let arn = format!("arn:{}:apigateway:{}::/apis/{id}", place.partition(), place.region);
                verdicts.push(Verdict::unknown(place, arn, &unknown));
            }
        }
    }
    Ok(verdicts)
}

fn judge(
    place: Place<'_>,
    arn: &str,
    default: Option<&str>,
    own: &BTreeMap<&str, Option<&str>>,
    fix: String,
) -> Verdict {
    resource(place, arn, |logging| {
        logging.fix(fix);
        stage::execution_log(default, own, logging);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn rest_stage(settings: Value) -> Estate {
        Estate::new()
            .with("apigateway:GetRestApis", "", json!({"items": [{"id": "a1"}]}))
            .with(
                "apigateway:GetStages",
                "a1",
                json!({"item": [{"stageName": "prod", "methodSettings": settings}]}),
            )
            .with("apigatewayv2:GetApis", "", json!({"Items": []}))
    }

    fn socket_stage(stage: Value) -> Estate {
        let apis =
            json!([{"ApiId": "w1", "ProtocolType": "WEBSOCKET"}, {"ApiId": "h1", "ProtocolType": "HTTP"}]);
        Estate::new()
            .with("apigateway:GetRestApis", "", json!({"items": []}))
            .with("apigatewayv2:GetApis", "", json!({"Items": apis}))
            .with("apigatewayv2:GetStages", "w1", json!({"Items": [stage]}))
    }

    #[test]
    fn rest_stages() {
        let on = json!({"*/*": {"loggingLevel": "INFO"}});
        expect(&rest_stage(on), &CHECK, Status::Pass, "at level INFO");
        expect(&rest_stage(json!({})), &CHECK, Status::Fail, "execution logging is off");
        let off = json!({"*/*": {"loggingLevel": "OFF"}, "pets/GET": {"loggingLevel": "ERROR"}});
        expect(&rest_stage(off), &CHECK, Status::Fail, "only 1 of its methods or routes switch it on");
        let hole = json!({"*/*": {"loggingLevel": "ERROR"}, "pets/GET": {"loggingLevel": "OFF"},
            "pets/PUT": {"throttlingRateLimit": 5}});
        expect(&rest_stage(hole), &CHECK, Status::Fail, "off for pets/GET");
    }

    #[test]
    fn websocket_stages() {
        let stage =
            |level: &str| json!({"StageName": "live", "DefaultRouteSettings": {"LoggingLevel": level}});
        let verdict = expect(&socket_stage(stage("ERROR")), &CHECK, Status::Pass, "at level ERROR");
        assert_eq!(verdict.resource_arn, "arn:aws:apigateway:eu-west-1::/apis/w1/stages/live");
        expect(&socket_stage(stage("OFF")), &CHECK, Status::Fail, "execution logging is off");
    }

    #[test]
    fn unknown_and_nothing() {
        let nothing = socket_stage(json!({})).with("apigatewayv2:GetApis", "", json!({"Items": []}));
        expect_nothing(&nothing, &CHECK);
        let refused = rest_stage(json!({})).denied("apigateway:GetStages", "a1", "apigateway:GET");
        expect_denied(&refused, &CHECK, "apigateway:GET");
        let half = nothing.denied("apigatewayv2:GetApis", "", "apigateway:GET");
        expect_denied(&half, &CHECK, "apigateway:GET");
    }
}
