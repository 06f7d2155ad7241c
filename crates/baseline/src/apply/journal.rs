//! The journal of a run: one JSON document a line, each on disk before what comes next is done.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{StepResult, Undone};
use crate::plan::Plan;

/// The id of a run: when it began, and a few digits to tell runs of one second apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file cannot be written or read.
    #[error("the journal {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is none of a journal's.
    #[error("the journal {path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Its number, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// No run has this id.
    #[error("there is no run {id} in {folder}; `trailkeep apply --undo` lists them")]
    NoSuchRun {
        /// As it was given.
        id: String,
        /// Where it was looked for.
        folder: PathBuf,
    },
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    id: RunId,
    path: PathBuf,
    file: File,
}

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub(super) enum Entry {
    /// The first line.
    Run { id: RunId, at: DateTime<Utc>, plan: Plan },
    /// A call is about to be made.
    Before {
        step: String,
        call: usize,
        account: String,
        region: String,
        operation: String,
        /// References filled in.
        input: Value,
        /// What was there; null where there was nothing.
        former: Value,
    },
    /// A call was answered.
    After {
        step: String,
        call: usize,
        /// Its output, if it succeeded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Value>,
        /// Why it failed, if AWS said that it did nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    /// What the call would make was there.
    There {
        step: String,
        call: usize,
        /// What was read.
        state: Value,
    },
    /// A step has ended.
    Step { at: DateTime<Utc>, result: StepResult },
    /// Something was taken back or kept.
    Undone { at: DateTime<Utc>, undone: Undone },
}

/// A run, for a list.
#[derive(Clone, Debug, Serialize)]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
    /// When it began.
    pub at: DateTime<Utc>,
    /// The accounts that it was about.
    pub accounts: Vec<String>,
    /// Steps of its plan.
    pub steps: usize,
    /// Calls that it made.
    pub calls: usize,
    /// It was taken back, as far as that goes.
    pub undone: bool,
}

impl RunId {
    /// A new one.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        let random = uuid::Uuid::new_v4().simple().to_string();
        Self(format!("{}-{}", now.format("%Y%m%dT%H%M%SZ"), random.get(..6).unwrap_or(&random)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Journal {
    /// Begins the journal of a new run in this folder, which is made where it is not there. A journal
    /// tells how an estate is guarded: only its owner may read it.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn begin(folder: &Path, plan: &Plan, now: DateTime<Utc>) -> Result<Self, JournalError> {
        let id = RunId::new(now);
        let path = folder.join(format!("{id}.json"));
        let io = |source| JournalError::Io { path: path.clone(), source };
        fs::create_dir_all(folder).map_err(io)?;
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path).map_err(io)?;
        // The name of the file must outlive a crash too.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
        let mut journal = Self { id: id.clone(), path, file };
        journal.write(&Entry::Run { id, at: now, plan: plan.clone() })?;
        Ok(journal)
    }

    /// Goes on with the journal of a run, to take it back.
    ///
    /// # Errors
    /// [`JournalError`] where there is no such run, or its journal cannot be read.
    pub(super) fn resume(folder: &Path, id: &str) -> Result<(Self, Vec<Entry>), JournalError> {
        let missing = || JournalError::NoSuchRun { id: id.to_owned(), folder: folder.to_owned() };
        // What is typed becomes a file name.
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(missing());
        }
        let path = folder.join(format!("{id}.json"));
        if !path.is_file() {
            return Err(missing());
        }
        let entries = read(&path)?;
        let io = |source| JournalError::Io { path: path.clone(), source };
        let mut file = OpenOptions::new().append(true).open(&path).map_err(io)?;
        // A line that a crash cut off must not run into the next.
        if !ends_with_newline(&path).map_err(io)? {
            file.write_all(b"\n").map_err(io)?;
        }
        Ok((Self { id: RunId(id.to_owned()), path, file }, entries))
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line; it is on disk when this returns.
    pub(super) fn write(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let io = |source| JournalError::Io { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(entry).map_err(|error| io(error.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(io)?;
        self.file.sync_data().map_err(io)
    }
}

fn ends_with_newline(path: &Path) -> io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};

    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// All lines. One that a crash cut off was never acted upon: whatever came after it waits for it.
fn read(path: &Path) -> Result<Vec<Entry>, JournalError> {
    let io = |source| JournalError::Io { path: path.to_owned(), source };
    let lines: Vec<Vec<u8>> =
        BufReader::new(File::open(path).map_err(io)?).split(b'\n').collect::<Result<_, _>>().map_err(io)?;
    let mut entries = Vec::new();
    let mut cut = None;
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(entry) => entries.push(entry),
            // Lines that were cut off by a crash have an end, once an undo went on behind them.
            Err(error) if error.is_eof() => {}
            Err(error) => {
                cut.get_or_insert(JournalError::Line {
                    path: path.to_owned(),
                    line: index + 1,
                    reason: error.to_string(),
                });
            }
        }
    }
    match cut {
        Some(error) => Err(error),
        None => Ok(entries),
    }
}

/// The runs that have a journal in this folder, the latest first; none where there is no folder.
///
/// # Errors
/// [`JournalError`] where a journal cannot be read.
pub fn runs(folder: &Path) -> Result<Vec<RunSummary>, JournalError> {
    let io = |source| JournalError::Io { path: folder.to_owned(), source };
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut runs = Vec::new();
    for file in fs::read_dir(folder).map_err(io)? {
        let path = file.map_err(io)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            runs.extend(summary(&read(&path)?));
        }
    }
    runs.sort_by(|a, b| b.id.cmp(&a.id));
    Ok(runs)
}

fn summary(entries: &[Entry]) -> Option<RunSummary> {
    let Some(Entry::Run { id, at, plan }) = entries.first() else { return None };
    let mut accounts: Vec<String> = plan.steps.iter().map(|step| step.account.clone()).collect();
    accounts.sort();
    accounts.dedup();
    let made = |entry: &&Entry| matches!(entry, Entry::After { output: Some(_), .. });
    Some(RunSummary {
        id: id.clone(),
        at: *at,
        accounts,
        steps: plan.steps.len(),
        calls: entries.iter().filter(made).count(),
        undone: entries.iter().any(|entry| matches!(entry, Entry::Undone { .. })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_a_cut_line_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("apply");
        assert!(runs(&folder).unwrap().is_empty());
        let now = DateTime::UNIX_EPOCH;
        let mut journal = Journal::begin(&folder, &Plan::default(), now).unwrap();
        let after = Entry::After { step: "s".to_owned(), call: 0, output: Some(Value::Null), refused: None };
        journal.write(&after).unwrap();
        let (id, path) = (journal.id().to_string(), journal.path().to_owned());
        drop(journal);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 5]).unwrap();
        let (mut journal, entries) = Journal::resume(&folder, &id).unwrap();
        assert_eq!(entries.len(), 1, "the run, and not the line that was cut off");
        journal.write(&after).unwrap();
        let (_, entries) = Journal::resume(&folder, &id).unwrap();
        assert_eq!(entries.len(), 2, "what was written behind the cut line counts");
        let listed = runs(&folder).unwrap();
        assert_eq!((listed.len(), listed[0].id.as_str()), (1, id.as_str()));
    }

    #[test]
    fn no_other_file_is_a_run() {
        let folder = tempfile::tempdir().unwrap();
        for id in ["", "none", "../secret", "a/b", "x.json"] {
            let error = Journal::resume(folder.path(), id).unwrap_err();
            assert!(matches!(error, JournalError::NoSuchRun { .. }), "{error}");
        }
    }
}
