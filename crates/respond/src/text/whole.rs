//! Whole messages: plain text, HTML, Markdown.

use std::fmt::Write as _;

use url::Url;

use super::{colour, facts, html, lead, line, link, markdown, subject, unlisted, why};
use crate::route::{Action, Notification};

const SUMMARY: usize = 1_000;

/// Plain text, for mail and for whoever takes nothing else. At most `most` characters.
pub(crate) fn plain_page(message: &Notification, console: Option<&Url>, most: usize) -> String {
    let mut out = format!("{}\n\n{}\n", subject(message), lead(message));
    for item in &message.items {
        let incident = &item.incident;
        let _ = write!(
            out,
            "\n{} ({})\n{}\n",
            line(&incident.title, 200),
            why(item.why),
            line(&incident.summary, SUMMARY)
        );
        if message.action != Action::Digest {
            for (name, value) in facts(incident) {
                let _ = writeln!(out, "  {name}: {value}");
            }
        }
        if let Some(url) = link(console, incident) {
            let _ = writeln!(out, "  {url}");
        }
    }
    if unlisted(message) > 0 {
        let _ = write!(out, "\nand {} more.\n", unlisted(message));
        for (title, count) in &message.rules {
            let _ = writeln!(out, "  {count} × {}", line(title, 200));
        }
    }
    crate::incident::clip(&out, most)
}

/// An HTML document for mail: no scripts, no images, no style but its own.
pub(crate) fn html_page(message: &Notification, console: Option<&Url>) -> String {
    let mut out = String::from("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"></head>\n");
    out.push_str("<body style=\"font-family:sans-serif;color:#212121;max-width:44rem\">\n");
    let _ = writeln!(
        out,
        "<h2 style=\"border-left:6px solid #{};padding-left:10px\">{}</h2>\n<p>{}</p>",
        colour(message),
        html(&subject(message)),
        html(&lead(message))
    );
    for item in &message.items {
        let incident = &item.incident;
        let title = html(&line(&incident.title, 200));
        let title = match link(console, incident) {
            Some(url) => format!("<a href=\"{}\">{title}</a>", html(url.as_str())),
            None => title,
        };
        let _ = writeln!(
            out,
            "<h3>{title} <small>({})</small></h3>\n<p>{}</p>",
            why(item.why),
            html(&line(&incident.summary, SUMMARY))
        );
        if message.action != Action::Digest {
            out.push_str("<table cellpadding=\"3\">\n");
            for (name, value) in facts(incident) {
                let _ = writeln!(
                    out,
                    "<tr><th align=\"left\" valign=\"top\">{name}</th><td>{}</td></tr>",
                    html(&value)
                );
            }
            out.push_str("</table>\n");
        }
    }
    if unlisted(message) > 0 {
        let _ = writeln!(out, "<p>and {} more.</p>\n<ul>", unlisted(message));
        for (title, count) in &message.rules {
            let _ = writeln!(out, "<li>{count} × {}</li>", html(&line(title, 200)));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</body></html>\n");
    out
}

/// Markdown for issues. At most `most` characters.
pub(crate) fn markdown_page(message: &Notification, console: Option<&Url>, most: usize) -> String {
    let mut out = format!("{}\n", markdown(&lead(message)));
    for item in &message.items {
        let incident = &item.incident;
        let title = markdown(&line(&incident.title, 200));
        let title = match link(console, incident) {
            Some(url) => format!("[{title}]({url})"),
            None => title,
        };
        let _ = write!(
            out,
            "\n### {title} ({})\n\n{}\n\n",
            why(item.why),
            markdown(&line(&incident.summary, SUMMARY))
        );
        out.push_str("| | |\n|---|---|\n");
        for (name, value) in facts(incident) {
            let _ = writeln!(out, "| {name} | {} |", markdown(&value));
        }
    }
    if unlisted(message) > 0 {
        let _ = write!(out, "\nand {} more:\n\n", unlisted(message));
        for (title, count) in &message.rules {
            let _ = writeln!(out, "- {count} × {}", markdown(&line(title, 200)));
        }
    }
    crate::incident::clip(&out, most)
}
