//! What an ARN says of its resource, in the words of finding formats.

/// The resource's type in the AWS Security Finding Format; `Other` where the format has no word.
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html>
pub(super) fn asff_type(arn: &str) -> &'static str {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    let kind = resource.split(['/', ':']).next().unwrap_or_default();
    match (service, kind) {
        ("apigateway", _) if resource.contains("/stages/") => {
            if resource.contains("/restapis/") {
                "AwsApiGatewayStage"
            } else {
                "AwsApiGatewayV2Stage"
            }
        }
        ("cloudfront", "distribution") => "AwsCloudFrontDistribution",
        ("cloudtrail", "trail") => "AwsCloudTrailTrail",
        ("cloudwatch", "alarm") => "AwsCloudWatchAlarm",
        ("ec2", "vpc") => "AwsEc2Vpc",
        ("ec2", "subnet") => "AwsEc2Subnet",
        ("ecs", "task-definition") => "AwsEcsTaskDefinition",
        ("ecs", "cluster") => "AwsEcsCluster",
        ("eks", "cluster") => "AwsEksCluster",
        ("elasticloadbalancing", "loadbalancer") => {
            let new = ["loadbalancer/app/", "loadbalancer/net/", "loadbalancer/gwy/"];
            if new.iter().any(|prefix| resource.starts_with(prefix)) {
                "AwsElbv2LoadBalancer"
            } else {
                "AwsElbLoadBalancer"
            }
        }
        ("es", "domain") => "AwsOpenSearchServiceDomain",
        ("events", "event-bus") => "AwsEventsEventbus",
        ("guardduty", "detector") => "AwsGuardDutyDetector",
        ("iam", "root") => "AwsAccount",
        ("kafka", "cluster") => "AwsMskCluster",
        ("kms", "key") => "AwsKmsKey",
        ("lambda", "function") => "AwsLambdaFunction",
        ("network-firewall", "firewall") => "AwsNetworkFirewallFirewall",
        ("rds", "db") => "AwsRdsDbInstance",
        ("rds", "cluster") => "AwsRdsDbCluster",
        ("redshift", "cluster") => "AwsRedshiftCluster",
        ("route53", "hostedzone") => "AwsRoute53HostedZone",
        ("s3", _) if !resource.contains('/') => "AwsS3Bucket",
        ("sns", _) => "AwsSnsTopic",
        ("sqs", _) => "AwsSqsQueue",
        ("states", "stateMachine") => "AwsStepFunctionStateMachine",
        ("wafv2", _) if resource.contains("webacl/") => "AwsWafv2WebAcl",
        _ => "Other",
    }
}

/// `aws`, `aws-cn`, `aws-us-gov`.
pub(super) fn partition(arn: &str) -> &str {
    match arn.split(':').nth(1) {
        Some(partition) if partition.starts_with("aws") => partition,
        _ => "aws",
    }
}

/// The Region a global resource's findings are kept in.
pub(super) fn home_region<'a>(region: &'a str, arn: &str) -> &'a str {
    match (region, partition(arn)) {
        (crate::inventory::GLOBAL, "aws-cn") => "cn-north-1",
        (crate::inventory::GLOBAL, "aws-us-gov") => "us-gov-west-1",
        (crate::inventory::GLOBAL, _) => "us-east-1",
        _ => region,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        for (arn, expected) in [
            ("arn:aws:s3:::logs", "AwsS3Bucket"),
            ("arn:aws:s3:::logs/key", "Other"),
            ("arn:aws:ec2:eu-west-1:1:vpc/vpc-1", "AwsEc2Vpc"),
            ("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/a/b", "AwsElbv2LoadBalancer"),
            ("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/classic", "AwsElbLoadBalancer"),
            ("arn:aws:iam::111122223333:root", "AwsAccount"),
            ("arn:aws:wafv2:eu-west-1:1:regional/webacl/a/b", "AwsWafv2WebAcl"),
            ("arn:aws:apigateway:eu-west-1::/restapis/a/stages/b", "AwsApiGatewayStage"),
            ("arn:aws:cloudwatch:eu-west-1:1:alarm:a/b", "AwsCloudWatchAlarm"),
            ("nonsense", "Other"),
            ("", "Other"),
        ] {
            assert_eq!(asff_type(arn), expected, "{arn}");
        }
    }

    #[test]
    fn global_findings_have_a_home() {
        assert_eq!(home_region("global", "arn:aws:s3:::logs"), "us-east-1");
        assert_eq!(home_region("global", "arn:aws-cn:s3:::logs"), "cn-north-1");
        assert_eq!(home_region("eu-west-1", "arn:aws:s3:::logs"), "eu-west-1");
    }
}
