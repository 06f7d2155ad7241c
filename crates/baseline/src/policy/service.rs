//! Whether an AWS service may use the resource, as log delivery and alarms need it.

use super::{Decision, Policy, Principal, Request};

/// Services that name the account they act for in `aws:SourceOwner`, as a topic's default policy asks.
/// Source: SNS Developer Guide, "aws:SourceAccount versus aws:SourceOwner".
const OWNER_SENDERS: &[&str] = &["cloudwatch.amazonaws.com"];

impl Policy {
    /// Whether the policy lets the service do this, acting for this resource of this account.
    ///
    /// The request is as AWS's services send it: over TLS, and to a bucket with the canned ACL
    /// `bucket-owner-full-control`. A condition on the source holds only where the source is given.
    pub fn allows_service(
        &self,
        service: &str,
        action: &str,
        resource: &str,
        source_arn: Option<&str>,
        source_account: Option<&str>,
    ) -> bool {
        self.decide_service(service, action, resource, source_arn, source_account) == Decision::Allow
    }

    /// The same as a decision: to tell a denial from a missing grant.
    pub fn decide_service(
        &self,
        service: &str,
        action: &str,
        resource: &str,
        source_arn: Option<&str>,
        source_account: Option<&str>,
    ) -> Decision {
        let mut conditions = vec![("aws:SecureTransport", "true")];
        if action.eq_ignore_ascii_case("s3:PutObject") {
            conditions.push(("s3:x-amz-acl", "bucket-owner-full-control"));
        }
        conditions.extend(source_arn.map(|arn| ("aws:SourceArn", arn)));
        if let Some(account) = source_account {
            conditions.push(("aws:SourceAccount", account));
            if OWNER_SENDERS.iter().any(|sender| sender.eq_ignore_ascii_case(service)) {
                conditions.push(("aws:SourceOwner", account));
            }
        }
        self.decide(&Request {
            principal: Principal::Service(service),
            action,
            resource,
            conditions: &conditions,
        })
    }
}
