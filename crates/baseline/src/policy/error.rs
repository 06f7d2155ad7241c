//! Why a policy document could not be read.

/// A policy document that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The text is not JSON.
    #[error("the policy is not JSON: {message} at line {line}, column {column}")]
    Json {
        /// What the parser met.
        message: String,
        /// Line, counted from 1.
        line: usize,
        /// Column, counted from 1.
        column: usize,
    },
    /// The text is longer than any service accepts.
    #[error("the policy has {bytes} bytes; AWS takes no resource policy longer than {limit}")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// An element has a value that IAM's grammar does not know.
    #[error("policy element {path}: expected {expected}, found {found}")]
    Element {
        /// Where, as a path into the document (`Statement[1].Effect`).
        path: String,
        /// What the grammar wants there.
        expected: String,
        /// What is there.
        found: String,
    },
}

impl PolicyError {
    pub(super) fn element(path: &str, expected: &str, found: impl Into<String>) -> PolicyError {
        PolicyError::Element { path: path.to_owned(), expected: expected.to_owned(), found: found.into() }
    }
}
