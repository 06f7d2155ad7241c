//! Settings: tokens, users, the audit log, runs, one's own password.

mod account;
mod audit;
mod runs;
mod tokens;
mod users;

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use trailkeep_state::Role;

pub(crate) use account::{change_password, page as account_page};
pub(crate) use audit::page as audit_page;
pub(crate) use runs::page as runs_page;
pub(crate) use tokens::{create as create_token, page as tokens_page, revoke as revoke_token};
pub(crate) use users::{change as change_user, create as create_user, page as users_page};

use super::layout::{Frame, Place};
use crate::app::Shared;
use crate::auth::Viewer;

/// `GET /settings`: the first page that the role may see.
pub(crate) async fn index(State(_): State<Shared>, Viewer(who): Viewer) -> Redirect {
    Redirect::to(if who.role.allows(Role::Admin) { "/settings/tokens" } else { "/settings/runs" })
}

/// A page of the settings, with its tabs.
fn page(frame: &Frame, path: &str, body: &Markup) -> Markup {
    let admin = frame.role.allows(Role::Admin);
    let tabs = [
        ("/settings/tokens", "Tokens", admin),
        ("/settings/users", "Users", admin),
        ("/settings/audit", "Audit log", admin),
        ("/settings/runs", "Runs", true),
        ("/settings/account", "Account", !frame.open),
    ];
    let head = html! { nav.tabs aria-label="Settings" {
        @for (href, name, shown) in tabs { @if shown { a href=(href) aria-current=[(href == path).then_some("page")] { (name) } } }
    } };
    frame.page(Place::Settings, "Settings", &head, body)
}
