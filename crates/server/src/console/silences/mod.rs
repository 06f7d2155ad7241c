//! Silences: what people do not want to hear of for a while. Those of the file are shown with the others.

mod form;
mod page;

use chrono::{DateTime, Utc};
use trailkeep_respond::route::Matcher;
use trailkeep_state::{Incident, IncidentFilter};

pub(crate) use form::{Fields, check};
pub(crate) use page::{create, end, page};

use super::incidents::UNRESOLVED;
use crate::app::Shared;
use crate::http::error::PageError;

/// Silences that are looked at, the newest first.
const MOST: usize = 500;
/// Unresolved incidents that are held against silences.
const COUNTED: usize = 1_000;

/// A silence, wherever it was made.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    /// Negative for those of the file.
    pub(crate) id: i64,
    /// What it holds; none where this program cannot read it.
    pub(crate) matcher: Option<Matcher>,
    pub(crate) comment: String,
    /// Who made it; none for those of the file.
    pub(crate) created_by: Option<String>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    /// None: always.
    pub(crate) starts_at: Option<DateTime<Utc>>,
    pub(crate) ends_at: DateTime<Utc>,
}

/// How far a silence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    Active,
    Coming,
    Ended,
}

impl Listed {
    pub(crate) fn when(&self, now: DateTime<Utc>) -> When {
        if self.ends_at <= now {
            When::Ended
        } else if self.starts_at.is_some_and(|at| now < at) {
            When::Coming
        } else {
            When::Active
        }
    }

    /// Whether it keeps messages about an incident back.
    pub(crate) fn holds(&self, incident: &Incident, now: DateTime<Utc>) -> bool {
        self.when(now) == When::Active && self.matcher.as_ref().is_some_and(|it| it.matches(incident))
    }

    /// It stands in `trailkeep.toml`, and ends there.
    pub(crate) fn of_file(&self) -> bool {
        self.id < 0
    }
}

/// All silences: those of the file, then the others, the newest first.
pub(crate) async fn all(app: &Shared) -> Result<Vec<Listed>, trailkeep_state::StateError> {
    let fixed = app.config.respond.silences.iter().map(|silence| Listed {
        id: silence.id,
        matcher: Some(silence.matcher.clone()),
        comment: silence.comment.clone(),
        created_by: None,
        created_at: None,
        starts_at: Some(silence.starts_at).filter(|at| *at > DateTime::<Utc>::MIN_UTC),
        ends_at: silence.ends_at,
    });
    let made = app.backend.state.incidents().silences(MOST).await?.into_iter().map(|silence| Listed {
        id: silence.id,
        matcher: serde_json::from_str(&silence.matcher).ok(),
        comment: silence.comment,
        created_by: Some(silence.created_by),
        created_at: Some(silence.created_at),
        starts_at: Some(silence.starts_at),
        ends_at: silence.ends_at,
    });
    Ok(fixed.chain(made).collect())
}

/// The unresolved incidents, to be held against silences; of very many, the latest.
async fn unresolved(app: &Shared) -> Result<Vec<Incident>, PageError> {
    let filter = IncidentFilter { statuses: UNRESOLVED.to_vec(), ..IncidentFilter::default() };
    Ok(app.backend.state.incidents().list(&filter, COUNTED, None).await?.rows)
}
