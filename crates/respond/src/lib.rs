//! From findings and transitions to people, tickets and repairs.
