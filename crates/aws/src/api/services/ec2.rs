//! Amazon EC2.

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// Amazon EC2.
pub static SERVICE: Service = Service::new("ec2", "EC2", Protocol::Ec2 { version: "2016-11-15" });

/// [DescribeRegions](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DescribeRegions).
pub static DESCRIBE_REGIONS: Operation = Operation::new(&SERVICE, "DescribeRegions", "ec2:DescribeRegions")
    .hints(Hints {
        renames: &[("geographySet", "Geography"), ("regionEndpoint", "Endpoint"), ("regionInfo", "Regions")],
        lists: &["geographySet", "regionInfo"],
        sends: &[("Filters", "Filter"), ("RegionNames", "RegionName"), ("Values", "Value")],
        ..Hints::NONE
    });

/// [DescribeVpcs](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DescribeVpcs).
pub static DESCRIBE_VPCS: Operation = Operation::new(&SERVICE, "DescribeVpcs", "ec2:DescribeVpcs")
    .pages(Pages::new("NextToken", "NextToken", &["Vpcs"]))
    .hints(Hints {
        renames: &[("tagSet", "Tags"), ("vpcSet", "Vpcs")],
        lists: &["cidrBlockAssociationSet", "ipv6CidrBlockAssociationSet", "tagSet", "vpcSet"],
        sends: &[("Filters", "Filter"), ("Values", "Value"), ("VpcIds", "VpcId")],
        ..Hints::NONE
    });

/// [DescribeSubnets](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DescribeSubnets).
pub static DESCRIBE_SUBNETS: Operation = Operation::new(&SERVICE, "DescribeSubnets", "ec2:DescribeSubnets")
    .pages(Pages::new("NextToken", "NextToken", &["Subnets"]))
    .hints(Hints {
        renames: &[("subnetSet", "Subnets"), ("tagSet", "Tags")],
        lists: &["ipv6CidrBlockAssociationSet", "subnetSet", "tagSet"],
        numbers: &["availableIpAddressCount", "enableLniAtDeviceIndex"],
        sends: &[("Filters", "Filter"), ("SubnetIds", "SubnetId"), ("Values", "Value")],
        ..Hints::NONE
    });

/// [DescribeFlowLogs](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DescribeFlowLogs).
pub static DESCRIBE_FLOW_LOGS: Operation =
    Operation::new(&SERVICE, "DescribeFlowLogs", "ec2:DescribeFlowLogs")
        .pages(Pages::new("NextToken", "NextToken", &["FlowLogs"]))
        .hints(Hints {
            renames: &[
                ("flowLogSet", "FlowLogs"),
                ("tagFieldSpecificationSet", "TagFieldSpecifications"),
                ("tagKeySet", "TagKeys"),
                ("tagSet", "Tags"),
            ],
            lists: &["flowLogSet", "tagFieldSpecificationSet", "tagKeySet", "tagSet"],
            numbers: &["maxAggregationInterval"],
            sends: &[("FlowLogIds", "FlowLogId"), ("Values", "Value")],
            ..Hints::NONE
        });

/// [CreateFlowLogs](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/CreateFlowLogs).
pub static CREATE_FLOW_LOGS: Operation = Operation::new(&SERVICE, "CreateFlowLogs", "ec2:CreateFlowLogs")
    .hints(Hints {
        renames: &[("flowLogIdSet", "FlowLogIds")],
        lists: &["flowLogIdSet", "unsuccessful"],
        sends: &[
            ("ResourceIds", "ResourceId"),
            ("TagFieldSpecifications", "TagFieldSpecification"),
            ("TagKeys", "TagKey"),
            ("TagSpecifications", "TagSpecification"),
            ("Tags", "Tag"),
        ],
        ..Hints::NONE
    });

/// [DeleteFlowLogs](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DeleteFlowLogs).
pub static DELETE_FLOW_LOGS: Operation = Operation::new(&SERVICE, "DeleteFlowLogs", "ec2:DeleteFlowLogs")
    .hints(Hints { lists: &["unsuccessful"], sends: &[("FlowLogIds", "FlowLogId")], ..Hints::NONE });

/// [DescribeSecurityGroups](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DescribeSecurityGroups).
pub static DESCRIBE_SECURITY_GROUPS: Operation =
    Operation::new(&SERVICE, "DescribeSecurityGroups", "ec2:DescribeSecurityGroups")
        .pages(Pages::new("NextToken", "NextToken", &["SecurityGroups"]))
        .hints(Hints {
            renames: &[
                ("groupDescription", "Description"),
                ("groups", "UserIdGroupPairs"),
                ("securityGroupInfo", "SecurityGroups"),
                ("tagSet", "Tags"),
            ],
            lists: &[
                "groups",
                "ipPermissions",
                "ipPermissionsEgress",
                "ipRanges",
                "ipv6Ranges",
                "prefixListIds",
                "securityGroupInfo",
                "tagSet",
            ],
            numbers: &["fromPort", "toPort"],
            sends: &[
                ("Filters", "Filter"),
                ("GroupIds", "GroupId"),
                ("GroupNames", "GroupName"),
                ("Values", "Value"),
            ],
            ..Hints::NONE
        });

/// [DescribeSecurityGroupRules](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DescribeSecurityGroupRules).
pub static DESCRIBE_SECURITY_GROUP_RULES: Operation =
    Operation::new(&SERVICE, "DescribeSecurityGroupRules", "ec2:DescribeSecurityGroupRules")
        .pages(Pages::new("NextToken", "NextToken", &["SecurityGroupRules"]))
        .hints(Hints {
            renames: &[("securityGroupRuleSet", "SecurityGroupRules"), ("tagSet", "Tags")],
            lists: &["securityGroupRuleSet", "tagSet"],
            numbers: &["fromPort", "toPort"],
            sends: &[
                ("Filters", "Filter"),
                ("SecurityGroupRuleIds", "SecurityGroupRuleId"),
                ("Values", "Value"),
            ],
            ..Hints::NONE
        });

/// [AuthorizeSecurityGroupIngress](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/AuthorizeSecurityGroupIngress).
pub static AUTHORIZE_SECURITY_GROUP_INGRESS: Operation = Operation::new(
    &SERVICE,
    "AuthorizeSecurityGroupIngress",
    "ec2:AuthorizeSecurityGroupIngress",
)
.hints(Hints {
    renames: &[("securityGroupRuleSet", "SecurityGroupRules"), ("tagSet", "Tags")],
    lists: &["securityGroupRuleSet", "tagSet"],
    numbers: &["fromPort", "toPort"],
    sends: &[("TagSpecifications", "TagSpecification"), ("Tags", "Tag"), ("UserIdGroupPairs", "Groups")],
    ..Hints::NONE
});

/// [AuthorizeSecurityGroupEgress](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/AuthorizeSecurityGroupEgress).
pub static AUTHORIZE_SECURITY_GROUP_EGRESS: Operation = Operation::new(
    &SERVICE,
    "AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupEgress",
)
.hints(Hints {
    renames: &[("securityGroupRuleSet", "SecurityGroupRules"), ("tagSet", "Tags")],
    lists: &["securityGroupRuleSet", "tagSet"],
    numbers: &["fromPort", "toPort"],
    sends: &[("TagSpecifications", "TagSpecification"), ("Tags", "Tag"), ("UserIdGroupPairs", "Groups")],
    ..Hints::NONE
});

/// [RevokeSecurityGroupIngress](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/RevokeSecurityGroupIngress).
pub static REVOKE_SECURITY_GROUP_INGRESS: Operation =
    Operation::new(&SERVICE, "RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress").hints(Hints {
        renames: &[
            ("groups", "UserIdGroupPairs"),
            ("revokedSecurityGroupRuleSet", "RevokedSecurityGroupRules"),
            ("unknownIpPermissionSet", "UnknownIpPermissions"),
        ],
        lists: &[
            "groups",
            "ipRanges",
            "ipv6Ranges",
            "prefixListIds",
            "revokedSecurityGroupRuleSet",
            "unknownIpPermissionSet",
        ],
        numbers: &["fromPort", "toPort"],
        sends: &[("SecurityGroupRuleIds", "SecurityGroupRuleId"), ("UserIdGroupPairs", "Groups")],
        ..Hints::NONE
    });

/// [RevokeSecurityGroupEgress](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/RevokeSecurityGroupEgress).
pub static REVOKE_SECURITY_GROUP_EGRESS: Operation =
    Operation::new(&SERVICE, "RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress").hints(Hints {
        renames: &[
            ("groups", "UserIdGroupPairs"),
            ("revokedSecurityGroupRuleSet", "RevokedSecurityGroupRules"),
            ("unknownIpPermissionSet", "UnknownIpPermissions"),
        ],
        lists: &[
            "groups",
            "ipRanges",
            "ipv6Ranges",
            "prefixListIds",
            "revokedSecurityGroupRuleSet",
            "unknownIpPermissionSet",
        ],
        numbers: &["fromPort", "toPort"],
        sends: &[("SecurityGroupRuleIds", "SecurityGroupRuleId"), ("UserIdGroupPairs", "Groups")],
        ..Hints::NONE
    });

/// [ModifySecurityGroupRules](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/ModifySecurityGroupRules).
pub static MODIFY_SECURITY_GROUP_RULES: Operation =
    Operation::new(&SERVICE, "ModifySecurityGroupRules", "ec2:ModifySecurityGroupRules")
        .hints(Hints { sends: &[("SecurityGroupRules", "SecurityGroupRule")], ..Hints::NONE });

/// [UpdateSecurityGroupRuleDescriptionsIngress](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/UpdateSecurityGroupRuleDescriptionsIngress).
pub static UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS: Operation = Operation::new(
    &SERVICE,
    "UpdateSecurityGroupRuleDescriptionsIngress",
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
)
.hints(Hints {
    sends: &[
        ("SecurityGroupRuleDescriptions", "SecurityGroupRuleDescription"),
        ("UserIdGroupPairs", "Groups"),
    ],
    ..Hints::NONE
});

/// [UpdateSecurityGroupRuleDescriptionsEgress](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/UpdateSecurityGroupRuleDescriptionsEgress).
pub static UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS: Operation = Operation::new(
    &SERVICE,
    "UpdateSecurityGroupRuleDescriptionsEgress",
    "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
)
.hints(Hints {
    sends: &[
        ("SecurityGroupRuleDescriptions", "SecurityGroupRuleDescription"),
        ("UserIdGroupPairs", "Groups"),
    ],
    ..Hints::NONE
});

/// [CreateSecurityGroup](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/CreateSecurityGroup).
pub static CREATE_SECURITY_GROUP: Operation =
    Operation::new(&SERVICE, "CreateSecurityGroup", "ec2:CreateSecurityGroup").hints(Hints {
        renames: &[("tagSet", "Tags")],
        lists: &["tagSet"],
        sends: &[
            ("Description", "GroupDescription"),
            ("TagSpecifications", "TagSpecification"),
            ("Tags", "Tag"),
        ],
        ..Hints::NONE
    });

/// [DeleteSecurityGroup](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DeleteSecurityGroup).
pub static DELETE_SECURITY_GROUP: Operation =
    Operation::new(&SERVICE, "DeleteSecurityGroup", "ec2:DeleteSecurityGroup");

/// [DescribeNetworkAcls](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DescribeNetworkAcls).
pub static DESCRIBE_NETWORK_ACLS: Operation =
    Operation::new(&SERVICE, "DescribeNetworkAcls", "ec2:DescribeNetworkAcls")
        .pages(Pages::new("NextToken", "NextToken", &["NetworkAcls"]))
        .hints(Hints {
            renames: &[
                ("associationSet", "Associations"),
                ("default", "IsDefault"),
                ("entrySet", "Entries"),
                ("networkAclSet", "NetworkAcls"),
                ("tagSet", "Tags"),
            ],
            lists: &["associationSet", "entrySet", "networkAclSet", "tagSet"],
            numbers: &["code", "from", "ruleNumber", "to", "type"],
            sends: &[("Filters", "Filter"), ("NetworkAclIds", "NetworkAclId"), ("Values", "Value")],
            ..Hints::NONE
        });

/// [CreateNetworkAcl](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/CreateNetworkAcl).
pub static CREATE_NETWORK_ACL: Operation =
    Operation::new(&SERVICE, "CreateNetworkAcl", "ec2:CreateNetworkAcl").hints(Hints {
        renames: &[
            ("associationSet", "Associations"),
            ("default", "IsDefault"),
            ("entrySet", "Entries"),
            ("tagSet", "Tags"),
        ],
        lists: &["associationSet", "entrySet", "tagSet"],
        numbers: &["code", "from", "ruleNumber", "to", "type"],
        sends: &[("TagSpecifications", "TagSpecification"), ("Tags", "Tag")],
        ..Hints::NONE
    });

/// [CreateNetworkAclEntry](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/CreateNetworkAclEntry).
pub static CREATE_NETWORK_ACL_ENTRY: Operation =
    Operation::new(&SERVICE, "CreateNetworkAclEntry", "ec2:CreateNetworkAclEntry")
        .hints(Hints { sends: &[("IcmpTypeCode", "Icmp")], ..Hints::NONE });

/// [ReplaceNetworkAclEntry](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/ReplaceNetworkAclEntry).
pub static REPLACE_NETWORK_ACL_ENTRY: Operation =
    Operation::new(&SERVICE, "ReplaceNetworkAclEntry", "ec2:ReplaceNetworkAclEntry")
        .hints(Hints { sends: &[("IcmpTypeCode", "Icmp")], ..Hints::NONE });

/// [DeleteNetworkAclEntry](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/DeleteNetworkAclEntry).
pub static DELETE_NETWORK_ACL_ENTRY: Operation =
    Operation::new(&SERVICE, "DeleteNetworkAclEntry", "ec2:DeleteNetworkAclEntry");

/// [ReplaceNetworkAclAssociation](https://docs.aws.amazon.com/goto/WebAPI/ec2-2016-11-15/ReplaceNetworkAclAssociation).
pub static REPLACE_NETWORK_ACL_ASSOCIATION: Operation =
    Operation::new(&SERVICE, "ReplaceNetworkAclAssociation", "ec2:ReplaceNetworkAclAssociation");
