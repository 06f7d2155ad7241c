//! Network Firewall. <https://docs.aws.amazon.com/network-firewall/latest/APIReference/>

use crate::api::{Operation, Pages, Protocol, Service};

/// Network Firewall.
pub static SERVICE: Service = Service::new(
    "network-firewall",
    "Network Firewall",
    Protocol::Json { target_prefix: "NetworkFirewall_20201112", version: "1.0" },
);

/// Firewalls of a Region.
pub static LIST_FIREWALLS: Operation = Operation::new(
    &SERVICE,
    "ListFirewalls",
    "network-firewall:ListFirewalls",
)
.pages(Pages::new("NextToken", "NextToken", &["Firewalls"]));

/// Which logs a firewall writes, and where to.
pub static DESCRIBE_LOGGING_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "DescribeLoggingConfiguration", "network-firewall:DescribeLoggingConfiguration");

/// [UpdateLoggingConfiguration](https://docs.aws.amazon.com/goto/WebAPI/network-firewall-2020-11-12/UpdateLoggingConfiguration).
pub static UPDATE_LOGGING_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "UpdateLoggingConfiguration", "network-firewall:UpdateLoggingConfiguration");
