//! Amazon S3.

use crate::api::{Answer, Body, Element, Hints, Http, Location, Operation, Pages, Protocol, Service};

/// Amazon S3.
pub static SERVICE: Service = Service::new("s3", "S3", Protocol::RestXml).location(Location::S3);

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A request about a bucket, which may be told whose the bucket must be.
const fn bucket(method: &'static str, uri: &'static str) -> Http {
    Http::new(method, uri).headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
}

/// [ListBuckets](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/ListBuckets).
pub static LIST_BUCKETS: Operation = Operation::new(&SERVICE, "ListBuckets", "s3:ListAllMyBuckets")
    .http(Http::new("GET", "/").query(&[
        ("MaxBuckets", "max-buckets"),
        ("ContinuationToken", "continuation-token"),
        ("Prefix", "prefix"),
        ("BucketRegion", "bucket-region"),
    ]))
    .pages(Pages::new("ContinuationToken", "ContinuationToken", &["Buckets"]))
    .hints(Hints { lists: &["Buckets"], ..Hints::NONE });

/// [HeadBucket](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/HeadBucket).
pub static HEAD_BUCKET: Operation = Operation::new(&SERVICE, "HeadBucket", "s3:ListBucket").http(
    bucket("HEAD", "/{Bucket}").answer_headers(&[
        ("x-amz-bucket-arn", "BucketArn"),
        ("x-amz-bucket-location-type", "BucketLocationType"),
        ("x-amz-bucket-location-name", "BucketLocationName"),
        ("x-amz-bucket-region", "BucketRegion"),
        ("x-amz-access-point-alias", "AccessPointAlias"),
    ]),
);

/// [GetBucketLocation](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketLocation).
pub static GET_BUCKET_LOCATION: Operation =
    Operation::new(&SERVICE, "GetBucketLocation", "s3:GetBucketLocation")
        .http(bucket("GET", "/{Bucket}?location").answer(Answer::Root("LocationConstraint")));

/// [GetPublicAccessBlock](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetPublicAccessBlock).
pub static GET_PUBLIC_ACCESS_BLOCK: Operation =
    Operation::new(&SERVICE, "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock").http(
        bucket("GET", "/{Bucket}?publicAccessBlock").answer(Answer::Member("PublicAccessBlockConfiguration")),
    );

/// [GetBucketPolicy](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketPolicy).
pub static GET_BUCKET_POLICY: Operation = Operation::new(&SERVICE, "GetBucketPolicy", "s3:GetBucketPolicy")
    .http(bucket("GET", "/{Bucket}?policy").answer(Answer::Text("Policy")));

/// [GetBucketPolicyStatus](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketPolicyStatus).
pub static GET_BUCKET_POLICY_STATUS: Operation =
    Operation::new(&SERVICE, "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus")
        .http(bucket("GET", "/{Bucket}?policyStatus").answer(Answer::Member("PolicyStatus")));

/// [GetBucketAcl](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketAcl).
pub static GET_BUCKET_ACL: Operation =
    Operation::new(&SERVICE, "GetBucketAcl", "s3:GetBucketAcl").http(bucket("GET", "/{Bucket}?acl")).hints(
        Hints { renames: &[("AccessControlList", "Grants")], lists: &["AccessControlList"], ..Hints::NONE },
    );

/// [GetBucketLogging](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketLogging).
pub static GET_BUCKET_LOGGING: Operation =
    Operation::new(&SERVICE, "GetBucketLogging", "s3:GetBucketLogging")
        .http(bucket("GET", "/{Bucket}?logging"))
        .hints(Hints { lists: &["TargetGrants"], ..Hints::NONE });

/// [GetBucketVersioning](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketVersioning).
pub static GET_BUCKET_VERSIONING: Operation =
    Operation::new(&SERVICE, "GetBucketVersioning", "s3:GetBucketVersioning")
        .http(bucket("GET", "/{Bucket}?versioning"))
        .hints(Hints { renames: &[("MfaDelete", "MFADelete")], ..Hints::NONE });

/// [GetBucketEncryption](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketEncryption).
pub static GET_BUCKET_ENCRYPTION: Operation =
    Operation::new(&SERVICE, "GetBucketEncryption", "s3:GetEncryptionConfiguration")
        .http(
            bucket("GET", "/{Bucket}?encryption").answer(Answer::Member("ServerSideEncryptionConfiguration")),
        )
        .hints(Hints { flat: &[("EncryptionType", "EncryptionType"), ("Rule", "Rules")], ..Hints::NONE });

/// [GetBucketLifecycleConfiguration](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketLifecycleConfiguration).
pub static GET_BUCKET_LIFECYCLE_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration")
        .http(bucket("GET", "/{Bucket}?lifecycle").answer_headers(&[(
            "x-amz-transition-default-minimum-object-size",
            "TransitionDefaultMinimumObjectSize",
        )]))
        .hints(Hints {
            flat: &[
                ("And/Tag", "Tags"),
                ("NoncurrentVersionTransition", "NoncurrentVersionTransitions"),
                ("Rule", "Rules"),
                ("Transition", "Transitions"),
            ],
            numbers: &[
                "Days",
                "DaysAfterInitiation",
                "NewerNoncurrentVersions",
                "NoncurrentDays",
                "ObjectSizeGreaterThan",
                "ObjectSizeLessThan",
            ],
            ..Hints::NONE
        });

/// [GetObjectLockConfiguration](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetObjectLockConfiguration).
pub static GET_OBJECT_LOCK_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration")
        .http(bucket("GET", "/{Bucket}?object-lock").answer(Answer::Member("ObjectLockConfiguration")))
        .hints(Hints { numbers: &["Days", "Years"], ..Hints::NONE });

/// [GetBucketReplication](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketReplication).
pub static GET_BUCKET_REPLICATION: Operation =
    Operation::new(&SERVICE, "GetBucketReplication", "s3:GetReplicationConfiguration")
        .http(bucket("GET", "/{Bucket}?replication").answer(Answer::Member("ReplicationConfiguration")))
        .hints(Hints {
            flat: &[("And/Tag", "Tags"), ("Rule", "Rules")],
            numbers: &["Minutes", "Priority"],
            ..Hints::NONE
        });

/// [GetBucketOwnershipControls](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketOwnershipControls).
pub static GET_BUCKET_OWNERSHIP_CONTROLS: Operation =
    Operation::new(&SERVICE, "GetBucketOwnershipControls", "s3:GetBucketOwnershipControls")
        .http(bucket("GET", "/{Bucket}?ownershipControls").answer(Answer::Member("OwnershipControls")))
        .hints(Hints { flat: &[("Rule", "Rules")], ..Hints::NONE });

/// [GetBucketTagging](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketTagging).
pub static GET_BUCKET_TAGGING: Operation =
    Operation::new(&SERVICE, "GetBucketTagging", "s3:GetBucketTagging")
        .http(bucket("GET", "/{Bucket}?tagging"))
        .hints(Hints { lists: &["TagSet"], ..Hints::NONE });

/// [CreateBucket](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/CreateBucket).
pub static CREATE_BUCKET: Operation = Operation::new(&SERVICE, "CreateBucket", "s3:CreateBucket").http(
    Http::new("PUT", "/{Bucket}")
        .headers(&[
            ("ACL", "x-amz-acl"),
            ("GrantFullControl", "x-amz-grant-full-control"),
            ("GrantRead", "x-amz-grant-read"),
            ("GrantReadACP", "x-amz-grant-read-acp"),
            ("GrantWrite", "x-amz-grant-write"),
            ("GrantWriteACP", "x-amz-grant-write-acp"),
            ("ObjectLockEnabledForBucket", "x-amz-bucket-object-lock-enabled"),
            ("ObjectOwnership", "x-amz-object-ownership"),
            ("BucketNamespace", "x-amz-bucket-namespace"),
        ])
        .body(Body::Xml {
            member: "CreateBucketConfiguration",
            namespace: NAMESPACE,
            root: Element::node(
                "CreateBucketConfiguration",
                &[
                    Element::text("LocationConstraint"),
                    Element::node("Location", &[Element::text("Type"), Element::text("Name")]),
                    Element::node("Bucket", &[Element::text("DataRedundancy"), Element::text("Type")]),
                    Element::list(
                        "Tags",
                        &Element::node("Tag", &[Element::text("Key"), Element::text("Value")]),
                    ),
                ],
            ),
        })
        .answer_headers(&[("Location", "Location"), ("x-amz-bucket-arn", "BucketArn")]),
);

/// [PutPublicAccessBlock](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutPublicAccessBlock).
pub static PUT_PUBLIC_ACCESS_BLOCK: Operation =
    Operation::new(&SERVICE, "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock").http(
        bucket("PUT", "/{Bucket}?publicAccessBlock")
            .body(Body::Xml {
                member: "PublicAccessBlockConfiguration",
                namespace: NAMESPACE,
                root: Element::node(
                    "PublicAccessBlockConfiguration",
                    &[
                        Element::text("BlockPublicAcls"),
                        Element::text("IgnorePublicAcls"),
                        Element::text("BlockPublicPolicy"),
                        Element::text("RestrictPublicBuckets"),
                    ],
                ),
            })
            .answer(Answer::Nothing),
    );

/// [DeletePublicAccessBlock](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeletePublicAccessBlock).
pub static DELETE_PUBLIC_ACCESS_BLOCK: Operation =
    Operation::new(&SERVICE, "DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock")
        .http(bucket("DELETE", "/{Bucket}?publicAccessBlock").answer(Answer::Nothing));

/// [PutBucketPolicy](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketPolicy).
pub static PUT_BUCKET_POLICY: Operation = Operation::new(&SERVICE, "PutBucketPolicy", "s3:PutBucketPolicy")
    .http(
        Http::new("PUT", "/{Bucket}?policy")
            .headers(&[
                ("ConfirmRemoveSelfBucketAccess", "x-amz-confirm-remove-self-bucket-access"),
                ("ExpectedBucketOwner", "x-amz-expected-bucket-owner"),
            ])
            .body(Body::Text("Policy"))
            .answer(Answer::Nothing),
    );

/// [DeleteBucketPolicy](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeleteBucketPolicy).
pub static DELETE_BUCKET_POLICY: Operation =
    Operation::new(&SERVICE, "DeleteBucketPolicy", "s3:DeleteBucketPolicy")
        .http(bucket("DELETE", "/{Bucket}?policy").answer(Answer::Nothing));

/// [PutBucketLogging](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketLogging).
///
/// Without `TargetGrants`: they are access control lists, which new buckets do not take.
pub static PUT_BUCKET_LOGGING: Operation =
    Operation::new(&SERVICE, "PutBucketLogging", "s3:PutBucketLogging").http(
        bucket("PUT", "/{Bucket}?logging")
            .body(Body::Xml {
                member: "BucketLoggingStatus",
                namespace: NAMESPACE,
                root: Element::node(
                    "BucketLoggingStatus",
                    &[Element::node(
                        "LoggingEnabled",
                        &[
                            Element::text("TargetBucket"),
                            Element::text("TargetPrefix"),
                            Element::node(
                                "TargetObjectKeyFormat",
                                &[
                                    Element::node("SimplePrefix", &[]),
                                    Element::node(
                                        "PartitionedPrefix",
                                        &[Element::text("PartitionDateSource")],
                                    ),
                                ],
                            ),
                        ],
                    )],
                ),
            })
            .answer(Answer::Nothing),
    );

/// [PutBucketVersioning](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketVersioning).
pub static PUT_BUCKET_VERSIONING: Operation =
    Operation::new(&SERVICE, "PutBucketVersioning", "s3:PutBucketVersioning").http(
        Http::new("PUT", "/{Bucket}?versioning")
            .headers(&[("MFA", "x-amz-mfa"), ("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .body(Body::Xml {
                member: "VersioningConfiguration",
                namespace: NAMESPACE,
                root: Element::node(
                    "VersioningConfiguration",
                    &[Element::text("MfaDelete").member("MFADelete"), Element::text("Status")],
                ),
            })
            .answer(Answer::Nothing),
    );

/// [PutBucketEncryption](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketEncryption).
pub static PUT_BUCKET_ENCRYPTION: Operation =
    Operation::new(&SERVICE, "PutBucketEncryption", "s3:PutEncryptionConfiguration").http(
        bucket("PUT", "/{Bucket}?encryption")
            .body(Body::Xml {
                member: "ServerSideEncryptionConfiguration",
                namespace: NAMESPACE,
                root: Element::node(
                    "ServerSideEncryptionConfiguration",
                    &[Element::each(
                        "Rules",
                        &Element::node(
                            "Rule",
                            &[
                                Element::node(
                                    "ApplyServerSideEncryptionByDefault",
                                    &[Element::text("SSEAlgorithm"), Element::text("KMSMasterKeyID")],
                                ),
                                Element::text("BucketKeyEnabled"),
                                Element::node(
                                    "BlockedEncryptionTypes",
                                    &[Element::each("EncryptionType", &Element::text("EncryptionType"))],
                                ),
                            ],
                        ),
                    )],
                ),
            })
            .answer(Answer::Nothing),
    );

/// [DeleteBucketEncryption](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeleteBucketEncryption).
pub static DELETE_BUCKET_ENCRYPTION: Operation =
    Operation::new(&SERVICE, "DeleteBucketEncryption", "s3:PutEncryptionConfiguration")
        .http(bucket("DELETE", "/{Bucket}?encryption").answer(Answer::Nothing));

/// [PutBucketLifecycleConfiguration](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketLifecycleConfiguration).
pub static PUT_BUCKET_LIFECYCLE_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration").http(
        Http::new("PUT", "/{Bucket}?lifecycle")
            .headers(&[
                ("ExpectedBucketOwner", "x-amz-expected-bucket-owner"),
                ("TransitionDefaultMinimumObjectSize", "x-amz-transition-default-minimum-object-size"),
            ])
            .body(Body::Xml {
                member: "LifecycleConfiguration",
                namespace: NAMESPACE,
                root: Element::node(
                    "LifecycleConfiguration",
                    &[Element::each(
                        "Rules",
                        &Element::node(
                            "Rule",
                            &[
                                Element::node(
                                    "Expiration",
                                    &[
                                        Element::text("Date"),
                                        Element::text("Days"),
                                        Element::text("ExpiredObjectDeleteMarker"),
                                    ],
                                ),
                                Element::text("ID"),
                                Element::text("Prefix"),
                                Element::node(
                                    "Filter",
                                    &[
                                        Element::text("Prefix"),
                                        Element::node("Tag", &[Element::text("Key"), Element::text("Value")]),
                                        Element::text("ObjectSizeGreaterThan"),
                                        Element::text("ObjectSizeLessThan"),
                                        Element::node(
                                            "And",
                                            &[
                                                Element::text("Prefix"),
                                                Element::each(
                                                    "Tags",
                                                    &Element::node(
                                                        "Tag",
                                                        &[Element::text("Key"), Element::text("Value")],
                                                    ),
                                                ),
                                                Element::text("ObjectSizeGreaterThan"),
                                                Element::text("ObjectSizeLessThan"),
                                            ],
                                        ),
                                    ],
                                ),
                                Element::text("Status"),
                                Element::each(
                                    "Transitions",
                                    &Element::node(
                                        "Transition",
                                        &[
                                            Element::text("Date"),
                                            Element::text("Days"),
                                            Element::text("StorageClass"),
                                        ],
                                    ),
                                ),
                                Element::each(
                                    "NoncurrentVersionTransitions",
                                    &Element::node(
                                        "NoncurrentVersionTransition",
                                        &[
                                            Element::text("NoncurrentDays"),
                                            Element::text("StorageClass"),
                                            Element::text("NewerNoncurrentVersions"),
                                        ],
                                    ),
                                ),
                                Element::node(
                                    "NoncurrentVersionExpiration",
                                    &[
                                        Element::text("NoncurrentDays"),
                                        Element::text("NewerNoncurrentVersions"),
                                    ],
                                ),
                                Element::node(
                                    "AbortIncompleteMultipartUpload",
                                    &[Element::text("DaysAfterInitiation")],
                                ),
                            ],
                        ),
                    )],
                ),
            })
            .answer_headers(&[(
                "x-amz-transition-default-minimum-object-size",
                "TransitionDefaultMinimumObjectSize",
            )]),
    );

/// [DeleteBucketLifecycle](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeleteBucketLifecycle).
pub static DELETE_BUCKET_LIFECYCLE: Operation =
    Operation::new(&SERVICE, "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration")
        .http(bucket("DELETE", "/{Bucket}?lifecycle").answer(Answer::Nothing));

/// [PutObjectLockConfiguration](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutObjectLockConfiguration).
pub static PUT_OBJECT_LOCK_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration").http(
        Http::new("PUT", "/{Bucket}?object-lock")
            .headers(&[
                ("RequestPayer", "x-amz-request-payer"),
                ("Token", "x-amz-bucket-object-lock-token"),
                ("ExpectedBucketOwner", "x-amz-expected-bucket-owner"),
            ])
            .body(Body::Xml {
                member: "ObjectLockConfiguration",
                namespace: NAMESPACE,
                root: Element::node(
                    "ObjectLockConfiguration",
                    &[
                        Element::text("ObjectLockEnabled"),
                        Element::node(
                            "Rule",
                            &[Element::node(
                                "DefaultRetention",
                                &[
                                    Element::text("Mode"),
                                    Element::text("Days"),
                                    Element::text("Years"),
                                    Element::node(
                                        "DefaultEventHold",
                                        &[Element::text("Days"), Element::text("Years")],
                                    ),
                                ],
                            )],
                        ),
                    ],
                ),
            })
            .answer_headers(&[("x-amz-request-charged", "RequestCharged")]),
    );

/// [PutBucketOwnershipControls](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketOwnershipControls).
pub static PUT_BUCKET_OWNERSHIP_CONTROLS: Operation =
    Operation::new(&SERVICE, "PutBucketOwnershipControls", "s3:PutBucketOwnershipControls").http(
        bucket("PUT", "/{Bucket}?ownershipControls")
            .body(Body::Xml {
                member: "OwnershipControls",
                namespace: NAMESPACE,
                root: Element::node(
                    "OwnershipControls",
                    &[Element::each("Rules", &Element::node("Rule", &[Element::text("ObjectOwnership")]))],
                ),
            })
            .answer(Answer::Nothing),
    );

/// [DeleteBucketOwnershipControls](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeleteBucketOwnershipControls).
pub static DELETE_BUCKET_OWNERSHIP_CONTROLS: Operation =
    Operation::new(&SERVICE, "DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls")
        .http(bucket("DELETE", "/{Bucket}?ownershipControls").answer(Answer::Nothing));

/// [PutBucketTagging](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketTagging).
pub static PUT_BUCKET_TAGGING: Operation =
    Operation::new(&SERVICE, "PutBucketTagging", "s3:PutBucketTagging").http(
        bucket("PUT", "/{Bucket}?tagging")
            .body(Body::Xml {
                member: "Tagging",
                namespace: NAMESPACE,
                root: Element::node(
                    "Tagging",
                    &[Element::list(
                        "TagSet",
                        &Element::node("Tag", &[Element::text("Key"), Element::text("Value")]),
                    )],
                ),
            })
            .answer(Answer::Nothing),
    );

/// [DeleteBucket](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeleteBucket).
pub static DELETE_BUCKET: Operation = Operation::new(&SERVICE, "DeleteBucket", "s3:DeleteBucket")
    .http(bucket("DELETE", "/{Bucket}").answer(Answer::Nothing));
