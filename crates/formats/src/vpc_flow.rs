//! VPC flow logs, in any field order.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>
//!
//! An object starts with a line that names its fields; without one (CloudWatch Logs sends none)
//! only the default format, the fields of version 2, can be told from content.
//!
//! `account-id` and `region` are the table's common columns `account_id` and `region`. A row's
//! `event_time` is its `start`, else its `end`, else the time in the object's key, else the time
//! of reading: a custom format need not hold any time.

use std::sync::OnceLock;

use crate::context::is_region;
use crate::format::{Decode, Decoded, Format};
use crate::rows::{Identity, RowMeta, Rows};
use crate::table::{EventColumns, Field, TableDef, Type};
use crate::time::{from_seconds, parse_rfc3339};
use crate::{DecodeError, ObjectContext};

use Type::{Int32, Int64, Utf8};

/// The `vpc_flow_logs` table.
pub static TABLE: TableDef = TableDef {
    name: "vpc_flow_logs",
    doc: "one flow of packets through a network interface during a capture window",
    source: "https://docs.aws.amazon.com/athena/latest/ug/vpc-flow-logs-create-table-statement.html",
    fields: FIELDS,
    bloom: &["srcaddr", "dstaddr", "interface_id", "instance_id", "pkt_srcaddr", "pkt_dstaddr"],
    cluster: &[],
    events: EventColumns {
        actor: "coalesce(instance_id, interface_id)",
        action: "coalesce(action, log_status)",
        target: "CASE WHEN dstaddr IS NULL THEN interface_id WHEN dstport IS NULL THEN dstaddr ELSE dstaddr || ':' || CAST(dstport AS VARCHAR) END",
        source_address: "srcaddr",
        outcome: "CASE WHEN action = 'ACCEPT' THEN 'Success' ELSE coalesce(reject_reason, action, log_status) END",
    },
    schema: OnceLock::new(),
};

/// The columns: the documented fields, version by version, with `_` for `-`.
const FIELDS: &[Field] = &[
    Field::new("version", Int32, "the highest version of the fields in the record"),
    Field::new("interface_id", Utf8, "the network interface"),
    Field::new("srcaddr", Utf8, "the source address; the interface's own for outgoing traffic"),
    Field::new("dstaddr", Utf8, "the destination address; the interface's own for incoming traffic"),
    Field::new("srcport", Int32, "the source port"),
    Field::new("dstport", Int32, "the destination port"),
    Field::new("protocol", Int64, "the IANA protocol number"),
    Field::new("packets", Int64, "packets in the flow"),
    Field::new("bytes", Int64, "bytes in the flow"),
    Field::new("start", Int64, "when the first packet was received, seconds since the epoch"),
    Field::new("end", Int64, "when the last packet was received, seconds since the epoch"),
    Field::new("action", Utf8, "ACCEPT, REJECT"),
    Field::new("log_status", Utf8, "OK, NODATA, SKIPDATA"),
    Field::new("vpc_id", Utf8, "the VPC of the interface"),
    Field::new("subnet_id", Utf8, "the subnet of the interface"),
    Field::new("instance_id", Utf8, "the instance of the interface"),
    Field::new("tcp_flags", Int32, "FIN 1, SYN 2, RST 4, SYN-ACK 18; added up over the window"),
    Field::new("type", Utf8, "IPv4, IPv6, EFA"),
    Field::new("pkt_srcaddr", Utf8, "the source address in the packet itself"),
    Field::new("pkt_dstaddr", Utf8, "the destination address in the packet itself"),
    Field::new("az_id", Utf8, "the Availability Zone's id"),
    Field::new("sublocation_type", Utf8, "wavelength, outpost, localzone"),
    Field::new("sublocation_id", Utf8, "the sublocation"),
    Field::new("pkt_src_aws_service", Utf8, "the AWS service whose range the source address is in"),
    Field::new("pkt_dst_aws_service", Utf8, "the AWS service whose range the destination address is in"),
    Field::new("flow_direction", Utf8, "ingress, egress, as the interface sees it"),
    Field::new(
        "traffic_path",
        Int32,
        "which way outgoing traffic takes: 1 same VPC, 2 internet gateway, 3 VPN, …",
    ),
    Field::new("ecs_cluster_arn", Utf8, "the ECS cluster's ARN"),
    Field::new("ecs_cluster_name", Utf8, "the ECS cluster's name"),
    Field::new("ecs_container_instance_arn", Utf8, "the ECS container instance's ARN"),
    Field::new("ecs_container_instance_id", Utf8, "the ECS container instance's id"),
    Field::new("ecs_container_id", Utf8, "the task's first container"),
    Field::new("ecs_second_container_id", Utf8, "the task's second container"),
    Field::new("ecs_service_name", Utf8, "the ECS service"),
    Field::new("ecs_task_definition_arn", Utf8, "the ECS task definition's ARN"),
    Field::new("ecs_task_arn", Utf8, "the ECS task's ARN"),
    Field::new("ecs_task_id", Utf8, "the ECS task's id"),
    Field::new("reject_reason", Utf8, "why the traffic was rejected: BPA, EC"),
    Field::new(
        "resource_id",
        Utf8,
        "the resource that has no interface of its own, such as a regional NAT gateway",
    ),
    Field::new("encryption_status", Utf8, "whether the traffic was encrypted, and by whom"),
];

const START: usize = 9;
const END: usize = 10;
const INTERFACE: usize = 1;
const RESOURCE: usize = 38;

/// The default format.
const DEFAULT: [Target; 14] = [
    Target::Column(0),
    Target::Account,
    Target::Column(1),
    Target::Column(2),
    Target::Column(3),
    Target::Column(4),
    Target::Column(5),
    Target::Column(6),
    Target::Column(7),
    Target::Column(8),
    Target::Column(9),
    Target::Column(10),
    Target::Column(11),
    Target::Column(12),
];

/// Words of a header line that stand in other texts too.
const COMMON_WORDS: [&str; 10] =
    ["version", "protocol", "packets", "bytes", "start", "end", "action", "type", "region", "resource-id"];

/// Where a field of a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Column(usize),
    Account,
    Region,
    /// A field that is newer than this table; it survives in `raw`.
    Unknown,
}

impl Target {
    /// The target of a field by the name a header line gives it.
    fn of(name: &str) -> Self {
        match name {
            "account-id" | "account_id" => Self::Account,
            "region" => Self::Region,
            _ => FIELDS.iter().position(|f| same_name(f.name, name)).map_or(Self::Unknown, Self::Column),
        }
    }
}

fn same_name(column: &str, field: &str) -> bool {
    column.len() == field.len()
        && column.bytes().zip(field.bytes()).all(|(c, f)| c == f || (c == b'_' && f == b'-'))
}

/// The VPC flow log format.
#[derive(Debug)]
pub struct VpcFlow;

impl Format for VpcFlow {
    fn name(&self) -> &'static str {
        "vpc_flow"
    }

    fn table(&self) -> &'static TableDef {
        &TABLE
    }

    fn claims_line(&self, line: &str) -> bool {
        header(line).is_some() || is_default_record(line)
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder { layout: DEFAULT.to_vec() })
    }
}

/// The layout that a line of field names tells, if it is one. Names may be written as the API
/// takes them, `${account-id}`.
fn header(line: &str) -> Option<Vec<Target>> {
    let mut layout = Vec::new();
    let (mut known, mut distinct) = (0usize, 0usize);
    for word in line.split_ascii_whitespace() {
        let name = word.strip_prefix("${").and_then(|w| w.strip_suffix('}')).unwrap_or(word);
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
        // Transit gateways have flow logs of their own.
        if !is_name || name.starts_with("tgw-") || layout.len() >= 256 {
            return None;
        }
        let target = Target::of(name);
        known += usize::from(target != Target::Unknown);
        distinct += usize::from(target != Target::Unknown && !COMMON_WORDS.contains(&name));
        layout.push(target);
    }
    (distinct > 0 && known * 2 > layout.len()).then_some(layout)
}

/// `2 123456789010 eni-… … OK`: fourteen fields of which four can be nothing else.
fn is_default_record(line: &str) -> bool {
    let fields: Vec<&str> = line.split_ascii_whitespace().take(DEFAULT.len() + 1).collect();
    let [version, account, interface, .., action, status] = fields.as_slice() else { return false };
    fields.len() == DEFAULT.len()
        && *version == "2"
        && (is_account(account) || *account == "unknown")
        && (interface.starts_with("eni-") || *interface == "-")
        && matches!(*action, "ACCEPT" | "REJECT" | "-")
        && matches!(*status, "OK" | "NODATA" | "SKIPDATA")
}

fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit())
}

struct Decoder {
    layout: Vec<Target>,
}

/// What a row's common columns are made of.
#[derive(Default)]
struct Seen<'a> {
    account: Option<&'a str>,
    region: Option<&'a str>,
    start: Option<&'a str>,
    end: Option<&'a str>,
    named: bool,
}

impl Decode for Decoder {
    fn decode(
        &mut self,
        record: &str,
        context: &mut ObjectContext,
        rows: &mut Rows,
    ) -> Result<Decoded, DecodeError> {
        // Objects that were joined have several headers.
        if record.starts_with(|c: char| c.is_ascii_lowercase() || c == '$')
            && let Some(layout) = header(record)
        {
            self.layout = layout;
            return Ok(Decoded::NotAnEvent);
        }
        let mut seen = Seen::default();
        let mut row = rows.row();
        let mut values = record.split_ascii_whitespace();
        for (n, target) in self.layout.iter().enumerate() {
            let value = values.next().ok_or_else(|| self.wrong_count(n))?;
            if value == "-" {
                continue;
            }
            match *target {
                Target::Column(index) => {
                    row.parse_str(index, value)?;
                    seen.keep(index, value);
                }
                Target::Account => seen.account = Some(value).filter(|v| is_account(v)),
                Target::Region => seen.region = Some(value).filter(|v| is_region(v)),
                Target::Unknown => {}
            }
        }
        let more = values.count();
        if more > 0 {
            return Err(self.wrong_count(self.layout.len() + more));
        }
        let event_time =
            seen.time()?.or_else(|| key_time(&context.source_uri)).unwrap_or(context.ingest_time);
        row.commit(
            context,
            RowMeta {
                event_time,
                account_id: seen.account,
                region: seen.region,
                identity: seen.identity(record),
                raw: record,
            },
        );
        Ok(Decoded::Row)
    }
}

impl Decoder {
    fn wrong_count(&self, found: usize) -> DecodeError {
        DecodeError::line(format!("expected {} fields, found {found}", self.layout.len()))
    }
}

impl<'a> Seen<'a> {
    fn keep(&mut self, index: usize, value: &'a str) {
        match index {
            START => self.start = Some(value),
            END => self.end = Some(value),
            INTERFACE | RESOURCE => self.named = true,
            _ => {}
        }
    }

    fn time(&self) -> Result<Option<i64>, DecodeError> {
        let field = self.start.map(|v| ("start", v)).or(self.end.map(|v| ("end", v)));
        let Some((name, value)) = field else { return Ok(None) };
        let time = value.parse().ok().and_then(from_seconds);
        time.map(Some)
            .ok_or_else(|| DecodeError::wrong_type(name, "seconds since 1970 before the year 2200", value))
    }

    /// An interface has one record for a flow and a window; without all of that in the record,
    /// equal lines may be different flows.
    fn identity(&self, record: &'a str) -> Identity<'a> {
        match (self.start, self.end, self.named) {
            (Some(_), Some(_), true) => Identity::HashOf(record.as_bytes()),
            _ => Identity::NthOf(record.as_bytes()),
        }
    }
}

/// The time in the name of a flow log's object, `…_20240102T0305Z_2b0a3c4d.log.gz`.
fn key_time(uri: &str) -> Option<i64> {
    let name = uri.rsplit('/').next()?;
    name.split('_').find_map(|part| {
        let digits = part.strip_suffix('Z')?;
        let (date, time) = digits.split_once('T')?;
        if date.len() != 8 || time.len() != 4 || !digits.is_ascii() {
            return None;
        }
        let (year, month, day) = (&date[..4], &date[4..6], &date[6..]);
        parse_rfc3339(&format!("{year}-{month}-{day}T{}:{}:00Z", &time[..2], &time[2..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{decode, decode_at, golden, hostile, json_rows, mutated};
    use proptest::prelude::*;

    const DEFAULT_SAMPLE: &str = include_str!("../tests/data/vpc_flow/default.log");
    const CUSTOM_SAMPLE: &str = include_str!("../tests/data/vpc_flow/custom.log");

    #[test]
    fn decodes_the_default_format() {
        insta::assert_snapshot!(golden(&VpcFlow, DEFAULT_SAMPLE));
    }

    #[test]
    fn decodes_any_order_and_version() {
        insta::assert_snapshot!(golden(&VpcFlow, CUSTOM_SAMPLE));
    }

    #[test]
    fn the_layout_constants_name_the_right_columns() {
        assert_eq!(
            [START, END, INTERFACE, RESOURCE].map(|i| FIELDS[i].name),
            ["start", "end", "interface_id", "resource_id"]
        );
        let line = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
        assert_eq!(header(line).unwrap(), DEFAULT);
    }

    #[test]
    fn headers_are_told_from_records_and_texts() {
        for yes in [
            "srcaddr",
            "${version} ${account-id} ${srcaddr}",
            "dstport bytes a-field-of-2030",
            "start end interface-id",
        ] {
            assert!(VpcFlow.claims_line(yes), "{yes}");
        }
        for no in [
            "",
            "start end",
            "the quick brown fox",
            "version resource-type account-id tgw-id tgw-attachment-id srcaddr dstaddr srcport dstport",
            "eni-1235b8ca123456789 abc srcaddr",
            "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1 1 ACCEPT",
            "9 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1 1 ACCEPT OK",
        ] {
            assert!(!VpcFlow.claims_line(no), "{no}");
        }
    }

    #[test]
    fn a_format_without_times_takes_them_from_the_key_or_the_clock() {
        let text = "srcaddr dstaddr region account-id\n10.0.0.1 10.0.0.2 eu-west-1 111122223333\n10.0.0.1 10.0.0.2 eu-west-1 111122223333\n";
        let uri = "s3://b/AWSLogs/1/vpcflowlogs/x/111122223333_vpcflowlogs_eu-west-1_fl-1234abcd_20240102T0305Z_2b0a3c4d.log.gz";
        let (batch, errors) = decode_at(&VpcFlow, text, &mut ObjectContext::new(uri, 0));
        assert!(errors.is_empty());
        let rows = json_rows(&batch);
        assert_eq!(rows[0]["event_time"], "2024-01-02T03:05:00Z");
        assert_ne!(rows[0]["event_uid"], rows[1]["event_uid"], "equal lines are two flows here");
        let (batch, _) = decode(&VpcFlow, text);
        assert_eq!(json_rows(&batch)[0]["event_time"], "2024-07-01T00:00:00Z");
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |line: &str| decode(&VpcFlow, line).1.remove(0).to_string();
        let good = "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1418530010 1418530070 ACCEPT OK";
        insta::assert_snapshot!(error("2 123456789010 eni-1"), @"invalid_line: expected 14 fields, found 3");
        insta::assert_snapshot!(error(&format!("{good} more")), @"invalid_line: expected 14 fields, found 15");
        insta::assert_snapshot!(error(&good.replace("10.0.0.2 1", "10.0.0.2 http")), @"wrong_type: `srcport` should be a 32-bit integer, found http");
        insta::assert_snapshot!(error(&good.replace("1418530010", "1418530010000000")), @"wrong_type: `start` should be seconds since 1970 before the year 2200, found 1418530010000000");
    }

    proptest! {
        #[test]
        fn hostile_lines_leave_no_trace(text in prop_oneof![mutated(DEFAULT_SAMPLE), mutated(CUSTOM_SAMPLE)]) {
            hostile(&VpcFlow, &text);
        }

        #[test]
        fn keys_never_panic(uri in "\\PC{0,30}[_T0-9Zé]{0,30}") {
            let _ = key_time(&uri);
        }
    }
}
