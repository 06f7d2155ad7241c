//! VPCs, security groups, load balancers. EC2's network calls share EC2's event source.

use super::{Call, Suite};
use super::{Service, Style, service};

pub(super) const SUITES: &[Suite] = &[
    Suite { service: Service { style: Style::Ec2, ..service("ec2", "1.10") }, calls: VPC },
    Suite {
        service: Service { api_version: Some("2015-12-01"), ..service("elasticloadbalancing", "1.11") },
        calls: ELB,
    },
];

const VPC: &[Call] = &[
    Call::read(
        "DescribeVpcs",
        r#"{"vpcSet":{"items":[{"vpcId":"<vpc>"}]},"filterSet":{}}"#,
    ),
    Call::read(
        "DescribeSubnets",
        r#"{"subnetSet":{},"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"<vpc>"}]}},{"name":"tag:tier","valueSet":{"items":[{"value":"<any public|private|data>"}]}}]}}"#,
    ),
    Call::read(
        "DescribeSecurityGroups",
        r#"{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"<sg>"}]},"filterSet":{}}"#,
    ),
    Call::read(
        "DescribeSecurityGroupRules",
        r#"{"DescribeSecurityGroupRulesRequest":{"Filter":{"Name":"group-id","tag":1,"Value":{"content":"<sg>","tag":1}}}}"#,
    ),
    Call::read(
        "DescribeNetworkInterfaces",
        r#"{"networkInterfaceIdSet":{"items":[{"networkInterfaceId":"<eni>"}]},"filterSet":{}}"#,
    )
    .fails(5, "Client.InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '<eni>' does not exist"),
    Call::read(
        "DescribeRouteTables",
        r#"{"routeTableIdSet":{"items":[{"routeTableId":"<rtb>"}]},"filterSet":{}}"#,
    ),
    Call::read("DescribeNetworkAcls", r#"{"networkAclIdSet":{"items":[{"networkAclId":"<acl>"}]},"filterSet":{}}"#),
    Call::read(
        "DescribeFlowLogs",
        r#"{"DescribeFlowLogsRequest":{"Filter":{"Name":"resource-id","tag":1,"Value":{"content":"<vpc>","tag":1}},"MaxResults":100}}"#,
    ),
    Call::read(
        "DescribeVpcEndpoints",
        r#"{"DescribeVpcEndpointsRequest":{"VpcEndpointId":{"content":"<vpce>","tag":1}}}"#,
    ),
    Call::read("DescribeAddresses", r#"{"publicIpsSet":{},"filterSet":{},"allocationIdsSet":{"items":[{"allocationId":"eipalloc-0<id 16>"}]}}"#),
    Call::write(
        "CreateNetworkInterface",
        r#"{"subnetId":"<subnet>","description":"arn:aws:ecs:<region>:<account>:attachment/<uuid>","groupSet":{"items":[{"groupId":"<sg>"}]},"privateIpAddressesSet":{},"clientToken":"<uuid>"}"#,
        r#"{"requestId":"<request>","networkInterface":{"networkInterfaceId":"eni-0<id 16>","subnetId":"<subnet>","vpcId":"<vpc>","availabilityZone":"<region>b","description":"arn:aws:ecs:<region>:<account>:attachment/<uuid>","ownerId":"<account>","requesterId":"578734482556","requesterManaged":true,"status":"pending","macAddress":"06:<hex 2>:<hex 2>:<hex 2>:<hex 2>:<hex 2>","privateIpAddress":"<private>","sourceDestCheck":true,"interfaceType":"interface","groupSet":{"items":[{"groupId":"<sg>","groupName":"<alias>-<service>"}]},"privateIpAddressesSet":{"item":[{"privateIpAddress":"<private>","primary":true}]},"tagSet":{"items":[{"key":"aws:ecs:clusterName","value":"<cluster>"},{"key":"aws:ecs:serviceName","value":"<service>"}]}}}"#,
    ),
    Call::write(
        "DeleteNetworkInterface",
        r#"{"networkInterfaceId":"<eni>"}"#,
        r#"{"requestId":"<request>","_return":true}"#,
    )
    .fails(30, "Client.InvalidNetworkInterface.InUse", "Network interface '<eni>' is currently in use."),
    Call::write(
        "AuthorizeSecurityGroupIngress",
        r#"{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":<any 443|8080|5432|6379>,"toPort":8443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.<int 16 60>.0.0/16","description":"<service> from peered vpc"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#,
        r#"{"requestId":"<request>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<sg>","securityGroupRuleId":"sgr-0<id 16>","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":8443,"cidrIpv4":"10.32.0.0/16","description":"<service> from peered vpc"}]}}"#,
    )
    .fails(60, "Client.InvalidPermission.Duplicate", "the specified rule already exists"),
    Call::write(
        "RevokeSecurityGroupIngress",
        r#"{"groupId":"<sg>","ipPermissions":{},"securityGroupRuleIds":{"items":[{"securityGroupRuleId":"sgr-0<id 16>"}]}}"#,
        r#"{"requestId":"<request>","_return":true,"unknownIpPermissionSet":{},"revokedSecurityGroupRuleSet":{"items":[{"securityGroupRuleId":"sgr-0<id 16>","groupId":"<sg>","isEgress":false,"ipProtocol":"tcp","fromPort":8080,"toPort":8080,"cidrIpv4":"10.<int 16 60>.0.0/16"}]}}"#,
    ),
    Call::write(
        "CreateSecurityGroup",
        r#"{"groupName":"<alias>-<service>-<hex 6>","groupDescription":"Managed by Terraform","vpcId":"<vpc>","tagSpecificationSet":{"items":[{"resourceType":"security-group","tags":[{"key":"managed-by","value":"terraform"}]}]}}"#,
        r#"{"requestId":"<request>","_return":true,"groupId":"sg-0<id 16>","securityGroupArn":"arn:aws:ec2:<region>:<account>:security-group/sg-0<id 16>","tagSet":{"items":[{"key":"managed-by","value":"terraform"}]}}"#,
    ),
    Call::write(
        "CreateRoute",
        r#"{"routeTableId":"<rtb>","destinationCidrBlock":"10.<int 64 120>.0.0/16","transitGatewayId":"tgw-0<hex 16>"}"#,
        r#"{"requestId":"<request>","_return":true}"#,
    ),
];

const ELB: &[Call] = &[
    Call::read(
        "DescribeTargetHealth",
        r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>"}"#,
    ),
    Call::read(
        "DescribeLoadBalancers",
        r#"{"loadBalancerArns":["arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/<lb>"]}"#,
    ),
    Call::read(
        "DescribeListeners",
        r#"{"loadBalancerArn":"arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/<lb>","pageSize":<any 20|100>}"#,
    ),
    Call::read(
        "DescribeTargetGroups",
        r#"{"targetGroupArns":["arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>"]}"#,
    ),
    Call::write(
        "RegisterTargets",
        r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>","targets":[{"id":"<private>","port":<any 8080|3000|9090>,"availabilityZone":"<region>a"}]}"#,
        "null",
    ),
    Call::write(
        "DeregisterTargets",
        r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>","targets":[{"id":"<private>","port":<any 8080|3000|9090>}]}"#,
        "null",
    ),
];
