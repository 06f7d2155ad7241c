//! The arguments of `trailkeep alarms`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args as ClapArgs, Subcommand};
use trailkeep_alarms::AlarmState;

use super::Estate;

#[derive(Debug, ClapArgs)]
pub(crate) struct Alarms {
    #[command(subcommand)]
    pub(crate) command: AlarmsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlarmsCommand {
    /// List the alarms, those in ALARM first.
    List {
        /// Only in this state: OK, ALARM or INSUFFICIENT_DATA; may be given again.
        #[arg(long = "state", value_name = "STATE")]
        states: Vec<AlarmState>,
        /// Only those whose name begins so.
        #[arg(long, value_name = "TEXT")]
        prefix: Option<String>,
        /// The most alarms to print.
        #[arg(long, value_name = "N", default_value_t = 1000)]
        limit: usize,
    },
    /// Show an alarm: its definition, its state and why.
    Show {
        /// Its name, or its ARN.
        alarm: String,
    },
    /// What happened to alarms, the newest first.
    History {
        /// Only of this alarm, by name or ARN.
        alarm: Option<String>,
        /// Only changes into this state.
        #[arg(long, value_name = "STATE")]
        state: Option<AlarmState>,
        /// Only items of this type: StateUpdate, ConfigurationUpdate or Action.
        #[arg(long = "type", value_name = "TYPE")]
        item_type: Option<String>,
        /// Not before this time, like 2026-11-25T06:00:00Z.
        #[arg(long, value_name = "TIME", value_parser = time)]
        since: Option<DateTime<Utc>>,
        /// The most items to print, up to 1,000.
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
    },
    /// Take alarms and metric filters over from accounts, with read-only calls, or from files.
    Import(AlarmsImport),
    /// What an alarm would have done on these datapoints.
    Simulate(AlarmsSimulate),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AlarmsImport {
    #[command(flatten)]
    pub(crate) estate: Estate,
    /// A JSON file with alarms, as PutMetricAlarm and DescribeAlarms have them, or with metric filters;
    /// AWS is not asked. May be given again.
    #[arg(
        long = "file",
        value_name = "FILE",
        conflicts_with_all = ["profile", "role_arn", "org_role", "external_id", "regions"]
    )]
    pub(crate) files: Vec<PathBuf>,
    /// Which table has the events of a log group: `GROUP=TABLE`; may be given again. Others are
    /// cloudtrail_logs.
    #[arg(long = "table", value_name = "GROUP=TABLE")]
    pub(crate) tables: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AlarmsSimulate {
    /// A JSON file with the alarm, as PutMetricAlarm or DescribeAlarms has it.
    #[arg(long, value_name = "FILE")]
    pub(crate) alarm: PathBuf,
    /// A CSV file of `timestamp,value`; a missing row is a missing datapoint. `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) datapoints: PathBuf,
    /// The state that the alarm starts in [default: INSUFFICIENT_DATA].
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<AlarmState>,
    /// Evaluate once, at this time, instead of at the end of each period.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<DateTime<Utc>>,
}

/// A time as alarms' datapoints have it.
fn time(text: &str) -> Result<DateTime<Utc>, String> {
    trailkeep_alarms::parse_time(text).ok_or_else(|| {
        "write it like 2026-11-25T06:00:00Z, 2026-11-25 06:00:00, or in seconds since 1970".to_owned()
    })
}
