//! What the parts of a plan share: one account, where its baseline lives, what fails in it, and the
//! steps so far.

use serde_json::{Value, json};

use super::ApplySettings;
use super::step::{Left, PlannedCall, Step};
use crate::assess::Assessment;
use crate::check::{CheckResult, Control, Status};
use crate::desired::{Site, TAG};
use crate::inventory::{Inventory, Place};

/// Stands in an input for the id of the run that makes the call.
pub(crate) const RUN: &str = "${run}";

/// The part of the plan that is about one account.
pub(super) struct Draft<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) settings: &'a ApplySettings,
    /// The account's global place.
    pub(super) global: Place<'a>,
    /// The place of the home Region.
    pub(super) home: Place<'a>,
    pub(super) site: Site,
    failing: Vec<&'a CheckResult>,
    pub(super) steps: Vec<Step>,
    covered: Vec<(&'static str, Scope)>,
    notes: Vec<(&'static str, String)>,
}

/// Which failures of a check a step takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of the account.
    Account,
    /// Those of a Region.
    Region(String),
    /// That of a resource.
    Resource(String),
}

/// A step that is being written.
pub(super) struct Writing {
    step: Step,
    covers: Vec<(&'static str, Scope)>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(assessment: &'a Assessment, settings: &'a ApplySettings, home: Place<'a>) -> Self {
        let id = home.account_id();
        let failing = assessment
            .results
            .iter()
            .filter(|result| result.status == Status::Fail && result.account_id == id);
        let site = Site {
            partition: home.partition().to_owned(),
            account: id.to_owned(),
            region: home.region.to_owned(),
        };
        Self {
            inventory: home.inventory,
            settings,
            global: home.global(),
            home,
            site,
            failing: failing.collect(),
            steps: Vec::new(),
            covered: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The failures of a check in this account.
    pub(super) fn failures(&self, check: &str) -> impl Iterator<Item = &'a CheckResult> + use<'a> {
        let check = check.to_owned();
        self.failing.clone().into_iter().filter(move |result| result.check_id == check)
    }

    /// A check fails somewhere in this account.
    pub(super) fn fails(&self, check: &str) -> bool {
        self.failures(check).next().is_some()
    }

    /// The id of a step of this account: `111122223333/eu-west-1/NAME`.
    pub(super) fn id(&self, region: &str, name: &str) -> String {
        format!("{}/{region}/{name}", self.site.account)
    }

    /// A step of that id is planned.
    pub(super) fn has(&self, id: &str) -> bool {
        self.steps.iter().any(|step| step.id == id)
    }

    /// Begins a step in a Region.
    pub(super) fn step(
        &self,
        region: &str,
        name: &str,
        control: Control,
        title: impl Into<String>,
    ) -> Writing {
        Writing {
            step: Step {
                id: self.id(region, name),
                control,
                title: title.into(),
                account: self.site.account.clone(),
                region: region.to_owned(),
                resource: String::new(),
                why: Vec::new(),
                needs: Vec::new(),
                calls: Vec::new(),
                undo: String::new(),
                blast_radius: String::new(),
                cost_hint: String::new(),
                verify: String::new(),
            },
            covers: Vec::new(),
        }
    }

    /// Adds the step, unless it makes no call. Only steps that are planned are needed.
    pub(super) fn add(&mut self, writing: Writing) {
        let Writing { mut step, covers } = writing;
        if step.calls.is_empty() {
            return;
        }
        step.needs.retain(|id| self.has(id));
        step.needs.dedup();
        for (check, scope) in covers {
            if self.failures(check).any(|result| scope.takes_in(result))
                && !step.why.iter().any(|id| id == check)
            {
                step.why.push(check.to_owned());
            }
            self.covered.push((check, scope));
        }
        self.steps.push(step);
    }

    /// Says why failures of a check are left, where the general reason does not.
    pub(super) fn note(&mut self, check: &'static str, why: impl Into<String>) {
        self.notes.push((check, why.into()));
    }

    /// The failures that no step takes away.
    pub(super) fn left(&self) -> Vec<Left> {
        let open = self.failing.iter().filter(|result| {
            !self.covered.iter().any(|(check, scope)| *check == result.check_id && scope.takes_in(result))
        });
        open.map(|result| Left {
            check_id: result.check_id.clone(),
            account_id: result.account_id.clone(),
            region: result.region.clone(),
            resource_arn: result.resource_arn.clone(),
            why: self.reason(&result.check_id),
            by_hand: result.remediation.clone(),
        })
        .collect()
    }

    fn reason(&self, check: &str) -> String {
        let noted = self.notes.iter().find(|(id, _)| *id == check).map(|(_, why)| why.clone());
        noted.unwrap_or_else(|| super::left::reason(check).to_owned())
    }
}

impl Scope {
    fn takes_in(&self, result: &CheckResult) -> bool {
        match self {
            Self::Account => true,
            Self::Region(region) => result.region == *region,
            Self::Resource(arn) => result.resource_arn == *arn,
        }
    }
}

impl Writing {
    /// What is made or changed.
    pub(super) fn resource(&mut self, arn: impl Into<String>) -> &mut Self {
        self.step.resource = arn.into();
        self
    }

    /// A call, in the step's Region.
    pub(super) fn call(&mut self, operation: &str, input: Value) -> &mut Self {
        let region = self.step.region.clone();
        self.step.calls.push(PlannedCall { operation: operation.to_owned(), region, input });
        self
    }

    /// The step before must be done, and must stay while this one's work does.
    pub(super) fn needs(&mut self, id: impl Into<String>) -> &mut Self {
        self.step.needs.push(id.into());
        self
    }

    /// These checks pass then, in all of the account.
    pub(super) fn covers(&mut self, checks: &[&'static str]) -> &mut Self {
        self.covers_in(&Scope::Account, checks)
    }

    /// These checks pass then, where the scope says.
    pub(super) fn covers_in(&mut self, scope: &Scope, checks: &[&'static str]) -> &mut Self {
        self.covers.extend(checks.iter().map(|check| (*check, scope.clone())));
        self
    }

    /// Undo, blast radius, cost and verification, in words.
    pub(super) fn words(
        &mut self,
        undo: &str,
        blast_radius: &str,
        cost_hint: &str,
        verify: &str,
    ) -> &mut Self {
        let step = &mut self.step;
        undo.clone_into(&mut step.undo);
        blast_radius.clone_into(&mut step.blast_radius);
        cost_hint.clone_into(&mut step.cost_hint);
        verify.clone_into(&mut step.verify);
        self
    }
}

/// The tag of the run, for services that take a list of keys and values.
pub(super) fn tags() -> Value {
    json!([{"Key": TAG, "Value": RUN}])
}

/// The tag of the run, for services that take a map.
pub(super) fn tag_map() -> Value {
    json!({TAG: RUN})
}
