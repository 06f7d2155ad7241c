//! What the tests share: where real data lies, and how it is read.

use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;

/// The folder of shared test data; `None`, loudly, where it is not there.
pub(crate) fn shared(below: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("TRAILKEEP_SHARED") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let path = root.join(below);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: no {} (set TRAILKEEP_SHARED to the folder of shared test data)", path.display());
    None
}

/// Every file below a folder with this ending, sorted.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// SigmaHQ's AWS rules as names and texts.
pub(crate) fn sigma_files() -> Option<Vec<(String, String)>> {
    let folder = shared("data/sigma/rules/cloud/aws")?;
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read_to_string(path).unwrap());
    Some(files(&folder, ".yml").into_iter().map(read).collect())
}

/// The real CloudTrail records, as serde_json sees them.
pub(crate) fn real_records() -> Option<Vec<serde_json::Value>> {
    let folder = shared("data/cloudtrail")?;
    let mut records = Vec::new();
    for path in files(&folder, ".json.gz") {
        let reader = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
        let file: serde_json::Value = serde_json::from_reader(reader).unwrap();
        records.extend(file["Records"].as_array().unwrap().iter().cloned());
    }
    Some(records)
}

/// Records through the format's decoder.
pub(crate) fn decode(records: &[serde_json::Value]) -> RecordBatch {
    let lines = records.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let mut batches = trailkeep_detect::cases::decode(&lines).unwrap();
    assert_eq!(batches.len(), 1);
    let (table, batch) = batches.remove(0);
    assert_eq!((table, batch.num_rows()), ("cloudtrail_logs", records.len()));
    batch
}
