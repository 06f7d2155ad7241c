//! What channels share: settings, HTTP, AWS.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use trailkeep_aws::api::Client as Api;
use trailkeep_aws::{Aws, AwsOptions, RetryPolicy};
use url::Url;

use super::ChannelError;
use crate::config::{ConfigError, Scope, Secret};
use crate::http::{Answer, Client, Guard};

/// Where a channel is configured.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// `respond.channel.ops`.
    pub(crate) key: &'a str,
    pub(crate) scope: &'a Scope<'a>,
}

impl Context<'_> {
    pub(crate) fn wrong(&self, name: &str, reason: impl Into<String>) -> ConfigError {
        ConfigError::new(format!("{}.{name}", self.key), reason)
    }

    /// The settings of a kind; unknown ones are refused.
    pub(crate) fn settings<T: DeserializeOwned>(&self, map: Map<String, Value>) -> Result<T, ConfigError> {
        serde_json::from_value(Value::Object(map))
            .map_err(|error| ConfigError::new(self.key, error.to_string()))
    }

    pub(crate) fn secret(&self, name: &str, text: &str) -> Result<Secret, ConfigError> {
        self.scope.secret(&format!("{}.{name}", self.key), text)
    }

    /// A secret that may be left out.
    pub(crate) fn secret_opt(&self, name: &str, text: Option<&str>) -> Result<Option<Secret>, ConfigError> {
        text.map(|text| self.secret(name, text)).transpose()
    }

    pub(crate) fn console(&self) -> Option<Url> {
        self.scope.console.clone()
    }

    /// An address that the client may ask.
    pub(crate) fn url(&self, client: &Client, name: &str, text: &str) -> Result<Url, ConfigError> {
        let url = self.scope.url(&format!("{}.{name}", self.key), text)?;
        client.guard().check(&url).map_err(|error| self.wrong(name, error.to_string()))?;
        Ok(url)
    }

    /// The address of an API, with a slash at its end so that paths can be joined to it.
    pub(crate) fn base_url(&self, client: &Client, name: &str, text: &str) -> Result<Url, ConfigError> {
        let mut url = self.url(client, name, text)?;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(url)
    }

    /// Takes what all HTTP channels have (`timeout`, `allow_private`, `allowed_hosts`, `ca_file`)
    /// out of the settings.
    pub(crate) fn client(&self, map: &mut Map<String, Value>) -> Result<Client, ConfigError> {
        #[derive(serde::Deserialize, Default)]
        #[serde(default)]
        struct Common {
            timeout: Option<String>,
            allow_private: bool,
            allowed_hosts: Vec<String>,
            ca_file: Option<PathBuf>,
        }
        let names = ["timeout", "allow_private", "allowed_hosts", "ca_file"];
        let own: Map<String, Value> = names
            .iter()
            .filter_map(|name| map.remove(*name).map(|value| ((*name).to_owned(), value)))
            .collect();
        let common: Common = self.settings(own)?;
        let guard = Guard {
            allowed_hosts: common.allowed_hosts,
            allow_private: common.allow_private,
            timeout: match common.timeout {
                Some(text) => crate::config::duration(&format!("{}.timeout", self.key), &text)?,
                None => Guard::default().timeout,
            },
            ca_file: common.ca_file.map(|path| self.scope.path(path)),
        };
        Client::new(guard).map_err(|error| ConfigError::new(self.key, error.to_string()))
    }

    /// Takes what all AWS channels have (`region`, `profile`, `role`, `external_id`,
    /// `endpoint_url`) out of the settings.
    pub(crate) fn aws(&self, map: &mut Map<String, Value>) -> Result<LazyAws, ConfigError> {
        #[derive(serde::Deserialize, Default)]
        #[serde(default)]
        struct Common {
            region: Option<String>,
            profile: Option<String>,
            role: Option<String>,
            external_id: Option<String>,
            endpoint_url: Option<String>,
        }
        let names = ["region", "profile", "role", "external_id", "endpoint_url"];
        let own: Map<String, Value> = names
            .iter()
            .filter_map(|name| map.remove(*name).map(|value| ((*name).to_owned(), value)))
            .collect();
        let common: Common = self.settings(own)?;
        let given =
            self.scope.aws.clone().filter(|_| common.profile.is_none() && common.endpoint_url.is_none());
        Ok(LazyAws {
            options: AwsOptions {
                profile: common.profile,
                region: common.region.clone(),
                endpoint_url: common.endpoint_url,
                // The outbox tries again; one attempt must not outlast its lease.
                retry: RetryPolicy {
                    max_attempts: 3,
                    deadline: Duration::from_secs(20),
                    ..RetryPolicy::default()
                },
                ..AwsOptions::default()
            },
            region: common.region,
            role: common.role,
            external_id: self.secret_opt("external_id", common.external_id.as_deref())?,
            given,
            made: OnceCell::new(),
        })
    }
}

/// AWS settings that are looked up when they are first needed: making a configuration asks nobody.
#[derive(Debug)]
pub(crate) struct LazyAws {
    options: AwsOptions,
    region: Option<String>,
    role: Option<String>,
    external_id: Option<Secret>,
    given: Option<Aws>,
    made: OnceCell<(Aws, Api, String)>,
}

impl LazyAws {
    /// Settings, a client and the Region.
    pub(crate) async fn get(&self) -> Result<&(Aws, Api, String), ChannelError> {
        self.made
            .get_or_try_init(|| async {
                let aws = match &self.given {
                    Some(aws) => aws.clone(),
                    None => Aws::load(self.options.clone()).await?,
                };
                let api = aws.api();
                let region = self.region.clone().unwrap_or_else(|| api.home_region().to_owned());
                let api = match &self.role {
                    Some(role) => api.assume_role(
                        role,
                        "trailkeep-respond",
                        self.external_id.as_ref().map(Secret::reveal),
                    ),
                    None => api,
                };
                Ok((aws, api, region))
            })
            .await
    }
}

/// Sends JSON, and takes every status but 2xx for an error.
pub(crate) async fn json(
    client: &Client,
    method: Method,
    url: &Url,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<Answer, ChannelError> {
    let answer = json_any(client, method, url, headers, body).await?;
    if answer.is_success() { Ok(answer) } else { Err(ChannelError::of_answer(&answer)) }
}

/// Sends JSON, whatever the status of the answer.
pub(crate) async fn json_any(
    client: &Client,
    method: Method,
    url: &Url,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<Answer, ChannelError> {
    let mut all = Vec::new();
    if !headers.iter().any(|(name, _)| *name == "accept") {
        all.push(("accept", "application/json"));
    }
    if body.is_some() {
        all.push(("content-type", "application/json"));
    }
    all.extend_from_slice(headers);
    let body = body.map(|body| body.to_string().into_bytes());
    Ok(client.send(method, url, &all, body).await?)
}

/// An address below another.
pub(crate) fn join(base: &Url, path: &str) -> Result<Url, ChannelError> {
    base.join(path)
        .map_err(|error| ChannelError::permanent(format!("no address can be made of {path}: {error}")))
}

/// `Basic` credentials.
pub(crate) fn basic(user: &str, password: &Secret) -> String {
    use base64::Engine as _;
    let text = format!("{user}:{}", password.reveal());
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
}
