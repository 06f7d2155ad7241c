//! [`cloudformation()`]: a template that makes an account satisfy the controls.
//!
//! For those who let nothing but their own pipelines change accounts: what `apply` would make, as
//! CloudFormation says it. One template serves an account, and an organisation as a StackSet over
//! accounts and Regions: nothing in it names an account or a Region. What is made once per account is
//! made in its home Region; everywhere else, a rule hands what CloudTrail records to the home Region's
//! event bus.
//!
//! ```text
//!   home Region                                                     every other Region
//!   trail ─► log bucket ─► (access logs) access-log bucket          rule ─► event bus of the
//!     ├────► log group ─► metric filters ─► alarms ─► topic                 home Region
//!     └────► rule ─► queue (Trailkeep reads it), dead letters ─► alarm
//! ```
//!
//! Pure: settings in, a document out. Each resource names, in its `Metadata`, the checks it satisfies.
//! What CloudFormation cannot do, `apply` does: Block Public Access of the account, logging of
//! services that are there already (VPC flow logs, load balancers, buckets, …).

mod alerts;
mod delivery;
mod intrinsics;
mod parameters;
mod resource;
mod settings;
mod storage;
mod trail;
mod yaml;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::desired::Site;

pub use settings::{DataEvents, EmitSettings, ObjectLock};

/// CloudFormation takes a template of this many bytes with a request; a larger one has to be put
/// into a bucket first.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
pub const MAX_TEMPLATE_BYTES: usize = 51_200;

/// Why there is no template.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// Longer than CloudWatch Logs can keep logs, other than for ever, or not at all.
    #[error("logs cannot be kept for {days} days: CloudWatch Logs takes 1 to 3653")]
    Retention {
        /// As it was given.
        days: i64,
    },
    /// A setting is not what AWS takes.
    #[error("{value:?} is no {what}; it looks like {example}")]
    Setting {
        /// What it was to be.
        what: &'static str,
        /// As it was given.
        value: String,
        /// One that is right.
        example: &'static str,
    },
    /// The document could not be written as YAML.
    #[error("the template cannot be written as YAML")]
    Yaml(#[from] yaml_serde::Error),
}

/// A CloudFormation template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    body: Value,
}

impl Template {
    /// The document, functions in their long form (`Fn::Sub`).
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.body
    }

    /// The document as YAML for people, functions in their short form (`!Sub`).
    ///
    /// # Errors
    /// [`EmitError::Yaml`].
    pub fn to_yaml(&self) -> Result<String, EmitError> {
        Ok(yaml::text(&self.body)?)
    }

    /// The ids of the checks that pass once the template is deployed.
    #[must_use]
    pub fn checks(&self) -> BTreeSet<&str> {
        self.metadata().flat_map(|about| texts(&about["Checks"])).collect()
    }

    /// The ids of those that pass besides where a parameter is set so: `DataEvents=AllBuckets`.
    #[must_use]
    pub fn checks_with(&self, choice: &str) -> BTreeSet<&str> {
        self.metadata().flat_map(|about| texts(&about["ChecksWith"][choice])).collect()
    }

    fn metadata(&self) -> impl Iterator<Item = &Value> {
        let resources = self.body["Resources"].as_object().into_iter().flatten();
        resources.map(|(_, resource)| &resource["Metadata"]["Trailkeep"])
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Account and Region as CloudFormation calls them where the stack is.
fn site() -> Site {
    Site {
        partition: "${AWS::Partition}".to_owned(),
        account: "${AWS::AccountId}".to_owned(),
        region: "${AWS::Region}".to_owned(),
    }
}

/// The template. The settings become the defaults of its parameters; whoever deploys it may choose
/// others.
///
/// # Errors
/// [`EmitError`] when a setting is nothing that AWS takes.
pub fn cloudformation(settings: &EmitSettings) -> Result<Template, EmitError> {
    let mut resources = Map::new();
    let all = [storage::resources(), trail::resources(), alerts::resources(), delivery::resources()];
    for (name, resource) in all.into_iter().flatten().map(resource::Resource::finish) {
        resources.insert(name, resource);
    }
    let body = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Logging and monitoring that satisfies Trailkeep's checks: a multi-Region trail, a closed log \
                        bucket, alarms on changes, and delivery of events to Trailkeep. As a StackSet: deploy to every \
                        Region.",
        "Metadata": parameters::interface(),
        "Parameters": parameters::parameters(settings)?,
        "Conditions": parameters::conditions(),
        "Resources": resources,
        "Outputs": parameters::outputs(),
    });
    Ok(Template { body: intrinsics::filled_in(body) })
}

#[cfg(test)]
mod tests;
