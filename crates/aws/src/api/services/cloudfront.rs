//! CloudFront. <https://docs.aws.amazon.com/cloudfront/latest/APIReference/>

use crate::api::{Answer, GlobalEndpoint, Hints, Http, Operation, Pages, Protocol, Service};

static PLACES: &[GlobalEndpoint] = &[
    GlobalEndpoint::new("aws", "cloudfront.amazonaws.com", "us-east-1"),
    GlobalEndpoint::new("aws-cn", "cloudfront.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"),
];

/// CloudFront.
pub static SERVICE: Service = Service::new("cloudfront", "CloudFront", Protocol::RestXml).global(PLACES);

/// All distributions.
pub static LIST_DISTRIBUTIONS: Operation =
    Operation::new(&SERVICE, "ListDistributions", "cloudfront:ListDistributions")
        .http(
            Http::new("GET", "/2020-05-31/distribution")
                .query(&[("Marker", "Marker"), ("MaxItems", "MaxItems")])
                .answer(Answer::Member("DistributionList")),
        )
        .pages(
            Pages::new("Marker", "DistributionList.NextMarker", &["DistributionList.Items"])
                .more("DistributionList.IsTruncated"),
        )
        .hints(Hints {
            lists: &["AliasICPRecordals", "Items"],
            numbers: &[
                "ConnectionAttempts",
                "ConnectionTimeout",
                "DefaultTTL",
                "ErrorCachingMinTTL",
                "ErrorCode",
                "HTTPPort",
                "HTTPSPort",
                "MaxItems",
                "MaxTTL",
                "MinTTL",
                "OriginKeepaliveTimeout",
                "OriginReadTimeout",
                "Quantity",
                "ResponseCompletionTimeout",
            ],
            ..Hints::NONE
        });

/// How a distribution is set up, its standard log among it.
pub static GET_DISTRIBUTION_CONFIG: Operation =
    Operation::new(&SERVICE, "GetDistributionConfig", "cloudfront:GetDistributionConfig")
        .http(
            Http::new("GET", "/2020-05-31/distribution/{Id}/config")
                .answer(Answer::Member("DistributionConfig"))
                .answer_headers(&[("ETag", "ETag")]),
        )
        .hints(Hints {
            lists: &["Items", "ParameterDefinitions"],
            numbers: &[
                "ConnectionAttempts",
                "ConnectionTimeout",
                "DefaultTTL",
                "ErrorCachingMinTTL",
                "ErrorCode",
                "HTTPPort",
                "HTTPSPort",
                "MaxTTL",
                "MinTTL",
                "OriginKeepaliveTimeout",
                "OriginReadTimeout",
                "Quantity",
                "ResponseCompletionTimeout",
            ],
            ..Hints::NONE
        });

/// Real-time log configurations.
pub static LIST_REALTIME_LOG_CONFIGS: Operation =
    Operation::new(&SERVICE, "ListRealtimeLogConfigs", "cloudfront:ListRealtimeLogConfigs")
        .http(
            Http::new("GET", "/2020-05-31/realtime-log-config")
                .query(&[("MaxItems", "MaxItems"), ("Marker", "Marker")])
                .answer(Answer::Member("RealtimeLogConfigs")),
        )
        .pages(
            Pages::new("Marker", "RealtimeLogConfigs.NextMarker", &["RealtimeLogConfigs.Items"])
                .more("RealtimeLogConfigs.IsTruncated"),
        )
        .hints(Hints {
            lists: &["EndPoints", "Fields", "Items"],
            numbers: &["MaxItems", "SamplingRate"],
            ..Hints::NONE
        });
