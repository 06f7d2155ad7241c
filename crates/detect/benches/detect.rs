//! Rules over events: the detector beside rsigma's own engine, same rules, same events.
//!
//! `cargo bench -p trailkeep-detect`. Events are the test events of the pack and, where the folder
//! of shared test data is there, real logs; rules are the pack and SigmaHQ's. rsigma gets records
//! that are parsed already, the detector gets columns: both start where their decoder ends.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rsigma_eval::{Engine, JsonEvent};
use serde_json::Value;
use trailkeep_detect::{Detector, RuleSet};

/// Rows per batch: the events are repeated up to this number.
const ROWS: usize = 8192;

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
}

fn shared() -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::env::var_os("TRAILKEEP_SHARED").map_or(default, PathBuf::from)
}

fn events() -> Vec<Value> {
    let mut paths = Vec::new();
    files(&shared().join("data/cloudtrail"), ".json.gz", &mut paths);
    let mut events: Vec<Value> = Vec::new();
    for path in &paths {
        let reader = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
        let file: Value = serde_json::from_reader(reader).unwrap();
        events.extend(file["Records"].as_array().unwrap().iter().cloned());
    }
    if events.is_empty() {
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), ".test.json", &mut paths);
        for path in &paths {
            let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let cases = file["cases"].as_array().unwrap();
            events.extend(cases.iter().flat_map(|case| case["events"].as_array().unwrap().iter().cloned()));
        }
    }
    events.iter().cycle().take(ROWS).cloned().collect()
}

fn sigma() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    files(&shared().join("data/sigma/rules/cloud/aws"), ".yml", &mut paths);
    paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect()
}

fn batch(events: &[Value]) -> RecordBatch {
    let lines = events.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    trailkeep_detect::cases::decode(&lines).unwrap().remove(0).1
}

fn bench(criterion: &mut Criterion) {
    let events = events();
    let batch = batch(&events);
    let mut group = criterion.benchmark_group("detect");
    group.throughput(Throughput::Elements(ROWS as u64));

    let pack = RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors:?}"));
    let detector = Detector::new(Arc::new(pack.clone()));
    group.bench_function("pack", |b| b.iter(|| black_box(detector.detect(&batch, "cloudtrail_logs"))));

    let sigma = sigma();
    if !sigma.is_empty() {
        let both = Detector::new(Arc::new(pack.extend(sigma.clone()).0));
        group.bench_function("pack and SigmaHQ", |b| {
            b.iter(|| black_box(both.detect(&batch, "cloudtrail_logs")));
        });

        let ours = Detector::new(Arc::new(RuleSet::load(sigma.clone()).0));
        group.bench_function("SigmaHQ", |b| b.iter(|| black_box(ours.detect(&batch, "cloudtrail_logs"))));

        let mut engine = Engine::new();
        for (_, yaml) in &sigma {
            engine.add_collection(&rsigma_parser::parse_sigma_yaml(yaml).unwrap()).unwrap();
        }
        group.bench_function("SigmaHQ, rsigma engine", |b| {
            b.iter(|| {
                events.iter().map(|event| engine.evaluate(&JsonEvent::borrow(event)).len()).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
