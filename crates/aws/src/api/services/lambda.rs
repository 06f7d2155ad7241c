//! AWS Lambda.

use crate::api::{Http, Operation, Pages, Protocol, Service};

/// AWS Lambda.
pub static SERVICE: Service = Service::new("lambda", "Lambda", Protocol::RestJson);

/// [ListFunctions](https://docs.aws.amazon.com/goto/WebAPI/lambda-2015-03-31/ListFunctions).
pub static LIST_FUNCTIONS: Operation = Operation::new(&SERVICE, "ListFunctions", "lambda:ListFunctions")
    .http(Http::new("GET", "/2015-03-31/functions").query(&[
        ("MasterRegion", "MasterRegion"),
        ("FunctionVersion", "FunctionVersion"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]))
    .pages(Pages::new("Marker", "NextMarker", &["Functions"]));

/// [GetPolicy](https://docs.aws.amazon.com/goto/WebAPI/lambda-2015-03-31/GetPolicy).
pub static GET_POLICY: Operation = Operation::new(&SERVICE, "GetPolicy", "lambda:GetPolicy").http(
    Http::new("GET", "/2015-03-31/functions/{FunctionName}/policy").query(&[("Qualifier", "Qualifier")]),
);
