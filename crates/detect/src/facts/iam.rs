//! Identities: administrator rights, trust, keys for others.
//! Source: IAM API reference; IAM Identity Center's permission sets.

use sonic_rs::Value;

use super::policy::{Grants, grants_of};
use super::{Facts, Family, and_list, event_name, request};
use crate::{json, words};

pub(super) static FAMILY: Family = Family {
    prefix: "iam",
    sources: &["iam.amazonaws.com", "sso.amazonaws.com"],
    events: &[
        "AttachUserPolicy",
        "AttachRolePolicy",
        "AttachGroupPolicy",
        "PutUserPolicy",
        "PutRolePolicy",
        "PutGroupPolicy",
        "CreatePolicy",
        "CreatePolicyVersion",
        "AttachManagedPolicyToPermissionSet",
        "PutInlinePolicyToPermissionSet",
        "CreateRole",
        "UpdateAssumeRolePolicy",
        "CreateAccessKey",
        "CreateLoginProfile",
        "UpdateLoginProfile",
        "DeactivateMFADevice",
        "AddUserToGroup",
        "UpdateAccountPasswordPolicy",
    ],
    facts: &[
        ("iam.target", "the user, role, group or permission set that the change is about"),
        ("iam.policy", "the policy's ARN or name"),
        ("iam.grants_admin", "the policy allows every action, or every IAM action, on every resource"),
        ("iam.trust_public", "the role's trust policy lets everybody assume it"),
        ("iam.trusts_accounts", "other accounts that the trust policy names"),
        ("iam.for_other", "credentials are made or changed for somebody else than the caller"),
        ("iam.password_policy_weakened", "passwords may be shorter than 14 characters, or may be used again"),
    ],
    derive,
};

/// Managed policies that are administrator rights, or a step away from them.
const ADMIN_POLICIES: &[&str] =
    &["AdministratorAccess", "IAMFullAccess", "PowerUserAccess", "AdministratorAccess-Amplify"];

fn derive(record: &Value, facts: &mut Facts) {
    let name = event_name(record);
    let asked = request(record);
    let target = ["userName", "roleName", "groupName", "permissionSetArn", "policyName", "policyArn"]
        .iter()
        .find_map(|member| json::text(asked, &[member]));
    let policy = ["policyArn", "managedPolicyArn", "policyName"]
        .iter()
        .find_map(|member| json::text(asked, &[member]));
    facts.text("iam.target", target);
    facts.text("iam.policy", policy);
    let summary = match name {
        "CreateRole" | "UpdateAssumeRolePolicy" => trust(name, record, target, facts),
        "CreateAccessKey" | "CreateLoginProfile" | "UpdateLoginProfile" | "DeactivateMFADevice" => {
            credentials(name, record, facts)
        }
        "UpdateAccountPasswordPolicy" => {
            facts.flag("iam.password_policy_weakened", is_weak(asked));
            None
        }
        _ => rights(asked, policy, target, facts),
    };
    facts.summary = summary.or_else(|| Some(words::in_words(name, target.map(str::to_owned).as_ref())));
}

fn rights(asked: &Value, policy: Option<&str>, target: Option<&str>, facts: &mut Facts) -> Option<String> {
    let attached = policy.is_some_and(|policy| {
        policy
            .split_once(":aws:policy/")
            .is_some_and(|(_, path)| ADMIN_POLICIES.contains(&path.rsplit('/').next().unwrap_or(path)))
    });
    let document = json::member(asked, "policyDocument").or_else(|| json::member(asked, "inlinePolicy"));
    let Grants { everything, iam, .. } = document.map(grants_of).unwrap_or_default();
    let admin = attached || everything || iam;
    facts.flag("iam.grants_admin", admin);
    let to = target.unwrap_or("somebody");
    admin.then(|| match policy {
        Some(policy) => format!("granted administrator rights to {to} by policy {policy}"),
        None => format!("granted administrator rights to {to}"),
    })
}

fn trust(name: &str, record: &Value, role: Option<&str>, facts: &mut Facts) -> Option<String> {
    let asked = request(record);
    let document =
        json::member(asked, "policyDocument").or_else(|| json::member(asked, "assumeRolePolicyDocument"));
    let grants = document.map(grants_of).unwrap_or_default();
    let own = json::text(record, &["recipientAccountId"]).unwrap_or_default();
    let others: Vec<String> = grants.accounts.into_iter().filter(|account| account != own).collect();
    let role = role.unwrap_or("a role");
    let words = match (grants.public, others.is_empty()) {
        (true, _) => Some(format!("let everybody assume role {role}")),
        (false, false) => Some(format!("let account {} assume role {role}", and_list(&others, 3))),
        (false, true) if name == "UpdateAssumeRolePolicy" => {
            Some(format!("changed who may assume role {role}"))
        }
        (false, true) => Some(format!("created role {role}")),
    };
    facts.flag("iam.trust_public", grants.public);
    facts.texts("iam.trusts_accounts", others);
    words
}

fn credentials(name: &str, record: &Value, facts: &mut Facts) -> Option<String> {
    let caller = json::text(record, &["userIdentity", "userName"]);
    // Without a user name, the call is about the caller.
    let user = json::text(request(record), &["userName"]).or(caller)?;
    let other = caller != Some(user);
    facts.flag("iam.for_other", other);
    let user = if other { user.to_owned() } else { format!("{user}, the caller") };
    Some(match name {
        "CreateAccessKey" => format!("created an access key for {user}"),
        "CreateLoginProfile" => format!("created a console password for {user}"),
        "UpdateLoginProfile" => format!("changed the console password of {user}"),
        _ => format!("deactivated the MFA device of {user}"),
    })
}

fn is_weak(asked: &Value) -> bool {
    let number = |member: &str| json::member(asked, member).and_then(json::integer);
    // A setting that is left out falls back to its default, which is the weak one.
    number("minimumPasswordLength").is_none_or(|length| length < 14)
        || number("passwordReusePrevention").is_none_or(|count| count < 1)
}

#[cfg(test)]
mod tests {
    use super::super::{Fact, derive};
    use super::*;

    fn facts(name: &str, request: &str) -> Facts {
        let record = format!(
            r#"{{"eventSource":"iam.amazonaws.com","eventName":"{name}","recipientAccountId":"111111111111","userIdentity":{{"type":"IAMUser","userName":"alice"}},"requestParameters":{request}}}"#
        );
        derive(&json::parse(&record).unwrap())
    }

    #[test]
    fn admin_by_managed_policy_and_by_document() {
        let admin = |name: &str, request: &str| {
            facts(name, request).get("iam.grants_admin") == Some(&Fact::Bool(true))
        };
        assert!(admin(
            "AttachUserPolicy",
            r#"{"userName":"bob","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#
        ));
        assert!(!admin(
            "AttachUserPolicy",
            r#"{"userName":"bob","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}"#
        ));
        assert!(!admin(
            "AttachUserPolicy",
            r#"{"userName":"bob","policyArn":"arn:aws:iam::111111111111:policy/AdministratorAccess"}"#
        ));
        assert!(admin(
            "PutRolePolicy",
            r#"{"roleName":"r","policyName":"p","policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}"#
        ));
    }

    #[test]
    fn trust_in_everybody_and_in_other_accounts() {
        let everybody = facts(
            "UpdateAssumeRolePolicy",
            r#"{"roleName":"r","policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
        );
        assert_eq!(everybody.summary.as_deref(), Some("let everybody assume role r"));
        let other = facts(
            "CreateRole",
            r#"{"roleName":"r","assumeRolePolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam::222222222222:root\",\"111111111111\"]},\"Action\":\"sts:AssumeRole\"}]}"}"#,
        );
        assert_eq!(other.get("iam.trusts_accounts"), Some(&Fact::Texts(vec!["222222222222".into()])));
    }

    #[test]
    fn keys_for_others() {
        let other =
            |request: &str| facts("CreateAccessKey", request).get("iam.for_other") == Some(&Fact::Bool(true));
        assert!(other(r#"{"userName":"bob"}"#));
        assert!(!other(r#"{"userName":"alice"}"#));
        assert!(!other("null"));
    }
}
