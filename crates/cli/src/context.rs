//! The data folder, opened: the lake and the state.

use std::sync::Arc;

use anyhow::Context as _;
use trailkeep_detect::RuleSet;
use trailkeep_lake::{Lake, LakeOptions};
use trailkeep_pipeline::{Pipeline, PipelineOptions};
use trailkeep_query::{Engine, EngineOptions, LakeSource, TableSource, WithRecords};
use trailkeep_sources::{Location, SourceOptions, Sources};
use trailkeep_state::State;

use crate::args::Global;

/// The state's file, in the data folder.
const STATE: &str = "state.db";

/// Opens the lake: in the data folder, or where `--lake` says.
pub(crate) async fn lake(global: &Global, sources: &Sources) -> anyhow::Result<Lake> {
    let Some(address) = &global.lake else {
        let folder = global.data_dir.join("lake");
        return Ok(Lake::open(&folder.to_string_lossy(), LakeOptions::default())?);
    };
    let mut options = LakeOptions::default();
    if let Some(rest) = address.strip_prefix("s3://") {
        let bucket = rest.split('/').next().unwrap_or_default();
        options.storage = sources.aws().await?.storage_options(bucket).await?;
        trailkeep_lake::register_s3();
    }
    Ok(Lake::open(address, options)?)
}

/// Opens the state in the data folder.
pub(crate) async fn state(global: &Global) -> anyhow::Result<State> {
    let folder = &global.data_dir;
    std::fs::create_dir_all(folder).with_context(|| {
        format!("cannot make the data folder {}; choose another with --data-dir", folder.display())
    })?;
    Ok(State::open(folder.join(STATE)).await?)
}

/// Where logs are read from. Our own data is never taken for logs.
pub(crate) fn sources(global: &Global) -> Sources {
    let mut exclude = vec![Location::Path(global.data_dir.clone())];
    exclude.extend(global.lake.as_deref().and_then(|l| Location::parse(l).ok()));
    Sources::new(SourceOptions { exclude, ..SourceOptions::default() })
}

/// The pipeline into the lake.
pub(crate) async fn pipeline(
    global: &Global,
    sources: &Sources,
    rules: RuleSet,
    options: PipelineOptions,
) -> anyhow::Result<Pipeline> {
    pipeline_over(global, sources, state(global).await?, rules, options).await
}

/// The pipeline into the lake, over a state that is open.
pub(crate) async fn pipeline_over(
    global: &Global,
    sources: &Sources,
    state: State,
    rules: RuleSet,
    options: PipelineOptions,
) -> anyhow::Result<Pipeline> {
    Ok(Pipeline::new(lake(global, sources).await?, state, Arc::new(rules), options))
}

/// The query engine over a lake, and over the state where there is one: who only reads makes none.
pub(crate) async fn engine(global: &Global, lake: Lake) -> anyhow::Result<Engine> {
    let there = global.data_dir.join(STATE).exists();
    let state = if there { Some(state(global).await?) } else { None };
    engine_with_timeout(lake, state, EngineOptions::default().timeout).await
}

/// The query engine over a lake and a state, with a limit of its own on how long a query may run.
pub(crate) async fn engine_with_timeout(
    lake: Lake,
    state: Option<State>,
    timeout: std::time::Duration,
) -> anyhow::Result<Engine> {
    let source = LakeSource::open(lake).await?;
    let source: Arc<dyn TableSource> = match state {
        Some(state) => Arc::new(WithRecords::new(source, state)),
        None => Arc::new(source),
    };
    Ok(Engine::new(source, EngineOptions { timeout, ..EngineOptions::default() }).await?)
}
