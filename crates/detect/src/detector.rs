//! Runs rules over batches.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use crate::candidates::BatchCandidates;
use crate::event::Row;
use crate::finding::finding_id;
use crate::plan::Plan;
use crate::subject::Subject;
use crate::thin::Thinner;
use crate::{Detections, Evidence, Finding, Level, RuleInfo, RuleSet, Signal};

/// Rules, planned for speed. Stateless but for a memory of which rules a kind of event can match;
/// cheap to call from many threads at once.
#[derive(Debug)]
pub struct Detector {
    rules: Arc<RuleSet>,
    plans: HashMap<String, Plan>,
    /// For each rule, the correlations that count its matches.
    counted_by: Vec<Vec<usize>>,
}

impl Detector {
    /// Plans the rules.
    pub fn new(rules: Arc<RuleSet>) -> Self {
        let mut plans = HashMap::new();
        for table in rules.rules().iter().flat_map(|info| &info.tables) {
            if !plans.contains_key(table)
                && let Some(plan) = Plan::new(&rules, table)
            {
                plans.insert(table.clone(), plan);
            }
        }
        let counted_by = rules.counted_by();
        Self { rules, plans, counted_by }
    }

    /// The rules it runs.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// Runs the rules of `table` over a batch of its rows. Findings come in row order, and within a
    /// row in the order of the rules.
    ///
    /// The batch needs the common columns (`event_uid`, `event_time`, `raw`); a documented column
    /// that it lacks is read from `raw` instead, at a price.
    pub fn detect(&self, batch: &RecordBatch, table: &str) -> Detections {
        let mut detections = Detections::default();
        let Some(plan) = self.plans.get(table) else { return detections };
        let view = plan.view(batch);
        let mut candidates = BatchCandidates::new(&self.rules, &view);
        let mut thinner = Thinner::new(&self.rules, &view);
        let mut matched = Vec::new();
        for index in 0..batch.num_rows() {
            let verdicts = candidates.of(index);
            if verdicts.is_empty() {
                continue;
            }
            let row = Row::new(&view, index);
            matched.clear();
            matched.extend_from_slice(&verdicts.yes);
            matched.extend(verdicts.maybe.iter().copied().filter(|&rule| self.matches(rule, &row)));
            matched.sort_unstable();
            self.report(&row, &matched, &mut thinner, &mut detections);
        }
        for kept in thinner.finish() {
            let row = Row::new(&view, kept.row);
            self.signal(kept.rule, kept.correlation, &row, &mut None, &mut detections);
        }
        detections
    }

    fn matches(&self, rule: usize, row: &Row<'_>) -> bool {
        let compiled = self.rules.compiled(rule);
        row.present(compiled.exact_nulls, compiled.objects);
        compiled.matches(row)
    }

    fn report(
        &self,
        row: &Row<'_>,
        matched: &[usize],
        thinner: &mut Thinner<'_>,
        detections: &mut Detections,
    ) {
        let mut subject = None;
        for &rule in matched {
            let info = self.rules.info(rule);
            if info.reports {
                let subject = subject.get_or_insert_with(|| Subject::of(row));
                detections.findings.push(finding(info, row, subject));
            }
            for &correlation in &self.counted_by[rule] {
                if !thinner.take(rule, correlation, row.index) {
                    self.signal(rule, correlation, row, &mut subject, detections);
                }
            }
        }
    }

    fn signal(
        &self,
        rule: usize,
        correlation: usize,
        row: &Row<'_>,
        subject: &mut Option<Subject>,
        detections: &mut Detections,
    ) {
        let info = self.rules.info(rule);
        let Some((correlating, compiled)) = self.rules.correlation(correlation) else { return };
        let field = |name: &str| row.field_text(name);
        if let (Some(group), Some(value)) = (compiled.group(info, field), compiled.value(field)) {
            let subject = subject.get_or_insert_with(|| Subject::of(row));
            detections.signals.push(signal(&correlating.id, info, group, value, row, subject));
        }
    }
}

fn finding(info: &RuleInfo, row: &Row<'_>, subject: &Subject) -> Finding {
    let common = &row.view.common;
    let (uid, time) = (common.uid(row.index), common.time(row.index));
    let table = row.view.plan.table();
    Finding {
        id: finding_id(&[&info.id, uid]),
        rule_id: info.id.clone(),
        rule_title: info.title.clone(),
        level: info.level,
        time,
        table: table.to_owned(),
        event_uid: uid.to_owned(),
        account_id: subject.account_id.clone(),
        region: subject.region.clone(),
        actor: subject.actor.clone(),
        access_key_id: subject.access_key_id.clone(),
        source_ip: subject.source_ip.clone(),
        user_agent: subject.user_agent.clone(),
        action: subject.action.clone(),
        resources: subject.resources.clone(),
        summary: subject.summary.clone(),
        description: info.description.clone(),
        tags: info.tags.clone(),
        false_positives: info.false_positives.clone(),
        references: info.references.clone(),
        evidence: vec![Evidence { event_uid: uid.to_owned(), time, table: table.to_owned() }],
        group_key: group_key(info, subject),
    }
}

/// Findings that say the same to a reader have the same key: the rule, where, and who. What was
/// done to what is part of it from `medium` on; below that, one actor's changes are one row.
fn group_key(info: &RuleInfo, subject: &Subject) -> String {
    let mut parts = vec![info.id.as_str()];
    parts.extend(
        [&subject.account_id, &subject.region, &subject.actor].map(|part| part.as_deref().unwrap_or("-")),
    );
    if info.level >= Level::Medium {
        parts.push(&subject.action);
        parts.push(subject.resources.first().map_or("-", String::as_str));
    }
    parts.join("|")
}

fn signal(
    correlation: &str,
    info: &RuleInfo,
    group: String,
    value: Option<String>,
    row: &Row<'_>,
    subject: &Subject,
) -> Signal {
    let common = &row.view.common;
    Signal {
        correlation_rule_id: correlation.to_owned(),
        group,
        time: common.time(row.index),
        event_uid: common.uid(row.index).to_owned(),
        table: row.view.plan.table().to_owned(),
        value,
        base_rule_id: info.id.clone(),
        account_id: subject.account_id.clone(),
        region: subject.region.clone(),
        actor: subject.actor.clone(),
        access_key_id: subject.access_key_id.clone(),
        source_ip: subject.source_ip.clone(),
        user_agent: subject.user_agent.clone(),
        action: subject.action.clone(),
        resources: subject.resources.clone(),
    }
}
