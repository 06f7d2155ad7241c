//! The optimiser rule that lets every predicate on time prune files: it adds
//! the bounds on `event_date` and `event_time` that a predicate implies
//! (`plan::times`) to the filters of the scan.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, TableScan, lit};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

use super::times::{days, span_of};

/// Adds implied time bounds to scans.
#[derive(Debug, Default)]
pub(crate) struct PruneByTime;

impl OptimizerRule for PruneByTime {
    fn name(&self) -> &str {
        "prune_by_time"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        match plan {
            // A filter that the scan does not take stays above it.
            LogicalPlan::Filter(filter) => {
                let LogicalPlan::TableScan(scan) = filter.input.as_ref() else {
                    return Ok(Transformed::no(LogicalPlan::Filter(filter)));
                };
                let above = split_conjunction(&filter.predicate);
                match bounded(scan, &above) {
                    Some(scan) => Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(
                        filter.predicate.clone(),
                        Arc::new(LogicalPlan::TableScan(scan)),
                    )?))),
                    None => Ok(Transformed::no(LogicalPlan::Filter(filter))),
                }
            }
            LogicalPlan::TableScan(scan) => Ok(match bounded(&scan, &[]) {
                Some(scan) => Transformed::yes(LogicalPlan::TableScan(scan)),
                None => Transformed::no(LogicalPlan::TableScan(scan)),
            }),
            other => Ok(Transformed::no(other)),
        }
    }
}

/// The scan with the bounds that its filters and those above it imply; `None`
/// when there is nothing to add.
fn bounded(scan: &TableScan, above: &[&Expr]) -> Option<TableScan> {
    let schema = scan.source.schema();
    let date = schema.field_with_name("event_date").ok()?;
    if date.data_type() != &DataType::Date32 {
        return None;
    }
    let conjuncts: Vec<&Expr> =
        scan.filters.iter().flat_map(split_conjunction).chain(above.iter().copied()).collect();
    let span = span_of(&conjuncts);
    if span.is_all() {
        return None;
    }
    let column = |name: &str| Expr::Column(Column::new(Some(scan.table_name.clone()), name));
    let (first, last) = days(span);
    let mut implied = Vec::new();
    if let Some(first) = first {
        implied.push(column("event_date").gt_eq(lit(date_value(first))));
    }
    if let Some(last) = last {
        implied.push(column("event_date").lt_eq(lit(date_value(last))));
    }
    if let Ok(time) = schema.field_with_name("event_time")
        && let DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, zone) = time.data_type()
    {
        let at = |t| lit(ScalarValue::TimestampMicrosecond(Some(t), zone.clone()));
        implied.extend(span.low.map(|t| column("event_time").gt_eq(at(t))));
        implied.extend(span.high.map(|t| column("event_time").lt_eq(at(t))));
    }
    let fresh: Vec<Expr> =
        implied.into_iter().filter(|e| !conjuncts.iter().any(|held| **held == *e)).collect();
    if fresh.is_empty() {
        return None;
    }
    let mut scan = scan.clone();
    scan.filters.extend(fresh);
    Some(scan)
}

fn date_value(day: chrono::NaiveDate) -> ScalarValue {
    ScalarValue::Date32(Some(arrow::datatypes::Date32Type::from_naive_date(day)))
}
