//! Reading an object's fields, with errors that name them.
//!
//! Definitions come from the API's JSON, from files that people write, and from TOML. A derived
//! reader would say `invalid type: string "x", expected f64`, and not where. Numbers may be texts, as the
//! query protocol and templates have them.

use serde_json::{Map, Value};

use crate::definition::DefinitionError;

/// The most entries of any list that is read.
const LIST: usize = 100_000;

/// One object of a definition.
pub(crate) struct Fields<'v> {
    path: String,
    map: &'v Map<String, Value>,
}

impl<'v> Fields<'v> {
    pub(crate) fn new(path: impl Into<String>, value: &'v Value) -> Result<Self, DefinitionError> {
        let path = path.into();
        match value {
            Value::Object(map) => Ok(Self { path, map }),
            other if path.is_empty() => {
                Err(DefinitionError::new("the definition", Some(other), "write an object"))
            }
            other => Err(DefinitionError::new(path, Some(other), "write an object")),
        }
    }

    /// The path of one of its fields.
    pub(crate) fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A field that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&'v Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Refuses a field whose name is nearly one of `known`: a spelling that would be passed over in
    /// silence. What is quite another word is let be: answers of the API have more fields than requests.
    pub(crate) fn refuse_misspelt(&self, known: &[&str]) -> Result<(), DefinitionError> {
        for name in self.map.keys() {
            if known.contains(&name.as_str()) {
                continue;
            }
            let near = known.iter().find(|known| {
                known.eq_ignore_ascii_case(name) || (known.len() > 5 && strsim::levenshtein(known, name) <= 2)
            });
            // A near word that is there as well is not what was meant.
            if let Some(near) = near.filter(|near| !self.map.contains_key(**near)) {
                let field = if self.path.is_empty() {
                    "the field".to_owned()
                } else {
                    format!("a field of {}", self.path)
                };
                return Err(DefinitionError::text(field, name, format!("it is spelt {near}")));
            }
        }
        Ok(())
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, DefinitionError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(DefinitionError::new(self.at(name), Some(other), "write a text in quotes")),
        }
    }

    /// A text of `least` to `most` characters.
    pub(crate) fn sized(
        &self,
        name: &str,
        least: usize,
        most: usize,
    ) -> Result<Option<String>, DefinitionError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        self.check_size(name, &text, least, most)?;
        Ok(Some(text))
    }

    pub(crate) fn required(&self, name: &str, least: usize, most: usize) -> Result<String, DefinitionError> {
        let range = format!("write a text of {least} to {most} characters");
        self.sized(name, least, most)?.ok_or_else(|| DefinitionError::missing(self.at(name), range))
    }

    fn check_size(&self, name: &str, text: &str, least: usize, most: usize) -> Result<(), DefinitionError> {
        let length = text.chars().count();
        if (least..=most).contains(&length) {
            return Ok(());
        }
        let found = format!("{length} characters long");
        Err(DefinitionError::new(self.at(name), Some(found), format!("it has {least} to {most} characters")))
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, DefinitionError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(other) => Err(DefinitionError::new(self.at(name), Some(other), "write true or false")),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<f64>, DefinitionError> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        match number.filter(|number| number.is_finite()) {
            Some(number) => Ok(Some(number)),
            None => Err(DefinitionError::new(self.at(name), self.get(name), "write a finite number")),
        }
    }

    /// A whole number of at least `least` and at most `most`.
    pub(crate) fn whole(&self, name: &str, least: u32, most: u32) -> Result<Option<u32>, DefinitionError> {
        let allowed = || format!("write a whole number from {least} to {most}");
        let number = self.number(name).map_err(|error| DefinitionError { allowed: allowed(), ..error })?;
        let Some(number) = number else { return Ok(None) };
        if number.fract() == 0.0 && (f64::from(least)..=f64::from(most)).contains(&number) {
            return Ok(Some(number as u32));
        }
        Err(DefinitionError::new(self.at(name), self.get(name), allowed()))
    }

    /// One of some words, by the function that reads it.
    pub(crate) fn word<T>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, DefinitionError>
    where
        T: Copy,
    {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Ok(Some(*value)),
            None => {
                let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                let allowed = format!("write one of {}", all.join(", "));
                Err(DefinitionError::text(self.at(name), &text, allowed))
            }
        }
    }

    pub(crate) fn list(&self, name: &str, most: usize) -> Result<&'v [Value], DefinitionError> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) if list.len() <= most.min(LIST) => Ok(list),
            Some(Value::Array(list)) => {
                let found = format!("a list of {}", list.len());
                Err(DefinitionError::new(
                    self.at(name),
                    Some(found),
                    format!("it takes at most {}", most.min(LIST)),
                ))
            }
            Some(other) => Err(DefinitionError::new(self.at(name), Some(other), "write a list")),
        }
    }

    /// A list of texts, each of 1 to `longest` characters.
    pub(crate) fn texts(
        &self,
        name: &str,
        most: usize,
        longest: usize,
    ) -> Result<Vec<String>, DefinitionError> {
        let list = self.list(name, most)?;
        let mut texts = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let place = format!("{name}[{index}]");
            let Value::String(text) = value else {
                return Err(DefinitionError::new(self.at(&place), Some(value), "write a text in quotes"));
            };
            self.check_size(&place, text, 1, longest)?;
            texts.push(text.clone());
        }
        Ok(texts)
    }
}
