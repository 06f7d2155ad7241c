//! What a metric is told by.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::metric::FetchedFrom;

/// A metric's identity: namespace, name, and dimensions in the order of their names; and of metrics that
/// are fetched, where from.
///
/// The same name with other dimensions is another metric, as in CloudWatch.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricId {
    namespace: String,
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dimensions: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Box<FetchedFrom>>,
}

impl MetricId {
    /// A metric by its parts; the order of dimensions does not matter.
    pub fn new(
        namespace: impl Into<String>,
        name: impl Into<String>,
        mut dimensions: Vec<(String, String)>,
    ) -> Self {
        dimensions.sort_unstable();
        Self { namespace: namespace.into(), name: name.into(), dimensions, from: None }
    }

    /// The metric as it is fetched.
    pub fn fetched(&self, from: FetchedFrom) -> Self {
        Self { from: Some(Box::new(from)), ..self.clone() }
    }

    /// Where it is fetched; `None` for metrics as alarms name them, and those that are made here.
    pub fn fetched_from(&self) -> Option<&FetchedFrom> {
        self.from.as_deref()
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name and value of each dimension, in the order of the names.
    pub fn dimensions(&self) -> &[(String, String)] {
        &self.dimensions
    }
}

impl fmt::Display for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)?;
        for (index, (name, value)) in self.dimensions.iter().enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { " " } else { "," })?;
        }
        if let Some(from) = &self.from {
            write!(f, " {from}")?;
        }
        Ok(())
    }
}
