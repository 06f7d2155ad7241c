//! API Gateway: HTTP and WebSocket APIs.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/>

use crate::api::{Hints, Http, Operation, Pages, Protocol, Service};

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
