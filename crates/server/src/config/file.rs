//! `trailkeep.toml` as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};
use trailkeep_respond::config::RespondSection;

/// The whole file. Every section and every key may be left out.
///
/// Times are written `500ms`, `30s`, `5m`, `12h`, `7d`; sizes `512KiB`, `32MiB`. A secret is
/// written `env:NAME` (an environment variable), `file:PATH` (a file's first line) or as it is.
/// Relative paths are relative to the folder of the file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Console, API, login.
    pub server: ServerSection,
    /// Where events come from.
    pub sources: SourcesSection,
    /// The ingest endpoint, `POST /ingest/v1/events`.
    pub ingest: IngestSection,
    /// Who is told of findings.
    pub notify: NotifySection,
    /// Which rules run.
    pub detect: DetectSection,
    /// The lake.
    pub lake: LakeSection,
    /// The six controls, assessed again on a schedule.
    pub check: CheckSection,
    /// Alarms.
    pub alarms: AlarmsSection,
    /// Who is told of what, what is put back, and what waits for a person.
    pub respond: RespondSection,
}

/// `[server]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSection {
    /// Address and port. A loopback address may be open; every other one needs `tls` and a login.
    /// Default: `127.0.0.1:7676`.
    pub listen: Option<String>,
    /// Certificate and key, PEM.
    pub tls: Option<TlsSection>,
    /// Require a login on a loopback address too, as one must behind a reverse proxy.
    /// Default: `false` on loopback, always on elsewhere.
    pub login: Option<bool>,
    /// The address people type, where a proxy stands before Trailkeep: `https://trailkeep.example.com`.
    pub public_url: Option<String>,
    /// Further host names that requests may be addressed to.
    pub allowed_hosts: Vec<String>,
    /// How long a login lasts. Default: `12h`.
    pub session: Option<String>,
    /// The first administrator, made when there are no users yet.
    pub first_admin: Option<FirstAdminSection>,
    /// Login through an identity provider (OpenID Connect).
    pub oidc: Option<OidcSection>,
    /// How long requests and commits under way may take after the first Ctrl-C. Default: `20s`.
    pub drain: Option<String>,
    /// Longest a query may run. Default: `2m`.
    pub query_timeout: Option<String>,
}

/// `[server.tls]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSection {
    /// Certificate chain, PEM.
    pub cert: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// `[server.first_admin]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstAdminSection {
    /// Name to log in with.
    pub name: String,
    /// Password: a secret.
    pub password: String,
}

/// `[server.oidc]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSection {
    /// Issuer address; `/.well-known/openid-configuration` below it is read.
    pub issuer: String,
    /// Client id.
    pub client_id: String,
    /// Client secret: a secret. Left out for a public client.
    pub client_secret: Option<String>,
    /// What the button on the login page says. Default: `Single sign-on`.
    pub label: Option<String>,
    /// Claim that holds the user's groups or roles. Default: `groups`.
    pub role_claim: Option<String>,
    /// Claim that names the user. Default: `email`, then `preferred_username`, then `sub`.
    pub name_claim: Option<String>,
    /// Value of the claim → `viewer`, `analyst`, `responder` or `admin`; the highest wins.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// Role of those whose claim fits nothing. Left out, they are refused.
    pub default_role: Option<String>,
    /// Scopes to ask for besides `openid`. Default: `email`, `profile`.
    pub scopes: Option<Vec<String>>,
}

/// `[sources]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourcesSection {
    /// Folders that files arrive in.
    pub folder: Option<FolderSection>,
}

/// `[sources.folder]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FolderSection {
    /// The folders, watched with all that is below them.
    pub paths: Vec<PathBuf>,
    /// Time between two looks. Default: `1s`.
    pub interval: Option<String>,
    /// A file that has not changed for this long is finished. Default: `5s`.
    pub settle: Option<String>,
}

/// `[ingest]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IngestSection {
    /// Largest body as sent (compressed). Default: `32MiB`.
    pub max_body: Option<String>,
    /// Bodies that are taken at the same time; more are answered 503. Default: 8.
    pub concurrency: Option<u32>,
    /// Requests per second and token, on average. Default: 50.
    pub rate: Option<u32>,
    /// Requests that a token may send at once. Default: 100.
    pub burst: Option<u32>,
}

/// `[notify]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifySection {
    /// Posts each finding as JSON.
    pub webhook: Option<WebhookSection>,
}

/// `[notify.webhook]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSection {
    /// Address, `https://…`.
    pub url: String,
    /// Key of the HMAC-SHA256 signature: a secret of 16 characters or more.
    pub secret: String,
    /// Hosts that may be posted to. Default: the host of `url`.
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    /// Allow private, loopback and link-local addresses. Default: `false`.
    #[serde(default)]
    pub allow_private: bool,
    /// Findings below this level are not posted. Default: `medium`.
    pub min_level: Option<String>,
    /// Longest a delivery may take. Default: `10s`.
    pub timeout: Option<String>,
}

/// `[detect]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DetectSection {
    /// Run the built-in pack. Default: `true`.
    pub builtin: Option<bool>,
    /// Folders with Sigma rules of your own.
    pub rules: Vec<PathBuf>,
}

/// `[lake]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LakeSection {
    /// Where the lake is: a folder or `s3://bucket/prefix`. Default: `lake` in the data folder.
    pub url: Option<String>,
    /// Days that events are kept, per table, and `default` for the others. Left out: for ever.
    pub retention_days: BTreeMap<String, u32>,
}

/// `[check]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckSection {
    /// Assess the accounts again on a schedule. Default: `false`.
    pub enabled: bool,
    /// Time between two assessments, a minute at least. Default: `6h`.
    pub interval: Option<String>,
    /// The profile in the AWS configuration files. Default: as `AWS_PROFILE` says.
    pub profile: Option<String>,
    /// The accounts of these roles instead of the own one.
    pub roles: Vec<String>,
    /// All active accounts of the organisation, each through its role of this name.
    pub organization_role: Option<String>,
    /// The external id that the roles' trust policies ask for: a secret.
    pub external_id: Option<String>,
    /// Only these Regions. Default: all that are enabled.
    pub regions: Vec<String>,
    /// Accepted failures, each with owner, reason and last day: a file of `[[waiver]]`.
    pub waivers: Option<PathBuf>,
    /// Days that log groups and log buckets must keep their logs. Default: 365.
    pub retention_days: Option<u32>,
    /// The account that holds the organisation's logs. Default: found from the trail's bucket.
    pub central_account: Option<String>,
    /// A delivery older than this counts as none. Default: `24h`.
    pub delivery: Option<String>,
}

/// `[alarms]`: alarms that live here, and the watch over those of CloudWatch.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlarmsSection {
    /// The alarms of the CIS AWS Foundations Benchmark's monitoring section, on the events of
    /// `cloudtrail_logs`: root use, sign-ins without MFA, changes to network, trails, keys, … Default:
    /// `false`.
    pub builtin: bool,
    /// Alarms, with the keys of `PutMetricAlarm` and `PutCompositeAlarm`: `AlarmName`, `Threshold`, …
    pub alarm: Vec<Map<String, Value>>,
    /// Metric filters, with the keys of `PutMetricFilter`, and `table`: the table whose events they read.
    /// Default: `cloudtrail_logs`.
    pub metric_filter: Vec<Map<String, Value>>,
    /// Metrics that are counted by SQL.
    pub query: Vec<QuerySection>,
    /// JSON files with more alarms: what `aws cloudwatch describe-alarms` prints, or a list.
    pub files: Vec<PathBuf>,
    /// Evaluate alarms that `alarms import` brought here, in place of following what CloudWatch says of
    /// them. Default: `false`.
    pub evaluate_imported: bool,
    /// CloudWatch's own alarms and metrics.
    pub cloudwatch: Option<CloudWatchSection>,
}

/// `[[alarms.query]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuerySection {
    /// `MetricName`.
    pub name: String,
    /// `Namespace`. Default: `Trailkeep`.
    #[serde(default)]
    pub namespace: Option<String>,
    /// A query with a column `value`; other columns are dimensions. `{from}` and `{to}` in it stand for
    /// the period, as `TIMESTAMP '…'`.
    pub sql: String,
    /// The period, a minute at least. Default: `1m`.
    #[serde(default)]
    pub every: Option<String>,
    /// A period is counted so long after its end, for events that come late. Default: `1m`.
    #[serde(default)]
    pub delay: Option<String>,
}

/// `[alarms.cloudwatch]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CloudWatchSection {
    /// The profile in the AWS configuration files. Default: as `AWS_PROFILE` says.
    pub profile: Option<String>,
    /// The accounts of these roles instead of the own one.
    pub roles: Vec<String>,
    /// All active accounts of the organisation, each through its role of this name.
    pub organization_role: Option<String>,
    /// The external id that the roles' trust policies ask for: a secret.
    pub external_id: Option<String>,
    /// Only these Regions. Default: all that are enabled.
    pub regions: Vec<String>,
    /// Time between two calls of `DescribeAlarms`, half a minute at least. Default: `1m`.
    pub interval: Option<String>,
    /// Fetch the metrics that alarms of this file read and nothing here makes, with `GetMetricData`.
    /// Default: `true`.
    pub metrics: Option<bool>,
    /// Queues that EventBridge or SNS put "CloudWatch Alarm State Change" events into: addresses.
    pub queues: Vec<String>,
}
