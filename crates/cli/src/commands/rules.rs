//! `trailkeep rules list|show|check|test`.

use std::io::Write;

use trailkeep_detect::RuleInfo;

use crate::args::{Format, Global, Rules, RulesCommand};
use crate::exit::Status;
use crate::output::{self, clean, note};
use crate::rules;

pub(crate) fn run(global: &Global, args: &Rules) -> anyhow::Result<Status> {
    match &args.command {
        RulesCommand::List => list(global, args),
        RulesCommand::Show { rule } => show(global, args, rule),
        RulesCommand::Check => check(args),
        RulesCommand::Test => test(global, args),
    }
}

fn list(global: &Global, args: &Rules) -> anyhow::Result<Status> {
    let rules = rules::load(&args.rules, global.quiet)?;
    let header = ["level", "title", "kind", "logsource", "tags", "id"];
    output::items(global.output, rules.rules(), &header, |rule| {
        vec![
            rule.level.as_str().to_owned(),
            rule.title.clone(),
            format!("{:?}", rule.kind).to_lowercase(),
            rule.tables.join(" "),
            rule.tags.join(" "),
            rule.id.clone(),
        ]
    })?;
    Ok(Status::Done)
}

fn show(global: &Global, args: &Rules, wanted: &str) -> anyhow::Result<Status> {
    let rules = rules::load(&args.rules, global.quiet)?;
    let lower = wanted.to_lowercase();
    let matches: Vec<&RuleInfo> = match rules.rule(wanted) {
        Some(rule) => vec![rule],
        None => rules
            .rules()
            .iter()
            .filter(|r| r.id.starts_with(&lower) || r.title.to_lowercase().starts_with(&lower))
            .collect(),
    };
    match matches.as_slice() {
        [] => anyhow::bail!("no rule `{}`; `trailkeep rules list` shows them all", clean(wanted)),
        [rule] if global.output == Format::Table => {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{}", clean(rule.source.trim_end()))?;
        }
        [rule] => output::document(global.output, rule)?,
        several => {
            let titles: Vec<String> = several.iter().map(|r| format!("  {}  {}", r.id, r.title)).collect();
            anyhow::bail!("several rules begin with `{}`:\n{}", clean(wanted), titles.join("\n"));
        }
    }
    Ok(Status::Done)
}

fn check(args: &Rules) -> anyhow::Result<Status> {
    let (rules, errors) = rules::load_all(&args.rules)?;
    errors.iter().for_each(|e| note(&format!("error: {}", clean(&e.to_string()))));
    writeln!(std::io::stdout().lock(), "{} rules load, {} files do not", rules.rules().len(), errors.len())?;
    Ok(if errors.is_empty() { Status::Done } else { Status::Incomplete })
}

fn test(global: &Global, args: &Rules) -> anyhow::Result<Status> {
    let rules = rules::load(&args.rules, global.quiet)?;
    let results = rules.run_tests();
    let failed: Vec<_> = results.iter().filter(|r| !r.passed()).collect();
    for result in &failed {
        let expected = if result.expected { "should fire" } else { "should not fire" };
        let why = result.error.clone().unwrap_or_else(|| format!("found {:?}", result.findings));
        note(&format!(
            "failed: {}: `{}` {expected}: {}",
            clean(&result.file),
            clean(&result.name),
            clean(&why)
        ));
    }
    let untested = rules.untested_files();
    if !global.quiet {
        untested.iter().for_each(|file| note(&format!("no test events: {}", clean(file))));
    }
    writeln!(
        std::io::stdout().lock(),
        "{} test events, {} failed, {} rule files without any",
        results.len(),
        failed.len(),
        untested.len()
    )?;
    Ok(if failed.is_empty() { Status::Done } else { Status::Incomplete })
}
