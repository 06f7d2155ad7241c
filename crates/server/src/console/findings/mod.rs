//! Findings: the list, one finding, and what people do with it.

mod act;
mod detail;
mod list;
mod words;

use trailkeep_detect::Level;
use trailkeep_state::{FindingCounts, FindingFilter, FindingRow};

use super::range::TimeRange;
use crate::app::Shared;
use crate::http::error::PageError;

pub(crate) use act::{act, act_on_many};
pub(crate) use detail::page as detail_page;
pub(crate) use list::page as list_page;
pub(crate) use words::status;

/// For the overview: counts in a range, and the newest rows of level high and above.
pub(crate) async fn summary(
    app: &Shared,
    range: &TimeRange,
    most: usize,
) -> Result<(FindingCounts, Vec<FindingRow>), PageError> {
    let all = FindingFilter { from: range.from, to: range.to, ..FindingFilter::default() };
    let urgent = FindingFilter { min_level: Some(Level::High), ..all.clone() };
    let findings = app.backend.state.findings();
    let (counts, newest) = tokio::join!(findings.counts(&all), findings.list(&urgent, most, None));
    Ok((counts?, newest?.rows))
}
