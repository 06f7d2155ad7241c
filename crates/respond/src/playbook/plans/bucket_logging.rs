//! Server access logging of a bucket: switched off, it is switched on again as it was.

use serde_json::Value;
use trailkeep_baseline::Json;

use crate::playbook::event::{Event, field, text};
use crate::playbook::facets::bucket::LOGGING;
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy, part};

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "bucket-logging",
    title: "Server access logging of a bucket switched off",
    events: &[("s3.amazonaws.com", "PutBucketLogging")],
    prior: "the last state seen",
    needs: |event| {
        text(&event.request, "bucketName").map(|bucket| Need::new(&LOGGING, bucket)).into_iter().collect()
    },
    plan: |event, priors| plan(event, priors).into_iter().collect(),
    sets: &[&LOGGING],
};

fn plan(event: &Event, priors: &Priors) -> Option<Draft> {
    let bucket = text(&event.request, "bucketName")?;
    let status = field(&event.request, "bucketLoggingStatus")?;
    let enabled = field(status, "loggingEnabled").filter(|enabled| enabled.text("TargetBucket").is_some());
    if enabled.is_some() {
        return None;
    }
    let said = format!("switched off the access logs of bucket {bucket}");
    let Some(prior) = priors.get(&LOGGING, &bucket) else {
        return Some(Draft::new(&bucket, said, Remedy::unknown("where its logs went")));
    };
    let before = (LOGGING.part)(prior, "LoggingEnabled");
    if before.is_null() {
        return None;
    }
    let (made, before) = (part("LoggingEnabled", Value::Null), part("LoggingEnabled", before));
    Some(Draft::new(&bucket, said, Remedy::put_back(&LOGGING, &bucket, made, before)))
}
