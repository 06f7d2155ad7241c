//! The console: pages rendered by the server, quick and plain, with a little script on top.

pub(crate) mod alarms;
pub(crate) mod assets;
pub(crate) mod channels;
pub(crate) mod chart;
pub(crate) mod controls;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod findings;
pub(crate) mod highlight;
pub(crate) mod incidents;
pub(crate) mod layout;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod overview;
pub(crate) mod parts;
pub(crate) mod range;
pub(crate) mod responses;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod silences;
pub(crate) mod sql;
pub(crate) mod theme;

use crate::backend::Bucket;

/// Buckets as bars: the series (largest first, with their totals), and a bar per bucket.
pub(crate) fn series(
    buckets: &[Bucket],
    href: impl Fn(&Bucket) -> String,
) -> (Vec<(String, u64)>, Vec<chart::Bar>) {
    let mut totals: Vec<(String, u64)> = Vec::new();
    for (name, count) in buckets.iter().flat_map(|bucket| &bucket.counts) {
        match totals.iter_mut().find(|(known, _)| known == name) {
            Some((_, total)) => *total += count,
            None => totals.push((name.clone(), *count)),
        }
    }
    totals.retain(|(_, total)| *total > 0);
    totals.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let bars = buckets
        .iter()
        .map(|bucket| chart::Bar {
            from: bucket.start,
            to: bucket.end,
            counts: totals
                .iter()
                .map(|(name, _)| {
                    bucket.counts.iter().filter(|(n, _)| n == name).map(|(_, count)| count).sum()
                })
                .collect(),
            href: href(bucket),
        })
        .collect();
    (totals, bars)
}
