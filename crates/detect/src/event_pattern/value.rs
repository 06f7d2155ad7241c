//! Events of either JSON library, seen alike.

use sonic_rs::{JsonContainerTrait, JsonNumberTrait, JsonValueTrait};

/// A JSON value of an event.
pub(super) trait EventValue: Sized {
    /// What it is.
    fn view(&self) -> View<'_, Self>;
    /// The member of this name, of an object.
    fn member(&self, name: &str) -> Option<&Self>;
}

/// What a JSON value is.
pub(super) enum View<'a, V> {
    Null,
    Bool(bool),
    Number(Number),
    Text(&'a str),
    List(&'a [V]),
    Object,
}

/// A number: whole ones are kept whole, as an account id does not fit a float of six decimals.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Whole(i128),
    Real(f64),
}

impl Number {
    pub(super) fn of(number: &serde_json::Number) -> Number {
        match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), _, _) => Number::Whole(whole.into()),
            (_, Some(whole), _) => Number::Whole(whole.into()),
            (_, _, real) => Number::Real(real.unwrap_or(f64::NAN)),
        }
    }

    pub(super) fn real(self) -> f64 {
        match self {
            Number::Whole(whole) => whole as f64,
            Number::Real(real) => real,
        }
    }
}

/// By value: 300, 300.0 and 3e2 are one number.
impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (self, other) {
            (Number::Whole(a), Number::Whole(b)) => a == b,
            _ => self.real() == other.real(),
        }
    }
}

impl EventValue for serde_json::Value {
    fn view(&self) -> View<'_, Self> {
        match self {
            serde_json::Value::Null => View::Null,
            serde_json::Value::Bool(value) => View::Bool(*value),
            serde_json::Value::Number(number) => View::Number(Number::of(number)),
            serde_json::Value::String(text) => View::Text(text),
            serde_json::Value::Array(list) => View::List(list),
            serde_json::Value::Object(_) => View::Object,
        }
    }

    fn member(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }
}

impl EventValue for sonic_rs::Value {
    fn view(&self) -> View<'_, Self> {
        if let Some(text) = self.as_str() {
            return View::Text(text);
        }
        if let Some(list) = self.as_array() {
            return View::List(list.as_slice());
        }
        if let Some(value) = self.as_bool() {
            return View::Bool(value);
        }
        if let Some(number) = self.as_number() {
            return View::Number(match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(whole), _, _) => Number::Whole(whole.into()),
                (_, Some(whole), _) => Number::Whole(whole.into()),
                (_, _, real) => Number::Real(real.unwrap_or(f64::NAN)),
            });
        }
        if self.is_object() { View::Object } else { View::Null }
    }

    fn member(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(&name)
    }
}
