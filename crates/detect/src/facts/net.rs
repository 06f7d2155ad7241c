//! Addresses and port ranges.

use std::net::IpAddr;

use ipnet::IpNet;

/// Ports whose services should not face the internet: remote administration, file sharing,
/// databases, caches, queues and cluster control.
const SENSITIVE_PORTS: &[u16] = &[
    20, 21, 22, 23, 69, 111, 135, 137, 138, 139, 389, 445, 512, 513, 514, 636, 873, 1433, 1434, 1521, 2049,
    2181, 2375, 2376, 2379, 2380, 3306, 3389, 4333, 5432, 5439, 5500, 5601, 5672, 5900, 5901, 5984, 5985,
    5986, 6379, 6443, 7000, 7001, 7199, 8020, 8086, 8088, 8888, 9042, 9092, 9160, 9200, 9300, 10250, 10255,
    11211, 15672, 27017, 27018, 27019, 50070, 61616,
];

/// Whether a block is the whole internet, or so much of it that it makes no difference: 0.0.0.0/0
/// cut into two halves opens as much. Shorter than /8 for IPv4, than /16 for IPv6.
pub(super) fn is_world(cidr: &str) -> bool {
    match cidr.trim().parse::<IpNet>() {
        Ok(IpNet::V4(net)) => net.prefix_len() < 8,
        Ok(IpNet::V6(net)) => net.prefix_len() < 16,
        Err(_) => false,
    }
}

/// A protocol and the ports of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    protocol: Protocol,
    /// First and last; `None` where the rule names none, which means all.
    range: Option<(i64, i64)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Protocol {
    All,
    Tcp,
    Udp,
    Icmp,
    Other(String),
}

impl Ports {
    /// Reads a protocol (name or number, `-1` for all) and its ports (`-1` for all).
    pub(super) fn new(protocol: &str, from: Option<i64>, to: Option<i64>) -> Self {
        let protocol = match protocol.to_ascii_lowercase().as_str() {
            "-1" | "all" | "" => Protocol::All,
            "tcp" | "6" => Protocol::Tcp,
            "udp" | "17" => Protocol::Udp,
            "icmp" | "1" | "icmpv6" | "58" => Protocol::Icmp,
            other => Protocol::Other(other.to_owned()),
        };
        let range = match (from, to) {
            (Some(from), Some(to)) if from >= 0 && to >= from => Some((from, to)),
            (Some(port), None) | (None, Some(port)) if port >= 0 => Some((port, port)),
            _ => None,
        };
        Self { protocol, range }
    }

    fn has_ports(&self) -> bool {
        matches!(self.protocol, Protocol::All | Protocol::Tcp | Protocol::Udp)
    }

    /// Whether everything is meant: all traffic, or all ports of TCP or UDP.
    pub(super) fn is_everything(&self) -> bool {
        match self.protocol {
            Protocol::All => true,
            Protocol::Tcp | Protocol::Udp => self.range.is_none_or(|(from, to)| from <= 1 && to >= 65535),
            Protocol::Icmp | Protocol::Other(_) => false,
        }
    }

    /// The sensitive ports within.
    pub(super) fn sensitive(&self) -> Vec<u16> {
        if !self.has_ports() {
            return Vec::new();
        }
        let (from, to) = match self.protocol {
            Protocol::All => (0, 65535),
            _ => self.range.unwrap_or((0, 65535)),
        };
        SENSITIVE_PORTS.iter().copied().filter(|port| (from..=to).contains(&i64::from(*port))).collect()
    }

    /// The protocol's name.
    pub(super) fn protocol(&self) -> &str {
        match &self.protocol {
            Protocol::All => "all",
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Icmp => "icmp",
            Protocol::Other(name) => name,
        }
    }

    /// The ports as a rule may name them: `22`, `8000-8100`, `all`.
    pub(super) fn ports(&self) -> String {
        match (self.is_everything() || !self.has_ports(), self.range) {
            (true, _) | (false, None) => "all".to_owned(),
            (false, Some((from, to))) if from == to => from.to_string(),
            (false, Some((from, to))) => format!("{from}-{to}"),
        }
    }

    /// In words: `tcp/22`, `all tcp ports`, `all traffic`, `icmp`.
    pub(super) fn in_words(&self) -> String {
        match (&self.protocol, self.is_everything()) {
            (Protocol::All, _) => "all traffic".to_owned(),
            (_, true) => format!("all {} ports", self.protocol()),
            (Protocol::Tcp | Protocol::Udp, false) => format!("{}/{}", self.protocol(), self.ports()),
            (Protocol::Icmp, _) => "icmp".to_owned(),
            (Protocol::Other(name), _) => format!("protocol {name}"),
        }
    }
}

/// The network a call came from, coarse enough that one person's addresses fall together.
pub(super) fn source_network(address: &str) -> Option<String> {
    let network = match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(ip)
            if ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() =>
        {
            return None;
        }
        IpAddr::V4(ip) => IpNet::new(ip.into(), 16),
        IpAddr::V6(ip) if ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() => {
            return None;
        }
        IpAddr::V6(ip) => IpNet::new(ip.into(), 32),
    };
    network.ok().map(|network| network.trunc().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_in_halves_is_the_world() {
        for cidr in ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3"] {
            assert!(is_world(cidr), "{cidr}");
        }
        for cidr in ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32", "pl-1", ""] {
            assert!(!is_world(cidr), "{cidr}");
        }
    }

    #[test]
    fn ports_in_words() {
        let words =
            |protocol: &str, from: i64, to: i64| Ports::new(protocol, Some(from), Some(to)).in_words();
        assert_eq!(words("tcp", 22, 22), "tcp/22");
        assert_eq!(words("6", 8000, 8100), "tcp/8000-8100");
        assert_eq!(words("tcp", 0, 65535), "all tcp ports");
        assert_eq!(words("-1", -1, -1), "all traffic");
        assert_eq!(words("icmp", 8, -1), "icmp");
        assert_eq!(Ports::new("tcp", None, None).in_words(), "all tcp ports");
    }

    #[test]
    fn a_range_holds_the_sensitive_ports_in_it() {
        assert_eq!(Ports::new("tcp", Some(20), Some(25)).sensitive(), [20, 21, 22, 23]);
        assert!(Ports::new("tcp", Some(443), Some(443)).sensitive().is_empty());
        assert!(Ports::new("icmp", Some(3), Some(4)).sensitive().is_empty());
        assert!(Ports::new("-1", None, None).sensitive().contains(&3389));
    }

    #[test]
    fn networks_are_coarse_and_public() {
        assert_eq!(source_network("203.0.113.7").as_deref(), Some("203.0.0.0/16"));
        assert_eq!(source_network("2001:db8:1::1").as_deref(), Some("2001:db8::/32"));
        assert_eq!(source_network("10.1.2.3"), None);
        assert_eq!(source_network("cloudtrail.amazonaws.com"), None);
    }
}
