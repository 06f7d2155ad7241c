//! Several processes, sudden ends, and repetition: what one module's tests cannot show.

mod concurrency;
mod fixtures;
mod idempotency;
mod kill;
