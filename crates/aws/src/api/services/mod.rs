//! The catalogue: one file per service, one static per operation. `scripts/catalogue` prints them.

pub mod account;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod ec2;
pub mod events;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod organizations;
pub mod s3;
pub mod s3control;
pub mod sns;
pub mod sqs;
pub mod sts;
