//! Calls of AWS's APIs: what goes over the wire, faults, and every catalogued service on moto.

mod alarms;
mod faults;
mod global;
mod network;
mod signed;
mod trails;
mod wire;

use serde_json::Value;
use trailkeep_aws::api::{ApiError, Client, Operation};
use trailkeep_testkit::{Reply, S3Server, ScriptedServer, moto};

use crate::{aws, options};

const REGION: &str = "us-east-1";

/// A client whose every request goes to a server with these replies.
async fn scripted(replies: Vec<Reply>) -> (Client, ScriptedServer) {
    let server = ScriptedServer::start(replies);
    (aws(&server.url()).await.api(), server)
}

/// moto, with a client for it.
async fn on_moto() -> Option<(Client, &'static S3Server)> {
    let server = moto()?;
    let options = options(&server.endpoint, server.access_key_id, server.secret_access_key);
    Some((trailkeep_aws::Aws::load(options).await.unwrap().api(), server))
}

/// The output of a call that must succeed.
async fn ok(client: &Client, operation: &'static Operation, input: Value) -> Value {
    client.call_all(operation, REGION, &input).await.unwrap_or_else(|error| panic!("{error}\n{error:?}"))
}

/// The error of a call that must fail.
async fn fails(client: &Client, operation: &'static Operation, input: Value) -> ApiError {
    client.call_all(operation, REGION, &input).await.unwrap_err()
}

/// The item whose `name` is `value`.
fn pick<'a>(list: &'a Value, name: &str, value: &str) -> &'a Value {
    let items = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().find(|item| item[name] == value).unwrap_or_else(|| panic!("no {name} {value} in {list:#}"))
}
