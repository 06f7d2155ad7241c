//! S3: management events, data events, and what a VPC endpoint refuses.

use super::{Call, Service, Sort, Style, Suite, service};

pub(super) const SUITES: &[Suite] =
    &[Suite { service: Service { style: Style::S3, ..service("s3", "1.11") }, calls: S3 }];

const EXTRA_READ: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64 75>=","bytesTransferredOut":<int 240 4000000>}"#;
/// Of a call about a bucket, whose answer is small.
const EXTRA_ABOUT: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64 75>=","bytesTransferredOut":<int 130 2900>}"#;
const EXTRA_WRITE: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":<int 240 9000000>,"SSEApplied":"SSE_KMS","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64 75>=","bytesTransferredOut":0}"#;
const BUCKET: &str = r#"{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}"#;
const OBJECT: &str = r#"{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<bucket>/<object>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}"#;
const LOG_BUCKET: &str =
    r#"{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<logbucket>"}"#;

const fn about(name: &'static str, request: &'static str) -> Call {
    Call::read(name, request).extra(EXTRA_ABOUT).resources(BUCKET)
}

const S3: &[Call] = &[
    Call::read("ListBuckets", r#"{"Host":"s3.<region>.amazonaws.com"}"#).extra(EXTRA_ABOUT),
    about("GetBucketLocation", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","location":""}"#),
    about("GetBucketPolicy", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","policy":""}"#)
        .fails(150, "NoSuchBucketPolicy", "The bucket policy does not exist"),
    about("GetBucketPublicAccessBlock", r#"{"publicAccessBlock":"","bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com"}"#),
    about("GetBucketEncryption", r#"{"bucketName":"<bucket>","encryption":"","Host":"<bucket>.s3.<region>.amazonaws.com"}"#),
    about("GetBucketVersioning", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","versioning":""}"#),
    about("GetBucketTagging", r#"{"bucketName":"<bucket>","tagging":"","Host":"<bucket>.s3.<region>.amazonaws.com"}"#)
        .fails(200, "NoSuchTagSet", "The TagSet does not exist"),
    about("GetBucketLogging", r#"{"bucketName":"<bucket>","logging":"","Host":"<bucket>.s3.<region>.amazonaws.com"}"#),
    Call::read("GetBucketAcl", r#"{"bucketName":"<logbucket>","Host":"<logbucket>.s3.<region>.amazonaws.com","acl":""}"#)
        .extra(EXTRA_ABOUT)
        .resources(LOG_BUCKET),
    Call::write(
        "PutBucketTagging",
        r#"{"bucketName":"<bucket>","tagging":"","Host":"<bucket>.s3.<region>.amazonaws.com","Tagging":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","TagSet":{"Tag":[{"Key":"owner","Value":"<person>"},{"Key":"classification","Value":"<any internal|confidential|public>"}]}}}"#,
        "null",
    )
    .extra(EXTRA_WRITE)
    .resources(BUCKET),
    Call::new(
        Sort::DataRead,
        "GetObject",
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<object>"}"#,
    )
    .extra(EXTRA_READ)
    .resources(OBJECT)
    .fails(7, "NoSuchKey", "The specified key does not exist."),
    Call::new(
        Sort::DataRead,
        "HeadObject",
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<object>"}"#,
    )
    .extra(EXTRA_READ)
    .resources(OBJECT)
    .fails(40, "NoSuchKey", "The specified key does not exist."),
    Call::new(
        Sort::DataRead,
        "ListObjects",
        r#"{"list-type":"2","bucketName":"<bucket>","encoding-type":"url","prefix":"uploads/tenant-<int 1000 9999>/<today>/","delimiter":"/","Host":"<bucket>.s3.<region>.amazonaws.com"}"#,
    )
    .extra(EXTRA_READ)
    .resources(r#"{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"},{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::<bucket>/uploads/"}"#),
    Call::new(
        Sort::DataWrite,
        "PutObject",
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<object>","x-amz-server-side-encryption":"aws:kms","x-amz-storage-class":"<any STANDARD|INTELLIGENT_TIERING>"}"#,
    )
    .answer(r#"{"x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:<region>:<account>:key/<kms>","x-amz-server-side-encryption-bucket-key-enabled":"true","x-amz-version-id":"<alnum 32>"}"#)
    .extra(EXTRA_WRITE)
    .resources(OBJECT),
    Call::new(
        Sort::DataWrite,
        "DeleteObject",
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<object>"}"#,
    )
    .answer(r#"{"x-amz-delete-marker":"true","x-amz-version-id":"<alnum 32>"}"#)
    .extra(EXTRA_READ)
    .resources(OBJECT),
    Call::new(
        Sort::Network,
        "GetBucketCors",
        r#"{"bucketName":"vendor-dropbox-<hex 8>","Host":"vendor-dropbox-<hex 8>.s3.<region>.amazonaws.com"}"#,
    ),
];
