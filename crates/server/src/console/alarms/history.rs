//! What happened to an alarm, the newest first.

use maud::{Markup, html};
use trailkeep_state::{AlarmCursor, AlarmEvent, AlarmHistoryFilter};

use super::detail::Params;
use super::words::state_badge;
use crate::app::App;
use crate::console::highlight;
use crate::console::link::Link;
use crate::console::parts;
use crate::http::error::PageError;

/// Items on a page.
const PAGE: usize = 25;
/// Types of items, with a word for each.
const TYPES: [(&str, &str); 4] =
    [("", "All"), ("StateUpdate", "State"), ("Action", "Actions"), ("ConfigurationUpdate", "Definition")];

/// The panel. `link` leads to the alarm's page.
pub(super) async fn panel(app: &App, id: &str, params: &Params, link: &Link) -> Result<Markup, PageError> {
    let wrong = |reason| PageError::wrong("The history has no such page", reason);
    if !TYPES.iter().any(|(name, _)| *name == params.item) {
        return Err(wrong(format!(
            "'{}' is no type of item; choose StateUpdate, Action or ConfigurationUpdate",
            params.item
        )));
    }
    let after = match params.after.as_str() {
        "" => None,
        text => Some(text.parse::<AlarmCursor>().map_err(wrong)?),
    };
    let filter = AlarmHistoryFilter {
        id: Some(id.to_owned()),
        item_type: Some(params.item.clone()).filter(|item| !item.is_empty()),
        ..AlarmHistoryFilter::default()
    };
    let page = app.backend.state.alarms().history(&filter, PAGE, after).await?;
    let here = link.clone().with("item", params.item.as_str());
    let to = |link: Link| format!("{}#history", link.href());
    Ok(html! {
        section.panel #history {
            header { h2 { "History" } div.end { nav.seg aria-label="Items" { @for (name, word) in TYPES {
                a href=(to(link.clone().with("item", name))) aria-current=[(params.item == name).then_some("true")] { (word) }
            } } } }
            @if page.items.is_empty() { div.pad { p.muted { "Nothing is kept of this." } } }
            @else { ol.alarm-history { @for item in &page.items { (one(item)) } } }
            @if page.next.is_some() || after.is_some() { div.pager {
                div.grow {}
                @if after.is_some() { a.btn.sm href=(to(here.clone())) { "Newest" } }
                @if let Some(next) = page.next { a.btn.sm href=(to(here.clone().with("after", next.to_string()))) data-next rel="next" { "Older " kbd { "n" } } }
            } }
        }
    })
}

fn one(item: &AlarmEvent) -> Markup {
    let data = Some(item.data.as_str()).filter(|data| !matches!(*data, "" | "{}" | "null"));
    html! {
        li {
            div.when { (parts::time(item.time)) }
            div.what {
                @match (&item.from_state, &item.to_state) {
                    (Some(from), Some(to)) => div.row.wrap { (state_badge(from)) span.muted aria-label="to" { "→" } (state_badge(to)) },
                    (None, Some(to)) => div.row.wrap { (state_badge(to)) },
                    _ => p { (item.summary) },
                }
                @if let Some(reason) = item.reason.as_deref().filter(|reason| !reason.is_empty()) { p.dim { (reason) } }
                @if let Some(data) = data { details { summary.muted { @if item.to_state.is_some() { "Reason data" } @else { "Data" } } pre.json { (highlight::json(data)) } } }
            }
        }
    }
}
