//! What a resource policy and an ACL effectively allow.
//!
//! ```text
//!   text ─► Policy::parse ─► Policy ─┬─► decide(Request) ─► Allow · Deny · NoMatch
//!                                    ├─► public_grants()            what anyone may do
//!                                    ├─► foreign_accounts(own)      what other accounts and services may do
//!                                    ├─► denies_insecure_transport  TLS only
//!                                    └─► allows_service             may this service deliver here
//! ```
//!
//! One evaluator for the policies of buckets, queues, topics, keys, log groups and functions: they
//! share IAM's grammar. It answers for the resource policy alone; what identity policies, service
//! control policies and Block Public Access add or take away is not in the document and is left to
//! the caller. Pure: the document and the request are passed in.
//!
//! Sources: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM JSON policy elements:
//! Condition operators" and "Policy evaluation logic"; S3 User Guide, "The meaning of public".

pub mod acl;

mod compare;
mod condition;
mod decide;
mod document;
mod error;
mod foreign;
mod glob;
mod public;
mod read;
mod scope;
mod service;
mod tie;
mod transport;
mod variable;

#[cfg(test)]
mod tests;

pub use condition::{Comparison, Condition, Operator, Quantifier};
pub use decide::{Decision, Principal, Request};
pub use document::{Effect, Named, Policy, PrincipalName, Statement};
pub use error::PolicyError;
pub(crate) use foreign::ELB_ACCOUNTS;
pub use foreign::{Foreign, Party};
pub use public::Grant;
