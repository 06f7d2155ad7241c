//! Access logs of HTTP and WebSocket API stages.

use serde_json::Value;

use super::logging::resource;
use super::{nist, stage};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "apigateway-v2-access-logging",
    control: Control::Services,
    title: "Every HTTP and WebSocket API stage logs access",
    severity: Severity::Medium,
    why: "Access logs are the only record of the requests to an HTTP API. \
          https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html",
    expected: "access log settings with a live log group and a format that holds the request id",
    remediation: "aws apigatewayv2 update-stage --api-id API --stage-name STAGE --access-log-settings \
                  '{\"DestinationArn\":\"LOG_GROUP_ARN\",\"Format\":\"$context.requestId …\"}'",
    fix_calls: &["apigateway:PATCH", "logs:CreateLogDelivery", "logs:PutResourcePolicy"],
    frameworks: Frameworks {
        security_hub: &["APIGateway.9"],
        config_rules: &["api-gwv2-access-logs-enabled"],
        nist_800_53: nist::TRAFFIC,
        pci_dss_4: &["10.4.2"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let mut verdicts = Vec::new();
        for api in place.list("apigatewayv2:GetApis", "Items")? {
            let Some(id) = api.text("ApiId") else { continue };
            match place.list_for("apigatewayv2:GetStages", id, "Items") {
                Ok(stages) => verdicts.extend(stages.iter().map(|stage| judge(context, place, id, stage))),
                Err(unknown) => {
                    let arn = format!("arn:{}:apigateway:{}::/apis/{id}", place.partition(), place.region);
                    verdicts.push(Verdict::unknown(place, arn, &unknown));
                }
            }
        }
        Ok(verdicts)
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, api: &str, stage: &Value) -> Verdict {
    let name = stage.text("StageName").unwrap_or("?");
    resource(place, &stage::arn(place, "apis", api, name), |logging| {
        logging.fix(format!(
            "aws apigatewayv2 update-stage --region {} --api-id {api} --stage-name '{name}' \
             --access-log-settings '{}'",
            place.region,
            serde_json::json!({"DestinationArn": "LOG_GROUP_ARN", "Format": stage::FORMAT})
        ));
        let settings =
            (stage.text("AccessLogSettings.DestinationArn"), stage.text("AccessLogSettings.Format"));
        stage::access_log(context, place, settings, logging);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(stage: Value) -> Estate {
        Estate::new()
            .with("apigatewayv2:GetApis", "", json!({"Items": [{"ApiId": "h1", "ProtocolType": "HTTP"}]}))
            .with("apigatewayv2:GetStages", "h1", json!({"Items": [stage]}))
    }

    #[test]
    fn stages() {
        let settings = |destination: String, format: &str| {
            estate(json!({"StageName": "$default",
                "AccessLogSettings": {"DestinationArn": destination, "Format": format}}))
        };
        let verdict = expect(&settings(group_arn(), stage::FORMAT), &CHECK, Status::Pass, "log group app");
        assert!(!verdict.observed.contains("note"), "{}", verdict.observed);
        expect(
            &settings(dead_group_arn(), stage::FORMAT),
            &CHECK,
            Status::Fail,
            "log group gone does not exist",
        );
        expect(&settings(group_arn(), ""), &CHECK, Status::Fail, "no request id");
        let off =
            expect(&estate(json!({"StageName": "$default"})), &CHECK, Status::Fail, "access logging is off");
        assert!(off.remediation.unwrap().contains("--api-id h1 --stage-name '$default'"));
    }

    #[test]
    fn unknown_and_nothing() {
        expect_nothing(&Estate::new().with("apigatewayv2:GetApis", "", json!({"Items": []})), &CHECK);
        let refused = estate(json!({})).denied("apigatewayv2:GetStages", "h1", "apigateway:GET");
        expect_denied(&refused, &CHECK, "apigateway:GET");
    }
}
