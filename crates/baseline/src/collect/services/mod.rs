//! Everything that is asked: a file per group of services, a line per file.

mod account;
mod apigateway;
mod balancers;
mod cloudfront;
mod cloudtrail;
mod cloudwatch;
mod compute;
mod databases;
mod ec2;
mod events;
mod findings;
mod kms;
mod logs;
mod network_firewall;
pub(super) mod organizations;
mod route53;
mod s3;
mod sns;
mod targets;
mod wafv2;

use super::ask::Ask;

/// Every question.
pub(super) fn all() -> impl Iterator<Item = &'static Ask> {
    let services: [&'static [Ask]; 20] = [
        account::ASKS,
        organizations::ASKS,
        cloudtrail::ASKS,
        s3::ASKS,
        logs::ASKS,
        cloudwatch::ASKS,
        sns::ASKS,
        events::ASKS,
        targets::ASKS,
        kms::ASKS,
        ec2::ASKS,
        wafv2::ASKS,
        apigateway::ASKS,
        balancers::ASKS,
        cloudfront::ASKS,
        route53::ASKS,
        databases::ASKS,
        compute::ASKS,
        network_firewall::ASKS,
        findings::ASKS,
    ];
    services.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashSet};

    use super::*;
    use crate::collect::ask::{About, At};
    use crate::collect::enter;

    /// Calls by where their answers are kept.
    fn keys() -> BTreeMap<&'static str, BTreeSet<String>> {
        let mut keys: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        keys.entry("global").or_default().extend(enter::OPERATIONS.iter().map(|operation| operation.key()));
        for ask in all() {
            let place = if ask.at == At::Global { "global" } else { "each Region" };
            keys.entry(place).or_default().insert(ask.call());
        }
        keys
    }

    #[test]
    fn these_calls_are_what_checks_can_read() {
        insta::assert_debug_snapshot!(keys());
    }

    #[test]
    fn each_list_is_asked_for_in_the_same_places() {
        for ask in all() {
            let (About::Each(each) | About::Together(each, _)) = ask.about else { continue };
            let asked = all().any(|other| other.at == ask.at && other.call() == each.call);
            assert!(asked, "{} waits for {}, which nobody asks for", ask.call(), each.call);
            assert_ne!(ask.call(), each.call, "it would wait for itself");
        }
    }

    #[test]
    fn no_question_is_asked_twice() {
        let mut seen = HashSet::new();
        for ask in all() {
            let about = match ask.about {
                About::Place => String::new(),
                About::Named(name) => name.to_owned(),
                About::Each(each) | About::Together(each, _) => format!("each of {}", each.call),
                About::Referenced(_) => "referenced".to_owned(),
            };
            assert!(seen.insert((ask.call(), ask.at == At::Global, about)), "{} twice", ask.call());
        }
    }

    /// Nothing here may change anything, or read what people store.
    #[test]
    fn only_metadata_is_read() {
        for ask in all() {
            let name = ask.operation.name;
            let reads = ["Describe", "List", "Get"].iter().any(|verb| name.starts_with(verb));
            assert!(reads && name != "GetObject", "{}", ask.call());
            assert!(ask.operation.action.contains(':'), "{} has no IAM action", ask.call());
        }
    }
}
