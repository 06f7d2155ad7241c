//! Addresses and networks: `IPADDRESS`, `IPPREFIX`, `contains(cidr, ip)`,
//! `ip_prefix`.
//!
//! An address is 16 bytes (IPv4 is mapped into IPv6, as in Trino), so that
//! comparing and sorting them is comparing bytes; its field is marked in the
//! metadata, which makes outputs and `CAST(… AS VARCHAR)` show it as text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, FixedSizeBinaryBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::{ReturnFieldArgs, ScalarUDF};
use ipnet::IpNet;

use super::support::{Call, Func, is_list, plan_error, returns_bool, returns_text};

const EXTENSION: &str = "ARROW:extension:name";
const NAME: &str = "trailkeep.ipaddress";
const WIDTH: i32 = 16;

/// The functions of this family.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    vec![
        Func::new("contains", (2, 2), returns_bool, contains).udf(),
        Func::new("ip_prefix", (2, 2), returns_text, ip_prefix).udf(),
        Func::new("ip_subnet_min", (1, 1), returns_address, subnet_min).udf(),
        Func::new("ip_subnet_max", (1, 1), returns_address, subnet_max).udf(),
        Func::new("is_subnet_of", (2, 2), returns_bool, contains).udf(),
        Func::new("ipaddress_to_varchar", (1, 1), returns_text, to_varchar).udf(),
        Func::new("is_private_address", (1, 1), returns_bool, is_private).udf(),
    ]
}

/// A nullable field that holds addresses.
pub(crate) fn address_field(name: &str) -> Field {
    Field::new(name, DataType::FixedSizeBinary(WIDTH), true)
        .with_metadata([(EXTENSION.to_string(), NAME.to_string())].into())
}

/// Whether a field holds addresses.
pub(crate) fn is_address(field: &Field) -> bool {
    field.metadata().get(EXTENSION).is_some_and(|n| n == NAME)
}

/// The text of an address in its 16-byte form.
pub(crate) fn format_address(bytes: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    Some(unmap(Ipv6Addr::from(bytes)).to_string())
}

fn returns_address(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    Ok(Arc::new(address_field("value")))
}

fn unmap(v6: Ipv6Addr) -> IpAddr {
    v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4)
}

fn map(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

fn parse(text: &str) -> Option<IpAddr> {
    let ip: IpAddr = text.trim().parse().ok()?;
    Some(match ip {
        IpAddr::V6(v6) => unmap(v6),
        v4 => v4,
    })
}

/// Argument `i` as addresses, from text or from the binary form.
fn addresses(call: &Call<'_>, i: usize) -> Result<Vec<Option<IpAddr>>> {
    if let DataType::FixedSizeBinary(WIDTH) = call.data_type(i) {
        let array = call.array(i)?;
        let array = array.as_fixed_size_binary();
        let of = |r: usize| -> Option<IpAddr> {
            let bytes: [u8; 16] = (!array.is_null(r)).then(|| array.value(r))?.try_into().ok()?;
            Some(unmap(Ipv6Addr::from(bytes)))
        };
        return Ok((0..call.rows).map(of).collect());
    }
    let text = call.text(i)?;
    if text.constant {
        return Ok(vec![text.get(0).and_then(parse); call.rows]);
    }
    Ok((0..call.rows).map(|r| text.get(r).and_then(parse)).collect())
}

/// `CAST(x AS IPADDRESS)`; text that is not an address gives NULL, because
/// the source address of many AWS calls is the name of a service.
pub(crate) fn to_address(call: &Call<'_>) -> Result<ArrayRef> {
    let mut out = FixedSizeBinaryBuilder::with_capacity(call.rows, WIDTH);
    for ip in addresses(call, 0)? {
        match ip {
            Some(ip) => out.append_value(map(ip))?,
            None => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}

/// `CAST(x AS IPPREFIX)`: the canonical text of a network.
pub(crate) fn to_prefix(call: &Call<'_>) -> Result<ArrayRef> {
    let text = call.text(0)?;
    let mut out = StringBuilder::new();
    for row in 0..call.rows {
        out.append_option(text.get(row).and_then(network).map(|n| n.trunc().to_string()));
    }
    Ok(Arc::new(out.finish()))
}

fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| parse(text).map(IpNet::from))
}

/// `contains(network, address)`, `contains(array, value)`; with two plain
/// texts of which the first is no network, whether it contains the second.
fn contains(call: &Call<'_>) -> Result<ArrayRef> {
    if is_list(&call.data_type(0)) {
        return super::collection::array_contains(call);
    }
    let nets = call.text(0)?;
    let constant = nets.constant.then(|| nets.get(0).and_then(network));
    let binary = matches!(call.data_type(1), DataType::FixedSizeBinary(WIDTH));
    let texts = if binary { None } else { Some(call.text(1)?) };
    let ips = if binary { Some(addresses(call, 1)?) } else { None };
    let mut out = BooleanBuilder::with_capacity(call.rows);
    for row in 0..call.rows {
        let net = match &constant {
            Some(net) => *net,
            None => nets.get(row).and_then(network),
        };
        let held = match (&ips, &texts) {
            (Some(ips), _) => ips[row].and_then(|ip| net.map(|n| n.contains(&ip))),
            (None, Some(texts)) => nets.get(row).zip(texts.get(row)).map(|(n, t)| text_contains(net, n, t)),
            (None, None) => None,
        };
        out.append_option(held);
    }
    Ok(Arc::new(out.finish()))
}

fn text_contains(net: Option<IpNet>, haystack: &str, needle: &str) -> bool {
    match net {
        Some(net) => match network(needle) {
            Some(inner) => net.contains(&inner),
            None => false,
        },
        None => haystack.contains(needle),
    }
}

fn ip_prefix(call: &Call<'_>) -> Result<ArrayRef> {
    let (ips, bits) = (addresses(call, 0)?, call.int(1)?);
    let mut out = StringBuilder::new();
    for (row, ip) in ips.into_iter().enumerate() {
        let net = ip.zip(bits.get(row)).and_then(|(ip, bits)| {
            IpNet::new(ip, u8::try_from(bits).ok()?).ok().map(|n| n.trunc().to_string())
        });
        out.append_option(net);
    }
    Ok(Arc::new(out.finish()))
}

fn edge(call: &Call<'_>, pick: fn(&IpNet) -> IpAddr) -> Result<ArrayRef> {
    let text = call.text(0)?;
    let mut out = FixedSizeBinaryBuilder::with_capacity(call.rows, WIDTH);
    for row in 0..call.rows {
        match text.get(row).and_then(network) {
            Some(net) => out.append_value(map(pick(&net)))?,
            None => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}

fn subnet_min(call: &Call<'_>) -> Result<ArrayRef> {
    edge(call, IpNet::network)
}

fn subnet_max(call: &Call<'_>) -> Result<ArrayRef> {
    edge(call, IpNet::broadcast)
}

fn to_varchar(call: &Call<'_>) -> Result<ArrayRef> {
    if !matches!(call.data_type(0), DataType::FixedSizeBinary(WIDTH)) {
        return Err(plan_error("ipaddress_to_varchar takes an IPADDRESS"));
    }
    let mut out = StringBuilder::new();
    for ip in addresses(call, 0)? {
        out.append_option(ip.map(|ip| ip.to_string()));
    }
    Ok(Arc::new(out.finish()))
}

/// Whether an address is from a private, loopback, link-local or CGNAT range;
/// NULL for what is not an address.
fn is_private(call: &Call<'_>) -> Result<ArrayRef> {
    let mut out = BooleanBuilder::with_capacity(call.rows);
    for ip in addresses(call, 0)? {
        out.append_option(ip.map(|ip| match ip {
            IpAddr::V4(v4) => private_v4(v4),
            IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        }));
    }
    Ok(Arc::new(out.finish()))
}

fn private_v4(v4: Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    v4.is_private() || v4.is_loopback() || v4.is_link_local() || (a == 100 && (64..128).contains(&b))
}
