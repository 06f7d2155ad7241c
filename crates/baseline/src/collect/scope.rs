//! Which accounts and Regions are looked at.

use std::fmt;
use std::str::FromStr;

use crate::check::Control;

/// What is looked at, and how accounts are entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Which accounts.
    pub accounts: Accounts,
    /// Sent along when a role is assumed, where its trust policy asks for one.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html>
    pub external_id: Option<String>,
    /// Only these Regions; all enabled ones if empty.
    pub regions: Vec<String>,
    /// Only what the checks of these controls read; everything if empty.
    pub controls: Vec<Control>,
}

/// Which accounts are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Accounts {
    /// The account of the credentials in use.
    #[default]
    Own,
    /// The accounts of these roles.
    Roles(Vec<RoleArn>),
    /// Every active member of the organisation, each through the role of this name (a path may stand
    /// before it); the account of the credentials in use is entered without it.
    Organization {
        /// `TrailkeepCheck`, `security/TrailkeepCheck`.
        role: String,
    },
}

/// The ARN of an IAM role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleArn {
    text: String,
    account: String,
}

/// Why a text is no role's ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text} is not the ARN of a role; it looks like arn:aws:iam::111122223333:role/TrailkeepCheck")]
pub struct NotARole {
    text: String,
}

impl RoleArn {
    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The 12 digits of the account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The role of this name in an account. A `/` before the name is allowed.
    ///
    /// # Errors
    /// [`NotARole`] when no role can have this name.
    pub fn of(partition: &str, account: &str, name: &str) -> Result<Self, NotARole> {
        format!("arn:{partition}:iam::{account}:role/{}", name.trim_start_matches('/')).parse()
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for RoleArn {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        let wrong = || NotARole { text: text.to_owned() };
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return Err(wrong()) };
        let name = resource.strip_prefix("role/").ok_or_else(wrong)?;
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        let in_name = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_/".contains(c);
        let fits = partition.starts_with("aws")
            && is_account_id(account)
            && (1..=576).contains(&name.len())
            && name.chars().all(in_name)
            && !name.ends_with('/');
        if !fits {
            return Err(wrong());
        }
        Ok(Self { text: text.to_owned(), account: (*account).to_owned() })
    }
}

/// Twelve digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_roles_and_others() {
        for good in [
            "arn:aws:iam::111122223333:role/TrailkeepCheck",
            "arn:aws-us-gov:iam::111122223333:role/path/to/Check+=,.@-_",
        ] {
            let role: RoleArn = good.parse().unwrap();
            assert_eq!((role.as_str(), role.account()), (good, "111122223333"));
        }
        for bad in [
            "TrailkeepCheck",
            "arn:aws:iam::1111:role/x",
            "arn:aws:iam::111122223333:user/x",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/a b",
            "arn:aws:iam::111122223333:role/a/",
            "arn:aws:sts::111122223333:assumed-role/x/y",
            "arn:aws:iam:eu-west-1:111122223333:role/x",
        ] {
            let error = bad.parse::<RoleArn>().unwrap_err().to_string();
            assert!(error.starts_with(bad) && error.contains("looks like"), "{error}");
        }
    }

    #[test]
    fn a_role_by_name() {
        let role = RoleArn::of("aws-cn", "111122223333", "/security/Check").unwrap();
        assert_eq!(role.as_str(), "arn:aws-cn:iam::111122223333:role/security/Check");
        assert!(RoleArn::of("aws", "111122223333", "").is_err());
    }
}
