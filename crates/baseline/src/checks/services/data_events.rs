//! Which of a bucket's object-level calls CloudTrail records.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>

use std::collections::BTreeSet;

use serde_json::Value;

use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// What is recorded of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    /// The trails and event data stores that record all reads.
    pub(super) reads: Vec<String>,
    /// Those that record all writes.
    pub(super) writes: Vec<String>,
    /// Those that record some calls, of some objects or of some callers only.
    pub(super) partly: Vec<String>,
}

impl Coverage {
    /// All reads and all writes are recorded.
    pub(super) fn is_complete(&self) -> bool {
        !self.reads.is_empty() && !self.writes.is_empty()
    }

    fn add(&mut self, name: &str, events: &Events) {
        let named = |on: bool| on.then(|| name.to_owned());
        self.reads.extend(named(events.reads));
        self.writes.extend(named(events.writes));
        self.partly.extend(named(events.partly));
    }
}

/// What one trail or event data store selects of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Events {
    reads: bool,
    writes: bool,
    partly: bool,
}

/// Asks every trail and event data store that sees the bucket's Region. `place` is a place of the
/// bucket's account.
///
/// # Errors
/// [`Unknown`] when something could not be asked, and what could be does not cover the bucket.
pub(super) fn of_bucket(place: Place<'_>, bucket: &str, region: &str) -> Result<Coverage, Unknown> {
    let mut coverage = Coverage::default();
    let mut unknown = None;
    let mut seen = BTreeSet::new();
    let arn = format!("arn:{}:s3:::{bucket}/", place.partition());
    for here in
        place.account.regions.iter().filter_map(|name| place.inventory.place(place.account_id(), name))
    {
        let asked = trails(here, &arn, region, &mut seen, &mut coverage)
            .and_then(|()| stores(here, &arn, region, &mut coverage));
        if let Err(error) = asked {
            unknown.get_or_insert(error);
        }
    }
    match unknown {
        Some(unknown) if !coverage.is_complete() => Err(unknown),
        _ => Ok(coverage),
    }
}

fn trails<'a>(
    here: Place<'a>,
    arn: &str,
    region: &str,
    seen: &mut BTreeSet<&'a str>,
    coverage: &mut Coverage,
) -> Result<(), Unknown> {
    for trail in here.list("cloudtrail:DescribeTrails", "trailList")? {
        let Some(trail_arn) = trail.text("TrailARN") else { continue };
        let home = trail.text("HomeRegion").unwrap_or(here.region);
        let sees = trail.flag("IsMultiRegionTrail") || home == region;
        if !sees || !seen.insert(trail_arn) {
            continue;
        }
        let status = ask(here, home, "cloudtrail:GetTrailStatus", trail_arn)?;
        if status.is_some_and(|status| status.flag("IsLogging"))
            && let Some(selectors) = ask(here, home, "cloudtrail:GetEventSelectors", trail_arn)?
        {
            let name = trail.text("Name").unwrap_or(trail_arn);
            coverage.add(&format!("trail {name}"), &selected(selectors, arn));
        }
    }
    Ok(())
}

fn stores(here: Place<'_>, arn: &str, region: &str, coverage: &mut Coverage) -> Result<(), Unknown> {
    for store in here.list("cloudtrail:ListEventDataStores", "EventDataStores")? {
        let Some(store_arn) = store.text("EventDataStoreArn") else { continue };
        let Some(detail) = here.get_for("cloudtrail:GetEventDataStore", store_arn)? else { continue };
        let sees = detail.flag("MultiRegionEnabled") || here.region == region;
        if sees && detail.text("Status") == Some("ENABLED") {
            let name = detail.text("Name").unwrap_or(store_arn);
            coverage.add(&format!("event data store {name}"), &selected(detail, arn));
        }
    }
    Ok(())
}

/// A trail answers in its home Region; an organisation's trail both in the member's account and in the
/// management account.
fn ask<'a>(here: Place<'a>, home: &str, call: &str, trail_arn: &str) -> Result<Option<&'a Value>, Unknown> {
    let own = match here.inventory.place(here.account_id(), home) {
        Some(place) => place.get_for(call, trail_arn),
        None => here.get_for(call, trail_arn),
    };
    let owner = here.inventory.place_of(trail_arn).map(|place| place.get_for(call, trail_arn));
    match (own, owner) {
        (Ok(Some(output)), _) | (_, Some(Ok(Some(output)))) => Ok(Some(output)),
        (own, _) => own,
    }
}

/// Reads the selectors, basic and advanced ones, for the ARN that all of a bucket's objects begin with.
fn selected(output: &Value, arn: &str) -> Events {
    let basic = output.items("EventSelectors").iter().map(|selector| basic(selector, arn));
    let advanced = output.items("AdvancedEventSelectors").iter().map(|selector| advanced(selector, arn));
    basic.chain(advanced).fold(Events::default(), |sum, one| Events {
        reads: sum.reads || one.reads,
        writes: sum.writes || one.writes,
        partly: sum.partly || one.partly,
    })
}

fn basic(selector: &Value, arn: &str) -> Events {
    let objects = selector.items("DataResources").iter();
    let values: Vec<&str> = objects
        .filter(|resource| resource.text("Type") == Some("AWS::S3::Object"))
        .flat_map(|resource| resource.texts("Values"))
        .collect();
    let whole = values.iter().any(|value| arn.starts_with(value));
    let kind = selector.text("ReadWriteType").unwrap_or("All");
    Events {
        reads: whole && kind != "WriteOnly",
        writes: whole && kind != "ReadOnly",
        partly: values.iter().any(|value| value.starts_with(arn) && *value != arn),
    }
}

fn advanced(selector: &Value, arn: &str) -> Events {
    let fields = selector.items("FieldSelectors");
    let equals = |name: &str, value: &str| {
        fields.iter().any(|field| field.text("Field") == Some(name) && field.texts("Equals").contains(&value))
    };
    if !equals("eventCategory", "Data") || !equals("resources.type", "AWS::S3::Object") {
        return Events::default();
    }
    let mut events = Events { reads: true, writes: true, partly: false };
    for field in fields {
        match field.text("Field").unwrap_or_default() {
            "eventCategory" | "resources.type" => {}
            "readOnly" => {
                let only = field.texts("Equals");
                events.reads &= only.is_empty() || only.contains(&"true");
                events.writes &= only.is_empty() || only.contains(&"false");
            }
            "resources.ARN" => match scope(field, arn) {
                Scope::All => {}
                Scope::Some => events.partly = true,
                Scope::None => return Events::default(),
            },
            // By caller, event name or source: what else happens in the bucket is not recorded.
            _ => events.partly = true,
        }
    }
    if events.partly { Events { reads: false, writes: false, partly: true } } else { events }
}

/// How much of a bucket the conditions on an object's ARN let through.
enum Scope {
    All,
    Some,
    None,
}

fn scope(field: &Value, arn: &str) -> Scope {
    let inside = |value: &&str| value.starts_with(arn) && *value != arn;
    let starts = field.texts("StartsWith");
    let exact = field.texts("Equals");
    let is_bound = !starts.is_empty() || !exact.is_empty();
    if is_bound && !starts.iter().any(|value| arn.starts_with(value)) {
        let some = starts.iter().chain(&exact).any(inside);
        return if some { Scope::Some } else { Scope::None };
    }
    let barred = field.texts("NotStartsWith");
    if barred.iter().any(|value| arn.starts_with(value)) {
        return Scope::None;
    }
    let ends = field.items("EndsWith").len() + field.items("NotEndsWith").len();
    let some = barred.iter().chain(&field.texts("NotEquals")).any(inside) || ends > 0;
    if some { Scope::Some } else { Scope::All }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:s3:::data/";

    #[track_caller]
    fn expect(output: &Value, reads: bool, writes: bool, partly: bool) {
        assert_eq!(selected(output, ARN), Events { reads, writes, partly }, "{output}");
    }

    #[test]
    fn basic_selectors() {
        for (kind, values, expected) in [
            ("All", json!(["arn:aws:s3"]), (true, true, false)),
            ("All", json!(["arn:aws:s3:::"]), (true, true, false)),
            ("WriteOnly", json!(["arn:aws:s3:::data/"]), (false, true, false)),
            ("ReadOnly", json!(["arn:aws:s3:::other/", "arn:aws:s3:::data/"]), (true, false, false)),
            ("All", json!(["arn:aws:s3:::data/in/"]), (false, false, true)),
            ("All", json!(["arn:aws:s3:::data2/"]), (false, false, false)),
            ("All", json!([]), (false, false, false)),
        ] {
            let selector = json!({"ReadWriteType": kind, "IncludeManagementEvents": true,
                "DataResources": [{"Type": "AWS::S3::Object", "Values": values}]});
            expect(&json!({"EventSelectors": [selector]}), expected.0, expected.1, expected.2);
        }
        let functions = json!({"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]});
        expect(&json!({"EventSelectors": [{"DataResources": [functions]}]}), false, false, false);
    }

    #[test]
    fn advanced_selectors() {
        for (field, expected) in [
            (json!({"Field": "readOnly", "Equals": ["true"]}), (true, false, false)),
            (json!({"Field": "readOnly", "Equals": ["false"]}), (false, true, false)),
            (json!({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::data/"]}), (true, true, false)),
            (json!({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::data/a"]}), (false, false, true)),
            (json!({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::x/"]}), (false, false, false)),
            (json!({"Field": "resources.ARN", "Equals": ["arn:aws:s3:::data/key"]}), (false, false, true)),
            (
                json!({"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::data/"]}),
                (false, false, false),
            ),
            (
                json!({"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::data/tmp"]}),
                (false, false, true),
            ),
            (json!({"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::logs/"]}), (true, true, false)),
            (json!({"Field": "eventName", "Equals": ["DeleteObject"]}), (false, false, true)),
        ] {
            let fields = json!([{"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}, field]);
            let output = json!({"AdvancedEventSelectors": [{"FieldSelectors": fields}]});
            expect(&output, expected.0, expected.1, expected.2);
        }
        let management = json!([{"Field": "eventCategory", "Equals": ["Management"]}]);
        expect(&json!({"AdvancedEventSelectors": [{"FieldSelectors": management}]}), false, false, false);
    }
}
