//! From findings and transitions to people, tickets and repairs.

pub mod incident;
pub mod playbook;
#[cfg(test)]
mod testing;
