//! XML documents: read into a tree, turned into JSON, and written.

mod json;
mod tree;
mod write;

pub(super) use json::{Reading, to_json};
pub(super) use tree::Node;
pub(super) use write::document;
