//! The SQLite file: one writer connection, a few readers, the schema.
//!
//! * WAL: readers see the last committed state and never wait for a writer.
//! * One writer connection per process; between processes SQLite's own lock decides. Each write
//!   transaction is `BEGIN IMMEDIATE`, so what it reads before it writes cannot change under it,
//!   and a waiting writer waits at the start, where nothing is lost.
//! * `synchronous = FULL` on the writer: a commit that returned survives a power cut. A process
//!   killed in the middle leaves a WAL without a commit record, which the next reader ignores.
//! * Schema steps run under a file lock, as switching to WAL and SQLite's own migration table
//!   know no waiting.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{SqlSafeStr, Sqlite, Transaction};

use crate::StateError;

/// How long a writer waits for another before it gives up.
const PATIENCE: Duration = Duration::from_secs(60);
const READERS: u32 = 4;

/// The schema, step by step. A step that was released is never edited; append the next.
const STEPS: &[(i64, &str, &str)] = &[
    (1, "state", include_str!("../migrations/0001_state.sql")),
    (2, "assessments", include_str!("../migrations/0002_assessments.sql")),
    (3, "incidents", include_str!("../migrations/0003_incidents.sql")),
    (4, "alarms", include_str!("../migrations/0004_alarms.sql")),
    (5, "responses", include_str!("../migrations/0005_responses.sql")),
    (6, "inbox", include_str!("../migrations/0006_inbox.sql")),
];

#[derive(Debug)]
pub(crate) struct Db {
    path: PathBuf,
    writer: SqlitePool,
    reader: SqlitePool,
}

impl Db {
    pub(crate) async fn open(path: &Path) -> Result<Self, StateError> {
        prepare_file(path).map_err(|source| StateError::Open { path: path.to_owned(), source })?;
        let lock = lock_schema(path).await?;
        let writer = pool(path, 1, |options| {
            options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
        })
        .await?;
        migrate(path, &writer).await?;
        drop(lock);
        // Not `read_only`: such a connection could not create the shared-memory file of the WAL.
        let reader = pool(path, READERS, |options| options.pragma("query_only", "ON")).await?;
        Ok(Self { path: path.to_owned(), writer, reader })
    }

    /// Where reads go. Each statement sees the last commit.
    pub(crate) fn read(&self) -> &SqlitePool {
        &self.reader
    }

    /// Starts a write transaction. Dropped without a commit, it changes nothing.
    pub(crate) async fn write(&self, what: &'static str) -> Result<Transaction<'static, Sqlite>, StateError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.at(self, what)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// Says what was being done when the database failed.
pub(crate) trait At<T> {
    fn at(self, db: &Db, what: &'static str) -> Result<T, StateError>;
}

impl<T> At<T> for sqlx::Result<T> {
    fn at(self, db: &Db, what: &'static str) -> Result<T, StateError> {
        self.map_err(|error| StateError::from_sqlx(&db.path, PATIENCE.as_secs(), what, error))
    }
}

async fn pool(
    path: &Path,
    connections: u32,
    set: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
) -> Result<SqlitePool, StateError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .statement_cache_capacity(200);
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(set(options))
        .await
        .map_err(|error| StateError::from_sqlx(path, PATIENCE.as_secs(), "open", error))
}

async fn migrate(path: &Path, writer: &SqlitePool) -> Result<(), StateError> {
    let steps = STEPS.iter().map(|&(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let known = STEPS.last().map_or(0, |step| step.0);
    Migrator::with_migrations(steps.collect())
        .run(writer)
        .await
        .map_err(|error| StateError::from_migrate(path, PATIENCE.as_secs(), known, error))
}

/// Makes the folder, and the file with permissions for its owner only: it holds password hashes.
/// SQLite gives the WAL the same permissions as the file.
fn prepare_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    private_file(path).map(drop)
}

fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Waits for the lock beside the database. The operating system frees it when its holder dies.
async fn lock_schema(path: &Path) -> Result<File, StateError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let open = |source| StateError::Open { path: name.clone(), source };
    let file = private_file(&name).map_err(open)?;
    let start = tokio::time::Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(open(source)),
            Err(TryLockError::WouldBlock) if start.elapsed() > PATIENCE => {
                let path = path.to_owned();
                return Err(StateError::Locked { what: "open", path, waited: PATIENCE.as_secs() });
            }
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[tokio::test]
    async fn a_database_of_a_newer_program_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let db = Db::open(&path).await.unwrap();
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (99, 'later', true, x'00', 0)",
        )
        .execute(&db.writer)
        .await
        .unwrap();
        db.close().await;
        let error = Db::open(&path).await.unwrap_err();
        let newest = STEPS.last().unwrap().0;
        assert!(matches!(error, StateError::Newer { found: 99, known, .. } if known == newest), "{error}");
        assert!(error.to_string().contains("use the newer trailkeep"));
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_said_to_be_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        std::fs::write(&path, "this is not a database, and long enough to be looked at".repeat(100)).unwrap();
        let error = Db::open(&path).await.unwrap_err();
        assert!(matches!(error, StateError::Damaged { .. }), "{error}");
        assert_eq!(error.kind(), ErrorKind::Storage);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let blocker = folder.path().join("file");
        std::fs::write(&blocker, "").unwrap();
        let error = Db::open(&blocker.join("state.db")).await.unwrap_err();
        assert!(matches!(&error, StateError::Open { .. }), "{error}");
        assert!(error.to_string().contains("state.db"), "{error}");
    }

    #[tokio::test]
    async fn a_lock_held_too_long_is_called_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let db = Db::open(&path).await.unwrap();
        let _held = db.write("hold").await.unwrap();
        let options = SqliteConnectOptions::new().filename(&path).busy_timeout(Duration::from_millis(10));
        let other = SqlitePoolOptions::new().connect_with(options).await.unwrap();
        let error = other.begin_with("BEGIN IMMEDIATE").await.at(&db, "store findings").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
        assert!(error.to_string().contains("was locked for more than 60 s"), "{error}");
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("state.db")).await.unwrap();
        let written = sqlx::query("INSERT INTO meta VALUES ('a', 'b')").execute(db.read()).await;
        assert!(matches!(written.at(&db, "try"), Err(StateError::ReadOnly { .. })));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let _db = Db::open(&path).await.unwrap();
        for name in ["state.db", "state.db-wal", "state.db-shm"] {
            let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name} has mode {mode:o}");
        }
    }
}
