//! Statistics, by CloudWatch's names.

use std::fmt;
use std::str::FromStr;

use crate::metric::Distribution;

/// How the samples of a period become one number.
///
/// `SampleCount`, `Sum`, `Average`, `Minimum`, `Maximum`; percentiles (`p99`, `p99.9`); trimmed mean
/// (`tm90`, `TM(10%:90%)`, `TM(150:1000)`), Winsorized mean (`WM`), trimmed count (`TC`) and sum (`TS`) in the
/// same forms, percentile rank (`PR(100:2000)`), and `IQM`.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    text: Box<str>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    SampleCount,
    Sum,
    Average,
    Minimum,
    Maximum,
    Percentile(f64),
    Within(Range, Bounds),
}

/// What is taken of the values within bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Range {
    TrimmedMean,
    WinsorizedMean,
    TrimmedCount,
    TrimmedSum,
    PercentileRank,
}

/// Which values are within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bounds {
    /// By rank, in percent: `10%:90%`.
    Percent(f64, f64),
    /// By value: above the first, up to and with the second.
    Values(f64, f64),
}

/// A text that names no statistic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no statistic; write SampleCount, Sum, Average, Minimum, Maximum, a percentile like p99.9, or one of \
     TM, WM, TC, TS, PR and IQM, like tm90 or TM(10%:90%)"
)]
pub struct UnknownStatistic(String);

impl Statistic {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is one of the five that `Statistic` takes; others are an `ExtendedStatistic`.
    pub fn is_basic(&self) -> bool {
        !matches!(self.kind, Kind::Percentile(_) | Kind::Within(..))
    }

    /// The sum of the samples.
    pub fn sum() -> Self {
        Self { text: "Sum".into(), kind: Kind::Sum }
    }

    /// The highest sample.
    pub fn maximum() -> Self {
        Self { text: "Maximum".into(), kind: Kind::Maximum }
    }

    /// How many samples a percentile needs to say something: ten beyond it.
    ///
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html>
    pub fn samples_needed(&self) -> Option<f64> {
        let Kind::Percentile(percent) = self.kind else { return None };
        let beyond = if percent >= 50.0 { 100.0 - percent } else { percent };
        (beyond > 0.0).then(|| (1000.0 / beyond - 1e-9).ceil())
    }

    /// The number for these samples; `None` where there are none, where none is within the bounds, and
    /// where only a statistic set is known and the statistic needs the values.
    pub fn of(&self, samples: &Distribution) -> Option<f64> {
        let count = samples.count();
        if count <= 0.0 {
            return None;
        }
        let value = match self.kind {
            Kind::SampleCount => count,
            Kind::Sum => samples.sum(),
            Kind::Average => samples.sum() / count,
            Kind::Minimum => samples.minimum(),
            Kind::Maximum => samples.maximum(),
            Kind::Percentile(percent) => percentile(&samples.values()?, percent)?,
            Kind::Within(range, bounds) => within(range, bounds, &samples.values()?)?,
        };
        value.is_finite().then_some(value)
    }
}

/// The smallest value with at least so many percent of the samples at or below it: the nearest rank.
fn percentile(values: &[(f64, f64)], percent: f64) -> Option<f64> {
    let total: f64 = values.iter().map(|(_, count)| count).sum();
    let rank = rank(total, percent).max(1.0);
    let mut seen = 0.0;
    for (value, count) in values {
        seen += count;
        if seen >= rank {
            return Some(*value);
        }
    }
    values.last().map(|(value, _)| *value)
}

/// How many samples are in the lowest so many percent. The hair taken off keeps 0.07 × 100 at 7.
fn rank(total: f64, percent: f64) -> f64 {
    (total * percent / 100.0 - 1e-9).ceil().clamp(0.0, total)
}

/// Values and counts within bounds, and those below and above.
struct Cut {
    inside: Vec<(f64, f64)>,
    below: f64,
    above: f64,
}

fn cut(bounds: Bounds, values: &[(f64, f64)]) -> Cut {
    let mut cut = Cut { inside: Vec::new(), below: 0.0, above: 0.0 };
    let total: f64 = values.iter().map(|(_, count)| count).sum();
    let mut seen = 0.0;
    for &(value, count) in values {
        let (below, inside) = match bounds {
            Bounds::Values(low, _) if value <= low => (count, 0.0),
            Bounds::Values(_, high) => (0.0, if value <= high { count } else { 0.0 }),
            Bounds::Percent(low, high) => {
                // Of the lowest only whole samples are taken off, so that a cut from both sides is even.
                let (low, high) = ((total * low / 100.0 + 1e-9).floor(), rank(total, high));
                let below = (low - seen).clamp(0.0, count);
                (below, (high - seen).clamp(below, count) - below)
            }
        };
        seen += count;
        cut.below += below;
        cut.above += count - below - inside;
        if inside > 0.0 {
            cut.inside.push((value, inside));
        }
    }
    cut
}

fn within(range: Range, bounds: Bounds, values: &[(f64, f64)]) -> Option<f64> {
    let total: f64 = values.iter().map(|(_, count)| count).sum();
    let cut = cut(bounds, values);
    let count: f64 = cut.inside.iter().map(|(_, count)| count).sum();
    let sum: f64 = cut.inside.iter().map(|(value, count)| value * count).sum();
    match range {
        Range::TrimmedCount => Some(count),
        Range::TrimmedSum => Some(sum),
        Range::PercentileRank => Some(count / total * 100.0),
        Range::TrimmedMean => (count > 0.0).then(|| sum / count),
        Range::WinsorizedMean => {
            let edges = match bounds {
                Bounds::Values(low, high) => (low, high),
                Bounds::Percent(..) => (cut.inside.first()?.0, cut.inside.last()?.0),
            };
            let low = if cut.below > 0.0 { edges.0 * cut.below } else { 0.0 };
            let high = if cut.above > 0.0 { edges.1 * cut.above } else { 0.0 };
            Some((sum + low + high) / total)
        }
    }
}

impl FromStr for Statistic {
    type Err = UnknownStatistic;

    fn from_str(text: &str) -> Result<Self, UnknownStatistic> {
        let kind = kind(text).ok_or_else(|| UnknownStatistic(text.chars().take(64).collect()))?;
        Ok(Self { text: text.into(), kind })
    }
}

fn kind(text: &str) -> Option<Kind> {
    let basic = match text {
        "SampleCount" => Some(Kind::SampleCount),
        "Sum" => Some(Kind::Sum),
        "Average" => Some(Kind::Average),
        "Minimum" => Some(Kind::Minimum),
        "Maximum" => Some(Kind::Maximum),
        "IQM" => Some(Kind::Within(Range::TrimmedMean, Bounds::Percent(25.0, 75.0))),
        _ => None,
    };
    if basic.is_some() {
        return basic;
    }
    if let Some(percent) = text.strip_prefix('p') {
        return percentage(percent).map(Kind::Percentile);
    }
    const RANGES: [(&str, &str, Range); 5] = [
        ("tm", "TM", Range::TrimmedMean),
        ("wm", "WM", Range::WinsorizedMean),
        ("tc", "TC", Range::TrimmedCount),
        ("ts", "TS", Range::TrimmedSum),
        ("pr", "PR", Range::PercentileRank),
    ];
    for (lower, upper, range) in RANGES {
        if let Some(percent) = text.strip_prefix(lower).filter(|_| range != Range::PercentileRank) {
            return percentage(percent).map(|high| Kind::Within(range, Bounds::Percent(0.0, high)));
        }
        let bounds = text.strip_prefix(upper).and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
        if let Some(bounds) = bounds {
            return self::bounds(bounds, range).map(|bounds| Kind::Within(range, bounds));
        }
    }
    None
}

/// A number from 0 to 100 with up to ten decimal places, in plain digits.
fn percentage(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    let number: f64 = text.parse().ok().filter(|_| plain && places <= 10)?;
    (0.0..=100.0).contains(&number).then_some(number)
}

fn bounds(text: &str, range: Range) -> Option<Bounds> {
    let (low, high) = text.split_once(':')?;
    let (low, high) = (low.trim(), high.trim());
    if low.is_empty() && high.is_empty() {
        return None;
    }
    let in_percent = [low, high].iter().any(|bound| bound.ends_with('%'));
    let bounds = if in_percent && range != Range::PercentileRank {
        let side = |text: &str, open: f64| match text {
            "" => Some(open),
            text => percentage(text.strip_suffix('%')?),
        };
        (side(low, 0.0)?, side(high, 100.0)?)
    } else {
        let side = |text: &str, open: f64| match text {
            "" => Some(open),
            text => text.parse::<f64>().ok().filter(|number| number.is_finite()),
        };
        (side(low, f64::NEG_INFINITY)?, side(high, f64::INFINITY)?)
    };
    if bounds.0 >= bounds.1 {
        return None;
    }
    Some(if in_percent { Bounds::Percent(bounds.0, bounds.1) } else { Bounds::Values(bounds.0, bounds.1) })
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(stat: &str, samples: &[f64]) -> Option<f64> {
        let mut distribution = Distribution::default();
        samples.iter().for_each(|sample| distribution.add(*sample, 1.0));
        stat.parse::<Statistic>().unwrap().of(&distribution)
    }

    #[test]
    fn the_five_basic_ones() {
        let samples = [4.0, 1.0, 7.0];
        for (stat, value) in
            [("SampleCount", 3.0), ("Sum", 12.0), ("Average", 4.0), ("Minimum", 1.0), ("Maximum", 7.0)]
        {
            assert_eq!(of(stat, &samples), Some(value), "{stat}");
            assert_eq!(of(stat, &[]), None, "{stat}");
        }
    }

    #[test]
    fn those_that_need_the_values() {
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        for (stat, value) in [
            ("p50", 5.0),
            ("p90", 9.0),
            ("p99.9", 10.0),
            ("p0", 1.0),
            ("p100", 10.0),
            ("tm90", 5.0),
            ("TM(10%:90%)", 5.5),
            ("TM(:90%)", 5.0),
            ("TM(2:4)", 3.5),
            ("IQM", 5.5),
            ("tc90", 9.0),
            ("TC(80%:)", 2.0),
            ("TC(:0.5)", 0.0),
            ("ts90", 45.0),
            ("TS(80%:)", 19.0),
            ("WM(10%:90%)", 5.5),
            ("wm80", 5.2),
            ("WM(3:8)", 5.5),
            ("PR(:3)", 30.0),
            ("PR(2:4)", 20.0),
            ("PR(9:)", 10.0),
        ] {
            assert_eq!(of(stat, &ten), Some(value), "{stat}");
        }
        assert_eq!(of("TM(100:200)", &ten), None, "the mean of nothing");
        assert_eq!(of("tm90", &[3.0; 10]), Some(3.0), "equal values are cut by rank");
    }

    #[test]
    fn a_hundred_samples_have_exact_percentiles() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        for percent in 1..=100 {
            assert_eq!(of(&format!("p{percent}"), &hundred), Some(f64::from(percent)));
        }
    }

    #[test]
    fn percentiles_say_how_many_samples_they_need() {
        let needed = |stat: &str| stat.parse::<Statistic>().unwrap().samples_needed();
        assert_eq!(needed("p99"), Some(1000.0));
        assert_eq!(needed("p95"), Some(200.0));
        assert_eq!(needed("p50"), Some(20.0));
        assert_eq!(needed("p10"), Some(100.0));
        assert_eq!((needed("p100"), needed("Average"), needed("tm90")), (None, None, None));
    }

    #[test]
    fn what_is_no_statistic_is_refused() {
        for text in [
            "",
            "sum",
            "p",
            "p101",
            "p-1",
            "p1e1",
            "pNaN",
            "p1.12345678901",
            "tm",
            "TM()",
            "TM(:)",
            "TM(5%:4%)",
            "TM(1:90%)",
            "TM(9:1)",
            "tm(10%:90%)",
            "pr90",
            "PR(10%:20%)",
            "IQM(1:2)",
            "p99 ",
            "TM(NaN:1)",
        ] {
            assert!(text.parse::<Statistic>().is_err(), "{text}");
        }
        let error = "p200".parse::<Statistic>().unwrap_err().to_string();
        assert!(error.starts_with("'p200' is no statistic; write SampleCount"), "{error}");
    }
}
