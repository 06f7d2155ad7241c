//! The search language.
//!
//! Terms are joined by AND; `OR`, `NOT`, `-term` and parentheses say more.
//! A term is text (found anywhere in the record, whatever its case) or
//! `field:value`, `field:a,b`, `field:"exact"`, `field:wild*`, `field:>10`,
//! `field:*` (there is one). `since:` and `until:` bound the time.

use chrono::{DateTime, Utc};

use super::node::{Node, Op, Piece, Value};
use super::times::{self, End};

/// Longest search text, in bytes.
const MAX_TEXT: usize = 8192;
/// Most terms.
const MAX_TERMS: usize = 200;
/// Deepest nesting of parentheses and NOTs.
const MAX_DEPTH: usize = 32;

/// A parsed search.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuery {
    pub(crate) filter: Node,
    /// First instant that counts, if bounded.
    pub since: Option<DateTime<Utc>>,
    /// First instant that no longer counts, if bounded.
    pub until: Option<DateTime<Utc>>,
}

/// Why a search text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {at})")]
pub struct SearchError {
    /// What is wrong, and what to write instead.
    pub message: String,
    /// Where, in characters from 1.
    pub at: usize,
}

impl SearchQuery {
    /// Parses a search text; relative times count back from `now`.
    ///
    /// # Errors
    /// When the text is not a search; the error says where.
    pub fn parse(text: &str, now: DateTime<Utc>) -> Result<Self, SearchError> {
        if text.len() > MAX_TEXT {
            let message = format!("a search may be {MAX_TEXT} bytes long");
            return Err(SearchError { message, at: 1 });
        }
        let chars: Vec<char> = text.chars().collect();
        let mut parser = Parser { chars: &chars, at: 0, now, since: None, until: None, terms: 0 };
        let filter = parser.any(0)?;
        if parser.at < chars.len() {
            return Err(parser.error("a ')' without its '('"));
        }
        let (since, until) = (parser.since, parser.until);
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(SearchError { message: "since: must be before until:".to_string(), at: 1 });
        }
        Ok(Self { filter, since, until })
    }

    /// The same search with other time bounds; `None` leaves one as it is.
    #[must_use]
    pub fn within(mut self, since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Self {
        self.since = since.or(self.since);
        self.until = until.or(self.until);
        self
    }
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    now: DateTime<Utc>,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    terms: usize,
}

/// What follows a word that is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keyword {
    And,
    Or,
    Not,
}

impl Parser<'_> {
    fn error(&self, message: impl Into<String>) -> SearchError {
        SearchError { message: message.into(), at: self.at + 1 }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// A keyword (upper case, standing alone) at this place, if there is one.
    fn keyword(&self) -> Option<(Keyword, usize)> {
        let word: String = self.chars[self.at..]
            .iter()
            .take(4)
            .take_while(|c| !c.is_whitespace() && !matches!(c, '(' | ')'))
            .collect();
        let keyword = match word.as_str() {
            "AND" | "&&" => Keyword::And,
            "OR" | "||" => Keyword::Or,
            "NOT" => Keyword::Not,
            _ => return None,
        };
        Some((keyword, word.chars().count()))
    }

    /// `a b OR c`: AND binds closer.
    fn any(&mut self, depth: usize) -> Result<Node, SearchError> {
        if depth > MAX_DEPTH {
            return Err(self.error("nested too deep"));
        }
        let mut branches = vec![self.all(depth)?];
        while let Some((Keyword::Or, length)) = self.keyword() {
            self.at += length;
            let start = self.at;
            let branch = self.all(depth)?;
            if branch == Node::And(vec![]) {
                self.at = start;
                return Err(self.error("OR needs a term on both sides"));
            }
            branches.push(branch);
        }
        if branches.len() > 1 && branches[0] == Node::And(vec![]) {
            return Err(self.error("OR needs a term on both sides"));
        }
        match (branches.pop(), branches.is_empty()) {
            (Some(only), true) => Ok(only),
            (last, _) => Ok(Node::Or(branches.into_iter().chain(last).collect())),
        }
    }

    fn all(&mut self, depth: usize) -> Result<Node, SearchError> {
        let mut terms = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                None | Some(')') => break,
                _ => {}
            }
            match self.keyword() {
                Some((Keyword::Or, _)) => break,
                Some((Keyword::And, length)) => self.at += length,
                _ => terms.extend(self.term(depth)?),
            }
        }
        Ok(match (terms.pop(), terms.is_empty()) {
            (Some(only), true) => only,
            (last, _) => Node::And(terms.into_iter().chain(last).collect()),
        })
    }

    /// One term; `None` for one that only bounds the time.
    fn term(&mut self, depth: usize) -> Result<Option<Node>, SearchError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(self.error(format!("a search may have {MAX_TERMS} terms")));
        }
        if depth > MAX_DEPTH {
            return Err(self.error("nested too deep"));
        }
        if let Some((Keyword::Not, length)) = self.keyword() {
            self.at += length;
            self.blanks();
            return self.negated(depth);
        }
        match self.peek() {
            Some('-' | '!') if self.chars.get(self.at + 1).is_some_and(|c| !c.is_whitespace()) => {
                self.at += 1;
                self.negated(depth)
            }
            Some('(') => {
                let open = self.at;
                self.at += 1;
                let inner = self.any(depth + 1)?;
                if self.peek() != Some(')') {
                    self.at = open;
                    return Err(self.error("a '(' without its ')'"));
                }
                self.at += 1;
                Ok(Some(inner))
            }
            _ => self.word(depth),
        }
    }

    fn negated(&mut self, depth: usize) -> Result<Option<Node>, SearchError> {
        if matches!(self.peek(), None | Some(')')) {
            return Err(self.error("NOT needs a term"));
        }
        let start = self.at;
        match self.term(depth + 1)? {
            Some(node) => Ok(Some(Node::Not(Box::new(node)))),
            None => {
                self.at = start;
                Err(self.error("since: and until: cannot be negated"))
            }
        }
    }

    fn word(&mut self, depth: usize) -> Result<Option<Node>, SearchError> {
        if let Some(name) = self.field_name() {
            let lower = name.to_lowercase();
            match lower.as_str() {
                "since" | "after" | "from" => {
                    self.since = Some(self.time(&lower, End::Since, depth)?);
                    return Ok(None);
                }
                "until" | "before" | "to" => {
                    self.until = Some(self.time(&lower, End::Until, depth)?);
                    return Ok(None);
                }
                _ => {}
            }
            let op = self.operator();
            let values = self.values(&name)?;
            return Ok(Some(Node::Field { name, op, values }));
        }
        let value = self.value(false)?;
        // `*` alone and an empty phrase are found everywhere.
        if value.is_any() || value.plain() == Some("") {
            return Ok(None);
        }
        Ok(Some(Node::Text(value)))
    }

    /// `name:` at this place; what follows decides that it is no `a::b` ARN.
    fn field_name(&mut self) -> Option<String> {
        let rest = &self.chars[self.at..];
        let first = rest.first()?;
        if !(first.is_alphabetic() || matches!(first, '_' | '@')) {
            return None;
        }
        let length =
            rest.iter().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')).count();
        let name: String = rest[..length].iter().collect();
        // ARNs and URLs are text: `arn:aws:…`, `https://…`, `AROA…:session`.
        let after = rest.get(length + 1);
        let is_arn = name == "arn" && rest[length..].iter().collect::<String>().starts_with(":aws");
        if rest.get(length) != Some(&':') || is_arn || matches!(after, Some(':' | '/')) {
            return None;
        }
        self.at += length + 1;
        Some(name)
    }

    fn operator(&mut self) -> Op {
        let (op, length) = match (self.peek(), self.chars.get(self.at + 1)) {
            (Some('>'), Some('=')) => (Op::GreaterOrEqual, 2),
            (Some('>'), _) => (Op::Greater, 1),
            (Some('<'), Some('=')) => (Op::LessOrEqual, 2),
            (Some('<'), _) => (Op::Less, 1),
            (Some('='), _) => (Op::Is, 1),
            _ => (Op::Is, 0),
        };
        self.at += length;
        op
    }

    fn time(&mut self, name: &str, end: End, depth: usize) -> Result<DateTime<Utc>, SearchError> {
        let start = self.at;
        if depth > 0 {
            return Err(self.error(format!("{name}: stands outside of parentheses and NOT")));
        }
        let value = self.value(false)?;
        let text = value.plain().unwrap_or_default();
        times::parse(text, end, self.now).ok_or_else(|| {
            let examples = "24h, 7d, today, 2024-01-31 or 2024-01-31T12:00:00Z";
            SearchError { message: format!("{name}: takes a time such as {examples}"), at: start + 1 }
        })
    }

    /// `a,b,"c d"`, or `(a OR b)`.
    fn values(&mut self, name: &str) -> Result<Vec<Value>, SearchError> {
        let mut values = Vec::new();
        if self.peek() == Some('(') {
            let open = self.at;
            self.at += 1;
            loop {
                self.blanks();
                match (self.peek(), self.keyword()) {
                    (None, _) => {
                        self.at = open;
                        return Err(self.error("a '(' without its ')'"));
                    }
                    (Some(')'), _) => break,
                    (_, Some((Keyword::Or, length))) => self.at += length,
                    (Some(','), _) => self.at += 1,
                    _ => values.push(self.value(true)?),
                }
            }
            self.at += 1;
        } else {
            loop {
                values.push(self.value(true)?);
                if self.peek() != Some(',') {
                    break;
                }
                self.at += 1;
            }
        }
        values.retain(|v| !v.pieces.is_empty());
        self.terms += values.len();
        if values.is_empty() {
            return Err(self.error(format!("{name}: needs a value; {name}:* finds any")));
        }
        if self.terms > MAX_TERMS {
            return Err(self.error(format!("a search may have {MAX_TERMS} terms")));
        }
        Ok(values)
    }

    /// A word or a quoted phrase. In lists, a comma ends it.
    fn value(&mut self, in_list: bool) -> Result<Value, SearchError> {
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            return self.phrase(quote);
        }
        let mut pieces = Vec::new();
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if c.is_whitespace() || c == ')' || (c == ',' && in_list) || (c == '(' && !in_list) {
                break;
            }
            self.at += 1;
            let wild = match c {
                '*' => Piece::Any,
                '?' => Piece::One,
                '\\' => {
                    text.push(self.peek().unwrap_or('\\'));
                    self.at = (self.at + 1).min(self.chars.len());
                    continue;
                }
                c => {
                    text.push(c);
                    continue;
                }
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            if !(wild == Piece::Any && pieces.last() == Some(&Piece::Any)) {
                pieces.push(wild);
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        if pieces.is_empty() && !in_list && self.peek() == Some('(') {
            // A parenthesis glued to nothing is handled by the caller.
            return Err(self.error("unexpected '('"));
        }
        Ok(Value { pieces })
    }

    fn phrase(&mut self, quote: char) -> Result<Value, SearchError> {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek() {
                None => {
                    self.at = open;
                    return Err(self.error("an unclosed quote"));
                }
                Some(c) if c == quote => break,
                Some('\\') if self.chars.get(self.at + 1).is_some() => {
                    text.push(self.chars[self.at + 1]);
                    self.at += 2;
                }
                Some(c) => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Ok(Value { pieces: vec![Piece::Text(text)] })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2024-03-05T12:00:00Z".parse().unwrap()
    }

    /// A compact rendering, to compare whole searches.
    fn show(node: &Node) -> String {
        let many = |nodes: &[Node], with: &str| {
            format!("({})", nodes.iter().map(show).collect::<Vec<_>>().join(with))
        };
        match node {
            Node::And(nodes) => many(nodes, " & "),
            Node::Or(nodes) => many(nodes, " | "),
            Node::Not(node) => format!("!{}", show(node)),
            Node::Text(value) => format!("'{value}'"),
            Node::Field { name, op, values } => {
                let values: Vec<_> = values.iter().map(Value::to_string).collect();
                format!("{name} {op:?} {}", values.join("/"))
            }
        }
    }

    fn parsed(text: &str) -> String {
        match SearchQuery::parse(text, now()) {
            Ok(q) => show(&q.filter),
            Err(e) => format!("error: {e}"),
        }
    }

    #[test]
    fn reads_the_language() {
        insta::assert_snapshot!(parsed("eventName:StopLogging user:alice 203.0.113.7 since:24h"),
            @"(eventName Is StopLogging & user Is alice & '203.0.113.7')");
        insta::assert_snapshot!(parsed("-error:* NOT (a OR \"b c\") status:>=400"),
            @"(!error Is * & !('a' | 'b c') & status GreaterOrEqual 400)");
        insta::assert_snapshot!(parsed("eventName:(Stop* OR Delete*) region:us-east-1,eu-west-1"),
            @"(eventName Is Stop*/Delete* & region Is us-east-1/eu-west-1)");
        insta::assert_snapshot!(parsed("arn:aws:iam::1:user/x https://x.y AROA:bob"),
            @"('arn:aws:iam::1:user/x' & 'https://x.y' & AROA Is bob)");
        insta::assert_snapshot!(parsed("requestParameters.bucketName:\"my, bucket\" a AND b"),
            @"(requestParameters.bucketName Is my, bucket & 'a' & 'b')");
        insta::assert_snapshot!(parsed(""), @"()");
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        insta::assert_snapshot!(parsed("a (b"), @"error: a '(' without its ')' (at character 3)");
        insta::assert_snapshot!(parsed("a)"), @"error: a ')' without its '(' (at character 2)");
        insta::assert_snapshot!(parsed("x \"y"), @"error: an unclosed quote (at character 3)");
        insta::assert_snapshot!(parsed("since:soon"), @"error: since: takes a time such as 24h, 7d, today, 2024-01-31 or 2024-01-31T12:00:00Z (at character 7)");
        insta::assert_snapshot!(parsed("user:"), @"error: user: needs a value; user:* finds any (at character 6)");
        insta::assert_snapshot!(parsed("a OR"), @"error: OR needs a term on both sides (at character 5)");
        insta::assert_snapshot!(parsed("since:1h until:2h"), @"error: since: must be before until: (at character 1)");
        insta::assert_snapshot!(parsed("(since:1h)"), @"error: since: stands outside of parentheses and NOT (at character 8)");
    }

    proptest! {
        #[test]
        fn never_panics(text in "[\\PC\\n]{0,60}") {
            let _ = SearchQuery::parse(&text, now());
        }

        #[test]
        fn never_panics_on_its_own_signs(text in "[a:\"'()<>=*?\\\\, \\-!ORNDT]{0,80}") {
            let _ = SearchQuery::parse(&text, now());
        }
    }
}
