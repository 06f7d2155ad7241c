//! Databases, warehouses, caches, search domains and brokers.

use trailkeep_aws::api::services::{elasticache, es, kafka, rds, redshift, redshift_serverless};

use crate::collect::ask::{Ask, At, Each, Take};

const CLUSTERS: Each = Each::of("redshift:DescribeClusters", "Clusters", "ClusterIdentifier");
const DOMAINS: Each = Each::of("es:ListDomainNames", "DomainNames", "DomainName");

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&rds::DESCRIBE_DB_INSTANCES),
    Ask::regional(&rds::DESCRIBE_DB_CLUSTERS),
    Ask::regional(&redshift::DESCRIBE_CLUSTERS),
    Ask::each(&redshift::DESCRIBE_LOGGING_STATUS, At::Regions, CLUSTERS)
        .input(&[("ClusterIdentifier", Take::Resource)]),
    Ask::regional(&redshift_serverless::LIST_NAMESPACES),
    Ask::regional(&es::LIST_DOMAIN_NAMES),
    Ask::each(&es::DESCRIBE_DOMAINS, At::Regions, DOMAINS).input(&[("DomainNames", Take::Resources)]),
    Ask::regional(&kafka::LIST_CLUSTERS_V2),
    Ask::regional(&elasticache::DESCRIBE_CACHE_CLUSTERS),
    Ask::regional(&elasticache::DESCRIBE_REPLICATION_GROUPS),
];
