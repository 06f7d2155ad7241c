//! DynamoDB, RDS, Athena, Glue, Backup.

use super::{Call, Service, Sort, Suite, service};

pub(super) const SUITES: &[Suite] = &[
    Suite {
        service: Service { api_version: Some("2012-08-10"), ..service("dynamodb", "1.11") },
        calls: DYNAMODB,
    },
    Suite { service: service("rds", "1.11"), calls: RDS },
    Suite { service: service("athena", "1.11"), calls: ATHENA },
    Suite { service: service("glue", "1.10"), calls: GLUE },
    Suite { service: service("backup", "1.08"), calls: BACKUP },
];

const TABLE: &str = r#"{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/<table>"}"#;

const DYNAMODB: &[Call] = &[
    Call::read("DescribeTable", r#"{"tableName":"<table>"}"#).resources(TABLE),
    Call::read("ListTables", r#"{"limit":100}"#),
    Call::read("DescribeTimeToLive", r#"{"tableName":"<table>"}"#),
    Call::new(Sort::DataRead, "GetItem", r#"{"tableName":"<table>","key":{"pk":"HIDDEN_DUE_TO_SECURITY_REASONS"},"consistentRead":<any true|false>}"#)
        .resources(TABLE),
    Call::new(Sort::DataWrite, "PutItem", r#"{"tableName":"<table>","key":{"pk":"HIDDEN_DUE_TO_SECURITY_REASONS"},"items":["pk","sk","ttl","state","v"],"conditionExpression":"attribute_not_exists(pk)"}"#)
        .resources(TABLE)
        .fails(14, "ConditionalCheckFailedException", "The conditional request failed"),
];

const RDS: &[Call] = &[
    Call::read("DescribeDBInstances", r#"{"dBInstanceIdentifier":"<db>"}"#),
    Call::read("DescribeDBClusters", r#"{"dBClusterIdentifier":"<dbcluster>","includeShared":false}"#),
    Call::read(
        "DescribeDBSnapshots",
        r#"{"dBInstanceIdentifier":"<db>","snapshotType":"<any automated|manual>","maxRecords":100}"#,
    ),
    Call::read(
        "DescribePendingMaintenanceActions",
        r#"{"resourceIdentifier":"arn:aws:rds:<region>:<account>:db:<db>"}"#,
    ),
    Call::read("ListTagsForResource", r#"{"resourceName":"arn:aws:rds:<region>:<account>:db:<db>"}"#),
    Call::write(
        "CreateDBSnapshot",
        r#"{"dBInstanceIdentifier":"<db>","dBSnapshotIdentifier":"awsbackup:job-<sameuuid>","tags":[{"key":"aws:backup:source-resource","value":"arn:aws:rds:<region>:<account>:db:<db>:<uuid>"}]}"#,
        r#"{"dBSnapshotIdentifier":"awsbackup:job-<sameuuid>","dBInstanceIdentifier":"<db>","engine":"aurora-postgresql","allocatedStorage":<int 50 900>,"status":"creating","port":5432,"availabilityZone":"<region>b","vpcId":"<vpc>","instanceCreateTime":"<american>","masterUsername":"meridian","engineVersion":"16.6","licenseModel":"postgresql-license","snapshotType":"manual","encrypted":true,"kmsKeyId":"arn:aws:kms:<region>:<account>:key/<kms>","dBSnapshotArn":"arn:aws:rds:<region>:<account>:snapshot:awsbackup:job-<sameuuid>","iAMDatabaseAuthenticationEnabled":true,"processorFeatures":[],"dbiResourceId":"db-<upper 26>"}"#,
    ),
    Call::write(
        "ModifyDBInstance",
        r#"{"dBInstanceIdentifier":"<db>","applyImmediately":false,"backupRetentionPeriod":<int 14 35>,"allowMajorVersionUpgrade":false}"#,
        r#"{"dBInstanceIdentifier":"<db>","dBInstanceClass":"db.r7g.large","engine":"aurora-postgresql","dBInstanceStatus":"available","publiclyAccessible":false,"storageEncrypted":true,"deletionProtection":true,"vpcSecurityGroups":[{"vpcSecurityGroupId":"<sg>","status":"active"}],"endpoint":{"address":"<db>.c<hex 11>.<region>.rds.amazonaws.com","port":5432},"dBInstanceArn":"arn:aws:rds:<region>:<account>:db:<db>"}"#,
    ),
];

const ATHENA: &[Call] = &[
    Call::write(
        "StartQueryExecution",
        r#"{"queryString":"***OMITTED***","clientRequestToken":"<uuid>","queryExecutionContext":{"database":"<gluedb>","catalog":"AwsDataCatalog"},"resultConfiguration":{"outputLocation":"s3://meridian-<alias>-athena-results/<today>/"},"workGroup":"<workgroup>"}"#,
        r#"{"queryExecutionId":"<sameuuid>"}"#,
    ),
    Call::read("GetQueryExecution", r#"{"queryExecutionId":"<uuid>"}"#)
        .answer(r#"{"queryExecution":{"queryExecutionId":"<uuid>","statementType":"DML","status":{"state":"<any RUNNING|SUCCEEDED|QUEUED>"},"workGroup":"<workgroup>"}}"#),
    Call::read("GetQueryResults", r#"{"queryExecutionId":"<uuid>","maxResults":<any 100|1000>}"#),
];

const GLUE: &[Call] = &[
    Call::read("GetTable", r#"{"catalogId":"<account>","databaseName":"<gluedb>","name":"<gluetable>"}"#)
        .fails(12, "EntityNotFoundException", "Entity Not Found"),
    Call::read(
        "GetPartitions",
        r#"{"catalogId":"<account>","databaseName":"<gluedb>","tableName":"<gluetable>","expression":"dt = '<today>'","maxResults":1000,"excludeColumnSchema":true}"#,
    ),
    Call::read("GetDatabases", r#"{"catalogId":"<account>","maxResults":100}"#),
    Call::write(
        "BatchCreatePartition",
        r#"{"databaseName":"<gluedb>","tableName":"<gluetable>","partitionInputList":[{"values":["<today>","<int 0 23>"],"storageDescriptor":{"location":"s3://meridian-<alias>-datalake-raw/<gluetable>/dt=<today>/","inputFormat":"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"}}]}"#,
        r#"{"errors":[]}"#,
    ),
];

const BACKUP: &[Call] = &[
    Call::write(
        "StartBackupJob",
        r#"{"backupVaultName":"<vault>","resourceArn":"arn:aws:ec2:<region>:<account>:volume/<volume>","iamRoleArn":"arn:aws:iam::<account>:role/backup-runner","idempotencyToken":"<uuid>","startWindowMinutes":60,"lifecycle":{"deleteAfterDays":35}}"#,
        r#"{"backupJobId":"<uuid>","creationDate":"<american>","isParent":false}"#,
    ),
    Call::read("ListRecoveryPointsByBackupVault", r#"{"backupVaultName":"<vault>","maxResults":<any 100|1000>}"#),
    Call::new(Sort::ServiceEvent, "BackupJobCompleted", "null")
        .extra(r#"{"completionDate":{"seconds":<int 1700000000 1790000000>,"nanos":<int 1 999999>},"state":"COMPLETED","percentDone":100,"backupJobId":"<uuid>","backupVaultName":"<vault>","backupVaultArn":"arn:aws:backup:<region>:<account>:backup-vault:<vault>","recoveryPointArn":"arn:aws:ec2:<region>::snapshot/<snapshot>","resourceArn":"arn:aws:ec2:<region>:<account>:volume/<volume>","resourceType":"EBS"}"#),
];
