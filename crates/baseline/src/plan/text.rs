//! The plan for people: by account and Region, with calls, reasons, blast radius and cost.

use std::fmt::Write;

use serde_json::Value;

use super::step::{Left, Plan, Step};

/// An input is shown up to this many characters.
const INPUT: usize = 160;

/// So many checks are named as the reason.
const WHY: usize = 6;

impl Plan {
    /// The plan as text. With `inputs`, each call with what it is given.
    #[must_use]
    pub fn text(&self, inputs: bool) -> String {
        let mut out = String::new();
        let mut place = None;
        for (index, step) in self.steps.iter().enumerate() {
            let here = (step.account.as_str(), step.region.as_str());
            if place != Some(here) {
                line(
                    &mut out,
                    &format!("{}account {}, {}", if index == 0 { "" } else { "\n" }, here.0, here.1),
                );
                place = Some(here);
            }
            self.step(&mut out, index, step, inputs);
        }
        if !self.steps.is_empty() {
            let calls: usize = self.steps.iter().map(|step| step.calls.len()).sum();
            line(&mut out, &format!("\n{} steps, {calls} calls", self.steps.len()));
        }
        left(&mut out, &self.left);
        out
    }

    fn step(&self, out: &mut String, index: usize, step: &Step, inputs: bool) {
        line(out, &format!("{:>4}. {}", index + 1, step.title));
        if !step.why.is_empty() {
            line(out, &format!("      why    {}", some(&step.why)));
        }
        let number = |id: &String| self.steps.iter().position(|step| step.id == *id).map(|index| index + 1);
        let needs: Vec<String> =
            step.needs.iter().filter_map(number).map(|number| number.to_string()).collect();
        if !needs.is_empty() {
            line(out, &format!("      after  {}", needs.join(", ")));
        }
        if inputs {
            for call in &step.calls {
                line(out, &format!("      call   {} {}", call.operation, short(&call.input)));
            }
        } else {
            line(out, &format!("      calls  {}", calls(step)));
        }
        line(out, &format!("      blast  {}", step.blast_radius));
        line(out, &format!("      cost   {}", step.cost_hint));
        line(out, &format!("      undo   {}", step.undo));
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a String does not fail.
    writeln!(out, "{text}").ok();
}

/// The first few, and how many more.
fn some(ids: &[String]) -> String {
    match ids.len().checked_sub(WHY) {
        Some(more @ 1..) => format!("{} and {more} more", ids[..WHY].join(", ")),
        _ => ids.join(", "),
    }
}

/// `s3:CreateBucket, s3:PutBucketPolicy, logs:PutRetentionPolicy (3 times)`
fn calls(step: &Step) -> String {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for call in &step.calls {
        match counted.last_mut() {
            Some((name, count)) if *name == call.operation => *count += 1,
            _ => counted.push((&call.operation, 1)),
        }
    }
    let shown = counted.iter().map(|(name, count)| match count {
        1 => (*name).to_owned(),
        _ => format!("{name} ({count} times)"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn short(input: &Value) -> String {
    let text = input.to_string();
    match text.char_indices().nth(INPUT) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

/// What no step takes away, a line for each check and account.
fn left(out: &mut String, all: &[Left]) {
    if all.is_empty() {
        return;
    }
    line(out, "\nleft for you");
    let mut told: Vec<(&str, &str)> = Vec::new();
    for left in all {
        let key = (left.check_id.as_str(), left.account_id.as_str());
        if told.contains(&key) {
            continue;
        }
        told.push(key);
        let same = all.iter().filter(|other| (other.check_id.as_str(), other.account_id.as_str()) == key);
        let count = same.count();
        let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
        line(out, &format!("      {}{times}: {}", left.check_id, left.why));
        line(out, &format!("        by hand: {}", left.by_hand));
    }
}
