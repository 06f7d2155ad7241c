//! The words that definitions choose from.

use serde::{Deserialize, Serialize};

/// How a datapoint is compared with the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ComparisonOperator {
    /// `>=`
    GreaterThanOrEqualToThreshold,
    /// `>`
    GreaterThanThreshold,
    /// `<`
    LessThanThreshold,
    /// `<=`
    LessThanOrEqualToThreshold,
    /// Outside of an anomaly band.
    LessThanLowerOrGreaterThanUpperThreshold,
    /// Below an anomaly band.
    LessThanLowerThreshold,
    /// Above an anomaly band.
    GreaterThanUpperThreshold,
}

impl ComparisonOperator {
    pub(crate) const WORDS: [(&'static str, Self); 7] = [
        ("GreaterThanOrEqualToThreshold", Self::GreaterThanOrEqualToThreshold),
        ("GreaterThanThreshold", Self::GreaterThanThreshold),
        ("LessThanThreshold", Self::LessThanThreshold),
        ("LessThanOrEqualToThreshold", Self::LessThanOrEqualToThreshold),
        ("LessThanLowerOrGreaterThanUpperThreshold", Self::LessThanLowerOrGreaterThanUpperThreshold),
        ("LessThanLowerThreshold", Self::LessThanLowerThreshold),
        ("GreaterThanUpperThreshold", Self::GreaterThanUpperThreshold),
    ];

    /// Whether it compares with an anomaly band, not with a number.
    pub fn is_anomaly(self) -> bool {
        matches!(
            self,
            Self::LessThanLowerOrGreaterThanUpperThreshold
                | Self::LessThanLowerThreshold
                | Self::GreaterThanUpperThreshold
        )
    }
}

/// What a missing datapoint counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TreatMissingData {
    /// As one outside of the threshold.
    Breaching,
    /// As one within it.
    NotBreaching,
    /// The alarm keeps its state.
    Ignore,
    /// As nothing; an alarm without any data is in `INSUFFICIENT_DATA`.
    #[default]
    Missing,
}

impl TreatMissingData {
    pub(crate) const WORDS: [(&'static str, Self); 4] = [
        ("breaching", Self::Breaching),
        ("notBreaching", Self::NotBreaching),
        ("ignore", Self::Ignore),
        ("missing", Self::Missing),
    ];
}

/// What an alarm on a percentile does with periods that have too few samples for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LowSamples {
    /// It is evaluated all the same.
    #[default]
    Evaluate,
    /// The alarm keeps its state.
    Ignore,
}

impl LowSamples {
    pub(crate) const WORDS: [(&'static str, Self); 2] =
        [("evaluate", Self::Evaluate), ("ignore", Self::Ignore)];
}

/// The units of metrics.
pub(crate) const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];
