//! Accounts that own log buckets block public access as a whole.

use super::{blocks_off, blocks_on};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::buckets::LogBuckets;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-account-public-access-block",
    control: Control::Bucket,
    title: "The account of the log bucket blocks public access",
    severity: Severity::Medium,
    why: "The account's own settings hold for every bucket of it, also for those that are made tomorrow, and \
          whatever a bucket's settings say. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    expected: "the four settings of Block Public Access are on for the account",
    remediation: "aws s3control put-public-access-block --account-id ACCOUNT --public-access-block-configuration \
                  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
    fix_calls: &["s3:PutAccountPublicAccessBlock"],
    frameworks: Frameworks {
        cis_1_4: &["2.1.5"],
        cis_3_0: &["2.1.4"],
        cis_5_0: &["2.1.4"],
        security_hub: &["S3.1"],
        config_rules: &[
            "s3-account-level-public-access-blocks-periodic",
            "s3-account-level-public-access-blocks",
        ],
        nist_800_53: &[
            "AC-3", "AC-3(7)", "AC-4", "AC-4(21)", "AC-6", "AC-21", "SC-7", "SC-7(3)", "SC-7(4)", "SC-7(9)",
            "SC-7(11)", "SC-7(16)", "SC-7(20)", "SC-7(21)",
        ],
        pci_dss_4: &["1.4.4", "10.3.1"],
    },
    run: |context| {
        let buckets = LogBuckets::of(context.inventory);
        context.each_account(|account| {
            let owns = |owner: crate::Place<'_>| owner.account_id() == account.account_id();
            if !buckets.iter().any(|bucket| bucket.owner.is_some_and(owns)) {
                return Ok(Vec::new());
            }
            let on = blocks_on(account.get("s3control:GetPublicAccessBlock")?);
            let off = blocks_off(&on);
            let observed = match off.len() {
                0 => "all four settings are on for the account".to_owned(),
                4 => "Block Public Access is off for the account".to_owned(),
                _ => format!("off for the account: {}", off.join(", ")),
            };
            let fix = format!(
                "aws s3control put-public-access-block --account-id {} --public-access-block-configuration \
                 BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
                account.account_id()
            );
            Ok(vec![Verdict::of(off.is_empty(), account, account.account_arn(), observed).remediation(fix)])
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::Estate;

    const CALL: &str = "s3control:GetPublicAccessBlock";

    #[test]
    fn on_off_and_in_part() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.edit("global", CALL, "", |output| {
            output["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"] = json!(false);
        });
        estate.fails(&CHECK, &["off for the account: RestrictPublicBuckets"]);
        estate.absent("global", CALL, "", "NoSuchPublicAccessBlockConfiguration");
        estate.fails(&CHECK, &["Block Public Access is off"]);
    }

    #[test]
    fn accounts_without_log_buckets_are_not_asked() {
        let mut estate = Estate::compliant();
        estate.join_member();
        assert_eq!(estate.run(&CHECK).len(), 1);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", CALL, "", "s3:GetAccountPublicAccessBlock");
        estate.unknown(&CHECK, "s3:GetAccountPublicAccessBlock");
    }
}
