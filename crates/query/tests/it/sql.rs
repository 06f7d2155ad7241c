//! Golden files of SQL: `tests/sql/*.sql` hold queries and what they answer.
//!
//! A case is `### name`, the query, `----`, the answer. `BLESS=1 cargo test`
//! writes the answers; read the difference before committing it.

use std::fmt::Write as _;
use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use trailkeep_query::Engine;
use trailkeep_query::output::value::to_json;

use crate::estate;

struct Case {
    name: String,
    sql: String,
    answer: String,
}

fn parse(text: &str) -> (String, Vec<Case>) {
    let mut parts = text.split("\n### ");
    let head = parts.next().unwrap_or_default().to_string();
    let cases = parts.map(|part| {
        let (name, rest) = part.split_once('\n').unwrap();
        let (sql, answer) = rest.split_once("\n----").unwrap_or((rest, ""));
        Case { name: name.trim().to_string(), sql: sql.trim().to_string(), answer: answer.trim().to_string() }
    });
    (head, cases.collect())
}

/// The answer as the files have it: a header, then a line per row.
async fn answer(engine: &Engine, sql: &str) -> String {
    let result = match engine.sql(sql, Some(50)).await {
        Ok(result) => result,
        Err(e) => return format!("{}: {e}", e.code()),
    };
    let names: Vec<&str> = result.schema.fields().iter().map(|f| f.name().as_str()).collect();
    let mut text = names.join(" | ");
    for batch in &result.batches {
        assert_eq!(batch.schema(), result.schema, "{sql}");
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = batch
                .columns()
                .iter()
                .map(|c| match to_json(c.as_ref(), row) {
                    serde_json::Value::String(s) => s.escape_debug().to_string(),
                    other => other.to_string(),
                })
                .collect();
            write!(text, "\n{}", cells.join(" | ")).unwrap();
        }
    }
    if result.truncated {
        text.push_str("\n…");
    }
    text
}

async fn run(path: &Path, engine: &Engine) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let (head, cases) = parse(&text);
    assert!(!cases.is_empty(), "{} has no cases", path.display());
    let bless = std::env::var_os("BLESS").is_some();
    let (mut failures, mut blessed) = (Vec::new(), head.trim_end().to_string());
    for case in cases {
        let got = answer(engine, &case.sql).await;
        if got != case.answer && !bless {
            failures.push(format!(
                "{} · {}\n{}\nexpected:\n{}\ngot:\n{got}\n",
                path.file_name().unwrap().to_string_lossy(),
                case.name,
                case.sql,
                case.answer
            ));
        }
        write!(blessed, "\n\n### {}\n{}\n----\n{got}", case.name, case.sql).unwrap();
    }
    if bless {
        std::fs::write(path, format!("{blessed}\n")).unwrap();
    }
    failures
}

/// Runs all files; the engines hold the logs from 2024-03-01 on, and from five
/// days ago on.
pub(crate) async fn differences(fixed: &Engine, recent: &Engine) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut failures = Vec::new();
    for path in paths {
        let is_recent = path.file_name().unwrap().to_string_lossy().starts_with("recent");
        failures.extend(run(&path, if is_recent { recent } else { fixed }).await);
    }
    failures
}

/// The first day of the logs in `recent.sql`.
pub(crate) fn recently() -> DateTime<Utc> {
    Utc::now() - Duration::days(5)
}

#[tokio::test]
async fn golden_queries_answer_as_written() {
    let fixed = estate::fixed().await;
    let recent = estate::estate(&estate::logs(recently())).await;
    let failures = differences(&fixed.engine, &recent.engine).await;
    assert!(failures.is_empty(), "{} case(s) differ:\n\n{}", failures.len(), failures.join("\n"));
}
