//! Route 53. <https://docs.aws.amazon.com/Route53/latest/APIReference/>

use crate::api::{Answer, Body, Element, GlobalEndpoint, Hints, Http, Operation, Pages, Protocol, Service};

static PLACES: &[GlobalEndpoint] = &[
    GlobalEndpoint::new("aws", "route53.amazonaws.com", "us-east-1"),
    GlobalEndpoint::new("aws-cn", "route53.amazonaws.com.cn", "cn-northwest-1"),
    GlobalEndpoint::new("aws-us-gov", "route53.us-gov.amazonaws.com", "us-gov-west-1"),
];

/// Route 53.
pub static SERVICE: Service = Service::new("route53", "Route 53", Protocol::RestXml).global(PLACES);

/// Hosted zones, public and private.
pub static LIST_HOSTED_ZONES: Operation =
    Operation::new(&SERVICE, "ListHostedZones", "route53:ListHostedZones")
        .http(Http::new("GET", "/2013-04-01/hostedzone").query(&[
            ("Marker", "marker"),
            ("MaxItems", "maxitems"),
            ("DelegationSetId", "delegationsetid"),
            ("HostedZoneType", "hostedzonetype"),
        ]))
        .pages(Pages::new("Marker", "NextMarker", &["HostedZones"]).more("IsTruncated"))
        .hints(Hints { lists: &["HostedZones"], numbers: &["ResourceRecordSetCount"], ..Hints::NONE });

/// Which hosted zones log their queries, and where to.
pub static LIST_QUERY_LOGGING_CONFIGS: Operation =
    Operation::new(&SERVICE, "ListQueryLoggingConfigs", "route53:ListQueryLoggingConfigs")
        .http(Http::new("GET", "/2013-04-01/queryloggingconfig").query(&[
            ("HostedZoneId", "hostedzoneid"),
            ("NextToken", "nexttoken"),
            ("MaxResults", "maxresults"),
        ]))
        .pages(Pages::new("NextToken", "NextToken", &["QueryLoggingConfigs"]))
        .hints(Hints { lists: &["QueryLoggingConfigs"], ..Hints::NONE });

/// [CreateQueryLoggingConfig](https://docs.aws.amazon.com/goto/WebAPI/route53-2013-04-01/CreateQueryLoggingConfig).
pub static CREATE_QUERY_LOGGING_CONFIG: Operation =
    Operation::new(&SERVICE, "CreateQueryLoggingConfig", "route53:CreateQueryLoggingConfig").http(
        Http::new("POST", "/2013-04-01/queryloggingconfig")
            .body(Body::Xml {
                member: "",
                namespace: "https://route53.amazonaws.com/doc/2013-04-01/",
                root: Element::node(
                    "CreateQueryLoggingConfigRequest",
                    &[Element::text("HostedZoneId"), Element::text("CloudWatchLogsLogGroupArn")],
                ),
            })
            .answer_headers(&[("Location", "Location")]),
    );

/// [DeleteQueryLoggingConfig](https://docs.aws.amazon.com/goto/WebAPI/route53-2013-04-01/DeleteQueryLoggingConfig).
pub static DELETE_QUERY_LOGGING_CONFIG: Operation =
    Operation::new(&SERVICE, "DeleteQueryLoggingConfig", "route53:DeleteQueryLoggingConfig")
        .http(Http::new("DELETE", "/2013-04-01/queryloggingconfig/{Id}").answer(Answer::Nothing));
