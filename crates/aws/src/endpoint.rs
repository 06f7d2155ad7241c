//! Where a bucket lives: AWS's host names, or the endpoint the user gave.

use url::{Host, Url};

use crate::AwsError;

/// An S3 endpoint given by the user. Buckets are addressed in the path below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    url: Url,
}

impl Endpoint {
    /// Checks `text`; plain http needs `allow_http` unless the host is this machine.
    pub(crate) fn parse(text: &str, allow_http: bool) -> Result<Self, AwsError> {
        let wrong =
            |reason: &str| AwsError::WrongEndpoint { endpoint: redact(text), reason: reason.to_owned() };
        let url = Url::parse(text).map_err(|error| wrong(&format!("not a URL ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(wrong("it must begin with https:// (or http://) and a host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("credentials do not belong into an endpoint; use AWS_ACCESS_KEY_ID"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it must not have a query or a fragment"));
        }
        if url.scheme() == "http" && !allow_http && !is_loopback(&url) {
            return Err(wrong(
                "it is plain http to another machine; use https, or allow it with AWS_ALLOW_HTTP=true",
            ));
        }
        Ok(Self { url })
    }

    /// The endpoint without a trailing slash.
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    pub(crate) fn is_http(&self) -> bool {
        self.url.scheme() == "http"
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A malformed endpoint may have credentials in it: what stands before an `@` is not repeated.
fn redact(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, after)) => format!("…@{after}"),
        None => text.to_owned(),
    }
}

/// Which of AWS's own endpoints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
}

/// The URL of `bucket`, without a trailing slash.
pub(crate) fn bucket_url(
    endpoint: Option<&Endpoint>,
    region: &str,
    bucket: &str,
    variant: Variant,
) -> String {
    if let Some(endpoint) = endpoint {
        return format!("{}/{bucket}", endpoint.as_str());
    }
    let service = aws_url(region, variant);
    match service.strip_prefix("https://") {
        Some(host) if is_host_label(bucket) => format!("https://{bucket}.{host}"),
        _ => format!("{service}/{bucket}"),
    }
}

/// True when the bucket can stand in front of the host name. A dot breaks the wildcard
/// certificate; upper case and underscores (buckets of before 2018) are no host names.
pub(crate) fn is_host_label(bucket: &str) -> bool {
    bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// AWS's own S3 endpoint of a Region.
pub(crate) fn aws_url(region: &str, variant: Variant) -> String {
    let suffix = partition_of(region).suffix;
    let service = if variant.fips { "s3-fips" } else { "s3" };
    let stack = if variant.dual_stack { ".dualstack" } else { "" };
    format!("https://{service}{stack}.{region}.{suffix}")
}

/// A part of AWS with accounts and host names of its own.
#[derive(Debug)]
pub(crate) struct Partition {
    /// As in ARNs.
    pub(crate) name: &'static str,
    /// What its Regions begin with.
    prefix: &'static str,
    /// What its host names end with.
    pub(crate) suffix: &'static str,
    /// What they end with where they have IPv6 addresses too.
    pub(crate) dual_stack_suffix: &'static str,
}

const fn partition(
    name: &'static str,
    prefix: &'static str,
    suffix: &'static str,
    dual_stack_suffix: &'static str,
) -> Partition {
    Partition { name, prefix, suffix, dual_stack_suffix }
}

/// The last one is for every Region that is in no other.
/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
static PARTITIONS: [Partition; 8] = [
    partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"),
    partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    partition("aws", "", "amazonaws.com", "api.aws"),
];

/// The partition of a Region.
pub(crate) fn partition_of(region: &str) -> &'static Partition {
    let found = PARTITIONS.iter().find(|partition| region.starts_with(partition.prefix));
    found.unwrap_or(&PARTITIONS[PARTITIONS.len() - 1])
}

/// A Region becomes part of a host name.
pub(crate) fn is_region(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Refuses what can be no bucket name before it becomes part of a host name.
pub(crate) fn check_bucket_name(bucket: &str) -> Result<(), AwsError> {
    let unusable =
        |reason: &str| AwsError::Unusable { uri: format!("s3://{bucket}"), reason: reason.to_owned() };
    if bucket.starts_with("arn:") {
        return Err(unusable("access point ARNs are not supported; use the access point's alias"));
    }
    let ends_well = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    if !(3..=255).contains(&bucket.len())
        || !bucket.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        || !ends_well(bucket.as_bytes().first())
        || !ends_well(bucket.as_bytes().last())
        || bucket.contains("..")
    {
        return Err(unusable("not a bucket name (3 to 63 lower-case letters, digits, dots and hyphens)"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_on_aws() {
        let plain = Variant::default();
        assert_eq!(bucket_url(None, "eu-west-1", "logs", plain), "https://logs.s3.eu-west-1.amazonaws.com");
        assert_eq!(
            bucket_url(None, "eu-west-1", "a.logs", plain),
            "https://s3.eu-west-1.amazonaws.com/a.logs"
        );
        assert_eq!(
            bucket_url(None, "us-east-1", "Old_Logs", plain),
            "https://s3.us-east-1.amazonaws.com/Old_Logs"
        );
        assert_eq!(
            bucket_url(None, "cn-north-1", "logs", plain),
            "https://logs.s3.cn-north-1.amazonaws.com.cn"
        );
        let both = Variant { fips: true, dual_stack: true };
        assert_eq!(
            bucket_url(None, "us-gov-west-1", "logs", both),
            "https://logs.s3-fips.dualstack.us-gov-west-1.amazonaws.com"
        );
    }

    #[test]
    fn buckets_at_an_endpoint_stand_in_the_path() {
        let endpoint = Endpoint::parse("http://127.0.0.1:9000/", false).unwrap();
        assert_eq!(
            bucket_url(Some(&endpoint), "x", "logs", Variant::default()),
            "http://127.0.0.1:9000/logs"
        );
    }

    #[test]
    fn plain_http_is_for_this_machine_only_unless_allowed() {
        for loopback in
            ["http://127.0.0.1:1", "http://localhost:1", "http://s3.localhost:1", "http://[::1]:1"]
        {
            assert!(Endpoint::parse(loopback, false).is_ok(), "{loopback}");
        }
        let message = Endpoint::parse("http://minio:9000", false).unwrap_err().to_string();
        assert!(message.contains("AWS_ALLOW_HTTP"), "{message}");
        assert!(Endpoint::parse("http://minio:9000", true).is_ok());
    }

    #[test]
    fn wrong_endpoints_say_what_is_wrong_without_credentials() {
        for wrong in
            ["minio:9000", "ftp://host", "s3.example.com", "https://u:hunter2@host", "https://host/?x=1", ""]
        {
            let message = Endpoint::parse(wrong, true).unwrap_err().to_string();
            assert!(message.contains("AWS_ENDPOINT_URL"), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn bucket_names() {
        for good in ["logs", "my.logs-2", "Old_Bucket", &"a".repeat(63)] {
            assert!(check_bucket_name(good).is_ok(), "{good}");
        }
        for bad in
            ["", "ab", "a/b", "evil.com#x", "-logs", "logs.", "a..b", "lögs", "a b c", "arn:aws:s3:::x"]
        {
            assert!(check_bucket_name(bad).is_err(), "{bad}");
        }
    }
}
