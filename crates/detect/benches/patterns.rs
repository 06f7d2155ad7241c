//! Filter patterns over a stream: a set of them beside the loop over each.
//!
//! `cargo bench -p trailkeep-detect --bench patterns`. Events are real CloudTrail records where the
//! folder of shared test data is there, else the test events of the built-in rules. The patterns are
//! of the kinds that accounts have: calls by name and service, error codes with wildcards, conditions
//! on who called, words.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::Value;
use trailkeep_detect::filter_pattern::{FilterPattern, FilterSet};

/// Messages per pass: the events are repeated up to this number.
const MESSAGES: usize = 1024;

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

fn messages() -> Vec<String> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILKEEP_SHARED").map_or(default, PathBuf::from);
    let (mut paths, mut events) = (Vec::new(), Vec::<Value>::new());
    files(&shared.join("data/cloudtrail"), ".json.gz", &mut paths);
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
    events.iter().map(Value::to_string).cycle().take(MESSAGES).collect()
}

/// The `i`th of many patterns, no two alike.
fn pattern(i: usize) -> String {
    let calls = ["Create", "Delete", "Put", "Update", "Attach", "Detach"];
    let names: Vec<String> = calls.iter().map(|verb| format!("($.eventName = {verb}Thing{i})")).collect();
    match i % 6 {
        0 => format!("{{ {} || ($.eventName = StopLogging) }}", names.join(" || ")),
        1 => format!("{{ ($.eventSource = service{i}.amazonaws.com) && ({}) }}", names.join(" || ")),
        2 => format!(
            "{{ ($.errorCode = \"*Unauthorized{i}\") || ($.errorCode = \"AccessDenied{i}*\") && ($.eventName != HeadBucket) }}"
        ),
        3 => format!(
            "{{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventName != \"Call{i}\" }}"
        ),
        4 => format!("{{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != \"Yes{i}\") }}"),
        _ => format!("\"Marker{i}\" -\"health check\""),
    }
}

fn bench(criterion: &mut Criterion) {
    let messages = messages();
    let bytes = messages.iter().map(String::len).sum::<usize>();
    let mut group = criterion.benchmark_group("filter patterns");
    group.throughput(Throughput::Elements(messages.len() as u64)).sample_size(10);
    println!("{} messages of {} bytes on average", messages.len(), bytes / messages.len());
    for count in [1, 10, 100, 500] {
        let patterns: Vec<FilterPattern> =
            (0..count).map(|i| FilterPattern::parse(&pattern(i)).unwrap()).collect();
        let set = FilterSet::new(&patterns);
        let mut matcher = set.matcher();
        group.bench_with_input(BenchmarkId::new("set", count), &count, |b, _| {
            b.iter(|| {
                messages.iter().map(|message| black_box(matcher.matches(message)).len()).sum::<usize>()
            });
        });
        group.bench_with_input(BenchmarkId::new("loop", count), &count, |b, _| {
            let one = |message: &String| patterns.iter().filter(|pattern| pattern.matches(message)).count();
            b.iter(|| messages.iter().map(|message| black_box(one(message))).sum::<usize>());
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
