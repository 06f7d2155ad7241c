//! How busy each kind of work is: by the hour, the weekday, the account and the Region.

use chrono::{Datelike, NaiveDate};

use crate::org::{ACCOUNTS, REGIONS};

/// Deliveries are five minutes apart.
pub(crate) const SLOT_SECONDS: i64 = 300;
pub(crate) const SLOTS_PER_DAY: u32 = 288;

/// A kind of work, with a rhythm of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Class {
    /// People in the console and at the command line: office hours in Europe and America.
    Human,
    /// Builds and releases: after the people, with a nightly build.
    Ci,
    /// Workloads: with the customers, hence never quite idle.
    App,
    /// AWS services keeping house.
    Service,
    /// Jobs on the minute: five-minute, hourly.
    Cron,
    /// Backups and batch jobs in the small hours.
    Night,
}

pub(crate) const CLASSES: [Class; 6] =
    [Class::Human, Class::Ci, Class::App, Class::Service, Class::Cron, Class::Night];

/// Of a working day's events, how many in a thousand are of each class.
const SHARE: [u64; 6] = [80, 120, 400, 220, 100, 80];

/// Of a working day's rate, how much in a hundred remains at the weekend.
const WEEKEND: [u64; 6] = [8, 12, 78, 95, 100, 90];

#[rustfmt::skip]
const BY_HOUR: [[u64; 24]; 6] = [
    [1, 1, 1, 1, 1, 2, 6, 30, 70, 90, 95, 80, 60, 90, 100, 95, 85, 60, 40, 35, 30, 20, 8, 3],
    [4, 60, 4, 3, 3, 3, 8, 30, 70, 90, 95, 85, 60, 95, 100, 100, 80, 55, 35, 30, 25, 15, 8, 5],
    [55, 50, 46, 44, 44, 46, 52, 60, 70, 78, 84, 90, 94, 96, 98, 100, 100, 98, 96, 94, 90, 84, 74, 64],
    [90, 90, 95, 95, 90, 90, 92, 95, 100, 100, 100, 100, 100, 100, 100, 100, 100, 98, 96, 95, 94, 92, 90, 90],
    [100; 24],
    [40, 80, 100, 90, 50, 15, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 10, 30],
];

#[rustfmt::skip]
const BY_ACCOUNT: [[u64; 3]; 6] = [
    [15, 35, 50],
    [2, 38, 60],
    [2, 84, 14],
    [15, 60, 25],
    [15, 50, 35],
    [10, 60, 30],
];

const BY_REGION: [u64; 4] = [50, 30, 12, 8];

/// The weights of all five-minute deliveries.
pub(crate) struct Rhythm {
    start: NaiveDate,
    /// By class: scales `BY_HOUR` so that a working day's events keep to `SHARE`.
    scale: [u64; 6],
}

impl Rhythm {
    pub(crate) fn new(start: NaiveDate) -> Rhythm {
        let mut scale = [0; 6];
        for (class, scale) in scale.iter_mut().enumerate() {
            let day: u64 = (0..SLOTS_PER_DAY).map(|slot| shape(class, slot)).sum();
            *scale = SHARE[class] * 100_000 / day.max(1);
        }
        Rhythm { start, scale }
    }

    fn is_weekend(&self, day: u32) -> bool {
        (self.start.weekday().num_days_from_monday() + day) % 7 >= 5
    }

    /// How busy a class is in one delivery of one account and Region.
    pub(crate) fn weight(&self, class: Class, slot: u32, account: usize, region: usize) -> u64 {
        let class = class as usize;
        let week = if self.is_weekend(slot / SLOTS_PER_DAY) { WEEKEND[class] } else { 100 };
        let now = shape(class, slot % SLOTS_PER_DAY) * self.scale[class] * week / 100;
        now * BY_ACCOUNT[class][account] * BY_REGION[region] / 10_000
    }

    /// How busy one delivery of one account and Region is altogether.
    pub(crate) fn cell(&self, slot: u32, account: usize, region: usize) -> u64 {
        CLASSES.iter().map(|&class| self.weight(class, slot, account, region)).sum()
    }

    /// The weight of all deliveries together.
    pub(crate) fn total(&self, days: u32) -> u64 {
        // Every day is like one of the first seven.
        (0..days.min(7))
            .map(|day| {
                let repeats = u64::from((days - day - 1) / 7 + 1);
                repeats * self.day(day)
            })
            .sum()
    }

    fn day(&self, day: u32) -> u64 {
        let mut sum = 0;
        for slot in day * SLOTS_PER_DAY..(day + 1) * SLOTS_PER_DAY {
            for account in 0..ACCOUNTS.len() {
                for region in 0..REGIONS.len() {
                    sum += self.cell(slot, account, region);
                }
            }
        }
        sum
    }

    /// How busy the customers are, for the logs of the edge.
    pub(crate) fn customers(&self, slot: u32) -> u64 {
        let week = if self.is_weekend(slot / SLOTS_PER_DAY) { 130 } else { 100 };
        shape(Class::App as usize, slot % SLOTS_PER_DAY) * week
    }
}

/// The rate of a class within a day: by the hour, and on the minute for jobs.
fn shape(class: usize, slot: u32) -> u64 {
    let hour = (slot / 12 % 24) as usize;
    let base = BY_HOUR[class][hour];
    if class != Class::Cron as usize {
        // A little unevenness, the same every day, so that curves do not look drawn.
        return base * (10 + u64::from(slot * 7 % 5)) / 2;
    }
    match slot % 12 {
        0 => base * 20,
        6 => base * 9,
        3 | 9 => base * 5,
        _ => base * 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_the_sum_of_all_cells() {
        let rhythm = Rhythm::new(NaiveDate::from_ymd_opt(2026, 3, 17).unwrap());
        for days in [1, 3, 9, 15] {
            let sum: u64 = (0..days).map(|day| rhythm.day(day)).sum();
            assert_eq!(rhythm.total(days), sum, "{days} days");
        }
    }

    #[test]
    fn people_work_in_the_day_and_rest_at_the_weekend() {
        let rhythm = Rhythm::new(NaiveDate::from_ymd_opt(2026, 3, 16).unwrap());
        let at = |day: u32, hour: u32| rhythm.weight(Class::Human, day * SLOTS_PER_DAY + hour * 12, 2, 0);
        assert!(at(0, 14) > 20 * at(0, 3));
        assert!(at(0, 14) > 5 * at(5, 14));
    }

    #[test]
    fn shares_are_kept_to() {
        let rhythm = Rhythm::new(NaiveDate::from_ymd_opt(2026, 3, 17).unwrap());
        let total = rhythm.total(1);
        for class in CLASSES {
            let mut sum = 0;
            for slot in 0..SLOTS_PER_DAY {
                for account in 0..3 {
                    for region in 0..4 {
                        sum += rhythm.weight(class, slot, account, region);
                    }
                }
            }
            let share = sum * 1000 / total;
            let wanted = SHARE[class as usize];
            assert!(share.abs_diff(wanted) <= wanted / 20 + 1, "{class:?}: {share} for {wanted}");
        }
    }
}
