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
