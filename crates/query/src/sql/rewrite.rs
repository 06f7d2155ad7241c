//! The rewriting pass over the syntax tree: names to lower case, calls to
//! what exists here, subscripts to `element_at`, LIKE escapes, FETCH, FROM.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, Expr, Fetch, Function, Ident, LambdaFunction, LimitClause, ObjectName,
    ObjectNamePart, Query, Select, SetExpr, Statement, Subscript, TableFactor, UnaryOperator, Value,
    VisitMut, VisitorMut,
};

use super::calls;
use super::from;
use super::names::{last_part, lower, lower_alias, name_items, order_by_names, quoted};
use super::tokens::place;
use super::{Functions, Prepared};
use crate::error::{Place, QueryError};

/// Rewrites a query in place and notes what it mentions.
pub(crate) fn rewrite(
    statement: &mut Statement,
    functions: &dyn Functions,
    notes: &mut Prepared,
) -> Result<(), QueryError> {
    let mut pass = Pass { functions, notes, ctes: HashSet::new() };
    match VisitMut::visit(statement, &mut pass) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(e) => Err(e),
    }
}

struct Pass<'a> {
    functions: &'a dyn Functions,
    notes: &'a mut Prepared,
    ctes: HashSet<String>,
}

impl Pass<'_> {
    /// Notes an identifier and makes it lower case.
    fn ident(&mut self, ident: &mut Ident) {
        lower(ident);
        if let Some((line, column)) = place(ident.span.start) {
            self.notes.places.entry(ident.value.clone()).or_insert(Place { line, column });
        }
        self.notes.mentioned.insert(ident.value.clone());
    }

    fn expr(&mut self, expr: &mut Expr) -> Result<(), QueryError> {
        match expr {
            Expr::Identifier(ident) => self.ident(ident),
            Expr::CompoundIdentifier(parts) => parts.iter_mut().for_each(|p| self.ident(p)),
            Expr::CompoundFieldAccess { root, access_chain } => {
                *expr = access(std::mem::replace(root, Box::new(null())), std::mem::take(access_chain))?;
            }
            Expr::Function(function) => {
                self.known(function)?;
                *expr = calls::rewrite(std::mem::replace(function, calls::function("null", vec![])))?;
            }
            Expr::Substring { expr: text, substring_from, substring_for, .. } => {
                let mut arguments = vec![std::mem::replace(text.as_mut(), null())];
                let from = substring_from.take().map_or_else(|| calls::number(1), |e| *e);
                arguments.push(from);
                arguments.extend(substring_for.take().map(|e| *e));
                *expr = calls::call("substr", arguments);
            }
            Expr::Between { expr: value, negated, low, high } => {
                *expr = between(value, *negated, low, high);
            }
            Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. } => {
                like_pattern(pattern, escape_char)?;
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                let arguments = vec![
                    std::mem::replace(timestamp.as_mut(), null()),
                    std::mem::replace(time_zone.as_mut(), null()),
                ];
                *expr = calls::call("at_timezone", arguments);
            }
            Expr::Lambda(lambda) => lambda.params_mut().for_each(lower),
            _ => {}
        }
        Ok(())
    }

    fn known(&self, function: &Function) -> Result<(), QueryError> {
        let name = last_part(&function.name);
        if calls::is_rewritten(&name) || self.functions.has(&name) {
            return Ok(());
        }
        let at = function
            .name
            .0
            .first()
            .and_then(ObjectNamePart::as_ident)
            .and_then(|ident| place(ident.span.start).map(|(line, column)| Place { line, column }));
        let nearest = self.functions.nearest(&name);
        Err(QueryError::UnknownFunction { name, nearest, at })
    }
}

/// The parameters of a lambda, whichever way they are written.
trait LambdaParams {
    fn params_mut(&mut self) -> Box<dyn Iterator<Item = &mut Ident> + '_>;
}

impl LambdaParams for LambdaFunction {
    fn params_mut(&mut self) -> Box<dyn Iterator<Item = &mut Ident> + '_> {
        use datafusion::sql::sqlparser::ast::OneOrManyWithParens::{Many, One};
        match &mut self.params {
            One(param) => Box::new(std::iter::once(&mut param.name)),
            Many(params) => Box::new(params.iter_mut().map(|p| &mut p.name)),
        }
    }
}

fn flow(result: Result<(), QueryError>) -> ControlFlow<QueryError> {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(e) => ControlFlow::Break(e),
    }
}

fn null() -> Expr {
    Expr::Value(Value::Null.into())
}

impl VisitorMut for Pass<'_> {
    type Break = QueryError;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<QueryError> {
        if let Some(with) = &mut query.with {
            for cte in &mut with.cte_tables {
                lower(&mut cte.alias.name);
                self.ctes.insert(cte.alias.name.value.clone());
                self.notes.defined.insert(cte.alias.name.value.clone());
                for column in &mut cte.alias.columns {
                    lower(&mut column.name);
                    self.notes.defined.insert(column.name.value.clone());
                }
            }
        }
        if let SetExpr::Select(select) = query.body.as_mut() {
            name_items(select, &mut self.notes.display, &mut self.notes.defined);
            if let Some(order) = &mut query.order_by {
                order_by_names(order, select);
            }
        }
        flow(fetch(query))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<QueryError> {
        name_items(select, &mut self.notes.display, &mut self.notes.defined);
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<QueryError> {
        from::fold(&mut select.from);
        for item in &mut select.projection {
            use datafusion::sql::sqlparser::ast::{SelectItem, SelectItemQualifiedWildcardKind};
            if let SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) = item
            {
                lower_parts(name);
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, name: &mut ObjectName) -> ControlFlow<QueryError> {
        let qualified = name.0.len() > 1;
        let table = last_part(name);
        let at = name
            .0
            .last()
            .and_then(ObjectNamePart::as_ident)
            .and_then(|ident| place(ident.span.start).map(|(line, column)| Place { line, column }));
        *name = ObjectName(vec![ObjectNamePart::Identifier(quoted(&table))]);
        let is_cte = !qualified && self.ctes.contains(&table);
        if !is_cte && !self.notes.tables.iter().any(|(t, _)| *t == table) {
            self.notes.tables.push((table, at));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<QueryError> {
        match factor {
            TableFactor::Table { alias, .. }
            | TableFactor::Derived { alias, .. }
            | TableFactor::UNNEST { alias, .. }
            | TableFactor::NestedJoin { alias, .. } => lower_alias(alias, &mut self.notes.defined),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<QueryError> {
        if let Expr::Lambda(lambda) = expr {
            let params: HashSet<String> = lambda.params_mut().map(|p| p.value.to_lowercase()).collect();
            let mut fields = LambdaFields { params };
            let _ = VisitMut::visit(lambda.body.as_mut(), &mut fields);
        }
        if let Expr::Function(function) = expr
            && last_part(&function.name) == "try"
        {
            calls::soften(function);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<QueryError> {
        flow(self.expr(expr))
    }
}

fn lower_parts(name: &mut ObjectName) {
    for part in &mut name.0 {
        if let ObjectNamePart::Identifier(ident) = part {
            lower(ident);
        }
    }
}

/// In a lambda, `r.arn` is a field of the parameter `r`; the planner would
/// look for a table `r`.
struct LambdaFields {
    params: HashSet<String>,
}

impl VisitorMut for LambdaFields {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(parts) = expr
            && parts.first().is_some_and(|p| self.params.contains(&p.value.to_lowercase()))
        {
            let mut parts = std::mem::take(parts).into_iter();
            if let Some(root) = parts.next() {
                *expr = parts.fold(Expr::Identifier(root), |holder, field| {
                    calls::call("get_field", vec![holder, calls::text(&field.value.to_lowercase())])
                });
            }
        }
        ControlFlow::Continue(())
    }
}

/// `FETCH FIRST n ROWS ONLY` is `LIMIT n`.
fn fetch(query: &mut Query) -> Result<(), QueryError> {
    let Some(Fetch { with_ties, percent, quantity }) = query.fetch.take() else { return Ok(()) };
    if with_ties || percent {
        return Err(QueryError::invalid("FETCH FIRST … WITH TIES or PERCENT is not supported"));
    }
    let rows = quantity.unwrap_or_else(|| calls::number(1));
    match &mut query.limit_clause {
        None => {
            query.limit_clause =
                Some(LimitClause::LimitOffset { limit: Some(rows), offset: None, limit_by: vec![] });
        }
        Some(LimitClause::LimitOffset { limit, .. }) if limit.is_none() => *limit = Some(rows),
        Some(_) => return Err(QueryError::invalid("either LIMIT or FETCH FIRST, not both")),
    }
    Ok(())
}

/// `a[1]['k'].f` → `get_field(element_at(element_at(a, 1), 'k'), 'f')`.
fn access(root: Box<Expr>, chain: Vec<AccessExpr>) -> Result<Expr, QueryError> {
    let mut value = *root;
    for step in chain {
        value = match step {
            AccessExpr::Subscript(Subscript::Index { index }) => {
                calls::call("element_at", vec![value, index])
            }
            AccessExpr::Dot(Expr::Identifier(field)) => {
                calls::call("get_field", vec![value, calls::text(&field.value.to_lowercase())])
            }
            AccessExpr::Subscript(Subscript::Slice { .. }) => {
                return Err(QueryError::invalid("a[x:y] is not supported; use slice(a, start, length)"));
            }
            AccessExpr::Dot(other) => {
                return Err(QueryError::invalid(format!("'.{other}' is not a field")));
            }
        };
    }
    Ok(value)
}

/// `x BETWEEN a AND b` → `x >= a AND x <= b`, so that comparisons of unlike
/// types are handled in one place (`plan::compare`).
fn between(value: &mut Expr, negated: bool, low: &mut Expr, high: &mut Expr) -> Expr {
    let compare = |op, to: &mut Expr| Expr::BinaryOp {
        left: Box::new(value.clone()),
        op,
        right: Box::new(std::mem::replace(to, null())),
    };
    let both = Expr::Nested(Box::new(Expr::BinaryOp {
        left: Box::new(compare(BinaryOperator::GtEq, low)),
        op: BinaryOperator::And,
        right: Box::new(compare(BinaryOperator::LtEq, high)),
    }));
    if negated { Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(both) } } else { both }
}

/// Trino's LIKE has no escape unless ESCAPE names one; here it is always `\`.
fn like_pattern(
    pattern: &mut Expr,
    escape: &mut Option<datafusion::sql::sqlparser::ast::ValueWithSpan>,
) -> Result<(), QueryError> {
    let Expr::Value(value) = pattern else { return Ok(()) };
    let Value::SingleQuotedString(text) = &value.value else { return Ok(()) };
    let escape_char = match escape.take().map(|v| v.value) {
        None => None,
        Some(Value::SingleQuotedString(e)) if e.chars().count() == 1 => e.chars().next(),
        Some(_) => return Err(QueryError::invalid("ESCAPE takes one character")),
    };
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if Some(c) == escape_char {
            out.push('\\');
            out.extend(chars.next());
        } else if c == '\\' {
            out.push_str("\\\\");
        } else {
            out.push(c);
        }
    }
    value.value = Value::SingleQuotedString(out);
    Ok(())
}
