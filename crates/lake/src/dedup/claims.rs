//! The rows that this process has in flight: read, not yet committed.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use parking_lot::Mutex;

use super::uid::Uid;

/// [`Uid::mixed`] is the hash already.
#[derive(Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[derive(PartialEq, Eq)]
struct Claim(Uid);

impl std::hash::Hash for Claim {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.mixed());
    }
}

type Set = HashSet<Claim, BuildHasherDefault<Ready>>;

const SHARDS: usize = 16;

/// The ids in flight. A claim is held from the moment its row is read until the commit that holds
/// the row is part of what later rows are checked against, so that there is no gap between.
pub(crate) struct Claims {
    shards: [Mutex<Set>; SHARDS],
}

impl Claims {
    pub(crate) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// True for the first to claim an id.
    pub(crate) fn claim(&self, id: Uid) -> bool {
        self.shard(id).lock().insert(Claim(id))
    }

    pub(crate) fn release(&self, ids: impl IntoIterator<Item = Uid>) {
        for id in ids {
            self.shard(id).lock().remove(&Claim(id));
        }
    }

    fn shard(&self, id: Uid) -> &Mutex<Set> {
        // The top bits: the sets use the low ones.
        &self.shards[(id.mixed() >> 60) as usize % SHARDS]
    }
}
