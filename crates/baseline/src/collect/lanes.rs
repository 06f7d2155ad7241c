//! Which call goes next: many at a time, but no more a second to one service in one Region of one
//! account than AWS lets through.
//!
//! A lane is one service in one Region of one account, which is what AWS's throttles count by.
//! Each has a bucket of tokens that fills with time, and a bound on calls under way. Lanes take
//! turns, so that an account with thousands of buckets does not hold up the others.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

/// What a lane lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// Calls a second, over a while.
    pub(crate) per_second: f64,
    /// Calls at once after a pause.
    pub(crate) burst: f64,
    /// Calls under way.
    pub(crate) at_once: usize,
}

/// What to do next.
#[derive(Debug, PartialEq)]
pub(crate) enum Next<L, T> {
    /// This, in this lane.
    Go(L, T),
    /// Nothing before then, unless a call ends.
    At(Instant),
    /// Nothing before a call ends.
    AfterACall,
    /// Nothing is left.
    Nothing,
}

/// Calls that wait, by lane.
#[derive(Debug)]
pub(crate) struct Lanes<L, T> {
    lanes: HashMap<L, Lane<T>>,
    /// Lanes that have calls waiting and may go, in turn.
    ready: VecDeque<L>,
    /// Lanes whose bucket is empty, by when it has a token again.
    resting: BTreeMap<(Instant, u64), L>,
    /// Tells lanes apart that rest until the same moment.
    rests: u64,
    waiting: usize,
}

#[derive(Debug)]
struct Lane<T> {
    limits: Limits,
    queue: VecDeque<T>,
    under_way: usize,
    tokens: f64,
    filled: Instant,
    /// It is in `ready` or `resting`.
    listed: bool,
}

impl<T> Lane<T> {
    /// Fills the bucket for the time that went by, and says how long until a token is there.
    fn until_token(&mut self, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = self.limits.burst.min(self.tokens + passed * self.limits.per_second);
        self.filled = now;
        // Sums of fractions do not always reach one.
        let missing = 1.0 - self.tokens;
        if missing <= 1e-6 {
            Duration::ZERO
        } else {
            Duration::from_secs_f64(missing / self.limits.per_second)
        }
    }
}

impl<L, T> Lanes<L, T>
where
    L: Clone + Eq + std::hash::Hash,
{
    pub(crate) fn new() -> Self {
        Self { lanes: HashMap::new(), ready: VecDeque::new(), resting: BTreeMap::new(), rests: 0, waiting: 0 }
    }

    /// Puts a call at the end of its lane.
    pub(crate) fn push(&mut self, name: L, limits: Limits, call: T, now: Instant) {
        let lane = self.lanes.entry(name.clone()).or_insert_with(|| Lane {
            limits,
            queue: VecDeque::new(),
            under_way: 0,
            tokens: limits.burst,
            filled: now,
            listed: false,
        });
        lane.queue.push_back(call);
        self.waiting += 1;
        if !lane.listed && lane.under_way < lane.limits.at_once {
            lane.listed = true;
            self.ready.push_back(name);
        }
    }

    /// A call of the lane has ended.
    pub(crate) fn done(&mut self, name: &L) {
        let Some(lane) = self.lanes.get_mut(name) else { return };
        lane.under_way = lane.under_way.saturating_sub(1);
        if !lane.listed && !lane.queue.is_empty() {
            lane.listed = true;
            self.ready.push_back(name.clone());
        }
    }

    /// The next call, if one may go now.
    pub(crate) fn next(&mut self, now: Instant) -> Next<L, T> {
        while self.resting.first_key_value().is_some_and(|((until, _), _)| *until <= now) {
            let woken = self.resting.pop_first();
            self.ready.extend(woken.map(|(_, name)| name));
        }
        while let Some(name) = self.ready.pop_front() {
            let Some(lane) = self.lanes.get_mut(&name) else { continue };
            let wait = lane.until_token(now);
            if !wait.is_zero() {
                self.rests += 1;
                self.resting.insert((now + wait, self.rests), name);
                continue;
            }
            lane.listed = false;
            let Some(call) = lane.queue.pop_front() else { continue };
            lane.tokens -= 1.0;
            lane.under_way += 1;
            self.waiting -= 1;
            if !lane.queue.is_empty() && lane.under_way < lane.limits.at_once {
                lane.listed = true;
                self.ready.push_back(name.clone());
            }
            return Next::Go(name, call);
        }
        match self.resting.first_key_value() {
            Some(((until, _), _)) => Next::At(*until),
            None if self.waiting > 0 => Next::AfterACall,
            None => Next::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Limits = Limits { per_second: 10.0, burst: 2.0, at_once: 3 };

    fn lanes(calls: &[(&'static str, u32)]) -> (Lanes<&'static str, u32>, Instant) {
        let (mut lanes, now) = (Lanes::new(), Instant::now());
        for (lane, call) in calls {
            lanes.push(*lane, SLOW, *call, now);
        }
        (lanes, now)
    }

    #[test]
    fn lanes_take_turns() {
        let (mut lanes, now) = lanes(&[("a", 1), ("a", 2), ("b", 3), ("b", 4)]);
        let order: Vec<_> = std::iter::from_fn(|| match lanes.next(now) {
            Next::Go(lane, call) => Some((lane, call)),
            _ => None,
        })
        .collect();
        assert_eq!(order, [("a", 1), ("b", 3), ("a", 2), ("b", 4)]);
        assert_eq!(lanes.next(now), Next::Nothing);
    }

    #[test]
    fn an_empty_bucket_rests_until_a_token_is_there() {
        let (mut lanes, now) = lanes(&[("a", 1), ("a", 2), ("a", 3)]);
        assert_eq!(lanes.next(now), Next::Go("a", 1));
        assert_eq!(lanes.next(now), Next::Go("a", 2));
        let Next::At(until) = lanes.next(now) else { panic!("no rest") };
        assert_eq!(until - now, Duration::from_millis(100));
        assert_eq!(lanes.next(until), Next::Go("a", 3));
    }

    #[test]
    fn no_more_than_so_many_are_under_way() {
        let (mut lanes, mut now) = lanes(&[("a", 1), ("a", 2), ("a", 3), ("a", 4)]);
        for call in 1..=3 {
            now += Duration::from_secs(1);
            assert_eq!(lanes.next(now), Next::Go("a", call));
        }
        now += Duration::from_secs(1);
        assert_eq!(lanes.next(now), Next::AfterACall);
        lanes.done(&"a");
        assert_eq!(lanes.next(now), Next::Go("a", 4));
        lanes.done(&"a");
        assert_eq!(lanes.next(now), Next::Nothing);
    }

    #[test]
    fn a_long_run_keeps_to_the_rate_and_loses_nothing() {
        let (mut lanes, began) = (Lanes::new(), Instant::now());
        for call in 0..1_000u32 {
            lanes.push(call % 4, SLOW, call, began);
        }
        let (mut now, mut seen) = (began, Vec::new());
        loop {
            match lanes.next(now) {
                Next::Go(lane, call) => {
                    seen.push(call);
                    lanes.done(&lane);
                }
                Next::At(until) => now = until,
                Next::AfterACall => panic!("all calls have ended"),
                Next::Nothing => break,
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..1_000).collect::<Vec<_>>());
        // 250 calls a lane, 2 at once, then 10 a second.
        let seconds = (now - began).as_secs_f64();
        assert!((24.7..=24.9).contains(&seconds), "{seconds}");
    }
}
