//! Composite alarms stand on alarms that are there.
//!
//! CloudWatch lets the children of a composite alarm be deleted; what refers to them then stays as it
//! is. A cycle of composite alarms stops the evaluation of all of them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{alarms, arn, name};
use crate::alert_path::{CompositeRule, composite_children};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "alarm-composite-whole",
    control: Control::Alarms,
    title: "Composite alarms stand on alarms that exist",
    severity: Severity::Medium,
    why: "A composite alarm whose children are gone, or that is part of a cycle, never changes its state again. \
          https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html",
    expected: "every alarm that the rule refers to exists, as does the suppressor of its actions, and it is part of \
               no cycle",
    remediation: "aws cloudwatch put-composite-alarm --region REGION --alarm-name ALARM --alarm-rule 'ALARM(\"EXISTING\")' \
                  --alarm-actions TOPIC_ARN   # name alarms that exist; or delete-alarms",
    fix_calls: &["cloudwatch:PutCompositeAlarm"],
    frameworks: Frameworks { nist_800_53: &["CA-7", "SI-4"], pci_dss_4: &["10.7.2"], ..Frameworks::NONE },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let all = alarms(place)?;
        let composites = all.iter().filter(|alarm| alarm.text("AlarmRule").is_some());
        Ok(composites.map(|alarm| judge(place, alarm, &all)).collect())
    })
}

fn judge(place: Place<'_>, alarm: &Value, all: &[&Value]) -> Verdict {
    let (name, own_arn) = (name(alarm), arn(place, alarm));
    let evidence =
        json!({"AlarmRule": alarm.at("AlarmRule"), "ActionsSuppressor": alarm.at("ActionsSuppressor")});
    let fail = |observed: String| Verdict::fail(place, &own_arn, observed).evidence(evidence.clone());
    let children = match composite_children(alarm) {
        Ok(children) => children,
        Err(reason) => return fail(format!("the rule of composite alarm {name} cannot be read: {reason}")),
    };
    let gone: Vec<&str> =
        children.iter().map(String::as_str).filter(|child| find(child, place, all).is_none()).collect();
    if !gone.is_empty() {
        return fail(format!(
            "composite alarm {name} refers to alarms that do not exist: {}",
            gone.join(", ")
        ));
    }
    if children.is_empty() {
        let rule = CompositeRule::parse(alarm.text("AlarmRule").unwrap_or_default());
        let state = if rule.is_ok_and(|rule| rule.holds(&|_: &str| "OK")) { "ALARM" } else { "OK" };
        return fail(format!("composite alarm {name} refers to no alarm: it is {state} for ever"));
    }
    if let Some(suppressor) = alarm.text("ActionsSuppressor")
        && find(suppressor, place, all).is_none()
    {
        return fail(format!("the suppressor {suppressor} of composite alarm {name} does not exist"));
    }
    if is_in_cycle(alarm, place, all) {
        return fail(format!("composite alarm {name} depends on itself, which stops its evaluation"));
    }
    let observed = format!("composite alarm {name} stands on {} alarms that exist", children.len());
    Verdict::pass(place, &own_arn, observed).evidence(evidence)
}

fn find<'a>(reference: &str, place: Place<'_>, all: &[&'a Value]) -> Option<&'a Value> {
    all.iter().copied().find(|alarm| name(alarm) == reference || arn(place, alarm) == reference)
}

fn is_in_cycle(alarm: &Value, place: Place<'_>, all: &[&Value]) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![alarm];
    while let Some(next) = open.pop() {
        let rule = next.text("AlarmRule").map(|_| composite_children(next).unwrap_or_default());
        for child in rule.unwrap_or_default().iter().filter_map(|child| find(child, place, all)) {
            if name(child) == name(alarm) {
                return true;
            }
            if seen.insert(name(child)) {
                open.push(child);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, alarm_arn, fails, passes, unknown};

    #[test]
    fn children_and_suppressors_must_exist() {
        let mut good = Sample::new();
        good.add_alarm("cpu");
        good.add_composite("down", &format!("ALARM(cpu) OR ALARM(\"{}\")", alarm_arn("cpu")));
        passes(&good, &CHECK, "composite alarm down stands on 2 alarms that exist");
        let broken = |change: &dyn Fn(&mut Sample), wanted: &str| {
            let mut sample = good.clone();
            change(&mut sample);
            fails(&sample, &CHECK, wanted);
        };
        broken(&|s| s.composite()["AlarmRule"] = json!("ALARM(cpu) AND OK(gone)"), "do not exist: gone");
        broken(
            &|s| s.composite()["AlarmRule"] = json!("ALARM(cpu) AND"),
            "cannot be read: expected ALARM, OK",
        );
        broken(&|s| s.composite()["AlarmRule"] = json!("TRUE"), "refers to no alarm: it is ALARM for ever");
        broken(
            &|s| s.composite()["ActionsSuppressor"] = json!("deploys"),
            "the suppressor deploys of composite alarm down",
        );
        broken(&|s| s.composite()["AlarmRule"] = json!("ALARM(down)"), "depends on itself");
        broken(
            &|s| {
                s.composite()["AlarmRule"] = json!("ALARM(up)");
                s.add_composite("up", "ALARM(down)");
            },
            "depends on itself",
        );
        let mut denied = good.clone();
        denied.deny(HOME, "cloudwatch:DescribeAlarms", "");
        unknown(&denied, &CHECK, "cloudwatch:DescribeAlarms");
    }
}
