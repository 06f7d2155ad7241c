//! What the ACL of a bucket grants: the answer of S3's `GetBucketAcl`.
//! Source: S3 User Guide, "Access control list (ACL) overview".

use serde_json::Value;

use crate::Json;

/// One grant of an ACL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclGrant {
    /// To whom.
    pub grantee: AclGrantee,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub permission: String,
}

/// To whom an ACL grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AclGrantee {
    /// The bucket's owner.
    Owner,
    /// Anyone, signed in or not.
    AllUsers,
    /// Anyone with an AWS account, of whatever owner.
    AuthenticatedUsers,
    /// The group that writes S3's server access logs.
    LogDelivery,
    /// The account of AWS that writes CloudFront's standard logs.
    AwsLogsDelivery,
    /// Another account, by its canonical user id.
    CanonicalUser(String),
    /// Another account, by its mail address.
    Email(String),
    /// A group that is not documented.
    Group(String),
    /// A grantee that the answer does not name.
    Unnamed,
}

impl AclGrantee {
    /// Whether anyone is meant. To AWS, both groups are public: an account is free to have.
    pub fn is_public(&self) -> bool {
        matches!(self, AclGrantee::AllUsers | AclGrantee::AuthenticatedUsers)
    }

    /// Whether somebody other than the owner and AWS's log delivery is meant.
    pub fn is_foreign(&self) -> bool {
        !matches!(self, AclGrantee::Owner | AclGrantee::LogDelivery | AclGrantee::AwsLogsDelivery)
    }
}

impl AclGrant {
    /// Whether the grantee may write objects or the ACL itself.
    pub fn is_write(&self) -> bool {
        matches!(self.permission.as_str(), "WRITE" | "WRITE_ACP" | "FULL_CONTROL")
    }
}

/// `awslogsdelivery`. Source: CloudFront Developer Guide, "Configure standard logging (legacy)".
const AWS_LOGS_DELIVERY: &str = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";

/// The grants of a `GetBucketAcl` answer (`{Owner: {ID}, Grants: [{Grantee, Permission}]}`).
pub fn grants(answer: &Value) -> Vec<AclGrant> {
    let owner = answer.text("Owner.ID");
    answer
        .items("Grants")
        .iter()
        .map(|grant| AclGrant {
            grantee: grantee(grant.at("Grantee").unwrap_or(&Value::Null), owner),
            permission: grant.text("Permission").unwrap_or_default().to_owned(),
        })
        .collect()
}

fn grantee(grantee: &Value, owner: Option<&str>) -> AclGrantee {
    if let Some(group) = grantee.text("URI") {
        return match group.rsplit('/').next() {
            Some("AllUsers") => AclGrantee::AllUsers,
            Some("AuthenticatedUsers") => AclGrantee::AuthenticatedUsers,
            Some("LogDelivery") => AclGrantee::LogDelivery,
            _ => AclGrantee::Group(group.to_owned()),
        };
    }
    if let Some(id) = grantee.text("ID") {
        return match id {
            _ if owner == Some(id) => AclGrantee::Owner,
            AWS_LOGS_DELIVERY => AclGrantee::AwsLogsDelivery,
            _ => AclGrantee::CanonicalUser(id.to_owned()),
        };
    }
    match grantee.text("EmailAddress") {
        Some(address) => AclGrantee::Email(address.to_owned()),
        None => AclGrantee::Unnamed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(grantee: Value) -> AclGrantee {
        let answer = json!({
            "Owner": {"ID": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"},
            "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]
        });
        let [grant] = grants(&answer).try_into().unwrap();
        assert!(grant.is_write());
        grant.grantee
    }

    #[test]
    fn groups_are_told_apart() {
        let group = |name: &str| {
            let uri = format!("http://acs.amazonaws.com/groups/{name}");
            of(json!({"Type": "Group", "URI": uri}))
        };
        assert!(group("global/AllUsers").is_public() && group("global/AuthenticatedUsers").is_public());
        assert_eq!(group("s3/LogDelivery"), AclGrantee::LogDelivery);
        assert!(!group("s3/LogDelivery").is_foreign() && group("s3/Other").is_foreign());
    }

    #[test]
    fn the_owner_is_not_another_account() {
        let owner = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a";
        assert_eq!(of(json!({"Type": "CanonicalUser", "ID": owner})), AclGrantee::Owner);
        assert_eq!(
            of(json!({"Type": "CanonicalUser", "ID": AWS_LOGS_DELIVERY})),
            AclGrantee::AwsLogsDelivery
        );
        let other = of(json!({"Type": "CanonicalUser", "ID": "79a5"}));
        assert!(other.is_foreign() && !other.is_public());
        assert!(of(json!({"EmailAddress": "a@example.com"})).is_foreign());
        assert!(of(json!(7)).is_foreign());
    }

    #[test]
    fn reading_is_not_writing() {
        let answer = json!({"Grants": [{"Grantee": {"ID": "a"}, "Permission": "READ_ACP"}, {}]});
        let grants = grants(&answer);
        assert_eq!(grants.len(), 2);
        assert!(!grants[0].is_write() && grants[1].grantee == AclGrantee::Unnamed);
        assert!(super::grants(&json!("x")).is_empty());
    }
}
