//! The formats there are. A new one is a module and a line here.

use crate::format::{Format, JsonKeys};
use crate::table::TableDef;

/// Every format, in the order they are asked: the strictest first.
pub static FORMATS: &[&dyn Format] = &[
    &crate::cloudtrail::CloudTrail,
    &crate::waf::Waf,
    &crate::cloudfront::CloudFront,
    &crate::s3_access::S3Access,
    &crate::vpc_flow::VpcFlow,
    &crate::api_gateway::ApiGateway,
];

/// Every table of the lake that formats fill, and `quarantine`.
pub fn tables() -> impl Iterator<Item = &'static TableDef> {
    let mut seen = Vec::new();
    let formats = FORMATS.iter().map(|f| f.table()).filter(move |t| {
        let new = !seen.contains(&t.name);
        seen.push(t.name);
        new
    });
    formats.chain([&crate::quarantine::TABLE])
}

/// The table of this name.
pub fn table(name: &str) -> Option<&'static TableDef> {
    tables().find(|t| t.name == name)
}

/// The format whose record this JSON object is.
pub(crate) fn claim_json(keys: &JsonKeys<'_>) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|f| f.claims_json(keys))
}

/// The format of a text object that begins with this line.
pub(crate) fn claim_line(line: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|f| f.claims_line(line))
}
