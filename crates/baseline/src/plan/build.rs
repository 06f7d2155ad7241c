//! From the inventory to the plan, account by account.

use super::draft::Draft;
use super::step::Plan;
use super::trail::Subject;
use super::{
    ApplySettings, account, alerts, bucket, flow_logs, key, live, log_group, log_groups, services, topic,
    trail,
};
use crate::assess::Assessment;
use crate::estate::trails::Trails;
use crate::inventory::{Inventory, Place};

/// The steps that make the baseline hold in every account that was entered. What is not known is not
/// acted upon.
#[must_use]
pub fn plan(inventory: &Inventory, assessment: &Assessment, settings: &ApplySettings) -> Plan {
    let trails = Trails::of(inventory);
    let mut plan = Plan::default();
    for global in inventory.globals().filter(|place| place.account.failed.is_none()) {
        let subject = Subject::of(&trails, global);
        let Some(home) = home(global, &subject, settings) else { continue };
        let mut draft = Draft::new(assessment, settings, home);
        write(&mut draft, &subject);
        draft.give_reasons();
        plan.left.extend(draft.left());
        plan.steps.append(&mut draft.steps);
    }
    plan
}

/// The place of the account's home Region: its trail's, or that of the settings, or any.
fn home<'a>(global: Place<'a>, subject: &Subject<'_, 'a>, settings: &ApplySettings) -> Option<Place<'a>> {
    let wanted = subject.trail().map_or(settings.home_region.as_str(), |trail| trail.home_region);
    let regions = &global.account.regions;
    let region = regions.iter().find(|name| *name == wanted).or(regions.first())?;
    Some(Place { region, ..global })
}

/// All parts, each after those that it needs.
fn write(draft: &mut Draft<'_>, subject: &Subject<'_, '_>) {
    account::public_access_block(draft);
    let flow_logs = flow_logs::missing(draft);
    let needs = services::Needs::of(draft, subject);
    let wants = trail::Wants::of(draft, subject, !flow_logs.is_empty() || needs.log_bucket());
    let key = key::write(draft, subject, &wants);
    bucket::access(draft, &wants, &needs);
    bucket::logs(draft, subject, &wants, (&needs, key.as_ref()));
    bucket::balancers(draft, &needs);
    bucket::of_trail(draft, subject);
    log_group::role(draft, &wants);
    log_group::write(draft, &wants, key.as_ref());
    trail::write(draft, subject, &wants, key.as_ref());
    flow_logs::write(draft, &flow_logs);
    services::write(draft, &needs, &wants, key.as_ref());
    log_groups::retention(draft);
    let spot = alerts::Spot::of(draft, subject, &wants);
    if let Some(spot) = spot {
        topic::write(draft, &spot, key.as_ref());
        alerts::write(draft, &spot);
    }
    live::write(draft);
}
