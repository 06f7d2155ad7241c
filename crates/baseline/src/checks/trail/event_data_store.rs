//! Event data stores of CloudTrail Lake: ingesting, kept long enough, encrypted.
//!
//! A store is not asked for: trails do without. One that is there is relied upon, and so must hold.

use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;
use serde_json::Value;

pub(super) const INGESTING: Check = Check {
    id: "event-data-store-ingesting",
    control: Control::Trail,
    title: "Event data stores take events of all Regions",
    severity: Severity::Medium,
    why: "A store that stopped ingesting, or takes one Region's events only, answers every question with less \
          than happened, and does not say so. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store.html",
    expected: "Status ENABLED and MultiRegionEnabled",
    remediation: "aws cloudtrail start-event-data-store-ingestion --region REGION --event-data-store ARN; \
                  aws cloudtrail update-event-data-store --region REGION --event-data-store ARN --multi-region-enabled",
    fix_calls: &["cloudtrail:StartEventDataStoreIngestion", "cloudtrail:UpdateEventDataStore"],
    frameworks: Frameworks { nist_800_53: &["AU-6", "AU-12"], pci_dss_4: &["10.2.1"], ..Frameworks::NONE },
    run: |context| {
        each_store(context, INGESTING.remediation, true, |_, store| {
            let mut faults = Vec::new();
            match store.text("Status") {
                Some("ENABLED") | None => {}
                Some(status) => faults.push(format!("its status is {status}")),
            }
            if !store.flag("MultiRegionEnabled") {
                faults.push("it takes the events of its own Region only".to_owned());
            }
            say(faults, "it takes the events of all Regions")
        })
    },
};

pub(super) const KEPT: Check = Check {
    id: "event-data-store-kept",
    control: Control::Trail,
    title: "Event data stores keep their events and cannot be deleted by one call",
    severity: Severity::Medium,
    why: "The retention period decides how far back an investigation can look, and without termination \
          protection one call deletes the store. \
          https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventDataStore.html",
    expected: "RetentionPeriod of at least the configured days (365) and TerminationProtectionEnabled",
    remediation: "aws cloudtrail update-event-data-store --region REGION --event-data-store ARN --retention-period 365 \
                  --termination-protection-enabled",
    fix_calls: &["cloudtrail:UpdateEventDataStore"],
    frameworks: Frameworks {
        nist_800_53: &["AU-9", "AU-11"],
        pci_dss_4: &["10.3.2", "10.5.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_store(context, KEPT.remediation, false, |context, store| {
            let (days, wanted) = (store.int("RetentionPeriod").unwrap_or(0), context.settings.retention_days);
            let mut faults = Vec::new();
            if days < wanted {
                faults.push(format!("it keeps events for {days} days, {wanted} are wanted"));
            }
            if !store.flag("TerminationProtectionEnabled") {
                faults.push("it has no termination protection".to_owned());
            }
            say(faults, &format!("it keeps events for {days} days and is protected from termination"))
        })
    },
};

pub(super) const ENCRYPTED: Check = Check {
    id: "event-data-store-encrypted",
    control: Control::Trail,
    title: "Event data stores are encrypted with a KMS key",
    severity: Severity::Low,
    why: "With a key of one's own, the right to query is not enough to read the events. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store.html",
    expected: "KmsKeyId names a KMS key",
    remediation: "aws cloudtrail update-event-data-store --region REGION --event-data-store ARN --kms-key-id KEY_ARN",
    fix_calls: &["cloudtrail:UpdateEventDataStore", "kms:CreateKey"],
    frameworks: Frameworks {
        security_hub: &["CloudTrail.10"],
        config_rules: &["event-data-store-cmk-encryption-enabled"],
        nist_800_53: &["AU-9", "CM-3(6)", "SC-7(10)", "SC-12(2)", "SC-13", "SC-28", "SC-28(1)"],
        pci_dss_4: &["10.3.2"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_store(context, ENCRYPTED.remediation, false, |_, store| match store.text("KmsKeyId") {
            Some(key) => (true, format!("it is encrypted with {key}")),
            None => (false, "it is encrypted with a key of AWS's own".to_owned()),
        })
    },
};

fn say(faults: Vec<String>, praise: &str) -> (bool, String) {
    if faults.is_empty() { (true, praise.to_owned()) } else { (false, faults.join("; ")) }
}

/// Judges every event data store. Regions whose stores could not be listed are unknown once, by the
/// check that `reports` them.
fn each_store(
    context: &Context<'_>,
    remediation: &str,
    reports: bool,
    judge: impl Fn(&Context<'_>, &Value) -> (bool, String),
) -> Vec<Verdict> {
    context.each_region(|place| {
        let stores = match place.list("cloudtrail:ListEventDataStores", "EventDataStores") {
            Err(unknown) if reports => return Err(unknown),
            stores => stores.unwrap_or_default(),
        };
        // Members are shown the organisation's stores: they are judged where they are.
        let elsewhere = |arn: &&str| {
            let owner = context.inventory.place_of(arn);
            owner.is_some_and(|owner| owner.account_id() != place.account_id())
        };
        let arns = stores.iter().filter_map(|store| store.text("EventDataStoreArn"));
        let arns = arns.filter(|arn| !elsewhere(arn));
        Ok(arns
            .filter_map(|arn| match one(place, arn) {
                Ok(None) => None,
                Ok(Some(store)) => {
                    let (ok, observed) = judge(context, store);
                    let name = store.text("Name").unwrap_or(arn);
                    let observed = format!("event data store {name}: {observed}");
                    let fix = remediation
                        .replace("--region REGION", &format!("--region {}", place.region))
                        .replace("--event-data-store ARN", &format!("--event-data-store {arn}"));
                    let verdict = Verdict::of(ok, place, arn, observed).remediation(fix);
                    Some(verdict.evidence(store.clone()))
                }
                Err(unknown) => Some(Verdict::unknown(place, arn, &unknown)),
            })
            .collect())
    })
}

/// The store, unless its deletion is under way: it was decided, and waits seven days.
fn one<'a>(place: Place<'a>, arn: &str) -> Result<Option<&'a Value>, Unknown> {
    let store = place.get_for("cloudtrail:GetEventDataStore", arn)?;
    Ok(store.filter(|store| store.text("Status") != Some("PENDING_DELETION")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::Status;
    use crate::testing::{Estate, HOME, MEMBER, OTHER, STORE};

    fn damaged(member: &str, value: Value) -> Estate {
        let mut estate = Estate::compliant();
        estate.edit(HOME, "cloudtrail:GetEventDataStore", STORE, |store| store[member] = value);
        estate
    }

    #[test]
    fn sound() {
        for check in [&INGESTING, &KEPT, &ENCRYPTED] {
            Estate::compliant().passes(check);
        }
    }

    #[test]
    fn the_organisations_store_counts_once() {
        let mut estate = Estate::compliant();
        estate.join_member();
        let shown = json!({"EventDataStores": [{"EventDataStoreArn": STORE, "Name": "lake"}]});
        estate.inventory.record(
            MEMBER,
            HOME,
            "cloudtrail:ListEventDataStores",
            "",
            crate::Answer::Output(shown),
        );
        assert_eq!(estate.run(&KEPT).len(), 1);
    }

    #[test]
    fn not_ingesting() {
        damaged("Status", json!("STOPPED_INGESTION"))
            .fails(&INGESTING, &["lake", "its status is STOPPED_INGESTION"]);
        damaged("MultiRegionEnabled", json!(false)).fails(&INGESTING, &["its own Region only"]);
        damaged("Status", json!("PENDING_DELETION")).silent(&INGESTING);
    }

    #[test]
    fn not_kept() {
        damaged("RetentionPeriod", json!(90)).fails(&KEPT, &["keeps events for 90 days, 365 are wanted"]);
        damaged("TerminationProtectionEnabled", json!(false)).fails(&KEPT, &["no termination protection"]);
    }

    #[test]
    fn not_encrypted() {
        damaged("KmsKeyId", Value::Null).fails(&ENCRYPTED, &["a key of AWS's own"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied(OTHER, "cloudtrail:ListEventDataStores", "", "cloudtrail:ListEventDataStores");
        estate.unknown(&INGESTING, "cloudtrail:ListEventDataStores");
        estate.passes(&KEPT);
        estate.denied(HOME, "cloudtrail:GetEventDataStore", STORE, "cloudtrail:GetEventDataStore");
        for check in [&KEPT, &ENCRYPTED] {
            assert_eq!(estate.only(check, Status::Unknown).resource_arn, STORE);
        }
    }
}
