//! Dates and times: reading, writing, arithmetic and parts. Everything is UTC.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Date32Type, FieldRef, TimeUnit};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Timelike, Utc};
use datafusion::common::Result;
use datafusion::logical_expr::{ReturnFieldArgs, ScalarUDF};

use super::iso::{at_midnight, parse_micros, to_datetime};
use super::pattern::Pattern;
use super::support::{
    Call, Func, field, instant_type, is_text, plan_error, returns_double, returns_instant, returns_int,
    returns_text,
};

const DAY: i64 = 86_400_000_000;

/// The functions of this family.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    let f = Func::new;
    let mut all = vec![
        f("from_iso8601_timestamp", (1, 1), returns_instant, from_iso8601)
            .aliases(&["from_iso8601_timestamp_nanos", "to_instant"])
            .udf(),
        f("from_iso8601_date", (1, 1), returns_date, date).udf(),
        f("date", (1, 1), returns_date, date).udf(),
        f("to_iso8601", (1, 1), returns_text, to_iso8601).udf(),
        f("date_format", (2, 2), returns_text_mysql, date_format).udf(),
        f("date_parse", (2, 2), returns_instant_mysql, date_parse).udf(),
        f("format_datetime", (2, 2), returns_text_joda, format_datetime).udf(),
        f("parse_datetime", (2, 2), returns_instant_joda, parse_datetime).udf(),
        f("date_add", (3, 3), returns_like_third, date_add).udf(),
        f("date_diff", (3, 3), returns_int, date_diff).udf(),
        f("from_unixtime", (1, 2), returns_instant, from_unixtime).udf(),
        f("from_unixtime_nanos", (1, 1), returns_instant, from_unixtime_nanos).udf(),
        f("to_unixtime", (1, 1), returns_double, to_unixtime).udf(),
        f("to_milliseconds", (1, 1), returns_int, epoch_ms).aliases(&["epoch_ms"]).udf(),
        f("at_timezone", (2, 2), returns_instant, at_timezone).aliases(&["with_timezone"]).udf(),
        f("last_day_of_month", (1, 1), returns_date, last_day_of_month).udf(),
    ];
    let parts: [(&'static str, &[&str], super::support::BodyFn); 12] = [
        ("year", &[], |c| part(c, |t| i64::from(t.year()))),
        ("quarter", &[], |c| part(c, |t| i64::from(t.month0() / 3 + 1))),
        ("month", &[], |c| part(c, |t| i64::from(t.month()))),
        ("week", &["week_of_year"], |c| part(c, |t| i64::from(t.iso_week().week()))),
        ("day", &["day_of_month"], |c| part(c, |t| i64::from(t.day()))),
        ("day_of_week", &["dow"], |c| part(c, |t| i64::from(t.weekday().number_from_monday()))),
        ("day_of_year", &["doy"], |c| part(c, |t| i64::from(t.ordinal()))),
        ("year_of_week", &["yow"], |c| part(c, |t| i64::from(t.iso_week().year()))),
        ("hour", &[], |c| part(c, |t| i64::from(t.hour()))),
        ("minute", &[], |c| part(c, |t| i64::from(t.minute()))),
        ("second", &[], |c| part(c, |t| i64::from(t.second()))),
        ("millisecond", &[], |c| part(c, |t| i64::from(t.timestamp_subsec_millis()))),
    ];
    for (name, aliases, body) in parts {
        all.push(f(name, (1, 1), returns_int, body).aliases(aliases).udf());
    }
    all
}

fn returns_date(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    field(DataType::Date32)
}

/// Checks a constant pattern when the query is planned.
fn check(args: &ReturnFieldArgs<'_>, compile: Compile, t: DataType) -> Result<FieldRef> {
    if let Some(Some(pattern)) = args.scalar_arguments.get(1)
        && let Some(pattern) = pattern.try_as_str().flatten()
    {
        compile(pattern).map_err(plan_error)?;
    }
    field(t)
}

type Compile = fn(&str) -> std::result::Result<Pattern, String>;

fn returns_text_mysql(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    check(args, Pattern::mysql, DataType::Utf8)
}
fn returns_text_joda(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    check(args, Pattern::joda, DataType::Utf8)
}
fn returns_instant_mysql(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    check(args, Pattern::mysql, instant_type())
}
fn returns_instant_joda(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    check(args, Pattern::joda, instant_type())
}

/// `date_add` keeps a date a date and makes everything else an instant.
fn returns_like_third(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    if let Some(Some(unit)) = args.scalar_arguments.first()
        && let Some(unit) = unit.try_as_str().flatten()
    {
        Unit::parse(unit)?;
    }
    match args.arg_fields.get(2).map(|f| f.data_type()) {
        Some(DataType::Date32) => field(DataType::Date32),
        _ => field(instant_type()),
    }
}

fn instants(call: &Call<'_>, f: impl Fn(usize) -> Option<i64>) -> ArrayRef {
    let mut out = TimestampMicrosecondBuilder::with_capacity(call.rows);
    for row in 0..call.rows {
        out.append_option(f(row));
    }
    Arc::new(out.finish().with_timezone("UTC"))
}

fn texts(call: &Call<'_>, f: impl Fn(usize) -> Option<String>) -> ArrayRef {
    let mut out = StringBuilder::with_capacity(call.rows, call.rows * 24);
    for row in 0..call.rows {
        out.append_option(f(row));
    }
    Arc::new(out.finish())
}

fn dates(call: &Call<'_>, f: impl Fn(usize) -> Option<NaiveDate>) -> ArrayRef {
    let days: Date32Array = (0..call.rows).map(|r| f(r).map(Date32Type::from_naive_date)).collect();
    Arc::new(days)
}

fn part(call: &Call<'_>, f: fn(DateTime<Utc>) -> i64) -> Result<ArrayRef> {
    let times = call.instant(0)?;
    let mut out = Int64Builder::with_capacity(call.rows);
    for row in 0..call.rows {
        out.append_option(times.get(row).and_then(to_datetime).map(f));
    }
    Ok(Arc::new(out.finish()))
}

fn from_iso8601(call: &Call<'_>) -> Result<ArrayRef> {
    let times = call.instant(0)?;
    Ok(instants(call, |row| times.get(row)))
}

fn date(call: &Call<'_>) -> Result<ArrayRef> {
    let times = call.instant(0)?;
    Ok(dates(call, |row| to_datetime(times.get(row)?).map(|t| t.date_naive())))
}

fn to_iso8601(call: &Call<'_>) -> Result<ArrayRef> {
    let is_date = matches!(call.data_type(0), DataType::Date32 | DataType::Date64);
    let times = call.instant(0)?;
    Ok(texts(call, |row| {
        let t = to_datetime(times.get(row)?)?;
        let pattern = if is_date { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%S%.3fZ" };
        Some(t.format(pattern).to_string())
    }))
}

fn write(call: &Call<'_>, compile: Compile) -> Result<ArrayRef> {
    let (times, patterns) = (call.instant(0)?, call.text(1)?);
    let fixed = match call.constant_text(1) {
        Some(p) => Some(compile(&p).map_err(plan_error)?),
        None => None,
    };
    Ok(texts(call, |row| {
        let t = to_datetime(times.get(row)?)?;
        match &fixed {
            Some(p) => Some(p.format(t)),
            None => compile(patterns.get(row)?).ok().map(|p| p.format(t)),
        }
    }))
}

fn read(call: &Call<'_>, compile: Compile) -> Result<ArrayRef> {
    let (text, patterns) = (call.text(0)?, call.text(1)?);
    let fixed = match call.constant_text(1) {
        Some(p) => Some(compile(&p).map_err(plan_error)?),
        None => None,
    };
    Ok(instants(call, |row| {
        let text = text.get(row)?;
        match &fixed {
            Some(p) => p.parse(text),
            None => compile(patterns.get(row)?).ok()?.parse(text),
        }
    }))
}

fn date_format(call: &Call<'_>) -> Result<ArrayRef> {
    write(call, Pattern::mysql)
}
fn date_parse(call: &Call<'_>) -> Result<ArrayRef> {
    read(call, Pattern::mysql)
}
fn format_datetime(call: &Call<'_>) -> Result<ArrayRef> {
    write(call, Pattern::joda)
}
fn parse_datetime(call: &Call<'_>) -> Result<ArrayRef> {
    read(call, Pattern::joda)
}

/// A unit of `date_add` and `date_diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Micros(i64),
    Months(u32),
}

impl Unit {
    fn parse(name: &str) -> Result<Self> {
        let lower = name.to_ascii_lowercase();
        Ok(match lower.strip_suffix('s').unwrap_or(&lower) {
            "microsecond" => Self::Micros(1),
            "millisecond" => Self::Micros(1_000),
            "second" => Self::Micros(1_000_000),
            "minute" => Self::Micros(60_000_000),
            "hour" => Self::Micros(3_600_000_000),
            "day" => Self::Micros(DAY),
            "week" => Self::Micros(7 * DAY),
            "month" => Self::Months(1),
            "quarter" => Self::Months(3),
            "year" => Self::Months(12),
            _ => {
                return Err(plan_error(format!(
                    "'{name}' is no unit of time; known are millisecond, second, minute, hour, \
                     day, week, month, quarter, year"
                )));
            }
        })
    }

    fn add(self, micros: i64, n: i64) -> Option<i64> {
        match self {
            Self::Micros(unit) => micros.checked_add(unit.checked_mul(n)?),
            Self::Months(unit) => {
                let months = Months::new(u32::try_from(n.unsigned_abs()).ok()?.checked_mul(unit)?);
                let t = to_datetime(micros)?;
                let moved = if n < 0 { t.checked_sub_months(months) } else { t.checked_add_months(months) };
                Some(moved?.timestamp_micros())
            }
        }
    }

    /// Whole units from `a` to `b`, towards zero.
    fn between(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Self::Micros(unit) => Some(b.checked_sub(a)? / unit),
            Self::Months(unit) => {
                if b < a {
                    return self.between(b, a).map(|n| -n);
                }
                let (from, to) = (to_datetime(a)?, to_datetime(b)?);
                let mut months =
                    i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month());
                let reached = from.checked_add_months(Months::new(u32::try_from(months).ok()?))?;
                if reached > to {
                    months -= 1;
                }
                Some(months / i64::from(unit))
            }
        }
    }
}

fn unit_of(call: &Call<'_>) -> Result<Unit> {
    let name = call
        .constant_text(0)
        .ok_or_else(|| plan_error(format!("the unit of {} must be a constant", call.name)))?;
    Unit::parse(&name)
}

fn date_add(call: &Call<'_>) -> Result<ArrayRef> {
    let unit = unit_of(call)?;
    let (n, times) = (call.int(1)?, call.instant(2)?);
    let moved = |row: usize| unit.add(times.get(row)?, n.get(row)?);
    if call.returns.data_type() == &DataType::Date32 {
        return Ok(dates(call, |row| Some(to_datetime(moved(row)?)?.date_naive())));
    }
    Ok(instants(call, moved))
}

fn date_diff(call: &Call<'_>) -> Result<ArrayRef> {
    let unit = unit_of(call)?;
    let (a, b) = (call.instant(1)?, call.instant(2)?);
    let mut out = Int64Builder::with_capacity(call.rows);
    for row in 0..call.rows {
        out.append_option(a.get(row).zip(b.get(row)).and_then(|(a, b)| unit.between(a, b)));
    }
    Ok(Arc::new(out.finish()))
}

fn from_unixtime(call: &Call<'_>) -> Result<ArrayRef> {
    let seconds = call.double(0)?;
    Ok(instants(call, |row| {
        let micros = (seconds.get(row)? * 1e6).round();
        (micros.abs() < 9.0e18).then_some(micros as i64)
    }))
}

fn from_unixtime_nanos(call: &Call<'_>) -> Result<ArrayRef> {
    let nanos = call.int(0)?;
    Ok(instants(call, |row| nanos.get(row).map(|n| n.div_euclid(1000))))
}

fn to_unixtime(call: &Call<'_>) -> Result<ArrayRef> {
    let times = call.instant(0)?;
    let mut out = Float64Builder::with_capacity(call.rows);
    for row in 0..call.rows {
        out.append_option(times.get(row).map(|t| t as f64 / 1e6));
    }
    Ok(Arc::new(out.finish()))
}

/// Milliseconds since 1970, as OCSF's `time` has them.
fn epoch_ms(call: &Call<'_>) -> Result<ArrayRef> {
    let times = call.instant(0)?;
    let mut out = Int64Builder::with_capacity(call.rows);
    for row in 0..call.rows {
        out.append_option(times.get(row).map(|t| t.div_euclid(1000)));
    }
    Ok(Arc::new(out.finish()))
}

fn at_timezone(call: &Call<'_>) -> Result<ArrayRef> {
    let zone = call.constant_text(1).unwrap_or_default();
    let utc = ["utc", "z", "gmt", "etc/utc", "+00:00", "zulu", "utc+0"];
    if !utc.contains(&zone.to_ascii_lowercase().as_str()) {
        return Err(plan_error(format!(
            "time zone '{zone}': times are kept and shown in UTC; use 'UTC', or date_add('hour', n, …)"
        )));
    }
    from_iso8601(call)
}

fn last_day_of_month(call: &Call<'_>) -> Result<ArrayRef> {
    let times = call.instant(0)?;
    Ok(dates(call, |row| {
        let day = to_datetime(times.get(row)?)?.date_naive().with_day(1)?;
        day.checked_add_months(Months::new(1))?.checked_sub_days(Days::new(1))
    }))
}

/// Reads a constant as an instant, for the pruning rule.
pub(crate) fn literal_micros(value: &datafusion::common::ScalarValue) -> Option<i64> {
    if let Some(text) = value.try_as_str() {
        return text.and_then(parse_micros);
    }
    let array = value.to_array().ok()?;
    if is_text(array.data_type()) || !array.data_type().is_temporal() {
        return None;
    }
    let target = DataType::Timestamp(TimeUnit::Microsecond, None);
    let array = super::support::lenient_cast(&array, &target).ok()?;
    let times = array.as_primitive::<arrow::datatypes::TimestampMicrosecondType>();
    (!times.is_null(0)).then(|| times.value(0))
}

/// The UTC day of an instant.
pub(crate) fn day_of(micros: i64) -> Option<NaiveDate> {
    to_datetime(micros).map(|t| t.date_naive())
}

/// First instant of a day.
pub(crate) fn day_start(day: NaiveDate) -> i64 {
    debug_assert_eq!(day.and_time(NaiveTime::MIN).and_utc().timestamp_micros(), at_midnight(day));
    at_midnight(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        parse_micros(text).unwrap()
    }

    #[test]
    fn months_are_clipped_to_their_last_day() {
        let unit = Unit::parse("month").unwrap();
        assert_eq!(unit.add(micros("2024-01-31"), 1), Some(micros("2024-02-29")));
        assert_eq!(unit.add(micros("2024-03-31"), -1), Some(micros("2024-02-29")));
        assert_eq!(unit.add(0, i64::MAX), None);
    }

    #[test]
    fn differences_count_whole_units_towards_zero() {
        let days = Unit::parse("DAYS").unwrap();
        assert_eq!(days.between(micros("2024-01-01T12:00:00"), micros("2024-01-03T11:00:00")), Some(1));
        let months = Unit::parse("month").unwrap();
        assert_eq!(months.between(micros("2024-01-15"), micros("2024-03-14")), Some(1));
        assert_eq!(months.between(micros("2024-03-14"), micros("2024-01-15")), Some(-1));
        assert!(Unit::parse("fortnight").is_err());
    }
}
