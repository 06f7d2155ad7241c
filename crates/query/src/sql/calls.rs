//! Calls of Trino functions that another name or expression says here:
//! renames, `if`, `try`, `count_if`, `max_by`, `approx_percentile`, lambdas.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    Array, BinaryOperator, CaseWhen, CastKind, DuplicateTreatment, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList, FunctionArguments, LambdaFunction,
    ObjectName, ObjectNamePart, OrderByExpr, OrderByOptions, UnaryOperator, Value, VisitMut, VisitorMut,
};

use super::names::{last_part, quoted};
use crate::error::QueryError;

/// Plain renames: Trino's name, the name here.
const RENAMED: [(&str, &str); 24] = [
    ("arbitrary", "any_value"),
    ("every", "bool_and"),
    ("any_match", "array_any_match"),
    ("filter", "array_filter"),
    ("transform", "array_transform"),
    ("array_join", "array_to_string"),
    ("ceiling", "ceil"),
    ("truncate", "trunc"),
    ("sign", "signum"),
    ("rand", "random"),
    ("levenshtein_distance", "levenshtein"),
    ("row", "struct"),
    ("char_length", "character_length"),
    ("stddev", "stddev_samp"),
    ("variance", "var_samp"),
    ("bitwise_and_agg", "bit_and"),
    ("bitwise_or_agg", "bit_or"),
    ("array_intersect_agg", "array_intersect"),
    ("map_from_entries", "map_from_entries"),
    ("current_timestamp", "now"),
    ("localtimestamp", "now"),
    ("date_part", "date_part"),
    ("uuid", "uuid"),
    ("length", "character_length"),
];

/// Names that [`rewrite`] turns into something else.
const SPECIAL: [&str; 19] = [
    "if",
    "try",
    "count_if",
    "max_by",
    "min_by",
    "approx_percentile",
    "approx_distinct",
    "listagg",
    "set_agg",
    "all_match",
    "none_match",
    "mod",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "grouping",
    "unnest",
    "map",
    "nullif",
];

/// Whether a name is one that this module replaces (or the planner knows
/// without a function of that name).
pub(crate) fn is_rewritten(name: &str) -> bool {
    SPECIAL.contains(&name)
        || matches!(name, "coalesce" | "make_map" | "current_date" | "current_time" | "date_part")
        || RENAMED.iter().any(|(from, to)| *from == name && from != to)
}

/// All names that this module adds, for `SHOW FUNCTIONS` and suggestions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SPECIAL.into_iter().chain(RENAMED.into_iter().map(|(from, _)| from))
}

/// A text literal.
pub(crate) fn text(value: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(value.to_string()).into())
}

/// A number literal.
pub(crate) fn number(value: i64) -> Expr {
    Expr::Value(Value::Number(value.to_string(), false).into())
}

/// A call of `name`.
pub(crate) fn function(name: &str, arguments: Vec<Expr>) -> Function {
    let args = arguments.into_iter().map(|e| FunctionArg::Unnamed(FunctionArgExpr::Expr(e)));
    Function {
        name: ObjectName(vec![ObjectNamePart::Identifier(quoted(name))]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: args.collect(),
            clauses: vec![],
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    }
}

/// A call of `name` as an expression.
pub(crate) fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    Expr::Function(function(name, arguments))
}

/// Rewrites one call.
pub(crate) fn rewrite(mut function: Function) -> Result<Expr, QueryError> {
    let name = last_part(&function.name);
    if let Some((_, to)) = RENAMED.iter().find(|(from, _)| *from == name) {
        rename(&mut function, to);
        return Ok(Expr::Function(function));
    }
    match name.as_str() {
        "if" => condition(take(&mut function)),
        "try" => one(&name, take(&mut function)),
        "count_if" => {
            let test = one(&name, take(&mut function))?;
            let counted = case(test, number(1), None);
            replace(&mut function, "count", vec![counted]);
            Ok(Expr::Function(function))
        }
        "max_by" => by(function, false),
        "min_by" => by(function, true),
        "approx_percentile" => percentile(function),
        // The second argument asks for an accuracy that is met anyway.
        "approx_distinct" => {
            truncate(&mut function, 1);
            rename(&mut function, &name);
            Ok(Expr::Function(function))
        }
        "listagg" => Ok(listagg(function)),
        "set_agg" => {
            if let FunctionArguments::List(list) = &mut function.args {
                list.duplicate_treatment = Some(DuplicateTreatment::Distinct);
            }
            rename(&mut function, "array_agg");
            Ok(Expr::Function(function))
        }
        // Trino's is binary; DataFusion's is its hexadecimal text.
        "md5" => Ok(call("from_hex", vec![Expr::Function(function)])),
        "none_match" => Ok(not(call("array_any_match", take(&mut function)))),
        "all_match" => all_match(take(&mut function)),
        "mod" => binary(&name, BinaryOperator::Modulo, take(&mut function)),
        "bitwise_and" => binary(&name, BinaryOperator::BitwiseAnd, take(&mut function)),
        "bitwise_or" => binary(&name, BinaryOperator::BitwiseOr, take(&mut function)),
        "bitwise_xor" => binary(&name, BinaryOperator::BitwiseXor, take(&mut function)),
        _ => {
            rename(&mut function, &name);
            Ok(Expr::Function(function))
        }
    }
}

fn rename(function: &mut Function, name: &str) {
    function.name = ObjectName(vec![ObjectNamePart::Identifier(quoted(name))]);
}

/// Takes the plain arguments out of a call.
fn take(function: &mut Function) -> Vec<Expr> {
    let FunctionArguments::List(list) = &mut function.args else { return Vec::new() };
    std::mem::take(&mut list.args)
        .into_iter()
        .filter_map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => Some(e),
            _ => None,
        })
        .collect()
}

fn replace(call: &mut Function, name: &str, arguments: Vec<Expr>) {
    let made = function(name, arguments);
    call.name = made.name;
    if let (FunctionArguments::List(list), FunctionArguments::List(made)) = (&mut call.args, made.args) {
        list.args = made.args;
    }
}

fn truncate(function: &mut Function, most: usize) {
    if let FunctionArguments::List(list) = &mut function.args {
        list.args.truncate(most);
    }
}

fn wrong(name: &str, expects: &str) -> QueryError {
    QueryError::invalid(format!("{name} takes {expects}"))
}

fn one(name: &str, mut arguments: Vec<Expr>) -> Result<Expr, QueryError> {
    match (arguments.pop(), arguments.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(wrong(name, "one argument")),
    }
}

fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }
}

fn case(condition: Expr, result: Expr, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition, result }],
        else_result: otherwise.map(Box::new),
    }
}

fn condition(arguments: Vec<Expr>) -> Result<Expr, QueryError> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next(), arguments.next(), arguments.next()) {
        (Some(test), Some(then), otherwise, None) => Ok(case(test, then, otherwise)),
        _ => Err(wrong("if", "a condition and one or two values")),
    }
}

fn binary(name: &str, op: BinaryOperator, arguments: Vec<Expr>) -> Result<Expr, QueryError> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(left), Some(right), None) => {
            Ok(Expr::Nested(Box::new(Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) })))
        }
        _ => Err(wrong(name, "two arguments")),
    }
}

/// `max_by(x, y)` → `first_value(x ORDER BY y DESC NULLS LAST)`.
fn by(mut function: Function, ascending: bool) -> Result<Expr, QueryError> {
    let name = last_part(&function.name);
    let mut arguments = take(&mut function).into_iter();
    let (Some(value), Some(key), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err(wrong(&name, "a value and what to order by"));
    };
    let order = OrderByExpr {
        expr: key,
        options: OrderByOptions { asc: Some(ascending), nulls_first: Some(false) },
        with_fill: None,
    };
    replace(&mut function, "first_value", vec![value]);
    if let FunctionArguments::List(list) = &mut function.args {
        list.clauses.push(FunctionArgumentClause::OrderBy(vec![order]));
    }
    Ok(Expr::Function(function))
}

/// `approx_percentile(x[, weight], p)` →
/// `approx_percentile_cont(p) WITHIN GROUP (ORDER BY x)`; an array of
/// percentiles becomes an array of those.
fn percentile(mut function: Function) -> Result<Expr, QueryError> {
    let mut arguments = take(&mut function);
    let expects = "a value, an optional weight, and a percentile from 0 to 1";
    let weight = match arguments.len() {
        2 => None,
        3 => Some(arguments.remove(1)),
        _ => return Err(wrong("approx_percentile", expects)),
    };
    let (Some(p), Some(value)) = (arguments.pop(), arguments.pop()) else {
        return Err(wrong("approx_percentile", expects));
    };
    let single = |p: Expr| {
        let mut call = function.clone();
        let order = OrderByExpr { expr: value.clone(), options: OrderByOptions::default(), with_fill: None };
        match &weight {
            None => replace(&mut call, "approx_percentile_cont", vec![p]),
            Some(w) => {
                replace(&mut call, "approx_percentile_cont_with_weight", vec![w.clone(), p]);
            }
        }
        call.within_group = vec![order];
        Expr::Function(call)
    };
    Ok(match p {
        Expr::Array(Array { elem, named }) => {
            Expr::Array(Array { elem: elem.into_iter().map(single).collect(), named })
        }
        p => single(p),
    })
}

/// `listagg(x, ',') WITHIN GROUP (ORDER BY y)` → `string_agg(x, ',' ORDER BY y)`.
fn listagg(mut function: Function) -> Expr {
    let order = std::mem::take(&mut function.within_group);
    if let FunctionArguments::List(list) = &mut function.args {
        if list.args.len() < 2 {
            list.args.push(FunctionArg::Unnamed(FunctionArgExpr::Expr(text(""))));
        }
        list.clauses.retain(|c| !matches!(c, FunctionArgumentClause::OnOverflow(_)));
        if !order.is_empty() {
            list.clauses.push(FunctionArgumentClause::OrderBy(order));
        }
    }
    rename(&mut function, "string_agg");
    Expr::Function(function)
}

/// `all_match(a, x -> p)` → `NOT any_match(a, x -> NOT p)`.
fn all_match(arguments: Vec<Expr>) -> Result<Expr, QueryError> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(array), Some(Expr::Lambda(lambda)), None) => {
            let body = not(Expr::Nested(lambda.body));
            let lambda = LambdaFunction { body: Box::new(body), ..lambda };
            Ok(not(call("array_any_match", vec![array, Expr::Lambda(lambda)])))
        }
        _ => Err(wrong("all_match", "an array and a lambda")),
    }
}

/// Inside TRY, casts give NULL instead of failing, and so do divisions by
/// zero. Functions of this crate do so everywhere.
pub(crate) fn soften(function: &mut Function) {
    let _ = VisitMut::visit(&mut function.args, &mut Soften);
}

struct Soften;

impl VisitorMut for Soften {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Cast { kind, .. } => *kind = CastKind::TryCast,
            Expr::BinaryOp { op: BinaryOperator::Divide | BinaryOperator::Modulo, right, .. } => {
                let divisor = std::mem::replace(right.as_mut(), number(0));
                **right = call("nullif", vec![divisor, number(0)]);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
