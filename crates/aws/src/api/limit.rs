//! How fast a service is asked: a few calls at a time, and fewer a second once it throttles.
//!
//! AWS counts calls per account, service and Region; so does a [`Limits`], which one identity
//! has. The rate falls by a third with each throttled call and grows slowly while calls succeed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Calls at a time.
const CONCURRENT: usize = 8;
/// The rate never falls below this many calls a second.
const SLOWEST: f64 = 0.5;
/// From this rate on there is no limit: it takes longer to answer than that.
const FASTEST: f64 = 100.0;
/// Each throttled call takes the rate down to this part.
const SLOW_DOWN: f64 = 0.67;
/// Calls in flight when throttling begins are throttled together: they count once.
const ONE_EVENT: Duration = Duration::from_millis(500);

/// The gates of one identity.
#[derive(Debug, Default)]
pub(super) struct Limits {
    gates: Mutex<HashMap<(&'static str, String), Arc<Gate>>>,
}

impl Limits {
    pub(super) fn gate(&self, service: &'static str, region: &str) -> Arc<Gate> {
        Arc::clone(self.gates.lock().entry((service, region.to_owned())).or_default())
    }
}

/// What calls of one service in one Region go through.
#[derive(Debug)]
pub(super) struct Gate {
    seats: Semaphore,
    pace: Mutex<Pace>,
}

#[derive(Debug)]
struct Pace {
    /// Calls a second; `None` until the first throttling.
    rate: Option<f64>,
    /// When the next call may be sent.
    next: Instant,
    slowed: Option<Instant>,
    /// Calls sent since `since`, to know the rate when throttling begins.
    sent: u32,
    since: Instant,
}

impl Default for Gate {
    fn default() -> Self {
        let now = Instant::now();
        let pace = Pace { rate: None, next: now, slowed: None, sent: 0, since: now };
        Self { seats: Semaphore::new(CONCURRENT), pace: Mutex::new(pace) }
    }
}

impl Gate {
    /// Waits for a turn. The call lasts as long as what is returned.
    pub(super) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        let seat = self.seats.acquire().await.ok();
        let turn = self.pace.lock().turn(Instant::now());
        tokio::time::sleep_until(turn).await;
        seat
    }

    pub(super) fn throttled(&self) {
        self.pace.lock().slow_down(Instant::now());
    }

    pub(super) fn succeeded(&self) {
        self.pace.lock().speed_up();
    }
}

impl Pace {
    fn turn(&mut self, now: Instant) -> Instant {
        if now.duration_since(self.since) > Duration::from_secs(2) {
            (self.sent, self.since) = (0, now);
        }
        self.sent += 1;
        let Some(rate) = self.rate else { return now };
        let turn = self.next.max(now);
        self.next = turn + Duration::from_secs_f64(1.0 / rate);
        turn
    }

    fn slow_down(&mut self, now: Instant) {
        if self.slowed.is_some_and(|before| now.duration_since(before) < ONE_EVENT) {
            return;
        }
        self.slowed = Some(now);
        let measured = || {
            let seconds = now.duration_since(self.since).as_secs_f64().max(0.1);
            f64::from(self.sent.max(1)) / seconds
        };
        let rate = self.rate.unwrap_or_else(measured);
        self.rate = Some((rate * SLOW_DOWN).clamp(SLOWEST, FASTEST));
    }

    /// About one call a second more with each second.
    fn speed_up(&mut self) {
        self.rate = self.rate.map(|rate| rate + (1.0 / rate).min(0.5)).filter(|rate| *rate < FASTEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nothing_waits_before_the_first_throttling() {
        let gate = Gate::default();
        let began = Instant::now();
        for _ in 0..1_000 {
            drop(gate.enter().await);
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_slows_down_and_success_speeds_up() {
        let gate = Gate::default();
        for _ in 0..20 {
            drop(gate.enter().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        gate.throttled();
        gate.throttled();
        let rate = gate.pace.lock().rate.unwrap();
        assert!((6.0..8.0).contains(&rate), "two thirds of ten a second, counted once: {rate}");

        let began = Instant::now();
        for _ in 0..8 {
            drop(gate.enter().await);
        }
        assert!(began.elapsed() > Duration::from_millis(900), "{:?}", began.elapsed());
        for _ in 0..10_000 {
            gate.succeeded();
        }
        assert_eq!(gate.pace.lock().rate, None, "the limit goes away again");
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_has_a_floor() {
        let gate = Gate::default();
        for _ in 0..50 {
            gate.throttled();
            tokio::time::advance(ONE_EVENT).await;
        }
        assert_eq!(gate.pace.lock().rate, Some(SLOWEST));
    }

    #[tokio::test(start_paused = true)]
    async fn few_calls_at_a_time() {
        let gate = Gate::default();
        let mut seats = Vec::new();
        for _ in 0..CONCURRENT {
            seats.push(gate.enter().await.unwrap());
        }
        let late = tokio::time::timeout(Duration::from_secs(60), gate.enter()).await;
        assert!(late.is_err());
        seats.pop();
        assert!(gate.enter().await.is_some());
    }

    #[test]
    fn services_and_regions_have_gates_of_their_own() {
        let limits = Limits::default();
        let gate = limits.gate("kms", "eu-west-1");
        assert!(Arc::ptr_eq(&gate, &limits.gate("kms", "eu-west-1")));
        assert!(!Arc::ptr_eq(&gate, &limits.gate("kms", "us-east-1")));
        assert!(!Arc::ptr_eq(&gate, &limits.gate("logs", "eu-west-1")));
    }
}
