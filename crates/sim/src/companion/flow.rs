//! VPC flow log lines, in the default format (version 2) and with all fields up to version 5.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>

use super::Log;
use crate::cast::inside_address;
use crate::companion::visit::Customer;
use crate::dice::{Dice, mix};
use crate::org::{ACCOUNTS, Kind, Org, REGIONS};
use crate::text::{int, put};
use crate::world::World;

pub(crate) const HEADER_2: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n";
pub(crate) const HEADER_5: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path\n";

/// One flow, seen at one interface.
pub(crate) struct Flow<'a> {
    pub(crate) time: i64,
    /// Chooses the interface and the instance behind it.
    pub(crate) host: u64,
    pub(crate) source: &'a str,
    pub(crate) destination: &'a str,
    pub(crate) source_port: u32,
    pub(crate) destination_port: u32,
    pub(crate) protocol: u32,
    pub(crate) packets: u32,
    pub(crate) bytes: u32,
    pub(crate) accepted: bool,
    pub(crate) egress: bool,
}

/// Appends a flow as this log writes it.
pub(crate) fn line(org: &Org, log: Log, flow: &Flow<'_>, out: &mut Vec<u8>) {
    let (account, region) = log.home();
    let full = matches!(log, Log::FlowProduction | Log::FlowProductionUs);
    put(out, if full { "5 " } else { "2 " });
    put(out, ACCOUNTS[account].id);
    out.push(b' ');
    put(out, org.resource(account, region, Kind::Interface, flow.host));
    for field in [flow.source, flow.destination] {
        out.push(b' ');
        put(out, field);
    }
    let end = flow.time + 30 + (flow.host % 29) as i64;
    let numbers = [
        u64::from(flow.source_port),
        u64::from(flow.destination_port),
        u64::from(flow.protocol),
        u64::from(flow.packets),
        u64::from(flow.bytes),
        flow.time.unsigned_abs(),
        end.unsigned_abs(),
    ];
    for number in numbers {
        out.push(b' ');
        int(out, number);
    }
    put(out, if flow.accepted { " ACCEPT OK" } else { " REJECT OK" });
    if full {
        write_version_5(org, account, region, flow, out);
    }
}

fn write_version_5(org: &Org, account: usize, region: usize, flow: &Flow<'_>, out: &mut Vec<u8>) {
    for kind in [Kind::Vpc, Kind::Subnet, Kind::Instance] {
        out.push(b' ');
        let pick = if kind == Kind::Vpc { 0 } else { flow.host };
        put(out, org.resource(account, region, kind, pick));
    }
    // SYN alone for what was turned away, SYN and FIN for a whole conversation.
    let flags = match (flow.protocol, flow.accepted) {
        (6, true) => " 3",
        (6, false) => " 2",
        _ => " 0",
    };
    put(out, flags);
    put(out, if flow.source.contains(':') { " IPv6 " } else { " IPv4 " });
    put(out, flow.source);
    out.push(b' ');
    put(out, flow.destination);
    out.push(b' ');
    put(out, REGIONS[region]);
    put(out, if region == 0 { " use1-az" } else { " euw1-az" });
    int(out, flow.host % 3 + 1);
    put(out, " - - - ");
    let to_s3 = flow.egress && flow.destination.starts_with("192.0.2.2");
    put(out, if to_s3 { "S3" } else { "-" });
    put(out, if flow.egress { " egress " } else { " ingress " });
    put(out, if flow.egress { "8" } else { "-" });
}

/// Appends a line such as any minute has.
pub(crate) fn background(world: &World, log: Log, time: i64, dice: &mut Dice, out: &mut Vec<u8>) {
    let (account, region) = log.home();
    let host = u64::from(dice.below(72));
    let inside = inside_address(account, region, host);
    let peer = inside_address(account, region, mix(host, u64::from(dice.below(12))));
    let high = dice.range(32_768, 60_999);
    let packets = dice.range(4, 900);
    let flow = |source, destination, source_port, destination_port, accepted, egress| Flow {
        time,
        host,
        source,
        destination,
        source_port,
        destination_port,
        protocol: if destination_port == 123 { 17 } else { 6 },
        packets,
        bytes: packets * (60 + host as u32 * 11),
        accepted,
        egress,
    };
    let service = *dice.one(&[443, 443, 8080, 5432, 5432, 6379, 9090, 123]);
    match dice.below(20) {
        0..7 => line(&world.org, log, &flow(&inside, &peer, high, service, true, true), out),
        7..12 => line(&world.org, log, &flow(&peer, &inside, high, service, true, false), out),
        12..16 => {
            let customer = Customer::draw(dice);
            if customer.address.contains(':') {
                let there = format!("192.0.2.{}", dice.range(230, 250));
                line(&world.org, log, &flow(&inside, &there, high, 443, true, true), out);
            } else {
                line(&world.org, log, &flow(&customer.address, &inside, high, 443, true, false), out);
            }
        }
        16 => nothing(world, log, host, time, out),
        _ => {
            // The internet knocks on every door, all day.
            let stranger = format!("198.51.100.{}", dice.range(90, 126));
            let port = *dice.one(&[22, 23, 445, 3389, 5900, 6379, 8080, 2375]);
            let knock = Flow {
                packets: 1,
                bytes: 40 + dice.below(3) * 4,
                ..flow(&stranger, &inside, high, port, false, false)
            };
            line(&world.org, log, &knock, out);
        }
    }
}

/// An interface that saw nothing in the interval.
fn nothing(world: &World, log: Log, host: u64, time: i64, out: &mut Vec<u8>) {
    let (account, region) = log.home();
    let full = matches!(log, Log::FlowProduction | Log::FlowProductionUs);
    put(out, if full { "5 " } else { "2 " });
    put(out, ACCOUNTS[account].id);
    out.push(b' ');
    put(out, world.org.resource(account, region, Kind::Interface, host));
    put(out, " - - - - - - - ");
    int(out, time.unsigned_abs());
    out.push(b' ');
    int(out, time.unsigned_abs() + 59);
    put(out, " - NODATA");
    if full {
        for _ in 0..15 {
            put(out, " -");
        }
    }
}
