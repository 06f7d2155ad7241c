//! The DataFusion session that all queries share: functions, rules, memory
//! and settings. It can reach no files, no URLs and no table functions.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::FunctionRegistry;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionConfig;

use crate::engine::EngineOptions;
use crate::functions;
use crate::plan::compare::{Casts, Leniency};
use crate::plan::prune::PruneByTime;
use crate::plan::unnest::UnnestPlanner;
use crate::sql::Functions;

/// Consumers that a memory error names.
const NAMED_CONSUMERS: usize = 3;

/// Builds the session that queries start from.
pub(crate) fn build(options: &EngineOptions) -> Result<SessionState> {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema("awsdatacatalog", "default")
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false);
    if let Some(threads) = options.threads {
        config = config.with_target_partitions(threads.max(1));
    }
    let settings = config.options_mut();
    settings.execution.time_zone = Some("UTC".to_string());
    // Trino sorts NULL last whatever the direction.
    settings.sql_parser.default_null_ordering = "nulls_last".to_string();
    // Tables hold plain strings; views would only be converted back and forth.
    settings.sql_parser.map_string_types_to_utf8view = false;
    settings.execution.parquet.schema_force_view_types = false;
    // Wide columns (`raw`) are decoded only for rows that pass the filters.
    settings.execution.parquet.pushdown_filters = true;
    settings.execution.parquet.reorder_filters = true;
    settings.sql_parser.collect_spans = true;

    let pool = TrackConsumersPool::new(
        FairSpillPool::new(options.memory_limit),
        std::num::NonZeroUsize::new(NAMED_CONSUMERS).unwrap_or(std::num::NonZeroUsize::MIN),
    );
    let mut runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool));
    if let Some(dir) = &options.spill_dir {
        runtime = runtime.with_temp_file_path(dir);
    }
    let mut state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime.build_arc()?)
        .with_default_features()
        .with_optimizer_rule(Arc::new(PruneByTime))
        .build();
    register(&mut state)?;
    Ok(state)
}

fn register(state: &mut SessionState) -> Result<()> {
    let table_functions: Vec<String> = state.table_functions().keys().cloned().collect();
    for name in table_functions {
        state.deregister_udtf(&name)?;
    }
    for name in functions::WITHHELD {
        state.deregister_udf(name)?;
    }
    for udf in functions::scalar() {
        state.register_udf(udf)?;
    }
    for udaf in functions::aggregates() {
        state.register_udaf(udaf)?;
    }
    state.register_function_rewrite(Arc::new(Casts))?;
    state.register_expr_planner(Arc::new(Leniency))?;
    state.register_relation_planner(Arc::new(UnnestPlanner::default()))?;
    Ok(())
}

/// A scalar function of this crate, for rules that plan calls of it.
pub(crate) fn scalar_udf(name: &str) -> Result<Arc<ScalarUDF>> {
    static ALL: OnceLock<HashMap<String, Arc<ScalarUDF>>> = OnceLock::new();
    ALL.get_or_init(|| functions::scalar().into_iter().map(|udf| (udf.name().to_string(), udf)).collect())
        .get(name)
        .map(Arc::clone)
        .ok_or_else(|| DataFusionError::Internal(format!("the function {name} is not registered")))
}

/// The functions of a session, for the rewriting pass.
pub(crate) struct Known<'a>(pub(crate) &'a SessionState);

impl Known<'_> {
    /// All names that a query may call, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let state = self.0;
        let mut names: Vec<String> = state
            .scalar_functions()
            .keys()
            .chain(state.aggregate_functions().keys())
            .chain(state.window_functions().keys())
            .chain(state.higher_order_functions().keys())
            .cloned()
            .chain(crate::sql::calls::names().map(str::to_string))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Functions for Known<'_> {
    fn has(&self, name: &str) -> bool {
        let state = self.0;
        state.scalar_functions().contains_key(name)
            || state.aggregate_functions().contains_key(name)
            || state.window_functions().contains_key(name)
            || state.higher_order_functions().contains_key(name)
    }

    fn nearest(&self, name: &str) -> Vec<String> {
        let names = self.names();
        crate::error::nearest(name, names.iter().map(String::as_str))
    }
}
