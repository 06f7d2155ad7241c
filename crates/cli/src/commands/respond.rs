//! The playbooks of `[respond]` in the configuration, with clients for their accounts.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
use serde_json::json;
use trailkeep_aws::api::Client;
use trailkeep_aws::api::services::{ec2, sts};
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
    let estate = Estate {
        section: "respond",
        profile: config.profile.clone(),
        roles: &config.roles,
        organization_role: config.organization_role.as_ref(),
        external_id: config.external_id.as_ref().map(|secret| secret.reveal().to_owned()),
    };
    let (clients, _) = Box::pin(estate.enter()).await?;
    let playbooks = Playbooks::new(state, clients.clone(), config.rules.clone(), Timing::default());
    Ok((playbooks, clients))
}

/// Accounts of a section of the configuration.
struct Estate<'a> {
    section: &'static str,
    profile: Option<String>,
    roles: &'a [String],
    organization_role: Option<&'a String>,
    external_id: Option<String>,
}

impl Estate<'_> {
    /// Enters the accounts; gives the settings along.
    async fn enter(self) -> anyhow::Result<(HashMap<String, Client>, Aws)> {
        let section = self.section;
        let role =
            |text: &String| RoleArn::from_str(text).with_context(|| format!("{section}.roles: `{text}`"));
        let roles = self.roles.iter().map(role).collect::<anyhow::Result<Vec<RoleArn>>>()?;
        let aws = Aws::load(AwsOptions { profile: self.profile, ..AwsOptions::default() }).await;
        let aws = aws.with_context(|| format!("{section}: no AWS settings"))?;
        let accounts = match self.organization_role {
            Some(role) => Accounts::Organization { role: role.clone() },
            None if roles.is_empty() => Accounts::Own,
            None => Accounts::Roles(roles),
        };
        let scope = Scope { accounts, external_id: self.external_id, ..Scope::default() };
        let clients = Box::pin(collect::enter(&aws, &scope)).await;
        let clients = clients.with_context(|| format!("{section}: the accounts cannot be entered"))?;
        Ok((clients, aws))
    }
}

/// The accounts whose alarms and metrics are followed, entered now.
///
/// # Errors
/// Where none of them can be entered.
pub(crate) async fn cloudwatch(config: &CloudWatchConfig) -> anyhow::Result<CloudWatch> {
    let estate = Estate {
        section: "alarms.cloudwatch",
        profile: config.profile.clone(),
        roles: &config.roles,
        organization_role: config.organization_role.as_ref(),
        external_id: config.external_id.as_ref().map(|secret| secret.reveal().to_owned()),
    };
    let (clients, aws) = Box::pin(estate.enter()).await?;
    // Alarms without an ARN are on the metrics of the first: that of the first role, or the own account.
    let first = match config.roles.first() {
        Some(role) => RoleArn::from_str(role)?.account().to_owned(),
        None => {
            let api = aws.api();
            let caller = api.call(&sts::GET_CALLER_IDENTITY, api.home_region(), &json!({})).await;
            caller.context("alarms.cloudwatch: no own account")?["Account"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        }
    };
    let mut clients: Vec<(String, Client)> = clients.into_iter().collect();
    clients.sort_by_key(|(account, _)| (*account != first, account.clone()));
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
