//! What a predicate says about time.
//!
//! A row's `event_time` is the instant that its own time text (CloudTrail's
//! `eventtime`) denotes, and `event_date` is the UTC day of `event_time`. So a
//! predicate on any of them bounds the days that can hold matching rows. The
//! bounds may be wider than the predicate, and never narrower: rows are only
//! skipped when no row of that day can match.
//!
//! Text needs care. `eventtime > '2024-01-01T…'` compares letters. As long as
//! the text is a UTC instant its first ten letters are its day; an offset
//! could move that by less than a day, so text bounds are widened by one day
//! either way.

use chrono::{Datelike, Days, Months, NaiveDate};
use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::{InList, ScalarFunction};
use datafusion::logical_expr::{BinaryExpr, Expr, Like, Operator};

use crate::functions::datetime::{day_of, day_start, literal_micros};
use crate::functions::iso::parse_date;
use crate::functions::support::is_text;

/// Columns that hold the row's instant as ISO 8601 text.
const ISO_COLUMNS: [&str; 1] = ["eventtime"];

/// Instants (microseconds, both ends included) that matching rows can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// First instant, if bounded.
    pub(crate) low: Option<i64>,
    /// Last instant, if bounded.
    pub(crate) high: Option<i64>,
}

impl Span {
    const ALL: Self = Self { low: None, high: None };

    fn from(low: i64) -> Self {
        Self { low: Some(low), high: None }
    }

    fn until(high: i64) -> Self {
        Self { low: None, high: Some(high) }
    }

    fn both(self, other: Self) -> Self {
        let pick = |a: Option<i64>, b: Option<i64>, f: fn(i64, i64) -> i64| match (a, b) {
            (Some(a), Some(b)) => Some(f(a, b)),
            (a, b) => a.or(b),
        };
        Self { low: pick(self.low, other.low, i64::max), high: pick(self.high, other.high, i64::min) }
    }

    fn either(self, other: Self) -> Self {
        Self {
            low: self.low.zip(other.low).map(|(a, b)| a.min(b)),
            high: self.high.zip(other.high).map(|(a, b)| a.max(b)),
        }
    }

    /// Whether nothing is bounded.
    pub(crate) fn is_all(self) -> bool {
        self == Self::ALL
    }

    /// All instants of the days from `first` to `last`.
    fn days(first: NaiveDate, last: NaiveDate) -> Self {
        Self { low: Some(day_start(first)), high: day_end(last) }
    }

    /// One day more at each end.
    fn widened(self) -> Self {
        const DAY: i64 = 86_400_000_000;
        Self { low: self.low.map(|t| t.saturating_sub(DAY)), high: self.high.map(|t| t.saturating_add(DAY)) }
    }
}

fn day_end(day: NaiveDate) -> Option<i64> {
    Some(day_start(day.checked_add_days(Days::new(1))?) - 1)
}

/// The span of all conjuncts together.
pub(crate) fn span_of(conjuncts: &[&Expr]) -> Span {
    let spans = conjuncts.iter().map(|e| span(e)).fold(Span::ALL, Span::both);
    spans.both(calendar(conjuncts))
}

fn span(expr: &Expr) -> Span {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            span_of(&[left.as_ref(), right.as_ref()])
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => span(left).either(span(right)),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (left.as_ref(), right.as_ref()) {
            (l, Expr::Literal(value, _)) => compared(l, *op, value),
            (Expr::Literal(value, _), r) => op.swap().map_or(Span::ALL, |op| compared(r, op, value)),
            _ => Span::ALL,
        },
        Expr::Between(b) if !b.negated => match (b.low.as_ref(), b.high.as_ref()) {
            (Expr::Literal(low, _), Expr::Literal(high, _)) => {
                compared(&b.expr, Operator::GtEq, low).both(compared(&b.expr, Operator::LtEq, high))
            }
            _ => Span::ALL,
        },
        Expr::InList(InList { expr, list, negated: false }) => list
            .iter()
            .map(|item| match item {
                Expr::Literal(value, _) => compared(expr, Operator::Eq, value),
                _ => Span::ALL,
            })
            .reduce(Span::either)
            .unwrap_or(Span::ALL),
        Expr::Like(like) => liked(like),
        _ => Span::ALL,
    }
}

/// What an expression says about the row's instant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Clock {
    /// The instant, cut down to a multiple of so many microseconds.
    Instant(i64),
    /// The instant, cut down to its day, month or year.
    Month,
    Year,
    /// The instant as a count of so many microseconds since 1970.
    Count(i64),
    /// The day.
    Day,
    /// ISO 8601 text of the instant, as the record has it; its first letters.
    Text(usize),
    /// Text of the day or instant made by a MySQL pattern.
    Formatted(String),
}

const DAY: i64 = 86_400_000_000;
/// Coarsest unit at which an instant still counts as exact.
const SECOND: i64 = 1_000_000;
/// The whole text.
const WHOLE: usize = usize::MAX;

fn clock(expr: &Expr) -> Option<Clock> {
    match expr {
        Expr::Column(Column { name, .. }) => match name.as_str() {
            "event_time" => Some(Clock::Instant(1)),
            "event_date" => Some(Clock::Day),
            n if ISO_COLUMNS.contains(&n) => Some(Clock::Text(WHOLE)),
            _ => None,
        },
        Expr::Alias(a) => clock(&a.expr),
        Expr::Cast(c) => cast(clock(&c.expr)?, c.field.data_type()),
        Expr::TryCast(c) => cast(clock(&c.expr)?, c.field.data_type()),
        Expr::ScalarFunction(f) => function(f),
        _ => None,
    }
}

fn cast(inner: Clock, target: &arrow::datatypes::DataType) -> Option<Clock> {
    use arrow::datatypes::DataType;
    match (inner, target) {
        // To seconds or milliseconds it is cut down; a cast to nanoseconds
        // changes nothing. One second is enough for all of them.
        (Clock::Instant(unit), DataType::Timestamp(_, _)) => Some(Clock::Instant(unit.max(SECOND))),
        (Clock::Instant(..=SECOND), DataType::Date32) => Some(Clock::Day),
        (Clock::Day, DataType::Date32 | DataType::Date64) => Some(Clock::Day),
        (Clock::Day, DataType::Timestamp(_, _)) => Some(Clock::Instant(DAY)),
        (Clock::Day, t) if is_text(t) => Some(Clock::Formatted("%Y-%m-%d".to_string())),
        (Clock::Text(WHOLE), DataType::Timestamp(_, _)) => Some(Clock::Instant(SECOND)),
        (text @ (Clock::Text(_) | Clock::Formatted(_)), t) if is_text(t) => Some(text),
        (Clock::Count(unit), t) if t.is_numeric() => Some(Clock::Count(unit)),
        _ => None,
    }
}

fn function(f: &ScalarFunction) -> Option<Clock> {
    let constant = |i: usize| match f.args.get(i) {
        Some(Expr::Literal(v, _)) => v.try_as_str().flatten().map(str::to_string),
        _ => None,
    };
    match f.func.name() {
        "from_iso8601_timestamp" | "at_timezone" => match clock(f.args.first()?)? {
            Clock::Text(WHOLE) => Some(Clock::Instant(1)),
            Clock::Instant(unit) => Some(Clock::Instant(unit)),
            Clock::Day => Some(Clock::Instant(DAY)),
            _ => None,
        },
        // Read with a pattern, an offset in the text may be overlooked: the
        // result is within a day of the instant, if the day comes first.
        "date_parse" | "parse_datetime" => match clock(f.args.first()?)? {
            Clock::Text(WHOLE) if starts_with_day(&constant(1)?) => Some(Clock::Instant(DAY)),
            _ => None,
        },
        "date" | "from_iso8601_date" => match clock(f.args.first()?)? {
            Clock::Text(WHOLE) | Clock::Instant(..=SECOND) | Clock::Day => Some(Clock::Day),
            _ => None,
        },
        "date_trunc" => {
            let inner = clock(f.args.get(1)?)?;
            let Clock::Instant(unit) = inner else { return None };
            match constant(0)?.to_ascii_lowercase().as_str() {
                "second" | "millisecond" => Some(Clock::Instant(unit.max(SECOND))),
                "minute" => Some(Clock::Instant(unit.max(60_000_000))),
                "hour" => Some(Clock::Instant(unit.max(3_600_000_000))),
                "day" => Some(Clock::Instant(unit.max(DAY))),
                "week" => Some(Clock::Instant(unit.max(7 * DAY))),
                "month" if unit <= SECOND => Some(Clock::Month),
                "year" if unit <= SECOND => Some(Clock::Year),
                _ => None,
            }
        }
        "to_milliseconds" => match clock(f.args.first()?)? {
            Clock::Instant(1) => Some(Clock::Count(1000)),
            _ => None,
        },
        "to_unixtime" => match clock(f.args.first()?)? {
            Clock::Instant(1) => Some(Clock::Count(1_000_000)),
            _ => None,
        },
        "to_iso8601" => match clock(f.args.first()?)? {
            Clock::Instant(..=SECOND) | Clock::Day => Some(Clock::Text(WHOLE)),
            _ => None,
        },
        "date_format" => match clock(f.args.first()?)? {
            Clock::Instant(..=SECOND) | Clock::Day => Some(Clock::Formatted(constant(1)?)),
            _ => None,
        },
        // The first letters of the text order as the text does.
        "substr" => match (clock(f.args.first()?)?, f.args.get(1), f.args.get(2)) {
            (Clock::Text(WHOLE), Some(Expr::Literal(start, _)), Some(Expr::Literal(n, _)))
                if is_one(start) =>
            {
                let n = number(n)?;
                (1.0..1000.0).contains(&n).then_some(Clock::Text(n as usize))
            }
            _ => None,
        },
        _ => None,
    }
}

fn starts_with_day(pattern: &str) -> bool {
    ["%Y-%m-%d", "yyyy-MM-dd", "YYYY-MM-dd"].iter().any(|p| pattern.starts_with(p))
}

fn is_one(value: &ScalarValue) -> bool {
    matches!(value, ScalarValue::Int64(Some(1)) | ScalarValue::Int32(Some(1)))
}

/// `expr op value`, where `op` has the expression on its left.
fn compared(expr: &Expr, op: Operator, value: &ScalarValue) -> Span {
    let Some(clock) = clock(expr) else { return Span::ALL };
    // The instants whose clock shows exactly `value`, or is near to it.
    let Some(Span { low: Some(low), high: Some(high) }) = instants(&clock, value) else {
        return Span::ALL;
    };
    let strict = is_strict(&clock, value);
    match op {
        Operator::Eq | Operator::IsNotDistinctFrom => Span { low: Some(low), high: Some(high) },
        Operator::Gt if strict => Span::from(high.saturating_add(1)),
        Operator::Lt if strict => Span::until(low.saturating_sub(1)),
        Operator::Gt | Operator::GtEq => Span::from(low),
        Operator::Lt | Operator::LtEq => Span::until(high),
        _ => Span::ALL,
    }
}

/// Whether `instants` gives *all* instants that show `value` and no other, so
/// that `<` and `>` leave them out: midnight as an upper end is common.
fn is_strict(clock: &Clock, value: &ScalarValue) -> bool {
    match (clock, value) {
        // Nanoseconds that are no whole microseconds are cut off on reading.
        (Clock::Instant(1), ScalarValue::TimestampNanosecond(Some(n), _)) => n % 1000 == 0,
        (Clock::Instant(1), ScalarValue::TimestampMicrosecond(..)) => true,
        (Clock::Day, ScalarValue::Date32(_)) => true,
        (Clock::Formatted(_), _) => true,
        _ => false,
    }
}

/// All instants at which a clock can show `value` (or the value next to it).
fn instants(clock: &Clock, value: &ScalarValue) -> Option<Span> {
    match clock {
        Clock::Instant(unit) => {
            let at = literal_micros(value)?;
            // A clock that is cut down shows `at` up to one unit later. One
            // that was read loosely may also be early.
            let slack = unit - 1;
            let early = if *unit >= DAY { *unit } else { 0 };
            Some(Span { low: Some(at.checked_sub(early)?), high: Some(at.checked_add(slack)?) })
        }
        Clock::Month | Clock::Year => {
            let day = day_of(literal_micros(value)?)?;
            let months = if *clock == Clock::Month { 1 } else { 12 };
            let last = day.checked_add_months(Months::new(months))?;
            Some(Span::days(day, last))
        }
        Clock::Count(unit) => {
            let count = number(value)?;
            let at = count * *unit as f64;
            (at.abs() < 9.0e18)
                .then(|| Span { low: Some(at as i64 - unit), high: Some((at as i64).saturating_add(*unit)) })
        }
        Clock::Day => {
            let day = day_of(literal_micros(value)?)?;
            Some(Span::days(day, day))
        }
        Clock::Text(letters) => {
            let text = value.try_as_str()??;
            // Letters beyond those compared say nothing.
            let text = text.get(..text.len().min(*letters))?;
            text_days(text).map(Span::widened)
        }
        Clock::Formatted(pattern) => formatted_days(pattern, value.try_as_str()??),
    }
}

fn number(value: &ScalarValue) -> Option<f64> {
    let array = value.to_array().ok()?;
    if !array.data_type().is_numeric() {
        return None;
    }
    let array = crate::functions::support::lenient_cast(&array, &arrow::datatypes::DataType::Float64).ok()?;
    use arrow::array::{Array, AsArray};
    let array = array.as_primitive::<arrow::datatypes::Float64Type>();
    (!array.is_null(0)).then(|| array.value(0))
}

/// The days whose text begins as `text` does, read as `YYYY`, `YYYY-MM` or
/// `YYYY-MM-DD…`; only when the whole text is a prefix of a proper instant,
/// for otherwise letters do not order as time does.
fn text_days(text: &str) -> Option<Span> {
    let b = text.as_bytes();
    if !text.is_ascii() {
        return None;
    }
    match b.len() {
        0..4 => None,
        4..7 => year_month(text.get(..4)?, None).filter(|_| b.len() == 4 || b[4] == b'-'),
        7..10 => year_month(text.get(..4)?, Some(text.get(5..7)?)).filter(|_| b[4] == b'-'),
        _ => parse_date(&text[..10]).map(|d| Span::days(d, d)),
    }
}

fn year_month(year: &str, month: Option<&str>) -> Option<Span> {
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !digits(year) || !month.is_none_or(digits) {
        return None;
    }
    let (first_month, last_month) = match month {
        Some(m) => (m.parse().ok()?, m.parse().ok()?),
        None => (1, 12),
    };
    let year = year.parse().ok()?;
    let first = NaiveDate::from_ymd_opt(year, first_month, 1)?;
    let last = NaiveDate::from_ymd_opt(year, last_month, 1)?
        .checked_add_months(Months::new(1))?
        .checked_sub_days(Days::new(1))?;
    Some(Span::days(first, last))
}

/// Days for text made by one of the patterns whose letters order as time does.
fn formatted_days(pattern: &str, text: &str) -> Option<Span> {
    let dashed = match pattern {
        "%Y" | "%Y-%m" | "%Y-%m-%d" => text.to_string(),
        "%Y/%m" | "%Y/%m/%d" => text.replace('/', "-"),
        "%Y%m%d" if text.len() == 8 && text.is_ascii() => {
            format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])
        }
        _ => return None,
    };
    // A text that is not of this form orders among them in its own way.
    let expected = match pattern {
        "%Y" => 4,
        "%Y-%m" | "%Y/%m" => 7,
        _ => 10,
    };
    if dashed.len() != expected || (pattern.contains('/') && text.contains('-')) {
        return None;
    }
    text_days(&dashed)
}

/// `eventtime LIKE '2024-01-05%'`, and the same of formatted days.
fn liked(like: &Like) -> Span {
    if like.negated || like.case_insensitive {
        return Span::ALL;
    }
    let Some(clock) = clock(&like.expr) else { return Span::ALL };
    let Expr::Literal(pattern, _) = like.pattern.as_ref() else { return Span::ALL };
    let Some(pattern) = pattern.try_as_str().flatten() else { return Span::ALL };
    let prefix = pattern.split(['%', '_', '\\']).next().unwrap_or_default();
    // Cut to a whole year, month or day.
    let cut = match prefix.len() {
        10.. => 10,
        7..10 => 7,
        4..7 => 4,
        _ => return Span::ALL,
    };
    let Some(prefix) = prefix.get(..cut) else { return Span::ALL };
    let span = match clock {
        Clock::Text(_) => text_days(prefix).map(Span::widened),
        Clock::Formatted(p) if p == "%Y/%m/%d" && !prefix.contains('-') => {
            text_days(&prefix.replace('/', "-"))
        }
        Clock::Formatted(p) if p == "%Y-%m-%d" => text_days(prefix),
        _ => None,
    };
    span.unwrap_or(Span::ALL)
}

/// `year = '2024' AND month = '03' AND day = '05'`: Athena's partition columns
/// of CloudTrail, which say something only together.
fn calendar(conjuncts: &[&Expr]) -> Span {
    let mut flat = Vec::new();
    for conjunct in conjuncts {
        flat.extend(datafusion::logical_expr::utils::split_conjunction(conjunct));
    }
    let find = |pattern: &str| {
        flat.iter().find_map(|e| match e {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
                match (clock(left), right.as_ref()) {
                    (Some(Clock::Formatted(p)), Expr::Literal(v, _)) if p == pattern => {
                        v.try_as_str().flatten().map(str::to_string)
                    }
                    _ => None,
                }
            }
            _ => None,
        })
    };
    let Some(year) = find("%Y") else { return Span::ALL };
    let (month, day) = (find("%m"), find("%d"));
    let span = match (month, day) {
        (Some(month), Some(day)) => text_days(&format!("{year}-{month}-{day}")),
        (Some(month), None) => text_days(&format!("{year}-{month}")),
        _ => None,
    };
    span.unwrap_or(Span::ALL)
}

/// The days of a span, for the partition column.
pub(crate) fn days(span: Span) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let day = |t: i64| day_of(t).filter(|d| (1..=9999).contains(&d.year()));
    (span.low.and_then(day), span.high.and_then(day))
}
