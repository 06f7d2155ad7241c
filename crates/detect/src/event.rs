//! A row of a batch as rsigma sees events.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use arrow::record_batch::RecordBatch;
use rsigma_eval::{Event, EventValue};
use sonic_rs::Value;

use crate::columns::{Column, Common};
use crate::facts::{self, Facts};
use crate::json;
use crate::path::{self, Objects};
use crate::plan::{Field, Plan};

/// The columns of one batch, found once.
#[derive(Debug)]
pub(crate) struct BatchView<'b> {
    pub(crate) plan: &'b Plan,
    pub(crate) batch: &'b RecordBatch,
    pub(crate) common: Common<'b>,
    /// In the order of the plan's columns; `None` where the batch lacks one.
    pub(crate) columns: Vec<Option<Column<'b>>>,
}

/// One row. The record is parsed when a rule first asks for something that no column holds.
#[derive(Debug)]
pub(crate) struct Row<'b> {
    pub(crate) view: &'b BatchView<'b>,
    pub(crate) index: usize,
    record: OnceCell<Option<Value>>,
    facts: OnceCell<Facts>,
    exact_nulls: Cell<bool>,
    objects: Cell<Objects>,
}

impl<'b> Row<'b> {
    pub(crate) fn new(view: &'b BatchView<'b>, index: usize) -> Self {
        Self {
            view,
            index,
            record: OnceCell::new(),
            facts: OnceCell::new(),
            exact_nulls: Cell::new(false),
            objects: Cell::new(Objects::AsText),
        }
    }

    /// How the next rule wants to see the row.
    pub(crate) fn present(&self, exact_nulls: bool, objects: Objects) {
        self.exact_nulls.set(exact_nulls);
        self.objects.set(objects);
    }

    /// The record as received.
    pub(crate) fn raw(&self) -> &'b str {
        self.view.common.raw.as_ref().and_then(|raw| raw.text(self.index)).unwrap_or_default()
    }

    /// The record parsed; `None` where it is no JSON.
    pub(crate) fn record(&self) -> Option<&Value> {
        self.record.get_or_init(|| json::parse(self.raw())).as_ref()
    }

    /// The facts about the change.
    pub(crate) fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| match self.record() {
            Some(record) if self.view.plan.is_cloudtrail() => facts::derive(record),
            _ => Facts::default(),
        })
    }

    /// The field as text, for groups and counted values.
    pub(crate) fn field_text(&self, name: &str) -> Option<String> {
        let value = self.get_field(name)?;
        value.as_str().map(Cow::into_owned)
    }

    /// A cell of the batch as text, whether or not the plan knows the column. For findings, which
    /// are few.
    pub(crate) fn column_text(&self, path: &str) -> Option<String> {
        Column::find(self.view.batch, path)?
            .to_text(self.index)
            .filter(|text| !text.is_empty() && text != "-")
    }

    fn cell(&self, column: Option<usize>) -> Option<Option<EventValue<'_>>> {
        let column = self.view.columns[column?].as_ref()?;
        Some(column.value(self.index))
    }
}

impl Event for Row<'_> {
    fn get_field(&self, name: &str) -> Option<EventValue<'_>> {
        match self.view.plan.field(name) {
            Some(Field::Fact(name)) => self.facts().get(name).map(facts::Fact::to_event_value),
            Some(Field::Value { column, path }) => match self.cell(*column) {
                Some(Some(value)) => Some(value),
                Some(None) if !self.exact_nulls.get() => None,
                _ => path.get(self.record()?, self.objects.get()),
            },
            // Asked for by nobody when the plan was made; correct all the same.
            None => path::Path::new(name).get(self.record()?, self.objects.get()),
        }
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        match self.record() {
            Some(record) => json::any_text(record, &mut |text| pred(text)),
            None => pred(self.raw()),
        }
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let mut texts = Vec::new();
        match self.record() {
            Some(record) => {
                json::any_text(record, &mut |text| {
                    texts.push(Cow::Owned(text.to_owned()));
                    false
                });
            }
            None => texts.push(Cow::Borrowed(self.raw())),
        }
        texts
    }

    fn to_json(&self) -> serde_json::Value {
        self.record().map_or(serde_json::Value::Null, |record| {
            path::to_event_value(record, Objects::AsMembers).to_json()
        })
    }
}
