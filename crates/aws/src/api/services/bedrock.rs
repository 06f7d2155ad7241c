//! Bedrock. <https://docs.aws.amazon.com/bedrock/latest/APIReference/>

use crate::api::{Http, Operation, Protocol, Service};

/// Bedrock.
pub static SERVICE: Service = Service::new("bedrock", "Bedrock", Protocol::RestJson);

/// Where invocations of models are logged; empty where they are not.
pub static GET_MODEL_INVOCATION_LOGGING_CONFIGURATION: Operation = Operation::new(
    &SERVICE,
    "GetModelInvocationLoggingConfiguration",
    "bedrock:GetModelInvocationLoggingConfiguration",
)
.http(Http::new("GET", "/logging/modelinvocations"));
