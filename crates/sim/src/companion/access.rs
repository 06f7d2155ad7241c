//! S3 server access log lines.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html>

use super::Log;
use crate::cast::nat_address;
use crate::dice::{Dice, stable_hex};
use crate::org::{ACCOUNTS, EU_WEST_1, PRODUCTION};
use crate::template::write_object;
use crate::text::{common_log, int, put, written};
use crate::world::World;

/// The bucket whose requests a log records.
pub(crate) fn bucket(log: Log) -> &'static str {
    if log == Log::AccessTrail { "meridian-org-trail-logs" } else { "meridian-prod-customer-exports" }
}

/// One request to a bucket.
pub(crate) struct Access<'a> {
    pub(crate) time: i64,
    pub(crate) address: &'a str,
    /// The caller's ARN or service principal; `-` for a stranger.
    pub(crate) requester: &'a str,
    pub(crate) request_id: &'a str,
    /// `REST.GET.OBJECT` and the like.
    pub(crate) operation: &'a str,
    pub(crate) key: &'a str,
    pub(crate) status: u32,
    /// S3's error code, `-` if none.
    pub(crate) error: &'a str,
    pub(crate) bytes: u32,
    pub(crate) agent: &'a str,
}

/// Appends a request as this log writes it.
pub(crate) fn line(seed: u64, log: Log, access: &Access<'_>, dice: &mut Dice, out: &mut Vec<u8>) {
    let bucket = bucket(log);
    let method = access.operation.split('.').nth(1).unwrap_or("GET");
    // The owner's canonical id.
    stable_hex(out, seed ^ log.home().0 as u64, 64);
    put(out, &format!(" {bucket} ["));
    common_log(out, access.time);
    put(
        out,
        &format!("] {} {} {} {} ", access.address, access.requester, access.request_id, access.operation),
    );
    put(out, access.key);
    put(
        out,
        &format!(
            " \"{method} /{} HTTP/1.1\" {} {} ",
            access.key.trim_start_matches('-'),
            access.status,
            access.error
        ),
    );
    for number in [access.bytes, access.bytes] {
        if number == 0 {
            out.push(b'-');
        } else {
            int(out, u64::from(number));
        }
        out.push(b' ');
    }
    int(out, u64::from(dice.range(8, 400)));
    out.push(b' ');
    int(out, u64::from(dice.range(4, 90)));
    put(out, &format!(" \"-\" \"{}\" - ", access.agent));
    dice.base64(out, 75);
    let signed = access.requester != "-";
    put(
        out,
        if signed { "= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader " } else { "= - TLS_AES_128_GCM_SHA256 - " },
    );
    put(out, &format!("{bucket}.s3.us-east-1.amazonaws.com TLSv1.3 - "));
    put(out, if signed { "-" } else { "Yes" });
}

/// Appends a line such as any minute has.
pub(crate) fn background(world: &World, log: Log, time: i64, dice: &mut Dice, out: &mut Vec<u8>) {
    let account = ACCOUNTS[log.home().0].id;
    let request_id = written(|out| dice.base32(out, 16));
    let bytes = dice.range(900, 4_000_000);
    let draw = dice.bits();
    let access = |address, requester, operation, key, agent| Access {
        time,
        address,
        requester,
        request_id: &request_id,
        operation,
        key,
        status: 200,
        error: "-",
        bytes,
        agent,
    };
    if log == Log::AccessTrail {
        let id = dice.one(&ACCOUNTS).id;
        let key = written(|out| {
            put(out, &format!("AWSLogs/{}/{id}/CloudTrail/", crate::org::ORGANIZATION));
            stable_hex(out, draw, 16);
            put(out, ".json.gz");
        });
        let service = "cloudtrail.amazonaws.com";
        let requester = format!("svc:{service}");
        let put_object = access("-", &requester, "REST.PUT.OBJECT", &key, service);
        return line(world.config.seed, log, &put_object, dice, out);
    }
    let key = written(|out| write_object(draw, time, out));
    let from_here = nat_address(PRODUCTION, EU_WEST_1);
    let role =
        format!("arn:aws:sts::{account}:assumed-role/payments-api-task/{}", super::visit::hex(dice, 32));
    let agent =
        "aws-sdk-java/2.30.38, Linux/5.10.234-225.921.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/21.0.6+7-LTS";
    let usual = match dice.below(20) {
        0..9 => access(&from_here, &role, "REST.GET.OBJECT", &key, agent),
        9..14 => access(&from_here, &role, "REST.PUT.OBJECT", &key, agent),
        14..17 => access(&from_here, &role, "REST.HEAD.OBJECT", &key, agent),
        17 | 18 => access(&from_here, &role, "REST.GET.BUCKET", "-", agent),
        _ => Access {
            status: 404,
            error: "NoSuchKey",
            bytes: 0,
            ..access(&from_here, &role, "REST.GET.OBJECT", &key, agent)
        },
    };
    line(world.config.seed, log, &usual, dice, out);
}
