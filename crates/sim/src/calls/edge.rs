//! Route 53, CloudFront, API Gateway, WAF, CloudFormation, resource tags.

use super::{Call, Suite, global, service};

pub(super) const SUITES: &[Suite] = &[
    Suite { service: global("route53", "1.11"), calls: ROUTE53 },
    Suite { service: global("cloudfront", "1.08"), calls: CLOUDFRONT },
    Suite { service: service("apigateway", "1.08"), calls: APIGATEWAY },
    Suite { service: service("wafv2", "1.08"), calls: WAF },
    Suite { service: service("cloudformation", "1.11"), calls: CLOUDFORMATION },
    Suite { service: service("tagging", "1.08"), calls: TAGGING },
];

const ROUTE53: &[Call] = &[
    Call::read("ListHostedZones", r#"{"maxItems":"<any 100|300>"}"#),
    Call::read("ListResourceRecordSets", r#"{"hostedZoneId":"<zone>","maxItems":"300"}"#),
    Call::read("GetChange", r#"{"id":"C0<upper 18>"}"#),
    Call::write(
        "ChangeResourceRecordSets",
        r#"{"hostedZoneId":"<zone>","changeBatch":{"changes":[{"action":"UPSERT","resourceRecordSet":{"name":"<service>.<alias>.meridian.example.","type":"A","aliasTarget":{"hostedZoneId":"Z35SXDOTRQ7X7K","dNSName":"<alias>-public-<int 100000000 999999999>.<region>.elb.amazonaws.com.","evaluateTargetHealth":true}}}]}}"#,
        r#"{"changeInfo":{"id":"/change/C0<upper 18>","status":"PENDING","submittedAt":"<american>"}}"#,
    ),
];

const CLOUDFRONT: &[Call] = &[
    Call::read("GetDistribution", r#"{"id":"<dist>"}"#),
    Call::write(
        "CreateInvalidation",
        r#"{"distributionId":"<dist>","invalidationBatch":{"paths":{"quantity":1,"items":["/assets/<hex 8>/*"]},"callerReference":"<uuid>"}}"#,
        r#"{"location":"https://cloudfront.amazonaws.com/2020-05-31/distribution/<dist>/invalidation/I<upper 13>","invalidation":{"id":"I<upper 13>","status":"InProgress","createTime":"<american>"}}"#,
    ),
];

const APIGATEWAY: &[Call] = &[
    Call::read("GetRestApis", r#"{"limit":500,"template":false}"#),
    Call::read("GetStage", r#"{"restApiId":"<api>","stageName":"<any live|beta>","template":false}"#),
    Call::write(
        "CreateDeployment",
        r#"{"restApiId":"<api>","createDeploymentInput":{"stageName":"live","description":"commit <hex 40>"},"template":false}"#,
        r#"{"id":"<hex 6>","createdDate":"<american>","description":"commit <hex 40>"}"#,
    ),
];

const WAF: &[Call] = &[
    Call::read("GetWebACL", r#"{"name":"<alias>-edge-acl","scope":"REGIONAL","id":"<uuid>"}"#),
    Call::read("ListWebACLs", r#"{"scope":"<any REGIONAL|CLOUDFRONT>","limit":100}"#),
    Call::read(
        "GetSampledRequests",
        r#"{"webAclArn":"arn:aws:wafv2:<region>:<account>:regional/webacl/<webacl>","ruleMetricName":"<any CommonRuleSet|SQLiRuleSet|RateLimit>","scope":"REGIONAL","timeWindow":{"startTime":"<american -3600>","endTime":"<american>"},"maxItems":100}"#,
    ),
];

const CLOUDFORMATION: &[Call] = &[
    Call::read(
        "DescribeStacks",
        r#"{"stackName":"arn:aws:cloudformation:<region>:<account>:stack/<stack>"}"#,
    ),
    Call::read(
        "ListStacks",
        r#"{"stackStatusFilter":["CREATE_COMPLETE","UPDATE_COMPLETE","UPDATE_ROLLBACK_COMPLETE"]}"#,
    ),
    Call::read(
        "DescribeStackEvents",
        r#"{"stackName":"arn:aws:cloudformation:<region>:<account>:stack/<stack>"}"#,
    )
    .fails(20, "ThrottlingException", "Rate exceeded"),
    Call::read(
        "DescribeStackResources",
        r#"{"stackName":"arn:aws:cloudformation:<region>:<account>:stack/<stack>"}"#,
    ),
    Call::write(
        "CreateChangeSet",
        r#"{"stackName":"arn:aws:cloudformation:<region>:<account>:stack/<stack>","changeSetName":"deploy-<id 12>","changeSetType":"UPDATE","capabilities":["CAPABILITY_NAMED_IAM"],"templateURL":"https://meridian-<alias>-artifacts.s3.<region>.amazonaws.com/cfn/<id 40>.template","tags":[{"key":"team","value":"platform"}]}"#,
        r#"{"id":"arn:aws:cloudformation:<region>:<account>:changeSet/deploy-<id 12>/<uuid>","stackId":"arn:aws:cloudformation:<region>:<account>:stack/<stack>"}"#,
    ),
];

const TAGGING: &[Call] = &[Call::read(
    "GetResources",
    r#"{"paginationToken":"<base64 96>","resourcesPerPage":100,"resourceTypeFilters":["<any ec2:instance|rds:db|lambda:function|s3|elasticloadbalancing:loadbalancer>"]}"#,
)];
