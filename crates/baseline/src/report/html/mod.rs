//! One page fit to hand to an auditor: it needs no network, no script and no other file, and it
//! prints. Its policy allows nothing but its own style sheet, by that sheet's hash: should a name in
//! the account ever get past the escaping, it could still run and load nothing.

mod parts;
mod sections;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::Report;

const STYLE: &str = include_str!("style.css");

pub(super) fn render(report: &Report<'_>) -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "trailkeep " (report.about.version) };
                title { "The six controls, " (date(report)) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body(report)) } }
        }
    };
    page.into_string() + "\n"
}

fn body(report: &Report<'_>) -> Markup {
    html! {
        (sections::head(report))
        (sections::board(report))
        @for control in &report.about.controls { (sections::control(report, *control)) }
        (sections::frameworks(report))
        (sections::waivers(report))
        (sections::method(report))
    }
}

fn date(report: &Report<'_>) -> String {
    report.assessment.assessed_at.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn page() -> String {
        let (assessment, about) = (fixture::assessment(), fixture::about());
        fixture::report(&assessment, &about).html()
    }

    #[test]
    fn the_page() {
        // The style sheet is beside this file; its hash changes with it.
        let page = page().replace(STYLE, "…");
        let (before, after) = page.split_once("sha256-").unwrap();
        let (_, after) = after.split_once('\'').unwrap();
        let lines = format!("{before}sha256-…'{after}").replace("><", ">\n<");
        insta::assert_snapshot!(lines);
    }

    #[test]
    fn it_needs_nothing_from_elsewhere_and_runs_nothing() {
        let page = page();
        for forbidden in ["<script", "<img", "<link", "<iframe", "style=\"", " onclick", "@import", "url("] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(!page.contains(['\u{1b}', '\u{202e}']));
    }

    #[test]
    fn its_own_style_sheet_is_the_one_that_its_policy_allows() {
        let page = page();
        let (_, rest) = page.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        let hash = BASE64_STANDARD.encode(Sha256::digest(style.as_bytes()));
        assert!(page.contains(&format!("sha256-{hash}")));
    }
}
