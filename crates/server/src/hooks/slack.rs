//! `POST /hooks/slack`: somebody pressed a button of a message.
//!
//! Slack signs what it sends with the app's signing secret; nothing else stands for the request. It
//! wants an answer within three seconds, and a repair may take longer: it is answered at once, and
//! what became of it is posted to the `response_url`, for the one who pressed alone.
//! Source: <https://docs.slack.dev/interactivity/handling-user-interaction>

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use reqwest::Method;
use serde_json::json;
use trailkeep_respond::channel::{Interaction, SlackError, parse_interaction, verify_slack};
use trailkeep_respond::config::SlackApp;
use trailkeep_respond::desk::DeskError;
use trailkeep_respond::http::{Client, Guard};
use trailkeep_respond::incident::Act;
use trailkeep_respond::playbook::RespondError;
use trailkeep_respond::route::OfferKind;
use trailkeep_state::{Actor, Incident, IncidentStatus, ResponseId, ResponseStatus, Role, StateError};
use url::Url;

use crate::app::Shared;
use crate::runtime::respond_changed;

/// Largest request.
const MAX_BODY: usize = 64 << 10;
/// The only host that answers go to; the address comes with the request.
const ANSWERS: &str = "hooks.slack.com";
/// A text of an answer is cut here: titles come from logs.
const TEXT: usize = 1_000;

/// `POST /hooks/slack`.
pub(crate) async fn pressed(State(app): State<Shared>, headers: HeaderMap, request: Request) -> Response {
    let Some(slack) = &app.config.respond.slack else {
        return (StatusCode::NOT_FOUND, "there is no [respond.slack] in trailkeep.toml").into_response();
    };
    let Ok(body) = axum::body::to_bytes(request.into_body(), MAX_BODY).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the request is larger than 64 KiB").into_response();
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (time, signature) = (header("x-slack-request-timestamp"), header("x-slack-signature"));
    if let Err(error) = verify_slack(&slack.signing_secret, time, signature, &body, Utc::now()) {
        metrics::counter!("trailkeep_auth_failed_total", "kind" => "slack").increment(1);
        tracing::warn!(%error, "slack request refused");
        return (StatusCode::UNAUTHORIZED, error.to_string()).into_response();
    }
    match parse_interaction(&body) {
        Ok(press) => {
            let (app, role) = (app.clone(), role_of(slack, &press));
            let work = app.work.clone();
            work.spawn(async move { answer(&app, &press, role).await });
        }
        // A button that opens a page is told too; Slack shows a warning unless it hears that it was.
        Err(SlackError::Payload(reason)) => tracing::debug!(reason, "slack request means nothing"),
        Err(error) => tracing::warn!(%error, "slack request not understood"),
    }
    StatusCode::OK.into_response()
}

fn role_of(slack: &SlackApp, press: &Interaction) -> Option<Role> {
    slack.users.get(&press.user_id).copied()
}

/// Does it, and tells the one who pressed.
async fn answer(app: &Shared, press: &Interaction, role: Option<Role>) {
    let (kind, target, user) = (press.kind.as_str(), press.target.as_str(), press.user_id.as_str());
    let text = match act(app, press, role).await {
        Ok(text) => {
            tracing::info!(kind, target, user, name = press.user_name, "button pressed in slack");
            text
        }
        Err(refusal) => {
            let reason = refusal.to_string();
            tracing::warn!(kind, target, user, name = press.user_name, reason, "button in slack refused");
            reason
        }
    };
    let Some(url) = &press.response_url else { return };
    let guard = Guard { allowed_hosts: vec![ANSWERS.to_owned()], ..Guard::default() };
    let sent = match Client::new(guard) {
        Ok(client) => post(&client, url, &text).await,
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = sent {
        tracing::warn!(error, kind, target, "slack was not told what became of a button");
    }
}

/// Why nothing was done, in words for the one who pressed.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(
        "Trailkeep does not know you, so nothing was done. An administrator can add your Slack id {0} to \
         respond.slack.users in trailkeep.toml."
    )]
    Unknown(String),
    #[error("This needs the role {needed}, and yours is {has}; nothing was done. Ask an administrator.")]
    Role { needed: Role, has: Role },
    #[error(
        "This Trailkeep runs no playbooks, so nothing was done. Add [[respond.playbook]] to its trailkeep.toml."
    )]
    NoPlaybooks,
    #[error("There is no response {0}; nothing was done.")]
    NoResponse(String),
    #[error("Nothing was done: {0}.")]
    Desk(#[from] DeskError),
    #[error("Nothing was done: {0}.")]
    Respond(#[from] RespondError),
    #[error("Nothing was done: {0}.")]
    State(#[from] StateError),
}

/// Does what the button says; what became of it, in words.
async fn act(app: &Shared, press: &Interaction, role: Option<Role>) -> Result<String, Refusal> {
    let has = role.ok_or_else(|| Refusal::Unknown(press.user_id.clone()))?;
    let needed = match press.kind {
        OfferKind::Acknowledge | OfferKind::Resolve => Role::Analyst,
        OfferKind::Approve | OfferKind::Reject | OfferKind::Undo => Role::Responder,
    };
    if !has.allows(needed) {
        return Err(Refusal::Role { needed, has });
    }
    // Names can be chosen in Slack, ids cannot: the audit log has both.
    let actor = Actor { name: format!("slack:{}", press.user_name), address: Some(press.user_id.clone()) };
    match press.kind {
        OfferKind::Acknowledge => incident(app, press, &Act::Acknowledge, &actor).await,
        OfferKind::Resolve => incident(app, press, &Act::Resolve { comment: String::new() }, &actor).await,
        OfferKind::Approve | OfferKind::Reject | OfferKind::Undo => respond(app, press, &actor).await,
    }
}

async fn incident(app: &Shared, press: &Interaction, act: &Act, actor: &Actor) -> Result<String, Refusal> {
    let incident = app.desk.act(&press.target, act, actor, Utc::now()).await?;
    Ok(of_incident(&incident))
}

fn of_incident(incident: &Incident) -> String {
    let title = &incident.title;
    match (incident.status, &incident.acknowledged, &incident.resolved) {
        (IncidentStatus::Acknowledged, Some(stamp), _) => format!("{} is on it: {title}", stamp.by),
        (IncidentStatus::Resolved, _, Some(stamp)) => format!("Resolved by {}: {title}", stamp.by),
        (status, ..) => format!("It is {status}: {title}"),
    }
}

async fn respond(app: &Shared, press: &Interaction, actor: &Actor) -> Result<String, Refusal> {
    let missing = || Refusal::NoResponse(press.target.clone());
    let id = press.target.parse().map(ResponseId).map_err(|_| missing())?;
    let (state, playbooks) = (&app.backend.state, app.backend.responder.as_ref().map(|it| &it.playbooks));
    let response = match press.kind {
        OfferKind::Reject => {
            state.responses().reject(id, None, actor, Utc::now()).await?;
            state.responses().get(id).await?.ok_or_else(missing)?
        }
        OfferKind::Undo => playbooks.ok_or(Refusal::NoPlaybooks)?.undo(id, actor).await?,
        _ => playbooks.ok_or(Refusal::NoPlaybooks)?.approve(id, actor).await?,
    };
    respond_changed(state, &response).await?;
    let what = &response.changed;
    let reason = response.reason.as_deref().unwrap_or_default();
    Ok(match response.status {
        ResponseStatus::Done if press.kind == OfferKind::Undo => format!("Not undone. {what}. {reason}"),
        ResponseStatus::Done => format!("Put back. {what}. {reason}"),
        ResponseStatus::Undone => format!("Undone. {what}. {reason}"),
        ResponseStatus::Rejected => format!("Left as it is. {what}."),
        ResponseStatus::Failed => format!("It could not be put back. {what}. {reason}"),
        status => format!("It is {}. {what}. {reason}", status.as_str()),
    })
}

/// Says it to the one who pressed.
async fn post(client: &Client, url: &Url, text: &str) -> Result<(), String> {
    let body = json!({ "response_type": "ephemeral", "replace_original": false, "text": escaped(text) });
    let headers = [("content-type", "application/json")];
    let answer = client.send(Method::POST, url, &headers, Some(body.to_string().into_bytes())).await;
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.is_success() { Ok(()) } else { Err(format!("slack answered {}", answer.status)) }
}

/// Slack's three characters; with them, a title of a log could call everybody in the channel.
/// Source: <https://docs.slack.dev/messaging/formatting-message-text#escaping>
fn escaped(text: &str) -> String {
    let text: String = text.trim().chars().take(TEXT).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use trailkeep_testkit::{Reply, ScriptedServer};

    use super::*;

    #[tokio::test]
    async fn the_answer_is_for_one_person_and_calls_nobody() {
        let server = ScriptedServer::start(vec![Reply::new(200, "ok"), Reply::new(404, "expired_url")]);
        let guard = Guard { allow_private: true, timeout: Duration::from_secs(5), ..Guard::default() };
        let client = Client::new(guard).unwrap();
        let url: Url = format!("{}/actions/T1/1/x", server.url()).parse().unwrap();
        post(&client, &url, "alice is on it: <!channel> & friends").await.unwrap();
        let request = &server.requests()[0];
        assert_eq!(request.line, "POST /actions/T1/1/x HTTP/1.1");
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&request.body).unwrap(),
            json!({ "response_type": "ephemeral", "replace_original": false, "text": "alice is on it: &lt;!channel&gt; &amp; friends" })
        );
        assert_eq!(post(&client, &url, "x").await.unwrap_err(), "slack answered 404");
        assert!(escaped(&"<".repeat(1 << 20)).len() <= TEXT * 4);
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let unknown = Refusal::Unknown("U9".to_owned()).to_string();
        assert!(unknown.contains("U9") && unknown.contains("respond.slack.users"), "{unknown}");
        let role = Refusal::Role { needed: Role::Responder, has: Role::Analyst }.to_string();
        assert!(role.contains("needs the role responder, and yours is analyst"), "{role}");
    }
}
