//! One resource of the template.

use serde_json::{Map, Value, json};

/// A resource in the making.
pub(super) struct Resource {
    name: String,
    kind: &'static str,
    condition: Option<&'static str>,
    after: &'static [&'static str],
    checks: Vec<&'static str>,
    checks_with: Vec<(&'static str, Vec<&'static str>)>,
    kept: bool,
    properties: Value,
}

impl Resource {
    /// `kind`: `AWS::S3::Bucket`. Texts with `${…}` in the properties are filled in later.
    pub(super) fn new(name: impl Into<String>, kind: &'static str, properties: Value) -> Self {
        Self {
            name: name.into(),
            kind,
            condition: None,
            after: &[],
            checks: Vec::new(),
            checks_with: Vec::new(),
            kept: false,
            properties,
        }
    }

    /// Is made only where the condition holds.
    pub(super) fn when(mut self, condition: &'static str) -> Self {
        self.condition = Some(condition);
        self
    }

    /// Is made after those, though it does not refer to them.
    pub(super) fn after(mut self, resources: &'static [&'static str]) -> Self {
        self.after = resources;
        self
    }

    /// The checks that it satisfies.
    pub(super) fn checks(mut self, checks: &'static [&'static str]) -> Self {
        self.checks.extend(checks);
        self
    }

    /// The checks that it satisfies where a parameter is set so: `DataEvents=AllBuckets`.
    pub(super) fn checks_with(mut self, choice: &'static str, checks: &[&'static str]) -> Self {
        self.checks_with.push((choice, checks.to_vec()));
        self
    }

    /// Outlives the stack: what it holds is evidence.
    pub(super) fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// Its name and its entry in the template, members in the order of AWS's own examples.
    pub(super) fn finish(self) -> (String, Value) {
        let mut entry = Map::new();
        entry.insert("Type".to_owned(), json!(self.kind));
        if let Some(condition) = self.condition {
            entry.insert("Condition".to_owned(), json!(condition));
        }
        if !self.after.is_empty() {
            entry.insert("DependsOn".to_owned(), json!(self.after));
        }
        if self.kept {
            entry.insert("DeletionPolicy".to_owned(), json!("Retain"));
            entry.insert("UpdateReplacePolicy".to_owned(), json!("Retain"));
        }
        if !self.checks.is_empty() || !self.checks_with.is_empty() {
            let mut about = json!({});
            if !self.checks.is_empty() {
                about["Checks"] = json!(self.checks);
            }
            for (choice, checks) in self.checks_with {
                about["ChecksWith"][choice] = json!(checks);
            }
            entry.insert("Metadata".to_owned(), json!({"Trailkeep": about}));
        }
        entry.insert("Properties".to_owned(), self.properties);
        (self.name, Value::Object(entry))
    }
}
