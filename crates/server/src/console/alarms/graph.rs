//! The graph of an alarm as SVG, drawn by the server: the metric in steps, the threshold with the side that
//! breaches it, the evaluation range with its slots, and the state along the bottom.
//!
//! Along, everything is in shares of the width (percent, and a thousandth of a stretched inner picture for
//! paths), so that the graph fits any window; up and down, in pixels. Colour is in classes, as the content
//! security policy allows no style of its own to any page.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use trailkeep_alarms::AlarmState;
use trailkeep_alarms::definition::{ComparisonOperator, MetricAlarm};
use trailkeep_alarms::evaluate::{Datapoint, breaches};

use super::scale::{Scale, times};
use super::slots::{Judged, Verdict, mark, told};
use super::strip::Stretch;
use super::words::{bound, state_class, state_word, subject, value};

/// Width of the stretched inner picture.
const WIDTH: f64 = 1000.0;
/// Height of the metric's part, in pixels.
const PLOT: f64 = 220.0;
/// Height of the state strip.
const STRIP: f64 = 12.0;
/// Columns; where there are more periods, several share one.
const COLUMNS: i64 = 360;
/// The least width of a column, in thousandths.
const THIN: f64 = 2.2;
/// Slots that get a mark of their own; more would only be a smear.
const MARKS: usize = 120;

/// What a graph shows.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    /// The alarm, where its datapoints are known; the state alone is drawn otherwise.
    pub(super) alarm: Option<&'a MetricAlarm>,
    pub(super) points: &'a [Datapoint],
    /// The evaluation range, the oldest slot first.
    pub(super) slots: &'a [Judged],
    pub(super) strip: &'a [Stretch],
    /// Of what, for those who hear the page.
    pub(super) title: &'a str,
}

/// Datapoints that share a column.
#[derive(Debug, Clone, Copy)]
struct Column {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    low: f64,
    high: f64,
    band: Option<(f64, f64)>,
    points: u32,
    /// Whether one of them breaches.
    breaching: bool,
}

impl Graph<'_> {
    /// The graph, with the meaning of its marks below.
    pub(super) fn render(&self) -> Markup {
        let plot = if self.alarm.is_some() { PLOT } else { 0.0 };
        let strip = plot + 12.0;
        let height = strip + STRIP + 22.0;
        let columns = self.columns();
        html! {
            figure.alarm-graph {
                svg role="img" aria-labelledby="graph-title graph-desc" width="100%" height=(height) {
                    title #graph-title { (self.title) }
                    desc #graph-desc { (self.description()) }
                    @if let Some(alarm) = self.alarm { (self.metric(alarm, &columns)) }
                    @for one in self.strip { (self.stretch(one, strip)) }
                    @for (at, label) in times(self.from, self.to) {
                        @let x = self.share(at);
                        line.tick x1=(percent(x)) x2=(percent(x)) y1=(strip + STRIP) y2=(strip + STRIP + 4.0) {}
                        text.x x=(percent(x)) y=(strip + STRIP + 16.0) text-anchor=(anchor(x)) { (label) }
                    }
                }
                (self.legend())
            }
        }
    }

    fn metric(&self, alarm: &MetricAlarm, columns: &[Column]) -> Markup {
        let scale = self.scale(alarm, columns);
        let y = |value: f64| PLOT * (1.0 - scale.share(value));
        let threshold = alarm.threshold.filter(|_| !alarm.comparison_operator.is_anomaly());
        html! {
            @for line in scale.lines() {
                line.grid x1="0" x2="100%" y1=(px(y(line))) y2=(px(y(line))) {}
                text.y x="-8" y=(px(y(line) + 4.0)) text-anchor="end" { (value(line)) }
            }
            (self.window())
            svg viewBox={ "0 0 " (WIDTH) " " (PLOT) } preserveAspectRatio="none" width="100%" height=(PLOT) {
                @if let Some(threshold) = threshold { (tint(alarm.comparison_operator, y(threshold))) }
                (self.paths(alarm, columns, &y, &scale))
            }
            @if let Some(threshold) = threshold {
                line.threshold x1="0" x2="100%" y1=(px(y(threshold))) y2=(px(y(threshold))) {}
                text.threshold x="6" y=(px(label_at(alarm.comparison_operator, y(threshold)))) { (bound(alarm)) }
            }
            @for column in columns { (self.hit(alarm, column)) }
            (self.marks(&y))
        }
    }

    /// The values that have to be seen: datapoints, threshold, and the band.
    fn scale(&self, alarm: &MetricAlarm, columns: &[Column]) -> Scale {
        let values = columns.iter().flat_map(|column| {
            let (lower, upper) = column.band.unwrap_or((column.low, column.high));
            [column.low, column.high, lower, upper]
        });
        // Counts begin at zero even where all of them are the same.
        let zero = columns.iter().all(|column| column.low >= 0.0 && column.low.fract() == 0.0).then_some(0.0);
        Scale::of(values.chain(alarm.threshold).chain(zero))
    }

    fn columns(&self) -> Vec<Column> {
        let Some(alarm) = self.alarm else { return Vec::new() };
        let period = i64::from(alarm.period()).max(1);
        let periods = ((self.to - self.from).num_seconds() / period).max(1);
        let width = period * (periods / COLUMNS + i64::from(periods % COLUMNS > 0));
        let mut columns: Vec<(i64, Column)> = Vec::new();
        for point in self.points.iter().filter(|point| point.value.is_finite() && self.shows(point, period)) {
            let place = (point.time - self.from).num_seconds().div_euclid(width);
            let to = point.time.checked_add_signed(TimeDelta::seconds(period)).unwrap_or(point.time);
            let band = point.band.map(|band| (band.lower, band.upper));
            let breaching = breaches(alarm, point);
            match columns.last_mut() {
                Some((last, column)) if *last == place => {
                    column.to = to;
                    column.low = column.low.min(point.value);
                    column.high = column.high.max(point.value);
                    column.band = match (column.band, band) {
                        (Some((a, b)), Some((lower, upper))) => Some((a.max(lower), b.min(upper))),
                        (one, other) => one.or(other),
                    };
                    column.points += 1;
                    column.breaching |= breaching;
                }
                _ => {
                    let (low, high) = (point.value, point.value);
                    let column = Column { from: point.time, to, low, high, band, points: 1, breaching };
                    columns.push((place, column));
                }
            }
        }
        columns.into_iter().map(|(_, column)| column).collect()
    }

    fn shows(&self, point: &Datapoint, period: i64) -> bool {
        point.time < self.to && point.time.timestamp() + period > self.from.timestamp()
    }

    /// The band, the area below the steps, and the steps.
    fn paths(
        &self,
        alarm: &MetricAlarm,
        columns: &[Column],
        y: &impl Fn(f64) -> f64,
        scale: &Scale,
    ) -> Markup {
        let below = below_breaches(alarm.comparison_operator);
        // Of several in a column, the one nearest to breaching is the line.
        let worst = |column: &Column| if below { column.low } else { column.high };
        let base = y(scale.low.max(0.0_f64.min(scale.high)));
        let (mut area, mut breach, mut line, mut band) =
            (String::new(), String::new(), String::new(), String::new());
        let mut end: Option<DateTime<Utc>> = None;
        for column in columns {
            let at = y(worst(column));
            // Long ranges make a lonely datapoint thin; it stays to be seen.
            let x0 = self.x(column.from).min(WIDTH - THIN);
            let x1 = self.x(column.to).max(x0 + THIN);
            // Writing to a String cannot fail.
            let area = if column.breaching { &mut breach } else { &mut area };
            let _ = write!(area, "M{x0:.2} {base:.2}V{at:.2}H{x1:.2}V{base:.2}Z");
            let joined = end == Some(column.from);
            let _ = if joined {
                write!(line, "V{at:.2}H{x1:.2}")
            } else {
                write!(line, "M{x0:.2} {at:.2}H{x1:.2}")
            };
            if let Some((lower, upper)) = column.band {
                let _ = write!(band, "M{x0:.2} {:.2}H{x1:.2}V{:.2}H{x0:.2}Z", y(upper), y(lower));
            }
            end = Some(column.to);
        }
        html! {
            @if !band.is_empty() { path.band d=(band) {} }
            path.area d=(area) {}
            @if !breach.is_empty() { path.area.breach d=(breach) {} }
            path.line d=(line) {}
        }
    }

    /// The stretch of time that the last evaluation looked at.
    fn window(&self) -> Markup {
        let (Some(first), Some(last)) = (self.slots.first(), self.slots.last()) else { return html! {} };
        let length = self.alarm.map_or(0, MetricAlarm::period);
        let ends = last.slot.time.checked_add_signed(TimeDelta::seconds(i64::from(length)));
        let (from, to) = (self.share(first.slot.time), self.share(ends.unwrap_or(last.slot.time)));
        // Long ranges make it thin; it stays to be seen.
        let from = from.min(to - 0.004).max(0.0);
        html! {
            rect.window x=(percent(from)) width=(percent(to - from)) y="0" height=(PLOT) { title { "Evaluation range: " (self.slots.len()) " periods" } }
            line.window x1=(percent(from)) x2=(percent(from)) y1="0" y2=(PLOT) {}
            text.window x=(percent(to)) y="-6" text-anchor=(if to > 0.2 { "end" } else { "start" }) { "evaluation range" }
        }
    }

    fn marks(&self, y: &impl Fn(f64) -> f64) -> Markup {
        let period = self.alarm.map_or(60, MetricAlarm::period);
        let shown = self.slots.iter().rev().take(MARKS).filter(|one| one.slot.time >= self.from);
        // In a window of usual width, so that neighbours do not cover one another.
        let room = f64::from(period) / (self.to - self.from).num_seconds().max(1) as f64 * 900.0;
        let radius = (room / 2.4).clamp(1.6, 4.0);
        html! { @for one in shown {
            @let middle = one.slot.time.checked_add_signed(TimeDelta::seconds(i64::from(period / 2))).unwrap_or(one.slot.time);
            @let height = one.slot.point.filter(|point| point.value.is_finite()).map_or(PLOT - 9.0, |point| y(point.value));
            svg class=(if one.counts { "slot" } else { "slot old" }) x=(percent(self.share(middle))) y=(px(height)) overflow="visible" {
                (mark(one.verdict, radius))
                title { (one.slot.time.format("%H:%M:%S")) " UTC: " @if let Some(point) = one.slot.point { (value(point.value)) ", " } (one.verdict.word()) }
            }
        } }
    }

    /// Tells the values of a column under the pointer.
    fn hit(&self, alarm: &MetricAlarm, column: &Column) -> Markup {
        let (from, to) = (self.share(column.from), self.share(column.to));
        let values = if column.points > 1 {
            format!("{} to {} in {} periods", value(column.low), value(column.high), column.points)
        } else {
            value(column.high)
        };
        html! { rect.hit x=(percent(from)) width=(percent((to - from).max(0.001))) y="0" height=(PLOT) {
            title { (column.from.format("%Y-%m-%d %H:%M:%S")) " to " (column.to.format("%H:%M:%S")) " UTC\n" (subject(alarm)) ": " (values)
                @if let Some((lower, upper)) = column.band { "\nexpected: " (value(lower)) " to " (value(upper)) } }
        } }
    }

    fn stretch(&self, one: &Stretch, y: f64) -> Markup {
        let (from, to) = (self.share(one.from), self.share(one.to));
        let show = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M:%S").to_string();
        html! { rect class={ "state " (one.state.map_or("unknown", state_class)) } x=(percent(from)) width=(percent((to - from).max(0.001))) y=(y) height=(STRIP) {
            title { (one.state.map_or("Not known", |state| state_word(state.as_str()))) " from " (show(one.from)) " to " (show(one.to)) " UTC" }
        } }
    }

    fn legend(&self) -> Markup {
        let used = |state: AlarmState| self.strip.iter().any(|one| one.state == Some(state));
        let marks = [
            Verdict::Breaching,
            Verdict::Within,
            Verdict::Low,
            Verdict::FilledBreaching,
            Verdict::FilledWithin,
            Verdict::Missing,
        ];
        let drawn = |verdict: &Verdict| self.slots.iter().any(|one| one.verdict == *verdict);
        html! {
            figcaption {
                @for state in [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData].into_iter().filter(|state| used(*state)) {
                    span.key { i class={ "state " (state_class(state)) } {} (state_word(state.as_str())) }
                }
                @for verdict in marks.into_iter().filter(drawn) { (told(verdict)) }
                span.grow {}
                span { "Times in UTC" }
            }
        }
    }

    fn description(&self) -> String {
        let show = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M").to_string();
        let mut text = format!("From {} to {} UTC.", show(self.from), show(self.to));
        if let Some(alarm) = self.alarm {
            let _ = write!(text, " {} {}.", subject(alarm), bound(alarm));
            let highest = self.points.iter().map(|point| point.value).reduce(f64::max);
            let lowest = self.points.iter().map(|point| point.value).reduce(f64::min);
            let _ = match (lowest, highest) {
                (Some(low), Some(high)) => {
                    write!(
                        text,
                        " {} datapoints between {} and {}.",
                        self.points.len(),
                        value(low),
                        value(high)
                    )
                }
                _ => write!(text, " No datapoints."),
            };
        }
        let changes = self.strip.len().saturating_sub(1);
        let _ = write!(
            text,
            " The state changed {changes} times; the tables below have each change and each slot."
        );
        text
    }

    /// Where a time is between the left (0) and the right (1).
    fn share(&self, at: DateTime<Utc>) -> f64 {
        let span = (self.to - self.from).num_milliseconds().max(1) as f64;
        ((at - self.from).num_milliseconds() as f64 / span).clamp(0.0, 1.0)
    }

    fn x(&self, at: DateTime<Utc>) -> f64 {
        self.share(at) * WIDTH
    }
}

fn below_breaches(operator: ComparisonOperator) -> bool {
    use ComparisonOperator as Is;
    matches!(operator, Is::LessThanThreshold | Is::LessThanOrEqualToThreshold | Is::LessThanLowerThreshold)
}

/// The side of the threshold that breaches.
fn tint(operator: ComparisonOperator, y: f64) -> Markup {
    let (from, height) = if below_breaches(operator) { (y, PLOT - y) } else { (0.0, y) };
    html! { rect.tint x="0" width=(WIDTH) y=(px(from)) height=(px(height)) {} }
}

/// The threshold's label stands on the side that breaches, unless there is no room.
fn label_at(operator: ComparisonOperator, y: f64) -> f64 {
    let (above, below) = (y - 6.0, y + 15.0);
    match below_breaches(operator) {
        true if y < PLOT - 20.0 => below,
        false if y < 18.0 => below,
        _ => above,
    }
}

fn anchor(x: f64) -> &'static str {
    match x {
        x if x < 0.02 => "start",
        x if x > 0.98 => "end",
        _ => "middle",
    }
}

fn percent(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}

fn px(pixels: f64) -> String {
    format!("{pixels:.1}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_586_400 + minute * 60, 0).unwrap()
    }

    fn alarm(operator: &str) -> MetricAlarm {
        MetricAlarm::from_value(&json!({
            "AlarmName": "a", "Namespace": "N", "MetricName": "<b>M</b>", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": operator,
        }))
        .unwrap()
    }

    fn draw(alarm: &MetricAlarm, points: &[Datapoint], minutes: i64) -> String {
        let strip = [Stretch { from: at(0), to: at(minutes), state: Some(AlarmState::Ok) }];
        Graph {
            from: at(0),
            to: at(minutes),
            alarm: Some(alarm),
            points,
            slots: &[],
            strip: &strip,
            title: "<i>a</i>",
        }
        .render()
        .into_string()
    }

    #[test]
    fn steps_stand_where_their_periods_are() {
        let points = [Datapoint::new(at(0), 5.0), Datapoint::new(at(1), 10.0), Datapoint::new(at(3), 5.0)];
        let shown = draw(&alarm("GreaterThanThreshold"), &points, 10);
        // Two periods that follow one another are joined; the one after the gap begins anew.
        assert!(shown.contains(r#"d="M0.00 146.67H100.00V73.33H200.00M300.00 146.67H400.00""#), "{shown}");
        assert!(!shown.contains("style=") && !shown.contains("<b>") && !shown.contains("<i>"), "{shown}");
        assert!(shown.contains(r#"class="state fine""#) && shown.contains("&gt; 5"), "{shown}");
    }

    #[test]
    fn the_side_that_breaches_is_tinted() {
        let points = [Datapoint::new(at(0), 10.0)];
        assert!(draw(&alarm("GreaterThanThreshold"), &points, 10).contains(r#"y="0.0" height="146.7""#));
        assert!(draw(&alarm("LessThanThreshold"), &points, 10).contains(r#"y="146.7" height="73.3""#));
    }

    #[test]
    fn many_periods_share_columns_and_keep_their_extremes() {
        let points: Vec<Datapoint> = (0..10_080)
            .map(|minute| Datapoint::new(at(minute), if minute == 5000 { 9.0 } else { 1.0 }))
            .collect();
        let shown = draw(&alarm("GreaterThanThreshold"), &points, 10_080);
        assert_eq!(shown.matches(r#"class="hit""#).count(), 360);
        assert!(shown.contains("1 to 9 in 28 periods"));
    }

    #[test]
    fn nothing_and_anything_can_be_drawn() {
        for operator in ["GreaterThanThreshold", "LessThanOrEqualToThreshold"] {
            for values in
                [vec![], vec![f64::NAN, f64::INFINITY], vec![f64::MAX, f64::MIN], vec![0.0], vec![-3.0, -2.0]]
            {
                let points: Vec<Datapoint> =
                    (0..).zip(values).map(|(minute, value)| Datapoint::new(at(minute), value)).collect();
                let shown = draw(&alarm(operator), &points, 180);
                let drawn = shown.split("figcaption").next().unwrap();
                assert!(!drawn.contains("NaN") && !drawn.contains("\"inf"), "{drawn}");
            }
        }
    }
}
