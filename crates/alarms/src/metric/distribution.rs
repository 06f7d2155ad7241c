//! The samples of a stretch of time, in bounded memory.
//!
//! Count, sum, minimum and maximum are exact. The values themselves, which percentiles and trimmed means
//! need, are kept exactly as long as there are at most 128 different ones. Beyond, they are counted in
//! classes whose bounds rise by 2 %, so that a percentile is at most 1 % off, as in a DDSketch; at most 1,024
//! classes are kept, and the smallest magnitudes are put together beyond that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Different values that are kept exactly.
const EXACT: usize = 128;
/// Classes that are kept.
const CLASSES: usize = 1024;
/// The bound of each class by that of the one before.
const STEP: f64 = 1.02;
/// Magnitudes below are zero.
const TINY: f64 = 1e-12;

/// Samples, or a statistic set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    #[serde(rename = "n")]
    count: f64,
    #[serde(rename = "s")]
    sum: f64,
    #[serde(rename = "l")]
    minimum: f64,
    #[serde(rename = "h")]
    maximum: f64,
    #[serde(rename = "v", default, skip_serializing_if = "Values::is_one")]
    values: Values,
}

/// What is known of the single values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Values {
    /// All are the minimum, which is the maximum. Counters are of this kind, and need no more.
    #[default]
    One,
    /// Value and count, by value.
    Exact(Vec<(f64, f64)>),
    /// Counts by class; negative values have negative classes, and zero is class zero.
    Classes(BTreeMap<i32, f64>),
    /// Came as a statistic set.
    Unknown,
}

impl Values {
    fn is_one(&self) -> bool {
        matches!(self, Self::One)
    }
}

impl Distribution {
    /// A statistic set, as `PutMetricData` takes it. `None` where it contradicts itself.
    pub fn statistic_set(count: f64, sum: f64, minimum: f64, maximum: f64) -> Option<Self> {
        let all = [count, sum, minimum, maximum];
        let sound = all.iter().all(|number| number.is_finite()) && count > 0.0 && minimum <= maximum;
        let values = if minimum == maximum { Values::One } else { Values::Unknown };
        sound.then_some(Self { count, sum, minimum, maximum, values })
    }

    /// One sample, `count` times. What is not finite, and counts that are not above zero, are passed over.
    pub fn add(&mut self, value: f64, count: f64) {
        if !value.is_finite() || !count.is_finite() || count <= 0.0 {
            return;
        }
        self.merge(&Self { count, sum: value * count, minimum: value, maximum: value, values: Values::One });
    }

    /// Adds the samples of another.
    pub fn merge(&mut self, other: &Self) {
        if other.count <= 0.0 {
            return;
        }
        if self.count <= 0.0 {
            *self = other.clone();
            return;
        }
        let one = self.values.is_one() && other.values.is_one() && self.minimum == other.minimum;
        if !one {
            self.values = match (self.exact(), other.exact()) {
                (Some(mut mine), Some(theirs)) => {
                    mine.extend(theirs);
                    from_list(mine)
                }
                _ => self.merged_classes(other),
            };
        }
        self.count += other.count;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
    }

    /// How many samples.
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Their sum.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// The lowest.
    pub fn minimum(&self) -> f64 {
        self.minimum
    }

    /// The highest.
    pub fn maximum(&self) -> f64 {
        self.maximum
    }

    /// Values and their counts, by value; `None` where they are not known.
    pub(crate) fn values(&self) -> Option<Vec<(f64, f64)>> {
        match &self.values {
            Values::Classes(classes) => {
                let of = |(class, count): (&i32, &f64)| {
                    (value_of(*class).clamp(self.minimum, self.maximum), *count)
                };
                Some(classes.iter().map(of).collect())
            }
            _ => self.exact(),
        }
    }

    fn exact(&self) -> Option<Vec<(f64, f64)>> {
        match &self.values {
            Values::One => Some(vec![(self.minimum, self.count)]),
            Values::Exact(list) => Some(list.clone()),
            Values::Classes(_) | Values::Unknown => None,
        }
    }

    fn merged_classes(&self, other: &Self) -> Values {
        let mut classes = BTreeMap::new();
        for side in [self, other] {
            match (&side.values, side.exact()) {
                (Values::Unknown, _) => return Values::Unknown,
                (Values::Classes(theirs), _) => {
                    theirs.iter().for_each(|(class, count)| *classes.entry(*class).or_default() += count);
                }
                (_, exact) => {
                    let list = exact.unwrap_or_default();
                    list.iter()
                        .for_each(|(value, count)| *classes.entry(class_of(*value)).or_default() += count);
                }
            }
        }
        bounded(classes)
    }
}

/// Exact while there are few different values.
fn from_list(mut list: Vec<(f64, f64)>) -> Values {
    list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    list.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    if list.len() <= EXACT {
        return Values::Exact(list);
    }
    let mut classes = BTreeMap::new();
    list.iter().for_each(|(value, count)| *classes.entry(class_of(*value)).or_default() += count);
    bounded(classes)
}

fn bounded(mut classes: BTreeMap<i32, f64>) -> Values {
    if classes.len() > CLASSES {
        // Those of the smallest magnitude become one: nobody asks for the percentiles among them. A quarter
        // at once, so that it is seldom done.
        let mut nearest: Vec<i32> = classes.keys().copied().collect();
        nearest.sort_unstable_by_key(|class| class.unsigned_abs());
        let surplus = classes.len() - CLASSES * 3 / 4;
        let into = nearest[surplus];
        for class in &nearest[..surplus] {
            let count = classes.remove(class).unwrap_or_default();
            *classes.entry(into).or_default() += count;
        }
    }
    Values::Classes(classes)
}

fn class_of(value: f64) -> i32 {
    if value.abs() < TINY {
        return 0;
    }
    // Above zero for every magnitude that is not tiny; an f64's logarithm is far within i32.
    let class = ((value.abs().ln() - TINY.ln()) / STEP.ln()).floor() as i32 + 1;
    if value < 0.0 { -class } else { class }
}

/// The middle of a class.
fn value_of(class: i32) -> f64 {
    if class == 0 {
        return 0.0;
    }
    let magnitude = (TINY.ln() + STEP.ln() * (f64::from(class.abs()) - 0.5)).exp();
    if class < 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metric::Statistic;

    fn of(samples: &[f64]) -> Distribution {
        let mut distribution = Distribution::default();
        samples.iter().for_each(|sample| distribution.add(*sample, 1.0));
        distribution
    }

    #[test]
    fn a_counter_keeps_no_values() {
        let counted = of(&[1.0; 1000]);
        assert!(counted.values.is_one());
        assert_eq!((counted.count(), counted.sum()), (1000.0, 1000.0));
    }

    #[test]
    fn a_statistic_set_has_no_percentiles() {
        let set = Distribution::statistic_set(10.0, 50.0, 1.0, 9.0).unwrap();
        let stat = |text: &str| text.parse::<Statistic>().unwrap();
        assert_eq!(stat("p90").of(&set), None);
        assert_eq!(stat("Average").of(&set), Some(5.0));
        let equal = Distribution::statistic_set(10.0, 50.0, 5.0, 5.0).unwrap();
        assert_eq!(stat("p90").of(&equal), Some(5.0));
        assert_eq!(Distribution::statistic_set(0.0, 0.0, 0.0, 0.0), None);
        assert_eq!(Distribution::statistic_set(1.0, 0.0, 2.0, 1.0), None);
    }

    #[test]
    fn what_is_not_finite_is_passed_over() {
        let mut distribution = Distribution::default();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            distribution.add(value, 1.0);
            distribution.add(1.0, value);
        }
        assert_eq!(distribution, Distribution::default());
    }

    proptest! {
        #[test]
        fn percentiles_of_many_values_are_near(mut samples in prop::collection::vec(-1e9..1e9, 129..400), percent in 1u32..=100) {
            let found = format!("p{percent}").parse::<Statistic>().unwrap().of(&of(&samples)).unwrap();
            samples.sort_unstable_by(f64::total_cmp);
            let rank = ((samples.len() as f64) * f64::from(percent) / 100.0 - 1e-9).ceil().max(1.0);
            let exact = samples[rank as usize - 1];
            prop_assert!((found - exact).abs() <= exact.abs() * 0.0101 + 1e-9, "{found} is not {exact}");
        }

        #[test]
        fn the_order_of_samples_and_of_merging_does_not_matter(samples in prop::collection::vec(-50i32..50, 1..200), cut in 0usize..200) {
            let samples: Vec<f64> = samples.into_iter().map(f64::from).collect();
            let (one, two) = samples.split_at(cut.min(samples.len()));
            let mut merged = of(two);
            merged.merge(&of(one));
            let whole = of(&samples);
            for stat in ["SampleCount", "Sum", "Minimum", "Maximum", "p50", "p99", "tm90", "WM(10%:90%)", "PR(:0)"] {
                let stat: Statistic = stat.parse().unwrap();
                let (a, b) = (stat.of(&whole), stat.of(&merged));
                prop_assert!(a.zip(b).is_none_or(|(a, b)| (a - b).abs() < 1e-6), "{stat}: {a:?} is not {b:?}");
                prop_assert_eq!(a.is_some(), b.is_some());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn memory_is_bounded_for_any_values(samples in prop::collection::vec(prop::num::f64::NORMAL, 0..3000)) {
            let distribution = of(&samples);
            let kept = match &distribution.values {
                Values::Exact(list) => list.len(),
                Values::Classes(classes) => classes.len(),
                _ => 0,
            };
            prop_assert!(kept <= CLASSES);
        }
    }
}
