//! The account-wide Block Public Access.

use serde_json::json;

use super::draft::Draft;
use crate::check::Control;
use crate::desired::bucket;
use crate::inventory::GLOBAL;
use crate::value::Json;

/// Closes all buckets of the account to the public.
pub(super) fn public_access_block(draft: &mut Draft<'_>) {
    let Ok(now) = draft.global.get("s3control:GetPublicAccessBlock") else { return };
    let wanted = bucket::public_access_block();
    let path = "PublicAccessBlockConfiguration";
    let holds = now.is_some_and(|output| {
        wanted.as_object().is_some_and(|all| all.keys().all(|name| output.flag(&format!("{path}.{name}"))))
    });
    if holds {
        return;
    }
    let arn = draft.global.account_arn();
    let mut step = draft.step(
        GLOBAL,
        "public-access-block",
        Control::Bucket,
        "Block public access to all buckets of the account",
    );
    step.resource(arn)
        .call("s3control:PutPublicAccessBlock", json!({"AccountId": draft.site.account, path: wanted}))
        .covers(&["log-bucket-account-public-access-block"])
        .words(
            "the former setting is put back",
            "every bucket of the account: what is public now (websites, downloads) is public no more",
            "none",
            "s3control:GetPublicAccessBlock says true four times",
        );
    draft.add(step);
}
