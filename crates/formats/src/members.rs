//! The members of a JSON record, one after another, without building a tree.

use std::borrow::Cow;

use sonic_rs::LazyValue;

use crate::{DecodeError, Reason};

/// The members of a JSON object in the order they stand in. After an error nothing follows.
pub(crate) fn members(
    record: &str,
) -> impl Iterator<Item = Result<(Cow<'_, str>, LazyValue<'_>), DecodeError>> {
    sonic_rs::to_object_iter(record).map(|member| member.map_err(|error| invalid_json(&error)))
}

fn invalid_json(error: &sonic_rs::Error) -> DecodeError {
    let text = error.to_string();
    let text = text.lines().next().unwrap_or_default();
    DecodeError::new(Reason::InvalidJson, format!("the record is not well-formed JSON: {text}"))
}
