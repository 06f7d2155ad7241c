//! What an expression is made of.

use std::fmt;

use trailkeep_detect::pattern::PatternError;

use crate::math::parse;

/// An expression that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    source: Box<str>,
    pub(crate) root: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Number(f64),
    /// Another entry of `Metrics`.
    Id(String),
    /// What `METRICS` is narrowed by.
    Text(String),
    /// `REPEAT`, `DESC`, and the functions that `SORT` takes by name.
    Word(Word),
    Negative(Box<Node>),
    Binary(Op, Box<Node>, Box<Node>),
    List(Vec<Node>),
    Call(Function, Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

macro_rules! names {
    ($(#[$meta:meta])* $kind:ident: $($variant:ident = $name:literal),+ $(,)?) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $kind { $($variant),+ }

        impl $kind {
            pub(crate) const ALL: &'static [(&'static str, Self)] = &[$(($name, Self::$variant)),+];

            pub(crate) fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, found)| *found)
            }

            pub(crate) fn name(self) -> &'static str {
                Self::ALL.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
            }
        }
    };
}

names!(
    /// Words that are arguments.
    Word: Repeat = "REPEAT", Linear = "LINEAR", Ascending = "ASC", Descending = "DESC", Average = "AVG",
    Minimum = "MIN", Maximum = "MAX", Sum = "SUM",
);

names!(
    /// The functions.
    Function: Abs = "ABS", AnomalyDetectionBand = "ANOMALY_DETECTION_BAND", Avg = "AVG", Ceil = "CEIL",
    DatapointCount = "DATAPOINT_COUNT", Diff = "DIFF", DiffTime = "DIFF_TIME", Fill = "FILL",
    First = "FIRST", Last = "LAST", Floor = "FLOOR", If = "IF", Log = "LOG", Log10 = "LOG10", Max = "MAX",
    MetricCount = "METRIC_COUNT", Metrics = "METRICS", Min = "MIN", Minute = "MINUTE", Hour = "HOUR",
    Day = "DAY", Date = "DATE", Month = "MONTH", Year = "YEAR", Epoch = "EPOCH", Period = "PERIOD",
    Rate = "RATE", RemoveEmpty = "REMOVE_EMPTY", RunningSum = "RUNNING_SUM", Slice = "SLICE", Sort = "SORT",
    Stddev = "STDDEV", Sum = "SUM", TimeSeries = "TIME_SERIES",
);

impl Function {
    /// The fewest and the most arguments.
    pub(crate) fn arguments(self) -> (usize, usize) {
        match self {
            Self::Metrics => (0, 1),
            Self::AnomalyDetectionBand => (1, 2),
            Self::Fill => (2, 2),
            Self::If | Self::Slice => (2, 3),
            Self::Sort => (3, 4),
            _ => (1, 1),
        }
    }
}

impl Expression {
    /// Reads an expression of at most 2,048 characters.
    ///
    /// # Errors
    ///
    /// Says at which byte it stops making sense, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Ok(Self { source: text.into(), root: parse::parse(text)? })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The entries of `Metrics` that it speaks of by their Id, each once.
    pub fn identifiers(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.root.visit(&mut |node| {
            if let Node::Id(id) = node
                && !found.contains(&id.as_str())
            {
                found.push(id);
            }
        });
        found
    }

    /// Whether it is `ANOMALY_DETECTION_BAND(…)`, and nothing around it.
    pub fn is_band(&self) -> bool {
        matches!(self.root, Node::Call(Function::AnomalyDetectionBand, _))
    }

    /// Whether it has an anomaly band somewhere: it then needs weeks of data.
    pub fn has_band(&self) -> bool {
        let mut found = false;
        self.root.visit(&mut |node| found |= matches!(node, Node::Call(Function::AnomalyDetectionBand, _)));
        found
    }
}

impl Node {
    fn visit<'n>(&'n self, see: &mut impl FnMut(&'n Node)) {
        see(self);
        match self {
            Self::Negative(node) => node.visit(see),
            Self::Binary(_, left, right) => {
                left.visit(see);
                right.visit(see);
            }
            Self::List(nodes) | Self::Call(_, nodes) => nodes.iter().for_each(|node| node.visit(see)),
            Self::Number(_) | Self::Id(_) | Self::Text(_) | Self::Word(_) => {}
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.source)
    }
}
