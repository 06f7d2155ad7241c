//! Fewer signals for `value_count`: of the rows of a batch that say the same, the first and the last.
//!
//! A rule such as "one access key from many networks" matches most rows, and nearly all of them
//! repeat a value their group has just had. Time is cut into slices of a quarter of the rule's time
//! span; within a slice, only the first and the last row with the same group and value are kept.
//! That loses nothing: whenever a window over all rows holds a set of values, each of them has a
//! kept row in that window. (A value's first row in the window is kept, or its slice began before
//! the window; then the slice's last row is kept and still lies in the window, because a slice is
//! shorter than a window.) So there is a window over the kept rows, ending at the latest of those,
//! that holds the same set.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

use crate::RuleSet;
use crate::event::BatchView;
use crate::plan::Field;

/// Slices per window.
const SLICES: i64 = 4;

/// A row kept for a correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kept {
    pub(crate) row: usize,
    pub(crate) correlation: usize,
    pub(crate) rule: usize,
}

/// Thins the signals of one batch.
pub(crate) struct Thinner<'b> {
    set: &'b RuleSet,
    view: &'b BatchView<'b>,
    /// Two hashes make collisions a matter of 2^-128.
    hashers: (RandomState, RandomState),
    /// For each rule and correlation, the columns that decide; `None` where thinning cannot be done.
    columns: HashMap<(usize, usize), Option<Vec<usize>>, RandomState>,
    seen: HashMap<(usize, usize, i64, u64, u64), Ends, RandomState>,
}

/// The earliest and the latest row that say the same.
#[derive(Clone, Copy)]
struct Ends {
    first: (i64, usize),
    last: (i64, usize),
}

impl<'b> Thinner<'b> {
    pub(crate) fn new(set: &'b RuleSet, view: &'b BatchView<'b>) -> Self {
        Self {
            set,
            view,
            hashers: (RandomState::default(), RandomState::default()),
            columns: HashMap::default(),
            seen: HashMap::default(),
        }
    }

    /// Takes a match into account. `false` where this correlation needs every one.
    #[inline]
    pub(crate) fn take(&mut self, rule: usize, correlation: usize, row: usize) -> bool {
        let (set, view) = (self.set, self.view);
        let columns =
            self.columns.entry((rule, correlation)).or_insert_with(|| deciding(set, view, rule, correlation));
        let Some(columns) = columns else { return false };
        let Some((_, compiled)) = set.correlation(correlation) else { return false };
        let time = view.common.time(row).timestamp_micros();
        let slice = compiled.span().num_microseconds().unwrap_or(i64::MAX).max(SLICES) / SLICES;
        let mut hashers = (self.hashers.0.build_hasher(), self.hashers.1.build_hasher());
        for &column in columns.iter() {
            let text = view.columns[column].as_ref().and_then(|column| column.text(row));
            for hasher in [&mut hashers.0, &mut hashers.1] {
                hasher.write(text.unwrap_or_default().as_bytes());
                hasher.write_u8(u8::from(text.is_some()));
            }
        }
        let key = (rule, correlation, time.div_euclid(slice), hashers.0.finish(), hashers.1.finish());
        let ends = self.seen.entry(key).or_insert(Ends { first: (time, row), last: (time, row) });
        ends.first = ends.first.min((time, row));
        ends.last = ends.last.max((time, row));
        true
    }

    /// The rows kept, in row order.
    pub(crate) fn finish(self) -> Vec<Kept> {
        let mut kept: Vec<Kept> = Vec::with_capacity(self.seen.len() * 2);
        for ((rule, correlation, ..), ends) in self.seen {
            kept.push(Kept { row: ends.first.1, correlation, rule });
            if ends.last.1 != ends.first.1 {
                kept.push(Kept { row: ends.last.1, correlation, rule });
            }
        }
        kept.sort_unstable();
        kept
    }
}

/// The columns whose equal texts mean equal group and value.
fn deciding(set: &RuleSet, view: &BatchView<'_>, rule: usize, correlation: usize) -> Option<Vec<usize>> {
    let (_, compiled) = set.correlation(correlation)?;
    let column_of = |field: &str| {
        let column = match view.plan.field(field)? {
            Field::Value { column, .. } => (*column)?,
            // The only fact that is a function of one column.
            Field::Fact(fact) if fact == "source_network" => {
                view.plan.columns.iter().position(|column| column == "sourceipaddress")?
            }
            Field::Fact(_) => return None,
        };
        view.columns[column].as_ref().filter(|column| column.is_text()).map(|_| column)
    };
    compiled.thinnable_fields(set.info(rule))?.into_iter().map(column_of).collect()
}
