//! CloudFront standard log lines (legacy format, tab separated).
//!
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html>

use super::visit::{Customer, Visit, page};
use crate::dice::Dice;
use crate::text::{civil, clock, date, int, put};

pub(crate) const HEADER: &str = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end\n";

const EDGES: [&str; 6] = ["FRA60-P4", "LHR50-P2", "IAD89-P1", "AMS58-P3", "SYD62-P1", "CDG52-P5"];

/// Appends a visit as CloudFront writes it.
pub(crate) fn line(visit: &Visit<'_>, dice: &mut Dice, out: &mut Vec<u8>) {
    let at = civil(visit.time);
    date(out, at, "-");
    out.push(b'\t');
    clock(out, at, ":");
    let edge = EDGES[visit.country.bytes().map(usize::from).sum::<usize>() % EDGES.len()];
    put(out, &format!("\t{edge}\t{}\t{}\t{}\t", visit.bytes, visit.address, visit.method));
    put(out, &format!("d3f8k2p9x1mq7z.cloudfront.net\t{}\t{}\t-\t", visit.path, visit.status));
    put(out, &visit.agent.replace(' ', "%20"));
    put(out, &format!("\t{}\t-\t", if visit.query.is_empty() { "-" } else { visit.query }));
    let result = match visit.status {
        400.. => "Error",
        _ if visit.path.starts_with("/assets") || visit.path.starts_with("/img") => "Hit",
        _ => "Miss",
    };
    put(out, result);
    out.push(b'\t');
    dice.base64(out, 54);
    let (whole, part) = (dice.below(2), dice.below(1000));
    put(out, &format!("==\tshop.example.com\thttps\t{}\t{whole}.{part:03}\t-\t", dice.range(120, 1400)));
    put(out, &format!("TLSv1.3\tTLS_AES_128_GCM_SHA256\t{result}\tHTTP/2.0\t-\t-\t"));
    int(out, u64::from(dice.range(1_024, 65_000)));
    let kind = match visit.path.rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("webp") => "image/webp",
        _ => "text/html",
    };
    put(out, &format!("\t{whole}.{:03}\t{result}\t{kind}\t{}\t-\t-", part * 4 / 5, visit.bytes * 9 / 10));
}

/// Appends a line such as any minute has.
pub(crate) fn background(time: i64, dice: &mut Dice, out: &mut Vec<u8>) {
    let customer = Customer::draw(dice);
    let (method, path, query) = page(dice);
    let visit = Visit {
        time,
        address: &customer.address,
        agent: customer.agent,
        country: customer.country,
        method,
        path: &path,
        query: &query,
        status: *dice.one(&[200, 200, 200, 200, 200, 200, 304, 304, 301, 404]),
        bytes: dice.range(400, 180_000),
    };
    line(&visit, dice, out);
}
