//! CloudWatch, CloudWatch Logs, CloudTrail, Config, GuardDuty, Security Hub, Access Analyzer.

use super::{Call, Service, Suite, service};

pub(super) const SUITES: &[Suite] = &[
    Suite { service: service("monitoring", "1.11"), calls: MONITORING },
    Suite { service: Service { api_version: Some("20140328"), ..service("logs", "1.11") }, calls: LOGS },
    Suite { service: service("cloudtrail", "1.11"), calls: CLOUDTRAIL },
    Suite { service: service("config", "1.08"), calls: CONFIG },
    Suite { service: service("guardduty", "1.10"), calls: GUARDDUTY },
    Suite { service: service("securityhub", "1.08"), calls: SECURITYHUB },
    Suite { service: service("access-analyzer", "1.10"), calls: ANALYZER },
    Suite { service: service("health", "1.09"), calls: HEALTH },
];

const MONITORING: &[Call] = &[
    Call::read("DescribeAlarms", r#"{"alarmNames":["<alarm>"],"maxRecords":100}"#),
    Call::read(
        "ListMetrics",
        r#"{"namespace":"<any AWS/ECS|AWS/RDS|AWS/Lambda|AWS/ApplicationELB|AWS/SQS|AWS/NATGateway>","recentlyActive":"PT3H"}"#,
    ),
    Call::read("ListDashboards", r#"{"dashboardNamePrefix":"<alias>-"}"#),
    Call::write(
        "PutMetricAlarm",
        r#"{"alarmName":"<alarm>","alarmDescription":"Managed by Terraform","actionsEnabled":true,"alarmActions":["arn:aws:sns:<region>:<account>:<topic>"],"metricName":"<any HTTPCode_Target_5XX_Count|CPUUtilization|ApproximateAgeOfOldestMessage>","namespace":"<any AWS/ApplicationELB|AWS/RDS|AWS/SQS>","statistic":"Sum","period":60,"evaluationPeriods":<int 3 10>,"threshold":<int 1 500>,"comparisonOperator":"GreaterThanThreshold","treatMissingData":"notBreaching","dimensions":[{"name":"LoadBalancer","value":"<lb>"}]}"#,
        "null",
    ),
];

const LOGS: &[Call] = &[
    Call::write(
        "CreateLogStream",
        r#"{"logGroupName":"<loggroup>","logStreamName":"<today>/[$LATEST]<hex 32>"}"#,
        "null",
    )
    .fails(15, "ResourceAlreadyExistsException", "The specified log stream already exists"),
    Call::read("DescribeLogStreams", r#"{"logGroupName":"<loggroup>","orderBy":"LastEventTime","descending":true,"limit":<any 20|50>}"#),
    Call::read("DescribeLogGroups", r#"{"limit":50,"logGroupNamePrefix":"<any /ecs/|/aws/lambda/|/aws/rds/>"}"#),
    Call::read("StartQuery", r#"{"logGroupNames":["<loggroup>"],"startTime":<int 1760000000 1770000000>,"endTime":<int 1770000000 1780000000>,"queryString":"fields @timestamp, @message | filter level = 'error' | sort @timestamp desc | limit <any 20|100|1000>"}"#)
        .answer(r#"{"queryId":"<uuid>"}"#),
    Call::read("GetQueryResults", r#"{"queryId":"<uuid>"}"#),
    Call::write("PutRetentionPolicy", r#"{"logGroupName":"<loggroup>","retentionInDays":<any 30|90|365>}"#, "null"),
];

const CLOUDTRAIL: &[Call] = &[
    Call::read("DescribeTrails", r#"{"trailNameList":["arn:aws:cloudtrail:<region>:<account>:trail/<trail>"],"includeShadowTrails":<any true|false>}"#),
    Call::read("GetTrailStatus", r#"{"name":"arn:aws:cloudtrail:<region>:<account>:trail/<trail>"}"#),
    Call::read("GetEventSelectors", r#"{"trailName":"arn:aws:cloudtrail:<region>:<account>:trail/<trail>"}"#),
    Call::read("LookupEvents", r#"{"lookupAttributes":[{"attributeKey":"<any EventName|Username|ResourceName>","attributeValue":"<person>"}],"maxResults":50}"#)
        .fails(60, "ThrottlingException", "Rate exceeded"),
];

const CONFIG: &[Call] = &[
    Call::write(
        "PutEvaluations",
        r#"{"evaluations":[{"complianceResourceType":"<any AWS::S3::Bucket|AWS::EC2::SecurityGroup|AWS::IAM::Role>","complianceResourceId":"<bucket>","complianceType":"<any COMPLIANT|COMPLIANT|NON_COMPLIANT>","orderingTimestamp":"<american>"}],"resultToken":"<base64 200>","testMode":false}"#,
        r#"{"failedEvaluations":[]}"#,
    ),
    Call::read("DescribeConfigurationRecorders", "null"),
    Call::read("DescribeConfigurationRecorderStatus", "null"),
    Call::read(
        "BatchGetResourceConfig",
        r#"{"resourceKeys":[{"resourceType":"AWS::EC2::SecurityGroup","resourceId":"<sg>"},{"resourceType":"AWS::EC2::Instance","resourceId":"<instance>"}]}"#,
    ),
    Call::read(
        "SelectResourceConfig",
        r#"{"expression":"SELECT resourceId, configuration WHERE resourceType = 'AWS::<any EC2::Volume|S3::Bucket|Lambda::Function>'","limit":100}"#,
    ),
];

const GUARDDUTY: &[Call] = &[
    Call::read("ListDetectors", r#"{"maxResults":50}"#),
    Call::read(
        "ListFindings",
        r#"{"detectorId":"<detector>","maxResults":50,"sortCriteria":{"attributeName":"service.eventLastSeen","orderBy":"DESC"}}"#,
    ),
    Call::read(
        "GetFindings",
        r#"{"detectorId":"<detector>","findingIds":["<hex 32>","<hex 32>","<hex 32>"]}"#,
    ),
];

const SECURITYHUB: &[Call] = &[
    Call::write(
        "BatchImportFindings",
        r#"{"Findings":[{"SchemaVersion":"2018-10-08","Id":"arn:aws:guardduty:<region>:<account>:detector/<detector>/finding/<hex 32>","ProductArn":"arn:aws:securityhub:<region>::product/aws/guardduty","AwsAccountId":"<account>","UpdatedAt":"<now>","Severity":{"Label":"<any LOW|LOW|MEDIUM>"}}]}"#,
        r#"{"FailedCount":0,"SuccessCount":1,"FailedFindings":[]}"#,
    ),
    Call::read(
        "GetFindings",
        r#"{"Filters":{"RecordState":[{"Value":"ACTIVE","Comparison":"EQUALS"}],"SeverityLabel":[{"Value":"<any CRITICAL|HIGH|MEDIUM>","Comparison":"EQUALS"}]},"MaxResults":100}"#,
    ),
    Call::read("DescribeHub", r#"{}"#),
];

const ANALYZER: &[Call] = &[
    Call::read("ListAnalyzers", r#"{"type":"<any ACCOUNT|ORGANIZATION>"}"#),
    Call::read(
        "ListFindingsV2",
        r#"{"analyzerArn":"arn:aws:access-analyzer:<region>:<account>:analyzer/organization","filter":{"status":{"eq":["ACTIVE"]}},"maxResults":100}"#,
    ),
];

const HEALTH: &[Call] = &[
    Call::read(
        "DescribeEventAggregates",
        r#"{"filter":{"startTimes":[{"from":"<american -604800>"}],"eventStatusCodes":["open","upcoming"]},"aggregateField":"eventTypeCategory"}"#,
    ),
    Call::read(
        "DescribeEvents",
        r#"{"filter":{"regions":["<region>","global"],"eventStatusCodes":["open"]},"maxResults":100}"#,
    ),
];
