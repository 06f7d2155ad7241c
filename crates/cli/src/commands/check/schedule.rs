//! The estate that `serve` assesses on its schedule.

use std::str::FromStr;

use anyhow::Context;
use async_trait::async_trait;
use chrono::Utc;
use trailkeep_aws::{Aws, AwsOptions};
use trailkeep_baseline::Inventory;
use trailkeep_baseline::collect::{self, Accounts, RoleArn, Scope};
use trailkeep_server::backend::Estate;
use trailkeep_server::config::CheckConfig;

/// The accounts of `[check]` in the configuration.
pub(crate) struct AwsEstate {
    profile: Option<String>,
    scope: Scope,
}

impl AwsEstate {
    /// Checks what the configuration says; asks nobody yet.
    pub(crate) fn new(config: &CheckConfig) -> anyhow::Result<Self> {
        let role = |text: &String| RoleArn::from_str(text).with_context(|| format!("check.roles: `{text}`"));
        let accounts = match &config.organization_role {
            Some(role) => Accounts::Organization { role: role.clone() },
            None if config.roles.is_empty() => Accounts::Own,
            None => Accounts::Roles(config.roles.iter().map(role).collect::<anyhow::Result<_>>()?),
        };
        let external_id = config.external_id.as_ref().map(|secret| secret.reveal().to_owned());
        let scope = Scope { accounts, external_id, regions: config.regions.clone(), ..Scope::default() };
        Ok(Self { profile: config.profile.clone(), scope })
    }
}

#[async_trait]
impl Estate for AwsEstate {
    async fn inventory(&self) -> Result<Inventory, String> {
        // Settings are read anew: credentials on disk change while a server runs.
        let options = AwsOptions { profile: self.profile.clone(), ..AwsOptions::default() };
        let aws = Aws::load(options).await.map_err(|error| whole(&error))?;
        let collected = Box::pin(collect::collect(&aws, &self.scope, Utc::now(), &())).await;
        collected.map_err(|error| whole(&error))
    }
}

/// The error with its causes, on one line.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}
