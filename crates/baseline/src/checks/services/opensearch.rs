//! What the checks of OpenSearch domains share: publishing one log to CloudWatch Logs.

use super::destination::Target;
use super::logging::resource;
use crate::check::{Context, Verdict};
use crate::inventory::Place;
use crate::value::Json;

/// One log of a domain.
pub(super) struct Kind {
    /// The key in `LogPublishingOptions`.
    pub(super) log: &'static str,
    /// How it is called.
    pub(super) word: &'static str,
}

/// Judges that log of every domain.
pub(super) fn run(context: &Context<'_>, kind: &Kind) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("es:ListDomainNames", "DomainNames")?;
        let names = listed.iter().filter_map(|domain| domain.text("DomainName"));
        Ok(names.map(|name| judge(context, place, name, kind)).collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, name: &str, kind: &Kind) -> Verdict {
    resource(place, &place.arn("es", &format!("domain/{name}")), |logging| {
        logging.fix(format!(
            "aws opensearch update-domain-config --region {} --domain-name {name} --log-publishing-options \
             '{}={{CloudWatchLogsLogGroupArn=LOG_GROUP_ARN,Enabled=true}}'",
            place.region, kind.log
        ));
        let status = place.list_for("es:DescribeDomains", name, "DomainStatusList")?;
        let path = format!("LogPublishingOptions.{}", kind.log);
        let options = status.first().and_then(|status| status.at(&path));
        let target = options.filter(|options| options.flag("Enabled"));
        match target.map(|options| options.text("CloudWatchLogsLogGroupArn").and_then(Target::parse)) {
            Some(Some(target)) => {
                logging.on(format!("{} go to {target}", kind.word));
                logging.destination(target.liveness(context, place));
            }
            Some(None) => logging.fault(format!("{} name no log group", kind.word)),
            None => logging.fault(format!("{} are off", kind.word)),
        }
        Ok(())
    })
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::Kind;
    use crate::check::{Check, Status};

    /// What holds for each of these checks.
    #[track_caller]
    pub(in super::super) fn suite(check: &Check, kind: &Kind) {
        let estate = |options: Value| {
            let domain = json!({"DomainName": "search", "LogPublishingOptions": options});
            Estate::new()
                .with("es:ListDomainNames", "", json!({"DomainNames": [{"DomainName": "search"}]}))
                .with("es:DescribeDomains", "search", json!({"DomainStatusList": [domain]}))
        };
        let to = |arn: String, on: bool| {
            estate(json!({kind.log: {"Enabled": on, "CloudWatchLogsLogGroupArn": arn}}))
        };
        let on = expect(
            &to(group_arn(), true),
            check,
            Status::Pass,
            &format!("{} go to log group app", kind.word),
        );
        assert_eq!(on.resource_arn, "arn:aws:es:eu-west-1:111111111111:domain/search");
        expect(&to(dead_group_arn(), true), check, Status::Fail, "log group gone does not exist");
        expect(&to(group_arn(), false), check, Status::Fail, &format!("{} are off", kind.word));
        let off = expect(&estate(json!({})), check, Status::Fail, &format!("{} are off", kind.word));
        assert!(
            off.remediation
                .unwrap()
                .contains(&format!("--domain-name search --log-publishing-options '{}", kind.log))
        );
        let refused = estate(json!({})).denied("es:DescribeDomains", "search", "es:DescribeDomains");
        expect_denied(&refused, check, "es:DescribeDomains");
        expect_nothing(&Estate::new().with("es:ListDomainNames", "", json!({"DomainNames": []})), check);
    }
}
