//! Identities and accounts, on moto.

use serde_json::json;
use trailkeep_aws::api::services::{iam, lambda, organizations, sts};

use super::{fails, ok, on_moto};

#[tokio::test]
async fn who_am_i() {
    let Some((client, _)) = on_moto().await else { return };
    let me = ok(&client, &sts::GET_CALLER_IDENTITY, json!({})).await;
    assert_eq!(me["Account"], "123456789012");
    let role = client.assume_role("arn:aws:iam::111122223333:role/audit", "trailkeep", None);
    let other = ok(&role, &sts::GET_CALLER_IDENTITY, json!({})).await;
    assert_eq!(other["Account"], "111122223333");
    assert_eq!(other["Arn"], "arn:aws:sts::111122223333:assumed-role/audit/trailkeep");
}

#[tokio::test]
async fn roles() {
    let Some((client, _)) = on_moto().await else { return };
    assert_eq!(ok(&client, &iam::LIST_ACCOUNT_ALIASES, json!({})).await["AccountAliases"], json!([]));
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let input = json!({"RoleName": "trail-logs", "AssumeRolePolicyDocument": trust, "Tags": [{"Key": "k", "Value": "true"}]});
    let role = ok(&client, &iam::CREATE_ROLE, input).await;
    assert_eq!(role["Role"]["RoleName"], "trail-logs");
    let name = json!({"RoleName": "trail-logs"});
    let read = ok(&client, &iam::GET_ROLE, name.clone()).await;
    assert_eq!(read["Role"]["Arn"], role["Role"]["Arn"]);
    assert_eq!(read["Role"]["Tags"], json!([{"Key": "k", "Value": "true"}]));

    let policy = json!({"RoleName": "trail-logs", "PolicyName": "write"});
    let mut put = policy.clone();
    let write = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"}]}"#;
    put["PolicyDocument"] = json!(write);
    ok(&client, &iam::PUT_ROLE_POLICY, put).await;
    assert_eq!(ok(&client, &iam::LIST_ROLE_POLICIES, name.clone()).await["PolicyNames"], json!(["write"]));
    assert_eq!(ok(&client, &iam::GET_ROLE_POLICY, policy.clone()).await["PolicyName"], "write");
    ok(&client, &iam::DELETE_ROLE_POLICY, policy).await;
    ok(&client, &iam::DELETE_ROLE, name.clone()).await;
    let gone = fails(&client, &iam::GET_ROLE, name).await;
    assert_eq!((gone.code(), gone.status()), ("NoSuchEntity", Some(404)));
}

#[tokio::test]
async fn accounts() {
    let Some((client, _)) = on_moto().await else { return };
    let none = fails(&client, &organizations::DESCRIBE_ORGANIZATION, json!({})).await;
    assert_eq!(none.code(), "AWSOrganizationsNotInUseException");
}

#[tokio::test]
async fn functions() {
    let Some((client, _)) = on_moto().await else { return };
    assert_eq!(ok(&client, &lambda::LIST_FUNCTIONS, json!({})).await["Functions"], json!([]));
    let none = fails(&client, &lambda::GET_POLICY, json!({"FunctionName": "nothing"})).await;
    assert_eq!(none.code(), "ResourceNotFoundException");
}
