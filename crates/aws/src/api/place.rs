//! Where a call goes, and which Region it is signed for.

use serde_json::Value;

use super::service::{GlobalEndpoint, Location, Service};
use crate::endpoint::{Endpoint, Variant, aws_url, bucket_url, check_bucket_name, is_region, partition_of};

/// Stands for the partition as a whole.
pub(super) const GLOBAL: &str = "global";

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Scheme, host and what of the path stands before the operation's; no slash at the end.
    pub(super) base: String,
    /// Region that is signed for.
    pub(super) region: String,
}

/// What is known before the service is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings<'a> {
    /// The user's endpoint for the service.
    pub(super) endpoint: Option<&'a Endpoint>,
    pub(super) variant: Variant,
}

/// The place of `service` in `region`; why there is none otherwise, in words.
pub(super) fn find(
    service: &Service,
    region: &str,
    input: &Value,
    settings: Settings<'_>,
) -> Result<Place, String> {
    if !is_region(region) {
        return Err(format!("{region:?} is no Region's name"));
    }
    let member = |name: &str| input.get(name).and_then(Value::as_str);
    let in_region = |base: String| Place { base, region: region.to_owned() };
    match service.location {
        Location::S3 => match member("Bucket") {
            Some(bucket) => {
                check_bucket_name(bucket).map_err(|error| error.to_string())?;
                Ok(in_region(bucket_url(settings.endpoint, region, bucket, settings.variant)))
            }
            None => {
                let own = || aws_url(region, settings.variant);
                Ok(in_region(settings.endpoint.map_or_else(own, |endpoint| endpoint.as_str().to_owned())))
            }
        },
        Location::Global(places) => global(service, region, places, settings),
        Location::Regional | Location::S3Control => {
            if let Some(endpoint) = settings.endpoint {
                return Ok(in_region(endpoint.as_str().to_owned()));
            }
            let account = match service.location {
                Location::S3Control => Some(member("AccountId").ok_or("AccountId is missing")?),
                _ => None,
            };
            Ok(in_region(regional(service, region, account, settings.variant)?))
        }
    }
}

fn global(
    service: &Service,
    region: &str,
    places: &[GlobalEndpoint],
    settings: Settings<'_>,
) -> Result<Place, String> {
    let partition = partition_of(region);
    let found = places.iter().find(|place| place.partition == partition.name);
    let place = found
        .ok_or_else(|| format!("{} does not exist in the partition {}", service.sdk_id, partition.name))?;
    let own = || {
        // GovCloud's endpoints are FIPS endpoints by themselves.
        let host = match place.host.split_once('.') {
            Some((first, rest)) if settings.variant.fips && partition.name == "aws" => {
                format!("{first}-fips.{rest}")
            }
            _ => place.host.to_owned(),
        };
        format!("https://{host}")
    };
    let base = settings.endpoint.map_or_else(own, |endpoint| endpoint.as_str().to_owned());
    Ok(Place { base, region: place.region.to_owned() })
}

fn regional(
    service: &Service,
    region: &str,
    account: Option<&str>,
    variant: Variant,
) -> Result<String, String> {
    let fips = if variant.fips { "-fips" } else { "" };
    let prefix = service.endpoint_prefix;
    let partition = partition_of(region);
    let Some(account) = account else {
        let suffix = if variant.dual_stack { partition.dual_stack_suffix } else { partition.suffix };
        return Ok(format!("https://{prefix}{fips}.{region}.{suffix}"));
    };
    // It becomes part of the host name.
    if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("{account:?} is no account id"));
    }
    let stack = if variant.dual_stack { ".dualstack" } else { "" };
    Ok(format!("https://{account}.{prefix}{fips}{stack}.{region}.{}", partition.suffix))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::services::{cloudtrail, iam, organizations, s3, s3control};

    const PLAIN: Settings<'static> =
        Settings { endpoint: None, variant: Variant { fips: false, dual_stack: false } };

    fn url(service: &Service, region: &str, input: Value, settings: Settings<'_>) -> (String, String) {
        let place = find(service, region, &input, settings).unwrap();
        (place.base, place.region)
    }

    fn pair(base: &str, region: &str) -> (String, String) {
        (base.to_owned(), region.to_owned())
    }

    #[test]
    fn one_host_per_region() {
        for (region, host) in [
            ("eu-west-1", "https://cloudtrail.eu-west-1.amazonaws.com"),
            ("cn-north-1", "https://cloudtrail.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "https://cloudtrail.us-gov-west-1.amazonaws.com"),
            ("us-iso-east-1", "https://cloudtrail.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", "https://cloudtrail.us-isob-east-1.sc2s.sgov.gov"),
            ("eusc-de-east-1", "https://cloudtrail.eusc-de-east-1.amazonaws.eu"),
        ] {
            assert_eq!(url(&cloudtrail::SERVICE, region, json!({}), PLAIN), pair(host, region));
        }
        let both = Settings { variant: Variant { fips: true, dual_stack: true }, ..PLAIN };
        assert_eq!(
            url(&cloudtrail::SERVICE, "us-west-2", json!({}), both).0,
            "https://cloudtrail-fips.us-west-2.api.aws"
        );
    }

    #[test]
    fn one_host_per_partition() {
        assert_eq!(
            url(&iam::SERVICE, "eu-west-1", json!({}), PLAIN),
            pair("https://iam.amazonaws.com", "us-east-1")
        );
        assert_eq!(
            url(&iam::SERVICE, "cn-northwest-1", json!({}), PLAIN),
            pair("https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1")
        );
        assert_eq!(
            url(&organizations::SERVICE, "us-gov-east-1", json!({}), PLAIN),
            pair("https://organizations.us-gov-west-1.amazonaws.com", "us-gov-west-1")
        );
        let fips = Settings { variant: Variant { fips: true, dual_stack: false }, ..PLAIN };
        assert_eq!(url(&iam::SERVICE, "us-east-1", json!({}), fips).0, "https://iam-fips.amazonaws.com");
        let error = find(&iam::SERVICE, "xx-nowhere-1", &json!({}), PLAIN);
        assert!(error.is_ok(), "new Regions are taken to be AWS's own");
    }

    #[test]
    fn buckets_and_accounts_stand_before_the_host() {
        let bucket = json!({"Bucket": "logs"});
        assert_eq!(
            url(&s3::SERVICE, "eu-west-1", bucket, PLAIN).0,
            "https://logs.s3.eu-west-1.amazonaws.com"
        );
        assert_eq!(url(&s3::SERVICE, "eu-west-1", json!({}), PLAIN).0, "https://s3.eu-west-1.amazonaws.com");
        assert_eq!(
            url(&s3control::SERVICE, "eu-west-1", json!({"AccountId": "111122223333"}), PLAIN).0,
            "https://111122223333.s3-control.eu-west-1.amazonaws.com"
        );
    }

    #[test]
    fn the_users_endpoint_goes_before_all() {
        let endpoint = Endpoint::parse("http://127.0.0.1:5000/x/", false).unwrap();
        let settings = Settings { endpoint: Some(&endpoint), ..PLAIN };
        let base = "http://127.0.0.1:5000/x";
        assert_eq!(url(&cloudtrail::SERVICE, "eu-west-1", json!({}), settings), pair(base, "eu-west-1"));
        assert_eq!(url(&iam::SERVICE, "eu-west-1", json!({}), settings), pair(base, "us-east-1"));
        let bucket = json!({"Bucket": "logs"});
        assert_eq!(url(&s3::SERVICE, "eu-west-1", bucket, settings).0, format!("{base}/logs"));
        assert_eq!(url(&s3control::SERVICE, "eu-west-1", json!({}), settings).0, base);
    }

    #[test]
    fn nothing_hostile_becomes_a_host() {
        for (service, region, input) in [
            (&cloudtrail::SERVICE, "evil.example/#", json!({})),
            (&s3::SERVICE, "eu-west-1", json!({"Bucket": "evil.com#x"})),
            (&s3control::SERVICE, "eu-west-1", json!({"AccountId": "evil.com/"})),
            (&s3control::SERVICE, "eu-west-1", json!({})),
        ] {
            assert!(find(service, region, &input, PLAIN).is_err(), "{region} {input}");
        }
    }
}
