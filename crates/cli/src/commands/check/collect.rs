//! Where `check` has its inventory from: AWS, or the file that an earlier run kept.

use std::fs;
use std::io::{BufWriter, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::Utc;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use trailkeep_aws::{Aws, AwsOptions, RetryPolicy};
use trailkeep_baseline::apply::Clients;
use trailkeep_baseline::collect::{self, Accounts, Progress, Scope, Step};
use trailkeep_baseline::{Account, Answer, Control, Inventory};

use crate::args::{Check, Estate, Global};
use crate::output::{clean, note, thousands};

/// An inventory larger than this is none: an account's is a few megabytes.
const INVENTORY_BYTES: u64 = 4 << 30;

/// Thousands of calls are made: one that keeps failing is told as such after seconds, not minutes.
const RETRY: RetryPolicy = RetryPolicy {
    max_attempts: 6,
    base: Duration::from_millis(100),
    max_wait: Duration::from_secs(5),
    deadline: Duration::from_secs(60),
};

/// How many accounts and calls are named before the rest is only counted.
const NAMED: usize = 10;

/// The inventory to assess, kept in a file where that was asked for.
pub(crate) async fn inventory(global: &Global, args: &Check) -> anyhow::Result<Inventory> {
    if let Some(file) = &args.from_inventory {
        return read(file);
    }
    if let Some(file) = &args.save_inventory {
        // Said before minutes of collecting, not after them.
        let folder = folder_of(file);
        anyhow::ensure!(folder.is_dir(), "cannot keep the inventory: {} is no folder", folder.display());
    }
    // One that is kept is for all controls.
    let controls = if args.save_inventory.is_some() { &[][..] } else { args.controls.as_slice() };
    let aws = load(&args.estate).await?;
    let inventory = survey(global, &args.estate, controls, &aws).await?.0;
    if let Some(file) = &args.save_inventory {
        save(file, &inventory)?;
    }
    Ok(inventory)
}

/// The AWS settings of an estate.
pub(crate) async fn load(estate: &Estate) -> anyhow::Result<Aws> {
    let options = AwsOptions { profile: estate.profile.clone(), retry: RETRY, ..AwsOptions::default() };
    Ok(Aws::load(options).await?)
}

/// The inventory, and how each account is asked. With controls, only what their checks read is asked.
pub(crate) async fn survey(
    global: &Global,
    estate: &Estate,
    controls: &[Control],
    aws: &Aws,
) -> anyhow::Result<(Inventory, Clients)> {
    let (bar, began) = (Bar::start(global.quiet), Instant::now());
    let scope = Scope { controls: controls.to_vec(), ..scope(estate) };
    let surveyed = Box::pin(collect::survey(aws, &scope, Utc::now(), &bar)).await;
    let calls = bar.finish();
    let (inventory, clients) = surveyed.context("the estate could not be looked at")?;
    if !global.quiet {
        let seconds = began.elapsed().as_secs_f64();
        summary(&inventory, calls, seconds).iter().for_each(|line| note(&clean(line)));
    }
    Ok((inventory, clients))
}

/// Which accounts and Regions are meant.
pub(crate) fn scope(estate: &Estate) -> Scope {
    let accounts = match &estate.org_role {
        Some(role) => Accounts::Organization { role: role.clone() },
        None if estate.role_arn.is_empty() => Accounts::Own,
        None => Accounts::Roles(estate.role_arn.clone()),
    };
    Scope {
        accounts,
        external_id: estate.external_id.clone(),
        regions: estate.regions.clone(),
        ..Scope::default()
    }
}

/// What was asked, and what was not.
fn summary(inventory: &Inventory, calls: u64, seconds: f64) -> Vec<String> {
    let accounts = inventory.accounts.len();
    let regions: usize = inventory.accounts.values().map(|account| account.regions.len()).sum();
    let plural = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let mut lines = vec![format!(
        "asked {} about {} in {seconds:.1} s: {} calls",
        plural(accounts, "account"),
        plural(regions, "Region"),
        thousands(calls)
    )];
    let refused: usize = inventory.accounts.values().map(|account| missing(account).count()).sum();
    if refused > 0 {
        let mut actions: Vec<&str> = inventory.accounts.values().flat_map(missing).collect();
        actions.sort_unstable();
        actions.dedup();
        lines.push(format!(
            "warning: {} refused for want of {}; `trailkeep iam-policy check` prints what is needed",
            plural(refused, "call"),
            some_of(&actions)
        ));
    }
    let failed = inventory.accounts.values().filter_map(|account| Some((account, account.failed.as_ref()?)));
    let left_out = inventory.left_out.iter().map(|(id, why)| format!("account {id} was left out: {why}"));
    let untold = failed
        .map(|(account, failure)| format!("account {} could not be entered: {}", account.id, failure.message))
        .chain(left_out)
        .chain(inventory.notes.iter().cloned());
    let untold: Vec<String> = untold.map(|line| format!("warning: {line}")).collect();
    lines.extend(untold.iter().take(NAMED).cloned());
    if untold.len() > NAMED {
        lines.push(format!("warning: {} more of these are in the inventory", untold.len() - NAMED));
    }
    lines
}

fn missing(account: &Account) -> impl Iterator<Item = &str> {
    let answers = account.answers.values().flat_map(|calls| calls.values()).flat_map(|by| by.values());
    answers.filter_map(|answer| match answer {
        Answer::Failed(failure) => failure.missing_action.as_deref(),
        _ => None,
    })
}

fn some_of(names: &[&str]) -> String {
    let shown = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(crate) fn read(file: &Path) -> anyhow::Result<Inventory> {
    let about = || format!("cannot read the inventory {}", file.display());
    let size = fs::metadata(file).with_context(about)?.len();
    anyhow::ensure!(
        size <= INVENTORY_BYTES,
        "{} has {size} bytes: no inventory is that large",
        file.display()
    );
    let text = fs::read(file).with_context(about)?;
    Inventory::from_json(&text).map_err(|reason| anyhow::anyhow!("{}: {reason}", file.display()))
}

/// Writes the whole file or leaves the one that was there. It tells how an estate is guarded: only
/// its owner may read it.
fn save(file: &Path, inventory: &Inventory) -> anyhow::Result<()> {
    let name = file.file_name().with_context(|| format!("{} is no file name", file.display()))?;
    let draft = folder_of(file).join(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let written = write(&draft, inventory).and_then(|()| Ok(fs::rename(&draft, file)?));
    if written.is_err() {
        // What is half written is of no use to anybody; that it cannot be removed is no news.
        fs::remove_file(&draft).ok();
    }
    written.with_context(|| format!("cannot keep the inventory in {}", file.display()))
}

fn write(draft: &Path, inventory: &Inventory) -> anyhow::Result<()> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    let mut out = BufWriter::new(file);
    serde_json::to_writer(&mut out, inventory)?;
    out.write_all(b"\n")?;
    Ok(out.into_inner()?.sync_all()?)
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// The progress bar of a collection; none on a pipe or when quiet.
struct Bar(ProgressBar);

impl Bar {
    fn start(quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        if quiet || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {bar:30} {pos}/{len} calls {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Takes the bar away; how many calls it counted.
    fn finish(&self) -> u64 {
        self.0.finish_and_clear();
        self.0.position()
    }
}

impl Progress for Bar {
    fn step(&self, step: &Step<'_>) {
        self.0.set_length(step.known);
        self.0.set_position(step.done);
        self.0.set_message(format!("{} {}", clean(step.account), clean(step.region)));
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use trailkeep_baseline::Failure;

    use super::*;

    fn example() -> Inventory {
        let mut inventory = Inventory::new(chrono::DateTime::UNIX_EPOCH);
        for n in 0..12 {
            let failure = Failure {
                code: "AccessDenied".to_owned(),
                message: "no".to_owned(),
                missing_action: Some(format!("x:Do{n:02}")),
            };
            inventory.record("111122223333", "eu-west-1", &format!("x:Do{n}"), "", Answer::Failed(failure));
        }
        inventory.left_out.insert("444455556666".to_owned(), "suspended".to_owned());
        inventory
    }

    #[test]
    fn what_is_saved_is_read_again_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inventory.json");
        for _ in 0..2 {
            save(&file, &example()).unwrap();
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            let again = read(&file).unwrap();
            assert_eq!(serde_json::to_value(again).unwrap(), serde_json::to_value(example()).unwrap());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn a_failed_save_leaves_nothing_and_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir_all(taken.join("x")).unwrap();
        let error = format!("{:#}", save(&taken, &example()).unwrap_err());
        assert!(error.contains("taken"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let error = format!("{:#}", read(&folder.path().join("none")).unwrap_err());
        assert!(error.contains("cannot read the inventory"), "{error}");
    }

    #[test]
    fn the_summary_names_what_is_missing() {
        insta::assert_snapshot!(summary(&example(), 1_234, 2.51).join("\n"));
    }
}
