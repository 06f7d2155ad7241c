//! Who the account is. Which Regions it has is asked when it is entered ([`super::super::enter`]).

use trailkeep_aws::api::services::iam;

use crate::collect::ask::Ask;

pub(super) static ASKS: &[Ask] = &[Ask::global(&iam::LIST_ACCOUNT_ALIASES)];
