//! The registry of operations: one line per service.

use super::operation::Operation;
use super::services;

macro_rules! catalogue {
    ($($service:ident: $($operation:ident)*;)*) => {
        /// Every operation there is, by service.
        pub static CATALOGUE: &[&[&Operation]] = &[$(&[$(&services::$service::$operation),*]),*];

        /// Source and names of each service's operations.
        #[cfg(test)]
        const SOURCES: &[(&str, &str, &[&str])] = &[$((
            stringify!($service),
            include_str!(concat!("services/", stringify!($service), ".rs")),
            &[$(stringify!($operation)),*],
        )),*];
    };
}

catalogue! {
    account: LIST_REGIONS;
    apigateway: GET_REST_APIS GET_STAGES GET_ACCOUNT UPDATE_ACCOUNT UPDATE_STAGE GET_STAGE;
    apigatewayv2: GET_APIS GET_STAGES UPDATE_STAGE GET_STAGE DELETE_ACCESS_LOG_SETTINGS;
    bedrock: GET_MODEL_INVOCATION_LOGGING_CONFIGURATION;
    cloudformation: CREATE_STACK DESCRIBE_STACKS DESCRIBE_STACK_EVENTS DESCRIBE_STACK_RESOURCES;
    cloudfront: LIST_DISTRIBUTIONS GET_DISTRIBUTION_CONFIG LIST_REALTIME_LOG_CONFIGS;
    cloudtrail: DESCRIBE_TRAILS GET_TRAIL_STATUS GET_EVENT_SELECTORS GET_INSIGHT_SELECTORS
        LIST_EVENT_DATA_STORES GET_EVENT_DATA_STORE LIST_TAGS CREATE_TRAIL UPDATE_TRAIL START_LOGGING
        STOP_LOGGING PUT_EVENT_SELECTORS PUT_INSIGHT_SELECTORS ADD_TAGS DELETE_TRAIL;
    cloudwatch: DESCRIBE_ALARMS GET_METRIC_STATISTICS GET_METRIC_DATA PUT_METRIC_DATA PUT_METRIC_ALARM
        DELETE_ALARMS ENABLE_ALARM_ACTIONS DISABLE_ALARM_ACTIONS SET_ALARM_STATE;
    config: DESCRIBE_CONFIGURATION_RECORDERS DESCRIBE_CONFIGURATION_RECORDER_STATUS DESCRIBE_DELIVERY_CHANNELS
        DESCRIBE_DELIVERY_CHANNEL_STATUS DESCRIBE_CONFIGURATION_AGGREGATORS PUT_CONFIGURATION_RECORDER
        DELETE_CONFIGURATION_RECORDER START_CONFIGURATION_RECORDER STOP_CONFIGURATION_RECORDER
        PUT_DELIVERY_CHANNEL DELETE_DELIVERY_CHANNEL;
    ec2: DESCRIBE_REGIONS DESCRIBE_VPCS DESCRIBE_SUBNETS DESCRIBE_FLOW_LOGS CREATE_FLOW_LOGS DELETE_FLOW_LOGS
        DESCRIBE_SECURITY_GROUPS DESCRIBE_SECURITY_GROUP_RULES AUTHORIZE_SECURITY_GROUP_INGRESS
        AUTHORIZE_SECURITY_GROUP_EGRESS REVOKE_SECURITY_GROUP_INGRESS REVOKE_SECURITY_GROUP_EGRESS
        MODIFY_SECURITY_GROUP_RULES UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS
        UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS CREATE_SECURITY_GROUP DELETE_SECURITY_GROUP
        DESCRIBE_NETWORK_ACLS CREATE_NETWORK_ACL CREATE_NETWORK_ACL_ENTRY REPLACE_NETWORK_ACL_ENTRY
        DELETE_NETWORK_ACL_ENTRY REPLACE_NETWORK_ACL_ASSOCIATION;
    ecs: LIST_TASK_DEFINITIONS DESCRIBE_TASK_DEFINITION LIST_CLUSTERS DESCRIBE_CLUSTERS;
    eks: LIST_CLUSTERS DESCRIBE_CLUSTER UPDATE_CLUSTER_CONFIG;
    elasticache: DESCRIBE_CACHE_CLUSTERS DESCRIBE_REPLICATION_GROUPS;
    elb: DESCRIBE_LOAD_BALANCERS DESCRIBE_LOAD_BALANCER_ATTRIBUTES MODIFY_LOAD_BALANCER_ATTRIBUTES;
    elbv2: DESCRIBE_LOAD_BALANCERS DESCRIBE_LOAD_BALANCER_ATTRIBUTES MODIFY_LOAD_BALANCER_ATTRIBUTES;
    es: LIST_DOMAIN_NAMES DESCRIBE_DOMAINS UPDATE_DOMAIN_CONFIG;
    events: LIST_EVENT_BUSES LIST_RULES LIST_TARGETS_BY_RULE PUT_RULE PUT_TARGETS REMOVE_TARGETS DELETE_RULE
        ENABLE_RULE DISABLE_RULE;
    firehose: LIST_DELIVERY_STREAMS;
    guardduty: LIST_DETECTORS GET_DETECTOR LIST_ORGANIZATION_ADMIN_ACCOUNTS CREATE_DETECTOR UPDATE_DETECTOR
        DELETE_DETECTOR;
    iam: LIST_ACCOUNT_ALIASES GET_ROLE GET_ROLE_POLICY LIST_ROLE_POLICIES LIST_ROLE_TAGS CREATE_ROLE
        UPDATE_ASSUME_ROLE_POLICY PUT_ROLE_POLICY DELETE_ROLE_POLICY DELETE_ROLE CREATE_SERVICE_LINKED_ROLE
        DELETE_SERVICE_LINKED_ROLE;
    kafka: LIST_CLUSTERS_V2 UPDATE_MONITORING DESCRIBE_CLUSTER_V2;
    kinesis: LIST_STREAMS;
    kms: LIST_ALIASES DESCRIBE_KEY GET_KEY_POLICY GET_KEY_ROTATION_STATUS CREATE_KEY CREATE_ALIAS DELETE_ALIAS
        PUT_KEY_POLICY ENABLE_KEY_ROTATION DISABLE_KEY_ROTATION SCHEDULE_KEY_DELETION CANCEL_KEY_DELETION
        TAG_RESOURCE ENABLE_KEY DISABLE_KEY LIST_RESOURCE_TAGS;
    lambda: LIST_FUNCTIONS GET_POLICY;
    logs: DESCRIBE_LOG_GROUPS DESCRIBE_LOG_STREAMS DESCRIBE_METRIC_FILTERS DESCRIBE_RESOURCE_POLICIES
        DESCRIBE_DESTINATIONS DESCRIBE_DELIVERIES DESCRIBE_DELIVERY_SOURCES DESCRIBE_DELIVERY_DESTINATIONS
        DESCRIBE_ACCOUNT_POLICIES DESCRIBE_SUBSCRIPTION_FILTERS CREATE_LOG_GROUP DELETE_LOG_GROUP
        PUT_RETENTION_POLICY DELETE_RETENTION_POLICY PUT_METRIC_FILTER DELETE_METRIC_FILTER
        PUT_RESOURCE_POLICY DELETE_RESOURCE_POLICY ASSOCIATE_KMS_KEY DISASSOCIATE_KMS_KEY TAG_RESOURCE
        PUT_DELIVERY_SOURCE DELETE_DELIVERY_SOURCE PUT_DELIVERY_DESTINATION DELETE_DELIVERY_DESTINATION
        CREATE_DELIVERY DELETE_DELIVERY;
    network_firewall: LIST_FIREWALLS DESCRIBE_LOGGING_CONFIGURATION UPDATE_LOGGING_CONFIGURATION;
    organizations: DESCRIBE_ORGANIZATION LIST_ACCOUNTS LIST_DELEGATED_ADMINISTRATORS;
    rds: DESCRIBE_DB_INSTANCES DESCRIBE_DB_CLUSTERS MODIFY_DB_INSTANCE MODIFY_DB_CLUSTER;
    redshift: DESCRIBE_CLUSTERS DESCRIBE_LOGGING_STATUS ENABLE_LOGGING DISABLE_LOGGING;
    redshift_serverless: LIST_NAMESPACES;
    route53: LIST_HOSTED_ZONES LIST_QUERY_LOGGING_CONFIGS CREATE_QUERY_LOGGING_CONFIG
        DELETE_QUERY_LOGGING_CONFIG;
    route53resolver: LIST_RESOLVER_QUERY_LOG_CONFIGS LIST_RESOLVER_QUERY_LOG_CONFIG_ASSOCIATIONS
        CREATE_RESOLVER_QUERY_LOG_CONFIG DELETE_RESOLVER_QUERY_LOG_CONFIG ASSOCIATE_RESOLVER_QUERY_LOG_CONFIG
        DISASSOCIATE_RESOLVER_QUERY_LOG_CONFIG;
    s3: LIST_BUCKETS HEAD_BUCKET GET_BUCKET_LOCATION GET_PUBLIC_ACCESS_BLOCK GET_BUCKET_POLICY
        GET_BUCKET_POLICY_STATUS GET_BUCKET_ACL GET_BUCKET_LOGGING GET_BUCKET_VERSIONING GET_BUCKET_ENCRYPTION
        GET_BUCKET_LIFECYCLE_CONFIGURATION GET_OBJECT_LOCK_CONFIGURATION GET_BUCKET_REPLICATION
        GET_BUCKET_OWNERSHIP_CONTROLS GET_BUCKET_TAGGING CREATE_BUCKET PUT_PUBLIC_ACCESS_BLOCK
        DELETE_PUBLIC_ACCESS_BLOCK PUT_BUCKET_POLICY DELETE_BUCKET_POLICY PUT_BUCKET_LOGGING
        PUT_BUCKET_VERSIONING PUT_BUCKET_ENCRYPTION DELETE_BUCKET_ENCRYPTION
        PUT_BUCKET_LIFECYCLE_CONFIGURATION DELETE_BUCKET_LIFECYCLE PUT_OBJECT_LOCK_CONFIGURATION
        PUT_BUCKET_OWNERSHIP_CONTROLS DELETE_BUCKET_OWNERSHIP_CONTROLS PUT_BUCKET_TAGGING DELETE_BUCKET;
    s3control: GET_PUBLIC_ACCESS_BLOCK PUT_PUBLIC_ACCESS_BLOCK DELETE_PUBLIC_ACCESS_BLOCK;
    securityhub: DESCRIBE_HUB GET_ADMINISTRATOR_ACCOUNT LIST_FINDING_AGGREGATORS
        LIST_ORGANIZATION_ADMIN_ACCOUNTS ENABLE_SECURITY_HUB DISABLE_SECURITY_HUB BATCH_IMPORT_FINDINGS
        GET_FINDINGS;
    sns: LIST_TOPICS GET_TOPIC_ATTRIBUTES LIST_SUBSCRIPTIONS_BY_TOPIC CREATE_TOPIC SET_TOPIC_ATTRIBUTES
        TAG_RESOURCE SUBSCRIBE UNSUBSCRIBE DELETE_TOPIC PUBLISH;
    sqs: GET_QUEUE_ATTRIBUTES GET_QUEUE_URL CREATE_QUEUE SET_QUEUE_ATTRIBUTES DELETE_QUEUE RECEIVE_MESSAGE
        DELETE_MESSAGE_BATCH SEND_MESSAGE;
    ssm: CREATE_OPS_ITEM UPDATE_OPS_ITEM DESCRIBE_OPS_ITEMS;
    ssm_incidents: START_INCIDENT UPDATE_INCIDENT_RECORD CREATE_TIMELINE_EVENT;
    states: LIST_STATE_MACHINES DESCRIBE_STATE_MACHINE UPDATE_STATE_MACHINE;
    sts: GET_CALLER_IDENTITY ASSUME_ROLE;
    wafv2: LIST_WEB_ACLS GET_LOGGING_CONFIGURATION PUT_LOGGING_CONFIGURATION DELETE_LOGGING_CONFIGURATION;
}

/// The operation of an inventory's key: `cloudtrail:DescribeTrails`.
#[must_use]
pub fn find(key: &str) -> Option<&'static Operation> {
    let (service, name) = key.split_once(':')?;
    let operations = CATALOGUE.iter().copied().flatten().copied();
    operations.into_iter().find(|operation| operation.service.id == service && operation.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::{Map, Value, json};

    use super::*;
    use crate::api::request::draft;
    use crate::api::service::{Location, Protocol};

    fn all() -> impl Iterator<Item = &'static Operation> {
        CATALOGUE.iter().copied().flatten().copied()
    }

    #[test]
    fn no_service_and_no_operation_is_forgotten() {
        let modules = include_str!("services/mod.rs").lines();
        let modules: Vec<&str> =
            modules.filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
        let listed: Vec<&str> = SOURCES.iter().map(|(service, ..)| *service).collect();
        assert_eq!(listed, modules, "a line of the catalogue for each module of services");
        for (service, source, names) in SOURCES {
            let statics: Vec<&str> = source
                .split("pub static ")
                .filter_map(|rest| {
                    rest.split_once(':').filter(|(_, kind)| kind.trim_start().starts_with("Operation"))
                })
                .map(|(name, _)| name)
                .collect();
            assert_eq!(*names, statics, "{service}");
        }
    }

    #[test]
    fn operations_are_found_by_their_keys() {
        assert_eq!(find("cloudtrail:DescribeTrails").unwrap().action, "cloudtrail:DescribeTrails");
        assert_eq!(all().map(Operation::key).collect::<HashSet<_>>().len(), all().count(), "keys are unique");
        assert!(all().all(|operation| std::ptr::eq(find(&operation.key()).unwrap(), operation)));
        for unknown in ["cloudtrail:Nothing", "nothing:DescribeTrails", "DescribeTrails", ""] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn statics_have_the_names_of_their_operations() {
        for ((.., names), operations) in SOURCES.iter().zip(CATALOGUE) {
            for (name, operation) in names.iter().zip(*operations) {
                assert_eq!(name.replace('_', "").to_lowercase(), operation.name.to_lowercase());
            }
        }
    }

    #[test]
    fn hints_are_of_the_operations_protocol() {
        for operation in all() {
            let (hints, key) = (&operation.hints, operation.key());
            let is_json = matches!(operation.service.protocol, Protocol::Json { .. } | Protocol::RestJson);
            let is_form = matches!(operation.service.protocol, Protocol::Query { .. } | Protocol::Ec2 { .. });
            assert!(
                !is_json || hints.lists.is_empty() && hints.flat.is_empty() && hints.numbers.is_empty(),
                "{key}"
            );
            assert!(is_json || hints.times.is_empty(), "{key}");
            assert!(is_form || hints.sends.is_empty() && hints.items.is_empty(), "{key}");
            let (service, action) = operation.action.split_once(':').unwrap_or_default();
            assert!(!service.is_empty() && !action.is_empty(), "{key}: {}", operation.action);
            assert!(operation.pages.is_none_or(|pages| !pages.items.is_empty()), "{key}");
        }
    }

    /// With what stands in their paths, and no more.
    #[test]
    fn every_operation_makes_a_request() {
        for operation in all() {
            let labels = operation.http.uri.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
            let mut input: Map<String, Value> =
                labels.map(|(label, _)| (label.trim_end_matches('+').to_owned(), json!("xyz"))).collect();
            if matches!(operation.service.location, Location::S3Control) {
                input.insert("AccountId".to_owned(), json!("111122223333"));
            }
            let draft = draft(operation, &Value::Object(input));
            let draft = draft.unwrap_or_else(|error| panic!("{}: {error}", operation.key()));
            assert!(draft.target.starts_with('/') && !draft.target.contains('{'), "{}", draft.target);
        }
    }
}
