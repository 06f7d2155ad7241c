//! Trails, asked about in their home Region only, and event data stores.

use trailkeep_aws::api::services::cloudtrail;

use crate::collect::ask::{Ask, At, Each, Seen, Take};
use crate::value::Json;

const TRAILS: Each = Each::of("cloudtrail:DescribeTrails", "trailList", "TrailARN").only(is_home);
const STORES: Each = Each::of("cloudtrail:ListEventDataStores", "EventDataStores", "EventDataStoreArn");

/// Every Region lists a multi-Region trail; its status is that of its home Region.
fn is_home(seen: &Seen<'_>) -> bool {
    seen.item.text("HomeRegion").is_none_or(|home| home == seen.region)
}

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&cloudtrail::DESCRIBE_TRAILS).input(&[("includeShadowTrails", Take::Flag(true))]),
    Ask::each(&cloudtrail::GET_TRAIL_STATUS, At::Regions, TRAILS).input(&[("Name", Take::Resource)]),
    Ask::each(&cloudtrail::GET_EVENT_SELECTORS, At::Regions, TRAILS).input(&[("TrailName", Take::Resource)]),
    Ask::each(&cloudtrail::GET_INSIGHT_SELECTORS, At::Regions, TRAILS)
        .input(&[("TrailName", Take::Resource)])
        .absent(&["InsightNotEnabledException"]),
    Ask::regional(&cloudtrail::LIST_EVENT_DATA_STORES),
    Ask::each(&cloudtrail::GET_EVENT_DATA_STORE, At::Regions, STORES)
        .input(&[("EventDataStore", Take::Resource)]),
];
