//! The rows do not depend on how often, in which order and in which batches findings arrive.

use proptest::prelude::*;
use trailkeep_detect::{Evidence, Finding, Level};
use trailkeep_state::{FindingFilter, FindingRow, Route, State};

use crate::fixtures::{at, finding};

fn some_finding() -> impl Strategy<Value = Finding> {
    let also = prop::collection::vec(0..80_u32, 0..3);
    (0..3_u32, 0..80_u32, 0..Level::ALL.len(), also).prop_map(|(group, event, level, mut also)| {
        // A correlation names its last event; the ones before it are the others.
        also.retain(|other| *other < event);
        finding(group, event, Level::ALL[level], &also)
    })
}

/// The same findings twice over, shuffled and cut into batches.
fn histories() -> impl Strategy<Value = (Vec<Finding>, Vec<Vec<Finding>>)> {
    prop::collection::vec(some_finding(), 1..12).prop_flat_map(|findings| {
        let twice: Vec<_> = findings.iter().chain(&findings).cloned().collect();
        let shuffled = Just(twice).prop_shuffle();
        (Just(findings), shuffled, 1..6_usize)
            .prop_map(|(findings, all, size)| (findings, all.chunks(size).map(<[_]>::to_vec).collect()))
    })
}

/// All there is, without the times at which it was written.
async fn contents(state: &State) -> Vec<(FindingRow, Vec<Evidence>)> {
    let mut rows = state.findings().list(&FindingFilter::default(), 1000, None).await.unwrap().rows;
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let mut all = Vec::new();
    for row in rows {
        let detail = state.findings().get(&row.id, 1000).await.unwrap().unwrap();
        let row = FindingRow { created_at: at(0), updated_at: at(0), ..detail.row };
        assert_eq!(row.count, detail.evidence.len() as u64);
        all.push((row, detail.evidence));
    }
    all
}

async fn check(findings: &[Finding], batches: &[Vec<Finding>]) {
    let folder = tempfile::tempdir().unwrap();
    let once = State::open(folder.path().join("once.db")).await.unwrap();
    let often = State::open(folder.path().join("often.db")).await.unwrap();
    let routes = [Route::channel("chat", Level::Medium)];
    once.findings().upsert(findings, &routes, at(0)).await.unwrap();
    let mut new = 0;
    for (number, batch) in batches.iter().enumerate() {
        new += often.findings().upsert(batch, &routes, at(number as i64)).await.unwrap().new.len();
    }
    let expected = contents(&once).await;
    assert_eq!(contents(&often).await, expected);
    assert_eq!(new, expected.len(), "each row is new once");
    let keys = async |state: &State| {
        let mut keys: Vec<_> =
            state.outbox().list(None, 1000).await.unwrap().into_iter().map(|it| it.key).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&often).await, keys(&once).await);
    let grave = expected.iter().filter(|(row, _)| row.level >= Level::Medium).count();
    assert_eq!(keys(&once).await.len(), grave);

    let before = contents(&often).await;
    for batch in batches {
        let again = often.findings().upsert(batch, &routes, at(1000)).await.unwrap();
        assert!(again.new.is_empty() && again.changed.is_empty());
    }
    assert_eq!(contents(&often).await, before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_order_any_batches_any_repetition_give_the_same_rows((findings, batches) in histories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(&findings, &batches));
    }
}
