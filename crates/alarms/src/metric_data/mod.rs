//! Metrics of CloudWatch, for alarms that live here: what has to be asked, and what answers bring.
//!
//! ```text
//!   alarms ─► sources: made here, or fetched, and where ─► needs: how fine, how far back
//!                                                                    │
//!   progress: up to where each is known ─────────────────────────────┼─► plan ─► calls of GetMetricData
//!      ▲                                                             │               │ (made by the caller)
//!      └────────────────── answer ◄──────────────────────────────────────────────────┘
//!                            └─► store, in place of what was there
//! ```
//!
//! [`Engine::plan_fetch`](crate::Engine::plan_fetch) and [`Engine::take_fetched`](crate::Engine::take_fetched) use
//! it; how far it came is in the engine's snapshot.
//!
//! * **Whose.** An alarm with an ARN reads the metrics of its account and Region, one without those of
//!   [`Fetching`]'s. Account, Region, unit and (where CloudWatch aggregates) statistic and period are part of a
//!   series' identity ([`FetchedFrom`](crate::FetchedFrom)).
//! * **How fine.** `Sum`, `SampleCount`, `Minimum` and `Maximum` are fetched, from which those and `Average` are put
//!   together for every longer period. The period is the largest that all alarms on the series can be
//!   evaluated by: 60 s mostly, 10 s where an alarm's period is below a minute, more for alarms that are
//!   evaluated by the hour.
//! * **Percentiles and the like** cannot be put together. They are fetched as they are, a series for each
//!   statistic and period, and alarms on them are evaluated at whole periods, not at each minute.
//! * **What may still change.** A period is taken once it ended [`Fetching::settle`] seconds ago, and alarms are
//!   evaluated as of then. CloudWatch fills late: PutMetricData takes up to two minutes to be seen, services
//!   publish up to a quarter of an hour late. So each question begins a quarter of an hour (and three periods)
//!   before what is known. Some metrics come a day late, like the sizes of buckets: once an hour, the whole
//!   range that the alarms look at is asked for. What comes replaces what was there, so that asking again
//!   does no harm.
//! * **Failures.** What was not answered in full (`PartialData`, `InternalError`, `Forbidden`, a failed call) stays
//!   unknown, and is asked again with the next plan.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>

mod answer;
mod call;
mod needs;
mod plan;
mod progress;
mod sources;
#[cfg(test)]
mod tests;

pub(crate) use answer::read;
pub use call::MetricDataCall;
pub(crate) use call::{Ask, Query};
pub(crate) use needs::{Need, needs};
pub(crate) use plan::plan;
pub use progress::FetchProgress;
pub use sources::{Fetching, Place};
pub(crate) use sources::{Source, Sources};
