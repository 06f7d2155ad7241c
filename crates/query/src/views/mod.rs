//! What queries see besides the lake's tables: the `events` view, the OCSF
//! views under Security Lake's names, and Athena's partition columns.
//!
//! Views are SQL over the tables and are planned into the query that reads
//! them: filters, projections and limits pass through to the files.

pub(crate) mod events;
pub(crate) mod ocsf;
pub(crate) mod partitions;

/// What a name in FROM stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum View {
    /// One row per event of any table.
    Events,
    /// OCSF events made of CloudTrail rows.
    Ocsf(ocsf::Selection),
}

/// The view of a (lower-case) name, if it is one.
pub(crate) fn find(name: &str) -> Option<View> {
    if name == events::NAME {
        return Some(View::Events);
    }
    ocsf::Selection::of(name).map(View::Ocsf)
}

/// Views that are listed: the name and the tables they read.
pub(crate) fn listed() -> Vec<(String, View)> {
    let mut all = vec![(events::NAME.to_string(), View::Events)];
    for name in ocsf::LISTED {
        if let Some(view) = find(name) {
            all.push((name.to_string(), view));
        }
    }
    all
}

impl View {
    /// The view as SQL over those tables of `existing` that it reads.
    pub(crate) fn sql(&self, existing: &[String]) -> Option<String> {
        match self {
            Self::Events => events::sql(existing),
            Self::Ocsf(selection) => Some(ocsf::sql(selection)),
        }
    }
}
