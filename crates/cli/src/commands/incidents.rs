//! `trailkeep incidents`, `silences` and `channels`.

use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use trailkeep_respond::channel;
use trailkeep_respond::deliver::test_send;
use trailkeep_respond::desk::Desk;
use trailkeep_respond::incident::Act;
use trailkeep_respond::route::Matcher;
use trailkeep_server::Config;
use trailkeep_server::config::RespondConfig;
use trailkeep_state::{Actor, Incident, IncidentFilter, MessageState, NewAuditEntry, Silence, State};

use crate::args::{AddSilence, Channels, Format, Global, Incidents, ListIncidents, Silences};
use crate::exit::Status;
use crate::output::{clean, note};
use crate::{context, output};

const HEADER: [&str; 8] = ["last_time", "level", "status", "count", "account", "title", "assignee", "id"];
/// Silences that are listed.
const SILENCES: usize = 1000;
/// Messages that are counted.
const MESSAGES: usize = 100_000;

pub(crate) async fn incidents(global: &Global, args: &Incidents) -> anyhow::Result<Status> {
    let state = context::state(global).await?;
    let (id, act) = match args {
        Incidents::List(list) => return print(global, &listed(&state, list).await?),
        Incidents::Show { incident } => return show(global, &state, incident).await,
        Incidents::Acknowledge { incident } => (incident, Act::Acknowledge),
        Incidents::Resolve { incident, comment } => (incident, Act::Resolve { comment: comment.clone() }),
        Incidents::Reopen { incident } => (incident, Act::Reopen),
        Incidents::Assign { incident, to } => (incident, Act::Assign { to: to.clone() }),
        Incidents::Note { incident, text } => (incident, Act::Note { text: text.clone() }),
    };
    let desk = Desk::new(state, config(global)?);
    let incident = desk.act(id, &act, &actor(), Utc::now()).await?;
    print(global, &[incident])
}

async fn listed(state: &State, args: &ListIncidents) -> anyhow::Result<Vec<Incident>> {
    let filter = IncidentFilter {
        statuses: args.status.clone(),
        min_level: args.min_level,
        text: args.text.clone(),
        ..IncidentFilter::default()
    };
    Ok(state.incidents().list(&filter, args.limit, None).await?.rows)
}

fn print(global: &Global, rows: &[Incident]) -> anyhow::Result<Status> {
    output::items(global.output, rows, &HEADER, |row| {
        vec![
            time(row.last_time),
            row.level.as_str().to_owned(),
            row.status.as_str().to_owned(),
            row.count.to_string(),
            row.account_id.clone().unwrap_or_default(),
            row.title.clone(),
            row.assignee.clone().unwrap_or_default(),
            row.id.clone(),
        ]
    })?;
    Ok(Status::Done)
}

async fn show(global: &Global, state: &State, id: &str) -> anyhow::Result<Status> {
    let detail = state.incidents().get(id).await?.with_context(|| format!("there is no incident {id}"))?;
    if global.output != Format::Table {
        output::document(global.output, &detail)?;
        return Ok(Status::Done);
    }
    let incident = &detail.incident;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let facts = [
        ("incident", incident.id.clone()),
        ("title", incident.title.clone()),
        ("level", incident.level.to_string()),
        ("status", incident.status.to_string()),
        ("summary", incident.summary.clone()),
        ("rule", incident.rule_id.clone()),
        ("entity", incident.entity.clone()),
        ("account", text(&incident.account_id)),
        ("region", text(&incident.region)),
        ("owner", text(&incident.owner)),
        ("actor", text(&incident.actor)),
        ("assignee", text(&incident.assignee)),
        ("signals", incident.count.to_string()),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    output::table(&["what", "value"], facts.map(|(name, value)| vec![name.to_owned(), value]))?;
    let timeline = detail.timeline.iter();
    let row = |entry: &trailkeep_state::TimelineEntry| {
        vec![time(entry.time), entry.actor.clone(), entry.kind.as_str().to_owned(), entry.text.clone()]
    };
    output::table(&["time", "by", "what", "text"], timeline.map(row))?;
    for ticket in &detail.tickets {
        let url = ticket.url.as_deref().unwrap_or_default();
        note(&clean(&format!("ticket {} {url}", ticket.reference)));
    }
    Ok(Status::Done)
}

pub(crate) async fn silences(global: &Global, args: &Silences) -> anyhow::Result<Status> {
    let state = context::state(global).await?;
    let now = Utc::now();
    match args {
        Silences::List { all } => {
            let mut rows = state.incidents().silences(SILENCES).await?;
            rows.retain(|row| *all || row.ends_at > now);
            print_silences(global, &rows)
        }
        Silences::Add(add) => {
            let desk = Desk::new(state.clone(), config(global)?);
            let ends_at = now + length(&add.duration)?;
            let id = desk.silence(&matcher(add)?, &add.comment, now, ends_at, &actor(), now).await?;
            let rows = state.incidents().silences(SILENCES).await?;
            print_silences(global, &rows.into_iter().filter(|row| row.id == id).collect::<Vec<_>>())
        }
        Silences::End { silence } => {
            Desk::new(state, config(global)?).end_silence(*silence, &actor(), now).await?;
            note(&format!("silence {silence} has ended"));
            Ok(Status::Done)
        }
    }
}

fn print_silences(global: &Global, rows: &[Silence]) -> anyhow::Result<Status> {
    let header = ["silence", "starts_at", "ends_at", "by", "match", "comment"];
    output::items(global.output, rows, &header, |row| {
        vec![
            row.id.to_string(),
            time(row.starts_at),
            time(row.ends_at),
            row.created_by.clone(),
            row.matcher.clone(),
            row.comment.clone(),
        ]
    })?;
    Ok(Status::Done)
}

/// `rule=sg_*` and the like, as the configuration has them.
fn matcher(args: &AddSilence) -> anyhow::Result<Matcher> {
    let mut map: Map<String, Value> = Map::new();
    for text in &args.matchers {
        let (label, value) =
            text.split_once('=').with_context(|| format!("`{text}`: write LABEL=VALUE, as rule=sg_*"))?;
        match (label, map.get_mut(label)) {
            ("level" | "below", _) => drop(map.insert(label.to_owned(), json!(value))),
            (_, Some(Value::Array(values))) => values.push(json!(value)),
            _ => drop(map.insert(label.to_owned(), json!([value]))),
        }
    }
    serde_json::from_value(Value::Object(map)).context("that is no matcher")
}

fn length(text: &str) -> anyhow::Result<TimeDelta> {
    let wrong = || anyhow::anyhow!("`{text}` is no time; write one such as 30m, 8h or 7d");
    let unit = text.char_indices().last().map(|(at, _)| text.split_at(at)).ok_or_else(wrong)?;
    let number: i64 = unit.0.parse().map_err(|_| wrong())?;
    let length = match unit.1 {
        "m" => TimeDelta::try_minutes(number),
        "h" => TimeDelta::try_hours(number),
        "d" => TimeDelta::try_days(number),
        _ => None,
    };
    length.filter(|length| *length > TimeDelta::zero() && *length <= TimeDelta::days(366)).ok_or_else(wrong)
}

/// A channel, for `channels list`.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    r#type: &'a str,
    title: &'a str,
    waiting: usize,
    failed: usize,
    last_error: Option<String>,
}

pub(crate) async fn channels(global: &Global, args: &Channels) -> anyhow::Result<Status> {
    anyhow::ensure!(
        global.config.is_some(),
        "channels are in the configuration: give it with --config trailkeep.toml"
    );
    let config = config(global)?;
    match args {
        Channels::List => list_channels(global, &config).await,
        Channels::Test { channel } => {
            let known: Vec<&str> = config.channels.iter().map(|channel| channel.name.as_str()).collect();
            let found = config.channel(channel).with_context(|| {
                format!("there is no channel {channel:?} (there are: {})", known.join(", "))
            })?;
            let state = context::state(global).await?;
            let sent = Box::pin(test_send(found, Utc::now())).await;
            let outcome = sent.as_ref().map_or_else(|error| error.reason.clone(), |_| "delivered".to_owned());
            let detail = json!({ "outcome": outcome });
            let audit = NewAuditEntry::new(&actor(), "channel.test", format!("channel:{channel}"), detail);
            state.audit().append(&audit, Utc::now()).await?;
            let receipt = sent.map_err(|error| anyhow::anyhow!("{channel}: {}", clean(&error.reason)))?;
            let place = receipt.url.or(receipt.reference).map(|place| format!(": {place}"));
            note(&clean(&format!("{channel} took the message{}", place.unwrap_or_default())));
            Ok(Status::Done)
        }
    }
}

async fn list_channels(global: &Global, config: &RespondConfig) -> anyhow::Result<Status> {
    let outbox = context::state(global).await?.outbox();
    let waiting = outbox.list(Some(MessageState::Pending), MESSAGES).await?;
    let failed = outbox.list(Some(MessageState::Failed), MESSAGES).await?;
    let rows: Vec<Row<'_>> = config
        .channels
        .iter()
        .map(|named| {
            let of = |message: &&trailkeep_state::Message| message.channel == named.name;
            Row {
                name: &named.name,
                r#type: named.kind,
                title: channel::title(named.kind).unwrap_or_default(),
                waiting: waiting.iter().filter(of).count(),
                failed: failed.iter().filter(of).count(),
                last_error: waiting.iter().chain(&failed).filter(of).find_map(|it| it.last_error.clone()),
            }
        })
        .collect();
    output::items(
        global.output,
        &rows,
        &["name", "type", "title", "waiting", "failed", "last_error"],
        |row| {
            vec![
                row.name.to_owned(),
                row.r#type.to_owned(),
                row.title.to_owned(),
                row.waiting.to_string(),
                row.failed.to_string(),
                row.last_error.clone().unwrap_or_default(),
            ]
        },
    )?;
    Ok(Status::Done)
}

fn config(global: &Global) -> anyhow::Result<Arc<RespondConfig>> {
    Ok(match &global.config {
        Some(file) => Config::load(file)?.respond,
        None => Arc::default(),
    })
}

/// Who sits at this terminal, as far as the system tells.
pub(super) fn actor() -> Actor {
    let name = std::env::var("USER").ok().filter(|name| !name.is_empty());
    Actor::local(name.unwrap_or_else(|| "command line".to_owned()))
}

fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
