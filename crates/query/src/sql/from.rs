//! The shape of FROM: every UNNEST is put into a join of its own with all
//! that stands left of it, in parentheses. `plan::unnest` plans those pairs.

use datafusion::sql::sqlparser::ast::{Join, JoinConstraint, JoinOperator, TableFactor, TableWithJoins};

/// Reshapes a FROM list.
pub(crate) fn fold(from: &mut Vec<TableWithJoins>) {
    let mut items: Vec<TableWithJoins> = Vec::with_capacity(from.len());
    for mut item in from.drain(..) {
        // `FROM t, UNNEST(t.x)` means `FROM t CROSS JOIN UNNEST(t.x)`.
        if is_unnest(&item.relation) && !items.is_empty() {
            let mut left = cross(std::mem::take(&mut items));
            let unnest = std::mem::replace(&mut item.relation, nested(empty_pair()));
            left.joins.push(cross_join(unnest));
            left.joins.append(&mut item.joins);
            items.push(left);
        } else {
            items.push(item);
        }
    }
    for item in &mut items {
        nest(item);
    }
    *from = items;
}

fn is_unnest(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::UNNEST { .. })
}

fn nested(pair: TableWithJoins) -> TableFactor {
    TableFactor::NestedJoin { table_with_joins: Box::new(pair), alias: None }
}

/// A placeholder that is never planned.
fn empty_pair() -> TableWithJoins {
    let relation = TableFactor::UNNEST {
        alias: None,
        array_exprs: Vec::new(),
        with_offset: false,
        with_offset_alias: None,
        with_ordinality: false,
    };
    TableWithJoins { relation, joins: Vec::new() }
}

fn cross_join(relation: TableFactor) -> Join {
    let join_operator = JoinOperator::CrossJoin(JoinConstraint::None);
    Join { relation, global: false, join_operator }
}

fn cross(items: Vec<TableWithJoins>) -> TableWithJoins {
    let mut items = items.into_iter();
    let mut left = items.next().unwrap_or_else(empty_pair);
    for item in items {
        let right = if item.joins.is_empty() { item.relation } else { nested(item) };
        left.joins.push(cross_join(right));
    }
    left
}

/// `a JOIN b CROSS JOIN UNNEST(x) JOIN c` → `((a JOIN b) CROSS JOIN UNNEST(x)) JOIN c`.
fn nest(item: &mut TableWithJoins) {
    let joins = std::mem::take(&mut item.joins);
    for join in joins {
        if !is_unnest(&join.relation) {
            item.joins.push(join);
            continue;
        }
        let before = std::mem::take(&mut item.joins);
        let relation = std::mem::replace(&mut item.relation, nested(empty_pair()));
        let left =
            if before.is_empty() { relation } else { nested(TableWithJoins { relation, joins: before }) };
        item.relation = nested(TableWithJoins { relation: left, joins: vec![join] });
    }
}
