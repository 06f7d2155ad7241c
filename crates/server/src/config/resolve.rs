//! [`File`] → [`Config`]: every value checked, every secret fetched.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use trailkeep_detect::Level;
use trailkeep_state::Role;
use url::Url;

use super::file::{FolderSection, IngestSection, LakeSection, OidcSection, ServerSection, WebhookSection};
use super::units::{duration, size};
use super::{
    Config, ConfigError, DetectConfig, File, FirstAdmin, FolderConfig, IngestConfig, LakeConfig, OidcConfig,
    Secret, ServerConfig, TlsFiles, WebhookConfig,
};

/// What resolving may look at besides the file itself.
pub struct Environment<'a> {
    /// Environment variables.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Folder that relative paths are relative to.
    pub base: &'a Path,
}

/// A secret's file is read up to here.
const MAX_SECRET: u64 = 64 << 10;

impl Config {
    /// Reads and resolves a file, with the process's own environment.
    ///
    /// # Errors
    /// [`ConfigError`]: what is wrong, with which key, and what would be right.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let base = path.parent().unwrap_or_else(|| Path::new(""));
        Self::parse(
            &path.display().to_string(),
            &text,
            &Environment { variable: &|name| std::env::var(name).ok(), base },
        )
    }

    /// Resolves a text; `origin` names it in messages.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(origin: &str, text: &str, environment: &Environment<'_>) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(text)
            .map_err(|error| ConfigError::Syntax { origin: origin.to_owned(), reason: error.to_string() })?;
        Self::resolve(file, environment)
    }

    /// Checks every value, and fetches the secrets.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn resolve(file: File, environment: &Environment<'_>) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        environment.server(file.server, &mut config.server)?;
        if let Some(folder) = file.sources.folder {
            environment.folder(folder, &mut config.folders)?;
        }
        ingest(&file.ingest, &mut config.ingest)?;
        config.webhook = file.notify.webhook.map(|webhook| environment.webhook(webhook)).transpose()?;
        config.detect = DetectConfig {
            builtin: file.detect.builtin.unwrap_or(true),
            rules: file.detect.rules.into_iter().map(|path| environment.path(path)).collect(),
        };
        config.lake = environment.lake(file.lake)?;
        config.check = environment.check(file.check)?;
        config.alarms = environment.alarms(file.alarms)?;
        config.respond = environment.respond(&file.respond, &config.server)?;
        Ok(config)
    }
}

impl Environment<'_> {
    pub(super) fn path(&self, path: PathBuf) -> PathBuf {
        if path.is_absolute() { path } else { self.base.join(path) }
    }

    pub(super) fn secret(&self, key: &str, text: &str) -> Result<Secret, ConfigError> {
        let found = if let Some(name) = text.strip_prefix("env:") {
            (self.variable)(name).ok_or_else(|| {
                ConfigError::value(key, text, "the environment variable is not set; set it, or use file:")
            })?
        } else if let Some(path) = text.strip_prefix("file:") {
            let path = self.path(PathBuf::from(path));
            let wrong =
                |error: std::io::Error| ConfigError::value(key, text, format!("{}: {error}", path.display()));
            let length = std::fs::metadata(&path).map_err(wrong)?.len();
            if length > MAX_SECRET {
                return Err(ConfigError::value(key, text, "the file is too large to be a secret"));
            }
            let content = std::fs::read_to_string(&path).map_err(wrong)?;
            content.lines().next().unwrap_or_default().to_owned()
        } else {
            text.to_owned()
        };
        if found.is_empty() {
            Err(ConfigError::value(key, "", "the secret is empty"))
        } else {
            Ok(Secret::new(found))
        }
    }

    fn server(&self, raw: ServerSection, out: &mut ServerConfig) -> Result<(), ConfigError> {
        if let Some(text) = raw.listen {
            out.listen = SocketAddr::from_str(&text).map_err(|_| {
                ConfigError::value(
                    "server.listen",
                    text,
                    "write an address and a port, such as 127.0.0.1:7676",
                )
            })?;
        }
        out.tls = raw.tls.map(|tls| TlsFiles { cert: self.path(tls.cert), key: self.path(tls.key) });
        let loopback = out.listen.ip().is_loopback();
        if !loopback && raw.login == Some(false) {
            let reason =
                "an address that others can reach requires a login; listen on 127.0.0.1, or leave login out";
            return Err(ConfigError::value("server.login", "false", reason));
        }
        out.login = raw.login.unwrap_or(!loopback);
        out.public_url = raw.public_url.as_deref().map(|text| url("server.public_url", text)).transpose()?;
        out.allowed_hosts = raw.allowed_hosts;
        set(&mut out.session, raw.session.as_deref().map(|text| duration("server.session", text)))?;
        set(&mut out.drain, raw.drain.as_deref().map(|text| duration("server.drain", text)))?;
        set(
            &mut out.query_timeout,
            raw.query_timeout.as_deref().map(|text| duration("server.query_timeout", text)),
        )?;
        if let Some(admin) = raw.first_admin {
            let password = self.secret("server.first_admin.password", &admin.password)?;
            out.first_admin = Some(FirstAdmin { name: admin.name, password });
        }
        out.oidc = raw.oidc.map(|oidc| self.oidc(oidc)).transpose()?;
        Ok(())
    }

    fn oidc(&self, raw: OidcSection) -> Result<OidcConfig, ConfigError> {
        let role = |key: &str, text: &str| {
            text.parse::<Role>()
                .map_err(|_| ConfigError::value(key, text, "roles are viewer, analyst, responder and admin"))
        };
        let mut roles = Vec::with_capacity(raw.roles.len());
        for (value, name) in &raw.roles {
            roles.push((value.clone(), role("server.oidc.roles", name)?));
        }
        let default_role =
            raw.default_role.as_deref().map(|text| role("server.oidc.default_role", text)).transpose()?;
        if roles.is_empty() && default_role.is_none() {
            let reason =
                "nobody could log in: map a claim's value to a role, or set server.oidc.default_role";
            return Err(ConfigError::value("server.oidc.roles", "", reason));
        }
        Ok(OidcConfig {
            issuer: url("server.oidc.issuer", &raw.issuer)?,
            client_id: raw.client_id,
            client_secret: raw
                .client_secret
                .as_deref()
                .map(|text| self.secret("server.oidc.client_secret", text))
                .transpose()?,
            label: raw.label.unwrap_or_else(|| "Single sign-on".to_owned()),
            role_claim: raw.role_claim.unwrap_or_else(|| "groups".to_owned()),
            name_claim: raw.name_claim.unwrap_or_else(|| "email".to_owned()),
            roles,
            default_role,
            scopes: raw.scopes.unwrap_or_else(|| vec!["email".to_owned(), "profile".to_owned()]),
        })
    }

    fn folder(&self, raw: FolderSection, out: &mut FolderConfig) -> Result<(), ConfigError> {
        out.paths = raw.paths.into_iter().map(|path| self.path(path)).collect();
        set(
            &mut out.interval,
            raw.interval.as_deref().map(|text| duration("sources.folder.interval", text)),
        )?;
        set(&mut out.settle, raw.settle.as_deref().map(|text| duration("sources.folder.settle", text)))
    }

    fn webhook(&self, raw: WebhookSection) -> Result<WebhookConfig, ConfigError> {
        let secret = self.secret("notify.webhook.secret", &raw.secret)?;
        if secret.reveal().len() < 16 {
            return Err(ConfigError::value("notify.webhook.secret", "…", "use 16 characters or more"));
        }
        let url = url("notify.webhook.url", &raw.url)?;
        if url.scheme() == "http" && !raw.allow_private {
            let reason = "findings would travel in the clear; use https (http is for allow_private = true)";
            return Err(ConfigError::value("notify.webhook.url", raw.url, reason));
        }
        let min_level = match raw.min_level.as_deref() {
            Some(text) => text
                .parse()
                .map_err(|reason: String| ConfigError::value("notify.webhook.min_level", text, reason))?,
            None => Level::Medium,
        };
        let timeout = raw.timeout.as_deref().unwrap_or("10s");
        Ok(WebhookConfig {
            url,
            secret,
            allowed_hosts: raw.allowed_hosts,
            allow_private: raw.allow_private,
            min_level,
            timeout: duration("notify.webhook.timeout", timeout)?,
        })
    }

    fn lake(&self, raw: LakeSection) -> Result<LakeConfig, ConfigError> {
        let url = match raw.url {
            None => None,
            Some(text) if text.contains("://") => Some(
                Url::parse(&text)
                    .map_err(|error| ConfigError::value("lake.url", text.clone(), error.to_string()))?,
            ),
            Some(text) => {
                let path = std::path::absolute(self.path(PathBuf::from(&text)))
                    .map_err(|error| ConfigError::value("lake.url", text.clone(), error.to_string()))?;
                Some(
                    Url::from_directory_path(path)
                        .map_err(|()| ConfigError::value("lake.url", text, "is no path"))?,
                )
            }
        };
        for (table, days) in &raw.retention_days {
            let known = table == "default" || trailkeep_formats::registry::table(table).is_some();
            if !known || *days == 0 {
                let reason = if known { "keep events for a day at least" } else { "there is no such table" };
                return Err(ConfigError::value(
                    &format!("lake.retention_days.{table}"),
                    days.to_string(),
                    reason,
                ));
            }
        }
        Ok(LakeConfig { url, retention_days: raw.retention_days.into_iter().collect() })
    }
}

fn ingest(raw: &IngestSection, out: &mut IngestConfig) -> Result<(), ConfigError> {
    set(&mut out.max_body, raw.max_body.as_deref().map(|text| size("ingest.max_body", text)))?;
    let positive = |key: &str, value: Option<u32>, default: u32| match value {
        Some(0) => Err(ConfigError::value(key, "0", "must be 1 or more")),
        other => Ok(other.unwrap_or(default)),
    };
    out.concurrency = positive("ingest.concurrency", raw.concurrency, 8)? as usize;
    out.rate = positive("ingest.rate", raw.rate, out.rate)?;
    out.burst = positive("ingest.burst", raw.burst, out.burst)?;
    Ok(())
}

fn set<T>(target: &mut T, value: Option<Result<T, ConfigError>>) -> Result<(), ConfigError> {
    if let Some(value) = value {
        *target = value?;
    }
    Ok(())
}

fn url(key: &str, text: &str) -> Result<Url, ConfigError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(ConfigError::value(key, text, "write an address that begins with https://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        let variable = |name: &str| (name == "HOOK").then(|| "0123456789abcdef".to_owned());
        Config::parse(
            "trailkeep.toml",
            text,
            &Environment { variable: &variable, base: Path::new("/etc/trailkeep") },
        )
    }

    fn message(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(format!("{:?}", parse("").unwrap()), format!("{:?}", Config::default()));
    }

    #[test]
    fn a_full_file() {
        let config = parse(
            r#"
            [server]
            listen = "0.0.0.0:443"
            tls = { cert = "cert.pem", key = "/run/key.pem" }
            session = "8h"
            [sources.folder]
            paths = ["incoming"]
            [ingest]
            max_body = "8MiB"
            [notify.webhook]
            url = "https://hooks.example.com/x"
            secret = "env:HOOK"
            min_level = "high"
            [detect]
            rules = ["rules"]
            [lake]
            retention_days = { default = 400, vpc_flow_logs = 30 }
            "#,
        )
        .unwrap();
        assert!(config.server.login);
        assert_eq!(config.server.tls.unwrap().cert, Path::new("/etc/trailkeep/cert.pem"));
        assert_eq!(config.folders.paths, [Path::new("/etc/trailkeep/incoming")]);
        assert_eq!(config.ingest.max_body, 8 << 20);
        let webhook = config.webhook.unwrap();
        assert_eq!((webhook.secret.reveal(), webhook.min_level), ("0123456789abcdef", Level::High));
        assert!(!format!("{webhook:?}").contains("0123456789abcdef"));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(message("[server]\nlisten = \"7676\"").contains("server.listen"));
        assert!(message("[server]\nport = 1").contains("unknown field `port`"));
        assert!(message("[server]\nlisten=\"0.0.0.0:1\"\nlogin=false").contains("requires a login"));
        assert!(
            message("[notify.webhook]\nurl=\"https://x.example\"\nsecret=\"env:NOPE\"").contains("not set")
        );
        assert!(
            message("[notify.webhook]\nurl=\"http://x.example\"\nsecret=\"env:HOOK\"")
                .contains("in the clear")
        );
        assert!(
            message("[notify.webhook]\nurl=\"https://x.example\"\nsecret=\"short\"")
                .contains("16 characters")
        );
        assert!(message("[lake.retention_days]\nnope = 3").contains("no such table"));
        assert!(message("[ingest]\nmax_body = \"many\"").contains("32MiB"));
        assert!(
            message("[server.oidc]\nissuer=\"https://i.example\"\nclient_id=\"c\"")
                .contains("nobody could log in")
        );
    }
}
