//! API Gateway: REST APIs, HTTP and WebSocket APIs, and their stages.

use trailkeep_aws::api::services::{apigateway, apigatewayv2};

use crate::collect::ask::{Ask, At, Each, Take};

pub(super) static ASKS: &[Ask] = &[
    // The role that logs are written with: no check asks, the plan does.
    Ask::regional(&apigateway::GET_ACCOUNT),
    Ask::regional(&apigateway::GET_REST_APIS).input(&[("limit", Take::Number(500))]),
    Ask::each(&apigateway::GET_STAGES, At::Regions, Each::of("apigateway:GetRestApis", "items", "id"))
        .input(&[("restApiId", Take::Resource)]),
    Ask::regional(&apigatewayv2::GET_APIS),
    Ask::each(&apigatewayv2::GET_STAGES, At::Regions, Each::of("apigatewayv2:GetApis", "Items", "ApiId"))
        .input(&[("ApiId", Take::Resource)]),
];
