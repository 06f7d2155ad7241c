//! What can go wrong with a query: kinds that a program can act on, messages
//! that say where it went wrong and what is near.

use std::fmt;
use std::time::Duration;

use datafusion::common::{DataFusionError, SchemaError};
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::Location;

/// A place in the text of a query: line and column, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Shows ` at line 1, column 2`, or nothing.
struct At<'a>(&'a Option<Place>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |place| write!(f, " at {place}"))
    }
}

/// Shows `; did you mean a, b or c?`, or nothing.
struct Nearest<'a>(&'a [String]);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => Ok(()),
            [one] => write!(f, "; did you mean '{one}'?"),
            [head @ .., last] => write!(f, "; did you mean '{}' or '{last}'?", head.join("', '")),
        }
    }
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The text is not SQL.
    #[error("syntax error{}: {message}", At(at))]
    Syntax {
        /// What was expected or found.
        message: String,
        /// Where, if the parser knows.
        at: Option<Place>,
    },
    /// The statement would change something; only reading is allowed.
    #[error("{statement} is not allowed: the lake is read with SELECT, WITH, SHOW, DESCRIBE and EXPLAIN")]
    ReadOnly {
        /// The statement or clause that was refused.
        statement: String,
    },
    /// No such table or view.
    #[error("table '{name}' is not known{}{}", At(at), Nearest(nearest))]
    UnknownTable {
        /// The name as written.
        name: String,
        /// Names that are near.
        nearest: Vec<String>,
        /// Where it is written.
        at: Option<Place>,
    },
    /// No such column, or no such field of a row.
    #[error("column '{name}' is not known{}{}", At(at), Nearest(nearest))]
    UnknownColumn {
        /// The name as written.
        name: String,
        /// Names that are near.
        nearest: Vec<String>,
        /// Where it is written.
        at: Option<Place>,
    },
    /// No such function.
    #[error("function '{name}' is not known{}{}", At(at), Nearest(nearest))]
    UnknownFunction {
        /// The name as written.
        name: String,
        /// Names that are near.
        nearest: Vec<String>,
        /// Where it is written.
        at: Option<Place>,
    },
    /// The query is SQL, but cannot be planned: types, arguments, grouping.
    #[error("{message}")]
    Invalid {
        /// What is wrong.
        message: String,
    },
    /// The query ran longer than it may.
    #[error("the query was stopped after {} s; narrow its time range (WHERE event_time > …) or raise the limit", limit.as_secs_f64())]
    Timeout {
        /// The limit that it met.
        limit: Duration,
    },
    /// The query needed more memory than it may use.
    #[error("the query needs more than its memory limit: {message}; narrow it, or raise the limit")]
    Memory {
        /// What the memory pool said.
        message: String,
    },
    /// The lake could not be read.
    #[error("the lake could not be read: {message}")]
    Lake {
        /// What failed.
        message: String,
    },
    /// A value met while running made the query fail (a cast, a division).
    #[error("{message}")]
    Execution {
        /// What failed.
        message: String,
    },
    /// Writing the result failed.
    #[error("writing the result: {0}")]
    Output(#[from] std::io::Error),
}

impl QueryError {
    /// A short, stable name of the kind, for APIs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "syntax",
            Self::ReadOnly { .. } => "read_only",
            Self::UnknownTable { .. } => "unknown_table",
            Self::UnknownColumn { .. } => "unknown_column",
            Self::UnknownFunction { .. } => "unknown_function",
            Self::Invalid { .. } => "invalid",
            Self::Timeout { .. } => "timeout",
            Self::Memory { .. } => "memory",
            Self::Lake { .. } => "lake",
            Self::Execution { .. } => "execution",
            Self::Output(_) => "output",
        }
    }

    /// Whether the text of the query is at fault (and not the machine).
    #[must_use]
    pub fn is_users(&self) -> bool {
        !matches!(self, Self::Lake { .. } | Self::Output(_))
    }

    pub(crate) fn syntax(message: impl Into<String>, location: Location) -> Self {
        let at = (location.line > 0).then_some(Place { line: location.line, column: location.column });
        Self::Syntax { message: message.into(), at }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into() }
    }

    pub(crate) fn read_only(statement: impl Into<String>) -> Self {
        Self::ReadOnly { statement: statement.into() }
    }
}

impl From<ParserError> for QueryError {
    fn from(e: ParserError) -> Self {
        let text = match e {
            ParserError::TokenizerError(m) | ParserError::ParserError(m) => m,
            ParserError::RecursionLimitExceeded => "the query is nested too deep".to_string(),
        };
        // sqlparser ends its messages with " at Line: 1, Column: 2".
        if let Some((message, place)) = text.rsplit_once(" at Line: ")
            && let Some((line, column)) = place.split_once(", Column: ")
            && let (Ok(line), Ok(column)) = (line.trim().parse(), column.trim().parse())
        {
            return Self::Syntax { message: message.to_string(), at: Some(Place { line, column }) };
        }
        Self::Syntax { message: text, at: None }
    }
}

impl From<DataFusionError> for QueryError {
    fn from(e: DataFusionError) -> Self {
        let message = e.strip_backtrace();
        match e.find_root() {
            DataFusionError::ResourcesExhausted(_) => Self::Memory { message: first_line(&message) },
            DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
                SchemaError::FieldNotFound { field, valid_fields } => Self::UnknownColumn {
                    name: field.flat_name(),
                    nearest: nearest(field.name(), valid_fields.iter().map(|c| -> &str { c.name() })),
                    at: None,
                },
                other => Self::invalid(other.to_string()),
            },
            DataFusionError::Plan(m) | DataFusionError::NotImplemented(m) => Self::invalid(first_line(m)),
            DataFusionError::SQL(parse, _) => Self::from((**parse).clone()),
            DataFusionError::ObjectStore(_)
            | DataFusionError::IoError(_)
            | DataFusionError::ParquetError(_) => Self::Lake { message },
            DataFusionError::External(_) => Self::Lake { message },
            _ => Self::Execution { message: first_line(&message) },
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_string()
}

/// The names that are nearest to a wrong one: at most three, best first.
pub(crate) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wrong = wrong.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .map(|name| {
            let lower = name.to_lowercase();
            let mut score = strsim::jaro_winkler(&wrong, &lower);
            // `eventname` is near to `event_name`, and to a part of its name.
            if lower.replace('_', "") == wrong.replace('_', "") {
                score = 2.0;
            } else if wrong.len() >= 4 && (lower.contains(&wrong) || wrong.contains(&lower)) {
                score = score.max(0.9);
            }
            (score, name)
        })
        .filter(|(score, _)| *score >= 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, name)| name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names_come_best_first() {
        let names = ["eventname", "eventsource", "errorcode", "awsregion"];
        assert_eq!(nearest("event_name", names.into_iter())[0], "eventname");
        assert_eq!(nearest("evenname", names.into_iter())[0], "eventname");
        assert!(nearest("zzz", names.into_iter()).is_empty());
    }

    #[test]
    fn messages_say_where_and_what_is_near() {
        let error = QueryError::UnknownColumn {
            name: "eventnam".into(),
            nearest: vec!["eventname".into(), "eventid".into()],
            at: Some(Place { line: 2, column: 8 }),
        };
        assert_eq!(
            error.to_string(),
            "column 'eventnam' is not known at line 2, column 8; did you mean 'eventname' or 'eventid'?"
        );
    }
}
