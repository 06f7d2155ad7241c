//! [`RespondSection`] → [`RespondConfig`].

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use trailkeep_state::Role;

use super::route::Tree;
use super::scope::time_delta;
use super::{
    ConfigError, NamedChannel, PlaybookConfig, RespondConfig, RespondSection, Scope, SilenceSection,
    SlackApp, SlackSection,
};
use crate::channel::{self, Context};
use crate::incident::Grouping;
use crate::playbook;
use crate::route::{ChannelPolicy, Rate, Routing, Silencing};

impl RespondSection {
    /// Checks every value, fetches the secrets, and makes the channels. Nothing is sent.
    ///
    /// # Errors
    /// What is wrong, with which key, and what would be right.
    pub fn resolve(&self, scope: &Scope<'_>) -> Result<RespondConfig, ConfigError> {
        let mut channels = Vec::with_capacity(self.channel.len());
        let mut policies = BTreeMap::new();
        for (settings, number) in self.channel.iter().zip(1..) {
            let (named, policy) = resolve_channel(settings.clone(), number, scope)?;
            if policies.insert(named.name.clone(), policy).is_some() {
                let key = format!("respond.channel.{}", named.name);
                return Err(ConfigError::new(key, "two channels have this name; give each its own"));
            }
            channels.push(named);
        }
        let root = Tree::new(&policies).root(self)?;
        let default = Routing::default();
        let urgent_interval = match &self.urgent_interval {
            Some(text) => time_delta("respond.urgent_interval", text)?,
            None => default.urgent_interval,
        };
        if let Some(name) = self.fallback.as_ref().filter(|name| !policies.contains_key(*name)) {
            return Err(ConfigError::new("respond.fallback", format!("there is no channel {name:?}")));
        }
        let grouping = Grouping::default();
        Ok(RespondConfig {
            playbooks: self.playbooks(scope)?,
            min_level: self.min_level,
            slack: self.slack.as_ref().map(|section| slack(section, scope)).transpose()?,
            channels,
            routing: Routing {
                root,
                channels: policies,
                inhibit: self.inhibit.clone(),
                urgent: self.urgent.unwrap_or(default.urgent),
                urgent_interval,
            },
            silences: self
                .silence
                .iter()
                .zip(1..)
                .map(|(section, number)| silence(section, number))
                .collect::<Result<_, _>>()?,
            grouping: Grouping {
                window: match &self.window {
                    Some(text) => time_delta("respond.window", text)?,
                    None => grouping.window,
                },
                resolve_cleared: self.resolve_cleared.unwrap_or(grouping.resolve_cleared),
            },
            fallback: self.fallback.clone(),
            resolve_quiet: match self.resolve_quiet.as_deref() {
                None | Some("never") => None,
                Some(text) => Some(time_delta("respond.resolve_quiet", text)?),
            },
        })
    }
}

impl RespondSection {
    fn playbooks(&self, scope: &Scope<'_>) -> Result<PlaybookConfig, ConfigError> {
        if self.organization_role.is_some() && !self.roles.is_empty() {
            let reason =
                "the organisation's accounts are entered through one role name; leave respond.roles out";
            return Err(ConfigError::new("respond.organization_role", reason));
        }
        playbook::check(&self.playbook).map_err(|problem| {
            ConfigError::new(format!("respond.playbook ({}.)", problem.number), problem.why)
        })?;
        let external_id = self.external_id.as_deref();
        Ok(PlaybookConfig {
            profile: self.profile.clone(),
            roles: self.roles.clone(),
            organization_role: self.organization_role.clone(),
            external_id: external_id.map(|text| scope.secret("respond.external_id", text)).transpose()?,
            regions: self.regions.clone(),
            rules: self.playbook.clone(),
        })
    }
}

fn slack(section: &SlackSection, scope: &Scope<'_>) -> Result<SlackApp, ConfigError> {
    let signing_secret = scope.secret("respond.slack.signing_secret", &section.signing_secret)?;
    let user = |(id, role): (&String, &String)| {
        let wrong = |reason: String| ConfigError::new(format!("respond.slack.users.{id}"), reason);
        Ok((id.clone(), role.parse::<Role>().map_err(|error| wrong(error.to_string()))?))
    };
    Ok(SlackApp { signing_secret, users: section.users.iter().map(user).collect::<Result<_, _>>()? })
}

pub(super) fn resolve_channel(
    mut settings: Map<String, Value>,
    number: usize,
    scope: &Scope<'_>,
) -> Result<(NamedChannel, ChannelPolicy), ConfigError> {
    let place = format!("respond.channel ({number}.)");
    let name = text(&mut settings, &place, "name", "every channel needs a name that routes can use")?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
        let reason = format!("{name:?}: a name has letters, digits, dots, - and _, 64 at most");
        return Err(ConfigError::new(format!("{place}.name"), reason));
    }
    let key = format!("respond.channel.{name}");
    let kinds = channel::names().join(", ");
    let kind = text(&mut settings, &key, "type", &format!("one of {kinds}"))?;
    let kind = channel::find(&kind).ok_or_else(|| {
        ConfigError::new(format!("{key}.type"), format!("there is no type {kind:?}; use one of {kinds}"))
    })?;
    let rate = rate(&mut settings, &key)?;
    let context = Context { key: &key, scope };
    let channel = (kind.build)(settings, &context)?;
    let policy = ChannelPolicy { stream: kind.stream, rate };
    Ok((NamedChannel { name: name.clone(), kind: kind.name, channel }, policy))
}

fn text(
    settings: &mut Map<String, Value>,
    key: &str,
    name: &str,
    reason: &str,
) -> Result<String, ConfigError> {
    match settings.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(ConfigError::new(format!("{key}.{name}"), reason)),
    }
}

/// `rate = { messages = 10, per = "1m" }`
fn rate(settings: &mut Map<String, Value>, key: &str) -> Result<Rate, ConfigError> {
    let Some(value) = settings.remove("rate") else { return Ok(Rate::default()) };
    let key = format!("{key}.rate");
    let wrong = || ConfigError::new(&key, "write { messages = 10, per = \"1m\" }");
    let messages =
        value["messages"].as_u64().filter(|count| (1..=10_000).contains(count)).ok_or_else(wrong)?;
    let per = time_delta(&format!("{key}.per"), value["per"].as_str().ok_or_else(wrong)?)?;
    Ok(Rate { messages: usize::try_from(messages).unwrap_or(usize::MAX), per })
}

fn silence(section: &SilenceSection, number: i64) -> Result<Silencing, ConfigError> {
    let key = format!("respond.silence ({number}.)");
    let time = |name: &str, text: &str| {
        text.parse::<DateTime<Utc>>().map_err(|_| {
            ConfigError::new(
                format!("{key}.{name}"),
                format!("{text:?}: write a time such as 2026-06-02T06:00:00Z"),
            )
        })
    };
    if section.matcher.is_empty() {
        let reason = "it would silence everything; say what it is about";
        return Err(ConfigError::new(format!("{key}.match"), reason));
    }
    let starts_at =
        section.starts_at.as_deref().map_or(Ok(DateTime::<Utc>::MIN_UTC), |text| time("starts_at", text))?;
    let ends_at = time("ends_at", &section.ends_at)?;
    if ends_at <= starts_at {
        return Err(ConfigError::new(format!("{key}.ends_at"), "it must end after it begins"));
    }
    let (matcher, comment) = (section.matcher.clone(), section.comment.clone());
    Ok(Silencing { id: -number, matcher, comment, starts_at, ends_at })
}
