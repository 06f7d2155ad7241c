//! Stacked bars as SVG, drawn by the server. Geometry is in attributes, colour in classes:
//! the content security policy allows no style of its own to any page.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};

use super::parts::{number, rfc3339, short_number};

/// Colours there are; series beyond share the last.
pub(crate) const COLOURS: usize = 7;

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;

/// One bar: a span of time and a count per series.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    pub(crate) counts: Vec<u64>,
    /// Where a click leads.
    pub(crate) href: String,
}

/// A bar chart over time.
#[derive(Debug)]
pub(crate) struct Chart<'a> {
    /// Names of the series, in the order of [`Bar::counts`].
    pub(crate) series: &'a [String],
    pub(crate) bars: &'a [Bar],
    /// Lower, for pages where the chart is a tool and not the topic.
    pub(crate) short: bool,
    /// Address that a drag over the chart adds `from` and `to` to.
    pub(crate) brush: Option<String>,
    /// What is counted, for those who hear the page.
    pub(crate) label: &'a str,
}

impl Chart<'_> {
    /// The chart. Nothing when there are no bars.
    pub(crate) fn render(&self) -> Markup {
        let (Some(first), Some(last)) = (self.bars.first(), self.bars.last()) else {
            return html! {};
        };
        let highest = self.bars.iter().map(|bar| bar.counts.iter().sum::<u64>()).max().unwrap_or(0);
        let top = nice_top(highest);
        let step = (first.to - first.from).num_seconds();
        let slot = WIDTH / self.bars.len() as f64;
        html! {
            figure class={ "chart" (if self.short { " short" } else { "" }) } aria-label=(self.label) {
                div.plot data-brush=[self.brush.as_deref()] data-from=(rfc3339(first.from)) data-to=(rfc3339(last.to)) data-step=(step) {
                    svg.plot-svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" {
                        line.grid x1="0" x2=(WIDTH) y1="0" y2="0" {}
                        line.grid x1="0" x2=(WIDTH) y1=(HEIGHT / 2.0) y2=(HEIGHT / 2.0) {}
                        line.grid.base x1="0" x2=(WIDTH) y1=(HEIGHT) y2=(HEIGHT) {}
                        @for (at, bar) in self.bars.iter().enumerate() { (self.bar(bar, at as f64 * slot, slot, top)) }
                    }
                }
                div.yax aria-hidden="true" { span { (short_number(top)) } span { (short_number(top / 2)) } span { "0" } }
                div.xax aria-hidden="true" { @for tick in ticks(first.from, last.to) { span { (tick) } } }
            }
        }
    }

    fn bar(&self, bar: &Bar, x: f64, slot: f64, top: u64) -> Markup {
        let gap = (slot * 0.14).min(2.0);
        let mut y = HEIGHT;
        let mut parts = Vec::new();
        for (series, count) in bar.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let height = *count as f64 / top as f64 * HEIGHT;
            y -= height;
            parts.push((series.min(COLOURS - 1), y, height));
        }
        html! {
            a href=(bar.href) aria-label=(self.title(bar)) {
                @for (series, y, height) in parts {
                    rect class={ "s" (series) } x={ (format!("{:.2}", x + gap / 2.0)) } y={ (format!("{y:.2}")) } width={ (format!("{:.2}", slot - gap)) } height={ (format!("{height:.2}")) } {}
                }
                rect.hit x={ (format!("{x:.2}")) } y="0" width={ (format!("{slot:.2}")) } height=(HEIGHT) {}
                title { (self.title(bar)) }
            }
        }
    }

    fn title(&self, bar: &Bar) -> String {
        let mut title =
            format!("{} to {} UTC", bar.from.format("%Y-%m-%d %H:%M:%S"), bar.to.format("%H:%M:%S"));
        let total: u64 = bar.counts.iter().sum();
        title.push_str(&format!("\n{} in all", number(total)));
        for (name, count) in self.series.iter().zip(&bar.counts).filter(|(_, count)| **count > 0) {
            title.push_str(&format!("\n{name}: {}", number(*count)));
        }
        title
    }
}

/// The names of the series with their colours.
pub(crate) fn legend(entries: &[(String, u64, Option<String>)]) -> Markup {
    html! {
        ul.legend {
            @for (at, (name, total, href)) in entries.iter().enumerate() {
                li { a href=[href.as_deref()] { i class={ "s" (at.min(COLOURS - 1)) } {} (name) b { (number(*total)) } } }
            }
        }
    }
}

/// The next 1, 2 or 5 times a power of ten; even, so that its half is a whole number.
fn nice_top(highest: u64) -> u64 {
    let mut unit = 1u64;
    loop {
        for step in [2, 4, 6, 10] {
            let top = unit.saturating_mul(step);
            if top >= highest || top == u64::MAX {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

fn ticks(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<String> {
    const TICKS: i32 = 6;
    let span = to - from;
    let format = match span {
        s if s <= TimeDelta::minutes(10) => "%H:%M:%S",
        s if s <= TimeDelta::hours(36) => "%H:%M",
        s if s <= TimeDelta::days(10) => "%b %-d %H:%M",
        s if s <= TimeDelta::days(400) => "%b %-d",
        _ => "%b %Y",
    };
    (0..=TICKS)
        .map(|at| {
            let time =
                from + TimeDelta::milliseconds(span.num_milliseconds() / i64::from(TICKS) * i64::from(at));
            // Midnight says which day it is.
            let midnight = format == "%H:%M" && time.format("%H:%M").to_string() == "00:00";
            time.format(if midnight { "%b %-d" } else { format }).to_string()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_are_round_and_even() {
        assert_eq!(
            [0, 1, 2, 3, 7, 11, 19, 30, 41, 99, 101].map(nice_top),
            [2, 2, 2, 4, 10, 20, 20, 40, 60, 100, 200]
        );
        assert_eq!(nice_top(u64::MAX), u64::MAX);
    }

    #[test]
    fn a_chart_has_no_style_attribute() {
        let from = DateTime::UNIX_EPOCH;
        let bars =
            [Bar { from, to: from + TimeDelta::hours(1), counts: vec![3, 1], href: "/search?from=0".into() }];
        let series = ["a".to_owned(), "<b>".to_owned()];
        let chart = Chart { series: &series, bars: &bars, short: false, brush: None, label: "events" };
        let shown = chart.render().into_string();
        assert!(!shown.contains("style="), "{shown}");
        assert!(shown.contains("&lt;b&gt;: 1") && shown.contains(r#"class="s1""#), "{shown}");
    }
}
