//! How the server is told to stop: first politely, then at once.

use tokio_util::sync::CancellationToken;

/// A switch with two steps. Cheap to clone; all clones are one switch.
///
/// The command line calls [`Shutdown::drain`] at the first Ctrl-C and [`Shutdown::force`] at the
/// second. Tests call them when they are done.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    drain: CancellationToken,
    force: CancellationToken,
}

impl Shutdown {
    /// A switch that is off.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Take no new work; finish what is under way within the configured limit.
    pub fn drain(&self) {
        self.drain.cancel();
    }

    /// Stop now. Implies [`Shutdown::drain`].
    pub fn force(&self) {
        self.drain.cancel();
        self.force.cancel();
    }

    /// Whether stopping has begun.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Waits until stopping has begun.
    pub async fn draining(&self) {
        self.drain.cancelled().await;
    }

    /// Waits until it must stop at once.
    pub async fn forced(&self) {
        self.force.cancelled().await;
    }
}
