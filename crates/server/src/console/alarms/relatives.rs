//! Composite alarms and the alarms that they speak of.

use maud::{Markup, html};
use trailkeep_alarms::definition::Alarm;
use trailkeep_state::{AlarmFilter, AlarmRow, StateError};

use super::words::state_badge;
use super::{definition, href};
use crate::app::App;
use crate::console::parts;
use crate::http::error::PageError;

/// Composite alarms that are looked through for those that name an alarm.
const LOOKED_THROUGH: usize = 2_000;
/// Alarms in one panel.
const SHOWN: usize = 100;
const MARK: &str = ":alarm:";

/// The panels: what a composite alarm speaks of, and the composite alarms that speak of this one.
pub(super) async fn panel(app: &App, row: &AlarmRow, alarm: Option<&Alarm>) -> Result<Markup, PageError> {
    let mut children = Vec::new();
    for name in alarm.map(spoken_of).unwrap_or_default().into_iter().take(SHOWN) {
        children.push((find(app, &row.id, &name).await?, name));
    }
    let filter = AlarmFilter { kind: Some("CompositeAlarm".to_owned()), ..AlarmFilter::default() };
    let composites = app.backend.state.alarms().list(&filter, 0, LOOKED_THROUGH).await?;
    let speaks = |composite: &&AlarmRow| {
        let names = definition(app, composite).as_ref().map(spoken_of).unwrap_or_default();
        composite.id != row.id && names.iter().any(|name| is(name, composite, row))
    };
    let parents: Vec<&AlarmRow> = composites.iter().filter(speaks).take(SHOWN).collect();
    Ok(html! {
        @if !children.is_empty() { section.panel {
            header { h2 { "Speaks of" } div.end { (parts::count(children.len() as u64, "alarm", "alarms")) } }
            ul.related { @for (found, name) in &children { li {
                @match found {
                    Some(found) => { (state_badge(&found.state)) a.link href=(href(&found.id)) { (found.name) } },
                    None => { span.badge.plain { "not here" } span.mono { (name) } },
                }
            } } }
        } }
        @if !parents.is_empty() { section.panel {
            header { h2 { "Named by" } div.end { (parts::count(parents.len() as u64, "composite alarm", "composite alarms")) } }
            ul.related { @for parent in parents { li { (state_badge(&parent.state)) a.link href=(href(&parent.id)) { (parent.name) } } } }
        } }
    })
}

/// The alarms that a composite alarm speaks of, as it writes them: in its rule, and its suppressor.
fn spoken_of(alarm: &Alarm) -> Vec<String> {
    let Alarm::Composite(alarm) = alarm else { return Vec::new() };
    let suppressor = alarm.suppressor.as_ref().map(|suppressor| suppressor.alarm.clone());
    let mut names = alarm.rule.children().to_vec();
    names.extend(suppressor.filter(|name| !alarm.rule.children().contains(name)));
    names
}

/// An alarm as a composite alarm names it: beside it in its account and Region first.
async fn find(app: &App, composite: &str, name: &str) -> Result<Option<AlarmRow>, PageError> {
    let alarms = app.backend.state.alarms();
    for name in
        beside(composite, name).into_iter().chain([name.to_owned()]).chain(bare(name).map(str::to_owned))
    {
        match alarms.get(&name).await {
            Ok(row) => return Ok(Some(row)),
            // Not there, or several have the name.
            Err(StateError::NotFound { .. } | StateError::Invalid { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Whether a composite alarm means this alarm by a name.
fn is(name: &str, composite: &AlarmRow, alarm: &AlarmRow) -> bool {
    name == alarm.id
        || beside(&composite.id, name).as_deref() == Some(alarm.id.as_str())
        || bare(name) == Some(alarm.id.as_str())
}

/// The ARN of an alarm of this name in the same account and Region.
fn beside(composite: &str, name: &str) -> Option<String> {
    let end = composite.find(MARK).filter(|_| composite.starts_with("arn:") && !name.starts_with("arn:"))?;
    Some(format!("{}{MARK}{name}", &composite[..end]))
}

/// The name in an ARN.
fn bare(name: &str) -> Option<&str> {
    name.find(MARK).filter(|_| name.starts_with("arn:")).map(|at| &name[at + MARK.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sought_beside_the_composite_alarm() {
        let composite = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:any";
        let one = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:one";
        assert_eq!(beside(composite, "one").as_deref(), Some(one));
        assert_eq!(beside("any", "one"), None);
        assert_eq!((beside(composite, one), bare(one)), (None, Some("one")));
    }
}
