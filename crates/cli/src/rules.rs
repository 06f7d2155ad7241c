//! The rules that run: the built-in pack and the user's Sigma folders.

use std::path::{Path, PathBuf};

use anyhow::Context;
use trailkeep_detect::{RuleError, RuleSet};

use crate::args::RuleArgs;
use crate::output::note;

/// A rule file larger than this is none.
const RULE_BYTES: u64 = 1 << 20;

/// Loads the rules; files that do not load are told of and left out.
pub(crate) fn load(args: &RuleArgs, quiet: bool) -> anyhow::Result<RuleSet> {
    let (rules, errors) = load_all(args)?;
    if !quiet {
        errors.iter().for_each(|e| note(&format!("warning: {e}")));
    }
    Ok(rules)
}

/// Loads the rules and says which files do not load.
pub(crate) fn load_all(args: &RuleArgs) -> anyhow::Result<(RuleSet, Vec<RuleError>)> {
    let files = args.folders.iter().map(|f| rule_files(f)).collect::<anyhow::Result<Vec<_>>>()?;
    let files: Vec<(String, String)> = files.into_iter().flatten().collect();
    if args.no_builtin {
        return Ok(RuleSet::load(files));
    }
    let rules = RuleSet::builtin().map_err(|errors| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the built-in pack does not load: {}", all.join("; "))
    })?;
    Ok(rules.extend(files))
}

fn rule_files(path: &Path) -> anyhow::Result<Vec<(String, String)>> {
    anyhow::ensure!(path.exists(), "no rules at {}: give a folder or a file of Sigma rules", path.display());
    let is_rule = |p: &Path| p.extension().is_some_and(|e| e == "yml" || e == "yaml");
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in walkdir::WalkDir::new(path).follow_links(true) {
        let entry = entry.with_context(|| format!("cannot look into {}", path.display()))?;
        if entry.file_type().is_file() && is_rule(entry.path()) {
            paths.push(entry.into_path());
        }
    }
    paths.sort();
    paths.into_iter().map(|p| Ok((p.display().to_string(), read(&p)?))).collect()
}

fn read(path: &Path) -> anyhow::Result<String> {
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    anyhow::ensure!(size <= RULE_BYTES, "{} has {size} bytes: no rule is that large", path.display());
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
