//! How checks read the inventory.

use serde_json::Value;

use super::{Account, Answer, GLOBAL, Inventory};
use crate::value::Json;

/// Something is not known: the question was refused, failed, or was never asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The call, `service:Operation`.
    pub call: String,
    /// The IAM action that was missing, where that is the reason.
    pub missing_action: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// One Region of one account ([`GLOBAL`] for global services).
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The whole document, for what lies elsewhere.
    pub inventory: &'a Inventory,
    /// The account.
    pub account: &'a Account,
    /// The Region's name.
    pub region: &'a str,
}

impl Inventory {
    /// The Regions of all accounts, the global ones not among them.
    pub fn places(&self) -> impl Iterator<Item = Place<'_>> {
        self.accounts.values().flat_map(move |account| {
            account.regions.iter().map(move |region| Place { inventory: self, account, region })
        })
    }

    /// The global place of each account.
    pub fn globals(&self) -> impl Iterator<Item = Place<'_>> {
        self.accounts.values().map(move |account| Place { inventory: self, account, region: GLOBAL })
    }

    /// A Region of an account, where the account is part of the inventory and the Region is on.
    #[must_use]
    pub fn place(&self, account: &str, region: &str) -> Option<Place<'_>> {
        let account = self.accounts.get(account)?;
        let region = match region {
            GLOBAL => GLOBAL,
            _ => account.regions.iter().find(|name| *name == region)?,
        };
        Some(Place { inventory: self, account, region })
    }

    /// Where the resource of this ARN lives, where that is part of the inventory. ARNs of S3 buckets
    /// name no account: see [`Inventory::bucket_place`].
    #[must_use]
    pub fn place_of(&self, arn: &str) -> Option<Place<'_>> {
        let mut parts = arn.splitn(6, ':').skip(3);
        let (region, account) = (parts.next()?, parts.next()?);
        self.place(account, if region.is_empty() { GLOBAL } else { region })
    }

    /// The global place of the account that owns the bucket, where that is part of the inventory.
    #[must_use]
    pub fn bucket_place(&self, bucket: &str) -> Option<Place<'_>> {
        self.globals().find(|place| {
            let listed = place.list("s3:ListBuckets", "Buckets").unwrap_or_default();
            listed.iter().any(|item| item.text("Name") == Some(bucket))
        })
    }
}

impl<'a> Place<'a> {
    /// The account's id.
    #[must_use]
    pub fn account_id(&self) -> &'a str {
        &self.account.id
    }

    /// The global place of the same account.
    #[must_use]
    pub fn global(&self) -> Place<'a> {
        Place { region: GLOBAL, ..*self }
    }

    /// `aws`, `aws-cn` or `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        let sample = if self.region == GLOBAL {
            self.account.regions.first().map_or("", String::as_str)
        } else {
            self.region
        };
        match sample {
            name if name.starts_with("cn-") => "aws-cn",
            name if name.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// The ARN of a resource of this place (`arn("logs", "log-group:x")`).
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let region = if self.region == GLOBAL { "" } else { self.region };
        format!("arn:{}:{service}:{region}:{}:{resource}", self.partition(), self.account_id())
    }

    /// The ARN of the account itself, for verdicts about a whole account or Region.
    #[must_use]
    pub fn account_arn(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition(), self.account_id())
    }

    /// The output of a call about one resource; `None` where the service says that there is none.
    ///
    /// # Errors
    /// [`Unknown`] when the call failed or was not made.
    pub fn get_for(&self, call: &str, resource: &str) -> Result<Option<&'a Value>, Unknown> {
        let answer = self
            .account
            .answers
            .get(self.region)
            .and_then(|calls| calls.get(call))
            .and_then(|resources| resources.get(resource));
        match answer {
            Some(Answer::Output(value)) => Ok(Some(value)),
            Some(Answer::Absent(_)) => Ok(None),
            Some(Answer::Failed(failure)) => Err(Unknown {
                call: call.to_owned(),
                missing_action: failure.missing_action.clone(),
                reason: format!("{}: {}", failure.code, failure.message),
            }),
            None => {
                let about = if resource.is_empty() { String::new() } else { format!(" about {resource}") };
                Err(Unknown {
                    call: call.to_owned(),
                    missing_action: None,
                    reason: format!("{call}{about} in {} is not in the inventory", self.region),
                })
            }
        }
    }

    /// The output of a call about the whole Region.
    ///
    /// # Errors
    /// [`Unknown`] when the call failed or was not made.
    pub fn get(&self, call: &str) -> Result<Option<&'a Value>, Unknown> {
        self.get_for(call, "")
    }

    /// The elements of a list in the output of a call about the whole Region.
    ///
    /// # Errors
    /// [`Unknown`] when the call failed or was not made.
    pub fn list(&self, call: &str, path: &str) -> Result<&'a [Value], Unknown> {
        Ok(self.get(call)?.map_or(&[], |output| output.items(path)))
    }

    /// The elements of a list in the output of a call about one resource.
    ///
    /// # Errors
    /// [`Unknown`] when the call failed or was not made.
    pub fn list_for(&self, call: &str, resource: &str, path: &str) -> Result<&'a [Value], Unknown> {
        Ok(self.get_for(call, resource)?.map_or(&[], |output| output.items(path)))
    }

    /// All resources that a call was made about, with their outputs.
    pub fn each(
        &self,
        call: &str,
    ) -> impl Iterator<Item = (&'a str, Result<Option<&'a Value>, Unknown>)> + use<'a> {
        let place = *self;
        let resources = self.account.answers.get(self.region).and_then(|calls| calls.get(call));
        let call = call.to_owned();
        resources
            .into_iter()
            .flatten()
            .map(move |(resource, _)| (resource.as_str(), place.get_for(&call, resource)))
    }
}
