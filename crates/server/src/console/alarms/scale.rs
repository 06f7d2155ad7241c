//! Axes: round numbers for values, round times in UTC.

use chrono::{DateTime, TimeDelta, Utc};

/// Values further out are drawn at the edge.
const FURTHEST: f64 = 1e300;
/// Lines across the graph.
const LINES: f64 = 4.0;
/// Labels along the time axis.
const LABELS: i64 = 8;
/// Steps between these, in seconds.
const STEPS: [i64; 20] = [
    10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400, 172_800,
    604_800, 1_209_600, 2_592_000, 7_776_000,
];

/// The values that a graph shows, with round ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    step: f64,
}

impl Scale {
    /// Holds all of `values`. Begins at zero, unless all values are far from it.
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            let value = value.clamp(-FURTHEST, FURTHEST);
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if low > 0.0 && low < 0.7 * high {
            low = 0.0;
        }
        if high < 0.0 && high > 0.7 * low {
            high = 0.0;
        }
        if high - low <= f64::EPSILON * high.abs().max(1e-9) {
            let half = if high == 0.0 { 1.0 } else { high.abs() / 2.0 };
            (low, high) =
                if low >= 0.0 { ((low - half).max(0.0), high + half) } else { (low - half, high + half) };
        }
        // Some air, so that what is at the top is not mistaken for the edge.
        let step = round((high - low) * 1.08 / LINES);
        let low = (low / step).floor() * step;
        let high = if high == 0.0 { 0.0 } else { ((high * 1.000_001 + step * 0.12) / step).ceil() * step };
        Self { low, high, step }
    }

    /// Where a value is between the bottom (0) and the top (1).
    pub(super) fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The values that have a line.
    pub(super) fn lines(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round().clamp(1.0, 12.0) as u32;
        // Multiples of the step: zero is zero, and not what additions left of it.
        (0..=count).map(|at| ((self.low / self.step).round() + f64::from(at)) * self.step).collect()
    }
}

/// The next 1, 2 or 5 times a power of ten.
fn round(value: f64) -> f64 {
    let unit = 10f64.powf(value.max(1e-300).log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|step| step * unit)
        .into_iter()
        .find(|step| *step >= value * 0.999_999)
        .unwrap_or(unit)
}

/// Round times within a span, with their labels.
pub(super) fn times(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(DateTime<Utc>, String)> {
    let span = (to - from).num_seconds().max(1);
    let step = STEPS.into_iter().find(|step| span / step < LABELS).unwrap_or(span / LABELS + 1);
    let first = from.timestamp() + (step - from.timestamp().rem_euclid(step)) % step;
    let day = TimeDelta::days(1).num_seconds();
    let label = |at: DateTime<Utc>| {
        let midnight = at.timestamp().rem_euclid(day) == 0;
        let format = match step {
            s if s >= day || midnight => "%b %-d",
            s if s < 60 => "%H:%M:%S",
            _ => "%H:%M",
        };
        at.format(format).to_string()
    };
    (0..=LABELS)
        .filter_map(|at| DateTime::from_timestamp(first + at * step, 0))
        .filter(|at| *at <= to)
        .map(|at| (at, label(at)))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(values: &[f64]) -> Vec<f64> {
        Scale::of(values.iter().copied()).lines()
    }

    #[test]
    fn lines_are_round_and_begin_at_zero() {
        assert_eq!(lines(&[0.0, 1.0]), [0.0, 0.5, 1.0, 1.5]);
        assert_eq!(lines(&[3.0, 100.0]), [0.0, 50.0, 100.0, 150.0]);
        assert_eq!(lines(&[]), [0.0, 0.5, 1.0, 1.5]);
        let far = Scale::of([98.0, 99.5].into_iter());
        assert!(far.low >= 97.0 && far.high <= 101.0, "{far:?}");
        let below = Scale::of([-5.0, 5.0].into_iter());
        assert!(below.low <= -5.0 && below.high > 5.0 && below.lines().contains(&0.0), "{below:?}");
    }

    #[test]
    fn times_are_round_and_few() {
        let at = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
        let labels = |from: &str, to: &str| -> Vec<String> {
            times(at(from), at(to)).into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(
            labels("2026-11-25T21:10:00Z", "2026-11-26T00:10:00Z"),
            ["21:30", "22:00", "22:30", "23:00", "23:30", "Nov 26"]
        );
        assert_eq!(
            labels("2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z"),
            ["Nov 20", "12:00", "Nov 21", "12:00", "Nov 22", "12:00", "Nov 23"]
        );
    }

    proptest! {
        #[test]
        fn every_value_is_on_the_scale(values in prop::collection::vec(prop::num::f64::ANY, 0..20)) {
            let scale = Scale::of(values.iter().copied());
            prop_assert!(scale.low.is_finite() && scale.high.is_finite() && scale.low < scale.high, "{scale:?}");
            let lines = scale.lines();
            prop_assert!((2..=13).contains(&lines.len()) && lines.iter().all(|line| line.is_finite()), "{scale:?}");
            for value in values.iter().filter(|value| value.is_finite()) {
                prop_assert!((0.0..=1.0).contains(&scale.share(*value)));
            }
        }

        #[test]
        fn every_span_has_few_labels(from in 0i64..4_000_000_000, span in 1i64..400_000_000) {
            let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
            let labels = times(at(from), at(from + span));
            prop_assert!(labels.len() <= 9);
            prop_assert!(labels.iter().all(|(time, _)| (at(from)..=at(from + span)).contains(time)));
        }
    }
}
