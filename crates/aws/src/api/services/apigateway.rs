//! API Gateway: REST APIs. <https://docs.aws.amazon.com/apigateway/latest/api/>

use crate::api::{Hints, Http, Operation, Pages, Protocol, Service};

/// API Gateway.
pub static SERVICE: Service = Service::new("apigateway", "API Gateway", Protocol::RestJson);

/// REST APIs of a Region.
pub static GET_REST_APIS: Operation = Operation::new(&SERVICE, "GetRestApis", "apigateway:GET")
    .http(Http::new("GET", "/restapis").query(&[("position", "position"), ("limit", "limit")]))
    .pages(Pages::new("position", "position", &["items"]))
    .hints(Hints { times: &["createdDate"], renames: &[("item", "items")], ..Hints::NONE });

/// Stages of a REST API, with their access log settings.
pub static GET_STAGES: Operation = Operation::new(&SERVICE, "GetStages", "apigateway:GET")
    .http(Http::new("GET", "/restapis/{restApiId}/stages").query(&[("deploymentId", "deploymentId")]))
    .hints(Hints { times: &["createdDate", "lastUpdatedDate"], ..Hints::NONE });

/// [GetAccount](https://docs.aws.amazon.com/goto/WebAPI/apigateway-2015-07-09/GetAccount).
pub static GET_ACCOUNT: Operation =
    Operation::new(&SERVICE, "GetAccount", "apigateway:GET").http(Http::new("GET", "/account"));

/// [UpdateAccount](https://docs.aws.amazon.com/goto/WebAPI/apigateway-2015-07-09/UpdateAccount).
pub static UPDATE_ACCOUNT: Operation =
    Operation::new(&SERVICE, "UpdateAccount", "apigateway:PATCH").http(Http::new("PATCH", "/account"));

/// [UpdateStage](https://docs.aws.amazon.com/goto/WebAPI/apigateway-2015-07-09/UpdateStage).
pub static UPDATE_STAGE: Operation = Operation::new(&SERVICE, "UpdateStage", "apigateway:PATCH")
    .http(Http::new("PATCH", "/restapis/{restApiId}/stages/{stageName}"))
    .hints(Hints { times: &["createdDate", "lastUpdatedDate"], ..Hints::NONE });

/// [GetStage](https://docs.aws.amazon.com/goto/WebAPI/apigateway-2015-07-09/GetStage).
pub static GET_STAGE: Operation = Operation::new(&SERVICE, "GetStage", "apigateway:GET")
    .http(Http::new("GET", "/restapis/{restApiId}/stages/{stageName}"))
    .hints(Hints { times: &["createdDate", "lastUpdatedDate"], ..Hints::NONE });
