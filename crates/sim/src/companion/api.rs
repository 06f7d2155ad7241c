//! API Gateway access log records, one JSON object a line, as Firehose delivers them.
//!
//! The fields are `$context` variables, named as in AWS's JSON example:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>

use super::visit::{Customer, Visit};
use crate::dice::Dice;
use crate::org::{ACCOUNTS, EU_WEST_1, Kind, Org, PRODUCTION};
use crate::text::{common_log, int, padded, put, written};

/// Appends a visit as the access log of the orders API writes it.
pub(crate) fn line(org: &Org, visit: &Visit<'_>, caller: &str, dice: &mut Dice, out: &mut Vec<u8>) {
    let api = org.resource(PRODUCTION, EU_WEST_1, Kind::Api, 0);
    put(out, r#"{"requestId":""#);
    dice.uuid(out);
    put(out, r#"","extendedRequestId":""#);
    dice.base64(out, 15);
    put(
        out,
        &format!(r#"=","ip":"{}","caller":"{caller}","user":"{caller}","requestTime":""#, visit.address),
    );
    common_log(out, visit.time);
    put(out, r#"","requestTimeEpoch":""#);
    int(out, visit.time.unsigned_abs());
    padded(out, u64::from(dice.below(1000)), 3);
    let resource = if visit.path.starts_with("/v1/orders/") { "/v1/orders/{orderId}" } else { visit.path };
    put(
        out,
        &format!(
            r#"","httpMethod":"{}","resourcePath":"{resource}","path":"/live{}","status":"{}","protocol":"HTTP/1.1","responseLength":"{}","responseLatency":"{}","apiId":"{api}","stage":"live","accountId":"{}","domainName":"api.example.com","userAgent":"{}"}}"#,
            visit.method,
            visit.path,
            visit.status,
            visit.bytes,
            dice.range(9, 900),
            ACCOUNTS[PRODUCTION].id,
            visit.agent
        ),
    );
}

/// Appends a line such as any minute has.
pub(crate) fn background(org: &Org, time: i64, dice: &mut Dice, out: &mut Vec<u8>) {
    let customer = Customer::draw(dice);
    let order = written(|out| dice.uuid(out));
    let (method, path) = match dice.below(8) {
        0..3 => ("GET", format!("/v1/orders/{order}")),
        3 => ("POST", "/v1/orders".to_owned()),
        4 => ("GET", "/v1/orders".to_owned()),
        5 => ("POST", "/v1/payments/intent".to_owned()),
        6 => ("GET", "/v1/me".to_owned()),
        _ => ("PATCH", format!("/v1/orders/{order}")),
    };
    let visit = Visit {
        time,
        address: &customer.address,
        agent: "MeridianShop/7.42.0 (iOS 18.3.2; build 20417)",
        country: customer.country,
        method,
        path: &path,
        query: "",
        status: *dice.one(&[200, 200, 200, 200, 200, 201, 204, 400, 401, 404]),
        bytes: dice.range(60, 4_000),
    };
    line(org, &visit, "-", dice, out);
}
