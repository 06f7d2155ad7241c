//! The SQL functions of Trino (Athena) that security queries use, as
//! DataFusion functions; one family per module. What DataFusion already has
//! with the same name and meaning is left to it, and what a rename or another
//! expression can say is said by `sql::calls`.

pub(crate) mod aggregate;
pub(crate) mod cast;
pub(crate) mod collection;
pub(crate) mod datetime;
pub(crate) mod iso;
pub(crate) mod json;
pub(crate) mod jsonpath;
pub(crate) mod net;
pub(crate) mod pattern;
pub(crate) mod regex;
pub(crate) mod string;
pub(crate) mod support;
pub(crate) mod url;

use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};

/// All scalar functions of this crate.
pub(crate) fn scalar() -> Vec<Arc<ScalarUDF>> {
    [
        cast::functions(),
        collection::functions(),
        datetime::functions(),
        json::functions(),
        net::functions(),
        regex::functions(),
        string::functions(),
        url::functions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// All aggregate functions of this crate.
pub(crate) fn aggregates() -> Vec<Arc<AggregateUDF>> {
    aggregate::functions()
}

/// Functions of DataFusion that are not offered: they can make values of any
/// size out of a constant, or reach outside of the query.
pub(crate) const WITHHELD: [&str; 9] = [
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "range",
    "generate_series",
    "version",
    "input_file_name",
    "file_row_index",
];
