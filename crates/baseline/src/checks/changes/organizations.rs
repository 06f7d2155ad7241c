//! Changes to the organisation, its units and its policies. They happen in the management account, so it alone
//! is judged; an account in no organisation has none.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, at_home, fix};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

const FIX: &str = fix!(
    "trailkeep-organizations-changes",
    "{ ($.eventSource = organizations.amazonaws.com) && (($.eventName=AcceptHandshake)||($.eventName=AttachPolicy)||($.eventName=CreateAccount)||($.eventName=CreateOrganizationalUnit)||($.eventName=CreatePolicy)||($.eventName=DeclineHandshake)||($.eventName=DeleteOrganization)||($.eventName=DeleteOrganizationalUnit)||($.eventName=DeletePolicy)||($.eventName=DetachPolicy)||($.eventName=DisablePolicyType)||($.eventName=EnablePolicyType)||($.eventName=InviteAccountToOrganization)||($.eventName=LeaveOrganization)||($.eventName=MoveAccount)||($.eventName=RemoveAccountFromOrganization)||($.eventName=UpdatePolicy)||($.eventName=UpdateOrganizationalUnit)) }"
);

const ALERT: Alert = Alert { scope: Scope::Home, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-organizations-changes",
    control: Control::Changes,
    title: "Changes to the organisation raise an alert",
    severity: Severity::Medium,
    why: "Service control policies and the accounts of an organisation bind every member; \
          who changes them acts on all. \
          https://docs.aws.amazon.com/organizations/latest/userguide/orgs_security_incident-response.html",
    expected: "each of the 18 calls that change the organisation reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.15"],
        cis_3_0: &["4.15"],
        cis_5_0: &["4.15"],
        security_hub: &[],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_account(|place| {
        let Some(output) = place.get("organizations:DescribeOrganization")? else {
            let observed = "the account is in no organisation, so there is nothing to change";
            return Ok(vec![Verdict::pass(place, place.account_arn(), observed)]);
        };
        if output.text("Organization.MasterAccountId") != Some(place.account_id()) {
            return Ok(Vec::new());
        }
        Ok(vec![at_home(place, &ALERT)])
    })
}

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let names = [
        "AcceptHandshake",
        "AttachPolicy",
        "CreateAccount",
        "CreateOrganizationalUnit",
        "CreatePolicy",
        "DeclineHandshake",
        "DeleteOrganization",
        "DeleteOrganizationalUnit",
        "DeletePolicy",
        "DetachPolicy",
        "DisablePolicyType",
        "EnablePolicyType",
        "InviteAccountToOrganization",
        "LeaveOrganization",
        "MoveAccount",
        "RemoveAccountFromOrganization",
        "UpdatePolicy",
        "UpdateOrganizationalUnit",
    ];
    let target = json!({"targetId": "ou-ab12-11111111", "policyId": "p-examplepolicyid111"});
    names.into_iter().map(|name| scene.call("organizations", name, target.clone())).collect()
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let account = json!({"accountId": "222222222222"});
    let names = [
        "CloseAccount",
        "RegisterDelegatedAdministrator",
        "EnableAWSServiceAccess",
        "DisableAWSServiceAccess",
        "DeregisterDelegatedAdministrator",
    ];
    names.into_iter().map(|name| scene.call("organizations", name, account.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::drill::{alerted, pattern};
    use super::*;
    use crate::alert_path::sample::{ACCOUNT, OTHER, Sample, fails, passes, unknown};
    use crate::inventory::GLOBAL;

    const CALL: &str = "organizations:DescribeOrganization";

    #[test]
    fn the_management_account_is_judged() {
        assert!(pattern(&CHECK).len() <= 1024, "CloudWatch Logs takes patterns of 1024 characters");
        let mut sample = alerted(&CHECK);
        sample.put(GLOBAL, CALL, "", json!({"Organization": {"Id": "o-a1", "MasterAccountId": ACCOUNT}}));
        passes(&sample, &CHECK, "all 18 calls raise an alert");
        let mut bare = Sample::new();
        bare.put(GLOBAL, CALL, "", json!({"Organization": {"Id": "o-a1", "MasterAccountId": ACCOUNT}}));
        fails(&bare, &CHECK, "nobody would hear of any of the 18 calls");
        bare.put(GLOBAL, CALL, "", json!({"Organization": {"Id": "o-a1", "MasterAccountId": OTHER}}));
        assert!(bare.run(&CHECK).is_empty(), "a member has nothing to judge");
        bare.absent(GLOBAL, CALL, "");
        passes(&bare, &CHECK, "in no organisation");
        bare.deny(GLOBAL, CALL, "");
        unknown(&bare, &CHECK, CALL);
    }
}
