//! Completes errors of the planner: where the wrong name stands in the query,
//! and which fields of rows are near to it.

use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::error::{QueryError, nearest};
use crate::sql::Prepared;

/// Completes an error with what is known about the query and its tables.
pub(crate) fn explain<'a>(
    error: QueryError,
    prepared: &Prepared,
    schemas: impl Iterator<Item = &'a SchemaRef>,
) -> QueryError {
    match error {
        QueryError::UnknownColumn { name, nearest: near, at } => {
            let last = name.rsplit('.').next().unwrap_or(&name).trim_matches('"').to_string();
            let at = at.or_else(|| prepared.places.get(&last).copied());
            // `x.y` is often a field of a row rather than a column of a table.
            let near = if near.is_empty() { nearest_field(&last, schemas) } else { near };
            QueryError::UnknownColumn { name, nearest: near, at }
        }
        QueryError::Invalid { message } => match missing_field(&message) {
            Some(field) => missing(field, prepared, schemas),
            None => {
                let message =
                    not_grouped(&message).or_else(|| correlated(&message)).unwrap_or_else(|| plain(&message));
                QueryError::Invalid { message }
            }
        },
        QueryError::Execution { message } => match missing_field(&message) {
            Some(field) => missing(field, prepared, schemas),
            None => QueryError::Execution { message: plain(&message) },
        },
        other => other,
    }
}

fn missing<'a>(
    field: String,
    prepared: &Prepared,
    schemas: impl Iterator<Item = &'a SchemaRef>,
) -> QueryError {
    QueryError::UnknownColumn {
        at: prepared.places.get(&field).copied(),
        nearest: nearest_field(&field, schemas),
        name: field,
    }
}

/// Says in one sentence what DataFusion says in three.
fn not_grouped(message: &str) -> Option<String> {
    message.split_once("must be in GROUP BY")?;
    let (_, rest) = message.split_once("column \"")?;
    let (column, _) = rest.split_once('"')?;
    let column = column.rsplit('.').next().unwrap_or(column);
    Some(format!("column '{column}' must appear in GROUP BY or inside of an aggregate function"))
}

/// A subquery that cannot be turned into a join, in words.
fn correlated(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("OuterReferenceColumn(")?;
    let column = rest.split_once("name: \"").and_then(|(_, rest)| rest.split_once('"')).map(|(name, _)| name);
    let column = column.unwrap_or("a column");
    Some(format!(
        "the subquery refers to '{column}' of the query around it in a way that is not supported; \
         use a JOIN, CROSS JOIN UNNEST, or any_match(array, x -> …)"
    ))
}

/// The field of `Field x not found in struct`.
fn missing_field(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("Field ")?;
    let (field, _) = rest.split_once(" not found in struct")?;
    Some(field.trim_matches(['"', '\'', '`']).to_string())
}

fn nearest_field<'a>(wrong: &str, schemas: impl Iterator<Item = &'a SchemaRef>) -> Vec<String> {
    let mut names = Vec::new();
    for schema in schemas {
        schema.fields().iter().for_each(|f| collect(f, &mut names));
    }
    nearest(wrong, names.iter().map(String::as_str))
}

fn collect(field: &Field, names: &mut Vec<String>) {
    names.push(field.name().clone());
    match field.data_type() {
        DataType::Struct(fields) => fields.iter().for_each(|f| collect(f, names)),
        DataType::List(item) => collect(item, names),
        _ => {}
    }
}

/// Drops the prefixes that DataFusion puts in front of its messages.
fn plain(message: &str) -> String {
    let mut text = message;
    for prefix in [
        "Error during planning: ",
        "Execution error: ",
        "Optimizer rule 'simplify_expressions' failed",
        "This feature is not implemented: ",
        "Arrow error: ",
        "Cast error: ",
        "External error: ",
    ] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    text.trim().to_string()
}
