//! Comparisons of unlike types, and casts out of JSON and addresses.
//!
//! Trino refuses most of these. Real queries are written against tables whose
//! columns are text in one place and numbers in another, so here a text column
//! is compared with a number as that number's text (or as numbers, for `<`),
//! with a boolean as `true`/`false`, with an instant as ISO 8601, with an
//! address as an address.

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{Cast, InList, TryCast};
use datafusion::logical_expr::expr_rewriter::FunctionRewrite;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, lit, try_cast};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::functions::json::is_json;
use crate::functions::net::is_address;
use crate::functions::support::is_text;
use crate::session::scalar_udf;

/// Plans comparisons.
#[derive(Debug)]
pub(crate) struct Leniency;

impl ExprPlanner for Leniency {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let Some(op) = comparison(&expr.op) else {
            return Ok(PlannerResult::Original(expr));
        };
        let RawBinaryExpr { left, right, op: sql_op } = expr;
        let (left, right) = (plain(left, schema)?, plain(right, schema)?);
        let planned = match unlike(&left, op, &right, schema)? {
            Some(planned) => Some(planned),
            None => swap(op).map_or(Ok(None), |op| unlike(&right, op, &left, schema))?,
        };
        Ok(match planned {
            Some(planned) => PlannerResult::Planned(planned),
            None => PlannerResult::Original(RawBinaryExpr { left, right, op: sql_op }),
        })
    }
}

fn comparison(op: &BinaryOperator) -> Option<Operator> {
    Some(match op {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        _ => return None,
    })
}

fn swap(op: Operator) -> Option<Operator> {
    op.swap()
}

/// JSON is compared as what it says, without its quotes.
fn plain(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    let (_, field) = expr.to_field(schema)?;
    if is_json(&field) {
        return Ok(scalar_udf("json_to_varchar")?.call(vec![expr]));
    }
    Ok(expr)
}

fn compare(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

/// Plans `text op other`; `None` when DataFusion's own rules will do.
fn unlike(text: &Expr, op: Operator, other: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    let (text_type, other_type) = (text.get_type(schema)?, other.get_type(schema)?);
    if !is_text(&text_type) {
        return Ok(None);
    }
    let equality = matches!(op, Operator::Eq | Operator::NotEq);
    Ok(match &other_type {
        DataType::Boolean => Some(compare(text.clone(), op, boolean_text(other))),
        DataType::FixedSizeBinary(16) => {
            let address = scalar_udf("trino_cast")?.call(vec![text.clone(), lit("ipaddress")]);
            Some(compare(address, op, other.clone()))
        }
        // A constant text is turned into the other's type when it is planned.
        _ if matches!(text, Expr::Literal(..)) => None,
        t if t.is_numeric() => match (equality, number_text(other)) {
            (true, Some(number)) => Some(compare(text.clone(), op, lit(number))),
            _ => {
                let number = |e: &Expr| try_cast(e.clone(), DataType::Float64);
                Some(compare(number(text), op, number(other)))
            }
        },
        DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64 => {
            let instant = scalar_udf("from_iso8601_timestamp")?.call(vec![text.clone()]);
            Some(compare(instant, op, other.clone()))
        }
        _ => None,
    })
}

fn boolean_text(expr: &Expr) -> Expr {
    match expr {
        Expr::Literal(ScalarValue::Boolean(Some(b)), _) => lit(b.to_string()),
        other => Expr::Cast(Cast::new(Box::new(other.clone()), DataType::Utf8)),
    }
}

fn number_text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(value, _) if value.data_type().is_integer() && !value.is_null() => {
            Some(value.to_string())
        }
        _ => None,
    }
}

/// Rewrites what is planned: casts out of JSON and addresses, IN lists.
#[derive(Debug)]
pub(crate) struct Casts;

impl FunctionRewrite for Casts {
    fn name(&self) -> &str {
        "trailkeep_casts"
    }

    fn rewrite(&self, expr: Expr, schema: &DFSchema, _config: &ConfigOptions) -> Result<Transformed<Expr>> {
        match expr {
            Expr::Cast(Cast { expr, field }) => {
                let inner = scalar_text(&expr, field.data_type(), schema)?;
                let changed = inner.is_some();
                let expr = inner.map_or(expr, Box::new);
                Ok(Transformed::new_transformed(Expr::Cast(Cast { expr, field }), changed))
            }
            Expr::TryCast(TryCast { expr, field }) => {
                let inner = scalar_text(&expr, field.data_type(), schema)?;
                let changed = inner.is_some();
                let expr = inner.map_or(expr, Box::new);
                Ok(Transformed::new_transformed(Expr::TryCast(TryCast { expr, field }), changed))
            }
            Expr::InList(list) => in_list(list, schema),
            other => Ok(Transformed::no(other)),
        }
    }
}

/// What must stand in a cast in place of JSON or an address.
fn scalar_text(expr: &Expr, target: &DataType, schema: &DFSchema) -> Result<Option<Expr>> {
    let (_, field) = expr.to_field(schema)?;
    if is_json(&field) && !target.is_nested() {
        return Ok(Some(scalar_udf("json_to_varchar")?.call(vec![expr.clone()])));
    }
    if is_address(&field) && is_text(target) {
        return Ok(Some(scalar_udf("ipaddress_to_varchar")?.call(vec![expr.clone()])));
    }
    Ok(None)
}

/// `text IN (1, 2)` compares text; `json IN ('a')` what the JSON says.
fn in_list(list: InList, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let (_, field) = list.expr.to_field(schema)?;
    let InList { mut expr, list: mut values, negated } = list;
    let mut changed = false;
    if is_json(&field) {
        expr = Box::new(scalar_udf("json_to_varchar")?.call(vec![*expr]));
        changed = true;
    }
    if is_text(field.data_type()) {
        for value in &mut values {
            if let Some(text) = number_text(value) {
                *value = lit(text);
                changed = true;
            }
        }
    }
    Ok(Transformed::new_transformed(Expr::InList(InList { expr, list: values, negated }), changed))
}
