//! Keys, only those that logs and their ways are encrypted with.

use trailkeep_aws::api::services::kms;

use crate::collect::ask::{Ask, Take};
use crate::collect::referenced;

const KEY: &[(&str, Take)] = &[("KeyId", Take::Resource)];

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&kms::LIST_ALIASES),
    Ask::referenced(&kms::DESCRIBE_KEY, referenced::keys).input(KEY).absent(&["NotFoundException"]),
    Ask::referenced(&kms::GET_KEY_POLICY, referenced::keys)
        .input(&[("KeyId", Take::Resource), ("PolicyName", Take::Text("default"))])
        .absent(&["NotFoundException"]),
    // Keys whose material AWS did not make do not rotate.
    Ask::referenced(&kms::GET_KEY_ROTATION_STATUS, referenced::keys)
        .input(KEY)
        .absent(&["NotFoundException", "UnsupportedOperationException"]),
];
