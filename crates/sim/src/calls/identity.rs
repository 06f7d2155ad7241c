//! Identity: IAM, STS, console sign-in, IAM Identity Center, Organizations.

use super::{Call, Service, Sort, Suite, global, service};

pub(super) const SUITES: &[Suite] = &[
    Suite { service: global("iam", "1.11"), calls: IAM },
    Suite { service: service("sts", "1.08"), calls: STS },
    Suite { service: global("signin", "1.08"), calls: SIGNIN },
    Suite { service: service("sso", "1.08"), calls: SSO },
    Suite { service: Service { ..global("organizations", "1.08") }, calls: ORGANIZATIONS },
];

const IAM: &[Call] = &[
    Call::read("ListUsers", r#"{"maxItems":<any 100|1000>}"#),
    Call::read("ListRoles", r#"{"maxItems":<any 100|1000>,"marker":"<base64 120>"}"#),
    Call::read("GetUser", r#"{"userName":"<iamperson>"}"#),
    Call::read("GetRole", r#"{"roleName":"<role>"}"#).fails(
        25,
        "NoSuchEntityException",
        "The role with name <role>-<hex 4> cannot be found.",
    ),
    Call::read("GetRolePolicy", r#"{"roleName":"<role>","policyName":"<policy>"}"#),
    Call::read("ListAttachedRolePolicies", r#"{"roleName":"<role>"}"#),
    Call::read("ListRolePolicies", r#"{"roleName":"<role>"}"#),
    Call::read(
        "GetPolicyVersion",
        r#"{"policyArn":"arn:aws:iam::<account>:policy/<policy>","versionId":"v<int 1 9>"}"#,
    ),
    Call::read("ListAccessKeys", r#"{"userName":"<iamperson>"}"#),
    Call::read("ListMFADevices", r#"{"userName":"<iamperson>"}"#),
    Call::read("GetAccountSummary", "null"),
    Call::read("GetAccountPasswordPolicy", "null"),
    Call::read("GenerateCredentialReport", "null").answer(r#"{"state":"<any STARTED|COMPLETE|INPROGRESS>"}"#),
    Call::read("GetCredentialReport", "null"),
    Call::write(
        "CreateRole",
        r#"{"path":"/","roleName":"<service>-task-<id 5>","assumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ecs-tasks.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}","maxSessionDuration":3600,"tags":[{"key":"managed-by","value":"terraform"}]}"#,
        r#"{"role":{"path":"/","roleName":"<service>-task-<id 5>","roleId":"AROA<upper 17>","arn":"arn:aws:iam::<account>:role/<service>-task-<id 5>","createDate":"<american>","assumeRolePolicyDocument":"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ecs-tasks.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"}}"#,
    ),
    Call::write(
        "PutRolePolicy",
        r#"{"roleName":"<role>","policyName":"<policy>","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::<bucket>/*\"},{\"Effect\":\"Allow\",\"Action\":\"kms:Decrypt\",\"Resource\":\"arn:aws:kms:<region>:<account>:key/<kms>\"}]}"}"#,
        "null",
    ),
    Call::write(
        "AttachRolePolicy",
        r#"{"roleName":"<role>","policyArn":"arn:aws:iam::<account>:policy/<policy>"}"#,
        "null",
    ),
    Call::write("TagRole", r#"{"roleName":"<role>","tags":[{"key":"commit","value":"<hex 40>"}]}"#, "null"),
];

const CREDENTIALS: &str = r#"{"credentials":{"accessKeyId":"ASIA<upper 16>","sessionToken":"IQoJb3JpZ2luX2Vj<base64 380>==","expiration":"<american 3600>"},"assumedRoleUser":{"assumedRoleId":"AROA<upper 17>:<id 32>","arn":"arn:aws:sts::<account>:assumed-role/<role>/<id 32>"}}"#;
const ROLE: &str =
    r#"{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<account>:role/<role>"}"#;

const DEPLOYER: &str =
    r#"{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<account>:role/gha-deployer"}"#;

const STS: &[Call] = &[
    Call::read("GetCallerIdentity", "null"),
    Call::read(
        "AssumeRole",
        r#"{"roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<id 32>","durationSeconds":<any 900|3600|3600|43200>}"#,
    )
    .answer(CREDENTIALS)
    .resources(ROLE),
    Call::read(
        "AssumeRoleWithWebIdentity",
        r#"{"roleArn":"arn:aws:iam::<account>:role/gha-deployer","roleSessionName":"GitHubActions","durationSeconds":3600}"#,
    )
    .answer(r#"{"credentials":{"accessKeyId":"ASIA<upper 16>","sessionToken":"IQoJb3JpZ2luX2Vj<base64 420>==","expiration":"<american 3600>"},"subjectFromWebIdentityToken":"<user>","assumedRoleUser":{"assumedRoleId":"AROA<upper 17>:GitHubActions","arn":"arn:aws:sts::<account>:assumed-role/gha-deployer/GitHubActions"},"packedPolicySize":<int 8 40>,"provider":"arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com","audience":"sts.amazonaws.com"}"#)
    .resources(DEPLOYER),
    Call::read(
        "AssumeRoleWithSAML",
        r#"{"sAMLAssertionID":"_<uuid>","roleSessionName":"<user>","durationSeconds":43200,"roleArn":"arn:aws:iam::<account>:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_DeveloperAccess_<hex 16>","principalArn":"arn:aws:iam::<account>:saml-provider/AWSSSO_<hex 16>_DO_NOT_DELETE"}"#,
    )
    .answer(r#"{"subjectType":"persistent","issuer":"https://portal.sso.us-east-1.amazonaws.com/saml/assertion/<base64 60>","credentials":{"accessKeyId":"ASIA<upper 16>","sessionToken":"IQoJb3JpZ2luX2Vj<base64 420>==","expiration":"<american 43200>"},"nameQualifier":"<base64 27>=","assumedRoleUser":{"assumedRoleId":"AROA<upper 17>:<user>","arn":"arn:aws:sts::<account>:assumed-role/AWSReservedSSO_DeveloperAccess/<user>"},"subject":"<base64 40>","audience":"https://signin.aws.amazon.com/saml"}"#),
];

const SIGNIN: &[Call] = &[
    Call::new(Sort::SignIn, "ConsoleLogin", "null")
        .answer(r#"{"ConsoleLogin":"Success"}"#)
        .extra(r#"{"MobileVersion":"No","MFAUsed":"No"}"#),
    Call::new(Sort::SignIn, "SwitchRole", "null")
        .answer(r#"{"SwitchRole":"Success"}"#)
        .extra(r#"{"SwitchFrom":"<actor>","RedirectTo":"https://<region>.console.aws.amazon.com/console/home"}"#),
    Call::new(Sort::SignIn, "UserAuthentication", "null")
        .answer(r#"{"UserAuthentication":"Success"}"#)
        .extra(r#"{"AuthWorkflowID":"<uuid>","LoginTo":"https://d-<hex 10>.awsapps.com/start/?workflowResultHandle=<hex 32>","CredentialType":"<any PASSWORD|EXTERNAL_IDP|TOTP>","UserName":"<user>"}"#),
];

const SSO: &[Call] = &[
    Call::read("ListAccounts", r#"{"maxResults":<any 50|100>}"#),
    Call::read("ListAccountRoles", r#"{"accountId":"<account>","maxResults":100}"#),
    Call::read("GetRoleCredentials", r#"{"roleName":"<any AdministratorAccess|DeveloperAccess|PlatformEngineer>","accountId":"<account>"}"#)
        .extra(r#"{"AuthWorkflowID":"<uuid>"}"#),
    Call::read("Federate", r#"{"role_name":"<any DeveloperAccess|SecurityAudit|DataAnalyst>","account_id":"<account>"}"#)
        .extra(r#"{"AuthWorkflowID":"<uuid>"}"#),
];

const ORGANIZATIONS: &[Call] = &[
    Call::read("DescribeOrganization", "null"),
    Call::read("ListAccounts", r#"{"maxResults":20}"#),
    Call::read(
        "ListPolicies",
        r#"{"filter":"<any SERVICE_CONTROL_POLICY|TAG_POLICY|RESOURCE_CONTROL_POLICY>"}"#,
    ),
];
