//! `[check]`, resolved.

use std::time::Duration;

use trailkeep_baseline::{Settings, parse_waivers};

use super::file::CheckSection;
use super::resolve::Environment;
use super::units::duration;
use super::{CheckConfig, ConfigError};

/// AWS limits how often it may be asked, and answers about an account do not change by the second.
const SHORTEST: Duration = Duration::from_secs(60);

impl Environment<'_> {
    pub(super) fn check(&self, raw: CheckSection) -> Result<CheckConfig, ConfigError> {
        let default = CheckConfig::default();
        let interval = match raw.interval.as_deref() {
            Some(text) => duration("check.interval", text)?,
            None => default.interval,
        };
        if interval < SHORTEST {
            let reason = "ask AWS no more often than once a minute: 1m";
            return Err(ConfigError::value("check.interval", raw.interval.unwrap_or_default(), reason));
        }
        if let (Some(role), false) = (&raw.organization_role, raw.roles.is_empty()) {
            let reason = "the organisation's accounts are asked through one role name; leave check.roles out";
            return Err(ConfigError::value("check.organization_role", role, reason));
        }
        let waivers = raw.waivers.map(|path| self.path(path));
        if let Some(path) = &waivers {
            // A mistake is told at the start, not after the first night.
            let wrong =
                |reason: String| ConfigError::value("check.waivers", path.display().to_string(), reason);
            let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
            parse_waivers(&path.display().to_string(), &text).map_err(|error| wrong(error.to_string()))?;
        }
        Ok(CheckConfig {
            enabled: raw.enabled,
            interval,
            profile: raw.profile,
            roles: raw.roles,
            organization_role: raw.organization_role,
            external_id: raw
                .external_id
                .as_deref()
                .map(|text| self.secret("check.external_id", text))
                .transpose()?,
            regions: raw.regions,
            waivers,
            settings: settings(raw.retention_days, raw.central_account, raw.delivery.as_deref())?,
        })
    }
}

fn settings(
    retention_days: Option<u32>,
    central_account: Option<String>,
    delivery: Option<&str>,
) -> Result<Settings, ConfigError> {
    let mut settings = Settings::default();
    if let Some(days) = retention_days {
        if days == 0 {
            return Err(ConfigError::value("check.retention_days", "0", "keep logs for a day at least"));
        }
        settings.retention_days = i64::from(days);
    }
    if let Some(account) = central_account {
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ConfigError::value("check.central_account", account, "an account id has 12 digits"));
        }
        settings.central_account = Some(account);
    }
    if let Some(text) = delivery {
        let hours = duration("check.delivery", text)?.as_secs() / 3_600;
        if hours == 0 {
            return Err(ConfigError::value("check.delivery", text, "an hour at least: 1h"));
        }
        settings.delivery_hours = i64::try_from(hours).unwrap_or(i64::MAX);
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn parse(base: &Path, text: &str) -> Result<CheckConfig, ConfigError> {
        let variable = |name: &str| (name == "EXTERNAL").then(|| "some-id".to_owned());
        let environment = Environment { variable: &variable, base };
        Config::parse("trailkeep.toml", &format!("[check]\n{text}"), &environment).map(|config| config.check)
    }

    #[test]
    fn a_full_section() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("waivers.toml"), "").unwrap();
        let text = "enabled = true\ninterval = \"2h\"\nroles = [\"arn:aws:iam::111122223333:role/check\"]\n\
                    external_id = \"env:EXTERNAL\"\nregions = [\"eu-west-1\"]\nwaivers = \"waivers.toml\"\n\
                    retention_days = 400\ncentral_account = \"111122223333\"\ndelivery = \"48h\"";
        let check = parse(folder.path(), text).unwrap();
        assert!(check.enabled && check.interval == Duration::from_secs(7_200));
        assert_eq!(check.external_id.unwrap().reveal(), "some-id");
        assert_eq!((check.settings.retention_days, check.settings.delivery_hours), (400, 48));
        assert_eq!(check.waivers.unwrap(), folder.path().join("waivers.toml"));
        assert_eq!(parse(folder.path(), "").unwrap(), CheckConfig::default());
    }

    #[test]
    fn mistakes_are_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bad.toml"), "\n[[waiver]]\ncheck = \"\"\n").unwrap();
        for (text, expected) in [
            ("interval = \"5s\"", "once a minute"),
            ("retention_days = 0", "a day at least"),
            ("central_account = \"12\"", "12 digits"),
            ("delivery = \"5m\"", "an hour at least"),
            ("roles = [\"a\"]\norganization_role = \"b\"", "leave check.roles out"),
            ("waivers = \"none.toml\"", "none.toml"),
            ("waivers = \"bad.toml\"", "bad.toml:2: missing field"),
            ("every = \"5m\"", "unknown field `every`"),
        ] {
            let message = parse(folder.path(), text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
