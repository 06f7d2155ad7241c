//! Every bucket that something in scope delivers logs to.
//!
//! What delivers is read from the answers that say so (trails, Config's delivery channels, flow logs,
//! load balancers, …), not from bucket names. Who owns a bucket is told by the accounts' own lists of
//! buckets: a name that nobody lists is another account's, or gone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::trails::Trails;
use crate::inventory::{Inventory, Place, Unknown};
use crate::value::Json;

/// What kind of thing delivers to a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A CloudTrail trail.
    Trail,
    /// AWS Config's delivery channel.
    Config,
    /// A VPC flow log.
    FlowLog,
    /// An application, network or classic load balancer.
    LoadBalancer,
    /// A CloudFront distribution.
    CloudFront,
    /// A web ACL of AWS WAF.
    Waf,
    /// S3 server access logs of another bucket.
    S3Access,
    /// Route 53 Resolver query logs.
    Resolver,
    /// AWS Network Firewall.
    Firewall,
    /// An MSK cluster.
    Kafka,
    /// A Redshift cluster.
    Redshift,
    /// Bedrock's model invocation logs.
    Bedrock,
    /// A vended log delivery of CloudWatch Logs.
    Delivery,
}

impl Source {
    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trail => "CloudTrail",
            Self::Config => "AWS Config",
            Self::FlowLog => "VPC flow logs",
            Self::LoadBalancer => "load balancer logs",
            Self::CloudFront => "CloudFront logs",
            Self::Waf => "WAF logs",
            Self::S3Access => "S3 server access logs",
            Self::Resolver => "Resolver query logs",
            Self::Firewall => "Network Firewall logs",
            Self::Kafka => "MSK broker logs",
            Self::Redshift => "Redshift audit logs",
            Self::Bedrock => "Bedrock invocation logs",
            Self::Delivery => "vended logs",
        }
    }
}

/// One thing that delivers to a bucket.
#[derive(Clone, Debug)]
pub struct Use<'a> {
    /// What kind of thing.
    pub source: Source,
    /// Its ARN, or its id where it has none.
    pub from: String,
    /// The key prefix that it writes under.
    pub prefix: Option<&'a str>,
    /// Where it is.
    pub place: Place<'a>,
}

/// A bucket that holds logs.
#[derive(Clone, Debug)]
pub struct LogBucket<'a> {
    /// Its name.
    pub name: &'a str,
    /// What delivers to it; at least one.
    pub uses: Vec<Use<'a>>,
    /// The global place of the account that owns it; none where no account of the inventory lists it.
    pub owner: Option<Place<'a>>,
}

/// The log buckets of an estate, by name.
#[derive(Debug)]
pub struct LogBuckets<'a> {
    buckets: Vec<LogBucket<'a>>,
}

impl<'a> LogBuckets<'a> {
    /// Gathers them from all accounts and Regions.
    #[must_use]
    pub fn of(inventory: &'a Inventory) -> Self {
        let mut found = Found::default();
        for trail in Trails::of(inventory).iter() {
            let prefix = trail.config.text("S3KeyPrefix");
            found.add(trail.bucket(), Source::Trail, trail.arn, prefix, trail.place);
        }
        for place in inventory.places() {
            regional(&mut found, place);
            balancers(&mut found, place);
            data_services(&mut found, place);
        }
        for place in inventory.globals() {
            global(&mut found, place);
        }
        let owners = owners(inventory);
        let bucket = |(name, uses)| LogBucket { name, uses, owner: owners.get(name).copied() };
        Self { buckets: found.0.into_iter().map(bucket).collect() }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &LogBucket<'a>> {
        self.buckets.iter()
    }

    /// The log bucket of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&LogBucket<'a>> {
        self.buckets.iter().find(|bucket| bucket.name == name)
    }
}

impl<'a> LogBucket<'a> {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        let partition = self.uses.first().map_or("aws", |user| user.place.partition());
        format!("arn:{partition}:s3:::{}", self.name)
    }

    /// The Region it is in, where its owner's inventory tells.
    #[must_use]
    pub fn region(&self) -> Option<&'a str> {
        let location = self.owner?.get_for("s3:GetBucketLocation", self.name).ok()??;
        // The API names the oldest Regions in ways of their own.
        Some(match location.text("LocationConstraint") {
            None => "us-east-1",
            Some("EU") => "eu-west-1",
            Some(region) => region,
        })
    }

    /// The answer to a question about it, from the account that owns it.
    ///
    /// # Errors
    /// [`Unknown`] when it could not be asked, or no account of the inventory owns the bucket.
    pub fn ask(&self, call: &str) -> Result<Option<&'a Value>, Unknown> {
        match self.owner {
            Some(owner) => owner.get_for(call, self.name),
            None => Err(Unknown {
                call: call.to_owned(),
                missing_action: None,
                reason: format!("no account of the inventory owns the bucket {}", self.name),
            }),
        }
    }

    /// A kind of thing delivers to it.
    #[must_use]
    pub fn serves(&self, source: Source) -> bool {
        self.uses.iter().any(|user| user.source == source)
    }

    /// It holds S3 server access logs and nothing else.
    #[must_use]
    pub fn holds_only_access_logs(&self) -> bool {
        self.uses.iter().all(|user| user.source == Source::S3Access)
    }

    /// What it holds, in words: `CloudTrail and AWS Config`.
    #[must_use]
    pub fn holds(&self) -> String {
        let mut sources: Vec<Source> = self.uses.iter().map(|user| user.source).collect();
        sources.sort_unstable();
        sources.dedup();
        let names: Vec<&str> = sources.into_iter().map(Source::name).collect();
        match names.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            names => names.concat(),
        }
    }
}

/// The global place of the account that owns each bucket.
fn owners(inventory: &Inventory) -> BTreeMap<&str, Place<'_>> {
    let listed = inventory.globals().flat_map(|place| {
        let buckets = place.list("s3:ListBuckets", "Buckets").unwrap_or_default();
        buckets.iter().filter_map(move |item| Some((item.text("Name")?, place)))
    });
    listed.collect()
}

#[derive(Default)]
struct Found<'a>(BTreeMap<&'a str, Vec<Use<'a>>>);

impl<'a> Found<'a> {
    fn add(
        &mut self,
        bucket: Option<&'a str>,
        source: Source,
        from: impl Into<String>,
        prefix: Option<&'a str>,
        place: Place<'a>,
    ) {
        if let Some(bucket) = bucket {
            self.0.entry(bucket).or_default().push(Use { source, from: from.into(), prefix, place });
        }
    }

    /// A destination given as the ARN of a bucket, perhaps with a prefix; other ARNs are not buckets.
    fn add_arn(&mut self, arn: Option<&'a str>, source: Source, from: impl Into<String>, place: Place<'a>) {
        let mut parts = arn.unwrap_or_default().splitn(6, ':');
        let (service, resource) = (parts.nth(2), parts.nth(2));
        if let (Some("s3"), Some(resource)) = (service, resource) {
            let (bucket, prefix) = resource.split_once('/').unwrap_or((resource, ""));
            self.add(Some(bucket), source, from, Some(prefix).filter(|text| !text.is_empty()), place);
        }
    }
}

fn regional<'a>(found: &mut Found<'a>, place: Place<'a>) {
    let listed = |call, path| list(place, call, path).iter();
    for channel in listed("config:DescribeDeliveryChannels", "DeliveryChannels") {
        let from =
            place.arn("config", &format!("delivery-channel/{}", channel.text("name").unwrap_or("default")));
        found.add(channel.text("s3BucketName"), Source::Config, from, channel.text("s3KeyPrefix"), place);
    }
    for log in listed("ec2:DescribeFlowLogs", "FlowLogs") {
        let from = place.arn("ec2", &format!("vpc-flow-log/{}", log.text("FlowLogId").unwrap_or("")));
        found.add_arn(log.text("LogDestination"), Source::FlowLog, from, place);
    }
    for config in listed("route53resolver:ListResolverQueryLogConfigs", "ResolverQueryLogConfigs") {
        found.add_arn(
            config.text("DestinationArn"),
            Source::Resolver,
            config.text("Arn").unwrap_or(""),
            place,
        );
    }
    for destination in listed("logs:DescribeDeliveryDestinations", "deliveryDestinations") {
        let arn = destination.text("deliveryDestinationConfiguration.destinationResourceArn");
        found.add_arn(arn, Source::Delivery, destination.text("arn").unwrap_or(""), place);
    }
    for (firewall, output) in outputs(place, "network-firewall:DescribeLoggingConfiguration") {
        for config in output.items("LoggingConfiguration.LogDestinationConfigs") {
            let to = |member: &str| config.text(&format!("LogDestination.{member}"));
            found.add(to("bucketName"), Source::Firewall, firewall, to("prefix"), place);
        }
    }
    web_acls(found, place);
}

fn web_acls<'a>(found: &mut Found<'a>, place: Place<'a>) {
    for (acl, output) in outputs(place, "wafv2:GetLoggingConfiguration") {
        for arn in output.texts("LoggingConfiguration.LogDestinationConfigs") {
            found.add_arn(Some(arn), Source::Waf, acl, place);
        }
    }
}

fn balancers<'a>(found: &mut Found<'a>, place: Place<'a>) {
    for (balancer, output) in outputs(place, "elbv2:DescribeLoadBalancerAttributes") {
        let attribute = |name: String| {
            let listed = output.items("Attributes").iter();
            listed.filter(|item| item.text("Key") == Some(&name)).find_map(|item| item.text("Value"))
        };
        for kind in ["access_logs", "connection_logs", "health_check_logs"] {
            if attribute(format!("{kind}.s3.enabled")) == Some("true") {
                let prefix = attribute(format!("{kind}.s3.prefix"));
                found.add(
                    attribute(format!("{kind}.s3.bucket")),
                    Source::LoadBalancer,
                    balancer,
                    prefix,
                    place,
                );
            }
        }
    }
    for (name, output) in outputs(place, "elb:DescribeLoadBalancerAttributes") {
        let log = |member: &str| output.at(&format!("LoadBalancerAttributes.AccessLog.{member}"));
        if output.flag("LoadBalancerAttributes.AccessLog.Enabled") {
            let from = place.arn("elasticloadbalancing", &format!("loadbalancer/{name}"));
            let (bucket, prefix) = (log("S3BucketName"), log("S3BucketPrefix"));
            let text = |value: Option<&'a Value>| value.and_then(|value| value.text(""));
            found.add(text(bucket), Source::LoadBalancer, from, text(prefix), place);
        }
    }
}

fn data_services<'a>(found: &mut Found<'a>, place: Place<'a>) {
    for (cluster, output) in outputs(place, "redshift:DescribeLoggingStatus") {
        if output.flag("LoggingEnabled") {
            let from = place.arn("redshift", &format!("cluster:{cluster}"));
            found.add(output.text("BucketName"), Source::Redshift, from, output.text("S3KeyPrefix"), place);
        }
    }
    for cluster in list(place, "kafka:ListClustersV2", "ClusterInfoList") {
        let Some(log) = cluster.at("Provisioned.LoggingInfo.BrokerLogs.S3") else { continue };
        if log.flag("Enabled") {
            let from = cluster.text("ClusterArn").unwrap_or("");
            found.add(log.text("Bucket"), Source::Kafka, from, log.text("Prefix"), place);
        }
    }
    let bedrock = place.get("bedrock:GetModelInvocationLoggingConfiguration").ok().flatten();
    if let Some(config) = bedrock.and_then(|output| output.at("loggingConfig.s3Config")) {
        let from = place.arn("bedrock", "model-invocation-logging");
        found.add(config.text("bucketName"), Source::Bedrock, from, config.text("keyPrefix"), place);
    }
}

fn global<'a>(found: &mut Found<'a>, place: Place<'a>) {
    for (id, output) in outputs(place, "cloudfront:GetDistributionConfig") {
        let Some(log) = output.at("DistributionConfig.Logging").filter(|log| log.flag("Enabled")) else {
            continue;
        };
        // CloudFront wants the bucket's domain name: `logs.s3.amazonaws.com`, with a Region or without.
        let bucket = log
            .text("Bucket")
            .map(|host| host.split_once(".s3.").or(host.split_once(".s3-")).map_or(host, |(name, _)| name));
        let from = place.arn("cloudfront", &format!("distribution/{id}"));
        found.add(bucket, Source::CloudFront, from, log.text("Prefix"), place);
    }
    for (source, output) in outputs(place, "s3:GetBucketLogging") {
        let log = |member: &str| output.text(&format!("LoggingEnabled.{member}"));
        let from = format!("arn:{}:s3:::{source}", place.partition());
        found.add(log("TargetBucket"), Source::S3Access, from, log("TargetPrefix"), place);
    }
    web_acls(found, place);
}

fn list<'a>(place: Place<'a>, call: &str, path: &str) -> &'a [Value] {
    place.list(call, path).unwrap_or_default()
}

/// The outputs of a call about single resources. What could not be read is the business of the check
/// of that service.
fn outputs<'a>(place: Place<'a>, call: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    place.each(call).filter_map(|(resource, answer)| Some((resource, answer.ok()??)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{ACCOUNT, Estate, HOME};

    #[test]
    fn every_kind_of_delivery_is_found() {
        let mut estate = Estate::empty();
        estate.answer(HOME, "config:DescribeDeliveryChannels", "", json!({"DeliveryChannels": [{"name": "default", "s3BucketName": "b-config", "s3KeyPrefix": "c"}]}));
        estate.answer(
            HOME,
            "ec2:DescribeFlowLogs",
            "",
            json!({"FlowLogs": [
            {"FlowLogId": "fl-1", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::b-flow/vpc/"},
            {"FlowLogId": "fl-2", "LogDestination": "arn:aws:logs:eu-west-1:111111111111:log-group:flow"}]}),
        );
        estate.answer(HOME, "elbv2:DescribeLoadBalancerAttributes", "arn:lb", json!({"Attributes": [
            {"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "b-alb"},
            {"Key": "connection_logs.s3.enabled", "Value": "false"}, {"Key": "connection_logs.s3.bucket", "Value": "b-off"}]}));
        estate.answer(
            HOME,
            "elb:DescribeLoadBalancerAttributes",
            "old",
            json!({"LoadBalancerAttributes": {"AccessLog": {"Enabled": "true", "S3BucketName": "b-clb"}}}),
        );
        estate.answer(
            HOME,
            "wafv2:GetLoggingConfiguration",
            "arn:acl",
            json!({"LoggingConfiguration": {"LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-b"]}}),
        );
        estate.answer(
            HOME,
            "route53resolver:ListResolverQueryLogConfigs",
            "",
            json!({"ResolverQueryLogConfigs": [{"Arn": "arn:rqlc", "DestinationArn": "arn:aws:s3:::b-dns"}]}),
        );
        estate.answer(HOME, "network-firewall:DescribeLoggingConfiguration", "arn:fw", json!({"LoggingConfiguration": {"LogDestinationConfigs": [
            {"LogType": "ALERT", "LogDestinationType": "S3", "LogDestination": {"bucketName": "b-fw", "prefix": "a"}},
            {"LogType": "FLOW", "LogDestinationType": "CloudWatchLogs", "LogDestination": {"logGroup": "fw"}}]}}));
        estate.answer(
            HOME,
            "redshift:DescribeLoggingStatus",
            "dw",
            json!({"LoggingEnabled": "true", "BucketName": "b-redshift"}),
        );
        estate.answer(HOME, "kafka:ListClustersV2", "", json!({"ClusterInfoList": [{"ClusterArn": "arn:msk", "Provisioned": {"LoggingInfo": {"BrokerLogs": {"S3": {"Enabled": true, "Bucket": "b-msk"}}}}}]}));
        estate.answer(
            HOME,
            "bedrock:GetModelInvocationLoggingConfiguration",
            "",
            json!({"loggingConfig": {"s3Config": {"bucketName": "b-bedrock"}}}),
        );
        estate.answer("global", "cloudfront:GetDistributionConfig", "E1", json!({"DistributionConfig": {"Logging": {"Enabled": "true", "Bucket": "b.cdn.s3.eu-west-1.amazonaws.com", "Prefix": "x"}}}));
        estate.answer(
            "global",
            "s3:GetBucketLogging",
            "site",
            json!({"LoggingEnabled": {"TargetBucket": "b-access", "TargetPrefix": "site/"}}),
        );
        estate.answer("global", "s3:GetBucketLogging", "quiet", json!({}));
        let found = LogBuckets::of(&estate.inventory);
        let names: Vec<&str> = found.iter().map(|bucket| bucket.name).collect();
        assert_eq!(
            names,
            [
                "aws-waf-logs-b",
                "b-access",
                "b-alb",
                "b-bedrock",
                "b-clb",
                "b-config",
                "b-dns",
                "b-flow",
                "b-fw",
                "b-msk",
                "b-redshift",
                "b.cdn",
            ]
        );
        assert_eq!(found.get("b-flow").unwrap().uses[0].prefix, Some("vpc/"));
        assert!(found.get("b-access").unwrap().holds_only_access_logs());
    }

    #[test]
    fn the_owner_is_who_lists_it() {
        let estate = Estate::compliant();
        let found = LogBuckets::of(&estate.inventory);
        let bucket = found.get("trail-logs").unwrap();
        assert_eq!(bucket.owner.unwrap().account_id(), ACCOUNT);
        assert_eq!((bucket.region(), bucket.holds().as_str()), (Some(HOME), "CloudTrail"));
        assert_eq!(bucket.arn(), "arn:aws:s3:::trail-logs");
    }
}
