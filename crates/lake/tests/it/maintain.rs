//! Compaction, retention and vacuum change no query's answer but the one they are meant to.

use std::time::Duration;

use chrono::DateTime;
use trailkeep_lake::{Appender, MaintainOptions, Retention};

use crate::support::{DAY, append, batch, counts, each_once, range, table};

fn options(day: i64) -> MaintainOptions {
    MaintainOptions::at(DateTime::from_timestamp_micros(day * DAY).unwrap())
}

#[tokio::test]
async fn small_files_become_one_and_events_stay_once() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path()).await;
    let appender = Appender::new(table.clone()).await;
    for n in 0..8 {
        append(&appender, range(n * 10, n * 10 + 10)).await;
    }
    let done = table.maintain(&options(11)).await.unwrap();
    assert_eq!((done.files_before, done.files_after), (8, 1));
    each_once(&counts(&table).await, 80);
    assert_eq!(append(&appender, range(0, 90)).await, 10, "known events are found in the merged file");
    each_once(&counts(&table).await, 90);
}

#[tokio::test]
async fn a_writer_that_was_checked_before_a_compaction_commits_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (table(folder.path()).await, table(folder.path()).await);
    let appender = Appender::new(ours.clone()).await;
    append(&appender, range(0, 10)).await;
    append(&appender, range(10, 20)).await;
    let mut writer = appender.writer();
    let fresh = writer.fresh(range(15, 30)).await.unwrap();
    writer.write(fresh.batch).await.unwrap();
    theirs.maintain(&options(11)).await.unwrap();
    assert_eq!(writer.commit().await.unwrap().rows, 10);
    each_once(&counts(&ours).await, 30);
}

#[tokio::test]
async fn retention_drops_whole_days_and_only_those() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path()).await;
    let appender = Appender::new(table.clone()).await;
    append(&appender, batch((0..10).map(|n| (n, i64::try_from(n).unwrap() * DAY)))).await;
    let mut options = options(10);
    options.retention = Retention::Days(3);
    options.dry_run = true;
    let said = table.maintain(&options).await.unwrap();
    assert_eq!((said.days_dropped, said.rows_dropped), (7, 7));
    assert_eq!(counts(&table).await.len(), 10, "a dry run changes nothing");
    options.dry_run = false;
    table.maintain(&options).await.unwrap();
    assert_eq!(counts(&table).await.len(), 3);
}

#[tokio::test]
async fn vacuum_spares_what_is_young_whatever_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path()).await;
    let appender = Appender::new(table.clone()).await;
    append(&appender, range(0, 10)).await;
    append(&appender, range(10, 20)).await;
    let mut options = options(11);
    options.vacuum_after = Some(Duration::ZERO);
    let done = table.maintain(&options).await.unwrap();
    assert_eq!(done.files_vacuumed, 0, "an hour is the floor: somebody may still read them");
    each_once(&counts(&table).await, 20);
}
