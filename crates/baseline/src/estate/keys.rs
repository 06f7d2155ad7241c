//! KMS keys, by any of the names that other services give them.

use serde_json::Value;

use crate::inventory::{Inventory, Place, Unknown};
use crate::value::Json;

/// A KMS key.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// Its ARN.
    pub arn: String,
    /// Where it is.
    pub place: Place<'a>,
    /// What `DescribeKey` says of it; nothing where there is no such key.
    pub metadata: Option<&'a Value>,
}

/// The key that a resource of the place `near` names by ARN, id, alias ARN or alias.
///
/// # Errors
/// [`Unknown`] when the key's account or Region is not part of the inventory, or could not be asked.
pub fn find<'a>(inventory: &'a Inventory, near: Place<'a>, name: &str) -> Result<Key<'a>, Unknown> {
    let place = if name.starts_with("arn:") {
        inventory.place_of(name).ok_or_else(|| Unknown {
            call: "kms:DescribeKey".to_owned(),
            missing_action: None,
            reason: format!("the account or Region of the key {name} is not part of the inventory"),
        })?
    } else {
        near
    };
    let resource = if name.starts_with("arn:") { name.splitn(6, ':').nth(5).unwrap_or("") } else { name };
    let arn = if let Some(alias) = resource.strip_prefix("alias/") {
        match target_of(place, &format!("alias/{alias}"))? {
            Some(id) => place.arn("kms", &format!("key/{id}")),
            None => return Ok(Key { arn: place.arn("kms", resource), place, metadata: None }),
        }
    } else {
        place.arn("kms", &format!("key/{}", resource.trim_start_matches("key/")))
    };
    let metadata = place.get_for("kms:DescribeKey", &arn)?.and_then(|output| output.at("KeyMetadata"));
    Ok(Key { arn, place, metadata })
}

fn target_of<'a>(place: Place<'a>, alias: &str) -> Result<Option<&'a str>, Unknown> {
    let aliases = place.list("kms:ListAliases", "Aliases")?;
    Ok(aliases
        .iter()
        .find(|item| item.text("AliasName") == Some(alias))
        .and_then(|item| item.text("TargetKeyId")))
}

impl<'a> Key<'a> {
    /// It is there and can be used.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.metadata.and_then(|metadata| metadata.text("KeyState")) == Some("Enabled")
    }

    /// In words, for verdicts: `enabled`, `pending deletion`, `not there`.
    #[must_use]
    pub fn state(&self) -> String {
        match self.metadata {
            None => "not there".to_owned(),
            Some(metadata) => spaced(metadata.text("KeyState").unwrap_or("of unknown state")),
        }
    }

    /// The AWS CLI's commands that make it usable again.
    #[must_use]
    pub fn revival(&self) -> String {
        let (region, arn) = (self.place.region, &self.arn);
        let enable = format!("aws kms enable-key --region {region} --key-id {arn}");
        match self.metadata.and_then(|metadata| metadata.text("KeyState")) {
            Some("PendingDeletion") => {
                format!("aws kms cancel-key-deletion --region {region} --key-id {arn} && {enable}")
            }
            _ => enable,
        }
    }

    /// The AWS CLI's command that sets its policy.
    #[must_use]
    pub fn put_policy(&self) -> String {
        let (region, arn) = (self.place.region, &self.arn);
        format!(
            "aws kms put-key-policy --region {region} --key-id {arn} --policy-name default --policy file://policy.json"
        )
    }

    /// It is AWS's own (`aws/s3`), with a policy that nobody can change.
    #[must_use]
    pub fn is_aws_managed(&self) -> bool {
        self.metadata.and_then(|metadata| metadata.text("KeyManager")) == Some("AWS")
    }

    /// The text of its policy.
    ///
    /// # Errors
    /// [`Unknown`] when it could not be asked.
    pub fn policy(&self) -> Result<Option<&'a str>, Unknown> {
        Ok(self.place.get_for("kms:GetKeyPolicy", &self.arn)?.and_then(|output| output.text("Policy")))
    }
}

/// `PendingDeletion` → `pending deletion`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}
