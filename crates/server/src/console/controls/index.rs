//! All controls: the board, the trend, what to fix, waivers, how it was collected.

use axum::extract::State;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use trailkeep_baseline::report::About;

use super::{board, check_table, checks, latest, trend, unassessed};
use crate::app::Shared;
use crate::auth::Viewer;
use crate::console::layout::Place;
use crate::console::parts;
use crate::http::error::PageError;
use crate::runtime::CheckFailure;

/// Assessments in the chart.
const TREND: usize = 500;

/// `GET /controls`.
pub(crate) async fn page(State(app): State<Shared>, Viewer(who): Viewer) -> Result<Markup, PageError> {
    let now = Utc::now();
    let frame = app.frame(&who).await?;
    let state = &app.backend.state;
    let failure = CheckFailure::latest(state).await?;
    let Some(latest) = latest(&app).await? else {
        let body = html! { (failed(failure.as_ref())) (unassessed()) };
        return Ok(frame.page(Place::Controls, "Controls", &html! {}, &body));
    };
    let assessments = state.assessments();
    let (counts, history) =
        tokio::try_join!(async { assessments.counts(latest.stored.id, None).await }, async {
            assessments.trend(&latest.stored.scope, TREND).await
        },)?;
    let checks = checks(counts);
    let open = checks.iter().take_while(|check| check.fail > 0).count();
    let head = html! { span.sub.wide-only { "assessed by " code { "trailkeep " (latest.stored.origin) } ", " (parts::ago(latest.stored.assessed_at, now)) } };
    let failure = failure.filter(|failure| !failure.is_past(&latest.stored));
    let body = html! {
        (failed(failure.as_ref()))
        (board(&latest, now))
        div.cols {
            div.c8.stack {
                section.panel {
                    header { h2 { "To fix" } div.end { (parts::count(open as u64, "check fails", "checks fail")) } }
                    @if open == 0 { div.empty { p { "Nothing fails." } } } @else { (check_table(&checks[..open], true)) }
                }
                (trend::panel(&history, now))
            }
            div.c4.stack { @if let Some(about) = &latest.about { (waivers(about)) (scope(about, latest.stored.assessed_at)) } }
        }
    };
    Ok(frame.page(Place::Controls, "Controls", &head, &body))
}

fn failed(failure: Option<&CheckFailure>) -> Markup {
    let said =
        |failure: &CheckFailure| format!("{} UTC: {}", failure.at.format("%Y-%m-%d %H:%M"), failure.reason);
    html! { @if let Some(failure) = failure { (parts::failed("The latest check on the schedule failed", &said(failure))) } }
}

fn waivers(about: &About) -> Markup {
    html! {
        section.panel {
            header { h2 { "Waivers" } }
            @if about.waivers.is_empty() { div.empty { p { "There are none: every failure is open." } } }
            @else { ul.feed { @for state in &about.waivers { li.waiver {
                @if state.expired { span.badge.bad.plain { "Expired" } } @else { span.badge.low.plain { "Until " (state.waiver.expires) } }
                span.t title=(state.waiver.resource) { (state.waiver.check) " on " (parts::short_arn(&state.waiver.resource)) }
                span.d title=(state.waiver.reason) { (state.waiver.owner) ": " (state.waiver.reason) @if state.expired { " (ended " (state.waiver.expires) ", holds no more)" } @else if state.covers == 0 { " (nothing to hold for)" } }
            } } } }
        }
    }
}

fn scope(about: &About, assessed_at: DateTime<Utc>) -> Markup {
    html! {
        section.panel {
            header { h2 { "How it was collected" } }
            div.pad { dl.kv {
                dt { "When" } dd { (parts::time(assessed_at)) " UTC" }
                dt { "Program" } dd { "trailkeep " (about.version) }
                @for scope in &about.accounts {
                    dt.mono { (scope.account_id) }
                    dd {
                        @if let Some(name) = &scope.name { (name) ": " }
                        @if let Some(failure) = &scope.failed { span.badge.bad.plain { "not entered" } (failure.code) ": " (failure.message) }
                        @else {
                            (parts::count(scope.regions.len() as u64, "Region", "Regions")) ", " (parts::count(scope.answered, "answer", "answers"))
                            @if scope.refused > 0 { ", " (parts::number(scope.refused)) " refused" }
                        }
                    }
                }
            } }
        }
    }
}
