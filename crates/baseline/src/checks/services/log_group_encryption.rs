//! Encryption of log groups with a key of one's own.

use serde_json::{Value, json};

use super::logging::{Logging, resource};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::estate::keys;
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-group-encryption",
    control: Control::Services,
    title: "Every log group is encrypted with a KMS key of its owner",
    severity: Severity::Low,
    why: "CloudWatch Logs encrypts with its own key; a key of yours adds a second permission to reading, and \
          a record of it. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    expected: "a KMS key that is enabled",
    remediation: "aws logs associate-kms-key --log-group-name GROUP --kms-key-id KEY_ARN (the key's policy \
                  must let logs.REGION.amazonaws.com use it)",
    fix_calls: &["logs:AssociateKmsKey", "kms:PutKeyPolicy"],
    frameworks: Frameworks {
        config_rules: &["cloudwatch-log-group-encrypted"],
        nist_800_53: &["AU-9(3)", "CP-9(8)", "SC-8(3)", "SC-8(4)", "SC-13", "SC-28(1)"],
        pci_dss_4: &["10.3.2"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let groups = place.list("logs:DescribeLogGroups", "logGroups")?;
        Ok(groups.iter().filter_map(|group| Some(judge(place, group, group.text("logGroupName")?))).collect())
    })
}

fn judge(place: Place<'_>, group: &Value, name: &str) -> Verdict {
    resource(place, &place.arn("logs", &format!("log-group:{name}")), |logging| {
        logging.fix(format!(
            "aws logs associate-kms-key --region {} --log-group-name '{name}' --kms-key-id KEY_ARN (the \
             key's policy must let logs.{0}.amazonaws.com use it)",
            place.region
        ));
        match group.text("kmsKeyId") {
            None => {
                logging.fault("no KMS key is associated with it");
                Ok(())
            }
            Some(key) => {
                logging.evidence(json!({"kmsKeyId": key}));
                state(place, key, logging)
            }
        }
    })
}

/// With a key that is disabled or about to be deleted, logs can be neither written nor read.
fn state(place: Place<'_>, name: &str, logging: &mut Logging) -> Result<(), Unknown> {
    logging.on(format!("encrypted with {name}"));
    let key = keys::find(place.inventory, place, name)?;
    if !key.is_enabled() {
        logging.severity(Severity::High);
        logging.fault(format!("its key {name} is {}: logs can be neither written nor read", key.state()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/k";

    fn estate(key: Value) -> Estate {
        Estate::new().with(
            "logs:DescribeLogGroups",
            "",
            json!({"logGroups": [{"logGroupName": "/app", "kmsKeyId": key}]}),
        )
    }

    #[test]
    fn keys() {
        let key = |state: &str| {
            estate(json!(KEY)).with("kms:DescribeKey", KEY, json!({"KeyMetadata": {"KeyState": state}}))
        };
        expect(&key("Enabled"), &CHECK, Status::Pass, &format!("encrypted with {KEY}"));
        let dying = expect(&key("PendingDeletion"), &CHECK, Status::Fail, "is pending deletion");
        assert_eq!(dying.severity, Some(Severity::High));
        let gone = estate(json!(KEY)).without("kms:DescribeKey", KEY, "NotFoundException");
        expect(&gone, &CHECK, Status::Fail, "is not there");
        let none = expect(&estate(Value::Null), &CHECK, Status::Fail, "no KMS key is associated with it");
        assert!(none.remediation.unwrap().contains("logs.eu-west-1.amazonaws.com"));
    }

    #[test]
    fn unknown_and_nothing() {
        expect_denied(
            &estate(json!(KEY)).denied("kms:DescribeKey", KEY, "kms:DescribeKey"),
            &CHECK,
            "kms:DescribeKey",
        );
        let none = Estate::new().with("logs:DescribeLogGroups", "", json!({"logGroups": []}));
        expect_nothing(&none, &CHECK);
    }
}
