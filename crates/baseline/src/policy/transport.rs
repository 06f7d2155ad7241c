//! Whether a policy refuses plain HTTP.

use super::compare::{Keys, holds};
use super::condition::Condition;
use super::glob::Glob;
use super::scope::Globs;
use super::{Effect, Named, Policy, PrincipalName, Statement};

const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

impl Policy {
    /// Whether every request for this resource that comes without TLS is denied: to everybody, for
    /// every action of the service.
    ///
    /// `resource` is an ARN. A bucket's stands for the bucket and all its objects. A bucket may also be
    /// given by its name alone.
    pub fn denies_insecure_transport(&self, resource: &str) -> bool {
        if resource.starts_with("arn:") {
            return self.denies_insecure(resource);
        }
        // A bucket is in one partition: the one that its policy speaks of. In another one nothing of what
        // the policy excepts would be excepted.
        let mut named: Vec<&str> = PARTITIONS.into_iter().filter(|name| self.speaks_of(name)).collect();
        if named.is_empty() {
            named.push("aws");
        }
        named.iter().all(|partition| self.denies_insecure(&format!("arn:{partition}:s3:::{resource}")))
    }

    fn speaks_of(&self, partition: &str) -> bool {
        let begin = format!("arn:{partition}:");
        let mut resources = self.statements.iter().flat_map(|statement| statement.resources.entries());
        resources.any(|resource| resource.starts_with(&begin))
    }

    fn denies_insecure(&self, arn: &str) -> bool {
        let service = arn.split(':').nth(2).unwrap_or_default();
        let actions = Glob::caseless(&format!("{service}:*"));
        let denied = |resource: &str| {
            let resource = Glob::new(resource);
            self.with_effect(Effect::Deny).any(|(_, deny)| {
                denies_every_insecure_request(deny)
                    && Globs::actions(&deny.actions).cover(&actions)
                    && Globs::resources(&deny.resources, self.variables).cover(&resource)
            })
        };
        let is_bucket = service == "s3" && !arn.contains('/');
        denied(arn) && (!is_bucket || denied(&format!("{arn}/*")))
    }
}

fn denies_every_insecure_request(deny: &Statement) -> bool {
    let Named::These(names) = &deny.principals else { return false };
    let mut transport = deny.conditions.iter().filter(|condition| condition.is_on("aws:SecureTransport"));
    names.contains(&PrincipalName::Anyone)
        && transport.next().is_some()
        && deny.conditions.iter().all(holds_without_tls)
}

/// Whether the condition holds for any request that came over plain HTTP. AWS's own services are at
/// times exempted; they always use TLS.
fn holds_without_tls(condition: &Condition) -> bool {
    let insecure = Keys {
        pairs: vec![("aws:SecureTransport", "false"), ("aws:PrincipalIsAWSService", "false")],
        variables: true,
    };
    (condition.is_on("aws:SecureTransport") || condition.is_on("aws:PrincipalIsAWSService"))
        && holds(condition, &insecure)
}
