//! Access logs of REST API stages.

use super::logging::resource;
use super::{nist, stage};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "apigateway-rest-access-logging",
    control: Control::Services,
    title: "Every REST API stage logs access",
    severity: Severity::Medium,
    why: "Access logs tell who called an API, from where and with what result. \
          https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
    expected: "access log settings with a live log group or delivery stream and a format that holds the \
               request id",
    remediation: "aws apigateway update-stage --rest-api-id API --stage-name STAGE --patch-operations \
                  op=replace,path=/accessLogSettings/destinationArn,value=LOG_GROUP_ARN \
                  op=replace,path=/accessLogSettings/format,value=FORMAT",
    fix_calls: &["apigateway:PATCH", "logs:CreateLogDelivery", "logs:PutResourcePolicy"],
    frameworks: Frameworks { nist_800_53: nist::TRAFFIC, pci_dss_4: &["10.2.1"], ..Frameworks::NONE },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let mut verdicts = Vec::new();
        for api in place.list("apigateway:GetRestApis", "items")? {
            let Some(id) = api.text("id") else { continue };
            match place.list_for("apigateway:GetStages", id, "item") {
                Ok(stages) => verdicts.extend(stages.iter().map(|stage| judge(context, place, id, stage))),
                Err(unknown) => {
                    let arn =
                        format!("arn:{}:apigateway:{}::/restapis/{id}", place.partition(), place.region);
                    verdicts.push(Verdict::unknown(place, arn, &unknown));
                }
            }
        }
        Ok(verdicts)
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, api: &str, stage: &serde_json::Value) -> Verdict {
    let name = stage.text("stageName").unwrap_or("?");
    resource(place, &stage::arn(place, "restapis", api, name), |logging| {
        logging.fix(format!(
            "aws apigateway update-stage --region {} --rest-api-id {api} --stage-name {name} \
             --patch-operations op=replace,path=/accessLogSettings/destinationArn,value=LOG_GROUP_ARN \
             'op=replace,path=/accessLogSettings/format,value=\"$context.requestId \
             $context.identity.sourceIp $context.requestTime $context.httpMethod $context.resourcePath \
             $context.status\"'",
            place.region
        ));
        let settings =
            (stage.text("accessLogSettings.destinationArn"), stage.text("accessLogSettings.format"));
        stage::access_log(context, place, settings, logging);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(stage: Value) -> Estate {
        Estate::new()
            .with("apigateway:GetRestApis", "", json!({"items": [{"id": "a1", "name": "shop"}]}))
            .with("apigateway:GetStages", "a1", json!({"item": [stage]}))
    }

    #[test]
    fn stages() {
        let settings = |destination: String, format: &str| {
            estate(json!({"stageName": "prod",
                "accessLogSettings": {"destinationArn": destination, "format": format}}))
        };
        let full = "$context.requestId $context.identity.sourceIp $context.status";
        let verdict =
            expect(&settings(group_arn(), full), &CHECK, Status::Pass, "access is logged to log group app");
        assert_eq!(verdict.resource_arn, "arn:aws:apigateway:eu-west-1::/restapis/a1/stages/prod");
        let thin = settings(group_arn(), "$context.requestId");
        expect(&thin, &CHECK, Status::Pass, "leaves out the caller's address and status");
        expect(&settings(group_arn(), "$context.status"), &CHECK, Status::Fail, "has no request id");
        expect(&settings(dead_group_arn(), full), &CHECK, Status::Fail, "log group gone does not exist");
        expect(&settings("arn:aws:sns:r:1:t".into(), full), &CHECK, Status::Fail, "neither a log group");
        expect(&estate(json!({"stageName": "prod"})), &CHECK, Status::Fail, "access logging is off");
    }

    #[test]
    fn unknown_and_nothing() {
        expect_nothing(&Estate::new().with("apigateway:GetRestApis", "", json!({"items": []})), &CHECK);
        let refused = estate(json!({})).denied("apigateway:GetStages", "a1", "apigateway:GET");
        expect_denied(&refused, &CHECK, "apigateway:GET");
        expect(&Estate::new(), &CHECK, Status::Unknown, "not in the inventory");
    }
}
