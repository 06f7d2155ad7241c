//! SQL: the editor, the schema beside it, saved queries, the result, the export.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Utc;
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_state::{QueryKind, Role, SavedQuery};

use super::layout::{Frame, Place};
use super::link::Link;
use super::parts::{self, Icon, icon};
use crate::app::Shared;
use crate::auth::{Analyst, Identity, Posted, Viewer};
use crate::backend::{ExportFormat, Grid, LogsError, Table};
use crate::http::error::PageError;

/// Rows that the page shows; an export has all of them.
const ROWS: usize = 1_000;
/// Longest cell that the page shows.
const CELL: usize = 400;
/// Longest statement that is taken.
const MAX_SQL: usize = 256 << 10;

/// Questions to begin with.
const EXAMPLES: [(&str, &str); 6] = [
    (
        "What failed, for whom",
        "SELECT useridentity.arn, eventname, errorcode, count(*) AS n\nFROM cloudtrail_logs\nWHERE errorcode IS NOT NULL\nGROUP BY 1, 2, 3\nORDER BY n DESC\nLIMIT 50",
    ),
    (
        "Console logins without MFA",
        "SELECT event_time, useridentity.arn, sourceipaddress\nFROM cloudtrail_logs\nWHERE eventname = 'ConsoleLogin'\n  AND json_extract_scalar(additionaleventdata, '$.MFAUsed') = 'No'\nORDER BY event_time DESC\nLIMIT 100",
    ),
    (
        "One access key, many addresses",
        "SELECT useridentity.accesskeyid, count(DISTINCT sourceipaddress) AS addresses, min(event_time), max(event_time)\nFROM cloudtrail_logs\nGROUP BY 1\nHAVING count(DISTINCT sourceipaddress) > 3\nORDER BY addresses DESC\nLIMIT 50",
    ),
    (
        "Events per hour and table",
        "SELECT date_trunc('hour', event_time) AS hour, table_name, count(*) AS events\nFROM events\nGROUP BY 1, 2\nORDER BY 1 DESC, 3 DESC\nLIMIT 200",
    ),
    (
        "Rejected flows by address",
        "SELECT sourceaddress, destinationport, count(*) AS flows\nFROM vpc_flow_logs\nWHERE action = 'REJECT'\nGROUP BY 1, 2\nORDER BY flows DESC\nLIMIT 50",
    ),
    (
        "What went to quarantine, and why",
        "SELECT event_time, source_uri, reason\nFROM quarantine\nORDER BY event_time DESC\nLIMIT 100",
    ),
];

/// The address of the page: a statement to begin with. It is not run.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    q: String,
}

/// A statement to run.
#[derive(Debug, Deserialize)]
pub(crate) struct Run {
    sql: String,
    /// Export as this, in place of a page.
    #[serde(default)]
    export: String,
    /// Keep the statement under this name, in place of running it.
    #[serde(default)]
    save: String,
    #[serde(default)]
    name: String,
}

/// What came of a statement.
enum Outcome {
    None,
    Grid(Grid),
    Failed(LogsError),
}

/// `GET /sql`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Query(params): Query<Params>,
) -> Result<Markup, PageError> {
    let frame = app.frame(&who).await?;
    show(&app, &frame, &params.q, &Outcome::None).await
}

/// `POST /sql`: runs, exports or keeps a statement.
pub(crate) async fn run(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Posted(form): Posted<Run>,
) -> Result<Response, PageError> {
    if form.sql.len() > MAX_SQL {
        return Err(PageError::wrong("The statement is too long", "256 KiB is the limit".to_owned()));
    }
    if !form.save.is_empty() {
        return save(&app, &who, &form).await;
    }
    if let Some(format) = ExportFormat::named(&form.export) {
        return export(&app, &form.sql, format).await;
    }
    let frame = app.frame(&who).await?;
    let outcome = if form.sql.trim().is_empty() {
        Outcome::None
    } else {
        match app.in_time(app.backend.logs.sql(&form.sql, ROWS)).await {
            Ok(grid) => Outcome::Grid(grid),
            Err(error) => Outcome::Failed(error),
        }
    };
    Ok(show(&app, &frame, &form.sql, &outcome).await?.into_response())
}

/// A result as a file, streamed.
pub(crate) async fn export(app: &Shared, sql: &str, format: ExportFormat) -> Result<Response, PageError> {
    let stream = app
        .in_time(app.backend.logs.export(sql, format))
        .await
        .map_err(|error| PageError::wrong("The export failed", error.to_string()))?;
    let name = format!("trailkeep-{}.{}", Utc::now().format("%Y%m%dT%H%M%SZ"), format.extension());
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, axum::body::Body::from_stream(stream)).into_response())
}

async fn show(app: &Shared, frame: &Frame, sql: &str, outcome: &Outcome) -> Result<Markup, PageError> {
    let saved = app.backend.state.saved_queries().list(Some(QueryKind::Sql)).await?;
    // Without the list of tables the editor is of use all the same.
    let tables = app.in_time(app.backend.logs.tables()).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "tables could not be listed");
        Vec::new()
    });
    let body = html! {
        div.sqlpage {
            div.stack {
                (editor(frame, sql))
                (result(outcome))
            }
            div.stack {
                (schema(&tables))
                (queries(frame, &saved))
            }
        }
    };
    let head =
        html! { span.sub.wide-only { "DataFusion over the lake, with Athena's functions. Times are UTC." } };
    Ok(frame.page(Place::Sql, "SQL", &head, &body))
}

fn editor(frame: &Frame, sql: &str) -> Markup {
    let analyst = frame.role.allows(Role::Analyst);
    html! {
        section.panel.editor {
            form method="post" action="/sql" #sql-form {
                (frame.csrf_field())
                label { span.vh { "Statement" }
                    textarea.code name="sql" rows="9" data-editor data-search spellcheck="false" autocapitalize="off" autocomplete="off"
                        placeholder="SELECT event_time, actor, action, source_address FROM events WHERE outcome = 'AccessDenied' ORDER BY event_time DESC LIMIT 100" { (sql) }
                }
                div.tools {
                    button.btn.primary data-default { "Run" }
                    span.muted.wide-only { kbd { "Ctrl" } " " kbd { "Enter" } }
                    div.grow {}
                    @if analyst {
                        input name="name" placeholder="Name to save under" maxlength="120" aria-label="Name to save under";
                        button.btn name="save" value="1" { "Save" }
                    }
                    span.muted { (icon(Icon::Download)) }
                    span.seg role="group" aria-label="Export all rows" {
                        @for format in ["csv", "ndjson", "json", "parquet"] {
                            button.btn.sm.ghost name="export" value=(format) formtarget="_blank" title={ "Export all rows as " (format) } { (format) }
                        }
                    }
                }
            }
        }
    }
}

fn result(outcome: &Outcome) -> Markup {
    match outcome {
        Outcome::None => html! {
            section.panel { (parts::empty(Icon::Sql, "Ask the lake", &html! {
                p { "Tables have the names and columns that AWS documents for Athena; " code { "events" } " has one row per event of every table." }
                div.row { @for (name, sql) in &EXAMPLES[..3] { a.btn.sm href=(Link::to("/sql").with("q", *sql).href()) { (name) } } }
            })) }
        },
        Outcome::Failed(LogsError::Wrong(reason)) => parts::failed("The statement was not run", reason),
        Outcome::Failed(LogsError::Failed(reason)) => parts::failed("The query failed", reason),
        Outcome::Grid(grid) => html! {
            section.panel aria-label="Result" {
                header {
                    h2 { (parts::count(grid.rows.len() as u64, "row", "rows")) }
                    @if grid.truncated { span.badge.medium.plain { "Cut at " (parts::number(ROWS as u64)) "; an export has all rows" } }
                    div.end { (format!("{:.0} ms", grid.elapsed.as_secs_f64() * 1e3)) }
                }
                @if grid.rows.is_empty() { (parts::empty(Icon::Sql, "No rows", &html! { p { "The statement ran, and nothing matched." } })) }
                @else { (rows(grid)) }
            }
        },
    }
}

fn rows(grid: &Grid) -> Markup {
    let numeric: Vec<bool> = grid.columns.iter().map(|(_, ty)| is_number(ty)).collect();
    html! {
        div.result {
            table.tbl {
                thead { tr { @for ((name, ty), numeric) in grid.columns.iter().zip(&numeric) { th class=[numeric.then_some("num")] title=(ty) { (name) } } } }
                tbody {
                    @for row in &grid.rows {
                        tr data-row {
                            @for (cell, numeric) in row.iter().zip(&numeric) {
                                @match cell {
                                    None => td.null { "null" },
                                    Some(text) => td class=[numeric.then_some("num")] title=[(text.len() > 40).then_some(clip(text))] { (clip(text)) },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(CELL)]
}

fn is_number(ty: &str) -> bool {
    let ty = ty.to_ascii_lowercase();
    ["int", "float", "double", "decimal", "uint", "bigint"].iter().any(|prefix| ty.starts_with(prefix))
        && !ty.starts_with("interval")
}

fn schema(tables: &[Table]) -> Markup {
    html! {
        aside.panel.schema aria-label="Tables and columns" {
            header { h2 { "Tables" } }
            @if tables.is_empty() { p.doc { "No tables yet. Ingest something first." } }
            @for table in tables {
                details {
                    summary {
                        button.mono type="button" data-insert=(table.name) title="Insert the name" { (table.name) }
                        @if table.view { span.badge.plain { "view" } }
                    }
                    @if !table.doc.is_empty() { p.doc { (table.doc) } }
                    ul {
                        @for column in &table.columns {
                            li title=[Some(column.doc.as_str()).filter(|doc| !doc.is_empty())] {
                                button type="button" data-insert=(column.name) { (column.name) }
                                span.ty title=(column.ty) { (column.ty) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn queries(frame: &Frame, saved: &[SavedQuery]) -> Markup {
    let analyst = frame.role.allows(Role::Analyst);
    html! {
        section.panel.queries {
            header { h2 { "Saved" } }
            @if saved.is_empty() { p.pad.muted { @if analyst { "Name a statement and press Save to keep it here." } @else { "Nothing is saved." } } }
            ul { @for query in saved {
                li {
                    a href=(Link::to("/sql").with("q", query.text.as_str()).href()) title=(clip(&query.text)) { (query.name) }
                    @if analyst {
                        form method="post" action={ "/sql/saved/" (query.id) "/delete" } {
                            (frame.csrf_field())
                            button.btn.sm.ghost title={ "Delete " (query.name) } aria-label={ "Delete " (query.name) } { (icon(Icon::Close)) }
                        }
                    }
                }
            } }
        }
        section.panel.queries {
            header { h2 { "Examples" } }
            ul { @for (name, sql) in EXAMPLES { li { a href=(Link::to("/sql").with("q", sql).href()) { (name) } } } }
        }
    }
}

async fn save(app: &Shared, who: &Identity, form: &Run) -> Result<Response, PageError> {
    if !who.role.allows(Role::Analyst) {
        return Err(PageError::Forbidden(format!(
            "saving needs the role analyst, and yours is {}",
            who.role
        )));
    }
    app.backend
        .state
        .saved_queries()
        .save(&form.name, QueryKind::Sql, &form.sql, &who.actor(), Utc::now())
        .await?;
    Ok(Redirect::to(&Link::to("/sql").with("q", form.sql.as_str()).href()).into_response())
}

/// The form has nothing but its token.
#[derive(Debug, Deserialize)]
pub(crate) struct Delete {}

/// `POST /sql/saved/{id}/delete`: one's own; an admin may delete everybody's.
pub(crate) async fn delete(
    State(app): State<Shared>,
    Analyst(who): Analyst,
    Path(id): Path<i64>,
    Posted(Delete {}): Posted<Delete>,
) -> Result<Redirect, PageError> {
    let queries = app.backend.state.saved_queries();
    let Some(query) = queries.get(id).await? else {
        return Err(PageError::NotFound(format!("there is no saved query {id}")));
    };
    if query.owner != who.name && !who.role.allows(Role::Admin) {
        return Err(PageError::Forbidden(format!(
            "'{}' was saved by {}; an admin may delete it",
            query.name, query.owner
        )));
    }
    queries.delete(id, &who.actor(), Utc::now()).await?;
    Ok(Redirect::to("/sql"))
}
