//! Bucket policies: one that was widened, or taken away, is what it was again.

use serde_json::{Value, json};

use super::rules::few;
use super::widened::widened;
use crate::playbook::event::{Event, field, text};
use crate::playbook::facets::bucket::POLICY;
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy, part};

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "bucket-policy",
    title: "Bucket policy widened or deleted",
    events: &[("s3.amazonaws.com", "PutBucketPolicy"), ("s3.amazonaws.com", "DeleteBucketPolicy")],
    prior: "the last state seen",
    needs: |event| {
        text(&event.request, "bucketName").map(|bucket| Need::new(&POLICY, bucket)).into_iter().collect()
    },
    plan: |event, priors| plan(event, priors).into_iter().collect(),
    sets: &[&POLICY],
};

fn plan(event: &Event, priors: &Priors) -> Option<Draft> {
    let bucket = text(&event.request, "bucketName")?;
    let made = match event.name.as_str() {
        "DeleteBucketPolicy" => Value::Null,
        // CloudTrail writes the document as JSON, not as text.
        _ => match field(&event.request, "bucketPolicy")? {
            Value::String(text) => json!(text),
            document => json!(document.to_string()),
        },
    };
    let Some(prior) = priors.get(&POLICY, &bucket) else {
        let said = format!("changed the policy of bucket {bucket}");
        return Some(Draft::new(&bucket, said, Remedy::unknown("the policy")));
    };
    let before = (POLICY.part)(prior, "Policy");
    let said = match (before.as_str(), made.as_str()) {
        (None, None) => return None,
        (Some(_), None) => format!("deleted the policy of bucket {bucket}"),
        (before, Some(made)) => {
            let none = r#"{"Statement": []}"#;
            let news = widened(before.unwrap_or(none), made);
            if news.is_empty() {
                return None;
            }
            format!("widened the policy of bucket {bucket}: it {}", few(news))
        }
    };
    Some(Draft::new(
        &bucket,
        said,
        Remedy::put_back(&POLICY, &bucket, part("Policy", made), part("Policy", before)),
    ))
}
