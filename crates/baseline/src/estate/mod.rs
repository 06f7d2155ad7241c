//! What several checks need to know of the estate, by meaning rather than by answer: which trails
//! record what, and which buckets hold logs.
//!
//! * [`trails`]: every trail once, however many Regions and accounts show it, and who it covers.
//! * [`selectors`]: what the event selectors of a trail let through.
//! * [`buckets`]: every bucket that something in scope delivers logs to, and who owns it.
//! * [`keys`]: KMS keys by ARN, id or alias.

pub mod buckets;
pub mod keys;
pub mod selectors;
pub mod trails;
