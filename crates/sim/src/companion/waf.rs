//! AWS WAF log records, one JSON object a line.
//!
//! <https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html>

use super::visit::{Customer, Visit, page};
use crate::dice::Dice;
use crate::org::{ACCOUNTS, EU_WEST_1, Kind, Org, PRODUCTION};
use crate::text::{int, padded, put};

pub(crate) const ACL_NAME: &str = "prod-edge-acl";

/// Why a request was blocked.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    /// The managed rule group, without `AWSManagedRules`.
    pub(crate) group: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) label: &'static str,
    /// `terminatingRuleMatchDetails`, as JSON.
    pub(crate) details: &'static str,
}

pub(crate) const SQL_INJECTION: Block = Block {
    group: "SQLiRuleSet",
    rule: "SQLi_QUERYARGUMENTS",
    label: "awswaf:managed:aws:sql-database:SQLi_QueryArguments",
    details: r#"[{"conditionType":"SQL_INJECTION","sensitivityLevel":"HIGH","location":"ALL_QUERY_ARGS","matchedData":["1","UNION","SELECT"],"matchedFieldName":""}]"#,
};

pub(crate) const TRAVERSAL: Block = Block {
    group: "CommonRuleSet",
    rule: "GenericLFI_URIPATH",
    label: "awswaf:managed:aws:core-rule-set:GenericLFI_URIPath",
    details: "[]",
};

const BAD_BOT: Block = Block {
    group: "CommonRuleSet",
    rule: "NoUserAgent_HEADER",
    label: "awswaf:managed:aws:core-rule-set:NoUserAgent_Header",
    details: "[]",
};

/// Appends a visit as WAF writes it.
pub(crate) fn line(org: &Org, visit: &Visit<'_>, block: Option<Block>, dice: &mut Dice, out: &mut Vec<u8>) {
    let account = ACCOUNTS[PRODUCTION].id;
    put(out, r#"{"timestamp":"#);
    int(out, visit.time.unsigned_abs());
    padded(out, u64::from(dice.below(1000)), 3);
    let acl = org.resource(PRODUCTION, EU_WEST_1, Kind::WebAcl, 0);
    put(
        out,
        &format!(
            r#","formatVersion":1,"webaclId":"arn:aws:wafv2:eu-west-1:{account}:regional/webacl/{acl}""#
        ),
    );
    match block {
        None => put(
            out,
            r#","terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","terminatingRuleMatchDetails":[]"#,
        ),
        Some(block) => put(
            out,
            &format!(
                r#","terminatingRuleId":"AWS-AWSManagedRules{}","terminatingRuleType":"MANAGED_RULE_GROUP","action":"BLOCK","terminatingRuleMatchDetails":{}"#,
                block.group, block.details
            ),
        ),
    }
    let balancer = org.resource(PRODUCTION, EU_WEST_1, Kind::Balancer, 0);
    put(out, &format!(r#","httpSourceName":"ALB","httpSourceId":"{account}-{balancer}","ruleGroupList":["#));
    if let Some(block) = block {
        put(
            out,
            &format!(
                r#"{{"ruleGroupId":"AWS#AWSManagedRules{}","terminatingRule":{{"ruleId":"{}","action":"BLOCK","ruleMatchDetails":null}},"nonTerminatingMatchingRules":[],"excludedRules":null,"customerConfig":null}}"#,
                block.group, block.rule
            ),
        );
    }
    put(
        out,
        r#"],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],"requestHeadersInserted":null,"responseCodeSent":null,"httpRequest":{"clientIp":""#,
    );
    put(out, visit.address);
    put(
        out,
        &format!(
            r#"","country":"{}","headers":[{{"name":"host","value":"shop.example.com"}},{{"name":"user-agent","value":"{}"}},{{"name":"accept-encoding","value":"gzip, br"}}],"uri":"#,
            visit.country, visit.agent
        ),
    );
    put(
        out,
        &format!(
            r#""{}","args":"{}","httpVersion":"HTTP/2.0","httpMethod":"{}","requestId":"1-"#,
            visit.path, visit.query, visit.method
        ),
    );
    dice.hex(out, 8);
    out.push(b'-');
    dice.hex(out, 24);
    put(out, r#""},"labels":["#);
    if let Some(block) = block {
        put(out, &format!(r#"{{"name":"{}"}}"#, block.label));
    }
    put(out, r#"],"ja3Fingerprint":""#);
    dice.hex(out, 32);
    put(out, r#""}"#);
}

/// Appends a line such as any minute has.
pub(crate) fn background(org: &Org, time: i64, dice: &mut Dice, out: &mut Vec<u8>) {
    let customer = Customer::draw(dice);
    let (method, path, query) = page(dice);
    let block = dice.per_mille(12).then_some(BAD_BOT);
    let visit = Visit {
        time,
        address: &customer.address,
        agent: if block.is_some() { "" } else { customer.agent },
        country: customer.country,
        method,
        path: &path,
        query: &query,
        status: if block.is_some() { 403 } else { 200 },
        bytes: dice.range(400, 9_000),
    };
    line(org, &visit, block, dice, out);
}
