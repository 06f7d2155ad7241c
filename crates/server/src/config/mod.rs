//! `trailkeep.toml`: raw as written ([`File`]) → validated and resolved ([`Config`]).
//!
//! Unknown keys are refused. The doc comments of [`File`] are the reference. Nothing here reads
//! the environment or the clock by itself: both are passed in.

mod alarms;
mod check;
mod file;
mod resolve;
mod respond;
mod units;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use trailkeep_detect::Level;
use url::Url;

pub use alarms::{AlarmsConfig, CloudWatchConfig, QueryMetric};
pub use file::File;
pub use resolve::Environment;
pub use trailkeep_respond::config::RespondConfig;

/// Where the console is by default.
pub const DEFAULT_PORT: u16 = 7676;

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} could not be read: {source}; give the right path with --config")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// The file is no TOML, or has a key that does not exist.
    #[error("{origin}: {reason}")]
    Syntax {
        /// The file, or where the text came from.
        origin: String,
        /// The parser's words, with line and column.
        reason: String,
    },
    /// A value makes no sense.
    #[error("{key} = {value:?}: {reason}")]
    Value {
        /// Dotted key.
        key: String,
        /// As it was written.
        value: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// Something in `[respond]` is wrong.
    #[error(transparent)]
    Respond(#[from] trailkeep_respond::config::ConfigError),
}

impl ConfigError {
    pub(crate) fn value(key: &str, value: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Value { key: key.to_owned(), value: value.into(), reason: reason.into() }
    }
}

/// A secret text that never shows in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A validated configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Console, API, login.
    pub server: ServerConfig,
    /// Folders to watch.
    pub folders: FolderConfig,
    /// The ingest endpoint.
    pub ingest: IngestConfig,
    /// Where findings are posted.
    pub webhook: Option<WebhookConfig>,
    /// Which rules run.
    pub detect: DetectConfig,
    /// The lake.
    pub lake: LakeConfig,
    /// The six controls.
    pub check: CheckConfig,
    /// Alarms.
    pub alarms: AlarmsConfig,
    /// Who is told of what, and what is put back.
    pub respond: Arc<RespondConfig>,
}

/// Console, API, login.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Certificate chain and key, PEM.
    pub tls: Option<TlsFiles>,
    /// Whether people must log in. Only a loopback address may do without.
    pub login: bool,
    /// The address people type, where a proxy stands before us.
    pub public_url: Option<Url>,
    /// Further names that requests may be addressed to.
    pub allowed_hosts: Vec<String>,
    /// How long a login lasts.
    pub session: Duration,
    /// The first administrator, made when there are no users.
    pub first_admin: Option<FirstAdmin>,
    /// Login through an identity provider.
    pub oidc: Option<OidcConfig>,
    /// How long requests and commits under way may take once stopping has begun.
    pub drain: Duration,
    /// Longest a query may run.
    pub query_timeout: Duration,
}

/// Certificate chain and key, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificate chain.
    pub cert: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// The first administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAdmin {
    /// Name.
    pub name: String,
    /// Password, to be changed after the first login.
    pub password: Secret,
}

/// Login through an identity provider.
#[derive(Debug, Clone, PartialEq)]
pub struct OidcConfig {
    /// Issuer; its `/.well-known/openid-configuration` is read.
    pub issuer: Url,
    /// Client id.
    pub client_id: String,
    /// Client secret; none for a public client.
    pub client_secret: Option<Secret>,
    /// What the button says.
    pub label: String,
    /// Claim that holds the user's groups or roles.
    pub role_claim: String,
    /// Claim that names the user.
    pub name_claim: String,
    /// Value of the claim → role; the highest that fits wins.
    pub roles: Vec<(String, trailkeep_state::Role)>,
    /// Role of those whose claim fits nothing; none refuses them.
    pub default_role: Option<trailkeep_state::Role>,
    /// Scopes to ask for besides `openid`.
    pub scopes: Vec<String>,
}

/// Folders to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderConfig {
    /// The folders.
    pub paths: Vec<PathBuf>,
    /// Time between two looks.
    pub interval: Duration,
    /// A file that has not changed for this long is finished.
    pub settle: Duration,
}

/// The ingest endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestConfig {
    /// Largest body as sent, in bytes.
    pub max_body: usize,
    /// Bodies that are taken at the same time; more are asked to wait.
    pub concurrency: usize,
    /// Requests per second and token, on average.
    pub rate: u32,
    /// Requests that a token may send at once.
    pub burst: u32,
}

/// Where findings are posted.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookConfig {
    /// Address.
    pub url: Url,
    /// Key of the HMAC-SHA256 signature.
    pub secret: Secret,
    /// Hosts that may be posted to; empty allows the host of `url` only.
    pub allowed_hosts: Vec<String>,
    /// Whether private and loopback addresses may be posted to.
    pub allow_private: bool,
    /// Findings below this level are not posted.
    pub min_level: Level,
    /// Longest a delivery may take.
    pub timeout: Duration,
}

/// Which rules run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectConfig {
    /// Whether the built-in pack runs.
    pub builtin: bool,
    /// Folders with Sigma rules.
    pub rules: Vec<PathBuf>,
}

/// The lake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LakeConfig {
    /// Where it is, when not in the data folder.
    pub url: Option<Url>,
    /// Days that events are kept, per table; `default` for the others.
    pub retention_days: Vec<(String, u32)>,
}

/// The six controls, assessed again on a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckConfig {
    /// Whether `serve` assesses.
    pub enabled: bool,
    /// Time between two assessments.
    pub interval: Duration,
    /// The profile in the AWS configuration files.
    pub profile: Option<String>,
    /// The accounts of these roles instead of the own one.
    pub roles: Vec<String>,
    /// All accounts of the organisation, each through its role of this name.
    pub organization_role: Option<String>,
    /// What the roles' trust policies ask for.
    pub external_id: Option<Secret>,
    /// Only these Regions; all that are enabled when empty.
    pub regions: Vec<String>,
    /// The file of waivers.
    pub waivers: Option<PathBuf>,
    /// What checks are told.
    pub settings: trailkeep_baseline::Settings,
}

impl Default for CheckConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            interval: Duration::from_secs(6 * 3_600),
            profile: None,
            roles: Vec::new(),
            organization_role: None,
            external_id: None,
            regions: Vec::new(),
            waivers: None,
            settings: trailkeep_baseline::Settings::default(),
        }
    }
}

impl Default for Config {
    /// The console on loopback, open; no folders, no webhook, the built-in rules.
    fn default() -> Self {
        Self {
            server: ServerConfig {
                listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
                tls: None,
                login: false,
                public_url: None,
                allowed_hosts: Vec::new(),
                session: Duration::from_secs(12 * 3_600),
                first_admin: None,
                oidc: None,
                drain: Duration::from_secs(20),
                query_timeout: Duration::from_secs(120),
            },
            folders: FolderConfig {
                paths: Vec::new(),
                interval: Duration::from_secs(1),
                settle: Duration::from_secs(5),
            },
            ingest: IngestConfig { max_body: 32 << 20, concurrency: 8, rate: 50, burst: 100 },
            webhook: None,
            detect: DetectConfig { builtin: true, rules: Vec::new() },
            lake: LakeConfig::default(),
            check: CheckConfig::default(),
            alarms: AlarmsConfig::default(),
            respond: Arc::default(),
        }
    }
}
