//! Reading only: which statements are answered at all, and which clauses of a
//! query are refused because they write, lock, or read outside of the lake.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    DescribeAlias, ObjectName, Query, Select, SetExpr, ShowStatementFilter, ShowStatementFilterPosition,
    ShowStatementOptions, Statement, TableFactor, Visit, Visitor,
};

use super::Kind;
use super::names::last_part;
use crate::error::QueryError;

/// Sorts a statement, or refuses it.
pub(crate) fn classify(statement: Statement) -> Result<Kind, QueryError> {
    match statement {
        Statement::Query(_) => {
            check(&statement)?;
            Ok(Kind::Query(Box::new(statement)))
        }
        Statement::Explain { statement, .. } if matches!(*statement, Statement::Query(_)) => {
            check(&statement)?;
            Ok(Kind::Query(Box::new(explain(*statement))))
        }
        Statement::ExplainTable { table_name, .. } => Ok(Kind::Describe(last_part(&table_name))),
        Statement::ShowTables { show_options, .. } | Statement::ShowViews { show_options, .. } => {
            Ok(Kind::ShowTables(like(&show_options)?))
        }
        Statement::ShowDatabases { .. } | Statement::ShowSchemas { .. } | Statement::ShowCatalogs { .. } => {
            Ok(Kind::ShowDatabases)
        }
        Statement::ShowColumns { show_options, .. } => columns_of(&show_options),
        Statement::ShowFunctions { filter } => Ok(Kind::ShowFunctions(match filter {
            Some(filter) => Some(pattern(&filter)?),
            None => None,
        })),
        other => Err(QueryError::read_only(verb(&other))),
    }
}

/// `EXPLAIN` with its options set to what is answered: the plan.
fn explain(statement: Statement) -> Statement {
    Statement::Explain {
        describe_alias: DescribeAlias::Explain,
        analyze: false,
        verbose: false,
        query_plan: false,
        estimate: false,
        statement: Box::new(statement),
        format: None,
        options: None,
    }
}

/// The first words of a statement, for the message that refuses it.
fn verb(statement: &Statement) -> String {
    let text = statement.to_string();
    let words: Vec<&str> = text.split_whitespace().take(2).collect();
    match words.first().map(|w| w.to_ascii_uppercase()) {
        Some(first) if first == "CREATE" || first == "DROP" || first == "ALTER" => {
            words.join(" ").to_ascii_uppercase()
        }
        Some(first) => first,
        None => "this statement".to_string(),
    }
}

fn like(options: &ShowStatementOptions) -> Result<Option<String>, QueryError> {
    match &options.filter_position {
        Some(ShowStatementFilterPosition::Infix(f) | ShowStatementFilterPosition::Suffix(f)) => {
            pattern(f).map(Some)
        }
        None => Ok(None),
    }
}

fn pattern(filter: &ShowStatementFilter) -> Result<String, QueryError> {
    match filter {
        ShowStatementFilter::Like(p) | ShowStatementFilter::ILike(p) | ShowStatementFilter::NoKeyword(p) => {
            Ok(p.clone())
        }
        ShowStatementFilter::Where(_) => Err(QueryError::invalid("SHOW … WHERE is not supported; use LIKE")),
    }
}

fn columns_of(options: &ShowStatementOptions) -> Result<Kind, QueryError> {
    let name: Option<&ObjectName> = options.show_in.as_ref().and_then(|show_in| show_in.parent_name.as_ref());
    match name {
        Some(name) => Ok(Kind::Describe(last_part(name))),
        None => Err(QueryError::invalid("SHOW COLUMNS needs FROM table")),
    }
}

fn check(statement: &Statement) -> Result<(), QueryError> {
    match statement.visit(&mut Guard) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(e) => Err(e),
    }
}

struct Guard;

fn refuse<T>(what: &str) -> ControlFlow<QueryError, T> {
    ControlFlow::Break(QueryError::read_only(what))
}

impl Visitor for Guard {
    type Break = QueryError;

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<QueryError> {
        match statement {
            Statement::Query(_) => ControlFlow::Continue(()),
            other => refuse(&verb(other)),
        }
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<QueryError> {
        if !query.locks.is_empty() {
            return refuse("a locking clause (FOR UPDATE)");
        }
        if query.settings.is_some() || query.format_clause.is_some() || query.for_clause.is_some() {
            return refuse("a SETTINGS, FORMAT or FOR clause");
        }
        if !query.pipe_operators.is_empty() {
            return refuse("a pipe operator");
        }
        match query.body.as_ref() {
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                refuse("INSERT, UPDATE, DELETE or MERGE")
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<QueryError> {
        if select.into.is_some() { refuse("SELECT INTO") } else { ControlFlow::Continue(()) }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<QueryError> {
        match factor {
            TableFactor::Table { args: Some(_), name, .. } | TableFactor::Function { name, .. } => {
                refuse(&format!("the table function '{name}'"))
            }
            TableFactor::Table { .. }
            | TableFactor::Derived { .. }
            | TableFactor::NestedJoin { .. }
            | TableFactor::UNNEST { .. } => ControlFlow::Continue(()),
            _ => refuse("a table function"),
        }
    }
}
