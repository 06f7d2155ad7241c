//! Error and audit logs of OpenSearch domains, to log groups of their own.
//! <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html>

use serde_json::{Map, Value, json};

use super::super::draft::{Draft, Scope};
use super::Groups;
use super::group;
use crate::check::Control;
use crate::desired::logs;
use crate::inventory::Place;
use crate::value::Json;

const LOGS: [(&str, &str); 2] =
    [("opensearch-error-logging", "ES_APPLICATION_LOGS"), ("opensearch-audit-logging", "AUDIT_LOGS")];

/// One step a domain.
pub(super) fn write(draft: &mut Draft<'_>, groups: &Groups<'_>) {
    draft.note(
        "opensearch-audit-logging",
        "audit logs need fine-grained access control, which changes who gets in, and are chosen in the \
         dashboard as well",
    );
    for region in draft.global.account.regions.clone() {
        let Some(place) = draft.inventory.place(&draft.site.account, &region) else { continue };
        let domains = place.list("es:ListDomainNames", "DomainNames").unwrap_or_default();
        for name in domains.iter().filter_map(|domain| domain.text("DomainName")) {
            domain(draft, place, name, groups);
        }
    }
}

fn domain(draft: &mut Draft<'_>, place: Place<'_>, name: &str, groups: &Groups<'_>) {
    let Some(status) =
        place.list_for("es:DescribeDomains", name, "DomainStatusList").ok().and_then(<[Value]>::first)
    else {
        return;
    };
    if status.flag("Processing") || status.flag("Deleted") {
        return;
    }
    let arn = place.arn("es", &format!("domain/{name}"));
    let is_off = |check: &str, log: &str| {
        let fails = draft.failures(check).any(|result| result.resource_arn == arn);
        fails && !status.flag(&format!("LogPublishingOptions.{log}.Enabled"))
    };
    let audits = status.flag("AdvancedSecurityOptions.Enabled");
    let wanted: Vec<(&'static str, &str)> = LOGS
        .into_iter()
        .filter(|(check, log)| is_off(check, log) && (*log != "AUDIT_LOGS" || audits))
        .collect();
    if wanted.is_empty() {
        return;
    }
    let Some(policy) = group::policy(draft, place, &logs::opensearch(&draft.site.in_region(place.region)))
    else {
        return;
    };
    let mut options = Map::new();
    let mut made = Vec::new();
    for (check, log) in wanted {
        let kind = if log == "AUDIT_LOGS" { "audit" } else { "application" };
        let group_name = format!("{}{name}/{kind}-logs", logs::OPENSEARCH);
        let Some(group) = groups.ensure(draft, place, (&group_name, "an OpenSearch domain")) else {
            continue;
        };
        options.insert(log.to_owned(), json!({"CloudWatchLogsLogGroupArn": group.arn, "Enabled": true}));
        made.push((check, group.step));
    }
    if options.is_empty() {
        return;
    }
    let title = format!("Publish {} of the domain {name}", super::counted(made.len(), "log"));
    let mut step = draft.step(place.region, &format!("opensearch-{name}"), Control::Services, title);
    step.resource(arn.clone()).needs(policy).call(
        "es:UpdateDomainConfig",
        json!({"DomainName": name, "LogPublishingOptions": Value::Object(options)}),
    );
    for (check, group) in made {
        step.needs(group).covers_in(&Scope::Resource(arn.clone()), &[check]);
    }
    step.words(
        "publishing is switched off again; what was written stays",
        "the domain takes the change without a new deployment",
        super::TO_LOGS,
        "es:DescribeDomains gives the options",
    );
    draft.add(step);
}
