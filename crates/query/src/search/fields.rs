//! What a field name of a search means in each table: aliases that people
//! type (`user`, `ip`, `key`), columns of the `events` view, the table's own
//! columns and members, and paths into its JSON text.

use arrow::datatypes::{DataType, FieldRef};
use trailkeep_formats::{TableDef, Type};

/// A place that a term is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// SQL over the table's columns; inside `list`, over `item`.
    pub(crate) sql: String,
    /// What it holds.
    pub(crate) kind: Kind,
    /// The array to look through, if the place is in its items.
    pub(crate) list: Option<String>,
    /// How values are matched.
    pub(crate) matching: Matching,
}

/// What a place holds, as far as comparing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Boolean,
    /// An instant or a day.
    Time,
    /// Nested values; found by their text.
    Nested,
}

/// How a value is matched with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    /// The whole value; letters exact only if some are upper case.
    Whole,
    /// The whole value, exactly as written: ids, addresses, Regions.
    Exact,
    /// The whole value, or what follows the last `/` or `:` (names in ARNs).
    Name,
    /// The whole value, or its first word before a dot (`s3` of
    /// `s3.amazonaws.com`).
    Service,
    /// An address, or a network that holds it.
    Address,
}

/// Names that are understood in every table, for suggestions.
pub(crate) const COMMON: [&str; 24] = [
    "user",
    "actor",
    "ip",
    "source_address",
    "key",
    "account",
    "region",
    "event",
    "action",
    "service",
    "error",
    "outcome",
    "target",
    "resource",
    "table",
    "id",
    "role",
    "agent",
    "arn",
    "file",
    "bucket",
    "readonly",
    "type",
    "vpce",
];

fn place(sql: &str, kind: Kind, matching: Matching) -> Place {
    Place { sql: sql.to_string(), kind, list: None, matching }
}

fn text(sql: &str, matching: Matching) -> Place {
    place(sql, Kind::Text, matching)
}

/// All places that `name` means in a table; empty if it means nothing there.
pub(crate) fn places(def: &TableDef, name: &str) -> Vec<Place> {
    let lower = name.to_lowercase();
    let cloudtrail = def.name == "cloudtrail_logs";
    let own = if cloudtrail { cloudtrail_alias(&lower) } else { other_alias(def, &lower) };
    if !own.is_empty() {
        return own;
    }
    let common = common_alias(def, &lower);
    if !common.is_empty() {
        return common;
    }
    column(def, name).into_iter().collect()
}

fn common_alias(def: &TableDef, name: &str) -> Vec<Place> {
    use Matching::{Address, Exact, Name, Whole};
    let e = &def.events;
    let or_nothing = |sql: &str, matching| {
        if sql == "NULL" { vec![] } else { vec![text(&format!("({sql})"), matching)] }
    };
    match name {
        "account" | "accountid" | "account_id" => vec![text("account_id", Exact)],
        "region" | "awsregion" => vec![text("region", Exact)],
        "id" | "eventid" | "event_uid" | "uid" => vec![text("event_uid", Exact)],
        "file" | "source_uri" => vec![text("source_uri", Whole)],
        "time" | "event_time" => vec![place("event_time", Kind::Time, Exact)],
        "raw" => vec![text("raw", Whole)],
        "user" | "actor" | "who" | "principal" => or_nothing(e.actor, Name),
        "event" | "action" | "operation" | "what" => or_nothing(e.action, Whole),
        "ip" | "source_address" | "sourceip" | "src" | "address" | "from_ip" => {
            or_nothing(e.source_address, Address)
        }
        "target" | "resource" => or_nothing(e.target, Name),
        "outcome" | "result" => or_nothing(e.outcome, Whole),
        _ => vec![],
    }
}

fn cloudtrail_alias(name: &str) -> Vec<Place> {
    use Matching::{Address, Exact, Name, Service, Whole};
    let arn_in_resources = Place {
        sql: "item.arn".to_string(),
        kind: Kind::Text,
        list: Some("resources".to_string()),
        matching: Name,
    };
    match name {
        "user" | "actor" | "who" | "principal" | "identity" => vec![
            text("useridentity.username", Whole),
            text("useridentity.arn", Name),
            text("useridentity.principalid", Name),
            text("useridentity.sessioncontext.sessionissuer.username", Whole),
            text("useridentity.invokedby", Whole),
        ],
        "role" => vec![
            text("useridentity.sessioncontext.sessionissuer.arn", Name),
            text("useridentity.sessioncontext.sessionissuer.username", Whole),
        ],
        "key" | "accesskey" | "access_key" | "accesskeyid" => {
            vec![text("useridentity.accesskeyid", Exact)]
        }
        "ip" | "source_address" | "sourceip" | "src" | "address" | "sourceipaddress" => {
            vec![text("sourceipaddress", Address)]
        }
        "event" | "action" | "operation" | "eventname" | "what" => vec![text("eventname", Whole)],
        "service" | "eventsource" => vec![text("eventsource", Service)],
        "error" | "errorcode" => vec![text("errorcode", Whole)],
        "account" => vec![text("account_id", Exact), text("useridentity.accountid", Exact)],
        "arn" => vec![text("useridentity.arn", Whole), Place { matching: Whole, ..arn_in_resources }],
        "target" | "resource" => vec![arn_in_resources],
        "bucket" => vec![text("json_extract_scalar(requestparameters, '$.bucketName')", Whole)],
        "agent" | "user_agent" => vec![text("useragent", Whole)],
        "type" => vec![text("useridentity.type", Whole)],
        "mfa" => vec![text("useridentity.sessioncontext.attributes.mfaauthenticated", Whole)],
        "vpce" => vec![text("vpcendpointid", Exact)],
        _ => vec![],
    }
}

fn other_alias(def: &TableDef, name: &str) -> Vec<Place> {
    use Matching::{Address, Exact, Name, Service, Whole};
    let columns: &[(&str, Matching)] = match (def.name, name) {
        ("vpc_flow_logs", "ip" | "address") => {
            &[("srcaddr", Address), ("dstaddr", Address), ("pkt_srcaddr", Address), ("pkt_dstaddr", Address)]
        }
        ("vpc_flow_logs", "port") => {
            return vec![place("srcport", Kind::Number, Whole), place("dstport", Kind::Number, Whole)];
        }
        ("s3_access_logs", "bucket") => &[("bucket_name", Whole)],
        ("s3_access_logs", "user" | "actor" | "principal") => &[("requester", Name)],
        ("s3_access_logs", "error") => &[("errorcode", Whole)],
        ("s3_access_logs", "status") => &[("httpstatus", Exact)],
        ("s3_access_logs" | "api_gateway_access_logs", "agent" | "user_agent") => &[("useragent", Whole)],
        ("cloudfront_standard_logs", "status") => return vec![place("sc_status", Kind::Number, Exact)],
        ("cloudfront_standard_logs", "agent" | "user_agent") => &[("cs_user_agent", Whole)],
        ("waf_logs", "host") => &[("httprequest.host", Whole)],
        ("waf_logs", "rule") => &[("terminatingruleid", Whole)],
        // Only CloudTrail has a column of its own for the service.
        (_, "service") => &[("", Service)],
        _ => &[],
    };
    columns.iter().filter(|(sql, _)| !sql.is_empty()).map(|(sql, m)| text(sql, *m)).collect()
}

/// A column by its own name; members and JSON paths after dots.
fn column(def: &TableDef, name: &str) -> Option<Place> {
    let schema = def.schema();
    let mut parts = name.split('.');
    let root = parts.next()?.to_lowercase();
    let field = schema.fields().iter().find(|f| *f.name() == root)?;
    let rest: Vec<&str> = parts.collect();
    let quoted = format!("\"{root}\"");
    let json = def.fields.iter().any(|f| f.name == root && matches!(f.ty, Type::Json));
    if json {
        if rest.is_empty() {
            return Some(Place { kind: Kind::Nested, ..text(&quoted, Matching::Whole) });
        }
        let path = json_path(&rest)?;
        let sql = format!("json_extract_scalar({quoted}, '{path}')");
        return Some(text(&sql, Matching::Whole));
    }
    member(field, quoted, &rest, None)
}

/// `$['a'][0]['b']` of `a.0.b`; names of plain letters only.
fn json_path(parts: &[&str]) -> Option<String> {
    let mut path = String::from("$");
    for part in parts {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'@');
        if part.is_empty() || !part.bytes().all(plain) {
            return None;
        }
        if part.bytes().all(|b| b.is_ascii_digit()) {
            path.push_str(&format!("[{part}]"));
        } else {
            path.push_str(&format!("[\"{part}\"]"));
        }
    }
    Some(path)
}

fn member(field: &FieldRef, sql: String, rest: &[&str], list: Option<String>) -> Option<Place> {
    let made = |sql, kind| Some(Place { sql, kind, list: list.clone(), matching: Matching::Whole });
    match (field.data_type(), rest) {
        (DataType::Struct(fields), [next, rest @ ..]) => {
            let lower = next.to_lowercase();
            let field = fields.iter().find(|f| *f.name() == lower)?;
            member(field, format!("{sql}.\"{lower}\""), rest, list)
        }
        // Items of an array are looked through with a lambda; one level.
        (DataType::List(item), rest) if list.is_none() => match item.data_type() {
            DataType::Struct(_) if !rest.is_empty() => member(item, "item".to_string(), rest, Some(sql)),
            DataType::Utf8 if rest.is_empty() => {
                Some(Place { list: Some(sql), ..text("item", Matching::Whole) })
            }
            _ => made(sql, Kind::Nested).filter(|_| rest.is_empty()),
        },
        (DataType::Map(_, _), [key]) => {
            let path = json_path(&[key])?;
            let _ = path;
            made(format!("element_at({sql}, '{key}')"), Kind::Text)
        }
        (_, [_, ..]) => None,
        (DataType::Utf8, []) => made(sql, Kind::Text),
        (DataType::Boolean, []) => made(sql, Kind::Boolean),
        (DataType::Timestamp(_, _) | DataType::Date32, []) => made(sql, Kind::Time),
        (t, []) if t.is_numeric() => made(sql, Kind::Number),
        _ => made(sql, Kind::Nested),
    }
}
