//! From a pattern's text to its branches.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::branch::{Branch, Fields, Leaf};
use super::error::PatternError;
use super::locate::{Step, of_line, position, written};
use super::{EventPattern, read};

/// Most fields that all branches may have together.
const MAX_FIELDS: usize = 100_000;

pub(super) fn pattern(text: &str) -> Result<Vec<Branch>, PatternError> {
    if text.len() > EventPattern::MAX_BYTES {
        return Err(PatternError {
            position: EventPattern::MAX_BYTES,
            path: String::new(),
            found: format!("{} bytes", text.len()),
            expected: format!("a pattern of at most {} bytes", EventPattern::MAX_BYTES),
        });
    }
    let value: Value = serde_json::from_str(text).map_err(|error| PatternError {
        position: of_line(text, error.line(), error.column()),
        path: String::new(),
        found: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        expected: "JSON".to_owned(),
    })?;
    let mut reader = Reader { text, path: Vec::new() };
    let Value::Object(members) = &value else {
        return Err(reader.error("an object of fields", kind(&value)));
    };
    let mut branches = vec![Fields::new()];
    reader.object(members, &mut Vec::new(), &mut branches, false)?;
    Ok(branches.iter().map(Branch::new).collect())
}

/// Where in the pattern the reading is, for errors.
pub(super) struct Reader<'a> {
    text: &'a str,
    path: Vec<Step>,
}

impl Reader<'_> {
    pub(super) fn error(&self, expected: &str, found: impl Into<String>) -> PatternError {
        PatternError {
            position: position(self.text, &self.path),
            path: written(&self.path),
            found: found.into(),
            expected: expected.to_owned(),
        }
    }

    /// Reads what is below a step.
    pub(super) fn within<T>(
        &mut self,
        step: Step,
        read: impl FnOnce(&mut Self) -> Result<T, PatternError>,
    ) -> Result<T, PatternError> {
        self.path.push(step);
        let result = read(self);
        self.path.pop();
        result
    }

    /// Adds the fields of an object to every branch.
    fn object(
        &mut self,
        members: &Map<String, Value>,
        fields: &mut Vec<String>,
        branches: &mut Vec<Fields>,
        in_or: bool,
    ) -> Result<(), PatternError> {
        if members.is_empty() {
            return Err(self.error("at least one field", "an empty object"));
        }
        for (name, value) in members {
            self.within(Step::Member(name.clone()), |reader| {
                if name == "$or" {
                    return reader.alternatives(value, fields, branches);
                }
                if in_or && read::OPERATORS.contains(&name.as_str()) {
                    return Err(
                        reader.error("a field: operators stand in the list of a field", name.as_str())
                    );
                }
                fields.push(name.clone());
                let result = reader.field(value, fields, branches, in_or);
                fields.pop();
                result
            })?;
        }
        Ok(())
    }

    fn field(
        &mut self,
        value: &Value,
        fields: &mut Vec<String>,
        branches: &mut Vec<Fields>,
        in_or: bool,
    ) -> Result<(), PatternError> {
        match value {
            Value::Object(members) => self.object(members, fields, branches, in_or),
            Value::Array(values) => {
                let leaf = Arc::new(self.leaf(values)?);
                for branch in branches.iter_mut() {
                    branch.insert(fields.clone(), Arc::clone(&leaf));
                }
                self.check_size(branches)
            }
            other => Err(self.error("a list of values or an object of fields", kind(other))),
        }
    }

    /// Multiplies the branches by the alternatives of a `$or`.
    fn alternatives(
        &mut self,
        value: &Value,
        fields: &mut Vec<String>,
        branches: &mut Vec<Fields>,
    ) -> Result<(), PatternError> {
        const EXPECTED: &str = "a list of at least two objects";
        let Value::Array(alternatives) = value else { return Err(self.error(EXPECTED, kind(value))) };
        if alternatives.len() < 2 {
            return Err(self.error(EXPECTED, format!("a list of {}", alternatives.len())));
        }
        let before = std::mem::take(branches);
        for (index, alternative) in alternatives.iter().enumerate() {
            self.within(Step::Element(index), |reader| {
                let Value::Object(members) = alternative else {
                    return Err(reader.error("an object of fields", kind(alternative)));
                };
                let mut branch = before.clone();
                reader.object(members, fields, &mut branch, true)?;
                branches.append(&mut branch);
                reader.check_size(branches)
            })?;
        }
        Ok(())
    }

    fn check_size(&self, branches: &[Fields]) -> Result<(), PatternError> {
        if branches.len() > EventPattern::MAX_COMBINATIONS {
            let expected = format!("at most {} combinations of $or", EventPattern::MAX_COMBINATIONS);
            return Err(self.error(&expected, format!("{} or more", branches.len())));
        }
        if branches.len() > 1 && branches.iter().map(Fields::len).sum::<usize>() > MAX_FIELDS {
            return Err(self.error("fewer fields in the combinations of $or", "too many"));
        }
        Ok(())
    }

    /// The list of values of one field.
    fn leaf(&mut self, values: &[Value]) -> Result<Leaf, PatternError> {
        if values.is_empty() {
            return Err(self.error("at least one value", "an empty list"));
        }
        let mut leaf = Leaf { tests: Vec::new(), absent: false };
        for (index, value) in values.iter().enumerate() {
            self.within(Step::Element(index), |reader| read::value(reader, value, &mut leaf))?;
        }
        Ok(leaf)
    }
}

pub(super) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the text {text:?}"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
