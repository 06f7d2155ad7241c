//! Where logs go: does the destination exist, and is it closed?
//!
//! A service goes on "logging" into a bucket or log group that was deleted, and says nothing; and
//! whoever makes a bucket of that name anew receives the logs. So every destination is looked up in the
//! inventory. What lies in an account or Region that was not looked at is not known, which is neither
//! good nor bad.

use std::fmt;

use super::logging::listing;
use crate::check::Context;
use crate::inventory::{GLOBAL, Inventory, Place, Unknown};
use crate::policy::{Policy, acl};
use crate::value::Json;

/// A place that logs are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// An S3 bucket. Its ARN names no account.
    Bucket(String),
    /// A log group of CloudWatch Logs.
    LogGroup(Spot),
    /// A delivery stream of Amazon Data Firehose.
    DeliveryStream(Spot),
    /// A data stream of Kinesis.
    DataStream(Spot),
}

/// A named resource of one Region of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    account: String,
    region: String,
    name: String,
}

/// Whether a destination can receive logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Liveness {
    /// It exists, and is closed to the public.
    Alive,
    /// It does not exist: the sentence says so.
    Missing(String),
    /// It exists, and the public can read or write it.
    Open(String),
    /// It is in an account or Region that is not part of the inventory.
    Elsewhere(Unknown),
}

impl Target {
    /// Reads a destination's ARN; `None` for what is none of these kinds.
    pub(super) fn parse(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, service, region, account, resource] = parts[..] else { return None };
        let spot = |name: &str| Spot {
            account: account.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
        };
        match service {
            "s3" => Some(Self::bucket(resource)),
            "logs" => {
                let name = resource.strip_prefix("log-group:")?;
                Some(Self::LogGroup(spot(name.split(':').next().unwrap_or(name))))
            }
            "firehose" => {
                resource.strip_prefix("deliverystream/").map(|name| Self::DeliveryStream(spot(name)))
            }
            "kinesis" => resource.strip_prefix("stream/").map(|name| Self::DataStream(spot(name))),
            _ => None,
        }
    }

    /// A bucket by its name; a key prefix behind it (`bucket/prefix`) is left out.
    pub(super) fn bucket(name: &str) -> Self {
        Self::Bucket(name.split('/').next().unwrap_or(name).to_owned())
    }

    /// A log group of this place by its name.
    pub(super) fn log_group(place: Place<'_>, name: &str) -> Self {
        Self::LogGroup(Spot::at(place, name))
    }

    /// A delivery stream of this place by its name.
    pub(super) fn delivery_stream(place: Place<'_>, name: &str) -> Self {
        Self::DeliveryStream(Spot::at(place, name))
    }

    /// Looks the destination of logs of `from` up in the inventory.
    ///
    /// # Errors
    /// [`Unknown`] when the list that it would be in could not be read.
    pub(super) fn liveness(&self, context: &Context<'_>, from: Place<'_>) -> Result<Liveness, Unknown> {
        match self {
            Self::Bucket(name) => bucket(context.inventory, from, name),
            Self::LogGroup(spot) => spot.look(context.inventory, self, "logs:DescribeLogGroups", |place| {
                Ok(log_group(place, &spot.name)?.is_some())
            }),
            Self::DeliveryStream(spot) => {
                spot.listed(context.inventory, self, "firehose:ListDeliveryStreams", "DeliveryStreamNames")
            }
            Self::DataStream(spot) => {
                spot.listed(context.inventory, self, "kinesis:ListStreams", "StreamNames")
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket(name) => write!(f, "bucket {name}"),
            Self::LogGroup(spot) => write!(f, "log group {}", spot.name),
            Self::DeliveryStream(spot) => write!(f, "delivery stream {}", spot.name),
            Self::DataStream(spot) => write!(f, "data stream {}", spot.name),
        }
    }
}

impl Spot {
    fn at(place: Place<'_>, name: &str) -> Self {
        Self {
            account: place.account_id().to_owned(),
            region: place.region.to_owned(),
            name: name.to_owned(),
        }
    }

    fn look<'i>(
        &self,
        inventory: &'i Inventory,
        target: &Target,
        call: &str,
        exists: impl FnOnce(Place<'i>) -> Result<bool, Unknown>,
    ) -> Result<Liveness, Unknown> {
        let Self { account, region, .. } = self;
        let Some(place) = inventory.place(account, region) else {
            let reason = format!(
                "whether {target} exists is not known: {region} of account {account} is not part of the \
                 inventory"
            );
            return Ok(Liveness::Elsewhere(Unknown { call: call.to_owned(), missing_action: None, reason }));
        };
        Ok(if exists(place)? {
            Liveness::Alive
        } else {
            Liveness::Missing(format!("{target} does not exist in {region} of account {account}"))
        })
    }

    fn listed(
        &self,
        inventory: &Inventory,
        target: &Target,
        call: &str,
        path: &str,
    ) -> Result<Liveness, Unknown> {
        self.look(inventory, target, call, |place| {
            Ok(place.list(call, path)?.iter().any(|name| name.as_str() == Some(self.name.as_str())))
        })
    }
}

/// The log group of this name in this place.
///
/// # Errors
/// [`Unknown`] when log groups could not be listed.
pub(super) fn log_group<'a>(place: Place<'a>, name: &str) -> Result<Option<&'a serde_json::Value>, Unknown> {
    let groups = place.list("logs:DescribeLogGroups", "logGroups")?;
    Ok(groups.iter().find(|group| group.text("logGroupName") == Some(name)))
}

fn bucket(inventory: &Inventory, from: Place<'_>, name: &str) -> Result<Liveness, Unknown> {
    if let Some(place) = inventory.bucket_place(name) {
        return Ok(match openness(place, name)? {
            Some(how) => Liveness::Open(format!("bucket {name} is open to the public: {how}")),
            None => Liveness::Alive,
        });
    }
    for place in inventory.globals() {
        place.list("s3:ListBuckets", "Buckets")?;
    }
    if is_whole_estate(inventory, from) {
        return Ok(Liveness::Missing(format!("bucket {name} does not exist in any account of the estate")));
    }
    let reason = format!(
        "whether bucket {name} exists is not known: no account of the inventory has it, and other accounts \
         were not looked at"
    );
    Ok(Liveness::Elsewhere(Unknown { call: "s3:ListBuckets".to_owned(), missing_action: None, reason }))
}

/// Whether the inventory holds every account that belongs together with this one: it stands alone, or
/// all members of its organisation were looked at.
fn is_whole_estate(inventory: &Inventory, from: Place<'_>) -> bool {
    match from.global().get("organizations:DescribeOrganization") {
        Ok(None) => true,
        Err(_) => false,
        Ok(Some(_)) => inventory.globals().any(|place| {
            let members = place.list("organizations:ListAccounts", "Accounts").unwrap_or_default();
            let mut active = members.iter().filter(|account| account.text("Status") != Some("SUSPENDED"));
            !members.is_empty()
                && active
                    .all(|account| account.text("Id").is_some_and(|id| inventory.place(id, GLOBAL).is_some()))
        }),
    }
}

/// How the public gets at a bucket, in words; `None` for a closed one. An account's and a bucket's
/// Block Public Access add up.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
fn openness(place: Place<'_>, bucket: &str) -> Result<Option<String>, Unknown> {
    let blocked = |setting: &str| -> Result<bool, Unknown> {
        let path = format!("PublicAccessBlockConfiguration.{setting}");
        let own = place.get_for("s3:GetPublicAccessBlock", bucket)?;
        if own.is_some_and(|output| output.flag(&path)) {
            return Ok(true);
        }
        Ok(place.get("s3control:GetPublicAccessBlock")?.is_some_and(|output| output.flag(&path)))
    };
    if let Some(how) = by_policy(place, bucket)?
        && !blocked("RestrictPublicBuckets")?
    {
        return Ok(Some(how));
    }
    match by_acl(place, bucket)? {
        Some(how) if !blocked("IgnorePublicAcls")? => Ok(Some(how)),
        _ => Ok(None),
    }
}

fn by_policy(place: Place<'_>, bucket: &str) -> Result<Option<String>, Unknown> {
    const CALL: &str = "s3:GetBucketPolicy";
    let output = place.get_for(CALL, bucket)?;
    let Some(text) = output.and_then(|output| output.text("Policy")) else { return Ok(None) };
    let policy = Policy::parse(text).map_err(|error| Unknown {
        call: CALL.to_owned(),
        missing_action: None,
        reason: format!("the policy of bucket {bucket} cannot be read: {error}"),
    })?;
    Ok(policy.public_grants().first().map(|grant| {
        let actions =
            if grant.actions.is_empty() { "actions".to_owned() } else { listing(&grant.actions, 3) };
        format!("its policy allows {actions} to anyone")
    }))
}

fn by_acl(place: Place<'_>, bucket: &str) -> Result<Option<String>, Unknown> {
    let grants = place.get_for("s3:GetBucketAcl", bucket)?.map(acl::grants).unwrap_or_default();
    let public = grants.iter().find(|grant| grant.grantee.is_public());
    Ok(public.map(|grant| format!("its ACL grants {} to anyone", grant.permission)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{ACCOUNT, Estate, REGION, public_policy};
    use super::*;
    use crate::check::Settings;

    fn liveness(estate: &Estate, target: &Target) -> Result<Liveness, Unknown> {
        let settings = Settings::default();
        let context = Context { inventory: estate.inventory(), settings: &settings };
        target.liveness(&context, estate.place())
    }

    #[test]
    fn arns_of_destinations_are_read() {
        let spot = |name: &str| Spot { account: "1".into(), region: "r".into(), name: name.into() };
        for (arn, expected) in [
            ("arn:aws:s3:::logs", Some(Target::Bucket("logs".into()))),
            ("arn:aws-cn:s3:::logs/some/prefix/", Some(Target::Bucket("logs".into()))),
            ("arn:aws:logs:r:1:log-group:/a/b:*", Some(Target::LogGroup(spot("/a/b")))),
            ("arn:aws:logs:r:1:log-group:aws-waf-logs-x", Some(Target::LogGroup(spot("aws-waf-logs-x")))),
            ("arn:aws:firehose:r:1:deliverystream/d", Some(Target::DeliveryStream(spot("d")))),
            ("arn:aws:kinesis:r:1:stream/s", Some(Target::DataStream(spot("s")))),
            ("arn:aws:sns:r:1:topic", None),
            ("arn:aws:logs:r:1:destination:x", None),
            ("logs", None),
            ("", None),
        ] {
            assert_eq!(Target::parse(arn), expected, "{arn}");
        }
    }

    #[test]
    fn what_the_inventory_lists_is_alive_and_what_it_does_not_list_is_missing() {
        let estate = Estate::new();
        for (arn, alive) in [
            ("arn:aws:s3:::logs".to_owned(), true),
            ("arn:aws:s3:::gone".to_owned(), false),
            (format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:app:*"), true),
            (format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:ap"), false),
            (format!("arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/flow"), true),
            (format!("arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/gone"), false),
        ] {
            let target = Target::parse(&arn).unwrap();
            let found = liveness(&estate, &target).unwrap();
            assert_eq!(found == Liveness::Alive, alive, "{arn}: {found:?}");
            assert!(alive || matches!(&found, Liveness::Missing(text) if text.contains("does not exist")));
        }
    }

    #[test]
    fn other_accounts_and_regions_are_elsewhere() {
        let estate = Estate::new();
        for arn in [
            format!("arn:aws:logs:{REGION}:999999999999:log-group:app"),
            format!("arn:aws:firehose:ap-south-1:{ACCOUNT}:deliverystream/flow"),
        ] {
            let found = liveness(&estate, &Target::parse(&arn).unwrap()).unwrap();
            assert!(matches!(&found, Liveness::Elsewhere(_)), "{found:?}");
        }
    }

    #[test]
    fn a_bucket_that_nobody_has_is_missing_only_where_everybody_was_asked() {
        let organisation = json!({"Organization": {"Id": "o-1"}});
        let estate = Estate::new().global("organizations:DescribeOrganization", "", organisation);
        let gone = Target::bucket("gone");
        assert!(matches!(liveness(&estate, &gone).unwrap(), Liveness::Elsewhere(_)));

        let members = |ids: &[&str]| {
            let accounts: Vec<_> = ids.iter().map(|id| json!({"Id": id, "Status": "ACTIVE"})).collect();
            json!({"Accounts": accounts})
        };
        let partly = estate.global("organizations:ListAccounts", "", members(&[ACCOUNT, "222222222222"]));
        assert!(matches!(liveness(&partly, &gone).unwrap(), Liveness::Elsewhere(_)));
        let wholly = partly.global("organizations:ListAccounts", "", members(&[ACCOUNT]));
        assert!(matches!(liveness(&wholly, &gone).unwrap(), Liveness::Missing(_)));

        let refused = Estate::new().denied_globally("s3:ListBuckets", "", "s3:ListAllMyBuckets");
        assert_eq!(
            liveness(&refused, &gone).unwrap_err().missing_action.as_deref(),
            Some("s3:ListAllMyBuckets")
        );
    }

    #[test]
    fn a_public_bucket_is_open_unless_public_access_is_blocked() {
        let logs = Target::bucket("logs");
        let everyone = "http://acs.amazonaws.com/groups/global/AllUsers";
        let acl = json!({"Grants": [{"Grantee": {"URI": everyone, "Type": "Group"}, "Permission": "READ"}]});
        let policy = public_policy();
        for (call, answer, setting) in [
            ("s3:GetBucketAcl", acl, "IgnorePublicAcls"),
            ("s3:GetBucketPolicy", policy, "RestrictPublicBuckets"),
        ] {
            let open = Estate::new().global(call, "logs", answer);
            assert!(matches!(liveness(&open, &logs).unwrap(), Liveness::Open(_)), "{call}");
            let block = json!({"PublicAccessBlockConfiguration": {setting: true}});
            let closed = open.clone().global("s3:GetPublicAccessBlock", "logs", block.clone());
            assert_eq!(liveness(&closed, &logs).unwrap(), Liveness::Alive, "{call}");
            let closed = open.global("s3control:GetPublicAccessBlock", "", block);
            assert_eq!(liveness(&closed, &logs).unwrap(), Liveness::Alive, "{call}");
        }
        for call in ["s3:GetBucketAcl", "s3:GetBucketPolicy"] {
            let refused = Estate::new().denied_globally(call, "logs", call);
            assert!(liveness(&refused, &logs).is_err(), "{call}");
        }
        let damaged = Estate::new().global("s3:GetBucketPolicy", "logs", json!({"Policy": "{"}));
        assert!(liveness(&damaged, &logs).unwrap_err().reason.contains("cannot be read"));
    }
}
