//! ECS, ECR, EKS, CodeBuild.

use super::{Call, Suite, service};

pub(super) const SUITES: &[Suite] = &[
    Suite { service: service("ecs", "1.11"), calls: ECS },
    Suite { service: service("ecr", "1.11"), calls: ECR },
    Suite { service: service("eks", "1.11"), calls: EKS },
    Suite { service: service("codebuild", "1.08"), calls: CODEBUILD },
];

const ECS: &[Call] = &[
    Call::read("DescribeServices", r#"{"cluster":"<cluster>","services":["<service>","<other service>"]}"#),
    Call::read("DescribeTasks", r#"{"cluster":"<cluster>","tasks":["<hex 32>","<hex 32>"]}"#),
    Call::read("ListTasks", r#"{"cluster":"<cluster>","serviceName":"<service>","maxResults":100}"#),
    Call::read(
        "DescribeTaskDefinition",
        r#"{"taskDefinition":"arn:aws:ecs:<region>:<account>:task-definition/<taskdef>"}"#,
    ),
    Call::write(
        "RegisterTaskDefinition",
        r#"{"family":"<service>","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"<any 256|512|1024>","memory":"<any 512|1024|2048>","executionRoleArn":"arn:aws:iam::<account>:role/ecs-execution","taskRoleArn":"arn:aws:iam::<account>:role/<service>-task","containerDefinitions":[{"name":"app","image":"<account>.dkr.ecr.<region>.amazonaws.com/<repo>@sha256:<hex 64>","essential":true,"portMappings":[{"containerPort":8080,"protocol":"tcp"}],"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"<loggroup>","awslogs-region":"<region>","awslogs-stream-prefix":"app"}}}]}"#,
        r#"{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:<region>:<account>:task-definition/<service>:<int 40 420>","family":"<service>","revision":<int 40 420>,"status":"ACTIVE","compatibilities":["EC2","FARGATE"],"registeredAt":"<american>","registeredBy":"<actor>"}}"#,
    ),
    Call::write(
        "UpdateService",
        r#"{"cluster":"<cluster>","service":"<service>","taskDefinition":"<taskdef>","forceNewDeployment":<any true|false>}"#,
        r#"{"service":{"serviceArn":"arn:aws:ecs:<region>:<account>:service/<cluster>/<service>","serviceName":"<service>","status":"ACTIVE","desiredCount":<int 2 12>,"runningCount":<int 2 12>,"pendingCount":0,"deployments":[{"id":"ecs-svc/<int 1000000000 4000000000>","status":"PRIMARY","rolloutState":"IN_PROGRESS","taskDefinition":"arn:aws:ecs:<region>:<account>:task-definition/<taskdef>"}]}}"#,
    ),
    Call::write(
        "RunTask",
        r#"{"cluster":"<cluster>","taskDefinition":"<taskdef>","launchType":"FARGATE","count":1,"startedBy":"events-rule/<rule>","networkConfiguration":{"awsvpcConfiguration":{"subnets":["<subnet>"],"securityGroups":["<sg>"],"assignPublicIp":"DISABLED"}}}"#,
        r#"{"tasks":[{"taskArn":"arn:aws:ecs:<region>:<account>:task/<cluster>/<id 32>","lastStatus":"PROVISIONING","desiredStatus":"RUNNING","cpu":"512","memory":"1024","createdAt":"<american>","group":"family:<service>"}],"failures":[]}"#,
    ),
    Call::write(
        "SubmitTaskStateChange",
        r#"{"cluster":"<cluster>","task":"arn:aws:ecs:<region>:<account>:task/<cluster>/<id 32>","status":"<any RUNNING|STOPPED>","containers":[{"containerName":"app","status":"RUNNING","runtimeId":"<hex 32>-<int 100000000 3000000000>","imageDigest":"sha256:<hex 64>"}]}"#,
        r#"{"acknowledgment":"<uuid>"}"#,
    ),
];

const IMAGE: &str = r#"{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<repo>"}"#;

const ECR: &[Call] = &[
    Call::read("GetAuthorizationToken", "null"),
    Call::read(
        "BatchGetImage",
        r#"{"registryId":"<account>","repositoryName":"<repo>","imageIds":[{"imageDigest":"sha256:<id 64>"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json","application/vnd.oci.image.manifest.v1+json"]}"#,
    )
    .resources(IMAGE),
    Call::read("GetDownloadUrlForLayer", r#"{"registryId":"<account>","repositoryName":"<repo>","layerDigest":"sha256:<hex 64>"}"#)
        .resources(IMAGE),
    Call::read("BatchCheckLayerAvailability", r#"{"repositoryName":"<repo>","layerDigests":["sha256:<hex 64>","sha256:<hex 64>"]}"#)
        .answer(r#"{"layers":[{"layerDigest":"sha256:<hex 64>","layerAvailability":"<any AVAILABLE|UNAVAILABLE>"}],"failures":[]}"#)
        .resources(IMAGE),
    Call::write(
        "PutImage",
        r#"{"repositoryName":"<repo>","imageTag":"<hex 40>","imageManifestMediaType":"application/vnd.oci.image.manifest.v1+json"}"#,
        r#"{"image":{"registryId":"<account>","repositoryName":"<repo>","imageId":{"imageDigest":"sha256:<hex 64>","imageTag":"<hex 40>"}}}"#,
    )
    .resources(IMAGE),
];

const EKS: &[Call] = &[
    Call::read("ListClusters", r#"{"maxResults":100}"#),
    Call::read("DescribeCluster", r#"{"name":"<cluster>"}"#).fails(
        30,
        "ResourceNotFoundException",
        "No cluster found for name: <cluster>.",
    ),
];

const CODEBUILD: &[Call] = &[
    Call::read("BatchGetBuilds", r#"{"ids":["<project>:<uuid>"]}"#),
    Call::write(
        "StartBuild",
        r#"{"projectName":"<project>","sourceVersion":"<hex 40>","environmentVariablesOverride":[{"name":"GIT_SHA","value":"<hex 40>","type":"PLAINTEXT"}]}"#,
        r#"{"build":{"id":"<project>:<sameuuid>","arn":"arn:aws:codebuild:<region>:<account>:build/<project>:<sameuuid>","buildNumber":<int 200 9000>,"startTime":"<american>","currentPhase":"QUEUED","buildStatus":"IN_PROGRESS","projectName":"<project>","initiator":"<user>","timeoutInMinutes":60}}"#,
    ),
];
