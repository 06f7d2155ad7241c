//! Control 3: one central place, where all logs and findings arrive and somebody sees them.

mod config_aggregated;
mod config_delivery;
mod config_global_types;
mod config_recorder;
mod delegated;
mod destinations;
mod findings;
mod findings_routed;
mod guardduty;
mod logs_arrive;
mod rule_targets;
mod security_hub;
mod subscription_filters;

use crate::check::Check;
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[
    &logs_arrive::CHECK,
    &destinations::CHECK,
    &subscription_filters::CHECK,
    &security_hub::CHECK,
    &delegated::SECURITY_HUB,
    &guardduty::CHECK,
    &delegated::GUARDDUTY,
    &config_recorder::CHECK,
    &config_global_types::CHECK,
    &config_delivery::CHECK,
    &config_aggregated::CHECK,
    &findings_routed::CHECK,
    &rule_targets::CHECK,
];

/// What an account is to its organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It is in none.
    Alone,
    /// Its management account.
    Management,
    /// A member.
    Member,
}

fn role(place: Place<'_>) -> Result<Role, Unknown> {
    let Some(output) = place.global().get("organizations:DescribeOrganization")? else {
        return Ok(Role::Alone);
    };
    let management = output.text("Organization.MasterAccountId") == Some(place.account_id());
    Ok(if management { Role::Management } else { Role::Member })
}
