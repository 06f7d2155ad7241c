//! What the checks of this control share: they build the events that must raise an alert, run them
//! through the estate's own metric filters and rules, and say which would slip by.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::events::Scene;
use crate::alert_path::{
    AlertPath, AwsEvent, Coverage, Hop, HopKind, Outcome, Spot, home_of_global_services,
};
use crate::check::{Context, Verdict};
use crate::inventory::Place;

/// Where the events of an alert happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::checks) enum Scope {
    /// In every Region.
    EveryRegion,
    /// In the one Region that records what has no Region (IAM, Organizations).
    Home,
}

/// Makes events.
pub(in crate::checks) type Events = fn(&Scene<'_>) -> Vec<AwsEvent>;

/// An alert that there must be.
#[derive(Clone, Copy)]
pub(in crate::checks) struct Alert {
    /// Where its events happen.
    pub(in crate::checks) scope: Scope,
    /// Each of these must reach somebody.
    pub(in crate::checks) calls: Events,
    /// Akin to them; whether they reach somebody is told, and not judged.
    pub(in crate::checks) akin: Events,
    /// These should not: where they do, that is told.
    pub(in crate::checks) noise: Events,
    /// How to fix it, with placeholders.
    pub(in crate::checks) fix: &'static str,
}

/// No events.
pub(super) const NONE: Events = |_| Vec::new();

/// Judges the alert in every account, and in every Region where its events happen.
pub(super) fn judge(context: &Context<'_>, alert: &Alert) -> Vec<Verdict> {
    match alert.scope {
        Scope::EveryRegion => context.each_region(|place| Ok(vec![at(place, place.region, alert, false)])),
        Scope::Home => context.each_account(|place| Ok(vec![at_home(place, alert)])),
    }
}

/// As [`judge`], in every Region, but an alarm that fires on nearly everything counts, with a warning.
pub(super) fn judge_leniently(context: &Context<'_>, alert: &Alert) -> Vec<Verdict> {
    context.each_region(|place| Ok(vec![at(place, place.region, alert, true)]))
}

/// Judges the alert of one account, in the Region that records what has no Region.
pub(super) fn at_home(place: Place<'_>, alert: &Alert) -> Verdict {
    let home = home_of_global_services(place.account);
    at(place, home, alert, false).region(home)
}

fn at(place: Place<'_>, region: &str, alert: &Alert, lenient: bool) -> Verdict {
    let time = place.inventory.collected_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let scene = scene(place, region, &time);
    let paths = place.inventory.alert_paths();
    let account = place.account_id();
    let calls = (alert.calls)(&scene);
    let coverage = if lenient {
        paths.lenient_coverage(account, region, &calls)
    } else {
        paths.coverage(account, region, &calls)
    };
    // Where nothing is heard at all there is no need to go into details.
    let notes = if coverage.live_paths().is_empty() {
        Vec::new()
    } else {
        let akin = paths.coverage(account, region, &(alert.akin)(&scene));
        remarks(&coverage, &akin, &(alert.noise)(&scene))
    };
    let verdict = verdict(place, &place.account_arn(), &coverage, &notes);
    verdict.remediation(filled_in(paths.spot(account, region), alert.fix))
}

pub(in crate::checks) fn scene<'a>(place: Place<'a>, region: &'a str, time: &'a str) -> Scene<'a> {
    Scene {
        partition: place.partition(),
        account: place.account_id(),
        region,
        time,
        is_home: region == home_of_global_services(place.account),
    }
}

/// What a coverage comes to.
pub(in crate::checks) fn verdict(
    place: Place<'_>,
    arn: &str,
    coverage: &Coverage<'_>,
    notes: &[String],
) -> Verdict {
    let count = coverage.events.len();
    let slipping = coverage.slipping();
    let said = |text: String| {
        let notes = notes.iter().map(|note| format!("; {note}"));
        std::iter::once(text).chain(notes).collect::<String>()
    };
    let verdict = if !slipping.is_empty() {
        let found = if slipping.len() == count {
            format!("nobody would hear of {}: {}", all_of(count), why_not(coverage))
        } else {
            format!(
                "{} of {count} calls would slip by: {} ({})",
                slipping.len(),
                some(&slipping, 20),
                why_not(coverage)
            )
        };
        Verdict::fail(place, arn, said(found))
    } else if let Some(unknown) = coverage.unknown() {
        let mut verdict = Verdict::unknown(place, arn, unknown);
        verdict.observed =
            format!("no alert is known to be raised for {}, and {}", undecided(coverage), unknown.reason);
        verdict
    } else {
        let paths: Vec<String> = coverage.live_paths().iter().map(|path| path.describe()).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let subject = match count {
            1 => "it raises an alert".to_owned(),
            2 => "both calls raise an alert".to_owned(),
            _ => format!("all {count} calls raise an alert"),
        };
        Verdict::pass(place, arn, said(format!("{subject} ({})", some(&paths, 3))))
    };
    verdict.evidence(evidence(coverage))
}

fn all_of(count: usize) -> String {
    match count {
        1 => "it".to_owned(),
        2 => "either call".to_owned(),
        _ => format!("any of the {count} calls"),
    }
}

fn undecided(coverage: &Coverage<'_>) -> String {
    let open = |(label, outcome): &'_ (String, Outcome<'_>)| {
        matches!(outcome, Outcome::Unknown(_)).then(|| label.clone())
    };
    let open: Vec<String> = coverage.events.iter().filter_map(open).collect();
    some(&open.iter().map(String::as_str).collect::<Vec<_>>(), 5)
}

/// The broken hops of near misses, or where the ways end that do not even begin.
fn why_not(coverage: &Coverage<'_>) -> String {
    let of = coverage.events.len();
    let mut reasons: Vec<String> = Vec::new();
    for listener in coverage.listeners.iter().take(3) {
        let picks = format!("{} picks {} of {of}", listener.label, listener.takes);
        if listener.live {
            reasons.push(picks);
        } else {
            let broken: Vec<&str> = listener.broken.iter().map(String::as_str).collect();
            reasons.push(format!("{picks}, but {}", some(&broken, 3)));
        }
    }
    if reasons.is_empty() {
        reasons.extend(coverage.notes.iter().take(4).cloned());
        let them = if of == 1 { "it" } else { "them" };
        reasons.push(format!("no metric filter or EventBridge rule picks {them}"));
    }
    reasons.join("; ")
}

/// What else is worth telling: related calls that are not heard, and paths that are heard all day.
fn remarks(coverage: &Coverage<'_>, akin: &Coverage<'_>, noise: &[AwsEvent]) -> Vec<String> {
    let mut notes = Vec::new();
    let unheard = akin.slipping();
    if !unheard.is_empty() {
        notes.push(format!("not heard either, though not asked for here: {}", some(&unheard, 8)));
    }
    for path in coverage.live_paths() {
        let picks = |hop: &&Hop| hop.kind != HopKind::Trailkeep;
        let Some(listener) = path.listener().filter(picks) else { continue };
        if !path.broad.is_empty() {
            let broad: Vec<&str> = path.broad.iter().map(String::as_str).collect();
            notes.push(format!(
                "warning: {} picks nearly every event ({}), so that its alarm never changes its state; terms with \
                 != must be joined with &&, not ||",
                listener.label(),
                some(&broad, 3)
            ));
        }
        let also = taken(path, noise);
        if !also.is_empty() {
            notes.push(format!("{} also fires on {}, falsely", listener.label(), some(&also, 3)));
        }
    }
    notes
}

fn taken<'e>(path: &AlertPath, events: &'e [AwsEvent]) -> Vec<&'e str> {
    events.iter().filter(|event| path.takes(event)).map(|event| event.label.as_str()).collect()
}

/// `a, b, c and 4 more`
pub(in crate::checks) fn some(names: &[&str], most: usize) -> String {
    match names.len().checked_sub(most) {
        Some(more @ 1..) => format!("{} and {more} more", names[..most].join(", ")),
        _ => names.join(", "),
    }
}

fn evidence(coverage: &Coverage<'_>) -> Value {
    let outcomes = coverage.events.iter().map(|(label, outcome)| {
        let outcome = match outcome {
            Outcome::Alerted(path) => json!(path.describe()),
            Outcome::Slips => json!("slips by"),
            Outcome::Unknown(unknown) => json!(format!("unknown: {}", unknown.reason)),
        };
        (label.clone(), outcome)
    });
    let listeners = coverage.listeners.iter().take(10).map(|listener| {
        json!({"listener": listener.label, "picks": listener.takes, "live": listener.live, "broken": listener.broken})
    });
    json!({
        "events": outcomes.collect::<serde_json::Map<_, _>>(),
        "listeners": listeners.collect::<Vec<_>>(),
        "notes": coverage.notes,
    })
}

/// The commands with the names of this estate in place of the placeholders, as far as they are known.
fn filled_in(spot: Option<&Spot>, fix: &str) -> String {
    let Some(Spot { log_group, region, topic }) = spot else { return fix.to_owned() };
    let fix = fix.replace("HOME_REGION", region).replace("LOG_GROUP", log_group);
    match topic {
        Some(topic) => fix.replace("TOPIC_ARN", topic),
        None => fix,
    }
}

/// The fix of an alert: a metric filter and an alarm, as commands.
macro_rules! fix {
    ($name:literal, $pattern:literal) => {
        concat!(
            "aws logs put-metric-filter --region HOME_REGION --log-group-name LOG_GROUP --filter-name ",
            $name,
            " --filter-pattern '",
            $pattern,
            "' --metric-transformations metricName=",
            $name,
            ",metricNamespace=Trailkeep,metricValue=1 && aws cloudwatch put-metric-alarm --region HOME_REGION ",
            "--alarm-name ",
            $name,
            " --namespace Trailkeep --metric-name ",
            $name,
            " --statistic Sum --period 300 --evaluation-periods 1 --threshold 1 --comparison-operator ",
            "GreaterThanOrEqualToThreshold --treat-missing-data notBreaching --alarm-actions TOPIC_ARN",
            "   # the log group that the trail delivers to, in its Region; an SNS topic there with a confirmed ",
            "subscription"
        )
    };
}
pub(super) use fix;

/// The calls that the fix makes, as IAM actions.
pub(super) const FIX_CALLS: &[&str] = &["logs:PutMetricFilter", "cloudwatch:PutMetricAlarm"];
