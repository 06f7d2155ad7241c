//! From the text of a query to a statement that DataFusion plans: tokens →
//! parser → guard (reading only) → rewriting of names, calls and FROM.

pub(crate) mod calls;
mod dialect;
mod from;
mod guard;
mod names;
mod rewrite;
mod tokens;

use std::collections::{HashMap, HashSet};

use datafusion::sql::sqlparser::ast::Statement;
use datafusion::sql::sqlparser::parser::Parser;

use crate::error::{Place, QueryError};

/// Nesting of a query that is followed.
const MAX_DEPTH: usize = 64;
/// Longest query text, in bytes.
const MAX_SQL: usize = 1 << 20;

/// What kind of answer a statement wants.
#[derive(Debug)]
pub(crate) enum Kind {
    /// `SELECT`, `WITH`, `VALUES`, and `EXPLAIN` of them.
    Query(Box<Statement>),
    /// `SHOW TABLES` and `SHOW VIEWS`, with their LIKE pattern.
    ShowTables(Option<String>),
    /// `SHOW DATABASES`, `SHOW SCHEMAS`.
    ShowDatabases,
    /// `SHOW FUNCTIONS`, with its LIKE pattern.
    ShowFunctions(Option<String>),
    /// `DESCRIBE table`, `SHOW COLUMNS FROM table`.
    Describe(String),
}

/// A statement ready to be planned, and what is needed around it.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The statement.
    pub(crate) kind: Kind,
    /// Tables that it reads (lower case, without database), and where they
    /// are first named.
    pub(crate) tables: Vec<(String, Option<Place>)>,
    /// Every identifier that it mentions, lower case.
    pub(crate) mentioned: HashSet<String>,
    /// Every name that it defines itself (aliases), lower case.
    pub(crate) defined: HashSet<String>,
    /// How result columns are shown: lower-case name → as it was written.
    pub(crate) display: HashMap<String, String>,
    /// Where identifiers are first written.
    pub(crate) places: HashMap<String, Place>,
}

/// Whether a function of that (lower-case) name exists, and near names if not.
pub(crate) trait Functions {
    /// Whether the function exists.
    fn has(&self, name: &str) -> bool;
    /// Names near to one that does not exist.
    fn nearest(&self, name: &str) -> Vec<String>;
}

/// Parses, guards and rewrites one statement.
pub(crate) fn prepare(sql: &str, functions: &dyn Functions) -> Result<Prepared, QueryError> {
    let statement = parse(sql)?;
    let kind = guard::classify(statement)?;
    let mut prepared = Prepared {
        kind: Kind::ShowDatabases,
        tables: Vec::new(),
        mentioned: HashSet::new(),
        defined: HashSet::new(),
        display: HashMap::new(),
        places: HashMap::new(),
    };
    prepared.kind = match kind {
        Kind::Query(mut statement) => {
            rewrite::rewrite(&mut statement, functions, &mut prepared)?;
            Kind::Query(statement)
        }
        other => other,
    };
    Ok(prepared)
}

/// Parses exactly one statement; semicolons after it are allowed.
fn parse(sql: &str) -> Result<Statement, QueryError> {
    if sql.len() > MAX_SQL {
        return Err(QueryError::invalid(format!("a query may be {MAX_SQL} bytes long")));
    }
    let tokens = tokens::tokens(sql)?;
    let mut statements = Parser::new(&dialect::Athena)
        .with_recursion_limit(MAX_DEPTH)
        .with_tokens_with_locations(tokens)
        .parse_statements()?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        (None, _) => Err(QueryError::invalid("the query is empty")),
        (Some(_), false) => Err(QueryError::invalid("one statement at a time")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Any;

    impl Functions for Any {
        fn has(&self, _: &str) -> bool {
            true
        }

        fn nearest(&self, _: &str) -> Vec<String> {
            Vec::new()
        }
    }

    proptest! {
        #[test]
        fn never_panics(sql in "\\PC{0,80}") {
            let _ = prepare(&sql, &Any);
        }

        #[test]
        fn never_panics_on_words_of_sql(words in prop::collection::vec(prop::sample::select(vec![
            "SELECT", "FROM", "WHERE", "CAST", "TRY_CAST", "AS", "ARRAY", "JSON", "IPADDRESS", "ROW", "(", ")", "[",
            "]", ",", ".", "->", "x", "\"Y\"", "'t'", "1", "*", "UNNEST", "CROSS JOIN", "LEFT JOIN", "ON TRUE", "t",
            "WITH ORDINALITY", "WITH", "UNION", "GROUP BY", "ORDER BY", "LIMIT", "FETCH FIRST", "ROWS ONLY", "BETWEEN",
            "AND", "LIKE", "ESCAPE", "INTERVAL", "DAY", "CASE", "WHEN", "THEN", "END", "max_by", "if", "try",
            "approx_percentile", "listagg", "all_match", "user", "timestamp", "EXPLAIN", "SHOW TABLES", "-", "=", ";",
        ]), 0..30)) {
            let _ = prepare(&words.join(" "), &Any);
        }
    }
}
