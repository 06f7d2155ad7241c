//! Web ACLs, those of CloudFront among the global answers.

use trailkeep_aws::api::services::wafv2;

use crate::collect::ask::{Ask, At, Each, Take};

const ACLS: Each = Each::of("wafv2:ListWebACLs", "WebACLs", "ARN");
const NONE: &[&str] = &["WAFNonexistentItemException"];
const ARN: &[(&str, Take)] = &[("ResourceArn", Take::Resource)];

pub(super) static ASKS: &[Ask] = &[
    Ask::global(&wafv2::LIST_WEB_ACLS).input(&[("Scope", Take::Text("CLOUDFRONT"))]),
    Ask::each(&wafv2::GET_LOGGING_CONFIGURATION, At::Global, ACLS).input(ARN).absent(NONE),
    Ask::regional(&wafv2::LIST_WEB_ACLS).input(&[("Scope", Take::Text("REGIONAL"))]),
    Ask::each(&wafv2::GET_LOGGING_CONFIGURATION, At::Regions, ACLS).input(ARN).absent(NONE),
];
