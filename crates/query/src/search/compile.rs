//! From a search to one SQL condition per table.

use trailkeep_formats::TableDef;

use super::fields::{self, Kind, Matching, Place};
use super::node::{Node, Op, Piece, Value};
use super::parse::SearchQuery;
use crate::error::{QueryError, nearest};
use crate::views::events;

/// A condition, or what it is known to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Always,
    Never,
    Sql(String),
}

impl Condition {
    fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            // A term that cannot be told (NULL) does not match, so its
            // negation does.
            Self::Sql(sql) => Self::Sql(format!("NOT coalesce({sql}, false)")),
        }
    }

    fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Never => return Self::Never,
                Self::Always => {}
                Self::Sql(sql) => kept.push(sql),
            }
        }
        Self::joined(kept, " AND ", Self::Always)
    }

    fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Always => return Self::Always,
                Self::Never => {}
                Self::Sql(sql) => kept.push(sql),
            }
        }
        Self::joined(kept, " OR ", Self::Never)
    }

    fn joined(mut kept: Vec<String>, with: &str, empty: Self) -> Self {
        match (kept.pop(), kept.is_empty()) {
            (None, _) => empty,
            (Some(only), true) => Self::Sql(only),
            (Some(last), false) => {
                kept.push(last);
                Self::Sql(format!("({})", kept.join(with)))
            }
        }
    }
}

/// A table that can hold matches, and on what condition.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) def: &'static TableDef,
    pub(crate) condition: Condition,
}

/// The tables among `existing` that can hold matches.
///
/// # Errors
/// When a field means nothing in any of them.
pub(crate) fn compile(query: &SearchQuery, existing: &[String]) -> Result<Vec<Part>, QueryError> {
    let mut defs: Vec<&'static TableDef> = events::tables(existing).collect();
    if names_table(&query.filter, events::NOT_EVENTS) && existing.iter().any(|t| t == events::NOT_EVENTS) {
        defs.extend(trailkeep_formats::registry::table(events::NOT_EVENTS));
    }
    check_fields(&query.filter, &defs)?;
    Ok(defs
        .into_iter()
        .map(|def| Part { def, condition: node(&query.filter, def) })
        .filter(|part| part.condition != Condition::Never)
        .collect())
}

fn names_table(filter: &Node, table: &str) -> bool {
    match filter {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().any(|n| names_table(n, table)),
        Node::Not(_) | Node::Text(_) => false,
        Node::Field { name, values, .. } => is_table(name) && values.iter().any(|v| v.plain() == Some(table)),
    }
}

fn is_table(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "table" | "table_name" | "log")
}

fn check_fields(filter: &Node, defs: &[&'static TableDef]) -> Result<(), QueryError> {
    match filter {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().try_for_each(|n| check_fields(n, defs)),
        Node::Not(n) => check_fields(n, defs),
        Node::Text(_) => Ok(()),
        Node::Field { name, .. } => {
            let known = is_table(name)
                || fields::COMMON.contains(&name.to_lowercase().as_str())
                || trailkeep_formats::registry::tables().any(|d| !fields::places(d, name).is_empty());
            if known {
                return Ok(());
            }
            let mut names: Vec<&str> = fields::COMMON.to_vec();
            names.extend(defs.iter().flat_map(|d| d.fields.iter().map(|f| f.name)));
            let nearest = nearest(name, names.into_iter());
            Err(QueryError::UnknownColumn { name: name.clone(), nearest, at: None })
        }
    }
}

fn node(filter: &Node, def: &'static TableDef) -> Condition {
    match filter {
        Node::And(nodes) => Condition::all(nodes.iter().map(|n| node(n, def))),
        Node::Or(nodes) => Condition::any(nodes.iter().map(|n| node(n, def))),
        Node::Not(inner) => node(inner, def).not(),
        Node::Text(value) => free_text(value),
        Node::Field { name, values, .. } if is_table(name) => {
            let held = values.iter().any(|v| table_matches(v, def.name));
            if held { Condition::Always } else { Condition::Never }
        }
        Node::Field { name, op, values } => {
            let places = fields::places(def, name);
            Condition::any(
                values.iter().flat_map(|v| places.iter().map(|p| compare(p, *op, v)).collect::<Vec<_>>()),
            )
        }
    }
}

/// `cloudtrail` means `cloudtrail_logs`; wildcards as everywhere.
fn table_matches(value: &Value, table: &str) -> bool {
    if let Some(plain) = value.plain() {
        let plain = plain.to_lowercase();
        return table == plain
            || table.split('_').next() == Some(&plain)
            || table.starts_with(&format!("{plain}_"));
    }
    regex::Regex::new(&format!("(?is)^{}$", regex_of(value, ".*"))).is_ok_and(|r| r.is_match(table))
}

/// A text literal.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Text anywhere in the record. The record may be JSON, in which quotes and
/// backslashes are escaped: both forms are looked for.
fn free_text(value: &Value) -> Condition {
    let value = trimmed(value);
    if value.pieces.is_empty() {
        return Condition::Always;
    }
    if let Some(plain) = value.plain() {
        let mut forms = vec![plain.to_string()];
        let escaped = serde_json::Value::String(plain.to_string()).to_string();
        let escaped = escaped[1..escaped.len() - 1].to_string();
        if escaped != plain {
            forms.push(escaped);
        }
        return Condition::any(forms.iter().map(|f| Condition::Sql(format!("icontains(raw, {})", quote(f)))));
    }
    // A wildcard inside of free text stays inside of one JSON value.
    let pattern = format!("(?i){}", regex_of(&value, "[^\"]*"));
    Condition::Sql(format!("regexp_like(raw, {})", quote(&pattern)))
}

/// Free text is looked for anywhere, so stars at its ends say nothing.
fn trimmed(value: &Value) -> Value {
    let mut pieces = value.pieces.as_slice();
    while let [Piece::Any, rest @ ..] = pieces {
        pieces = rest;
    }
    while let [rest @ .., Piece::Any] = pieces {
        pieces = rest;
    }
    Value { pieces: pieces.to_vec() }
}

fn regex_of(value: &Value, any: &str) -> String {
    value
        .pieces
        .iter()
        .map(|p| match p {
            Piece::Text(text) => regex::escape(text),
            Piece::Any => any.to_string(),
            Piece::One => ".".to_string(),
        })
        .collect()
}

fn compare(place: &Place, op: Op, value: &Value) -> Condition {
    let inner = match (value.is_any() && op == Op::Is, place.kind) {
        (true, _) => Condition::Sql(format!("{} IS NOT NULL", place.sql)),
        (_, Kind::Text) => compare_text(place, op, value),
        (_, Kind::Number) => compare_number(&place.sql, op, value),
        (_, Kind::Boolean) => match value.plain().map(str::to_lowercase).as_deref() {
            Some(b @ ("true" | "false")) if op == Op::Is => Condition::Sql(format!("{} = {b}", place.sql)),
            _ => Condition::Never,
        },
        (_, Kind::Time) => compare_time(&place.sql, op, value),
        (_, Kind::Nested) => compare_nested(&place.sql, op, value),
    };
    match (&place.list, inner) {
        (Some(list), Condition::Sql(sql)) => {
            Condition::Sql(format!("any_match({list}, item -> coalesce({sql}, false))"))
        }
        (_, other) => other,
    }
}

fn sign(op: Op) -> &'static str {
    match op {
        Op::Is => "=",
        Op::Greater => ">",
        Op::GreaterOrEqual => ">=",
        Op::Less => "<",
        Op::LessOrEqual => "<=",
    }
}

fn compare_number(sql: &str, op: Op, value: &Value) -> Condition {
    match value.plain().and_then(|t| t.parse::<f64>().ok()).filter(|n| n.is_finite()) {
        Some(number) => Condition::Sql(format!("{sql} {} {number}", sign(op))),
        None => Condition::Never,
    }
}

fn compare_time(sql: &str, op: Op, value: &Value) -> Condition {
    let micros = value.plain().and_then(crate::functions::iso::parse_micros);
    match micros.and_then(crate::functions::iso::to_datetime) {
        Some(at) => Condition::Sql(format!("{sql} {} {}", sign(op), instant(at))),
        None => Condition::Never,
    }
}

/// An instant as a literal.
pub(crate) fn instant(at: chrono::DateTime<chrono::Utc>) -> String {
    format!("TIMESTAMP '{}'", at.format("%Y-%m-%d %H:%M:%S%.6f"))
}

/// Nested values match if their text contains the value.
fn compare_nested(sql: &str, op: Op, value: &Value) -> Condition {
    if op != Op::Is {
        return Condition::Never;
    }
    let value = trimmed(value);
    match value.plain() {
        Some(plain) => Condition::Sql(format!("icontains({sql}, {})", quote(plain))),
        None => {
            let pattern = format!("(?i){}", regex_of(&value, "[^\"]*"));
            Condition::Sql(format!("regexp_like({sql}, {})", quote(&pattern)))
        }
    }
}

fn compare_text(place: &Place, op: Op, value: &Value) -> Condition {
    let sql = &place.sql;
    if op != Op::Is {
        let Some(plain) = value.plain() else { return Condition::Never };
        return Condition::Sql(match plain.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                format!("TRY_CAST({sql} AS DOUBLE) {} {number}", sign(op))
            }
            _ => format!("{sql} {} {}", sign(op), quote(plain)),
        });
    }
    let exact = place.matching == Matching::Exact || value.is_exact();
    let whole = Condition::Sql(equals(sql, value, exact));
    // What follows the last `/` or `:`.
    let after = |sign: &str| {
        let mut pieces = vec![Piece::Any, Piece::Text(sign.to_string())];
        pieces.extend(value.pieces.iter().cloned());
        Condition::Sql(equals(sql, &Value { pieces }, exact))
    };
    match place.matching {
        Matching::Whole | Matching::Exact => whole,
        Matching::Name => Condition::any([whole, after("/"), after(":")]),
        // Names of services are lower case everywhere.
        Matching::Service => match value.plain().map(str::to_lowercase) {
            Some(v) if v.contains('.') => Condition::Sql(format!("{sql} = {}", quote(&v))),
            Some(v) => {
                Condition::Sql(format!("{sql} IN ({}, {})", quote(&v), quote(&format!("{v}.amazonaws.com"))))
            }
            None => whole,
        },
        Matching::Address => match value.plain().filter(|v| v.contains('/')) {
            Some(net) if net.parse::<ipnet::IpNet>().is_ok() => {
                Condition::Sql(format!("contains({}, CAST({sql} AS IPADDRESS))", quote(net)))
            }
            _ => Condition::Sql(equals(sql, value, true)),
        },
    }
}

/// Equality, or LIKE where there are wildcards.
fn equals(sql: &str, value: &Value, exact: bool) -> String {
    if let Some(plain) = value.plain() {
        return if exact {
            format!("{sql} = {}", quote(plain))
        } else {
            format!("lower({sql}) = {}", quote(&plain.to_lowercase()))
        };
    }
    let mut pattern = String::new();
    for piece in &value.pieces {
        match piece {
            Piece::Any => pattern.push('%'),
            Piece::One => pattern.push('_'),
            Piece::Text(text) => {
                for c in text.chars() {
                    if matches!(c, '%' | '_' | '!') {
                        pattern.push('!');
                    }
                    pattern.push(c);
                }
            }
        }
    }
    let like = if exact { "LIKE" } else { "ILIKE" };
    format!("{sql} {like} {} ESCAPE '!'", quote(&pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(text: &str, table: &str) -> String {
        let now = chrono::DateTime::from_timestamp(0, 0).unwrap();
        let query = SearchQuery::parse(text, now).unwrap();
        let tables = ["cloudtrail_logs".to_string(), "vpc_flow_logs".to_string()];
        match compile(&query, &tables) {
            Err(e) => format!("error: {e}"),
            Ok(parts) => parts
                .into_iter()
                .find(|p| p.def.name == table)
                .map_or("no match in this table".to_string(), |p| format!("{:?}", p.condition)),
        }
    }

    #[test]
    fn terms_become_conditions() {
        let ct = |t: &str| condition(t, "cloudtrail_logs");
        insta::assert_snapshot!(ct("eventName:StopLogging"), @r#"Sql("eventname = 'StopLogging'")"#);
        insta::assert_snapshot!(ct("eventName:stop*"), @r#"Sql("eventname ILIKE 'stop%' ESCAPE '!'")"#);
        insta::assert_snapshot!(ct("-error:*"), @r#"Sql("NOT coalesce(errorcode IS NOT NULL, false)")"#);
        insta::assert_snapshot!(ct("ip:10.0.0.0/8"), @r#"Sql("contains('10.0.0.0/8', CAST(sourceipaddress AS IPADDRESS))")"#);
        insta::assert_snapshot!(ct("service:s3"), @r#"Sql("eventsource IN ('s3', 's3.amazonaws.com')")"#);
        insta::assert_snapshot!(ct("requestParameters.bucketName:Logs"), @r#"Sql("json_extract_scalar(\"requestparameters\", '$[\"bucketName\"]') = 'Logs'")"#);
        insta::assert_snapshot!(ct("resources.arn:x"), @r#"Sql("any_match(\"resources\", item -> coalesce(lower(item.\"arn\") = 'x', false))")"#);
        insta::assert_snapshot!(ct("o'brien"), @r#"Sql("icontains(raw, 'o''brien')")"#);
        insta::assert_snapshot!(ct(r#"'say "hi"'"#), @r#"Sql("(icontains(raw, 'say \"hi\"') OR icontains(raw, 'say \\\"hi\\\"'))")"#);
        insta::assert_snapshot!(ct("eventNme:x"), @"error: column 'eventNme' is not known; did you mean 'eventname', 'eventtime' or 'event'?");
    }

    #[test]
    fn tables_without_the_field_are_left_out() {
        insta::assert_snapshot!(condition("eventName:x", "vpc_flow_logs"), @"no match in this table");
        insta::assert_snapshot!(condition("-eventName:x", "vpc_flow_logs"), @"Always");
        insta::assert_snapshot!(condition("dstport:>1023", "vpc_flow_logs"), @r#"Sql("\"dstport\" > 1023")"#);
        insta::assert_snapshot!(condition("table:cloudtrail", "vpc_flow_logs"), @"no match in this table");
        insta::assert_snapshot!(condition("table:vpc*", "vpc_flow_logs"), @"Always");
    }
}
