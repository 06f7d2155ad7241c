//! Which table a rule's `logsource` means.

use rsigma_parser::LogSource;

/// Sigma service names of product `aws`, and the table each one is. Sigma has an official name
/// for CloudTrail only; the others are the services' own.
const SERVICES: &[(&str, &str)] = &[
    ("cloudtrail", "cloudtrail_logs"),
    ("s3_access", "s3_access_logs"),
    ("s3", "s3_access_logs"),
    ("vpcflow", "vpc_flow_logs"),
    ("vpc_flow", "vpc_flow_logs"),
    ("cloudfront", "cloudfront_standard_logs"),
    ("waf", "waf_logs"),
    ("apigateway", "api_gateway_access_logs"),
    ("api_gateway", "api_gateway_access_logs"),
];

/// The table that holds CloudTrail events.
pub(crate) const CLOUDTRAIL: &str = "cloudtrail_logs";

/// The tables a rule with this log source runs over.
///
/// # Errors
/// What is wrong and what to do, where no table holds such logs.
pub(crate) fn tables_of(source: &LogSource) -> Result<Vec<&'static str>, (String, String)> {
    let same = |a: &Option<String>, b: &str| a.as_deref().is_some_and(|a| a.eq_ignore_ascii_case(b));
    if source.product.is_some() && !same(&source.product, "aws") {
        let product = source.product.as_deref().unwrap_or_default();
        return Err((
            format!("logsource product '{product}' has no table"),
            "Trailkeep reads AWS logs: use product aws, or leave this rule out".to_owned(),
        ));
    }
    if let Some(service) = &source.service {
        let table = SERVICES
            .iter()
            .find(|(name, table)| name.eq_ignore_ascii_case(service) || table.eq_ignore_ascii_case(service))
            .map(|(_, table)| *table);
        return match table {
            Some(table) => Ok(vec![table]),
            None => Err((
                format!("logsource service '{service}' has no table"),
                format!("use one of {}", service_names()),
            )),
        };
    }
    if source.product.is_none() {
        return Err((
            "logsource names neither product nor service".to_owned(),
            format!("add product: aws and service: one of {}", service_names()),
        ));
    }
    let mut tables: Vec<&'static str> = SERVICES.iter().map(|(_, table)| *table).collect();
    tables.dedup();
    Ok(tables)
}

/// The log source in one line: `aws/cloudtrail`.
pub(crate) fn in_words(source: &LogSource) -> String {
    let parts = [&source.product, &source.category, &source.service];
    parts.iter().filter_map(|part| part.as_deref()).collect::<Vec<_>>().join("/")
}

fn service_names() -> String {
    SERVICES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(product: Option<&str>, service: Option<&str>) -> LogSource {
        LogSource {
            product: product.map(Into::into),
            service: service.map(Into::into),
            ..LogSource::default()
        }
    }

    #[test]
    fn cloudtrail_and_the_others_have_their_tables() {
        assert_eq!(tables_of(&source(Some("aws"), Some("cloudtrail"))), Ok(vec![CLOUDTRAIL]));
        assert_eq!(tables_of(&source(Some("AWS"), Some("waf"))), Ok(vec!["waf_logs"]));
        assert_eq!(tables_of(&source(None, Some("vpc_flow_logs"))), Ok(vec!["vpc_flow_logs"]));
    }

    #[test]
    fn product_alone_means_every_table() {
        assert_eq!(tables_of(&source(Some("aws"), None)).map(|tables| tables.len()), Ok(6));
    }

    #[test]
    fn other_products_are_named_in_the_error() {
        let (message, _) = tables_of(&source(Some("windows"), Some("security"))).unwrap_err();
        assert!(message.contains("windows"), "{message}");
        assert!(tables_of(&source(None, None)).is_err());
    }
}
