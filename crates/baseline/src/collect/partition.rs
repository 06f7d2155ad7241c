//! The parts of the world that AWS keeps apart.

/// A partition: its own accounts, its own global services.
/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Partition {
    Aws,
    China,
    UsGov,
}

impl Partition {
    /// The partition of an ARN; the commercial one where it is none that is known.
    pub(super) fn of_arn(arn: &str) -> Self {
        match arn.split(':').nth(1) {
            Some("aws-cn") => Self::China,
            Some("aws-us-gov") => Self::UsGov,
            _ => Self::Aws,
        }
    }

    /// As ARNs spell it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::UsGov => "aws-us-gov",
        }
    }

    /// Where what is global is asked, and what belongs to CloudFront is kept.
    pub(super) fn global_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::China => "cn-northwest-1",
            Self::UsGov => "us-gov-west-1",
        }
    }

    /// The Regions that are on in every account.
    /// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
    pub(super) fn default_regions(self) -> &'static [&'static str] {
        match self {
            Self::Aws => &[
                "ap-northeast-1",
                "ap-northeast-2",
                "ap-northeast-3",
                "ap-south-1",
                "ap-southeast-1",
                "ap-southeast-2",
                "ca-central-1",
                "eu-central-1",
                "eu-north-1",
                "eu-west-1",
                "eu-west-2",
                "eu-west-3",
                "sa-east-1",
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
            ],
            Self::China => &["cn-north-1", "cn-northwest-1"],
            Self::UsGov => &["us-gov-east-1", "us-gov-west-1"],
        }
    }
}
