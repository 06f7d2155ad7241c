//! `[respond]`, resolved.

use std::sync::Arc;

use trailkeep_respond::config::{RespondConfig, RespondSection, Scope};
use url::Url;

use super::resolve::Environment;
use super::{ConfigError, ServerConfig};

impl Environment<'_> {
    /// Messages link to the console where `server` says it is.
    pub(super) fn respond(
        &self,
        raw: &RespondSection,
        server: &ServerConfig,
    ) -> Result<Arc<RespondConfig>, ConfigError> {
        let scheme = if server.tls.is_some() { "https" } else { "http" };
        let own = || Url::parse(&format!("{scheme}://{}/", server.listen)).ok();
        let console = server.public_url.clone().or_else(own);
        let scope = Scope { variable: self.variable, base: self.base, console, aws: None };
        Ok(Arc::new(raw.resolve(&scope)?))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Config, Environment};

    #[test]
    fn playbooks_and_channels_share_a_section() {
        let environment = Environment { variable: &|_| None, base: Path::new("") };
        let parse = |text: &str| {
            Config::parse("trailkeep.toml", text, &environment).map_err(|error| error.to_string())
        };
        let text = "[respond]\nchannels = [\"chat\"]\nroles = [\"arn:aws:iam::111122223333:role/r\"]\n\
                    [[respond.playbook]]\nname = \"security-group-rules\"\n\
                    [[respond.channel]]\nname = \"chat\"\ntype = \"teams\"\nurl = \"https://example.com/x\"";
        let respond = parse(text).unwrap().respond;
        assert_eq!((respond.playbooks.rules.len(), respond.channels.len()), (1, 1));
        let wrong = parse(&text.replace("[\"chat\"]", "[\"chatt\"]")).unwrap_err();
        assert!(wrong.contains("respond.channels: there is no channel \"chatt\""), "{wrong}");
        assert!(parse("[respond]\nroutes = 1").unwrap_err().contains("unknown field `routes`"));
    }
}
