//! The ACL of a log bucket grants nothing to strangers.

use super::{each_bucket, in_force};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::policy::acl::{AclGrantee, grants};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-acl",
    control: Control::Bucket,
    title: "The log bucket's ACL grants nothing to others",
    severity: Severity::Critical,
    why: "An ACL is older than policies and overlooked: a grant to AllUsers or to any signed-in user makes the logs \
          public, one to another account hands them over. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html",
    expected: "ACLs are off, or grant to the owner and to AWS's log delivery only",
    remediation: "aws s3api put-bucket-acl --bucket BUCKET --acl private; aws s3api put-bucket-ownership-controls \
                  --bucket BUCKET --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'",
    fix_calls: &["s3:PutBucketAcl", "s3:PutBucketOwnershipControls"],
    frameworks: Frameworks {
        cis_1_4: &["3.3"],
        security_hub: &["S3.2", "S3.3", "S3.12", "CloudTrail.6"],
        config_rules: &[
            "s3-bucket-public-read-prohibited",
            "s3-bucket-public-write-prohibited",
            "s3-bucket-acl-prohibited",
        ],
        nist_800_53: &["AC-2(1)", "AC-3", "AC-3(15)", "AC-3(7)", "AC-6", "AU-9"],
        pci_dss_4: &["1.4.4", "10.3.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let pass = |observed: String| Ok(Some(Verdict::pass(owner, bucket.arn(), observed)));
            if acls_are_off(bucket.ask("s3:GetBucketOwnershipControls").unwrap_or_default()) {
                return pass(format!("ACLs are off for the bucket {}", bucket.name));
            }
            let Some(output) = bucket.ask("s3:GetBucketAcl")? else {
                return pass(format!("the bucket {} has no ACL", bucket.name));
            };
            let all = grants(output);
            let foreign: Vec<_> = all.iter().filter(|grant| grant.grantee.is_foreign()).collect();
            if foreign.is_empty() {
                return pass(format!("the ACL of the bucket {} grants to nobody else", bucket.name));
            }
            let texts: Vec<String> = foreign
                .iter()
                .map(|grant| format!("{} to {}", grant.permission, whom(&grant.grantee)))
                .collect();
            let mut observed =
                format!("the ACL of the bucket {} grants {}", bucket.name, texts.join(" and "));
            let public = foreign.iter().any(|grant| grant.grantee.is_public());
            let held = public && in_force(owner, bucket, "IgnorePublicAcls");
            if held {
                observed.push_str("; IgnorePublicAcls alone holds the public ones back");
            }
            let severity = match (public, held) {
                (true, false) => CHECK.severity,
                (true, true) => Severity::Medium,
                (false, _) => Severity::High,
            };
            let fix = format!("aws s3api put-bucket-acl --bucket {} --acl private", bucket.name);
            let verdict = Verdict::fail(owner, bucket.arn(), observed).severity(severity).remediation(fix);
            Ok(Some(verdict.evidence(output.clone())))
        })
    },
};

/// The bucket's owner owns every object and no ACL has any effect.
pub(super) fn acls_are_off(output: Option<&serde_json::Value>) -> bool {
    let rules = output.map_or(&[][..], |output| output.items("OwnershipControls.Rules"));
    rules.iter().any(|rule| rule.text("ObjectOwnership") == Some("BucketOwnerEnforced"))
}

fn whom(grantee: &AclGrantee) -> String {
    match grantee {
        AclGrantee::AllUsers => "anyone (AllUsers)".to_owned(),
        AclGrantee::AuthenticatedUsers => "any AWS user (AuthenticatedUsers)".to_owned(),
        AclGrantee::CanonicalUser(id) => format!("another account (canonical user {id})"),
        AclGrantee::Email(address) => format!("another account ({address})"),
        AclGrantee::Group(uri) => format!("the group {uri}"),
        AclGrantee::Owner => "the owner".to_owned(),
        AclGrantee::LogDelivery | AclGrantee::AwsLogsDelivery => "log delivery".to_owned(),
        AclGrantee::Unnamed => "a grantee without a name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECK;
    use crate::check::Severity;
    use crate::testing::{BUCKET, Estate};

    fn with(grantee: Value) -> Estate {
        let mut estate = Estate::compliant();
        estate.absent("global", "s3:GetBucketOwnershipControls", BUCKET, "OwnershipControlsNotFoundError");
        estate.edit("global", "s3:GetBucketAcl", BUCKET, |output| {
            output["Grants"].as_array_mut().unwrap().push(json!({"Grantee": grantee, "Permission": "READ"}));
        });
        estate
    }

    #[test]
    fn nobody_else() {
        Estate::compliant().passes(&CHECK);
        with(json!({"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}))
            .passes(&CHECK);
    }

    #[test]
    fn everybody() {
        let group = json!({"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"});
        let mut estate = with(group);
        let verdict = estate.fails(&CHECK, &["READ to anyone (AllUsers)", "IgnorePublicAcls alone"]);
        assert_eq!(verdict.severity, Some(Severity::Medium));
        for call in ["s3:GetPublicAccessBlock", "s3control:GetPublicAccessBlock"] {
            let resource = if call.starts_with("s3:") { BUCKET } else { "" };
            estate.absent("global", call, resource, "NoSuchPublicAccessBlockConfiguration");
        }
        assert_eq!(estate.fails(&CHECK, &["AllUsers"]).severity, Some(Severity::Critical));
        let off = json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}});
        estate.answer("global", "s3:GetBucketOwnershipControls", BUCKET, off);
        estate.passes(&CHECK);
    }

    #[test]
    fn another_account() {
        let estate = with(json!({"Type": "CanonicalUser", "ID": "b2"}));
        assert_eq!(estate.fails(&CHECK, &["canonical user b2"]).severity, Some(Severity::High));
    }

    #[test]
    fn unknown() {
        let mut estate = with(json!({"Type": "CanonicalUser", "ID": "b2"}));
        estate.denied("global", "s3:GetBucketAcl", BUCKET, "s3:GetBucketAcl");
        estate.unknown(&CHECK, "s3:GetBucketAcl");
    }
}
