//! The partition columns that AWS's documentation gives its Athena tables
//! (`"timestamp" >= '2024/01/01'`, `year = '2024'`). A table has them only in
//! queries that mention them, so that `SELECT *` shows the table's own.

use std::collections::HashSet;

/// A partition column: its name and what it is made of.
type Column = (&'static str, &'static str);

const SLASHED: &str = "date_format(event_date, '%Y/%m/%d')";
const YEAR: Column = ("year", "date_format(event_date, '%Y')");
const MONTH: Column = ("month", "date_format(event_date, '%m')");
const DAY: Column = ("day", "date_format(event_date, '%d')");
const HOUR: Column = ("hour", "date_format(event_time, '%H')");
const DATE: Column = ("date", "event_date");
const TIMESTAMP: Column = ("timestamp", SLASHED);
const ACCOUNT: Column = ("account", "account_id");

/// The table that AWS's pages mean by a name: they call CloudTrail's by several
/// (`cloudtrail_logs_pp`, `cloudtrail_logs_<trail>`).
pub(crate) fn canonical(name: &str) -> &str {
    match name {
        "cloudfront_logs" => "cloudfront_standard_logs",
        "mybucket_logs" => "s3_access_logs",
        _ if name.starts_with("cloudtrail_logs_") => "cloudtrail_logs",
        _ if name.starts_with("vpc_flow_logs_") => "vpc_flow_logs",
        _ if name.starts_with("waf_logs_") => "waf_logs",
        _ => name,
    }
}

/// The columns of a table, as the pages on creating it with partitions have
/// them.
fn columns(table: &str) -> &'static [Column] {
    match table {
        "cloudtrail_logs" => &[TIMESTAMP, ACCOUNT, YEAR, MONTH, DAY, DATE],
        "vpc_flow_logs" => &[
            DATE,
            ("day", SLASHED),
            HOUR,
            YEAR,
            MONTH,
            ("accid", "account_id"),
            ("aws_account_id", "account_id"),
        ],
        "s3_access_logs" => &[TIMESTAMP, ACCOUNT, DATE],
        "waf_logs" => {
            &[("log_time", "date_format(event_time, '%Y/%m/%d/%H/%i')"), ("date", SLASHED), YEAR, MONTH, DAY]
        }
        "cloudfront_standard_logs" => &[YEAR, MONTH, DAY, HOUR],
        "api_gateway_access_logs" => &[YEAR, MONTH, DAY, DATE, ACCOUNT],
        _ => &[],
    }
}

/// The table with those of its partition columns that a query mentions and
/// neither the table nor the query itself defines; `None` if there are none.
pub(crate) fn sql(
    table: &str,
    own: &HashSet<String>,
    mentioned: &HashSet<String>,
    defined: &HashSet<String>,
) -> Option<String> {
    let wanted: Vec<String> = columns(table)
        .iter()
        .filter(|(name, _)| mentioned.contains(*name) && !own.contains(*name) && !defined.contains(*name))
        .map(|(name, expression)| format!("{expression} AS \"{name}\""))
        .collect();
    (!wanted.is_empty()).then(|| format!("SELECT *, {} FROM {table}", wanted.join(", ")))
}
