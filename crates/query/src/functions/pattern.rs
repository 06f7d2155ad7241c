//! Date patterns: MySQL's (`%Y-%m-%d %H:%i:%s`, of `date_format` and
//! `date_parse`) and Joda's (`yyyy-MM-dd'T'HH:mm:ss`, of `format_datetime`
//! and `parse_datetime`), both compiled to the same list of pieces.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

/// Longest pattern accepted, in bytes.
const MAX_PATTERN: usize = 256;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// A number of at least `width` digits.
    Number(Unit, usize),
    /// Fraction of a second with that many digits.
    Fraction(usize),
    MonthName {
        short: bool,
    },
    DayName {
        short: bool,
    },
    AmPm,
    /// Time zone: `Z` or an offset; always UTC when written.
    Zone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Year,
    ShortYear,
    Month,
    Day,
    DayOfYear,
    Week,
    WeekYear,
    DayOfWeek,
    Hour,
    Hour12,
    Minute,
    Second,
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Compiles a MySQL pattern.
    pub(crate) fn mysql(text: &str) -> Result<Self, String> {
        check_length(text)?;
        let mut pieces = Pieces::default();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                pieces.literal(c);
                continue;
            }
            let spec = chars.next().ok_or("date pattern ends with '%'")?;
            for piece in mysql_piece(spec).ok_or(format!("date pattern: '%{spec}' is not known"))? {
                pieces.push(piece);
            }
        }
        Ok(Self(pieces.0))
    }

    /// Compiles a Joda pattern.
    pub(crate) fn joda(text: &str) -> Result<Self, String> {
        check_length(text)?;
        let mut pieces = Pieces::default();
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            let c = chars[at];
            if c == '\'' {
                at = joda_quoted(&chars, at, &mut pieces)?;
                continue;
            }
            let run = chars[at..].iter().take_while(|d| **d == c).count();
            if c.is_ascii_alphabetic() {
                let piece = joda_piece(c, run)
                    .ok_or(format!("date pattern: '{c}' is not known (quote letters with '…')"))?;
                pieces.push(piece);
                at += run;
            } else {
                pieces.literal(c);
                at += 1;
            }
        }
        Ok(Self(pieces.0))
    }

    /// Writes an instant.
    pub(crate) fn format(&self, t: DateTime<Utc>) -> String {
        let mut out = String::with_capacity(24);
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Number(unit, width) => {
                    let n = value(*unit, t);
                    out.push_str(&format!("{n:0width$}"));
                }
                Piece::Fraction(digits) => {
                    let nanos = format!("{:09}", t.nanosecond() % 1_000_000_000);
                    out.push_str(&nanos[..(*digits).min(9)]);
                }
                Piece::MonthName { short } => {
                    out.push_str(clip(MONTHS[t.month0() as usize % 12], *short));
                }
                Piece::DayName { short } => {
                    let day = t.weekday().num_days_from_sunday() as usize;
                    out.push_str(clip(DAYS[day % 7], *short));
                }
                Piece::AmPm => out.push_str(if t.hour() < 12 { "AM" } else { "PM" }),
                Piece::Zone => out.push('Z'),
            }
        }
        out
    }

    /// Reads an instant (microseconds since 1970); the whole text must match.
    pub(crate) fn parse(&self, text: &str) -> Option<i64> {
        let mut seen = Seen::default();
        let mut rest = text.trim();
        for (i, piece) in self.0.iter().enumerate() {
            let next_is_digit = matches!(self.0.get(i + 1), Some(Piece::Number(..) | Piece::Fraction(_)));
            rest = seen.take(piece, rest, next_is_digit)?;
        }
        if rest.is_empty() { seen.micros() } else { None }
    }
}

fn check_length(text: &str) -> Result<(), String> {
    if text.len() > MAX_PATTERN {
        return Err(format!("date pattern of {} bytes is longer than {MAX_PATTERN}", text.len()));
    }
    Ok(())
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn literal(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Piece::Literal(text)) => text.push(c),
            _ => self.0.push(Piece::Literal(c.to_string())),
        }
    }

    fn push(&mut self, piece: Piece) {
        match piece {
            Piece::Literal(text) => text.chars().for_each(|c| self.literal(c)),
            other => self.0.push(other),
        }
    }
}

fn mysql_piece(spec: char) -> Option<Vec<Piece>> {
    use Piece::{AmPm, DayName, Fraction, Literal, MonthName, Number};
    let colon = || Literal(":".to_string());
    Some(match spec {
        'Y' => vec![Number(Unit::Year, 4)],
        'y' => vec![Number(Unit::ShortYear, 2)],
        'm' => vec![Number(Unit::Month, 2)],
        'c' => vec![Number(Unit::Month, 1)],
        'd' => vec![Number(Unit::Day, 2)],
        'e' => vec![Number(Unit::Day, 1)],
        'H' => vec![Number(Unit::Hour, 2)],
        'k' => vec![Number(Unit::Hour, 1)],
        'h' | 'I' => vec![Number(Unit::Hour12, 2)],
        'l' => vec![Number(Unit::Hour12, 1)],
        'i' => vec![Number(Unit::Minute, 2)],
        's' | 'S' => vec![Number(Unit::Second, 2)],
        'f' => vec![Fraction(6)],
        'j' => vec![Number(Unit::DayOfYear, 3)],
        'v' => vec![Number(Unit::Week, 2)],
        'x' => vec![Number(Unit::WeekYear, 4)],
        'w' => vec![Number(Unit::DayOfWeek, 1)],
        'M' => vec![MonthName { short: false }],
        'b' => vec![MonthName { short: true }],
        'W' => vec![DayName { short: false }],
        'a' => vec![DayName { short: true }],
        'p' => vec![AmPm],
        'T' => {
            vec![Number(Unit::Hour, 2), colon(), Number(Unit::Minute, 2), colon(), Number(Unit::Second, 2)]
        }
        'r' => vec![
            Number(Unit::Hour12, 2),
            colon(),
            Number(Unit::Minute, 2),
            colon(),
            Number(Unit::Second, 2),
            Literal(" ".to_string()),
            AmPm,
        ],
        '%' => vec![Literal("%".to_string())],
        _ => return None,
    })
}

fn joda_piece(c: char, run: usize) -> Option<Piece> {
    Some(match (c, run) {
        ('y' | 'Y', 2) => Piece::Number(Unit::ShortYear, 2),
        ('y' | 'Y', n) => Piece::Number(Unit::Year, n),
        ('x', n) => Piece::Number(Unit::WeekYear, n),
        ('M', 3) => Piece::MonthName { short: true },
        ('M', n) if n > 3 => Piece::MonthName { short: false },
        ('M', n) => Piece::Number(Unit::Month, n),
        ('d', n) => Piece::Number(Unit::Day, n),
        ('D', n) => Piece::Number(Unit::DayOfYear, n),
        ('w', n) => Piece::Number(Unit::Week, n),
        ('e', n) => Piece::Number(Unit::DayOfWeek, n),
        ('E', n) => Piece::DayName { short: n <= 3 },
        ('H', n) => Piece::Number(Unit::Hour, n),
        ('h' | 'K', n) => Piece::Number(Unit::Hour12, n),
        ('m', n) => Piece::Number(Unit::Minute, n),
        ('s', n) => Piece::Number(Unit::Second, n),
        ('S', n) => Piece::Fraction(n),
        ('a', _) => Piece::AmPm,
        ('Z' | 'z', _) => Piece::Zone,
        _ => return None,
    })
}

/// Reads `'quoted text'` (`''` is a quote) and returns where it ended.
fn joda_quoted(chars: &[char], start: usize, pieces: &mut Pieces) -> Result<usize, String> {
    if chars.get(start + 1) == Some(&'\'') {
        pieces.literal('\'');
        return Ok(start + 2);
    }
    let mut at = start + 1;
    while at < chars.len() {
        if chars[at] == '\'' {
            if chars.get(at + 1) != Some(&'\'') {
                return Ok(at + 1);
            }
            at += 1;
        }
        pieces.literal(chars[at]);
        at += 1;
    }
    Err("date pattern: an unclosed quote".to_string())
}

fn clip(name: &str, short: bool) -> &str {
    if short { &name[..3] } else { name }
}

fn value(unit: Unit, t: DateTime<Utc>) -> i64 {
    i64::from(match unit {
        Unit::Year => t.year(),
        Unit::ShortYear => t.year().rem_euclid(100),
        Unit::Month => t.month() as i32,
        Unit::Day => t.day() as i32,
        Unit::DayOfYear => t.ordinal() as i32,
        Unit::Week => t.iso_week().week() as i32,
        Unit::WeekYear => t.iso_week().year(),
        Unit::DayOfWeek => t.weekday().num_days_from_sunday() as i32,
        Unit::Hour => t.hour() as i32,
        Unit::Hour12 => (t.hour() as i32 + 11) % 12 + 1,
        Unit::Minute => t.minute() as i32,
        Unit::Second => t.second() as i32,
    })
}

/// What a text has said so far while it is being read.
#[derive(Default)]
struct Seen {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    ordinal: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
    half: Option<bool>,
    offset: i64,
}

impl Seen {
    fn take<'a>(&mut self, piece: &Piece, text: &'a str, exact: bool) -> Option<&'a str> {
        match piece {
            Piece::Literal(literal) => text.strip_prefix(literal.as_str()),
            Piece::Number(unit, width) => {
                let most = match unit {
                    // Adjacent numbers (yyyyMMdd) take exactly their width.
                    _ if exact => *width,
                    Unit::Year | Unit::WeekYear => 4.max(*width),
                    Unit::DayOfYear => 3,
                    _ => 2,
                };
                let (n, rest) = number(text, most)?;
                self.set(*unit, n)?;
                Some(rest)
            }
            Piece::Fraction(digits) => {
                let len = text.bytes().take(9.max(*digits)).take_while(u8::is_ascii_digit).count();
                let kept = &text[..len.min(9)];
                let n: u32 = kept.parse().ok()?;
                self.nanos = n * 10u32.pow(9 - kept.len() as u32);
                Some(&text[len..])
            }
            Piece::MonthName { short } => {
                let (i, rest) = name(text, &MONTHS, *short)?;
                self.month = Some(i as u32 + 1);
                Some(rest)
            }
            Piece::DayName { short } => name(text, &DAYS, *short).map(|(_, rest)| rest),
            Piece::AmPm => {
                let half = text.get(..2)?.to_ascii_uppercase();
                self.half = Some(match half.as_str() {
                    "AM" => false,
                    "PM" => true,
                    _ => return None,
                });
                Some(&text[2..])
            }
            Piece::Zone => self.zone(text),
        }
    }

    fn zone<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        if let Some(rest) = text.strip_prefix("UTC").or_else(|| text.strip_prefix(['Z', 'z'])) {
            return Some(rest);
        }
        let sign = match text.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let (hours, rest) = number(&text[1..], 2)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let (minutes, rest) = number(rest, 2).unwrap_or((0, rest));
        self.offset = sign * (hours * 3600 + minutes * 60);
        Some(rest)
    }

    fn set(&mut self, unit: Unit, n: i64) -> Option<()> {
        let small = u32::try_from(n).ok()?;
        match unit {
            Unit::Year => self.year = Some(i32::try_from(n).ok()?),
            // 70 is 1970 and 69 is 2069, as in MySQL.
            Unit::ShortYear => self.year = Some(small as i32 + if small < 70 { 2000 } else { 1900 }),
            Unit::Month => self.month = Some(small),
            Unit::Day => self.day = Some(small),
            Unit::DayOfYear => self.ordinal = Some(small),
            Unit::Hour | Unit::Hour12 => self.hour = small,
            Unit::Minute => self.minute = small,
            Unit::Second => self.second = small,
            Unit::Week | Unit::WeekYear | Unit::DayOfWeek => {}
        }
        Some(())
    }

    fn micros(self) -> Option<i64> {
        let year = self.year.unwrap_or(1970);
        let date = match self.ordinal {
            Some(ordinal) => NaiveDate::from_yo_opt(year, ordinal)?,
            None => NaiveDate::from_ymd_opt(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        let hour = match self.half {
            Some(pm) => self.hour % 12 + if pm { 12 } else { 0 },
            None => self.hour,
        };
        let time = NaiveTime::from_hms_nano_opt(hour, self.minute, self.second, self.nanos)?;
        let local = NaiveDateTime::new(date, time).and_utc().timestamp_micros();
        local.checked_sub(self.offset * 1_000_000)
    }
}

fn number(text: &str, most: usize) -> Option<(i64, &str)> {
    let len = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    Some((text[..len].parse().ok()?, &text[len..]))
}

fn name<'a>(text: &'a str, names: &[&str], short: bool) -> Option<(usize, &'a str)> {
    let matches = |n: &str| text.get(..n.len()).is_some_and(|t| t.eq_ignore_ascii_case(n));
    for (i, full) in names.iter().enumerate() {
        if matches(full) {
            return Some((i, &text[full.len()..]));
        }
        if short && matches(&full[..3]) {
            return Some((i, &text[3..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn mysql_patterns_write_and_read() {
        let t = at("2024-03-05T14:07:09.123456Z");
        let p = |s: &str| Pattern::mysql(s).unwrap();
        assert_eq!(p("%Y-%m-%d %H:%i:%s.%f").format(t), "2024-03-05 14:07:09.123456");
        assert_eq!(p("%a %b %e, %l:%i %p (%j) %%").format(t), "Tue Mar 5, 2:07 PM (065) %");
        assert_eq!(p("%Y/%m/%d").parse("2024/03/05"), Some(1_709_596_800_000_000));
        assert_eq!(
            p("%d/%b/%Y:%T").parse("05/Mar/2024:14:07:09"),
            Some(t.timestamp_micros() / 1_000_000 * 1_000_000)
        );
        assert_eq!(p("%Y-%m-%d").parse("2024-03-05 x"), None);
        assert!(Pattern::mysql("%Q").is_err());
        assert!(Pattern::mysql("%").is_err());
    }

    #[test]
    fn joda_patterns_write_and_read() {
        let t = at("2024-03-05T14:07:09Z");
        let p = |s: &str| Pattern::joda(s).unwrap();
        let iso = p("yyyy-MM-dd'T'HH:mm:ss'Z'");
        assert_eq!(iso.format(t), "2024-03-05T14:07:09Z");
        assert_eq!(iso.parse("2024-03-05T14:07:09Z"), Some(t.timestamp_micros()));
        assert_eq!(p("yyyyMMdd").parse("20240305"), Some(1_709_596_800_000_000));
        assert_eq!(
            p("yyyy-MM-dd'T'HH:mm:ssZ").parse("2024-03-05T15:07:09+01:00"),
            Some(t.timestamp_micros())
        );
        assert_eq!(p("EEE, d MMM yyyy 'o''clock'").format(t), "Tue, 5 Mar 2024 o'clock");
        assert!(Pattern::joda("yyyy 'open").is_err());
        assert!(Pattern::joda("b").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(pattern in ".{0,20}", text in ".{0,30}") {
            for p in [Pattern::mysql(&pattern), Pattern::joda(&pattern)].into_iter().flatten() {
                let _ = p.parse(&text);
                let _ = p.format(DateTime::from_timestamp_micros(0).unwrap());
            }
        }

        #[test]
        fn what_is_written_is_read_back(seconds in 0i64..4_000_000_000) {
            let t = DateTime::from_timestamp(seconds, 0).unwrap();
            let mysql = Pattern::mysql("%Y-%m-%d %H:%i:%s").unwrap();
            prop_assert_eq!(mysql.parse(&mysql.format(t)), Some(seconds * 1_000_000));
            let joda = Pattern::joda("EEEE, dd MMMM yyyy hh:mm:ss a").unwrap();
            prop_assert_eq!(joda.parse(&joda.format(t)), Some(seconds * 1_000_000));
        }
    }
}
