//! Every event once, whoever writes it how often.

use trailkeep_lake::Appender;

use crate::support::{DAY, append, batch, counts, each_once, range, table};

#[tokio::test]
async fn the_same_batch_twice_in_one_process_and_in_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let first = table(folder.path()).await;
    let appender = Appender::new(first.clone()).await;
    assert_eq!(append(&appender, range(0, 100)).await, 100);
    assert_eq!(append(&appender, range(0, 100)).await, 0);
    assert_eq!(append(&appender, range(50, 150)).await, 50);

    let second = table(folder.path()).await;
    let appender = Appender::new(second.clone()).await;
    assert_eq!(append(&appender, range(100, 200)).await, 50);
    each_once(&counts(&first).await, 200);
}

#[tokio::test]
async fn the_same_event_twice_within_a_batch() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path()).await;
    let appender = Appender::new(table.clone()).await;
    assert_eq!(append(&appender, batch([(1, DAY), (2, DAY), (1, DAY)])).await, 2);
    each_once(&counts(&table).await, 2);
}

#[tokio::test]
async fn the_same_event_in_two_threads_before_either_commits() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path()).await;
    let appender = Appender::new(table.clone()).await;
    let (mut one, mut two) = (appender.writer(), appender.writer());
    let fresh_one = one.fresh(range(0, 10)).await.unwrap();
    let fresh_two = two.fresh(range(5, 15)).await.unwrap();
    assert_eq!((fresh_one.duplicates, fresh_two.duplicates), (0, 5));
    one.write(fresh_one.batch).await.unwrap();
    two.write(fresh_two.batch).await.unwrap();
    assert_eq!(two.commit().await.unwrap().rows, 5);
    assert_eq!(one.commit().await.unwrap().rows, 10);
    each_once(&counts(&table).await, 15);
}

#[tokio::test]
async fn two_processes_that_both_checked_before_either_committed() {
    let folder = tempfile::tempdir().unwrap();
    // Two tables opened apart are two processes: they share nothing but the disk.
    let (first, second) = (table(folder.path()).await, table(folder.path()).await);
    let (a, b) = (Appender::new(first.clone()).await, Appender::new(second).await);
    let (mut one, mut two) = (a.writer(), b.writer());
    let fresh = one.fresh(range(0, 10)).await.unwrap();
    one.write(fresh.batch).await.unwrap();
    let fresh = two.fresh(range(5, 15)).await.unwrap();
    assert_eq!(fresh.duplicates, 0, "nobody has committed yet");
    two.write(fresh.batch).await.unwrap();
    assert_eq!(one.commit().await.unwrap().rows, 10);
    let late = two.commit().await.unwrap();
    assert_eq!((late.rows, late.duplicates), (5, 5));
    each_once(&counts(&first).await, 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_processes_at_the_same_time_on_the_same_events() {
    let folder = tempfile::tempdir().unwrap();
    let shared = table(folder.path()).await;
    let mut tasks = Vec::new();
    for start in 0..4u64 {
        let table = table(folder.path()).await;
        tasks.push(tokio::spawn(async move {
            let appender = Appender::new(table).await;
            let mut new = 0;
            for step in 0..6u64 {
                let from = ((start + step) % 6) * 40;
                new += append(&appender, range(from, from + 60)).await;
            }
            new
        }));
    }
    let mut new = 0;
    for task in tasks {
        new += task.await.unwrap();
    }
    assert_eq!(new, 260, "each event was new exactly once");
    each_once(&counts(&shared).await, 260);
}

#[tokio::test]
async fn a_writer_dropped_before_its_commit_leaves_nothing_and_blocks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path()).await;
    let appender = Appender::new(table.clone()).await;
    let mut lost = appender.writer();
    let fresh = lost.fresh(range(0, 10)).await.unwrap();
    lost.write(fresh.batch).await.unwrap();
    drop(lost);
    assert_eq!(counts(&table).await.len(), 0);
    assert_eq!(append(&appender, range(0, 10)).await, 10);
    each_once(&counts(&table).await, 10);
}

#[tokio::test]
async fn events_of_many_days_go_to_their_days() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path()).await;
    let appender = Appender::new(table.clone()).await;
    let days = |n: u64| (n, i64::try_from(n % 5).unwrap() * DAY + 7);
    assert_eq!(append(&appender, batch((0..50).map(days))).await, 50);
    assert_eq!(append(&appender, batch((25..75).map(days))).await, 25);
    let stats = table.stats().await;
    assert_eq!((stats.days, stats.rows), (5, 75));
    each_once(&counts(&table).await, 75);
}
