//! API Gateway: HTTP and WebSocket APIs.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/>

use crate::api::{Answer, Hints, Http, Operation, Pages, Protocol, Service};

/// API Gateway.
pub static SERVICE: Service = Service::new("apigatewayv2", "ApiGatewayV2", Protocol::RestJson)
    .signing("apigateway")
    .prefix("apigateway")
    .lower_camel();

/// HTTP and WebSocket APIs of a Region.
pub static GET_APIS: Operation = Operation::new(&SERVICE, "GetApis", "apigateway:GET")
    .http(Http::new("GET", "/v2/apis").query(&[("MaxResults", "maxResults"), ("NextToken", "nextToken")]))
    .pages(Pages::new("NextToken", "NextToken", &["Items"]))
    .hints(Hints { maps: &["tags"], ..Hints::NONE });

/// Stages of an API, with their access log settings.
pub static GET_STAGES: Operation = Operation::new(&SERVICE, "GetStages", "apigateway:GET")
    .http(
        Http::new("GET", "/v2/apis/{ApiId}/stages")
            .query(&[("MaxResults", "maxResults"), ("NextToken", "nextToken")]),
    )
    .pages(Pages::new("NextToken", "NextToken", &["Items"]))
    .hints(Hints { maps: &["routeSettings", "stageVariables", "tags"], ..Hints::NONE });

/// [UpdateStage](https://docs.aws.amazon.com/goto/WebAPI/apigatewayv2-2018-11-29/UpdateStage).
pub static UPDATE_STAGE: Operation = Operation::new(&SERVICE, "UpdateStage", "apigateway:PATCH")
    .http(Http::new("PATCH", "/v2/apis/{ApiId}/stages/{StageName}"))
    .hints(Hints { maps: &["routeSettings", "stageVariables", "tags"], ..Hints::NONE });

/// [GetStage](https://docs.aws.amazon.com/goto/WebAPI/apigatewayv2-2018-11-29/GetStage).
pub static GET_STAGE: Operation = Operation::new(&SERVICE, "GetStage", "apigateway:GET")
    .http(Http::new("GET", "/v2/apis/{ApiId}/stages/{StageName}"))
    .hints(Hints { maps: &["routeSettings", "stageVariables", "tags"], ..Hints::NONE });

/// [DeleteAccessLogSettings](https://docs.aws.amazon.com/goto/WebAPI/apigatewayv2-2018-11-29/DeleteAccessLogSettings).
pub static DELETE_ACCESS_LOG_SETTINGS: Operation =
    Operation::new(&SERVICE, "DeleteAccessLogSettings", "apigateway:DELETE").http(
        Http::new("DELETE", "/v2/apis/{ApiId}/stages/{StageName}/accesslogsettings").answer(Answer::Nothing),
    );
