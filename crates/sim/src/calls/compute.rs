//! EC2 instances and volumes, Auto Scaling, Lambda.

use super::{Call, Service, Sort, Style, Suite, service};

const fn ec2_call() -> Service {
    Service { style: Style::Ec2, ..service("ec2", "1.10") }
}

pub(super) const SUITES: &[Suite] = &[
    Suite { service: ec2_call(), calls: EC2 },
    Suite { service: service("autoscaling", "1.08"), calls: AUTOSCALING },
    Suite {
        service: Service { api_version: Some("2015-03-31"), ..service("lambda", "1.11") },
        calls: LAMBDA,
    },
];

const EC2: &[Call] = &[
    Call::read(
        "DescribeInstances",
        r#"{"instancesSet":{"items":[{"instanceId":"<instance>"},{"instanceId":"<other instance>"}]},"filterSet":{}}"#,
    ),
    Call::read(
        "DescribeInstanceStatus",
        r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]},"filterSet":{},"includeAllInstances":<any true|false>}"#,
    )
    .fails(6, "Client.InvalidInstanceID.NotFound", "The instance ID '<instance>' does not exist"),
    Call::read(
        "DescribeVolumes",
        r#"{"volumeSet":{"items":[{"volumeId":"<volume>"}]},"filterSet":{"items":[{"name":"attachment.instance-id","valueSet":{"items":[{"value":"<instance>"}]}}]},"maxResults":<int 50 500>}"#,
    ),
    Call::read(
        "DescribeSnapshots",
        r#"{"snapshotSet":{},"ownersSet":{"items":[{"owner":"<account>"}]},"sharedUsersSet":{},"filterSet":{"items":[{"name":"volume-id","valueSet":{"items":[{"value":"<volume>"}]}}]},"maxResults":200}"#,
    ),
    Call::read(
        "DescribeImages",
        r#"{"executableBySet":{},"imagesSet":{"items":[{"imageId":"<ami>"}]},"ownersSet":{"items":[{"owner":"<any self|amazon|099720109477>"}]},"filterSet":{}}"#,
    ),
    Call::read(
        "DescribeTags",
        r#"{"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"<instance>"}]}},{"name":"key","valueSet":{"items":[{"value":"<any Name|team|cost-centre|environment>"}]}}]}}"#,
    ),
    Call::read("DescribeRegions", r#"{"regionSet":{},"allRegions":false}"#),
    Call::read(
        "DescribeLaunchTemplateVersions",
        r#"{"DescribeLaunchTemplateVersionsRequest":{"LaunchTemplateId":"<lt>","LaunchTemplateVersion":{"content":"$Latest","tag":1}}}"#,
    ),
    Call::write(
        "RunInstances",
        r#"{"instancesSet":{"items":[{"imageId":"<ami>","minCount":1,"maxCount":1}]},"instanceType":"<any m7g.large|c7g.xlarge|t4g.medium>","blockDeviceMapping":{},"availabilityZone":"<region>a","monitoring":{"enabled":true},"disableApiTermination":false,"clientToken":"<uuid>","launchTemplate":{"launchTemplateId":"<lt>","version":"<int 1 40>"},"tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"aws:autoscaling:groupName","value":"<asg>"},{"key":"team","value":"platform"}]}]}}"#,
        r#"{"requestId":"<request>","reservationId":"r-0<hex 16>","ownerId":"<account>","groupSet":{},"instancesSet":{"items":[{"instanceId":"i-0<id 16>","imageId":"<ami>","currentState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-20-<int 1 250>-<int 1 250>.<region>.compute.internal","keyName":"","amiLaunchIndex":0,"productCodes":{},"instanceType":"m7g.large","launchTime":<nowms>,"placement":{"availabilityZone":"<region>a","tenancy":"default"},"monitoring":{"state":"pending"},"subnetId":"<subnet>","vpcId":"<vpc>","privateIpAddress":"<private>","stateReason":{"code":"pending","message":"pending"},"architecture":"arm64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","blockDeviceMapping":{},"virtualizationType":"hvm","hypervisor":"xen","clientToken":"<uuid>","groupSet":{"items":[{"groupId":"<sg>","groupName":"<alias>-batch-workers"}]},"networkInterfaceSet":{"items":[{"networkInterfaceId":"eni-0<hex 16>","subnetId":"<subnet>","vpcId":"<vpc>","ownerId":"<account>","status":"in-use","macAddress":"0a:<hex 2>:<hex 2>:<hex 2>:<hex 2>:<hex 2>","sourceDestCheck":true,"attachment":{"attachmentId":"eni-attach-0<hex 16>","deviceIndex":0,"status":"attaching","attachTime":<nowms>,"deleteOnTermination":true}}]},"ebsOptimized":true,"metadataOptions":{"state":"pending","httpTokens":"required","httpPutResponseHopLimit":2,"httpEndpoint":"enabled"}}]}}"#,
    )
    .fails(25, "Server.InsufficientInstanceCapacity", "We currently do not have sufficient m7g.large capacity in the Availability Zone you requested (<region>a). Our system will be working on provisioning additional capacity."),
    Call::write(
        "TerminateInstances",
        r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]}}"#,
        r#"{"requestId":"<request>","instancesSet":{"items":[{"instanceId":"<instance>","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}}"#,
    ),
    Call::write(
        "CreateTags",
        r#"{"resourcesSet":{"items":[{"resourceId":"<instance>"}]},"tagSet":{"items":[{"key":"Name","value":"<alias>-batch-<hex 6>"},{"key":"deployed-at","value":"<now>"}]}}"#,
        r#"{"requestId":"<request>","_return":true}"#,
    ),
    Call::write(
        "CreateSnapshot",
        r#"{"volumeId":"<volume>","description":"nightly backup of <volume> <today>","tagSpecificationSet":{"items":[{"resourceType":"snapshot","tags":[{"key":"aws:backup:source-resource","value":"<volume>:<hex 12>"}]}]}}"#,
        r#"{"requestId":"<request>","snapshotId":"snap-0<id 16>","volumeId":"<volume>","status":"pending","startTime":<nowms>,"ownerId":"<account>","volumeSize":"<int 20 800>","description":"nightly backup of <volume> <today>","encrypted":true}"#,
    ),
    Call::write(
        "DeleteSnapshot",
        r#"{"snapshotId":"<snapshot>"}"#,
        r#"{"requestId":"<request>","_return":true}"#,
    )
    .fails(20, "Client.InvalidSnapshot.InUse", "The snapshot <snapshot> is currently in use by <ami>"),
];

const AUTOSCALING: &[Call] = &[
    Call::read(
        "DescribeAutoScalingGroups",
        r#"{"autoScalingGroupNames":["<asg>"],"maxRecords":<any 50|100>}"#,
    ),
    Call::read("DescribeScalingActivities", r#"{"autoScalingGroupName":"<asg>","maxRecords":20}"#),
    Call::write(
        "SetDesiredCapacity",
        r#"{"autoScalingGroupName":"<asg>","desiredCapacity":<int 1 40>,"honorCooldown":true}"#,
        "null",
    ),
];

const LAMBDA: &[Call] = &[
    Call::read("ListFunctions20150331", r#"{"maxItems":50,"functionVersion":"ALL"}"#),
    Call::read(
        "GetFunction20150331v2",
        r#"{"functionName":"arn:aws:lambda:<region>:<account>:function:<function>"}"#,
    ),
    Call::read("GetPolicy20150331v2", r#"{"functionName":"<function>"}"#)
        .fails(120, "ResourceNotFoundException", "The resource you requested does not exist."),
    Call::write(
        "UpdateFunctionCode20150331v2",
        r#"{"functionName":"<function>","s3Bucket":"meridian-<alias>-artifacts","s3Key":"lambda/<function>/<id 40>.zip","dryRun":false,"publish":true,"architectures":["arm64"]}"#,
        r#"{"functionName":"<function>","functionArn":"arn:aws:lambda:<region>:<account>:function:<function>:<int 10 400>","runtime":"python3.13","role":"arn:aws:iam::<account>:role/lambda-<function>","handler":"app.handler","codeSize":<int 40000 9000000>,"description":"","timeout":30,"memorySize":512,"lastModified":"<now>","codeSha256":"<base64 43>=","version":"<int 10 400>","environment":{},"tracingConfig":{"mode":"Active"},"revisionId":"<uuid>","state":"Active","lastUpdateStatus":"InProgress","lastUpdateStatusReasonCode":"Creating","packageType":"Zip","architectures":["arm64"],"ephemeralStorage":{"size":512},"snapStart":{"applyOn":"None","optimizationStatus":"Off"}}"#,
    ),
    Call::new(
        Sort::DataWrite,
        "Invoke",
        r#"{"functionName":"arn:aws:lambda:<region>:<account>:function:<function>","invocationType":"<any RequestResponse|Event|Event>","sourceArn":"arn:aws:sqs:<region>:<account>:<queue>"}"#,
    )
    .extra(r#"{"functionVersion":"arn:aws:lambda:<region>:<account>:function:<function>:$LATEST"}"#)
    .resources(r#"{"accountId":"<account>","type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:<region>:<account>:function:<function>"}"#)
    .fails(8, "TooManyRequestsException", "Rate Exceeded."),
];
