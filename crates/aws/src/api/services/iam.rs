//! IAM.

use crate::api::{GlobalEndpoint, Hints, Operation, Pages, Protocol, Service};

/// IAM.
pub static SERVICE: Service =
    Service::new("iam", "IAM", Protocol::Query { version: "2010-05-08" }).global(&PLACES);

static PLACES: [GlobalEndpoint; 8] = [
    GlobalEndpoint::new("aws", "iam.amazonaws.com", "us-east-1"),
    GlobalEndpoint::new("aws-cn", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    GlobalEndpoint::new("aws-us-gov", "iam.us-gov.amazonaws.com", "us-gov-west-1"),
    GlobalEndpoint::new("aws-iso", "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
    GlobalEndpoint::new("aws-iso-b", "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
    GlobalEndpoint::new("aws-iso-e", "iam.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"),
    GlobalEndpoint::new("aws-iso-f", "iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"),
    GlobalEndpoint::new("aws-eusc", "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
];

/// [ListAccountAliases](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListAccountAliases).
pub static LIST_ACCOUNT_ALIASES: Operation =
    Operation::new(&SERVICE, "ListAccountAliases", "iam:ListAccountAliases")
        .pages(Pages::new("Marker", "Marker", &["AccountAliases"]).more("IsTruncated"))
        .hints(Hints { lists: &["AccountAliases"], ..Hints::NONE });

/// [GetRole](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetRole).
pub static GET_ROLE: Operation = Operation::new(&SERVICE, "GetRole", "iam:GetRole").hints(Hints {
    lists: &["Tags"],
    numbers: &["MaxSessionDuration", "TemplateMinorVersion"],
    ..Hints::NONE
});

/// [GetRolePolicy](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetRolePolicy).
pub static GET_ROLE_POLICY: Operation = Operation::new(&SERVICE, "GetRolePolicy", "iam:GetRolePolicy");

/// [ListRolePolicies](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListRolePolicies).
pub static LIST_ROLE_POLICIES: Operation =
    Operation::new(&SERVICE, "ListRolePolicies", "iam:ListRolePolicies")
        .pages(Pages::new("Marker", "Marker", &["PolicyNames"]).more("IsTruncated"))
        .hints(Hints { lists: &["PolicyNames"], ..Hints::NONE });

/// [ListRoleTags](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListRoleTags).
pub static LIST_ROLE_TAGS: Operation = Operation::new(&SERVICE, "ListRoleTags", "iam:ListRoleTags")
    .pages(Pages::new("Marker", "Marker", &["Tags"]).more("IsTruncated"))
    .hints(Hints { lists: &["Tags"], ..Hints::NONE });

/// [CreateRole](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/CreateRole).
pub static CREATE_ROLE: Operation = Operation::new(&SERVICE, "CreateRole", "iam:CreateRole").hints(Hints {
    lists: &["Tags"],
    numbers: &["MaxSessionDuration", "TemplateMinorVersion"],
    ..Hints::NONE
});

/// [UpdateAssumeRolePolicy](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UpdateAssumeRolePolicy).
pub static UPDATE_ASSUME_ROLE_POLICY: Operation =
    Operation::new(&SERVICE, "UpdateAssumeRolePolicy", "iam:UpdateAssumeRolePolicy");

/// [PutRolePolicy](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/PutRolePolicy).
pub static PUT_ROLE_POLICY: Operation = Operation::new(&SERVICE, "PutRolePolicy", "iam:PutRolePolicy");

/// [DeleteRolePolicy](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteRolePolicy).
pub static DELETE_ROLE_POLICY: Operation =
    Operation::new(&SERVICE, "DeleteRolePolicy", "iam:DeleteRolePolicy");

/// [DeleteRole](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteRole).
pub static DELETE_ROLE: Operation = Operation::new(&SERVICE, "DeleteRole", "iam:DeleteRole");

/// [CreateServiceLinkedRole](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/CreateServiceLinkedRole).
pub static CREATE_SERVICE_LINKED_ROLE: Operation =
    Operation::new(&SERVICE, "CreateServiceLinkedRole", "iam:CreateServiceLinkedRole").hints(Hints {
        lists: &["Tags"],
        numbers: &["MaxSessionDuration", "TemplateMinorVersion"],
        ..Hints::NONE
    });

/// [DeleteServiceLinkedRole](https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteServiceLinkedRole).
pub static DELETE_SERVICE_LINKED_ROLE: Operation =
    Operation::new(&SERVICE, "DeleteServiceLinkedRole", "iam:DeleteServiceLinkedRole");
