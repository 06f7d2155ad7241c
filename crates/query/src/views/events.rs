//! The `events` view: one row per event of any table. How a table's columns
//! become its columns is said by the table itself ([`EventColumns`]).
//!
//! [`EventColumns`]: trailkeep_formats::EventColumns

use trailkeep_formats::TableDef;
use trailkeep_formats::registry;

/// The name of the view.
pub(crate) const NAME: &str = "events";
/// Records that could not be read are no events; they are found by name only.
pub(crate) const NOT_EVENTS: &str = "quarantine";

/// The union of all tables that hold events; `None` without any.
pub(crate) fn sql(existing: &[String]) -> Option<String> {
    let parts: Vec<String> = tables(existing).map(|def| select(def, None)).collect();
    (!parts.is_empty()).then(|| parts.join("\nUNION ALL\n"))
}

/// The registered tables among `existing` that hold events.
pub(crate) fn tables(existing: &[String]) -> impl Iterator<Item = &'static TableDef> {
    registry::tables().filter(|def| def.name != NOT_EVENTS && existing.iter().any(|name| name == def.name))
}

/// One table in the shape of the view, with a condition on its own columns.
pub(crate) fn select(def: &TableDef, condition: Option<&str>) -> String {
    let e = &def.events;
    let condition = condition.map(|c| format!(" WHERE {c}")).unwrap_or_default();
    let text = |expression: &str, name: &str| format!("CAST(({expression}) AS VARCHAR) AS {name}");
    format!(
        "SELECT event_time, '{table}' AS table_name, account_id, region, {}, {}, {}, {}, {}, \
         event_uid, source_uri, raw, event_date FROM {table}{condition}",
        text(e.actor, "actor"),
        text(e.action, "action"),
        text(e.target, "target"),
        text(e.source_address, "source_address"),
        text(e.outcome, "outcome"),
        table = def.name,
    )
}
