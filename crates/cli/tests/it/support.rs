//! Runs the binary, and makes logs for it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use trailkeep_sim::{Config, Simulator};

/// The command, with its data folder and no settings of the machine's.
pub(crate) fn trailkeep(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailkeep"));
    command.env("TRAILKEEP_DATA_DIR", data).env_remove("RUST_LOG").env_remove("TRAILKEEP_LAKE");
    command.stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn run(data: &Path, args: &[&str]) -> Output {
    trailkeep(data).args(args).output().expect("the binary starts")
}

/// Runs it, expects success, and gives what it printed.
pub(crate) fn ok(data: &Path, args: &[&str]) -> String {
    let output = run(data, args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {}\n{stderr}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs it, expects success and one JSON document.
pub(crate) fn json(data: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&ok(data, args)).expect("JSON")
}

/// The rows of a query.
pub(crate) fn query(data: &Path, sql: &str) -> Vec<Value> {
    let printed = ok(data, &["query", "-o", "ndjson", sql]);
    printed.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// Writes a simulated day of this many events below `folder`; the ids of its CloudTrail events.
pub(crate) fn simulate(folder: &Path, events: u64) -> BTreeSet<String> {
    let config = Config { events, companion_lines: 1_000, ..Config::default() };
    let simulator = Simulator::new(config).expect("a simulation");
    for file in simulator.files() {
        let path = folder.join(&file.key);
        std::fs::create_dir_all(path.parent().expect("a folder")).unwrap();
        std::fs::write(path, &file.bytes).unwrap();
    }
    let mut ids = BTreeSet::new();
    let mut records = simulator.records();
    while let Some(record) = records.next_record() {
        let record: Value = serde_json::from_slice(record).unwrap();
        ids.insert(record["eventID"].as_str().expect("an eventID").to_owned());
    }
    ids
}

/// The real logs, where they are.
pub(crate) fn real_logs() -> Option<std::path::PathBuf> {
    let shared = std::env::var("TRAILKEEP_SHARED").unwrap_or_else(|_| "../../../shared".to_owned());
    let folder = Path::new(&shared).join("data");
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("SKIPPED: the real dataset is not at {}; set TRAILKEEP_SHARED to run", folder.display());
    None
}
