//! XML documents: read into a tree, turned into JSON, and written.

mod json;
mod tree;
mod write;

pub(super) use json::{Reading, to_json};
pub(super) use tree::Node;
pub(super) use write::document;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::api::operation::{Element, Hints};

    const ROOT: Element = Element::node("Conf", &[Element::each("Rules", &Element::text("Rule"))]);

    proptest! {
        #[test]
        fn what_is_written_is_read_back(texts in prop::collection::vec("[^\\x00-\\x1F]*", 1..5)) {
            // A text that reads as a boolean becomes one.
            prop_assume!(texts.iter().all(|text| text.parse::<bool>().is_err() && text.trim() == text));
            let value = json!({"Rules": texts});
            let written = document(&ROOT, "urn:x", &value).unwrap();
            let hints = Hints { flat: &[("Rule", "Rules")], ..Hints::NONE };
            let node = Node::parse(written.as_bytes()).unwrap();
            prop_assert_eq!(to_json(&node, Reading { hints: &hints, ec2: false }), value);
        }

        #[test]
        fn no_document_is_fatal(body in "(<[a/?!]{0,3}[^>]{0,4}>?|&[a#x0-9]{0,4};?|member|.){0,40}") {
            let hints = Hints { lists: &["a"], maps: &["b"], numbers: &["c"], ..Hints::NONE };
            if let Ok(node) = Node::parse(body.as_bytes()) {
                let read: Value = to_json(&node, Reading { hints: &hints, ec2: true });
                prop_assert!(read.is_object());
            }
        }
    }
}
