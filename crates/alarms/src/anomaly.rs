//! The band of values that are expected of a metric.
//!
//! CloudWatch does not say what its model is. This one is simple, robust and always gives the same for the
//! same data:
//!
//! 1. It learns from the two weeks that end where the evaluated range begins, so that an anomaly does
//!    not explain itself.
//! 2. For each evaluated period it takes the earlier points of the same hour of the week, if there are at
//!    least ten of at least two weeks; otherwise those of the same hour of the day, if there are at least ten
//!    of at least two days; otherwise all, if there are at least ten. With fewer, there is no band yet.
//! 3. The middle of the band is their median. A deviation is 1.4826 times the median distance from it, which
//!    for normally distributed values is the standard deviation, and which a few outliers do not move. Where
//!    more than half of the points are equal that is zero; then it is 1.2533 times the mean distance.
//! 4. The band reaches so many deviations to both sides. A deviation is at least a tenth of that of
//!    all points, so that a quiet hour of a lively metric has some room.

use crate::math::Grid;

/// How far back is learnt from, in seconds.
const HISTORY: i64 = 14 * 86_400;
/// The most points that are learnt from: two weeks of minutes.
const MOST: i64 = 20_160;
/// Points that make a group usable.
const ENOUGH: usize = 10;
const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;

/// What is expected of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The lowest value that is expected.
    pub lower: f64,
    /// The highest.
    pub upper: f64,
}

/// The periods that a band for `grid` learns from.
pub fn training_grid(grid: &Grid) -> Grid {
    let period = i64::from(grid.period.max(1));
    let len = (HISTORY / period).clamp(1, MOST);
    let start = grid.start.saturating_sub(len * period);
    Grid { start, period: grid.period, len: usize::try_from(len).unwrap_or(1) }
}

/// The band over `grid`, `width` deviations to each side, learnt from `history` over `before`.
pub fn band(before: &Grid, history: &[Option<f64>], grid: &Grid, width: f64) -> Vec<Option<Bounds>> {
    let known: Vec<(i64, f64)> = history
        .iter()
        .enumerate()
        .filter_map(|(index, value)| Some((before.time(index), (*value)?)))
        .collect();
    let all: Vec<f64> = known.iter().map(|(_, value)| *value).collect();
    let Some((_, least)) = (all.len() >= ENOUGH).then(|| centre(all.clone())) else {
        return vec![None; grid.len];
    };
    let mut same: Option<(i64, Bounds)> = None;
    let bounds = (0..grid.len).map(|index| {
        let hour = grid.time(index).rem_euclid(WEEK) / 3600;
        if let Some((_, bounds)) = same.filter(|(of, _)| *of == hour) {
            return Some(bounds);
        }
        let group = seasonal(&known, hour).unwrap_or_else(|| all.clone());
        let (middle, deviation) = centre(group);
        let half = width * deviation.max(least / 10.0);
        let bounds = Bounds { lower: middle - half, upper: middle + half };
        same = Some((hour, bounds));
        Some(bounds)
    });
    bounds.collect()
}

/// Points of the same hour of the week, or of the day.
fn seasonal(known: &[(i64, f64)], hour: i64) -> Option<Vec<f64>> {
    [WEEK, DAY].into_iter().find_map(|cycle| {
        let wanted = hour % (cycle / 3600);
        let group = known.iter().filter(|(time, _)| time.rem_euclid(cycle) / 3600 == wanted);
        let (mut cycles, mut values) = (Vec::new(), Vec::new());
        for (time, value) in group {
            // In order of time, so that a new cycle differs from the last.
            if cycles.last() != Some(&time.div_euclid(cycle)) {
                cycles.push(time.div_euclid(cycle));
            }
            values.push(*value);
        }
        (values.len() >= ENOUGH && cycles.len() >= 2).then_some(values)
    })
}

/// Median, and deviation from it.
fn centre(mut values: Vec<f64>) -> (f64, f64) {
    let middle = median(&mut values);
    let mut distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    let mean = distances.iter().sum::<f64>() / distances.len().max(1) as f64;
    let spread = median(&mut distances);
    (middle, if spread > 0.0 { 1.4826 * spread } else { 1.2533 * mean })
}

fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len().is_multiple_of(2) { f64::midpoint(values[half - 1], values[half]) } else { values[half] }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Monday at 00:00 UTC.
    const MONDAY: i64 = 1_795_996_800;

    fn grid(start: i64, len: usize) -> Grid {
        Grid { start, period: 300, len }
    }

    fn learn(f: impl Fn(i64) -> Option<f64>, at: i64, width: f64) -> Option<Bounds> {
        let grid = grid(at, 1);
        let before = training_grid(&grid);
        let history: Vec<Option<f64>> = (0..before.len).map(|index| f(before.time(index))).collect();
        band(&before, &history, &grid, width)[0]
    }

    /// Busy from 8 to 18 o'clock on weekdays, with a little noise that is always the same.
    fn office(time: i64) -> Option<f64> {
        let (day, hour) = (time.rem_euclid(WEEK) / DAY, time.rem_euclid(DAY) / 3600);
        // 1970 began on a Thursday: days 2 and 3 of its weeks are Saturday and Sunday.
        let busy = !matches!(day, 2 | 3) && (8..18).contains(&hour);
        let noise = (time / 300).rem_euclid(7) as f64 - 3.0;
        Some(if busy { 100.0 } else { 10.0 } + noise)
    }

    #[test]
    fn hours_of_the_week_differ() {
        let busy = learn(office, MONDAY + 10 * 3600, 2.0).unwrap();
        assert!(busy.lower > 80.0 && busy.upper < 120.0, "{busy:?}");
        let quiet = learn(office, MONDAY + 3 * 3600, 2.0).unwrap();
        assert!(quiet.upper < 30.0, "{quiet:?}");
        let sunday = learn(office, MONDAY - DAY + 10 * 3600, 2.0).unwrap();
        assert!(sunday.upper < 30.0, "{sunday:?}");
    }

    #[test]
    fn a_wider_band_is_wider_and_outliers_do_not_move_it() {
        let at = MONDAY + 10 * 3600;
        let plain = learn(office, at, 2.0).unwrap();
        let wide = learn(office, at, 4.0).unwrap();
        assert!(wide.lower < plain.lower && wide.upper > plain.upper);
        let outliers = |time: i64| if time.rem_euclid(3600) == 0 { Some(1e6) } else { office(time) };
        let robust = learn(outliers, at, 2.0).unwrap();
        assert!((robust.upper - plain.upper).abs() < 10.0, "{robust:?} {plain:?}");
    }

    #[test]
    fn little_data_gives_a_plain_band_and_less_gives_none() {
        let hour = |time: i64| (time >= MONDAY - 3600).then_some(5.0);
        assert_eq!(learn(hour, MONDAY, 2.0), Some(Bounds { lower: 5.0, upper: 5.0 }));
        assert_eq!(learn(|time| (time >= MONDAY - 2700).then_some(5.0), MONDAY, 2.0), None, "nine points");
        assert_eq!(learn(|_| None, MONDAY, 2.0), None);
    }

    #[test]
    fn the_history_is_bounded_and_ends_where_the_grid_begins() {
        for period in [10, 60, 300, 3600, 86_400, 604_800] {
            let before = training_grid(&Grid { start: MONDAY, period, len: 5 });
            assert!(before.len <= 20_160 && before.len >= 1);
            assert_eq!(before.time(before.len), MONDAY);
        }
    }
}
