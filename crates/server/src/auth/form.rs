//! Forms that change something: read, and checked for the token that only our own pages have.

use std::fmt;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor, value::SeqAccessDeserializer};
use serde_json::{Map, Value};
use subtle_eq::same;
use url::form_urlencoded;

use super::Identity;
use crate::app::Shared;
use crate::http::error::PageError;

/// Largest form.
const MAX_FORM: usize = 1 << 20;

/// A form that a page of ours has sent.
#[derive(Debug)]
pub(crate) struct Posted<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Posted<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Self::Rejection> {
        let expected = request.extensions().get::<Identity>().map(|who| who.csrf(app).to_owned());
        let body: Bytes = axum::body::to_bytes(request.into_body(), MAX_FORM).await.map_err(|_| {
            PageError::Failed(StatusCode::PAYLOAD_TOO_LARGE, "the form is too large".to_owned())
        })?;
        let fields = fields(&body);
        let given = fields.get("csrf").and_then(Value::as_str).unwrap_or_default();
        let genuine = expected.is_some_and(|expected| !expected.is_empty() && same(&expected, given));
        if !genuine {
            let text = "the form is out of date or not from this console; go back, reload the page and send it again";
            return Err(PageError::Forbidden(text.to_owned()));
        }
        serde_json::from_value(Value::Object(fields))
            .map(Posted)
            .map_err(|error| PageError::wrong("The form is not complete", error.to_string()))
    }
}

/// The fields as a JSON object; a field that comes several times is a list.
fn fields(body: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (key, value) in form_urlencoded::parse(body) {
        let value = Value::String(value.into_owned());
        match fields.get_mut(key.as_ref()) {
            None => {
                fields.insert(key.into_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    fields
}

/// For fields that come once or several times.
pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct OneOrMany;
    impl<'de> Visitor<'de> for OneOrMany {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one value or several")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![text.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq))
        }
    }
    deserializer.deserialize_any(OneOrMany)
}

mod subtle_eq {
    use sha2::{Digest, Sha256};

    /// Whether two texts are equal, in a time that does not tell where they differ.
    pub(super) fn same(a: &str, b: &str) -> bool {
        Sha256::digest(a.as_bytes()) == Sha256::digest(b.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Many {
        #[serde(default, deserialize_with = "list")]
        id: Vec<String>,
    }

    #[test]
    fn repeated_fields_are_lists() {
        let read =
            |body: &str| serde_json::from_value::<Many>(Value::Object(fields(body.as_bytes()))).unwrap().id;
        assert_eq!(read("csrf=x"), [""; 0]);
        assert_eq!(read("id=a"), ["a"]);
        assert_eq!(read("id=a&id=b&id=c"), ["a", "b", "c"]);
    }
}
