//! A small estate for tests of checks: everything about trails and log buckets is as it should be,
//! and a test damages what it is about.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::check::{Check, Context, Settings, Status, Verdict};
use crate::inventory::{Account, Answer, Failure, GLOBAL, Inventory};

pub(crate) const ACCOUNT: &str = "111111111111";
/// A second account of the organisation, after [`Estate::join_member`].
pub(crate) const MEMBER: &str = "222222222222";
/// The trail's home Region.
pub(crate) const HOME: &str = "eu-west-1";
pub(crate) const OTHER: &str = "us-east-1";
pub(crate) const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/main";
/// Where the trail delivers.
pub(crate) const BUCKET: &str = "trail-logs";
/// Where the access logs of [`BUCKET`] go.
pub(crate) const ACCESS_BUCKET: &str = "access-logs";
pub(crate) const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/0f6d1a1c-9d5b-4b4e-9a43-0a7d1d2c3b4a";
pub(crate) const LOG_GROUP: &str = "arn:aws:logs:eu-west-1:111111111111:log-group:cloudtrail";
pub(crate) const STORE: &str = "arn:aws:cloudtrail:eu-west-1:111111111111:eventdatastore/ee54f226";

/// An inventory to be damaged.
pub(crate) struct Estate {
    pub(crate) inventory: Inventory,
    pub(crate) settings: Settings,
}

/// When the inventory was collected.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_600_800, 0).unwrap()
}

impl Estate {
    /// One account, two Regions, no answer.
    pub(crate) fn empty() -> Self {
        let mut inventory = Inventory::new(now());
        let regions = vec![HOME.to_owned(), OTHER.to_owned()];
        let account = Account { id: ACCOUNT.to_owned(), regions, ..Account::default() };
        inventory.accounts.insert(ACCOUNT.to_owned(), account);
        Self { inventory, settings: Settings::default() }
    }

    /// One account with a trail, its bucket, key and log group, and an event data store, all of them
    /// sound.
    pub(crate) fn compliant() -> Self {
        let mut estate = Self::empty();
        estate.add_trail();
        estate.add_key();
        estate.add_stores();
        estate.answer(
            GLOBAL,
            "organizations:DescribeOrganization",
            "",
            json!({"Organization": {
            "Id": "o-abcdefghij", "MasterAccountId": ACCOUNT}}),
        );
        estate.answer(GLOBAL, "s3control:GetPublicAccessBlock", "", blocked());
        let buckets = json!({"Buckets": [{"Name": BUCKET}, {"Name": ACCESS_BUCKET}]});
        estate.answer(GLOBAL, "s3:ListBuckets", "", buckets);
        estate.add_bucket(BUCKET);
        estate.add_bucket(ACCESS_BUCKET);
        estate.answer(
            GLOBAL,
            "s3:GetBucketLogging",
            BUCKET,
            json!({"LoggingEnabled": {
            "TargetBucket": ACCESS_BUCKET, "TargetPrefix": "trail-logs/"}}),
        );
        estate.answer(
            GLOBAL,
            "s3:GetBucketPolicy",
            BUCKET,
            json!({"Policy": trail_bucket_policy().to_string()}),
        );
        let write = json!({"Sid": "AccessLogs", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject", "Resource": "arn:aws:s3:::access-logs/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}});
        let policy = json!({"Version": "2012-10-17", "Statement": [write, tls_only(ACCESS_BUCKET)]});
        estate.answer(GLOBAL, "s3:GetBucketPolicy", ACCESS_BUCKET, json!({"Policy": policy.to_string()}));
        estate.answer(
            GLOBAL,
            "s3:GetBucketEncryption",
            BUCKET,
            json!({"ServerSideEncryptionConfiguration": {"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
             "BucketKeyEnabled": true}]}}),
        );
        estate.answer(GLOBAL, "s3:GetObjectLockConfiguration", BUCKET, json!({"ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}}}}));
        estate.answer(
            GLOBAL,
            "s3:GetBucketReplication",
            BUCKET,
            json!({"ReplicationConfiguration": {
            "Role": "arn:aws:iam::111111111111:role/replicate", "Rules": [
                {"ID": "all", "Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::far-copy"}}]}}),
        );
        estate
    }

    fn add_trail(&mut self) {
        let trail = json!({
            "Name": "main", "TrailARN": TRAIL, "HomeRegion": HOME, "S3BucketName": BUCKET,
            "IsMultiRegionTrail": true, "IsOrganizationTrail": true, "IncludeGlobalServiceEvents": true,
            "LogFileValidationEnabled": true, "KmsKeyId": KEY, "HasCustomEventSelectors": true,
            "HasInsightSelectors": true, "CloudWatchLogsLogGroupArn": format!("{LOG_GROUP}:*"),
            "CloudWatchLogsRoleArn": "arn:aws:iam::111111111111:role/cloudtrail-to-logs"});
        for region in [HOME, OTHER] {
            self.answer(region, "cloudtrail:DescribeTrails", "", json!({"trailList": [trail]}));
        }
        let recent = "2026-11-25T09:55:00+00:00";
        self.answer(
            HOME,
            "cloudtrail:GetTrailStatus",
            TRAIL,
            json!({
            "IsLogging": true, "StartLoggingTime": "2025-01-01T00:00:00+00:00", "LatestDeliveryTime": recent,
            "LatestDigestDeliveryTime": recent, "LatestCloudWatchLogsDeliveryTime": recent}),
        );
        let field = |name: &str, value: &str| json!({"Field": name, "Equals": [value]});
        self.answer(
            HOME,
            "cloudtrail:GetEventSelectors",
            TRAIL,
            json!({"TrailARN": TRAIL, "AdvancedEventSelectors": [
            {"Name": "Management", "FieldSelectors": [field("eventCategory", "Management")]},
            {"Name": "Objects", "FieldSelectors": [
                field("eventCategory", "Data"), field("resources.type", "AWS::S3::Object")]}]}),
        );
        self.answer(
            HOME,
            "cloudtrail:GetInsightSelectors",
            TRAIL,
            json!({"TrailARN": TRAIL, "InsightSelectors": [
            {"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]}),
        );
        self.answer(
            HOME,
            "logs:DescribeLogGroups",
            "",
            json!({"logGroups": [
            {"logGroupName": "cloudtrail", "arn": format!("{LOG_GROUP}:*"), "logGroupArn": LOG_GROUP}]}),
        );
    }

    fn add_key(&mut self) {
        self.answer(
            HOME,
            "kms:ListAliases",
            "",
            json!({"Aliases": [
            {"AliasName": "alias/trail", "TargetKeyId": KEY.rsplit('/').next()}]}),
        );
        self.answer(
            HOME,
            "kms:DescribeKey",
            KEY,
            json!({"KeyMetadata": {
            "Arn": KEY, "KeyState": "Enabled", "Enabled": true, "KeyManager": "CUSTOMER"}}),
        );
        self.answer(HOME, "kms:GetKeyRotationStatus", KEY, json!({"KeyRotationEnabled": true}));
        self.key_policy(&json!([]));
    }

    fn add_stores(&mut self) {
        self.answer(
            HOME,
            "cloudtrail:ListEventDataStores",
            "",
            json!({"EventDataStores": [
            {"EventDataStoreArn": STORE, "Name": "lake"}]}),
        );
        self.answer(OTHER, "cloudtrail:ListEventDataStores", "", json!({"EventDataStores": []}));
        self.answer(
            HOME,
            "cloudtrail:GetEventDataStore",
            STORE,
            json!({
            "EventDataStoreArn": STORE, "Name": "lake", "Status": "ENABLED", "MultiRegionEnabled": true,
            "OrganizationEnabled": true, "RetentionPeriod": 2557, "TerminationProtectionEnabled": true,
            "KmsKeyId": KEY}),
        );
    }

    fn add_bucket(&mut self, name: &str) {
        self.answer(GLOBAL, "s3:GetBucketLocation", name, json!({"LocationConstraint": HOME}));
        self.answer(GLOBAL, "s3:GetPublicAccessBlock", name, blocked());
        let policy = json!({"Version": "2012-10-17", "Statement": [tls_only(name)]});
        self.answer(GLOBAL, "s3:GetBucketPolicy", name, json!({"Policy": policy.to_string()}));
        self.answer(
            GLOBAL,
            "s3:GetBucketAcl",
            name,
            json!({"Owner": {"ID": "a1"}, "Grants": [
            {"Grantee": {"Type": "CanonicalUser", "ID": "a1"}, "Permission": "FULL_CONTROL"}]}),
        );
        self.answer(GLOBAL, "s3:GetBucketLogging", name, json!({}));
        self.answer(
            GLOBAL,
            "s3:GetBucketVersioning",
            name,
            json!({"Status": "Enabled", "MFADelete": "Enabled"}),
        );
        self.answer(
            GLOBAL,
            "s3:GetBucketEncryption",
            name,
            json!({"ServerSideEncryptionConfiguration": {"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}}),
        );
        self.absent(GLOBAL, "s3:GetBucketLifecycleConfiguration", name, "NoSuchLifecycleConfiguration");
        self.absent(GLOBAL, "s3:GetObjectLockConfiguration", name, "ObjectLockConfigurationNotFoundError");
        self.absent(GLOBAL, "s3:GetBucketReplication", name, "ReplicationConfigurationNotFoundError");
        self.answer(
            GLOBAL,
            "s3:GetBucketOwnershipControls",
            name,
            json!({"OwnershipControls": {"Rules": [
            {"ObjectOwnership": "BucketOwnerEnforced"}]}}),
        );
    }

    /// A member of the organisation that sees the same trail, in both Regions.
    pub(crate) fn join_member(&mut self) {
        let mut member = Account { id: MEMBER.to_owned(), ..Account::default() };
        member.regions = vec![HOME.to_owned(), OTHER.to_owned()];
        for region in [HOME, OTHER] {
            let calls = member.answers.entry(region.to_owned()).or_default();
            for call in ["cloudtrail:DescribeTrails", "cloudtrail:ListEventDataStores"] {
                let shown = self.account().answers[OTHER][call].clone();
                calls.insert(call.to_owned(), shown);
            }
        }
        let own = &self.account().answers[GLOBAL]["organizations:DescribeOrganization"];
        let global = [("organizations:DescribeOrganization".to_owned(), own.clone())];
        member.answers.insert(GLOBAL.to_owned(), global.into());
        self.inventory.accounts.insert(MEMBER.to_owned(), member);
        let none = Answer::Output(json!({"Buckets": []}));
        self.inventory.record(MEMBER, GLOBAL, "s3:ListBuckets", "", none);
    }

    /// The account.
    pub(crate) fn account(&mut self) -> &mut Account {
        self.inventory.accounts.get_mut(ACCOUNT).unwrap()
    }

    /// Keeps an output in place of what was there.
    pub(crate) fn answer(&mut self, region: &str, call: &str, resource: &str, output: Value) {
        self.inventory.record(ACCOUNT, region, call, resource, Answer::Output(output));
    }

    /// The service says that there is none.
    pub(crate) fn absent(&mut self, region: &str, call: &str, resource: &str, code: &str) {
        self.inventory.record(ACCOUNT, region, call, resource, Answer::Absent(code.to_owned()));
    }

    /// The call is refused for want of an action.
    pub(crate) fn denied(&mut self, region: &str, call: &str, resource: &str, action: &str) {
        let failure = Failure {
            code: "AccessDenied".to_owned(),
            message: format!("not authorized to perform {action}"),
            missing_action: Some(action.to_owned()),
        };
        self.inventory.record(ACCOUNT, region, call, resource, Answer::Failed(failure));
    }

    /// Changes an output that is there.
    pub(crate) fn edit(&mut self, region: &str, call: &str, resource: &str, change: impl FnOnce(&mut Value)) {
        let calls = self.account().answers.get_mut(region).unwrap();
        match calls.get_mut(call).unwrap().get_mut(resource).unwrap() {
            Answer::Output(output) => change(output),
            other => panic!("{call} has no output to change: {other:?}"),
        }
    }

    /// Changes the trail as every place of every account shows it.
    pub(crate) fn trail(&mut self, change: impl Fn(&mut Value)) {
        for account in self.inventory.accounts.values_mut() {
            for calls in account.answers.values_mut() {
                let shown =
                    calls.get_mut("cloudtrail:DescribeTrails").and_then(|answers| answers.get_mut(""));
                if let Some(Answer::Output(output)) = shown {
                    change(&mut output["trailList"][0]);
                }
            }
        }
    }

    /// Changes the trail's status.
    pub(crate) fn status(&mut self, change: impl FnOnce(&mut Value)) {
        self.edit(HOME, "cloudtrail:GetTrailStatus", TRAIL, change);
    }

    /// Takes the trail away.
    pub(crate) fn no_trail(&mut self) {
        for region in [HOME, OTHER] {
            self.answer(region, "cloudtrail:DescribeTrails", "", json!({"trailList": []}));
        }
    }

    /// Gives the trail these basic selectors alone.
    pub(crate) fn selectors(&mut self, basic: &Value) {
        self.answer(HOME, "cloudtrail:GetEventSelectors", TRAIL, json!({"EventSelectors": basic}));
    }

    /// The key's policy: what CloudTrail needs, and these statements.
    pub(crate) fn key_policy(&mut self, more: &Value) {
        let mut statements = vec![
            json!({"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                   "Action": "kms:*", "Resource": "*"}),
            json!({"Sid": "CloudTrail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                   "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
                   "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}}}),
        ];
        statements.extend(more.as_array().unwrap().iter().cloned());
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        self.answer(HOME, "kms:GetKeyPolicy", KEY, json!({"Policy": policy}));
    }

    /// The trail bucket's policy, changed.
    pub(crate) fn bucket_policy(&mut self, change: impl FnOnce(&mut Vec<Value>)) {
        let mut policy = trail_bucket_policy();
        change(policy["Statement"].as_array_mut().unwrap());
        self.answer(GLOBAL, "s3:GetBucketPolicy", BUCKET, json!({"Policy": policy.to_string()}));
    }

    /// Runs the check.
    pub(crate) fn run(&self, check: &Check) -> Vec<Verdict> {
        (check.run)(&Context { inventory: &self.inventory, settings: &self.settings })
    }

    /// The one verdict of the check that has this status; fails where there is none, or several.
    #[track_caller]
    pub(crate) fn only(&self, check: &Check, status: Status) -> Verdict {
        let all = self.run(check);
        let mut found: Vec<Verdict> =
            all.iter().filter(|verdict| verdict.status == status).cloned().collect();
        assert_eq!(found.len(), 1, "one {} expected of {all:#?}", status.as_str());
        found.remove(0)
    }

    /// The check says something, and nothing but pass.
    #[track_caller]
    pub(crate) fn passes(&self, check: &Check) {
        let all = self.run(check);
        assert!(!all.is_empty(), "{} says nothing", check.id);
        assert!(all.iter().all(|verdict| verdict.status == Status::Pass), "{all:#?}");
    }

    /// The check says nothing.
    #[track_caller]
    pub(crate) fn silent(&self, check: &Check) {
        let all = self.run(check);
        assert!(all.is_empty(), "{all:#?}");
    }

    /// The check fails once, and what was seen holds each of these texts.
    #[track_caller]
    pub(crate) fn fails(&self, check: &Check, texts: &[&str]) -> Verdict {
        let verdict = self.only(check, Status::Fail);
        for text in texts {
            assert!(verdict.observed.contains(text), "{text:?} is not in: {}", verdict.observed);
        }
        verdict
    }

    /// The check is unknown once, for want of this action.
    #[track_caller]
    pub(crate) fn unknown(&self, check: &Check, action: &str) {
        assert_eq!(self.only(check, Status::Unknown).missing_actions, [action]);
    }
}

/// All four settings of Block Public Access on.
pub(crate) fn blocked() -> Value {
    json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true,
        "BlockPublicPolicy": true, "RestrictPublicBuckets": true}})
}

/// A statement that refuses plain HTTP.
pub(crate) fn tls_only(bucket: &str) -> Value {
    json!({"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
}

fn trail_bucket_policy() -> Value {
    let source = json!({"StringEquals": {"aws:SourceArn": TRAIL}});
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AclCheck", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
         "Resource": "arn:aws:s3:::trail-logs", "Condition": source},
        {"Sid": "Write", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": "arn:aws:s3:::trail-logs/AWSLogs/*", "Condition": source},
        tls_only(BUCKET)]})
}
