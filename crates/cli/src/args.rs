//! The command line.

mod alarms;
mod incidents;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use trailkeep_baseline::collect::RoleArn;
use trailkeep_baseline::plan::Notify;
use trailkeep_baseline::{Control, Severity};
use trailkeep_detect::Level;
use trailkeep_state::ResponseStatus;

pub(crate) use alarms::{Alarms, AlarmsCommand, AlarmsImport, AlarmsSimulate};
pub(crate) use incidents::{AddSilence, Channels, Incidents, ListIncidents, Silences};

/// The AWS security controls for logging and monitoring, in one program.
#[derive(Debug, Parser)]
#[command(name = "trailkeep", version, about, max_term_width = 100, infer_subcommands = false)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Where the lake and the state are kept.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "TRAILKEEP_DATA_DIR",
        default_value = "./trailkeep-data"
    )]
    pub(crate) data_dir: PathBuf,
    /// Where the lake is, if not in the data folder: a folder or a URL such as s3://bucket/lake.
    #[arg(long, global = true, value_name = "URL", env = "TRAILKEEP_LAKE")]
    pub(crate) lake: Option<String>,
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE", env = "TRAILKEEP_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// How results are printed.
    #[arg(short, long, global = true, value_enum, default_value = "table")]
    pub(crate) output: Format,
    /// Results and errors only: no progress, no notes.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more; twice, say everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// An aligned table, for people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Ndjson,
    /// Comma-separated values with a header.
    Csv,
    /// Parquet (`query` only).
    Parquet,
    /// One self-contained page, for auditors (`check` only).
    Html,
    /// JUnit's XML, for continuous integration (`check` only).
    Junit,
    /// AWS Security Finding Format, for Security Hub (`check` only).
    Asff,
    /// OCSF Compliance Findings (`check` only).
    Ocsf,
}

impl Format {
    /// Its name, where it is a way to report on the controls and nothing else.
    pub(crate) fn report(self) -> Option<&'static str> {
        match self {
            Self::Html => Some("html"),
            Self::Junit => Some("junit"),
            Self::Asff => Some("asff"),
            Self::Ocsf => Some("ocsf"),
            Self::Table | Self::Json | Self::Ndjson | Self::Csv | Self::Parquet => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole product on a simulated, attacked estate: no AWS account needed.
    Demo(Demo),
    /// Run the sources, detection, the HTTP API and the console.
    Serve(Serve),
    /// Load log files, folders, globs or s3:// prefixes into the lake.
    Ingest(Ingest),
    /// Run SQL over the lake, as written for Athena.
    Query(Query),
    /// Search all tables: `field:value` terms and free text, newest first.
    Search(Search),
    /// Run rules over log files, without a lake.
    Detect(Detect),
    /// Try a CloudWatch Logs filter pattern or an EventBridge event pattern on log files.
    Filter(Filter),
    /// List, show, check and test rules.
    Rules(Rules),
    /// List findings.
    Findings(Findings),
    /// What playbooks found, did and wait for: list, approve, reject, undo.
    #[command(subcommand)]
    Responses(Responses),
    /// List, show, import and simulate alarms that behave as CloudWatch's do.
    Alarms(Alarms),
    /// Findings and alarms, grouped for people: take, close, assign.
    #[command(subcommand)]
    Incidents(Incidents),
    /// Hold back what people would be told, for a while.
    #[command(subcommand)]
    Silences(Silences),
    /// Where messages go, and a trial message.
    #[command(subcommand)]
    Channels(Channels),
    /// Compact, apply retention, vacuum the lake.
    Maintain(Maintain),
    /// Assess AWS accounts and Regions against the six controls, with read-only calls.
    Check(Check),
    /// Plan the six controls' baseline, show it, ask, make it, and journal it so that it can be undone.
    Apply(Apply),
    /// Print the least-privilege IAM policy for a role of Trailkeep's.
    IamPolicy(IamPolicy),
}

/// Which rules run.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct RuleArgs {
    /// A folder (or file) of Sigma rules to run beside the built-in pack; may be given again.
    #[arg(long = "rules", value_name = "PATH")]
    pub(crate) folders: Vec<PathBuf>,
    /// Leave the built-in pack out.
    #[arg(long)]
    pub(crate) no_builtin: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// Where the console listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7676")]
    pub(crate) listen: std::net::SocketAddr,
    /// Do the work and exit, without the console.
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// How many CloudTrail events to simulate.
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    pub(crate) events: u64,
    /// The seed: the same one makes the same events.
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) seed: u64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// Where to listen; overrides the configuration.
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<std::net::SocketAddr>,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Ingest {
    /// Files, folders, globs, `-` for standard input, or s3://bucket/prefix.
    #[arg(required = true, value_name = "PATH_OR_URL")]
    pub(crate) locations: Vec<String>,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    /// Threads that decode, detect and write; as many as there are cores unless given.
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// Commit after this many rows per worker and table: fewer are durable sooner, more make
    /// fewer files.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) commit_rows: Option<u64>,
    /// Read objects again that are known to be done; each event is kept once all the same.
    #[arg(long)]
    pub(crate) again: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Query {
    /// The statement; `-` reads it from standard input.
    pub(crate) sql: String,
    /// The most rows to print; 0 for all. Tables stop at 1,000 unless given.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Search {
    /// What to look for: `eventName:StopLogging user:alice 203.0.113.7 since:24h`.
    #[arg(required = true, value_name = "QUERY", num_args = 1.., allow_hyphen_values = true)]
    pub(crate) query: Vec<String>,
    /// Only events since then: `24h`, `7d`, or a time.
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only events until then.
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// Only events of this table.
    #[arg(long, value_name = "TABLE")]
    pub(crate) table: Option<String>,
    /// The most events to print.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: usize,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Detect {
    /// Files, folders, globs, `-` for standard input, or s3://bucket/prefix.
    #[arg(required = true, value_name = "PATH_OR_URL")]
    pub(crate) locations: Vec<String>,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    /// Print findings of this level and above.
    #[arg(long, value_name = "LEVEL", default_value = "informational", value_parser = level)]
    pub(crate) min_level: Level,
    /// Exit with status 3 when there is a finding of this level or above.
    #[arg(long, value_name = "LEVEL", default_value = "informational", value_parser = level)]
    pub(crate) fail_on: Level,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Filter {
    /// The pattern: `{ $.eventName = "StopLogging" }`, `[ip, ..., status = 4*]`, `ERROR -timeout`; or
    /// an event pattern: `{"detail": {"eventName": ["StopLogging"]}}`.
    #[arg(value_name = "PATTERN", allow_hyphen_values = true)]
    pub(crate) pattern: String,
    /// Files, folders, globs, `-` for standard input, or s3://bucket/prefix.
    #[arg(required = true, value_name = "PATH_OR_URL")]
    pub(crate) locations: Vec<String>,
    /// Print nothing but the records as they were received, one after the other.
    #[arg(long)]
    pub(crate) raw: bool,
    /// The most records to print; 0 for all. Tables stop at 1,000 unless given.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the rules.
    List,
    /// Show a rule: its description and its source.
    Show {
        /// The rule's id, or the beginning of it or of its title.
        rule: String,
    },
    /// Check that rule files load.
    Check,
    /// Run the test events that rules ship with.
    Test,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Findings {
    /// Findings of this level and above.
    #[arg(long, value_name = "LEVEL", default_value = "informational", value_parser = level)]
    pub(crate) min_level: Level,
    /// The most findings to print.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
}

/// What to do with responses.
#[derive(Debug, Subcommand)]
pub(crate) enum Responses {
    /// List them, the newest first.
    List(ListResponses),
    /// Say yes: the change is put back, and read back.
    Approve(OneResponse),
    /// Say no.
    Reject(RejectResponse),
    /// Make the change again that was put back.
    Undo(OneResponse),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListResponses {
    /// Only of this status (`waiting`, `done`, …); may be given again.
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub(crate) status: Vec<ResponseStatus>,
    /// The most responses to print.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OneResponse {
    /// Its number.
    #[arg(value_name = "RESPONSE")]
    pub(crate) id: i64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RejectResponse {
    /// Its number.
    #[arg(value_name = "RESPONSE")]
    pub(crate) id: i64,
    /// Why; it is kept.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Maintain {
    /// Only this table; may be given again.
    #[arg(long = "table", value_name = "TABLE")]
    pub(crate) tables: Vec<String>,
    /// Drop events older than this many days: `365`, or `TABLE=DAYS` for one table; may be given
    /// again.
    #[arg(long, value_name = "[TABLE=]DAYS")]
    pub(crate) retention: Vec<String>,
    /// Sort rows along a space-filling curve over time and event name while compacting.
    #[arg(long)]
    pub(crate) z_order: bool,
    /// Say what would be done, do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) estate: Estate,
    /// Keep what AWS answered in this file, for --from-inventory.
    #[arg(long, value_name = "FILE")]
    pub(crate) save_inventory: Option<PathBuf>,
    /// Assess what an earlier run kept; AWS is not asked.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["save_inventory", "profile", "role_arn", "org_role", "external_id", "regions"]
    )]
    pub(crate) from_inventory: Option<PathBuf>,
    /// Only this control, 1 to 6; may be given again.
    #[arg(long = "control", value_name = "N", value_parser = control)]
    pub(crate) controls: Vec<Control>,
    /// Exit with status 3 when something of this severity or above fails.
    #[arg(long, value_name = "SEVERITY", default_value = "informational", value_parser = severity)]
    pub(crate) fail_on: Severity,
    /// Failures that are accepted, each with owner, reason and last day; instead of check.waivers in
    /// the configuration.
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
    /// Do not keep the assessment for the console.
    #[arg(long)]
    pub(crate) no_save: bool,
}

/// Which accounts and Regions, and how they are entered.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Accounts and Regions")]
pub(crate) struct Estate {
    /// The profile in the AWS configuration files, instead of AWS_PROFILE.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The account of this role instead of the own one; may be given again.
    #[arg(long, value_name = "ARN", conflicts_with = "org_role")]
    pub(crate) role_arn: Vec<RoleArn>,
    /// All active accounts of the organisation, each through its role of this name.
    #[arg(long, value_name = "NAME")]
    pub(crate) org_role: Option<String>,
    /// The external id that the roles' trust policies ask for.
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// Only these Regions, with commas between them, instead of all enabled ones.
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) estate: Estate,
    /// Show the plan and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask.
    #[arg(short, long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    /// Only what serves this control, 1 to 6, and what that needs; may be given again.
    #[arg(long = "control", value_name = "N", value_parser = control)]
    pub(crate) controls: Vec<Control>,
    /// Plan for what `check --save-inventory` kept; AWS is not asked.
    #[arg(
        long,
        value_name = "FILE",
        requires = "dry_run",
        conflicts_with_all = ["profile", "role_arn", "org_role", "external_id", "regions"]
    )]
    pub(crate) from_inventory: Option<PathBuf>,
    /// Where trail, bucket, key, log group, alarms and topic are made, instead of AWS_REGION. In an
    /// account that has a trail it is that trail's home.
    #[arg(long, value_name = "REGION")]
    pub(crate) home_region: Option<String>,
    /// Who is told of alarms: email:ADDRESS, https://URL or sqs:QUEUE_ARN; may be given again.
    #[arg(long, value_name = "WHO")]
    pub(crate) notify: Vec<Notify>,
    /// Lock each file of a new log bucket for so many days.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) object_lock_days: Option<u32>,
    /// Also make a queue and an EventBridge rule in each Region that hand events to Trailkeep as they
    /// happen.
    #[arg(long)]
    pub(crate) live_events: bool,
    /// Show each call with its input.
    #[arg(long)]
    pub(crate) calls: bool,
    /// Take back what a run did; without RUN, list the runs.
    #[arg(
        long,
        value_name = "RUN",
        num_args = 0..=1,
        conflicts_with_all = ["dry_run", "controls", "home_region", "notify", "object_lock_days", "live_events", "calls"]
    )]
    pub(crate) undo: Option<Option<String>>,
    /// Print a template that makes the same, as YAML, or as JSON with -o json; AWS is not asked. The
    /// home Region is us-east-1 unless --home-region says otherwise.
    #[arg(long, value_name = "FORMAT", value_enum, conflicts_with_all = NOT_WITH_A_TEMPLATE)]
    pub(crate) emit: Option<EmitFormat>,
    #[command(flatten)]
    pub(crate) template: Template,
}

/// What is about the estate at hand, and says nothing to a template. The template's own options name it
/// too: clap asks for nothing that is required where something is given that excludes it.
const NOT_WITH_A_TEMPLATE: [&str; 13] = [
    "dry_run",
    "yes",
    "controls",
    "from_inventory",
    "object_lock_days",
    "live_events",
    "calls",
    "undo",
    "profile",
    "role_arn",
    "org_role",
    "external_id",
    "regions",
];

/// What a template's parameters are set to unless whoever deploys it says otherwise.
#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Template")]
pub(crate) struct Template {
    /// The organisation whose accounts' trails may deliver to the log bucket.
    #[arg(long, value_name = "ID", requires = "emit", conflicts_with_all = NOT_WITH_A_TEMPLATE)]
    pub(crate) organization_id: Option<String>,
    /// The log bucket of a central account to deliver to, instead of one of the account's own.
    #[arg(long, value_name = "BUCKET", requires = "emit", conflicts_with_all = NOT_WITH_A_TEMPLATE)]
    pub(crate) central_bucket: Option<String>,
    /// How log files are protected from being deleted, for as long as logs are kept.
    #[arg(long, value_name = "MODE", value_enum, requires = "emit", conflicts_with_all = NOT_WITH_A_TEMPLATE)]
    pub(crate) object_lock: Option<ObjectLockMode>,
    /// Of which objects the trail records reads and writes; AWS charges for each.
    #[arg(long, value_name = "OBJECTS", value_enum, requires = "emit", conflicts_with_all = NOT_WITH_A_TEMPLATE)]
    pub(crate) data_events: Option<DataEventsOf>,
}

/// Kinds of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EmitFormat {
    /// AWS CloudFormation, for one account or as a StackSet.
    Cloudformation,
}

/// Modes of S3 Object Lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectLockMode {
    /// Not at all.
    None,
    /// Who has the right to may lift it.
    Governance,
    /// Nobody can lift it, until the days are over.
    Compliance,
}

/// Whose data events are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataEventsOf {
    /// Of the log bucket's objects.
    LogBucket,
    /// Of every bucket's.
    AllBuckets,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct IamPolicy {
    /// What the role is for.
    #[arg(value_enum)]
    pub(crate) role: Role,
    /// Of `alarms`: the ARN of a queue that events about alarms are taken off; may be given again.
    #[arg(long = "queue", value_name = "ARN", value_parser = queue_arn)]
    pub(crate) queues: Vec<String>,
    /// Of `alarms`: the role by which another account is entered; may be given again.
    #[arg(long, value_name = "ARN", conflicts_with = "org_role")]
    pub(crate) role_arn: Vec<RoleArn>,
    /// Of `alarms`: the name of the role by which each account of the organisation is entered.
    #[arg(long, value_name = "NAME")]
    pub(crate) org_role: Option<String>,
}

/// Trailkeep's roles in AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// What `trailkeep check` needs: read-only calls.
    Check,
    /// What `trailkeep apply` needs: those, and the calls of its steps and of their undo.
    Apply,
    /// What the playbooks of `trailkeep serve` need: what they read, and the calls that put things back.
    Respond,
    /// What `trailkeep serve` needs to watch CloudWatch's alarms and to fetch metrics, and `alarms import`.
    Alarms,
}

fn queue_arn(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let fits = matches!(parts.as_slice(), ["arn", partition, "sqs", region, account, name]
        if [partition, region, account, name].iter().all(|part| !part.is_empty()));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("a queue's ARN: arn:aws:sqs:eu-west-1:111122223333:alarms".to_owned())
    }
}

fn control(text: &str) -> Result<Control, String> {
    let number: u8 = text.parse().map_err(|_| "a number from 1 to 6".to_owned())?;
    Control::try_from(number)
}

fn severity(text: &str) -> Result<Severity, String> {
    let all = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let found = all.into_iter().find(|severity| severity.as_str() == text);
    found.ok_or_else(|| "informational, low, medium, high or critical".to_owned())
}

fn status(text: &str) -> Result<ResponseStatus, String> {
    text.parse().map_err(|_| ResponseStatus::ALL.map(ResponseStatus::as_str).join(", "))
}

fn level(text: &str) -> Result<Level, String> {
    text.parse().map_err(|_| "informational, low, medium, high or critical".to_owned())
}
