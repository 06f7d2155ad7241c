//! Security Hub and GuardDuty are administered by one account for the whole organisation.
//!
//! The management account names it, Region by Region; so only that account is judged.

use serde_json::json;

use super::{Role, role};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// A service that can be delegated.
#[derive(Clone, Copy)]
struct Service {
    name: &'static str,
    call: &'static str,
    account: &'static str,
    status: &'static str,
    fix: &'static str,
}

const HUB: Service = Service {
    name: "Security Hub",
    call: "securityhub:ListOrganizationAdminAccounts",
    account: "AccountId",
    status: "Status",
    fix: "aws securityhub enable-organization-admin-account --region REGION --admin-account-id SECURITY_ACCOUNT",
};

const DUTY: Service = Service {
    name: "GuardDuty",
    call: "guardduty:ListOrganizationAdminAccounts",
    account: "AdminAccountId",
    status: "AdminStatus",
    fix: "aws guardduty enable-organization-admin-account --region REGION --admin-account-id SECURITY_ACCOUNT",
};

pub(super) const SECURITY_HUB: Check = Check {
    id: "security-hub-delegated",
    control: Control::Central,
    title: "Security Hub has a delegated administrator",
    severity: Severity::Medium,
    why: "Without an administrator each account sees its own findings only, and new accounts come without Security Hub. \
          https://docs.aws.amazon.com/securityhub/latest/userguide/designate-orgs-admin-account.html",
    expected: "an administrator account is named in every Region",
    remediation: HUB.fix,
    fix_calls: &[
        "securityhub:EnableOrganizationAdminAccount",
        "organizations:RegisterDelegatedAdministrator",
    ],
    frameworks: Frameworks {
        nist_800_53: &["AU-6(3)", "CA-7"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| run(context, HUB),
};

pub(super) const GUARDDUTY: Check = Check {
    id: "guardduty-delegated",
    control: Control::Central,
    title: "GuardDuty has a delegated administrator",
    severity: Severity::Medium,
    why: "Without an administrator each account sees its own findings only and can turn GuardDuty off. \
          https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html",
    expected: "an administrator account is named in every Region",
    remediation: DUTY.fix,
    fix_calls: &["guardduty:EnableOrganizationAdminAccount", "organizations:RegisterDelegatedAdministrator"],
    frameworks: Frameworks {
        config_rules: &["guardduty-enabled-centralized"],
        nist_800_53: &["AU-6(3)", "CA-7"],
        pci_dss_4: &["11.5.1"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| run(context, DUTY),
};

fn run(context: &Context<'_>, service: Service) -> Vec<Verdict> {
    context.each_region(|place| match role(place)? {
        Role::Management => Ok(vec![judge(place, service)?]),
        Role::Alone | Role::Member => Ok(Vec::new()),
    })
}

fn judge(place: Place<'_>, service: Service) -> Result<Verdict, Unknown> {
    let admin = administrator(place, service)?;
    let observed = match admin {
        Some(id) if id == place.account_id() => {
            format!("{} is administered by the management account itself", service.name)
        }
        Some(id) => format!("{} is administered by account {id}", service.name),
        None => format!("{} has no administrator in the organisation", service.name),
    };
    Ok(Verdict::of(admin.is_some(), place, place.account_arn(), observed)
        .remediation(service.fix.replace("REGION", place.region))
        .evidence(json!({"administrator": admin})))
}

fn administrator<'a>(place: Place<'a>, service: Service) -> Result<Option<&'a str>, Unknown> {
    let admins = place.list(service.call, "AdminAccounts")?;
    let enabled = admins.iter().find(|admin| admin.text(service.status) == Some("ENABLED"));
    Ok(enabled.and_then(|admin| admin.text(service.account)))
}

/// The account that administers the service in this Region, as the management account says, where that
/// is part of the inventory and could be asked.
pub(super) fn administrator_of(place: Place<'_>, hub: bool) -> Option<String> {
    let service = if hub { HUB } else { DUTY };
    let places = place.inventory.places().filter(|other| other.region == place.region);
    places.filter_map(|other| administrator(other, service).ok().flatten()).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{ACCOUNT, HOME, OTHER, Sample, fails, passes, unknown};
    use crate::inventory::GLOBAL;

    #[test]
    fn the_management_account_names_an_administrator() {
        for (check, service) in [(&SECURITY_HUB, HUB), (&GUARDDUTY, DUTY)] {
            let mut sample = Sample::new();
            let organization = |management: &str| json!({"Organization": {"MasterAccountId": management}});
            sample.put(GLOBAL, "organizations:DescribeOrganization", "", organization(ACCOUNT));
            let admin =
                |status: &str| json!({"AdminAccounts": [{service.account: OTHER, service.status: status}]});
            sample.put(HOME, service.call, "", admin("ENABLED"));
            passes(&sample, check, "is administered by account 222222222222");
            sample.put(HOME, service.call, "", admin("DISABLE_IN_PROGRESS"));
            fails(&sample, check, "has no administrator in the organisation");
            sample.deny(HOME, service.call, "");
            unknown(&sample, check, service.call);
            sample.put(GLOBAL, "organizations:DescribeOrganization", "", organization(OTHER));
            assert!(sample.run(check).is_empty(), "a member names nobody");
            sample.absent(GLOBAL, "organizations:DescribeOrganization", "");
            assert!(sample.run(check).is_empty(), "there is no organisation");
        }
    }
}
