//! Responses on real servers.

mod playbook;
