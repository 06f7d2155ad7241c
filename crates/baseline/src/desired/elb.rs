//! The bucket that load balancers deliver their access logs to. It is in their own Region, and is
//! encrypted with S3's key: access logs of Application Load Balancers take no other.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>

use serde_json::{Value, json};

use super::{Site, bucket};
use crate::policy::ELB_ACCOUNTS;

/// What the bucket's policy says, for load balancers of this account in this Region.
///
/// Application Load Balancers deliver as `logdelivery.elasticloadbalancing.amazonaws.com`, Network Load
/// Balancers as `delivery.logs.amazonaws.com`. Classic ones deliver as the first in the newer Regions, and
/// from an account of AWS in the older ones (`classic` says that there are some).
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html>
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-access-logs.html>
#[must_use]
pub fn bucket_statements(site: &Site, name: &str, classic: bool) -> Vec<Value> {
    let arn = site.bucket_arn(name);
    let files = format!("{arn}/AWSLogs/{}/*", site.account);
    let mut statements = vec![json!({
        "Sid": "TrailkeepLoadBalancers", "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": files,
        "Condition": {"ArnLike": {"aws:SourceArn": site.arn("elasticloadbalancing", "loadbalancer/*")}},
    })];
    let account = ELB_ACCOUNTS.iter().find(|(region, _)| *region == site.region).map(|(_, account)| account);
    if let (true, Some(account)) = (classic, account) {
        statements.push(json!({
            "Sid": "TrailkeepClassicLoadBalancers", "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{}:iam::{account}:root", site.partition)},
            "Action": "s3:PutObject", "Resource": files,
        }));
    }
    statements.extend(bucket::delivery_statements(site, name));
    statements.push(bucket::tls_only(site, name));
    statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Party, Policy};

    fn policy(region: &str, classic: bool) -> Policy {
        let site = Site {
            partition: "aws".to_owned(),
            account: "111122223333".to_owned(),
            region: region.to_owned(),
        };
        Policy::parse(&super::super::document(&bucket_statements(&site, "b", classic))).unwrap()
    }

    fn allows(region: &str, service: &str, source: &str) -> bool {
        let file = "arn:aws:s3:::b/AWSLogs/111122223333/elasticloadbalancing/x";
        policy(region, false).allows_service(
            service,
            "s3:PutObject",
            file,
            Some(source),
            source.split(':').nth(4),
        )
    }

    #[test]
    fn load_balancers_of_the_account_may_deliver_and_no_others() {
        let elb = "logdelivery.elasticloadbalancing.amazonaws.com";
        let of = |region: &str, account: &str| {
            format!("arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/a/1")
        };
        assert!(allows("eu-west-1", elb, &of("eu-west-1", "111122223333")));
        assert!(!allows("eu-west-1", elb, &of("eu-west-1", "444455556666")));
        assert!(!allows("eu-west-1", elb, &of("us-east-1", "111122223333")));
        let logs = "arn:aws:logs:eu-west-1:111122223333:*";
        assert!(allows("eu-west-1", "delivery.logs.amazonaws.com", logs));
    }

    #[test]
    fn older_regions_have_an_account_for_classic_load_balancers() {
        let parties = |region: &str, classic: bool| -> Vec<Party> {
            let foreign = policy(region, classic).foreign_accounts("111122223333");
            let party = |foreign: &crate::policy::Foreign| foreign.party.clone();
            foreign.iter().map(party).filter(|party| matches!(party, Party::AwsAccount(_))).collect()
        };
        assert_eq!(parties("eu-west-1", true), [Party::AwsAccount("156460612806".to_owned())]);
        assert_eq!(parties("eu-west-1", false), []);
        assert_eq!(parties("eu-central-2", true), []);
    }
}
