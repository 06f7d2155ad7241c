//! Block Public Access, of a bucket or of the account: what was taken off is put on again.

use serde_json::{Map, Value, json};
use trailkeep_baseline::Json;

use crate::playbook::event::{Event, field, flag, text};
use crate::playbook::facet::Facet;
use crate::playbook::facets::bucket::{ACCOUNT_PUBLIC_ACCESS, PUBLIC_ACCESS};
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy, part};

const SOURCE: &str = "s3.amazonaws.com";
const BLOCK: &str = "PublicAccessBlockConfiguration";
const FLAGS: [&str; 4] =
    ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "public-access-block",
    title: "Block Public Access weakened",
    events: &[
        (SOURCE, "PutBucketPublicAccessBlock"),
        (SOURCE, "DeleteBucketPublicAccessBlock"),
        (SOURCE, "PutAccountPublicAccessBlock"),
        (SOURCE, "DeleteAccountPublicAccessBlock"),
    ],
    prior: "the last state seen",
    needs: |event| match about(event) {
        Some((facet, subject)) => vec![Need::new(facet, subject)],
        None => Vec::new(),
    },
    plan: |event, priors| plan(event, priors).into_iter().collect(),
    sets: &[&PUBLIC_ACCESS, &ACCOUNT_PUBLIC_ACCESS],
};

fn about(event: &Event) -> Option<(&'static Facet, String)> {
    if event.name.contains("Account") {
        return Some((&ACCOUNT_PUBLIC_ACCESS, event.account.clone()));
    }
    Some((&PUBLIC_ACCESS, text(&event.request, "bucketName")?))
}

fn plan(event: &Event, priors: &Priors) -> Option<Draft> {
    let (facet, subject) = about(event)?;
    let made = match event.name.starts_with("Delete") {
        true => Value::Null,
        false => {
            let asked = field(&event.request, BLOCK).unwrap_or(&Value::Null);
            let flags = FLAGS.iter().map(|name| ((*name).to_owned(), json!(flag(asked, name))));
            Value::Object(flags.collect::<Map<_, _>>())
        }
    };
    let whose = if facet.name == PUBLIC_ACCESS.name {
        format!("bucket {subject}")
    } else {
        format!("account {subject}")
    };
    let Some(prior) = priors.get(facet, &subject) else {
        if FLAGS.iter().all(|name| made.flag(name)) {
            return None;
        }
        let said = format!("set Block Public Access of {whose}");
        return Some(Draft::new(&subject, said, Remedy::unknown("which of its settings were on")));
    };
    let before = (facet.part)(prior, BLOCK);
    let lost: Vec<&str> = FLAGS.into_iter().filter(|name| before.flag(name) && !made.flag(name)).collect();
    if lost.is_empty() {
        return None;
    }
    let said = format!("took {} off {whose}", lost.join(", "));
    Some(Draft::new(
        &subject,
        said,
        Remedy::put_back(facet, &subject, part(BLOCK, made), part(BLOCK, before)),
    ))
}
