//! The formats of text that the API Gateway console offers: CLF, CSV and XML.
//!
//! REST: `ip caller user [time]"GET /path HTTP/1.1" 200 12 request-id extended-id`;
//! HTTP APIs write `- -` for the caller and a route such as `GET /path` for the path;
//! WebSocket APIs `"MESSAGE route connection-id" 200 request-id`.

use super::table;
use crate::DecodeError;
use crate::time::parse_clf;

/// Takes the value of a column.
pub(super) type Set<'s> = dyn FnMut(usize, &str) -> Result<(), DecodeError> + 's;

/// Which of the formats a line is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Clf,
    Csv(&'static [usize]),
    Xml,
}

/// The CSV formats' columns.
const REST: [usize; 11] = [
    table::IP,
    table::CALLER,
    table::USER,
    table::REQUEST_TIME,
    table::HTTP_METHOD,
    table::RESOURCE_PATH,
    table::PROTOCOL,
    table::STATUS,
    table::RESPONSE_LENGTH,
    table::REQUEST_ID,
    table::EXTENDED_REQUEST_ID,
];
const HTTP: [usize; 9] = [
    table::IP,
    table::REQUEST_TIME,
    table::HTTP_METHOD,
    table::ROUTE_KEY,
    table::PROTOCOL,
    table::STATUS,
    table::RESPONSE_LENGTH,
    table::REQUEST_ID,
    table::EXTENDED_REQUEST_ID,
];
const WEB_SOCKET: [usize; 10] = [
    table::IP,
    table::CALLER,
    table::USER,
    table::REQUEST_TIME,
    table::EVENT_TYPE,
    table::ROUTE_KEY,
    table::CONNECTION_ID,
    table::STATUS,
    table::REQUEST_ID,
    table::EXTENDED_REQUEST_ID,
];

impl Shape {
    pub(super) fn of(line: &str) -> Option<Self> {
        if line.starts_with("<request id=\"") {
            return line.contains("<requestTime>").then_some(Self::Xml);
        }
        if let Some(clf) = Clf::of(line) {
            let ids = clf.ids();
            return ids.is_some_and(|(id, more)| is_id(id) && more.is_none_or(is_id)).then_some(Self::Clf);
        }
        csv(line)
    }
}

/// Whether a word can be a request id: a UUID, or one such as `JKJaXmPLvHcESHA=`. What other
/// programs add to CLF, a referrer and a user agent, is quoted; what they do not is short.
fn is_id(word: &str) -> bool {
    let bare = word.strip_suffix("_REPLACED_INVALID_REQUEST_ID").unwrap_or(word);
    (12..=64).contains(&bare.len())
        && bare.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=' | b'+' | b'/'))
        && !bare.bytes().all(|b| b.is_ascii_digit())
}

/// The CSV format that a line's time and number of fields tell.
fn csv(line: &str) -> Option<Shape> {
    let fields: Vec<&str> = line.split(',').take(REST.len() + 1).collect();
    let time_at = |n: usize| fields.get(n).copied().and_then(parse_clf).is_some();
    let layout: &'static [usize] = if time_at(1) {
        &HTTP
    } else if !time_at(3) {
        return None;
    } else if fields.get(4).is_some_and(|f| is_event_type(f)) && fields.len() < REST.len() {
        &WEB_SOCKET
    } else {
        &REST
    };
    // The extended id was added to the formats later.
    let fits = fields.len() == layout.len() || fields.len() + 1 == layout.len();
    let id = fields.get(layout.iter().position(|&c| c == table::REQUEST_ID)?)?;
    (fits && (is_id(id) || *id == "-")).then_some(Shape::Csv(layout))
}

fn is_event_type(word: &str) -> bool {
    matches!(word, "CONNECT" | "MESSAGE" | "DISCONNECT")
}

/// Reads a line in any of the formats.
pub(super) fn read(line: &str, set: &mut Set<'_>) -> Result<(), DecodeError> {
    match Shape::of(line) {
        Some(Shape::Xml) => read_xml(line, set),
        Some(Shape::Csv(layout)) => {
            layout.iter().zip(line.split(',')).try_for_each(|(&column, value)| set(column, value))
        }
        Some(Shape::Clf) => Clf::of(line).map_or(Ok(()), |clf| clf.read(set)),
        None => Err(DecodeError::line("neither JSON nor one of the documented CLF, CSV and XML formats")),
    }
}

/// A line of the Common Log Format, cut at its brackets and quotes.
struct Clf<'a> {
    who: [&'a str; 3],
    time: &'a str,
    request: &'a str,
    rest: &'a str,
}

impl<'a> Clf<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (who, rest) = line.split_once(" [")?;
        let mut words = who.splitn(4, ' ');
        let who = [words.next()?, words.next()?, words.next()?];
        if words.next().is_some() {
            return None;
        }
        let (time, rest) = rest.split_once(']')?;
        parse_clf(time)?;
        let quoted = rest.strip_prefix(' ').unwrap_or(rest).strip_prefix('"')?;
        // A path may hold a quote; what follows the request holds none.
        let (request, rest) = quoted.rsplit_once("\" ")?;
        Some(Self { who, time, request, rest })
    }

    fn is_web_socket(&self) -> bool {
        let (first, last) = (self.request.split(' ').next(), self.request.rsplit(' ').next());
        first.is_some_and(is_event_type) && last.is_some_and(|l| !l.starts_with("HTTP/"))
    }

    /// The request id, and the extended one if there is one.
    fn ids(&self) -> Option<(&'a str, Option<&'a str>)> {
        let mut words = self.rest.split(' ').skip(if self.is_web_socket() { 1 } else { 2 });
        let ids = (words.next()?, words.next());
        words.next().is_none().then_some(ids)
    }

    fn read(&self, set: &mut Set<'_>) -> Result<(), DecodeError> {
        set(table::IP, self.who[0])?;
        set(table::CALLER, self.who[1])?;
        set(table::USER, self.who[2])?;
        set(table::REQUEST_TIME, self.time)?;
        let (first, more) = self.request.split_once(' ').unwrap_or((self.request, ""));
        let (middle, last) = more.rsplit_once(' ').unwrap_or(("", more));
        let mut words = self.rest.split(' ');
        let mut word = || words.next().unwrap_or_default();
        if self.is_web_socket() {
            set(table::EVENT_TYPE, first)?;
            set(table::ROUTE_KEY, middle)?;
            set(table::CONNECTION_ID, last)?;
            set(table::STATUS, word())?;
        } else {
            set(table::HTTP_METHOD, first)?;
            let is_path = middle.starts_with('/') || middle == "-";
            set(if is_path { table::RESOURCE_PATH } else { table::ROUTE_KEY }, middle)?;
            set(table::PROTOCOL, last)?;
            set(table::STATUS, word())?;
            set(table::RESPONSE_LENGTH, word())?;
        }
        set(table::REQUEST_ID, word())?;
        set(table::EXTENDED_REQUEST_ID, word())
    }
}

/// `<request id="…"> <ip>…</ip> … </request>`. API Gateway escapes nothing, and so nothing is
/// unescaped here.
fn read_xml(line: &str, set: &mut Set<'_>) -> Result<(), DecodeError> {
    let rest = line.strip_prefix("<request id=\"").and_then(|r| r.split_once('"'));
    let (id, mut rest) = rest.ok_or_else(|| DecodeError::line("`<request id=\"` has no closing quote"))?;
    set(table::REQUEST_ID, id)?;
    rest = rest.trim_start().strip_prefix('>').ok_or_else(|| DecodeError::line("`<request …` has no `>`"))?;
    loop {
        rest = rest.trim_start();
        if rest.starts_with("</request>") {
            return Ok(());
        }
        let tag = rest.strip_prefix('<').and_then(|r| r.split_once('>'));
        let Some((name, inside)) = tag else {
            let seen: String = rest.chars().take(40).collect();
            return Err(DecodeError::line(format!("expected a tag or `</request>`, found {seen:?}")));
        };
        let closing = format!("</{name}>");
        let Some((value, more)) = inside.split_once(closing.as_str()) else {
            let name: String = name.chars().take(40).collect();
            return Err(DecodeError::line(format!("`<{name}>` is not closed")));
        };
        if let Some(column) = table::column_of(&table::normalise("", name)) {
            set(column, value)?;
        }
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";

    #[test]
    fn other_access_logs_are_not_claimed() {
        for no in [
            r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326"#,
            r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "http://example.com" "Mozilla/4.08""#,
            r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 2326 1234567890123"#,
            "a,b,c",
            "",
        ] {
            assert_eq!(Shape::of(no), None, "{no}");
        }
    }

    #[test]
    fn ids_may_be_of_every_documented_kind() {
        for id in [ID, "JKJaXmPLvHcESHA=", "c6af9ac6-7b61-11e6-9a41-93e8deadbeef_REPLACED_INVALID_REQUEST_ID"]
        {
            let line =
                format!(r#"192.0.2.1 - - [10/Oct/2000:13:55:36 +0000]"GET /a HTTP/1.1" 200 2326 {id}"#);
            assert_eq!(Shape::of(&line), Some(Shape::Clf), "{id}");
        }
    }
}
