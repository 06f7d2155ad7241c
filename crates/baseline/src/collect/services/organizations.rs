//! The organisation, as its management account and its delegated administrators see it.

use trailkeep_aws::api::services::organizations;

use crate::collect::ask::Ask;

/// What AWS says in an account that is in no organisation.
pub(crate) const NO_ORGANIZATION: &str = "AWSOrganizationsNotInUseException";

pub(super) static ASKS: &[Ask] = &[
    Ask::global(&organizations::LIST_ACCOUNTS).of_management().absent(&[NO_ORGANIZATION]),
    Ask::global(&organizations::LIST_DELEGATED_ADMINISTRATORS).of_management().absent(&[NO_ORGANIZATION]),
];
