//! Where the samples of a metric come from, if they are not made here.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Of whom CloudWatch was asked for a metric, and how.
///
/// Each account and Region has its own `AWS/Lambda Errors`; in another unit, or aggregated by CloudWatch, a metric
/// has other values. So this is part of a fetched metric's identity ([`MetricId`](crate::MetricId)), and
/// nothing is added up that does not belong together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FetchedFrom {
    /// The account that is asked.
    pub account_id: String,
    /// The Region that is asked.
    pub region: String,
    /// `AccountId` of the query: the account whose metric it is, where a monitoring account is asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// `Unit`: only values in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Statistic and period in seconds, where CloudWatch aggregates: percentiles and the like. The value is
    /// then the only one that a period has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregated: Option<(String, u32)>,
}

impl fmt::Display for FetchedFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "of {} in {}", self.owner.as_ref().unwrap_or(&self.account_id), self.region)?;
        if let Some(unit) = &self.unit {
            write!(f, ", in {unit}")?;
        }
        if let Some((stat, period)) = &self.aggregated {
            write!(f, ", {stat} of {period} s")?;
        }
        Ok(())
    }
}
