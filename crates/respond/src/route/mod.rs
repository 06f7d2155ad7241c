//! Who is told what, and when. Pure: no clock, no disk.
//!
//! ```text
//!   incidents ─► tree: which routes, which channels
//!             ─► pending: what each channel does not know yet, or must hear again
//!             ─► hold: silences, inhibitions, hours
//!             ─► group: what goes into one message, and when it is due
//!             ─► budget: what a channel takes in a minute; the rest in one message
//!             ─► plan: messages, and what was told with them
//! ```
//!
//! Nothing is remembered here. What is pending follows from the incidents and from what was told
//! ([`trailkeep_state::Told`]), so that a plan that was lost is made again, and one that was kept is
//! not.
//!
//! The ideas are Alertmanager's: a tree of routes, grouping with wait and interval, repetition,
//! silences, inhibition. What a security team needs besides: escalation while nobody has taken an
//! incident, digests for what is only to be read, and a promise. **An incident at or above the
//! urgent level is told at once, or, where its group was told just now, within the urgent
//! interval**; it shares neither group nor budget with what is below, and no storm delays it.

mod budget;
mod digest;
mod group;
mod inhibit;
mod label;
mod matcher;
mod notification;
mod pending;
mod plan;
#[cfg(test)]
mod tests;
mod tree;
mod window;

pub use digest::{Digest, Every};
pub use inhibit::Inhibition;
pub use label::Label;
pub use matcher::{Matcher, Pattern};
pub use notification::{Action, Item, Notification, Offer, OfferKind, Receipt, Why};
pub use plan::{Held, HeldBy, Look, Plan, Silencing, plan};
pub use tree::{ChannelPolicy, Policy, Rate, Route, Routing, Step};
pub use window::{Days, TimeWindow};
