#!/usr/bin/env python3
"""Builds the estate of bench/check.py on the AWS that AWS_ENDPOINT_URL names: a server of moto.

Run by a Python that has boto3. One account; most kinds of resource once as they should be and once
with a fault, so that both tools have something to pass and something to fail.
"""

import json
import sys

import boto3

HOME, OTHER = "eu-west-1", "us-west-2"
ACCOUNT = boto3.client("sts", HOME).get_caller_identity()["Account"]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service"
FORMAT = "$context.requestId $context.identity.sourceIp $context.requestTime $context.status"

# The filters of the CIS benchmark, as it prints them, and two that only look alike.
FILTERS = {
    "unauthorized": '{($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")}',
    "sign-in-without-mfa": '{($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
    '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success")}',
    "root": '{$.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"}',
    "cloudtrail": "{($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || "
    "($.eventName = StartLogging) || ($.eventName = StopLogging)}",
    "sign-in-failures": '{($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication")}',
    "kms": "{($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion))}",
    "config": "{($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder) || "
    "($.eventName = DeleteDeliveryChannel) || ($.eventName = PutDeliveryChannel) || "
    "($.eventName = PutConfigurationRecorder))}",
    "nacl": "{($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) "
    "|| ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || "
    "($.eventName = ReplaceNetworkAclAssociation)}",
    "gateways": "{($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || "
    "($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || "
    "($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway)}",
    # Joined with && where || is meant: the text has every name, and no event ever meets it.
    "routes": "{($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateRoute) && ($.eventName = CreateRouteTable) && "
    "($.eventName = ReplaceRoute) && ($.eventName = ReplaceRouteTableAssociation) && ($.eventName = DeleteRouteTable) "
    "&& ($.eventName = DeleteRoute) && ($.eventName = DisassociateRouteTable))}",
    # Says the same as the benchmark's seven names, in other words.
    "security-groups": "{($.eventName = *SecurityGroup*) && ($.readOnly IS FALSE)}",
    # Its alarm is muted.
    "vpcs": "{($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) || "
    "($.eventName = AcceptVpcPeeringConnection) || ($.eventName = CreateVpcPeeringConnection) || "
    "($.eventName = DeleteVpcPeeringConnection) || ($.eventName = RejectVpcPeeringConnection) || "
    "($.eventName = AttachClassicLinkVpc) || ($.eventName = DetachClassicLinkVpc) || "
    "($.eventName = DisableVpcClassicLink) || ($.eventName = EnableVpcClassicLink)}",
}


def client(service: str, region: str = HOME):
    return boto3.client(service, region)


def statement(principal, action, resource, **condition) -> dict:
    made = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return made | ({"Condition": condition} if condition else {})


def policy(*statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def only_tls(bucket: str) -> dict:
    both = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return statement("*", "s3:*", both, Bool={"aws:SecureTransport": "false"}) | {"Effect": "Deny"}


def bucket(name: str) -> None:
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME})


def buckets() -> None:
    """The trail's bucket as it should be but for MFA and a lock; one for access logs; one neglected."""
    s3 = client("s3")
    for name in ("trail-logs", "access-logs", "neglected"):
        bucket(name)
    closed = {name: True for name in
              ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")}
    for name in ("trail-logs", "access-logs"):
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=closed)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_ownership_controls(
            Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    trail = {"aws:SourceArn": f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/main"}
    service = {"Service": "cloudtrail.amazonaws.com"}
    s3.put_bucket_policy(Bucket="trail-logs", Policy=policy(
        statement(service, "s3:GetBucketAcl", "arn:aws:s3:::trail-logs", StringEquals=trail),
        statement(service, "s3:PutObject", f"arn:aws:s3:::trail-logs/AWSLogs/{ACCOUNT}/*", StringEquals=trail),
        only_tls("trail-logs")))
    own = {"aws:SourceAccount": ACCOUNT}
    deliver = [statement({"Service": f"{name}.amazonaws.com"}, "s3:PutObject", "arn:aws:s3:::access-logs/*",
                         StringEquals=own)
               for name in ("logging.s3", "logdelivery.elasticloadbalancing", "delivery.logs")]
    # moto reads this policy when logging is switched on, and fails on a principal that is no object.
    s3.put_bucket_policy(Bucket="access-logs", Policy=policy(*deliver))
    s3.put_bucket_logging(Bucket="trail-logs", BucketLoggingStatus={
        "LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "trail-logs/"}})
    s3.put_bucket_policy(Bucket="access-logs", Policy=policy(*deliver, only_tls("access-logs")))


def key() -> str:
    kms = client("kms")
    made = kms.create_key(Description="logs")["KeyMetadata"]["Arn"]
    kms.put_key_policy(KeyId=made, PolicyName="default", Policy=policy(
        statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*", "*"),
        statement({"Service": "cloudtrail.amazonaws.com"}, "kms:GenerateDataKey*", "*",
                  StringEquals={"aws:SourceArn": f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/main"}),
        statement({"Service": f"logs.{HOME}.amazonaws.com"}, ["kms:Encrypt", "kms:GenerateDataKey*"], "*",
                  StringEquals={"aws:SourceAccount": ACCOUNT})))
    client("s3").put_bucket_encryption(Bucket="trail-logs", ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": made}}]})
    return made


def group(name: str, region: str = HOME, days: int | None = 365, kms: str | None = None) -> str:
    logs = client("logs", region)
    logs.create_log_group(logGroupName=name, **({"kmsKeyId": kms} if kms else {}))
    if days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    return f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}"


def trails(kms: str) -> None:
    """One that is whole, and one of another Region that was made and left."""
    arn = group("trail", kms=kms)
    trail = client("cloudtrail")
    trail.create_trail(Name="main", S3BucketName="trail-logs", IsMultiRegionTrail=True, EnableLogFileValidation=True,
                       IncludeGlobalServiceEvents=True, KmsKeyId=kms, CloudWatchLogsLogGroupArn=arn + ":*",
                       CloudWatchLogsRoleArn=ROLE)
    trail.put_event_selectors(TrailName="main", EventSelectors=[{
        "ReadWriteType": "All", "IncludeManagementEvents": True,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}])
    trail.start_logging(Name="main")
    client("cloudtrail", OTHER).create_trail(Name="left", S3BucketName="neglected")


def alerts() -> None:
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    queue = client("sqs").create_queue(QueueName="alerts")["QueueUrl"]
    queue_arn = client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy(
        statement({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", queue_arn, ArnEquals={"aws:SourceArn": topic}))})
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(
        statement({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", topic)))
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    for name, pattern in FILTERS.items():
        metric = [{"metricName": name, "metricNamespace": "CIS", "metricValue": "1"}]
        client("logs").put_metric_filter(
            logGroupName="trail", filterName=name, filterPattern=pattern, metricTransformations=metric)
        alarm(name, topic, ActionsEnabled=name != "vpcs")
    alarm("cpu", None)


def alarm(name: str, topic: str | None, **more) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=name, Namespace="CIS", MetricName=name, Statistic="Sum", Period=300, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching",
        AlarmActions=[topic] if topic else [], **more)


def network() -> None:
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group("flow")
    ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL",
                         LogDestinationType="cloud-watch-logs", LogGroupName="flow", DeliverLogsPermissionArn=ROLE)
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    elb = client("elbv2")
    for name, logged in (("logged", "true"), ("silent", "false")):
        arn = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
            {"Key": "access_logs.s3.enabled", "Value": logged}, {"Key": "access_logs.s3.bucket", "Value": "access-logs"}])
    listener = [{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}]
    for name, log in (("old-logged", {"Enabled": True, "S3BucketName": "access-logs", "EmitInterval": 5}),
                      ("old-silent", {"Enabled": False})):
        client("elb").create_load_balancer(LoadBalancerName=name, Listeners=listener, AvailabilityZones=[HOME + "a"])
        client("elb").modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes={"AccessLog": log})
    wall = client("network-firewall").create_firewall(
        FirewallName="wall", FirewallPolicyArn=f"arn:aws:network-firewall:{HOME}:{ACCOUNT}:firewall-policy/p", VpcId=vpc,
        SubnetMappings=[{"SubnetId": subnets[0]}])["Firewall"]["FirewallArn"]
    group("firewall")
    # Alerts alone: flows are not logged.
    client("network-firewall").update_logging_configuration(FirewallArn=wall, LoggingConfiguration={
        "LogDestinationConfigs": [{"LogType": "ALERT", "LogDestinationType": "CloudWatchLogs",
                                   "LogDestination": {"logGroup": "firewall"}}]})


def edges() -> None:
    acls = client("wafv2")
    log = group("aws-waf-logs-web")
    for name in ("logged", "silent"):
        arn = acls.create_web_acl(
            Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=[],
            VisibilityConfig={"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name},
        )["Summary"]["ARN"]
        if name == "logged":
            acls.put_logging_configuration(
                LoggingConfiguration={"ResourceArn": arn, "LogDestinationConfigs": [log]})
    group("api")
    api_log = f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:api"
    for name in ("logged", "silent"):
        api = client("apigatewayv2").create_api(Name=name, ProtocolType="HTTP")["ApiId"]
        settings = {"AccessLogSettings": {"DestinationArn": api_log, "Format": FORMAT}} if name == "logged" else {}
        client("apigatewayv2").create_stage(ApiId=api, StageName="prod", **settings)
    rest_api()
    distributions()
    zone = client("route53").create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    client("route53").create_hosted_zone(Name="example.org", CallerReference="2")
    client("route53").create_query_logging_config(
        HostedZoneId=zone.rsplit("/", 1)[-1], CloudWatchLogsLogGroupArn=group("/aws/route53/example.com", "us-east-1") + ":*")


def rest_api() -> None:
    api = client("apigateway")
    made = api.create_rest_api(name="rest")["id"]
    root = api.get_resources(restApiId=made)["items"][0]["id"]
    api.put_method(restApiId=made, resourceId=root, httpMethod="GET", authorizationType="NONE")
    api.put_integration(restApiId=made, resourceId=root, httpMethod="GET", type="MOCK")
    api.put_integration_response(restApiId=made, resourceId=root, httpMethod="GET", statusCode="200")
    deployed = api.create_deployment(restApiId=made)["id"]
    for stage in ("logged", "silent"):
        api.create_stage(restApiId=made, stageName=stage, deploymentId=deployed)
    api.update_stage(restApiId=made, stageName="logged", patchOperations=[
        {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}])


def distributions() -> None:
    for name in ("logged", "silent"):
        config = {
            "CallerReference": name, "Comment": name, "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [{
                "Id": "o", "DomainName": "example.com", "CustomOriginConfig": {
                    "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}}]},
            "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only",
                                     "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                                     "MinTTL": 0},
        }
        config["ViewerCertificate"] = {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"}
        if name == "logged":
            config["Logging"] = {"Enabled": True, "IncludeCookies": False,
                                 "Bucket": "access-logs.s3.amazonaws.com", "Prefix": "edge/"}
        client("cloudfront", "us-east-1").create_distribution(DistributionConfig=config)


def databases() -> None:
    rds = client("rds")
    common = {"DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20, "MasterUsername": "owner",
              "MasterUserPassword": "Password-1"}
    for name, exports in (("whole", ["postgresql", "upgrade"]), ("partly", ["upgrade"]), ("silent", [])):
        rds.create_db_instance(DBInstanceIdentifier=name, Engine="postgres", EnableCloudwatchLogsExports=exports, **common)
    for log in ("postgresql", "upgrade"):
        group(f"/aws/rds/instance/whole/{log}")
    for name, engine, exports in (
            ("aurora", "aurora-postgresql", ["postgresql"]), ("aurora-silent", "aurora-postgresql", []),
            ("graph", "neptune", ["audit"]), ("graph-silent", "neptune", [])):
        rds.create_db_cluster(DBClusterIdentifier=name, Engine=engine, MasterUsername="owner",
                              MasterUserPassword="Password-1", EnableCloudwatchLogsExports=exports)
        for log in exports:
            group(f"/aws/{'rds/cluster' if 'aurora' in name else engine}/{name}/{log}")
    redshift = client("redshift")
    for name in ("logged", "silent"):
        redshift.create_cluster(ClusterIdentifier=name, NodeType="ra3.xlplus", MasterUsername="owner",
                                MasterUserPassword="Password-1")
    redshift.enable_logging(ClusterIdentifier="logged", BucketName="access-logs")
    search = group("search")
    for name in ("logged", "silent"):
        options = {kind: {"CloudWatchLogsLogGroupArn": search, "Enabled": True}
                   for kind in ("AUDIT_LOGS", "ES_APPLICATION_LOGS")} if name == "logged" else {}
        client("opensearch").create_domain(DomainName=name, LogPublishingOptions=options)


def compute() -> None:
    types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
    for name, on in (("logged", types), ("partly", ["api"])):
        client("eks").create_cluster(
            name=name, roleArn=ROLE, resourcesVpcConfig={"subnetIds": []},
            logging={"clusterLogging": [{"types": on, "enabled": True}]})
        group(f"/aws/eks/{name}/cluster")
    group("containers")
    options = {"awslogs-group": "containers", "awslogs-region": HOME, "awslogs-stream-prefix": "web"}
    for name, extra in (("logged", {"logConfiguration": {"logDriver": "awslogs", "options": options}}), ("silent", {})):
        client("ecs").register_task_definition(
            family=name, containerDefinitions=[{"name": "web", "image": "web", "memory": 128} | extra])
    states = group("states")
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    for name in ("logged", "silent"):
        logging = {"loggingConfiguration": {"level": "ALL", "includeExecutionData": True, "destinations": [
            {"cloudWatchLogsLogGroup": {"logGroupArn": states + ":*"}}]}} if name == "logged" else {}
        client("stepfunctions").create_state_machine(
            name=name, roleArn="arn:aws:iam::" + ACCOUNT + ":role/service", definition=definition, **logging)
    client("bedrock").put_model_invocation_logging_configuration(loggingConfig={
        "cloudWatchConfig": {"logGroupName": group("bedrock").rsplit(":", 1)[-1], "roleArn": ROLE},
        "textDataDeliveryEnabled": True, "imageDataDeliveryEnabled": True, "embeddingDataDeliveryEnabled": True})
    group("short", days=30)
    group("for-ever", days=None)


def watchers() -> None:
    client("guardduty").create_detector(Enable=True)
    client("securityhub").enable_security_hub()
    config = client("config")
    config.put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": ROLE, "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "trail-logs"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def role() -> None:
    trust = policy({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    client("iam").create_role(RoleName="service", AssumeRolePolicyDocument=trust)


def main() -> None:
    role()
    buckets()
    trails(key())
    for part in (alerts, network, edges, databases, compute, watchers):
        part()


if __name__ == "__main__":
    sys.exit(main())
