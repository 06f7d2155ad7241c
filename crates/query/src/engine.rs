//! The query engine: SQL in, rows out, over whatever tables the lake has.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::datasource::{MemTable, ViewTable};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::{execute_stream, execute_stream_partitioned};
use datafusion::sql::parser::Statement as PlannerStatement;
use parking_lot::RwLock;
use trailkeep_formats::registry;

use crate::catalog::QueryTables;
use crate::error::{Place, QueryError, nearest};
use crate::result::{self, QueryResult};
use crate::session::{self, Known};
use crate::source::TableSource;
use crate::sql::{self, Kind, Prepared};
use crate::views::{self, View, partitions};

/// Words that the parser takes for a table when the table is missing.
const CLAUSES: [&str; 9] = ["where", "group", "order", "having", "limit", "union", "on", "join", "offset"];

/// Limits and places of an engine.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Memory that all running queries may use together, in bytes. Sorts,
    /// joins and aggregations spill to disk before they fail.
    pub memory_limit: usize,
    /// How long a query may run.
    pub timeout: Duration,
    /// Threads per query; all cores if not set.
    pub threads: Option<usize>,
    /// Where to spill; the system's temporary folder if not set.
    pub spill_dir: Option<PathBuf>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { memory_limit: 256 << 20, timeout: Duration::from_secs(120), threads: None, spill_dir: None }
    }
}

/// Whether a name is stored or computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// A table of the lake.
    Table,
    /// A view over tables.
    View,
}

/// What a schema browser shows of a table.
#[derive(Debug, Clone)]
pub struct TableInfo {
    /// Name, lower case.
    pub name: String,
    /// Table or view.
    pub kind: TableKind,
    /// Columns in order: name and type, as Trino writes types.
    pub columns: Vec<(String, String)>,
}

/// Answers queries. Cheap to clone; clones share tables, memory and limits.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) source: Arc<dyn TableSource>,
    pub(crate) options: EngineOptions,
    state: SessionState,
    known: RwLock<Vec<(TableInfo, SchemaRef)>>,
    pub(crate) days: RwLock<HashMap<String, crate::search::DayRange>>,
}

impl Engine {
    /// An engine over the tables of a source.
    ///
    /// # Errors
    /// When the session cannot be built or the tables cannot be listed.
    pub async fn new(source: Arc<dyn TableSource>, options: EngineOptions) -> Result<Self, QueryError> {
        let state = session::build(&options)?;
        let inner = Inner {
            source,
            options,
            state,
            known: RwLock::new(Vec::new()),
            days: RwLock::new(HashMap::new()),
        };
        let engine = Self { inner: Arc::new(inner) };
        engine.load_schemas().await?;
        Ok(engine)
    }

    /// Makes new commits (and new tables) visible.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn refresh(&self) -> Result<(), QueryError> {
        self.inner.source.refresh().await?;
        self.inner.days.write().clear();
        self.load_schemas().await
    }

    /// Tables and views with their columns, as of the last refresh.
    #[must_use]
    pub fn tables(&self) -> Vec<TableInfo> {
        self.inner.known.read().iter().map(|(info, _)| info.clone()).collect()
    }

    /// Runs a query and collects at most `limit` rows.
    ///
    /// # Errors
    /// See [`QueryError`]; a query that is cut by `limit` is no error.
    pub async fn sql(&self, sql: &str, limit: Option<usize>) -> Result<QueryResult, QueryError> {
        let started = Instant::now();
        let run = async {
            let (plan, prepared) = match self.plan(sql).await? {
                Planned::Answer(answer) => return Ok(answer),
                Planned::Query(query) => *query,
            };
            let plan = match limit {
                // One row more than wanted tells whether rows are missing.
                Some(limit) if !matches!(plan, LogicalPlan::Explain(_)) => {
                    LogicalPlanBuilder::from(plan).limit(0, Some(limit.saturating_add(1)))?.build()?
                }
                _ => plan,
            };
            let stream = self.execute(plan).await.map_err(|e| self.explain(e, &prepared))?;
            let collected = result::collect(stream, limit, self.inner.options.memory_limit).await;
            collected.map(|r| r.displayed(&prepared.display)).map_err(|e| self.explain(e, &prepared))
        };
        let limit = self.inner.options.timeout;
        let mut answer =
            tokio::time::timeout(limit, run).await.map_err(|_| QueryError::Timeout { limit })??;
        answer.elapsed = started.elapsed();
        Ok(answer)
    }

    /// Runs a query and hands out its batches as they come, without a limit
    /// on their number. The time limit counts for planning only; dropping the
    /// stream stops the query.
    ///
    /// # Errors
    /// See [`QueryError`]; errors met while running come through the stream.
    pub async fn stream(&self, sql: &str) -> Result<SendableRecordBatchStream, QueryError> {
        match self.plan(sql).await? {
            Planned::Answer(answer) => Ok(answer.into_stream()),
            Planned::Query(query) => {
                let (plan, prepared) = *query;
                let stream = self.execute(plan).await.map_err(|e| self.explain(e, &prepared))?;
                Ok(result::displayed(stream, &prepared.display))
            }
        }
    }

    /// Plans a statement, or answers it if it is about the schema.
    async fn plan(&self, sql: &str) -> Result<Planned, QueryError> {
        let prepared = sql::prepare(sql, &Known(&self.inner.state))?;
        match &prepared.kind {
            Kind::Query(_) => {}
            Kind::ShowTables(pattern) => {
                return Ok(Planned::Answer(result::show_tables(&self.tables(), pattern.as_deref())?));
            }
            Kind::ShowDatabases => return Ok(Planned::Answer(result::show_databases()?)),
            Kind::ShowFunctions(pattern) => {
                let names = Known(&self.inner.state).names();
                return Ok(Planned::Answer(result::show_functions(&names, pattern.as_deref())?));
            }
            Kind::Describe(table) => {
                let provider = self.resolve(table, None, &prepared).await?;
                return Ok(Planned::Answer(result::describe(&provider.schema())?));
            }
        }
        let tables = self.tables_of(&prepared).await?;
        let plan = self.plan_query(&prepared, tables).await?;
        Ok(Planned::Query(Box::new((plan, prepared))))
    }

    /// All tables that a query names.
    async fn tables_of(&self, prepared: &Prepared) -> Result<QueryTables, QueryError> {
        let mut tables = HashMap::new();
        for (name, at) in &prepared.tables {
            tables.insert(name.clone(), self.resolve(name, *at, prepared).await?);
        }
        Ok(QueryTables(Arc::new(tables)))
    }

    /// The provider for a name: a table (with the partition columns that the
    /// query mentions) or a view.
    async fn resolve(
        &self,
        name: &str,
        at: Option<Place>,
        prepared: &Prepared,
    ) -> Result<Arc<dyn TableProvider>, QueryError> {
        let exact = self.base(name).await?;
        let (table, base) = match exact {
            Some(table) => (name, Some(table)),
            None => (partitions::canonical(name), self.base(partitions::canonical(name)).await?),
        };
        if let Some(base) = base {
            let own: HashSet<String> = base.schema().fields().iter().map(|f| f.name().clone()).collect();
            return match partitions::sql(table, &own, &prepared.mentioned, &prepared.defined) {
                None => Ok(base),
                Some(sql) => {
                    let tables = HashMap::from([(table.to_string(), base)]);
                    self.view(&sql, QueryTables(Arc::new(tables))).await
                }
            };
        }
        match views::find(name) {
            Some(view) => self.planned_view(&view).await,
            None => {
                let known = self.inner.known.read();
                let there = known.iter().map(|(info, _)| info.name.as_str());
                // A table that has no rows yet is a name to hint at all the same.
                let names = registry::tables().map(|table| table.name).chain(there);
                if CLAUSES.contains(&name) {
                    let message = format!("expected a table, found {}", name.to_uppercase());
                    return Err(QueryError::Syntax { message, at });
                }
                Err(QueryError::UnknownTable { name: name.to_string(), nearest: nearest(name, names), at })
            }
        }
    }

    async fn planned_view(&self, view: &View) -> Result<Arc<dyn TableProvider>, QueryError> {
        let existing = self.event_tables();
        let Some(sql) = view.sql(&existing) else {
            return Err(QueryError::Lake { message: "the lake has no tables yet".to_string() });
        };
        let prepared = sql::prepare(&sql, &Known(&self.inner.state))?;
        let mut tables = HashMap::new();
        for (name, _) in &prepared.tables {
            if let Some(table) = self.base(name).await? {
                tables.insert(name.clone(), table);
            }
        }
        self.view(&sql, QueryTables(Arc::new(tables))).await
    }

    /// Tables that exist; the main one counts as existing even before its
    /// first event, so that the views always do.
    pub(crate) fn event_tables(&self) -> Vec<String> {
        let mut tables = self.inner.source.tables();
        if !tables.iter().any(|t| t == "cloudtrail_logs") {
            tables.push("cloudtrail_logs".to_string());
        }
        tables
    }

    /// A table of the lake. Tables that the registry knows and the lake has
    /// no rows for yet are empty rather than unknown.
    pub(crate) async fn base(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, QueryError> {
        let source = &self.inner.source;
        if source.tables().iter().chain(&source.records()).any(|t| t == name) {
            return source.provider(name).await.map(Some);
        }
        match registry::table(name) {
            Some(def) => Ok(Some(Arc::new(MemTable::try_new(def.schema(), vec![vec![]])?))),
            None => Ok(None),
        }
    }

    async fn view(&self, sql: &str, tables: QueryTables) -> Result<Arc<dyn TableProvider>, QueryError> {
        let prepared = sql::prepare(sql, &Known(&self.inner.state))?;
        let plan = self.plan_query(&prepared, tables).await?;
        Ok(Arc::new(ViewTable::new(plan, Some(sql.to_string()))))
    }

    /// Plans a rewritten statement over resolved tables.
    pub(crate) async fn plan_query(
        &self,
        prepared: &Prepared,
        tables: QueryTables,
    ) -> Result<LogicalPlan, QueryError> {
        let Kind::Query(statement) = &prepared.kind else {
            return Err(QueryError::invalid("expected a query"));
        };
        let mut state = self.inner.state.clone();
        state.register_catalog_list(Arc::new(tables));
        state
            .statement_to_plan(PlannerStatement::Statement(statement.clone()))
            .await
            .map_err(|e| self.explain(e.into(), prepared))
    }

    /// Plans and starts SQL that this crate has written itself.
    pub(crate) async fn run_internal(&self, sql: &str) -> Result<SendableRecordBatchStream, QueryError> {
        let prepared = sql::prepare(sql, &Known(&self.inner.state))?;
        let tables = self.tables_of(&prepared).await?;
        let plan = self.plan_query(&prepared, tables).await?;
        self.execute(plan).await
    }

    /// Like `run_internal`, with a stream per partition.
    pub(crate) async fn run_partitioned(
        &self,
        sql: &str,
    ) -> Result<Vec<SendableRecordBatchStream>, QueryError> {
        let prepared = sql::prepare(sql, &Known(&self.inner.state))?;
        let tables = self.tables_of(&prepared).await?;
        let plan = self.plan_query(&prepared, tables).await?;
        let mut state = self.inner.state.clone();
        state.mark_start_execution();
        let physical = state.create_physical_plan(&plan).await?;
        Ok(execute_stream_partitioned(physical, state.task_ctx())?)
    }

    pub(crate) async fn execute(&self, plan: LogicalPlan) -> Result<SendableRecordBatchStream, QueryError> {
        let mut state = self.inner.state.clone();
        state.mark_start_execution();
        let physical = state.create_physical_plan(&plan).await?;
        Ok(execute_stream(physical, state.task_ctx())?)
    }

    async fn load_schemas(&self) -> Result<(), QueryError> {
        let mut known = Vec::new();
        let mut names = self.inner.source.tables();
        names.append(&mut self.inner.source.records());
        names.sort_unstable();
        for name in names {
            let schema = self.inner.source.provider(&name).await?.schema();
            known.push((info(name, TableKind::Table, &schema), schema));
        }
        *self.inner.known.write() = known;
        for (name, view) in views::listed() {
            let schema = self.planned_view(&view).await?.schema();
            let entry = (info(name, TableKind::View, &schema), schema);
            self.inner.known.write().push(entry);
        }
        Ok(())
    }

    /// Adds to an error where it is and what is near.
    fn explain(&self, error: QueryError, prepared: &Prepared) -> QueryError {
        let known = self.inner.known.read();
        let schemas =
            known.iter().filter(|(info, _)| prepared.tables.iter().any(|(name, _)| *name == info.name));
        crate::hints::explain(error, prepared, schemas.map(|(_, schema)| schema))
    }
}

/// A plan to run, or an answer that needs none.
enum Planned {
    Answer(QueryResult),
    Query(Box<(LogicalPlan, Prepared)>),
}

fn info(name: String, kind: TableKind, schema: &SchemaRef) -> TableInfo {
    let columns = schema
        .fields()
        .iter()
        .map(|f| (f.name().clone(), crate::functions::collection::trino_name(f.data_type())))
        .collect();
    TableInfo { name, kind, columns }
}
