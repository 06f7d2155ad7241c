//! AWS WAF web ACL traffic logs.
//!
//! <https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html>
//!
//! The log's own time is `timestamp`; account and Region come from the web ACL's ARN (an ACL for
//! CloudFront is global and says `us-east-1`). Logs of WAF Classic name the ACL by its id only: the
//! account is then that of the protected resource, where its id tells.

use std::sync::OnceLock;

use sonic_rs::{JsonValueTrait, LazyValue};

use crate::context::is_region;
use crate::format::{Decode, Decoded, Format, JsonKeys};
use crate::members::members;
use crate::rows::{Identity, RowMeta, Rows};
use crate::table::{EventColumns, Field, TableDef, Type};
use crate::time::from_millis;
use crate::{DecodeError, ObjectContext};

use Type::{Int32, Int64, List, Struct, Utf8};

const MATCH_DETAIL: Type = Struct(&[
    Field::new("conditiontype", Utf8, "SQL_INJECTION, XSS, REGEX, GEO"),
    Field::new("sensitivitylevel", Utf8, "the sensitivity of the SQL injection statement"),
    Field::new("location", Utf8, "the part of the request that matched"),
    Field::new("matcheddata", List(&Utf8), "the strings that matched"),
    Field::new("matchedfieldname", Utf8, "the header, argument or key that matched"),
]);

const CHALLENGE: Type = Struct(&[
    Field::new("responsecode", Utf8, "the status that was answered"),
    Field::new("solvetimestamp", Utf8, "when the client solved it, seconds since the epoch"),
    Field::new("failurereason", Utf8, "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_DOMAIN_MISMATCH"),
]);

const TERMINATING_RULE: Type = Struct(&[
    Field::new("ruleid", Utf8, "the rule"),
    Field::new("action", Utf8, "its action"),
    Field::new("rulematchdetails", List(&MATCH_DETAIL), "what matched"),
]);

const MATCHING_RULE: Type = Struct(&[
    Field::new("ruleid", Utf8, "the rule"),
    Field::new("action", Utf8, "its action: COUNT, CAPTCHA, CHALLENGE"),
    Field::new("overriddenaction", Utf8, "the action it would have had"),
    Field::new("rulematchdetails", List(&MATCH_DETAIL), "what matched"),
    Field::new("challengeresponse", CHALLENGE, "what the challenge came to"),
    Field::new("captcharesponse", CHALLENGE, "what the CAPTCHA came to"),
]);

const RULE_GROUP: Type = Struct(&[
    Field::new("rulegroupid", Utf8, "the rule group"),
    Field::new("terminatingrule", TERMINATING_RULE, "the rule in it that ended the inspection"),
    Field::new("nonterminatingmatchingrules", List(&MATCHING_RULE), "the rules in it that matched otherwise"),
    Field::new("excludedrules", Utf8, "the rules in it that were set to count, JSON"),
]);

const CUSTOM_VALUE: Type = Struct(&[
    Field::new("key", Utf8, "what is aggregated on"),
    Field::new("name", Utf8, "its name"),
    Field::new("value", Utf8, "its value"),
]);

const RATE_BASED_RULE: Type = Struct(&[
    Field::new("ratebasedruleid", Utf8, "the rule"),
    Field::new("limitkey", Utf8, "IP, FORWARDED_IP, CUSTOMKEYS, CONSTANT"),
    Field::new("maxrateallowed", Int32, "the limit"),
    Field::new("ratebasedrulename", Utf8, "the rule's name"),
    Field::new("limitvalue", Utf8, "the address that is counted"),
    Field::new("evaluationwindowsec", Utf8, "seconds that are looked back"),
    Field::new("customvalues", List(&CUSTOM_VALUE), "the values of a custom key"),
]);

const HEADER: Type =
    Struct(&[Field::new("name", Utf8, "the header's name"), Field::new("value", Utf8, "the header's value")]);

const HTTP_REQUEST: Type = Struct(&[
    Field::new("clientip", Utf8, "the client's address"),
    Field::new("country", Utf8, "the client's country"),
    Field::new("headers", List(&HEADER), "the request's headers"),
    Field::new("uri", Utf8, "the path"),
    Field::new("args", Utf8, "the query string"),
    Field::new("httpversion", Utf8, "the HTTP version"),
    Field::new("httpmethod", Utf8, "the HTTP method"),
    Field::new("requestid", Utf8, "the request's id, as the protected resource gave it"),
    Field::new("fragment", Utf8, "the URL's fragment"),
    Field::new("scheme", Utf8, "http, https"),
    Field::new("host", Utf8, "the Host header"),
]);

const LABEL: Type = Struct(&[Field::new("name", Utf8, "the label")]);

/// The columns: the log's members in lower case.
const FIELDS: &[Field] = &[
    Field::new("timestamp", Int64, "when the request came, milliseconds since the epoch"),
    Field::new("formatversion", Int32, "the log's version"),
    Field::new("webaclid", Utf8, "the web ACL's ARN; its id in WAF Classic"),
    Field::new("terminatingruleid", Utf8, "the rule that ended the inspection, or Default_Action"),
    Field::new("terminatingruletype", Utf8, "REGULAR, RATE_BASED, GROUP, MANAGED_RULE_GROUP"),
    Field::new("action", Utf8, "ALLOW, BLOCK, CAPTCHA, CHALLENGE"),
    Field::new("terminatingrulematchdetails", List(&MATCH_DETAIL), "what the rule matched"),
    Field::new(
        "httpsourcename",
        Utf8,
        "CF, ALB, APIGW, APPSYNC, COGNITOIDP, APPRUNNER, VERIFIED_ACCESS, AMPLIFY",
    ),
    Field::new("httpsourceid", Utf8, "the protected resource"),
    Field::new("rulegrouplist", List(&RULE_GROUP), "the rule groups that acted"),
    Field::new("ratebasedrulelist", List(&RATE_BASED_RULE), "the rate-based rules that acted"),
    Field::new(
        "nonterminatingmatchingrules",
        List(&MATCHING_RULE),
        "the rules that matched without ending the inspection",
    ),
    Field::new("requestheadersinserted", List(&HEADER), "headers that WAF added"),
    Field::new("responsecodesent", Utf8, "the status of a custom response"),
    Field::new("httprequest", HTTP_REQUEST, "the request"),
    Field::new("labels", List(&LABEL), "the labels the rules put on the request"),
    Field::new("captcharesponse", CHALLENGE, "what the CAPTCHA came to"),
    Field::new("challengeresponse", CHALLENGE, "what the challenge came to"),
    Field::new("ja3fingerprint", Utf8, "the JA3 fingerprint of the TLS client"),
    Field::new("ja4fingerprint", Utf8, "the JA4 fingerprint of the TLS client"),
    Field::new("oversizefields", Utf8, "parts of the request that were too large to inspect whole, JSON"),
    Field::new("requestbodysize", Int32, "bytes of the request's body"),
    Field::new("requestbodysizeinspectedbywaf", Int32, "bytes of it that were inspected"),
];

const TIMESTAMP: usize = 0;
const WEB_ACL: usize = 2;
const SOURCE: usize = 8;

/// The `waf_logs` table.
pub static TABLE: TableDef = TableDef {
    name: "waf_logs",
    doc: "one web request that AWS WAF inspected, and what it decided",
    source: "https://docs.aws.amazon.com/athena/latest/ug/create-waf-table.html",
    fields: FIELDS,
    bloom: &[
        "httprequest.clientip",
        "httprequest.requestid",
        "httprequest.uri",
        "ja3fingerprint",
        "ja4fingerprint",
    ],
    cluster: &["webaclid", "action"],
    events: EventColumns {
        actor: "NULL",
        action: "httprequest.httpmethod",
        target: "coalesce(httprequest.host, '') || coalesce(httprequest.uri, '')",
        source_address: "httprequest.clientip",
        outcome: "CASE WHEN action = 'ALLOW' THEN 'Success' ELSE action END",
    },
    schema: OnceLock::new(),
};

/// The WAF log format.
#[derive(Debug)]
pub struct Waf;

impl Format for Waf {
    fn name(&self) -> &'static str {
        "waf"
    }

    fn table(&self) -> &'static TableDef {
        &TABLE
    }

    fn claims_json(&self, keys: &JsonKeys<'_>) -> bool {
        keys.has_all(&["timestamp", "webaclId", "action", "httpRequest"])
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder)
    }
}

struct Decoder;

impl Decode for Decoder {
    fn decode(
        &mut self,
        record: &str,
        context: &mut ObjectContext,
        rows: &mut Rows,
    ) -> Result<Decoded, DecodeError> {
        let (mut timestamp, mut web_acl, mut source) = (None, None, None);
        let mut row = rows.row();
        for member in members(record) {
            let (key, value) = member?;
            let Some(index) = FIELDS.iter().position(|f| f.name.eq_ignore_ascii_case(&key)) else { continue };
            row.set_json(index, &value)?;
            match index {
                TIMESTAMP => timestamp = Some(value),
                WEB_ACL => web_acl = Some(value),
                SOURCE => source = Some(value),
                _ => {}
            }
        }
        let event_time = event_time(timestamp.as_ref())?;
        let text = |value: &Option<LazyValue<'_>>| value.as_ref().and_then(|v| v.as_str()).map(str::to_owned);
        let (web_acl, source) = (text(&web_acl), text(&source));
        let (account_id, region) = place(web_acl.as_deref(), source.as_deref());
        row.commit(
            context,
            RowMeta {
                event_time,
                account_id,
                region,
                // The request id is the client's to choose behind a load balancer; the whole record,
                // to the millisecond, is not.
                identity: Identity::HashOf(record.as_bytes()),
                raw: record,
            },
        );
        Ok(Decoded::Row)
    }
}

fn event_time(timestamp: Option<&LazyValue<'_>>) -> Result<i64, DecodeError> {
    let value = timestamp.ok_or_else(|| DecodeError::missing("timestamp"))?;
    let millis = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    millis.and_then(from_millis).ok_or_else(|| {
        DecodeError::wrong_type(
            "timestamp",
            "milliseconds since 1970 before the year 2200",
            value.as_raw_str(),
        )
    })
}

/// Account and Region: `arn:aws:wafv2:REGION:ACCOUNT:…`, or else the account that the protected
/// resource's id starts with (`ACCOUNT-app/name/id`, `ACCOUNT:api:stage`).
fn place<'a>(web_acl: Option<&'a str>, source: Option<&'a str>) -> (Option<&'a str>, Option<&'a str>) {
    let is_account = |a: &&str| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit());
    if let Some(arn) = web_acl.filter(|acl| acl.starts_with("arn:")) {
        let mut parts = arn.split(':').skip(3);
        let region = parts.next().filter(|r| is_region(r));
        return (parts.next().filter(is_account), region);
    }
    let account = source.and_then(|s| s.split(['-', ':', '/']).next()).filter(is_account);
    (account, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{decode, golden, hostile, mutated};
    use proptest::prelude::*;

    const SAMPLE: &str = include_str!("../tests/data/waf/waf.json");

    #[test]
    fn decodes_the_sample() {
        insta::assert_snapshot!(golden(&Waf, SAMPLE));
    }

    #[test]
    fn the_layout_constants_name_the_right_columns() {
        assert_eq!(
            [TIMESTAMP, WEB_ACL, SOURCE].map(|i| FIELDS[i].name),
            ["timestamp", "webaclid", "httpsourceid"]
        );
    }

    #[test]
    fn account_and_region_come_from_the_acl_or_the_source() {
        let regional = "arn:aws-us-gov:wafv2:us-gov-west-1:111122223333:regional/webacl/a/b";
        assert_eq!(place(Some(regional), None), (Some("111122223333"), Some("us-gov-west-1")));
        assert_eq!(place(Some("b1ee-id"), Some("111122223333-app/lb/1")), (Some("111122223333"), None));
        assert_eq!(place(Some("b1ee-id"), Some("E3DISTRIBUTION")), (None, None));
        assert_eq!(place(Some("arn:aws"), None), (None, None));
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| decode(&Waf, text).1.remove(0).to_string();
        insta::assert_snapshot!(error(r#"{"webaclId":"x"}"#), @"missing_field: `timestamp` is missing");
        insta::assert_snapshot!(error(r#"{"timestamp":"soon"}"#), @"wrong_type: `timestamp` should be an integer, found \"soon\"");
        insta::assert_snapshot!(error(r#"{"timestamp":99999999999999999}"#), @"wrong_type: `timestamp` should be milliseconds since 1970 before the year 2200, found 99999999999999999");
        insta::assert_snapshot!(error(r#"{"timestamp":1576280412771,"labels":[{"name":"a"},7]}"#), @"wrong_type: `labels` should be an object, found 7");
        assert!(error(r#"{"timestamp":1576280412771,"labels":"#).starts_with("invalid_json"));
    }

    proptest! {
        #[test]
        fn hostile_records_leave_no_trace(text in mutated(SAMPLE)) {
            hostile(&Waf, &text);
        }
    }
}
