//! What stands around every page: the rail, the heading, the help.

use maud::{DOCTYPE, Markup, html};
use trailkeep_state::Role;

use super::assets;
use super::parts::{Icon, icon, mark, number};

/// The places in the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    Controls,
    Search,
    Sql,
    Findings,
    Incidents,
    Alarms,
    Responses,
    Settings,
}

/// What the frame needs to know about the one who looks.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Name and role.
    pub(crate) name: String,
    pub(crate) role: Role,
    /// Goes into every form that changes something.
    pub(crate) csrf: String,
    /// `light`, `dark`, or as the system says.
    pub(crate) theme: Option<&'static str>,
    /// New findings of level high and critical.
    pub(crate) urgent: u64,
    /// Alarms in `ALARM`.
    pub(crate) alarms: u64,
    /// Incidents that nobody is on.
    pub(crate) incidents: u64,
    /// Responses that wait for a person.
    pub(crate) waiting: u64,
    /// Nobody had to log in.
    pub(crate) open: bool,
}

impl Frame {
    /// The hidden field of a form that changes something.
    pub(crate) fn csrf_field(&self) -> Markup {
        html! { input type="hidden" name="csrf" value=(self.csrf); }
    }

    /// A whole page.
    pub(crate) fn page(&self, place: Place, title: &str, head: &Markup, body: &Markup) -> Markup {
        self.page_with(place, title, head, body, None)
    }

    /// A whole page that fetches itself again every so many seconds.
    pub(crate) fn page_with(
        &self,
        place: Place,
        title: &str,
        head: &Markup,
        body: &Markup,
        refresh: Option<u32>,
    ) -> Markup {
        document(
            self.theme,
            title,
            &html! {
                a.skip href="#main" { "Skip to content" }
                div.bar {}
                div.shell {
                    (self.rail(place))
                    main #main data-refresh=[refresh] tabindex="-1" {
                        div.head { h1 { (title) } (head) }
                        div.body { (body) }
                    }
                }
                (help())
            },
        )
    }

    fn rail(&self, place: Place) -> Markup {
        let item = |to: Place, href: &str, picture: Icon, name: &str, key: &str, count: u64| {
            html! {
                a.item href=(href) aria-current=[(to == place).then_some("page")] {
                    (icon(picture)) span { (name) }
                    @if count > 0 { span.n title={ (number(count)) " to look at" } { (number(count)) } }
                    @else { kbd { "g " (key) } }
                }
            }
        };
        html! {
            div.rail {
                a.brand href="/" aria-label="Trailkeep, overview" { (mark()) span { "Trailkeep" } }
                nav aria-label="Pages" {
                    (item(Place::Overview, "/", Icon::Overview, "Overview", "o", 0))
                    (item(Place::Controls, "/controls", Icon::Controls, "Controls", "c", 0))
                    (item(Place::Search, "/search", Icon::Search, "Search", "s", 0))
                    (item(Place::Sql, "/sql", Icon::Sql, "SQL", "q", 0))
                    (item(Place::Findings, "/findings", Icon::Findings, "Findings", "f", self.urgent))
                    (item(Place::Incidents, "/incidents", Icon::Incidents, "Incidents", "i", self.incidents))
                    (item(Place::Alarms, "/alarms", Icon::Alarms, "Alarms", "a", self.alarms))
                    (item(Place::Responses, "/responses", Icon::Responses, "Responses", "r", self.waiting))
                    (item(Place::Settings, "/settings", Icon::Settings, "Settings", "t", 0))
                }
                div.foot {
                    button.item type="button" data-help { (icon(Icon::Help)) span { "Keys" } kbd { "?" } }
                    form method="post" action="/theme" {
                        (self.csrf_field())
                        button.item data-theme-toggle aria-label="Switch between light and dark" { (icon(Icon::Theme)) span { "Theme" } kbd { "d" } }
                    }
                    @if !self.open {
                        form method="post" action="/logout" {
                            (self.csrf_field())
                            button.item { (icon(Icon::Leave)) span { "Log out" } }
                        }
                    }
                    div.who title=(self.name) { b { (self.name) } " · " (self.role.as_str()) }
                }
            }
        }
    }
}

/// A page without the rail: login, errors before login.
pub(crate) fn door(theme: Option<&'static str>, title: &str, body: &Markup) -> Markup {
    document(
        theme,
        title,
        &html! {
            main.door { div.card { div.brand { (mark()) span { "Trailkeep" } } (body) } }
        },
    )
}

fn document(theme: Option<&'static str>, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Trailkeep" }
                link rel="icon" href=(assets::icon());
                link rel="stylesheet" href=(assets::css());
                script src=(assets::js()) defer {}
            }
            body { (body) }
        }
    }
}

fn help() -> Markup {
    let keys: [(&[&str], &str); 17] = [
        (&["/"], "search box"),
        (&["g", "o"], "overview"),
        (&["g", "c"], "controls"),
        (&["g", "s"], "search"),
        (&["g", "q"], "SQL"),
        (&["g", "f"], "findings"),
        (&["g", "i"], "incidents"),
        (&["g", "a"], "alarms"),
        (&["g", "r"], "responses"),
        (&["j", "k"], "next and previous row"),
        (&["Enter"], "open the row"),
        (&["n"], "next page"),
        (&["a"], "acknowledge the incident"),
        (&["c"], "write a note on it"),
        (&["Esc"], "close the event, leave the field"),
        (&["Ctrl", "Enter"], "run the query, send the form"),
        (&["d"], "light or dark"),
    ];
    html! {
        dialog #help aria-labelledby="help-title" {
            div.row { h2 #help-title.grow { "Keys" } form method="dialog" { button.btn.sm { "Close" } } }
            dl {
                @for (combination, does) in keys {
                    dt { @for key in combination { kbd { (key) } " " } }
                    dd { (does) }
                }
            }
        }
    }
}
