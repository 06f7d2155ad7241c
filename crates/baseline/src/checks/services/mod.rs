//! Control 2: service and application logs.
//!
//! One file per check. Each asks the same three questions of every resource of its kind: is logging on,
//! is it complete, and is the destination alive and closed? [`logging`] gathers the answers into a
//! verdict, [`destination`] looks destinations up in the inventory. A kind of which there is no resource
//! gets no verdict.

mod alb_access;
mod alb_connection;
mod apigateway_execution;
mod apigateway_rest_access;
mod apigateway_v2_access;
mod bedrock_invocations;
mod clb_access;
mod cloudfront;
mod docdb_audit;
mod docdb_profiler;
mod ecs_tasks;
mod eks_control_plane;
mod elasticache;
mod lambda_functions;
mod log_group_encryption;
mod log_group_retention;
mod msk_brokers;
mod neptune_audit;
mod network_firewall;
mod nlb_access;
mod opensearch_audit;
mod opensearch_error;
mod rds_clusters;
mod rds_instances;
mod redshift_audit;
mod redshift_serverless;
mod resolver_queries;
mod route53_queries;
mod s3_access;
mod state_machines;
mod vpc_flow_logs;
mod waf;

mod data_events;
mod destination;
mod elb;
pub(crate) mod exports;
mod logging;
mod nist;
mod opensearch;
mod stage;
#[cfg(test)]
mod testing;
mod vended;

use crate::check::Check;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[
    &s3_access::CHECK,
    &waf::CHECK,
    &apigateway_rest_access::CHECK,
    &apigateway_execution::CHECK,
    &apigateway_v2_access::CHECK,
    &cloudfront::CHECK,
    &alb_access::CHECK,
    &alb_connection::CHECK,
    &nlb_access::CHECK,
    &clb_access::CHECK,
    &vpc_flow_logs::CHECK,
    &route53_queries::CHECK,
    &resolver_queries::CHECK,
    &rds_instances::CHECK,
    &rds_clusters::CHECK,
    &docdb_audit::CHECK,
    &docdb_profiler::CHECK,
    &neptune_audit::CHECK,
    &redshift_audit::CHECK,
    &redshift_serverless::CHECK,
    &opensearch_audit::CHECK,
    &opensearch_error::CHECK,
    &eks_control_plane::CHECK,
    &ecs_tasks::CHECK,
    &lambda_functions::CHECK,
    &state_machines::CHECK,
    &network_firewall::CHECK,
    &msk_brokers::CHECK,
    &elasticache::CHECK,
    &bedrock_invocations::CHECK,
    &log_group_retention::CHECK,
    &log_group_encryption::CHECK,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Context, Control, Settings, Status};
    use crate::inventory::{Account, Failure, Inventory};

    fn statuses(account: Account) -> Vec<(&'static str, Vec<Status>)> {
        let mut inventory = Inventory::new(chrono::DateTime::UNIX_EPOCH);
        inventory.accounts.insert(account.id.clone(), account);
        let settings = Settings::default();
        let context = Context { inventory: &inventory, settings: &settings };
        let of = |check: &Check| (check.run)(&context).into_iter().map(|verdict| verdict.status).collect();
        CHECKS.iter().map(|check| (check.id, of(check))).collect()
    }

    #[test]
    fn what_was_not_asked_is_unknown_to_every_check() {
        let account = Account { id: "1".into(), regions: vec!["eu-west-1".into()], ..Account::default() };
        for (id, found) in statuses(account) {
            assert!(
                !found.is_empty() && found.iter().all(|status| *status == Status::Unknown),
                "{id}: {found:?}"
            );
        }
    }

    #[test]
    fn an_account_that_could_not_be_entered_is_told_of_once_by_every_check() {
        let failure = Failure { code: "AccessDenied".into(), message: "no".into(), missing_action: None };
        for (id, found) in statuses(Account { id: "1".into(), failed: Some(failure), ..Account::default() }) {
            assert_eq!(found, [Status::Unknown], "{id}");
        }
    }

    #[test]
    fn every_check_says_where_it_comes_from() {
        for check in CHECKS {
            assert_eq!(check.control, Control::Services, "{}", check.id);
            assert!(check.why.contains("https://docs.aws.amazon.com/"), "{}", check.id);
            assert!(!check.fix_calls.is_empty() && !check.frameworks.nist_800_53.is_empty(), "{}", check.id);
        }
    }
}
