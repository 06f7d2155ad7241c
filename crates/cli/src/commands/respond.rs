//! The playbooks of `[respond]` in the configuration, with clients for their accounts.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
use serde_json::json;
use trailkeep_aws::api::Client;
use trailkeep_aws::api::services::ec2;
use trailkeep_aws::{Aws, AwsOptions};
use trailkeep_baseline::collect::{self, Accounts, RoleArn, Scope};
use trailkeep_respond::config::PlaybookConfig;
use trailkeep_respond::playbook::{Playbooks, Timing};
use trailkeep_server::Changes;
use trailkeep_server::alarming::CloudWatch;
use trailkeep_server::backend::Responder;
use trailkeep_server::config::CloudWatchConfig;
use trailkeep_state::State;

use crate::output::note;

/// The playbooks over the accounts of the configuration, entered now.
///
/// # Errors
/// Where there is no configuration for them, or no account can be entered.
pub(crate) async fn playbooks(
    config: &PlaybookConfig,
    state: &State,
) -> anyhow::Result<(Playbooks, HashMap<String, Client>)> {
    let accounts = accounts("respond", &config.roles, config.organization_role.as_ref())?;
    let external_id = config.external_id.as_ref().map(|secret| secret.reveal().to_owned());
    let scope = Scope { accounts, external_id, ..Scope::default() };
    let options = AwsOptions { profile: config.profile.clone(), ..AwsOptions::default() };
    let aws = Aws::load(options).await.context("respond: no AWS settings")?;
    let clients = Box::pin(collect::enter(&aws, &scope)).await;
    let clients = clients.context("respond: the accounts of the playbooks cannot be entered")?;
    let playbooks = Playbooks::new(state, clients.clone(), config.rules.clone(), Timing::default());
    Ok((playbooks, clients))
}

fn accounts(section: &str, roles: &[String], organization: Option<&String>) -> anyhow::Result<Accounts> {
    let role = |text: &String| RoleArn::from_str(text).with_context(|| format!("{section}.roles: `{text}`"));
    Ok(match organization {
        Some(role) => Accounts::Organization { role: role.clone() },
        None if roles.is_empty() => Accounts::Own,
        None => Accounts::Roles(roles.iter().map(role).collect::<anyhow::Result<_>>()?),
    })
}

/// The accounts whose alarms and metrics are followed, entered now.
///
/// # Errors
/// Where none of them can be entered.
pub(crate) async fn cloudwatch(config: &CloudWatchConfig) -> anyhow::Result<CloudWatch> {
    const SECTION: &str = "alarms.cloudwatch";
    let accounts = accounts(SECTION, &config.roles, config.organization_role.as_ref())?;
    let external_id = config.external_id.as_ref().map(|secret| secret.reveal().to_owned());
    let scope = Scope { accounts, external_id, ..Scope::default() };
    let options = AwsOptions { profile: config.profile.clone(), ..AwsOptions::default() };
    let aws = Aws::load(options).await.context("alarms.cloudwatch: no AWS settings")?;
    let clients = Box::pin(collect::enter(&aws, &scope)).await;
    let clients = clients.context("alarms.cloudwatch: the accounts cannot be entered")?;
    let mut clients: Vec<(String, Client)> = clients.into_iter().collect();
    clients.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (cloudwatch, failed) = CloudWatch::open(clients, &config.regions).await;
    for reason in failed {
        note(&format!("warning: {reason}"));
    }
    Ok(cloudwatch)
}

/// What `serve` answers changes with; `None` where no playbook is configured.
pub(crate) async fn responder(
    config: &PlaybookConfig,
    state: &State,
    changes: Arc<Changes>,
) -> anyhow::Result<Option<Responder>> {
    if config.rules.is_empty() {
        return Ok(None);
    }
    let (playbooks, clients) = playbooks(config, state).await?;
    let mut surveyed = Vec::new();
    for (account, client) in clients {
        let regions =
            if config.regions.is_empty() { regions(&account, &client).await } else { config.regions.clone() };
        surveyed.push((account, regions));
    }
    surveyed.sort();
    Ok(Some(Responder { playbooks, changes, surveyed }))
}

/// The Regions that are enabled in an account; its home Region alone where it does not tell.
async fn regions(account: &str, client: &Client) -> Vec<String> {
    let home = client.home_region().to_owned();
    match client.call(&ec2::DESCRIBE_REGIONS, &home, &json!({})).await {
        Ok(answer) => {
            let listed = answer["Regions"].as_array().map(Vec::as_slice).unwrap_or_default();
            listed.iter().filter_map(|region| region["RegionName"].as_str().map(str::to_owned)).collect()
        }
        Err(error) => {
            note(&format!(
                "warning: account {account} does not tell its Regions ({error}); only {home} is listed. Set respond.regions"
            ));
            vec![home]
        }
    }
}
