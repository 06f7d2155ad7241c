//! [`Service`]: how an AWS service is spoken to and where it is found.

/// A service, as its operations need to know it.
#[derive(Debug)]
pub struct Service {
    /// Name in the inventory and mostly in IAM actions: `cloudtrail`.
    pub id: &'static str,
    /// Name that the SDKs form `AWS_ENDPOINT_URL_<NAME>` and the profile's `services` section
    /// from: `CloudWatch Logs`.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html>
    pub sdk_id: &'static str,
    /// Name in the signature's scope: `elasticloadbalancing`.
    pub signing_name: &'static str,
    /// First label of the host name: `monitoring`.
    pub endpoint_prefix: &'static str,
    /// How requests and answers are written.
    pub protocol: Protocol,
    /// Where the service is found.
    pub location: Location,
    /// True where members that the AWS CLI prints as `DetectorIds` travel as `detectorIds`.
    pub lower_camel: bool,
}

impl Service {
    /// A service with one endpoint per Region, whose names are all `id`.
    #[must_use]
    pub const fn new(id: &'static str, sdk_id: &'static str, protocol: Protocol) -> Self {
        Self {
            id,
            sdk_id,
            signing_name: id,
            endpoint_prefix: id,
            protocol,
            location: Location::Regional,
            lower_camel: false,
        }
    }

    /// Signs for another name than `id`.
    #[must_use]
    pub const fn signing(mut self, name: &'static str) -> Self {
        self.signing_name = name;
        self
    }

    /// Lives at another host name than `id`.
    #[must_use]
    pub const fn prefix(mut self, prefix: &'static str) -> Self {
        self.endpoint_prefix = prefix;
        self
    }

    /// Has one endpoint per partition.
    #[must_use]
    pub const fn global(mut self, places: &'static [GlobalEndpoint]) -> Self {
        self.location = Location::Global(places);
        self
    }

    /// Lives elsewhere than at one endpoint per Region.
    #[must_use]
    pub const fn location(mut self, location: Location) -> Self {
        self.location = location;
        self
    }

    /// Members begin with a small letter on the wire only.
    #[must_use]
    pub const fn lower_camel(mut self) -> Self {
        self.lower_camel = true;
        self
    }
}

/// How requests and answers are written.
/// <https://smithy.io/2.0/aws/protocols/index.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// JSON bodies, the operation named in `X-Amz-Target`.
    Json {
        /// What stands before the operation's name: `CloudTrail_20131101`.
        target_prefix: &'static str,
        /// `1.0` or `1.1`, for the content type.
        version: &'static str,
    },
    /// Forms, answered in XML.
    Query {
        /// API version: `2010-05-08`.
        version: &'static str,
    },
    /// As `Query`, with the habits of EC2.
    Ec2 {
        /// API version: `2016-11-15`.
        version: &'static str,
    },
    /// Paths, query strings and JSON bodies.
    RestJson,
    /// Paths, query strings and XML bodies.
    RestXml,
}

/// Where a service is found.
#[derive(Debug, Clone, Copy)]
pub enum Location {
    /// `{prefix}.{region}.{suffix}`.
    Regional,
    /// One endpoint per partition; a partition that is not listed does not have the service.
    Global(&'static [GlobalEndpoint]),
    /// S3: the input's `Bucket` stands before the host name where it can.
    S3,
    /// S3 Control: the input's `AccountId` stands before the host name.
    S3Control,
}

/// The endpoint of a global service in one partition.
/// <https://docs.aws.amazon.com/general/latest/gr/rande.html#global-endpoints>
#[derive(Debug, Clone, Copy)]
pub struct GlobalEndpoint {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'static str,
    /// Host name.
    pub host: &'static str,
    /// Region that requests are signed for.
    pub region: &'static str,
}

impl GlobalEndpoint {
    /// One endpoint.
    #[must_use]
    pub const fn new(partition: &'static str, host: &'static str, region: &'static str) -> Self {
        Self { partition, host, region }
    }
}
