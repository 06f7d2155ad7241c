//! Buckets: S3 lists those of all Regions, each is asked about in its own.

use trailkeep_aws::api::services::{s3, s3control};

use crate::collect::ask::{Ask, At, Each, Take};

/// Buckets an account may have without asking AWS for more.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html>
const BUCKETS: usize = 10_000;

const EACH: Each = Each::of("s3:ListBuckets", "Buckets", "Name").in_region("BucketRegion");
const BUCKET: &[(&str, Take)] = &[("Bucket", Take::Resource)];

const fn about_bucket(operation: &'static trailkeep_aws::api::Operation) -> Ask {
    Ask::each(operation, At::Global, EACH).input(BUCKET).limit(BUCKETS)
}

pub(super) static ASKS: &[Ask] = &[
    // S3 tells the buckets' Regions only when a bound is given.
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
    Ask::global(&s3::LIST_BUCKETS).input(&[("MaxBuckets", Take::Number(1_000))]),
    about_bucket(&s3::GET_BUCKET_LOCATION),
    about_bucket(&s3::GET_PUBLIC_ACCESS_BLOCK).absent(&["NoSuchPublicAccessBlockConfiguration"]),
    about_bucket(&s3::GET_BUCKET_POLICY).absent(&["NoSuchBucketPolicy"]),
    about_bucket(&s3::GET_BUCKET_POLICY_STATUS).absent(&["NoSuchBucketPolicy"]),
    about_bucket(&s3::GET_BUCKET_ACL),
    about_bucket(&s3::GET_BUCKET_LOGGING),
    about_bucket(&s3::GET_BUCKET_VERSIONING),
    about_bucket(&s3::GET_BUCKET_ENCRYPTION).absent(&["ServerSideEncryptionConfigurationNotFoundError"]),
    about_bucket(&s3::GET_BUCKET_LIFECYCLE_CONFIGURATION).absent(&["NoSuchLifecycleConfiguration"]),
    about_bucket(&s3::GET_OBJECT_LOCK_CONFIGURATION).absent(&["ObjectLockConfigurationNotFoundError"]),
    about_bucket(&s3::GET_BUCKET_REPLICATION).absent(&["ReplicationConfigurationNotFoundError"]),
    about_bucket(&s3::GET_BUCKET_OWNERSHIP_CONTROLS).absent(&["OwnershipControlsNotFoundError"]),
    Ask::global(&s3control::GET_PUBLIC_ACCESS_BLOCK)
        .input(&[("AccountId", Take::Account)])
        .absent(&["NoSuchPublicAccessBlockConfiguration"]),
];
