//! The resources of one account in one Region, by kind.

use super::{ACCOUNTS, REGIONS};
use crate::dice::Dice;
use crate::text::written;

/// How a kind of resource gets its names.
enum Make {
    /// This many, each from a pattern.
    Each(u32, &'static str),
    /// One per pattern.
    Names(&'static [&'static str]),
}

macro_rules! kinds {
    ($($kind:ident $name:literal $scope:ident $make:expr,)*) => {
        /// A kind of resource that calls refer to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(usize)]
        pub(crate) enum Kind { $($kind,)* }

        impl Kind {
            /// The kind that a template's placeholder names.
            pub(crate) fn named(name: &str) -> Option<Kind> {
                match name { $($name => Some(Kind::$kind),)* _ => None }
            }

            /// Whether the resource belongs to no Region.
            pub(crate) fn is_global(self) -> bool {
                match self { $(Kind::$kind => kinds!(@$scope),)* }
            }
        }

        /// In the order of `Kind`.
        const MAKERS: &[Make] = &[$($make,)*];
    };
    (@global) => { true };
    (@regional) => { false };
}

use Make::{Each, Names};

kinds! {
    Instance "instance" regional Each(48, "i-0<hex16>"),
    Vpc "vpc" regional Each(3, "vpc-0<hex16>"),
    Subnet "subnet" regional Each(9, "subnet-0<hex16>"),
    SecurityGroup "sg" regional Each(16, "sg-0<hex16>"),
    Interface "eni" regional Each(72, "eni-0<hex16>"),
    Volume "volume" regional Each(80, "vol-0<hex16>"),
    Snapshot "snapshot" regional Each(90, "snap-0<hex16>"),
    Image "ami" regional Each(9, "ami-0<hex16>"),
    NetworkAcl "acl" regional Each(3, "acl-0<hex16>"),
    RouteTable "rtb" regional Each(7, "rtb-0<hex16>"),
    NatGateway "nat" regional Each(3, "nat-0<hex16>"),
    Endpoint "vpce" regional Each(4, "vpce-0<hex16>"),
    FlowLog "flowlog" regional Each(2, "fl-0<hex16>"),
    LaunchTemplate "lt" regional Each(6, "lt-0<hex16>"),
    Key "kms" regional Each(14, "<uuid>"),
    Certificate "cert" regional Each(6, "<uuid>"),
    Api "api" regional Each(5, "<hex10>"),
    Detector "detector" regional Each(1, "<hex32>"),
    WebAcl "webacl" regional Each(2, "<alias>-edge-acl/<uuid>"),
    Alias "kmsalias" regional Names(&["alias/<alias>-data", "alias/<alias>-logs", "alias/<alias>-orders", "alias/aws/ebs", "alias/aws/secretsmanager", "alias/aws/ssm"]),
    Database "db" regional Names(&["<alias>-orders-1", "<alias>-orders-2", "<alias>-billing-1", "<alias>-catalog-1", "<alias>-identity-1"]),
    DbCluster "dbcluster" regional Names(&["<alias>-orders", "<alias>-catalog", "<alias>-identity"]),
    Cluster "cluster" regional Names(&["<alias>-apps", "<alias>-batch"]),
    Service "service" regional Names(&["orders-api", "payments-api", "catalog-api", "search-api", "identity-api", "mailer", "image-worker", "invoice-worker"]),
    TaskDef "taskdef" regional Names(&["orders-api:212", "payments-api:187", "catalog-api:341", "search-api:96", "identity-api:158", "mailer:44", "image-worker:73", "invoice-worker:61"]),
    Function "function" regional Names(&["<alias>-orders-events", "<alias>-orders-authorizer", "<alias>-payments-webhook", "<alias>-thumbnailer", "<alias>-invoice-render", "<alias>-catalog-index", "<alias>-session-reaper", "<alias>-report-export", "<alias>-fraud-score", "<alias>-mail-bounce", "<alias>-cur-loader", "<alias>-slack-notify"]),
    Bucket "bucket" global Names(&["meridian-<alias>-uploads", "meridian-<alias>-customer-exports", "meridian-<alias>-invoices", "meridian-<alias>-artifacts", "meridian-<alias>-datalake-raw", "meridian-<alias>-datalake-curated", "meridian-<alias>-static-site", "meridian-<alias>-backups", "meridian-<alias>-athena-results", "meridian-<alias>-terraform-state"]),
    LogBucket "logbucket" global Names(&["meridian-org-trail-logs", "meridian-access-logs", "meridian-flow-logs", "meridian-config-snapshots"]),
    Secret "secret" regional Names(&["<alias>/orders/db-<alnum6>", "<alias>/payments/stripe-<alnum6>", "<alias>/catalog/db-<alnum6>", "<alias>/identity/jwt-<alnum6>", "<alias>/mailer/smtp-<alnum6>", "<alias>/datadog/api-<alnum6>", "<alias>/billing/db-<alnum6>"]),
    Parameter "param" regional Names(&["/<alias>/orders/feature-flags", "/<alias>/orders/db-host", "/<alias>/payments/endpoint", "/<alias>/search/index-name", "/<alias>/shared/log-level", "/<alias>/shared/otel-endpoint", "/<alias>/mailer/from", "/<alias>/batch/window", "/<alias>/catalog/cache-ttl"]),
    Table "table" regional Names(&["<alias>-sessions", "<alias>-carts", "<alias>-idempotency", "<alias>-feature-usage", "<alias>-orders-stream", "<alias>-terraform-locks", "<alias>-rate-limits"]),
    Queue "queue" regional Names(&["<alias>-orders", "<alias>-orders-dlq", "<alias>-mail", "<alias>-images", "<alias>-invoices", "<alias>-webhooks", "<alias>-webhooks-dlq"]),
    Topic "topic" regional Names(&["<alias>-orders", "<alias>-alerts", "<alias>-security-alerts", "<alias>-billing-alerts", "<alias>-deploys"]),
    LogGroup "loggroup" regional Names(&["/ecs/<alias>-orders-api", "/ecs/<alias>-payments-api", "/ecs/<alias>-catalog-api", "/ecs/<alias>-search-api", "/aws/lambda/<alias>-orders-events", "/aws/lambda/<alias>-thumbnailer", "/aws/lambda/<alias>-fraud-score", "/aws/lambda/<alias>-invoice-render", "/aws/codebuild/<alias>-build", "/aws/rds/cluster/<alias>-orders/postgresql"]),
    Alarm "alarm" regional Names(&["<alias>-orders-5xx", "<alias>-payments-latency-p99", "<alias>-orders-dlq-depth", "<alias>-db-cpu", "<alias>-db-free-storage", "<alias>-search-errors", "<alias>-nat-port-exhaustion", "cis-unauthorized-api-calls", "cis-root-usage", "cis-cloudtrail-changes", "cis-security-group-changes"]),
    Rule "rule" regional Names(&["<alias>-nightly-invoices", "<alias>-every-5-minutes", "<alias>-guardduty-to-sns", "<alias>-ecs-task-stopped", "<alias>-deploy-events"]),
    Stack "stack" regional Names(&["<alias>-network/<uuid>", "<alias>-data/<uuid>", "<alias>-apps/<uuid>", "<alias>-edge/<uuid>", "<alias>-observability/<uuid>", "StackSet-baseline/<uuid>"]),
    Repository "repo" regional Names(&["orders-api", "payments-api", "catalog-api", "search-api", "identity-api", "mailer", "image-worker", "base/python", "base/node"]),
    Balancer "lb" regional Names(&["app/<alias>-public/<hex16>", "app/<alias>-internal/<hex16>", "net/<alias>-grpc/<hex16>"]),
    TargetGroup "tg" regional Names(&["<alias>-orders/<hex16>", "<alias>-payments/<hex16>", "<alias>-catalog/<hex16>", "<alias>-search/<hex16>", "<alias>-identity/<hex16>"]),
    ScalingGroup "asg" regional Names(&["<alias>-batch-workers", "<alias>-ecs-capacity", "<alias>-ci-runners"]),
    StateMachine "sfn" regional Names(&["<alias>-order-fulfilment", "<alias>-nightly-close", "<alias>-gdpr-erasure"]),
    Stream "stream" regional Names(&["<alias>-clickstream", "<alias>-order-events"]),
    Vault "vault" regional Names(&["<alias>-daily", "<alias>-monthly"]),
    Workgroup "workgroup" regional Names(&["primary", "analytics", "security-lake"]),
    Database2 "gluedb" regional Names(&["datalake_raw", "datalake_curated", "security"]),
    DataTable "gluetable" regional Names(&["orders", "customers", "clickstream", "payments", "sessions", "refunds", "cloudtrail"]),
    Project "project" regional Names(&["<alias>-build", "<alias>-integration-tests", "<alias>-image-scan"]),
    Role "role" global Names(&["orders-api-task", "payments-api-task", "catalog-api-task", "search-api-task", "image-worker-task", "lambda-orders-events", "lambda-thumbnailer", "lambda-fraud-score", "gha-deployer", "terraform-plan", "datadog-integration", "backup-runner", "ec2-batch-worker", "config-recorder", "flow-log-writer"]),
    Policy "policy" global Names(&["orders-api-data", "payments-api-data", "terraform-state", "ecr-pull", "read-only-config", "deny-public-s3", "ci-deploy"]),
    User "iamuser" global Names(&["svc-jenkins", "svc-onprem-backup", "reporting-svc", "daniel.okafor", "lab-admin"]),
    Group "group" global Names(&["admins", "developers", "auditors", "break-glass"]),
    Zone "zone" global Each(4, "Z0<upper19>"),
    Distribution "dist" global Each(3, "E<upper13>"),
    Trail "trail" regional Names(&["org-trail", "<alias>-data-events"]),
}

/// The resources of one account in one Region.
pub(crate) struct Pool(Vec<Vec<String>>);

impl Pool {
    pub(super) fn invent(account: usize, region: usize, dice: &mut Dice) -> Pool {
        let mut kinds = Vec::with_capacity(MAKERS.len());
        for make in MAKERS {
            let mut names = Vec::new();
            match make {
                Each(n, pattern) => {
                    for _ in 0..*n {
                        names.push(expand(pattern, account, region, dice));
                    }
                }
                Names(patterns) => {
                    names.extend(patterns.iter().map(|p| expand(p, account, region, dice)));
                }
            }
            kinds.push(names);
        }
        Pool(kinds)
    }

    pub(super) fn get(&self, kind: Kind, pick: u64) -> &str {
        let names = &self.0[kind as usize];
        &names[(pick % names.len() as u64) as usize]
    }
}

/// Fills in a name pattern: `<alias>`, `<region>`, `<uuid>`, `<hexN>`, `<upperN>`, `<alnumN>`.
fn expand(pattern: &str, account: usize, region: usize, dice: &mut Dice) -> String {
    written(|out| {
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('<') {
            out.extend_from_slice(before.as_bytes());
            let (name, tail) = after.split_once('>').unwrap_or((after, ""));
            let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
            let count = digits.parse().unwrap_or(0);
            match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
                "alias" => out.extend_from_slice(ACCOUNTS[account].alias.as_bytes()),
                "region" => out.extend_from_slice(REGIONS[region].as_bytes()),
                "uuid" => dice.uuid(out),
                "upper" => dice.base32(out, count),
                "alnum" => dice.alnum(out, count),
                _ => dice.hex(out, count),
            }
            rest = tail;
        }
        out.extend_from_slice(rest.as_bytes());
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Domain;

    #[test]
    fn every_pattern_is_filled_in() {
        let mut dice = Dice::new(1, Domain::Org, 0, 0);
        let pool = Pool::invent(1, 1, &mut dice);
        for name in pool.0.iter().flatten() {
            assert!(!name.is_empty() && !name.contains(['<', '>', '"']), "{name}");
        }
        assert_eq!(pool.get(Kind::Bucket, 0), "meridian-prod-uploads");
        assert!(pool.get(Kind::Instance, 9).starts_with("i-0"));
        assert_eq!(pool.get(Kind::Instance, 9).len(), 19);
    }
}
