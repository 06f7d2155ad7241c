//! From findings and transitions to people, tickets and repairs.

pub mod playbook;
