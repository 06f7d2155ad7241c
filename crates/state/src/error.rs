//! What can go wrong with the state, in words that say what, where, and what to do next.

use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateError;

/// An error of the state database or of a request to it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Another process, or another task of this one, held the write lock for too long.
    #[error(
        "cannot {what}: the state database {} was locked for more than {waited} s; see which trailkeep \
         processes use this data directory, and try again", .path.display()
    )]
    Locked {
        /// What was to be done.
        what: &'static str,
        /// The database file.
        path: PathBuf,
        /// How long it was waited for, in seconds.
        waited: u64,
    },
    /// The database was written by a later version of the program.
    #[error(
        "the state database {} has schema version {found}, and this program knows versions up to {known}; \
         use the newer trailkeep that wrote it, or another data directory", .path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The version found.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A schema step differs from the one this program would have applied.
    #[error(
        "schema step {version} of the state database {} is not the one of this program; use the trailkeep \
         that wrote it, or another data directory", .path.display()
    )]
    Foreign {
        /// The database file.
        path: PathBuf,
        /// The schema step.
        version: i64,
    },
    /// The disk or quota is full.
    #[error("cannot {what}: no space left for {}; free some disk space and try again", .path.display())]
    Full {
        /// What was to be done.
        what: &'static str,
        /// The database file.
        path: PathBuf,
    },
    /// The file or its folder cannot be written.
    #[error(
        "cannot {what}: {} cannot be written; give this user write permission on the file and its folder",
        .path.display()
    )]
    ReadOnly {
        /// What was to be done.
        what: &'static str,
        /// The database file.
        path: PathBuf,
    },
    /// The file is not a sound SQLite database.
    #[error(
        "cannot {what}: {} is damaged or not a SQLite database; restore it from a backup, or move it away and \
         ingest again: the events are in the lake", .path.display()
    )]
    Damaged {
        /// What was to be done.
        what: &'static str,
        /// The database file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: sqlx::Error,
    },
    /// The file or its folder could not be opened or created.
    #[error("cannot open the state database {}: {source}; check the data directory and its permissions", .path.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// There is no such thing.
    #[error("there is no {kind} '{id}'")]
    NotFound {
        /// What kind of thing: `finding`, `user`, …
        kind: &'static str,
        /// Its id or name.
        id: String,
    },
    /// There is such a thing already.
    #[error("there is a {kind} '{id}' already; choose another name")]
    Exists {
        /// What kind of thing.
        kind: &'static str,
        /// Its name.
        id: String,
    },
    /// A value that the caller gave is not acceptable.
    #[error("{what} is not valid: {why}")]
    Invalid {
        /// Which value.
        what: &'static str,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The request makes sense, and doing it would do harm.
    #[error("refused: {why}")]
    Refused {
        /// Why, and what to do instead.
        why: &'static str,
    },
    /// Anything else that the database says.
    #[error("cannot {what} in {}: {source}", .path.display())]
    Database {
        /// What was to be done.
        what: &'static str,
        /// The database file.
        path: PathBuf,
        /// What SQLite or sqlx says.
        #[source]
        source: sqlx::Error,
    },
    /// A helper of this process failed: hashing a password, encoding a value.
    #[error("cannot {what}: {why}")]
    Internal {
        /// What was to be done.
        what: &'static str,
        /// Why not.
        why: String,
    },
}

/// The few kinds of error that a caller treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Try again later.
    Busy,
    /// No such thing.
    NotFound,
    /// The caller's value is wrong.
    Invalid,
    /// It contradicts what is there.
    Conflict,
    /// The store is at fault.
    Storage,
}

impl StateError {
    /// The kind, for an exit status or an HTTP status.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Locked { .. } => ErrorKind::Busy,
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::Exists { .. } | Self::Refused { .. } => ErrorKind::Conflict,
            _ => ErrorKind::Storage,
        }
    }

    pub(crate) fn not_found(kind: &'static str, id: impl ToString) -> Self {
        Self::NotFound { kind, id: id.to_string() }
    }

    pub(crate) fn invalid(what: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { what, why: why.into() }
    }

    /// Sorts an error of sqlx by what the user can do about it.
    pub(crate) fn from_sqlx(path: &Path, waited: u64, what: &'static str, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        if matches!(source, sqlx::Error::PoolTimedOut) {
            return Self::Locked { what, path, waited };
        }
        // The low byte of SQLite's extended result code is the primary one.
        match sqlite_code(&source).map(|code| code & 0xff) {
            Some(5 | 6) => Self::Locked { what, path, waited },
            Some(8 | 14) => Self::ReadOnly { what, path },
            Some(11 | 26) => Self::Damaged { what, path, source },
            Some(13) => Self::Full { what, path },
            _ => Self::Database { what, path, source },
        }
    }

    pub(crate) fn from_migrate(path: &Path, waited: u64, known: i64, error: MigrateError) -> Self {
        const WHAT: &str = "prepare the schema";
        let path_buf = path.to_owned();
        match error {
            MigrateError::VersionMissing(found) => Self::Newer { path: path_buf, found, known },
            MigrateError::VersionMismatch(version) => Self::Foreign { path: path_buf, version },
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
                Self::from_sqlx(path, waited, WHAT, source)
            }
            other => Self::Database { what: WHAT, path: path_buf, source: other.into() },
        }
    }
}

fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}
