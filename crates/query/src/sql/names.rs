//! Names: Trino's are without case, quoted or not, so all of them become
//! lower case; how the query wrote its result columns is kept for display.

use std::collections::{HashMap, HashSet};

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectName, OrderBy, OrderByKind, Select, SelectItem, TableAlias,
};

/// Longest expression text that still makes a good column name.
const MAX_NAME: usize = 60;

/// The last part of a name, lower case: databases and catalogs do not matter.
pub(crate) fn last_part(name: &ObjectName) -> String {
    name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.to_lowercase()).unwrap_or_default()
}

/// Makes an identifier lower case, quoted so that it stays as it is.
pub(crate) fn lower(ident: &mut Ident) {
    ident.value = ident.value.to_lowercase();
    ident.quote_style = Some('"');
}

/// A quoted identifier.
pub(crate) fn quoted(name: &str) -> Ident {
    Ident::with_quote('"', name)
}

/// Makes a table alias and its columns lower case.
pub(crate) fn lower_alias(alias: &mut Option<TableAlias>, defined: &mut HashSet<String>) {
    let Some(alias) = alias else { return };
    lower(&mut alias.name);
    defined.insert(alias.name.value.clone());
    for column in &mut alias.columns {
        lower(&mut column.name);
        defined.insert(column.name.value.clone());
    }
}

/// Gives every item of a SELECT a name: its alias, the last part of a dotted
/// name (`useridentity.arn` is `arn`), or its text. Names are made unique.
pub(crate) fn name_items(
    select: &mut Select,
    display: &mut HashMap<String, String>,
    defined: &mut HashSet<String>,
) {
    let mut used: HashSet<String> = HashSet::new();
    for (i, item) in select.projection.iter_mut().enumerate() {
        match item {
            SelectItem::ExprWithAlias { alias, .. } => {
                let exact = alias.value.clone();
                let name = unique(exact.to_lowercase(), &mut used);
                if name == exact.to_lowercase() && name != exact {
                    display.entry(name.clone()).or_insert(exact);
                }
                defined.insert(name.clone());
                *alias = quoted(&name);
            }
            SelectItem::UnnamedExpr(expr) => {
                if let Some((name, shown)) = name_of(expr, i, &mut used) {
                    if shown != name {
                        display.entry(name.clone()).or_insert(shown);
                    }
                    let expr = expr.clone();
                    *item = SelectItem::ExprWithAlias { expr, alias: quoted(&name) };
                }
            }
            _ => {}
        }
    }
}

/// The name for an item without alias, or `None` if its own will do.
fn name_of(expr: &Expr, i: usize, used: &mut HashSet<String>) -> Option<(String, String)> {
    match expr {
        Expr::Identifier(ident) => {
            let lower = ident.value.to_lowercase();
            let name = unique(lower.clone(), used);
            (name != lower).then(|| (name.clone(), name))
        }
        Expr::CompoundIdentifier(parts) => {
            let name = unique(parts.last()?.value.to_lowercase(), used);
            Some((name.clone(), name))
        }
        other => {
            let text = other.to_string();
            let shown = if text.chars().count() > MAX_NAME { format!("_col{i}") } else { text };
            let name = unique(shown.to_lowercase(), used);
            let shown = if name == shown.to_lowercase() { shown } else { name.clone() };
            Some((name, shown))
        }
    }
}

fn unique(name: String, used: &mut HashSet<String>) -> String {
    if used.insert(name.clone()) {
        return name;
    }
    let mut n = 2;
    loop {
        let candidate = format!("{name}_{n}");
        if used.insert(candidate.clone()) {
            return candidate;
        }
        n += 1;
    }
}

/// Lets ORDER BY name the items of the SELECT that it repeats: sorting by an
/// output column works in every kind of query, by its expression not.
pub(crate) fn order_by_names(order: &mut OrderBy, select: &Select) {
    let OrderByKind::Expressions(keys) = &mut order.kind else { return };
    for key in keys {
        if matches!(key.expr, Expr::Identifier(_) | Expr::Value(_)) {
            continue;
        }
        let same = select.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } if *expr == key.expr => Some(alias.clone()),
            _ => None,
        });
        if let Some(alias) = same {
            key.expr = Expr::Identifier(alias);
        }
    }
}
