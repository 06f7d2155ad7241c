//! `[respond]`, resolved.

use super::file::RespondSection;
use super::resolve::Environment;
use super::{ConfigError, RespondConfig};

impl Environment<'_> {
    pub(super) fn respond(&self, raw: RespondSection) -> Result<RespondConfig, ConfigError> {
        if let (Some(role), false) = (&raw.organization_role, raw.roles.is_empty()) {
            let reason =
                "the organisation's accounts are entered through one role name; leave respond.roles out";
            return Err(ConfigError::value("respond.organization_role", role, reason));
        }
        trailkeep_respond::playbook::check(&raw.playbook).map_err(|problem| {
            ConfigError::value(&format!("respond.playbook[{}]", problem.number), "", problem.why)
        })?;
        let external_id = raw.external_id.as_deref();
        Ok(RespondConfig {
            profile: raw.profile,
            roles: raw.roles,
            organization_role: raw.organization_role,
            external_id: external_id.map(|text| self.secret("respond.external_id", text)).transpose()?,
            regions: raw.regions,
            playbooks: raw.playbook,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use trailkeep_respond::playbook::Mode;

    use crate::config::{Config, Environment};

    fn parse(text: &str) -> Result<Config, String> {
        let environment = Environment { variable: &|_| None, base: Path::new("") };
        Config::parse("trailkeep.toml", text, &environment).map_err(|error| error.to_string())
    }

    #[test]
    fn playbooks_are_read_and_checked() {
        let text = "[respond]\nroles = [\"arn:aws:iam::111122223333:role/trailkeep-respond\"]\n\
                    [[respond.playbook]]\nname = \"security-group-rules\"\nmode = \"auto\"";
        let config = parse(text).unwrap();
        assert_eq!(config.respond.playbooks[0].mode, Mode::Auto);
        assert_eq!(config.respond.roles.len(), 1);
        assert!(Config::default().respond.playbooks.is_empty(), "nothing is touched that nobody named");
        let wrong = parse("[[respond.playbook]]\nname = \"security-grp\"").unwrap_err();
        assert!(wrong.contains("security-grp") && wrong.contains("security-group-rules"), "{wrong}");
        let both = "[respond]\nroles = [\"x\"]\norganization_role = \"y\"";
        assert!(parse(both).unwrap_err().contains("respond.organization_role"));
    }
}
