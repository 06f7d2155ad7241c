//! Routes, resolved: every node with what it inherits.

use std::collections::{BTreeMap, HashSet};

use super::scope::time_delta;
use super::{ConfigError, RespondSection, RouteSection, StepSection};
use crate::route::{ChannelPolicy, Policy, Route, Step};

const DEEPEST: usize = 16;

/// Resolves routes against the channels that there are.
pub(super) struct Tree<'a> {
    pub(super) channels: &'a BTreeMap<String, ChannelPolicy>,
    names: HashSet<String>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(channels: &'a BTreeMap<String, ChannelPolicy>) -> Self {
        Self { channels, names: HashSet::from(["root".to_owned()]) }
    }

    pub(super) fn root(&mut self, section: &RespondSection) -> Result<Route, ConfigError> {
        let own = RouteSection {
            channels: Some(section.channels.clone()),
            group_by: section.group_by.clone(),
            group_wait: section.group_wait.clone(),
            group_interval: section.group_interval.clone(),
            repeat: section.repeat.clone(),
            digest: section.digest.clone(),
            active: section.active.clone(),
            escalate: section.escalate.clone(),
            ..RouteSection::default()
        };
        let policy = self.policy("respond", &own, &Policy::default())?;
        let children = self.children(&section.route, &policy, "", 1)?;
        Ok(Route { name: "root".to_owned(), policy, children, ..Route::default() })
    }

    fn children(
        &mut self,
        sections: &[RouteSection],
        parent: &Policy,
        place: &str,
        depth: usize,
    ) -> Result<Vec<Route>, ConfigError> {
        let mut routes = Vec::with_capacity(sections.len());
        for (section, number) in sections.iter().zip(1..) {
            let place = if place.is_empty() { number.to_string() } else { format!("{place}.{number}") };
            let name = section.name.clone().unwrap_or_else(|| format!("route {place}"));
            let key = format!("respond.route.{name}");
            if depth > DEEPEST {
                return Err(ConfigError::new(key, format!("routes are nested {DEEPEST} deep at most")));
            }
            if !self.names.insert(name.clone()) {
                return Err(ConfigError::new(key, "two routes have this name; give each its own"));
            }
            let policy = self.policy(&key, section, parent)?;
            let children = self.children(&section.route, &policy, &place, depth + 1)?;
            let (matcher, go_on) = (section.matcher.clone(), section.go_on);
            routes.push(Route { name, matcher, go_on, policy, children });
        }
        Ok(routes)
    }

    fn policy(&self, key: &str, own: &RouteSection, parent: &Policy) -> Result<Policy, ConfigError> {
        let time = |name: &str, text: &Option<String>, inherited| match text {
            Some(text) => time_delta(&format!("{key}.{name}"), text),
            None => Ok(inherited),
        };
        let channels = own.channels.clone().unwrap_or_else(|| parent.channels.clone());
        self.known(&format!("{key}.channels"), &channels)?;
        Ok(Policy {
            channels,
            group_by: own.group_by.clone().unwrap_or_else(|| parent.group_by.clone()),
            group_wait: time("group_wait", &own.group_wait, parent.group_wait)?,
            group_interval: time("group_interval", &own.group_interval, parent.group_interval)?,
            repeat: match own.repeat.as_deref() {
                Some("never") => None,
                Some(text) => Some(time_delta(&format!("{key}.repeat"), text)?),
                None => parent.repeat,
            },
            digest: own.digest.clone().or_else(|| parent.digest.clone()),
            active: own.active.clone().unwrap_or_else(|| parent.active.clone()),
            escalate: match &own.escalate {
                Some(steps) => self.steps(&format!("{key}.escalate"), steps)?,
                None => parent.escalate.clone(),
            },
        })
    }

    fn steps(&self, key: &str, sections: &[StepSection]) -> Result<Vec<Step>, ConfigError> {
        let mut steps: Vec<Step> = Vec::with_capacity(sections.len());
        for section in sections {
            let after = time_delta(&format!("{key}.after"), &section.after)?;
            if steps.last().is_some_and(|before| before.after >= after) {
                return Err(ConfigError::new(key, "each step must come later than the one before"));
            }
            if section.channels.is_empty() {
                return Err(ConfigError::new(key, "a step that tells nobody; name a channel"));
            }
            self.known(&format!("{key}.channels"), &section.channels)?;
            steps.push(Step { after, channels: section.channels.clone() });
        }
        Ok(steps)
    }

    fn known(&self, key: &str, channels: &[String]) -> Result<(), ConfigError> {
        match channels.iter().find(|name| !self.channels.contains_key(*name)) {
            None => Ok(()),
            Some(name) => {
                let names: Vec<&str> = self.channels.keys().map(String::as_str).collect();
                let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                let reason =
                    format!("there is no channel {name:?}; add a [[respond.channel]] (there are: {known})");
                Err(ConfigError::new(key, reason))
            }
        }
    }
}
