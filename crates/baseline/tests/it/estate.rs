//! Estates on moto, built with API calls.

use serde_json::{Value, json};
use trailkeep_aws::api::services::{
    apigateway, apigatewayv2, cloudfront, cloudtrail, cloudwatch, config, ec2, ecs, eks, elb, elbv2, es,
    events, guardduty, kms, logs, network_firewall, organizations, rds, redshift, route53, s3, securityhub,
    sns, sqs, states, wafv2,
};
use trailkeep_aws::api::{Body, Client, Hints, Http, Operation};

/// Changes that only tests make: the product's catalogue has none of them here.
macro_rules! operations {
    ($($name:ident = $service:ident $api:literal $($http:expr)?;)*) => {
        $(pub(crate) static $name: Operation =
            Operation::new(&$service::SERVICE, $api, "test:Test")$(.http($http))?;)*
    };
}

operations! {
    CREATE_BUCKET = s3 "CreateBucket" Http::new("PUT", "/{Bucket}");
    CREATE_TRAIL = cloudtrail "CreateTrail";
    START_LOGGING = cloudtrail "StartLogging";
    PUT_INSIGHT_SELECTORS = cloudtrail "PutInsightSelectors";
    CREATE_KEY = kms "CreateKey";
    CREATE_ALIAS = kms "CreateAlias";
    CREATE_LOG_GROUP = logs "CreateLogGroup";
    CREATE_TOPIC = sns "CreateTopic";
    SET_TOPIC_ATTRIBUTES = sns "SetTopicAttributes";
    SUBSCRIBE = sns "Subscribe";
    CREATE_QUEUE = sqs "CreateQueue";
    CREATE_EVENT_BUS = events "CreateEventBus";
    PUT_RULE = events "PutRule";
    PUT_TARGETS = events "PutTargets";
    CREATE_WEB_ACL = wafv2 "CreateWebACL";
    PUT_LOGGING_CONFIGURATION = wafv2 "PutLoggingConfiguration";
    CREATE_REST_API = apigateway "CreateRestApi" Http::new("POST", "/restapis");
    CREATE_API = apigatewayv2 "CreateApi" Http::new("POST", "/v2/apis");
    CREATE_STAGE = apigatewayv2 "CreateStage" Http::new("POST", "/v2/apis/{ApiId}/stages");
    CREATE_CLASSIC_LOAD_BALANCER = elb "CreateLoadBalancer";
    CREATE_LOAD_BALANCER = elbv2 "CreateLoadBalancer";
    CREATE_DISTRIBUTION = cloudfront "CreateDistribution"
        Http::new("POST", "/2020-05-31/distribution").body(Body::Text("Document"));
    PUT_METHOD = apigateway "PutMethod"
        Http::new("PUT", "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}");
    PUT_INTEGRATION = apigateway "PutIntegration"
        Http::new("PUT", "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration");
    CREATE_DEPLOYMENT = apigateway "CreateDeployment" Http::new("POST", "/restapis/{restApiId}/deployments");
    CREATE_HOSTED_ZONE = route53 "CreateHostedZone"
        Http::new("POST", "/2013-04-01/hostedzone").body(Body::Text("Document"));
    CREATE_DB_INSTANCE = rds "CreateDBInstance";
    CREATE_REDSHIFT_CLUSTER = redshift "CreateCluster";
    CREATE_DOMAIN = es "CreateDomain" Http::new("POST", "/2021-01-01/opensearch/domain");
    CREATE_EKS_CLUSTER = eks "CreateCluster" Http::new("POST", "/clusters");
    CREATE_ECS_CLUSTER = ecs "CreateCluster";
    REGISTER_TASK_DEFINITION = ecs "RegisterTaskDefinition";
    CREATE_STATE_MACHINE = states "CreateStateMachine";
    CREATE_FIREWALL = network_firewall "CreateFirewall";
    CREATE_DETECTOR = guardduty "CreateDetector" Http::new("POST", "/detector");
    ENABLE_SECURITY_HUB = securityhub "EnableSecurityHub" Http::new("POST", "/accounts");
    PUT_CONFIGURATION_RECORDER = config "PutConfigurationRecorder";
    CREATE_ORGANIZATION = organizations "CreateOrganization";
    CREATE_ACCOUNT = organizations "CreateAccount";
    CLOSE_ACCOUNT = organizations "CloseAccount";
    PUT_OBJECT = s3 "PutObject" Http::new("PUT", "/{Bucket}/{Key+}").body(Body::Text("Body"));
}

static PUT_METRIC_ALARM: Operation = Operation::new(&cloudwatch::SERVICE, "PutMetricAlarm", "test:Test")
    .hints(Hints { items: &[("AlarmActions", "member")], ..Hints::NONE });

/// One who may do anything, in a Region of an account.
pub(crate) struct Builder {
    pub(crate) client: Client,
    pub(crate) region: &'static str,
}

impl Builder {
    /// Makes one change.
    pub(crate) async fn make(&self, operation: &'static Operation, input: Value) -> Value {
        let made = self.client.call(operation, self.region, &input).await;
        made.unwrap_or_else(|error| panic!("{input}: {error}"))
    }

    /// A little of most services: every list that more is asked about has an item, as far as moto
    /// knows the service.
    pub(crate) async fn one_of_everything(&self, account: &str) {
        self.logs_and_alerts(account).await;
        self.entry_points().await;
        self.data_and_compute(account).await;
        self.guardduty().await;
        self.make(&ENABLE_SECURITY_HUB, json!({})).await;
        let recorder = json!({"name": "default", "roleARN": format!("arn:aws:iam::{account}:role/config")});
        self.make(&PUT_CONFIGURATION_RECORDER, json!({"ConfigurationRecorder": recorder})).await;
    }

    /// Turns GuardDuty on.
    pub(crate) async fn guardduty(&self) {
        self.make(&CREATE_DETECTOR, json!({"Enable": true})).await;
    }

    /// A trail with all its parts, and the ways from it to people and queues.
    async fn logs_and_alerts(&self, account: &str) {
        let region = self.region;
        self.make(&CREATE_BUCKET, json!({"Bucket": format!("trail-of-{account}")})).await;
        let key = self.make(&CREATE_KEY, json!({"Description": "logs"})).await;
        let key_arn = key["KeyMetadata"]["Arn"].clone();
        let alias = json!({"AliasName": "alias/topics", "TargetKeyId": key["KeyMetadata"]["KeyId"]});
        self.make(&CREATE_ALIAS, alias).await;
        self.make(&CREATE_LOG_GROUP, json!({"logGroupName": "trail"})).await;
        let trail = json!({
            "Name": "main",
            "S3BucketName": format!("trail-of-{account}"),
            "IsMultiRegionTrail": true,
            "KmsKeyId": key_arn,
            "CloudWatchLogsLogGroupArn": format!("arn:aws:logs:{region}:{account}:log-group:trail:*"),
            "CloudWatchLogsRoleArn": format!("arn:aws:iam::{account}:role/trail"),
        });
        self.make(&CREATE_TRAIL, trail).await;
        self.make(&START_LOGGING, json!({"Name": "main"})).await;
        let insights =
            json!({"TrailName": "main", "InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]});
        self.make(&PUT_INSIGHT_SELECTORS, insights).await;

        let topic = self.make(&CREATE_TOPIC, json!({"Name": "alerts"})).await["TopicArn"].clone();
        let attribute =
            json!({"TopicArn": topic, "AttributeName": "KmsMasterKeyId", "AttributeValue": "alias/topics"});
        self.make(&SET_TOPIC_ATTRIBUTES, attribute).await;
        self.make(&CREATE_QUEUE, json!({"QueueName": "alerts"})).await;
        self.make(&CREATE_QUEUE, json!({"QueueName": "nobody-sends-here"})).await;
        let queue = format!("arn:aws:sqs:{region}:{account}:alerts");
        self.make(&SUBSCRIBE, json!({"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue})).await;
        let alarm = json!({
            "AlarmName": "changes", "Namespace": "Trail", "MetricName": "changes", "Statistic": "Sum",
            "Period": 300, "EvaluationPeriods": 1, "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold", "AlarmActions": [topic],
        });
        self.make(&PUT_METRIC_ALARM, alarm).await;

        self.make(&CREATE_EVENT_BUS, json!({"Name": "own"})).await;
        for (rule, bus) in [("to-queue", "default"), ("to-function", "own")] {
            let pattern =
                json!({"Name": rule, "EventBusName": bus, "EventPattern": "{\"source\":[\"aws.ec2\"]}"});
            self.make(&PUT_RULE, pattern).await;
        }
        let function = format!("arn:aws:lambda:{region}:{account}:function:respond:live");
        for (rule, bus, target) in
            [("to-queue", "default", queue.as_str()), ("to-function", "own", &function)]
        {
            let targets = json!({"Rule": rule, "EventBusName": bus, "Targets": [{"Id": "1", "Arn": target}]});
            self.make(&PUT_TARGETS, targets).await;
        }
    }

    async fn entry_points(&self) {
        for scope in ["REGIONAL", "CLOUDFRONT"] {
            let acl = json!({
                "Name": scope.to_lowercase(), "Scope": scope, "DefaultAction": {"Allow": {}}, "Rules": [],
                "VisibilityConfig":
                    {"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "m"},
            });
            let made = self.make(&CREATE_WEB_ACL, acl).await;
            if scope == "REGIONAL" {
                let destination = "arn:aws:firehose:us-east-1:111122223333:deliverystream/aws-waf-logs-x";
                let configuration =
                    json!({"ResourceArn": made["Summary"]["ARN"], "LogDestinationConfigs": [destination]});
                self.make(&PUT_LOGGING_CONFIGURATION, json!({"LoggingConfiguration": configuration})).await;
            }
        }
        self.make(&CREATE_REST_API, json!({"name": "rest"})).await;
        let api = self.make(&CREATE_API, json!({"Name": "http", "ProtocolType": "HTTP"})).await;
        self.make(&CREATE_STAGE, json!({"ApiId": api["ApiId"], "StageName": "$default"})).await;
        let zone = format!("{}a", self.region);
        let listener = json!({"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80});
        let classic =
            json!({"LoadBalancerName": "classic", "Listeners": [listener], "AvailabilityZones": [zone]});
        self.make(&CREATE_CLASSIC_LOAD_BALANCER, classic).await;
        let subnets = self.make(&ec2::DESCRIBE_SUBNETS, json!({})).await;
        let subnets: Vec<&Value> =
            subnets["Subnets"].as_array().unwrap().iter().take(2).map(|subnet| &subnet["SubnetId"]).collect();
        self.make(&CREATE_LOAD_BALANCER, json!({"Name": "web", "Subnets": subnets})).await;
        self.make(&CREATE_DISTRIBUTION, json!({"Document": DISTRIBUTION})).await;
    }

    async fn data_and_compute(&self, account: &str) {
        let redshift = json!({
            "ClusterIdentifier": "warehouse", "NodeType": "ra3.xlplus",
            "MasterUsername": "admin", "MasterUserPassword": "Password1",
        });
        self.make(&CREATE_REDSHIFT_CLUSTER, redshift).await;
        self.make(&CREATE_DOMAIN, json!({"DomainName": "search"})).await;
        let role = format!("arn:aws:iam::{account}:role/service");
        let eks = json!({"name": "k8s", "roleArn": role, "resourcesVpcConfig": {"subnetIds": []}});
        self.make(&CREATE_EKS_CLUSTER, eks).await;
        self.make(&CREATE_ECS_CLUSTER, json!({"clusterName": "containers"})).await;
        for image in ["web:1", "web:2"] {
            let container = json!({"name": "web", "image": image, "memory": 128});
            let task = json!({"family": "web", "containerDefinitions": [container]});
            self.make(&REGISTER_TASK_DEFINITION, task).await;
        }
        let definition = r#"{"StartAt":"End","States":{"End":{"Type":"Succeed"}}}"#;
        let machine = json!({"name": "flow", "definition": definition, "roleArn": role});
        self.make(&CREATE_STATE_MACHINE, machine).await;
        let policy = format!("arn:aws:network-firewall:{}:{account}:firewall-policy/p", self.region);
        let firewall = json!({
            "FirewallName": "wall", "FirewallPolicyArn": policy, "VpcId": "vpc-1",
            "SubnetMappings": [{"SubnetId": "subnet-1"}],
        });
        self.make(&CREATE_FIREWALL, firewall).await;
    }

    /// An organisation with these accounts; the ids it gave them.
    pub(crate) async fn organization(&self, names: &[&str]) -> Vec<String> {
        self.make(&CREATE_ORGANIZATION, json!({"FeatureSet": "ALL"})).await;
        let mut ids = Vec::new();
        for name in names {
            let input = json!({"AccountName": name, "Email": format!("{name}@example.com")});
            let made = self.make(&CREATE_ACCOUNT, input).await;
            ids.push(made["CreateAccountStatus"]["AccountId"].as_str().unwrap().to_owned());
        }
        ids
    }

    /// A queue.
    pub(crate) async fn queue(&self, name: &str) {
        self.make(&CREATE_QUEUE, json!({"QueueName": name})).await;
    }

    /// A file in a bucket.
    pub(crate) async fn object(&self, bucket: &str, key: &str) {
        self.make(&PUT_OBJECT, json!({"Bucket": bucket, "Key": key, "Body": "{}"})).await;
    }

    /// Closes an account of the organisation.
    pub(crate) async fn close(&self, account: &str) {
        self.make(&CLOSE_ACCOUNT, json!({"AccountId": account})).await;
    }
}

/// <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistribution.html>
pub(crate) const DISTRIBUTION: &str = r#"<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
<CallerReference>one</CallerReference><Comment>web</Comment><Enabled>true</Enabled>
<Origins><Quantity>1</Quantity><Items><Origin><Id>o</Id><DomainName>example.com</DomainName>
<CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>
<OriginProtocolPolicy>https-only</OriginProtocolPolicy></CustomOriginConfig></Origin></Items></Origins>
<DefaultCacheBehavior><TargetOriginId>o</TargetOriginId>
<ViewerProtocolPolicy>https-only</ViewerProtocolPolicy></DefaultCacheBehavior>
</DistributionConfig>"#;
