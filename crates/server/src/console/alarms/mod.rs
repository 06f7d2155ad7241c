//! Alarms: the list, one alarm with its graph, and what an alarm would have done.

mod act;
mod detail;
mod graph;
mod history;
mod list;
mod relatives;
mod scale;
mod side;
mod simulate;
mod slots;
mod strip;
mod words;

use chrono::{DateTime, Utc};
use trailkeep_alarms::definition::Alarm;
use trailkeep_state::AlarmRow;

pub(crate) use act::act;
pub(crate) use detail::page as detail_page;
pub(crate) use list::page as list_page;
pub(crate) use simulate::{form_page as simulate_form, run as simulate};

use super::link::{Link, segment};
use crate::app::App;

/// The page of an alarm, by its ARN or name.
pub(crate) fn href(id: &str) -> String {
    link(id).href()
}

/// The same, to be added to. Names that are something else as a path go beside it.
fn link(id: &str) -> Link {
    match id {
        "" | "." | ".." | "-" | "simulate" => Link::to("/alarms/-").with("id", id),
        _ => Link::to(format!("/alarms/{}", segment(id))),
    }
}

/// The definition of a row: the living one, whose actions may have been switched, or the kept one.
fn definition(app: &App, row: &AlarmRow) -> Option<Alarm> {
    let living = app.backend.alarms.as_ref().and_then(|alarms| alarms.alarm(&row.id));
    living.or_else(|| {
        let value = serde_json::from_str(&row.definition).ok()?;
        Alarm::from_value(&value).ok()
    })
}

/// The time that alarms go by.
fn now(app: &App) -> DateTime<Utc> {
    app.backend.alarms.as_ref().map_or_else(Utc::now, |alarms| alarms.now())
}

/// Whether this process evaluates an alarm.
fn evaluated(app: &App, id: &str) -> bool {
    app.backend.alarms.as_ref().is_some_and(|alarms| alarms.is_evaluated(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alarm_has_an_address() {
        assert_eq!(href("root-use"), "/alarms/root-use");
        assert_eq!(
            href("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a/b c?"),
            "/alarms/arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a%2Fb%20c%3F"
        );
        assert_eq!(href("simulate"), "/alarms/-?id=simulate");
        assert_eq!(href(".."), "/alarms/-?id=..");
        assert_eq!(href("%2e%2e"), "/alarms/%252e%252e");
    }
}
