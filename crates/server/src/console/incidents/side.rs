//! Beside an incident: what can be done with it, what silences it, its tickets.

use chrono::Utc;
use maud::{Markup, html};
use trailkeep_respond::route::Pattern;
use trailkeep_state::{Incident, IncidentDetail, IncidentStatus, Role, Ticket};

use super::href;
use crate::app::Shared;
use crate::console::layout::Frame;
use crate::console::link::{self, Link};
use crate::console::parts;
use crate::console::silences::{self, Listed};
use crate::http::error::PageError;

/// The silences that hold an incident now.
pub(super) async fn silenced(app: &Shared, incident: &Incident) -> Result<Vec<Listed>, PageError> {
    let (now, mut all) = (Utc::now(), silences::all(app).await?);
    all.retain(|silence| silence.holds(incident, now));
    Ok(all)
}

/// What silences it, above the page.
pub(super) fn silence_note(frame: &Frame, silenced: &[Listed]) -> Markup {
    html! { @for silence in silenced {
        div.note.warn role="note" { div.row.wrap {
            b { "Silenced until " (parts::time(silence.ends_at)) " UTC." }
            @if !silence.comment.is_empty() { span { (silence.comment) } }
            @if frame.role.allows(Role::Analyst) { a.link href="/silences" { "Silences" } }
        } }
    } }
}

/// The address of the form for a silence of incidents like this one.
fn silence_href(incident: &Incident) -> String {
    let link = Link::to("/silences").with("rule", Pattern::exactly(&incident.rule_id));
    let link = match &incident.account_id {
        Some(account) => link.with("account", Pattern::exactly(account)),
        None => link,
    };
    link.with("entity", Pattern::exactly(&incident.entity)).with("from", incident.id.as_str()).href()
}

/// On a phone the panel is far down; the heading stays in sight.
pub(super) fn acknowledge_in_head(frame: &Frame, incident: &Incident) -> Markup {
    html! { @if incident.status == IncidentStatus::Open && frame.role.allows(Role::Analyst) {
        form.narrow-only method="post" action=(href(&incident.id)) {
            (frame.csrf_field())
            button.btn.primary name="act" value="acknowledge" { "Acknowledge" }
        }
    } }
}

/// The panel with what can be done.
pub(super) fn acts(frame: &Frame, incident: &Incident) -> Markup {
    let action = href(&incident.id);
    if !frame.role.allows(Role::Analyst) {
        return html! { section.panel { header { h2 { "What to do" } } p.pad.muted { "Acting on incidents needs the role analyst; yours is " (frame.role.as_str()) ". Ask an administrator." } } };
    }
    let resolved = incident.status == IncidentStatus::Resolved;
    let mine = incident.assignee.as_deref() == Some(frame.name.as_str());
    html! {
        section.panel {
            header { h2 { "What to do" } }
            div.pad.stack {
                form.row.wrap method="post" action=(action) {
                    (frame.csrf_field())
                    @match incident.status {
                        IncidentStatus::Open => button.btn.primary name="act" value="acknowledge" data-key="a" title="Nobody else is woken" { "Acknowledge " kbd { "a" } },
                        IncidentStatus::Acknowledged => span.muted { "Somebody is on it: nobody else is woken." },
                        IncidentStatus::Resolved => button.btn name="act" value="reopen" { "Open again" },
                    }
                    @if !resolved { a.btn href=(silence_href(incident)) title="Hold messages about incidents like this one for a while" { (parts::icon(parts::Icon::Silences)) "Silence" } }
                }
                form.stack method="post" action=(action) {
                    (frame.csrf_field())
                    label.field { span { "Note " kbd { "c" } } textarea name="text" rows="4" maxlength="10000" data-key="c" placeholder=(if resolved { "What came to light since" } else { "What you saw, what you did, why it is done" }) {} }
                    div.row {
                        button.btn name="act" value="note" data-default { "Add note" }
                        @if !resolved { button.btn name="act" value="resolve" title="With the note, if there is one" { "Resolve" } }
                    }
                }
                form.stack method="post" action=(action) {
                    (frame.csrf_field())
                    label.field { span { "With" } input name="to" value=(incident.assignee.as_deref().unwrap_or_default()) maxlength="200" placeholder="nobody" autocomplete="off"; }
                    div.row {
                        button.btn name="act" value="assign" data-default { "Assign" }
                        @if !mine { button.btn name="act" value="mine" { "Assign to me" } }
                    }
                }
            }
        }
    }
}

/// The panel with tickets, and the form that links one.
pub(super) fn tickets(frame: &Frame, detail: &IncidentDetail) -> Markup {
    let analyst = frame.role.allows(Role::Analyst);
    // What a channel calls its message is for the channel, unless there is a place to look.
    let shown: Vec<&Ticket> =
        detail.tickets.iter().filter(|it| it.channel.is_empty() || it.url.is_some()).collect();
    html! { @if analyst || !shown.is_empty() {
        section.panel {
            header { h2 { "Tickets" } }
            @if !shown.is_empty() { ul.told { @for ticket in shown { (ticket_row(ticket)) } } }
            @if analyst {
                form.pad.stack method="post" action=(href(&detail.incident.id)) {
                    (frame.csrf_field())
                    input name="reference" required maxlength="500" placeholder="Name, such as SEC-17" aria-label="Name of the ticket" autocomplete="off";
                    div.row {
                        input.grow name="url" type="url" maxlength="2000" placeholder="https://… (optional)" aria-label="Address of the ticket" autocomplete="off";
                        button.btn name="act" value="link" data-default { "Link" }
                    }
                }
            }
        }
    } }
}

fn ticket_row(ticket: &Ticket) -> Markup {
    // A person may link an address alone.
    let address = ticket.url.as_deref().unwrap_or(&ticket.reference);
    html! {
        li {
            div.row {
                @match link::web(address) {
                    Some(url) => a.link.strong.grow href=(url) rel="noreferrer noopener" target="_blank" { (ticket.reference) },
                    None => span.strong.grow { (ticket.reference) },
                }
                (parts::copy(&ticket.reference, "the ticket"))
            }
            div.small.muted { @if ticket.channel.is_empty() { "linked " } @else { (ticket.channel) ", " } (parts::time(ticket.at)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_leads_to_the_web_only() {
        let ticket = |reference: &str, url: Option<&str>| {
            let ticket = Ticket {
                channel: String::new(),
                thread: "i".to_owned(),
                reference: reference.to_owned(),
                url: url.map(str::to_owned),
                at: chrono::DateTime::UNIX_EPOCH,
            };
            ticket_row(&ticket).into_string()
        };
        assert!(
            ticket("SEC-1", Some("https://t.example.com/SEC-1"))
                .contains("href=\"https://t.example.com/SEC-1\"")
        );
        assert!(ticket("https://wiki.example.com/1", None).contains("href=\"https://wiki.example.com/1\""));
        for hostile in ["javascript:alert(1)", "data:text/html,<script>", "vbscript:x"] {
            assert!(!ticket("SEC-1", Some(hostile)).contains("href"), "{hostile}");
            assert!(!ticket(hostile, None).contains("href"), "{hostile}");
        }
    }
}
