//! How long to wait before the next try.

use std::time::Duration;

use tokio::time::Instant;

use crate::RetryPolicy;

/// A host that refuses connections is not throttling: it is asked this often at most.
const MAX_CONNECT_ATTEMPTS: u32 = 3;

/// The tries made for one operation.
#[derive(Debug)]
pub(crate) struct Attempts {
    policy: RetryPolicy,
    began: Instant,
    made: u32,
    connects: u32,
}

impl Attempts {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self { policy, began: Instant::now(), made: 0, connects: 0 }
    }

    /// Tries made so far.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    pub(crate) fn begin(&mut self) {
        self.made += 1;
    }

    /// Something arrived: what fails from here on is a new trouble with its own tries.
    pub(crate) fn progressed(&mut self) {
        *self = Self::new(self.policy);
    }

    /// Waits before another try; false when there is to be none.
    pub(crate) async fn wait(&mut self) -> bool {
        let spent = self.made >= self.policy.max_attempts || self.began.elapsed() >= self.policy.deadline;
        if !spent {
            let ceiling = ceiling(&self.policy, self.made);
            tokio::time::sleep(ceiling.mul_f64(rand::random_range(0.0..=1.0))).await;
        }
        !spent
    }

    /// As [`Attempts::wait`], after a connection that could not be made.
    pub(crate) async fn wait_to_connect(&mut self) -> bool {
        self.connects += 1;
        self.connects < MAX_CONNECT_ATTEMPTS && self.wait().await
    }
}

/// The longest wait after `made` tries.
fn ceiling(policy: &RetryPolicy, made: u32) -> Duration {
    let doubled = 1u32.checked_shl(made.saturating_sub(1)).unwrap_or(u32::MAX);
    policy.base.saturating_mul(doubled).min(policy.max_wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit() {
        let policy = RetryPolicy::default();
        let waits: Vec<u128> =
            [1, 2, 3, 8, 9, 40].iter().map(|&made| ceiling(&policy, made).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 12_800, 15_000, 15_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn tries_end_by_count_and_by_time() {
        let mut attempts = Attempts::new(RetryPolicy { max_attempts: 3, ..RetryPolicy::default() });
        let mut waited = Vec::new();
        for _ in 0..3 {
            attempts.begin();
            waited.push(attempts.wait().await);
        }
        assert_eq!(waited, [true, true, false]);

        let mut attempts = Attempts::new(RetryPolicy::default());
        attempts.begin();
        tokio::time::advance(Duration::from_secs(181)).await;
        assert!(!attempts.wait().await);
    }
}
