//! `CROSS JOIN UNNEST(…)` and `LEFT JOIN UNNEST(…) ON TRUE`, planned as an
//! unnesting of the rows on the left: no join is left in the plan, so filters
//! on the left side still reach its files.
//!
//! `sql::from` hands over pairs `(left JOIN UNNEST(…))`. Arrays of rows give a
//! column per field, maps give `key` and `value`, several arrays run side by
//! side, `WITH ORDINALITY` adds the position from 1.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::datatypes::{DataType, Field};
use datafusion::common::metadata::FieldMetadata;
use datafusion::common::{Column, NullHandling, Result, TableReference, UnnestOptions, plan_err};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions_nested::expr_fn::map_entries;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, Join, JoinConstraint, JoinOperator, TableAlias, TableFactor, TableWithJoins, Value,
};

use crate::functions::json::is_json;

/// Plans UNNEST in FROM.
#[derive(Debug, Default)]
pub(crate) struct UnnestPlanner {
    /// Makes the names of intermediate columns unique.
    made: AtomicU64,
}

/// An UNNEST taken apart.
struct Unnest {
    arrays: Vec<SqlExpr>,
    alias: Option<TableAlias>,
    ordinality: bool,
    outer: bool,
    filter: Option<SqlExpr>,
}

impl RelationPlanner for UnnestPlanner {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let (left, unnest) = match relation {
            TableFactor::UNNEST { .. } => {
                let input = LogicalPlanBuilder::empty(true).build()?;
                (input, parts(relation, None)?)
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } if is_pair(&table_with_joins) => {
                let TableWithJoins { relation, mut joins } = *table_with_joins;
                let Some(Join { relation: right, join_operator, .. }) = joins.pop() else {
                    return plan_err!("an UNNEST without its join");
                };
                let left = context.plan(relation)?;
                (left, parts(right, Some(join_operator))?)
            }
            other => return Ok(RelationPlanning::Original(Box::new(other))),
        };
        let plan = self.plan(left, unnest, context)?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, None))))
    }
}

fn is_pair(pair: &TableWithJoins) -> bool {
    matches!(pair.joins.as_slice(), [Join { relation: TableFactor::UNNEST { .. }, .. }])
}

fn parts(factor: TableFactor, operator: Option<JoinOperator>) -> Result<Unnest> {
    let TableFactor::UNNEST { alias, array_exprs, with_offset, with_ordinality, .. } = factor else {
        return plan_err!("expected UNNEST");
    };
    if with_offset {
        return plan_err!("WITH OFFSET is not supported; use WITH ORDINALITY");
    }
    let (outer, constraint) = match operator {
        None => (false, None),
        Some(JoinOperator::CrossJoin(constraint)) => (false, Some(constraint)),
        Some(JoinOperator::Inner(constraint) | JoinOperator::Join(constraint)) => (false, Some(constraint)),
        Some(JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint)) => {
            (true, Some(constraint))
        }
        Some(_) => return plan_err!("UNNEST is joined with CROSS JOIN or LEFT JOIN … ON TRUE"),
    };
    let filter = match constraint {
        None | Some(JoinConstraint::None) => None,
        Some(JoinConstraint::On(on)) if is_true(&on) => None,
        Some(JoinConstraint::On(on)) if !outer => Some(on),
        Some(_) => return plan_err!("LEFT JOIN UNNEST takes ON TRUE only"),
    };
    Ok(Unnest { arrays: array_exprs, alias, ordinality: with_ordinality, outer, filter })
}

fn is_true(expr: &SqlExpr) -> bool {
    match expr {
        SqlExpr::Value(v) => v.value == Value::Boolean(true),
        SqlExpr::Nested(inner) => is_true(inner),
        _ => false,
    }
}

/// One unnested array: its temporary column and the type of its items.
struct Item {
    column: Column,
    field: Field,
}

impl UnnestPlanner {
    fn plan(
        &self,
        left: LogicalPlan,
        unnest: Unnest,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<LogicalPlan> {
        let kept: Vec<Expr> = left
            .schema()
            .iter()
            .map(|(qualifier, field)| Expr::Column(Column::from((qualifier, field))))
            .collect();
        let (items, arrays) = self.arrays(&left, &unnest, context)?;
        let columns: Vec<Column> = items.iter().map(|i| i.column.clone()).collect();
        let nulls = if unnest.outer { NullHandling::PreserveAndExpandEmpty } else { NullHandling::Drop };
        let plan = LogicalPlanBuilder::from(left)
            .project(kept.iter().cloned().chain(arrays))?
            .unnest_columns_with_options(columns, UnnestOptions::new().with_null_handling(nulls))?;
        let outputs = outputs(&items, unnest.alias.as_ref(), unnest.ordinality, context)?;
        let plan = plan.project(kept.into_iter().chain(outputs))?.build()?;
        match unnest.filter {
            None => Ok(plan),
            Some(filter) => {
                let filter = context.sql_to_expr(filter, plan.schema())?;
                LogicalPlanBuilder::from(plan).filter(filter)?.build()
            }
        }
    }

    /// The arrays to unnest, as aliased expressions over the left side.
    fn arrays(
        &self,
        left: &LogicalPlan,
        unnest: &Unnest,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<(Vec<Item>, Vec<Expr>)> {
        let (mut items, mut arrays) = (Vec::new(), Vec::new());
        for sql in &unnest.arrays {
            let expr = context.sql_to_expr(sql.clone(), left.schema())?;
            let expr = match expr.get_type(left.schema())? {
                DataType::Map(_, _) => map_entries(expr),
                _ => expr,
            };
            let field = match expr.get_type(left.schema())? {
                DataType::List(f) | DataType::LargeList(f) | DataType::FixedSizeList(f, _) => {
                    f.as_ref().clone()
                }
                other => {
                    return plan_err!(
                        "UNNEST takes arrays and maps, not {}; cast JSON text first: \
                         CAST(json_extract(x, '$.path') AS ARRAY(JSON))",
                        crate::functions::collection::trino_name(&other)
                    );
                }
            };
            items.push(Item { column: self.column(), field });
            arrays.push(expr);
        }
        if unnest.ordinality {
            let ordinals = crate::session::scalar_udf("unnest_ordinals")?.call(arrays.clone());
            items
                .push(Item { column: self.column(), field: Field::new("ordinality", DataType::Int64, true) });
            arrays.push(ordinals);
        }
        let aliased = arrays.into_iter().zip(&items).map(|(e, item)| e.alias(item.column.name())).collect();
        Ok((items, aliased))
    }

    fn column(&self) -> Column {
        let n = self.made.fetch_add(1, Ordering::Relaxed);
        Column::from_name(format!("__unnest_{n}"))
    }
}

/// The columns that UNNEST adds, named after its alias.
fn outputs(
    items: &[Item],
    alias: Option<&TableAlias>,
    ordinality: bool,
    context: &dyn RelationPlannerContext,
) -> Result<Vec<Expr>> {
    let (last, arrays) = match items.split_last() {
        Some((last, rest)) if ordinality => (Some(last), rest),
        _ => (None, items),
    };
    let relation = alias.map(|a| context.normalize_ident(a.name.clone()));
    let names: Vec<String> = alias
        .map(|a| a.columns.iter().map(|c| context.normalize_ident(c.name.clone())).collect())
        .unwrap_or_default();
    let expanded: Vec<(String, Expr, Option<FieldMetadata>)> =
        arrays.iter().enumerate().flat_map(|(i, item)| expand(item, i, relation.as_deref())).collect();
    let whole = || arrays.iter().enumerate().map(|(i, item)| whole(item, i, relation.as_deref()));
    let extra = usize::from(last.is_some());
    // Trino wants a name per field. One name per array keeps rows whole, which
    // older Athena engines did and published queries still rely on.
    let mut columns = if names.is_empty() || names.len() == expanded.len() + extra {
        expanded
    } else if names.len() == arrays.len() + extra {
        whole().collect()
    } else {
        return plan_err!(
            "UNNEST gives {} column(s) here, but its alias names {}",
            expanded.len() + extra,
            names.len()
        );
    };
    if let Some(last) = last {
        columns.push(("ordinality".to_string(), Expr::Column(last.column.clone()), None));
    }
    let relation = relation.map(TableReference::bare);
    Ok(columns
        .into_iter()
        .enumerate()
        .map(|(i, (own, expr, metadata))| {
            let name = names.get(i).cloned().unwrap_or(own);
            expr.alias_qualified_with_metadata(relation.clone(), name, metadata)
        })
        .collect())
}

fn metadata_of(field: &Field) -> Option<FieldMetadata> {
    // Unnesting loses the item's metadata, which says that text is JSON.
    is_json(field).then(|| FieldMetadata::from(field))
}

fn whole(item: &Item, i: usize, relation: Option<&str>) -> (String, Expr, Option<FieldMetadata>) {
    let name = match (i, relation) {
        (0, Some(relation)) => relation.to_string(),
        _ => format!("col{}", i + 1),
    };
    (name, Expr::Column(item.column.clone()), metadata_of(&item.field))
}

fn expand(item: &Item, i: usize, relation: Option<&str>) -> Vec<(String, Expr, Option<FieldMetadata>)> {
    match item.field.data_type() {
        DataType::Struct(fields) => fields
            .iter()
            .map(|f: &Arc<Field>| {
                let value = get_field(Expr::Column(item.column.clone()), f.name().as_str());
                (f.name().clone(), value, metadata_of(f))
            })
            .collect(),
        _ => vec![whole(item, i, relation)],
    }
}
