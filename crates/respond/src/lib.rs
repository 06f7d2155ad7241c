//! From findings and transitions to people, tickets and repairs.
//!
//! ```text
//!   findings · transitions · regressions
//!          │ signals
//!          ▼
//!   incident  grouped for a person ─► route  who is told, when ─► outbox (state)
//!          │                                                        │
//!          ▼                                                        ▼
//!   playbook  what is put back                       deliver ─► channel ─► people, tickets, SIEMs
//! ```
//!
//! `incident` and `route` are pure. [`desk`] keeps what they decide, in one transaction; `deliver`
//! sends what waits in the outbox, at least once, wherever the process is killed.

pub mod channel;
pub mod config;
pub mod deliver;
pub mod desk;
pub mod http;
pub mod incident;
pub mod playbook;
pub mod route;
#[cfg(test)]
mod testing;
mod text;
