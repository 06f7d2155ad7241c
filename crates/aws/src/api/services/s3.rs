//! Amazon S3.

use crate::api::{Answer, Body, Element, Hints, Http, Location, Operation, Pages, Protocol, Service};

/// Amazon S3.
pub static SERVICE: Service = Service::new("s3", "S3", Protocol::RestXml).location(Location::S3);

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
    Http::new("HEAD", "/{Bucket}")
        .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
        .answer_headers(&[
            ("x-amz-bucket-arn", "BucketArn"),
            ("x-amz-bucket-location-type", "BucketLocationType"),
            ("x-amz-bucket-location-name", "BucketLocationName"),
            ("x-amz-bucket-region", "BucketRegion"),
            ("x-amz-access-point-alias", "AccessPointAlias"),
        ]),
);

/// [GetBucketLocation](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketLocation).
pub static GET_BUCKET_LOCATION: Operation =
    Operation::new(&SERVICE, "GetBucketLocation", "s3:GetBucketLocation").http(
        Http::new("GET", "/{Bucket}?location")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .answer(Answer::Root("LocationConstraint")),
    );

/// [GetPublicAccessBlock](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetPublicAccessBlock).
pub static GET_PUBLIC_ACCESS_BLOCK: Operation =
    Operation::new(&SERVICE, "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock").http(
        Http::new("GET", "/{Bucket}?publicAccessBlock")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .answer(Answer::Member("PublicAccessBlockConfiguration")),
    );

/// [GetBucketPolicy](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketPolicy).
pub static GET_BUCKET_POLICY: Operation = Operation::new(&SERVICE, "GetBucketPolicy", "s3:GetBucketPolicy")
    .http(
        Http::new("GET", "/{Bucket}?policy")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .answer(Answer::Text("Policy")),
    );

/// [GetBucketPolicyStatus](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketPolicyStatus).
pub static GET_BUCKET_POLICY_STATUS: Operation =
    Operation::new(&SERVICE, "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus").http(
        Http::new("GET", "/{Bucket}?policyStatus")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .answer(Answer::Member("PolicyStatus")),
    );

/// [GetBucketAcl](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketAcl).
pub static GET_BUCKET_ACL: Operation = Operation::new(&SERVICE, "GetBucketAcl", "s3:GetBucketAcl")
    .http(
        Http::new("GET", "/{Bucket}?acl").headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
    )
    .hints(Hints {
        renames: &[("AccessControlList", "Grants")],
        lists: &["AccessControlList"],
        ..Hints::NONE
    });

/// [GetBucketLogging](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketLogging).
pub static GET_BUCKET_LOGGING: Operation =
    Operation::new(&SERVICE, "GetBucketLogging", "s3:GetBucketLogging")
        .http(
            Http::new("GET", "/{Bucket}?logging")
                .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
        )
        .hints(Hints { lists: &["TargetGrants"], ..Hints::NONE });

/// [GetBucketVersioning](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketVersioning).
pub static GET_BUCKET_VERSIONING: Operation =
    Operation::new(&SERVICE, "GetBucketVersioning", "s3:GetBucketVersioning")
        .http(
            Http::new("GET", "/{Bucket}?versioning")
                .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
        )
        .hints(Hints { renames: &[("MfaDelete", "MFADelete")], ..Hints::NONE });

/// [GetBucketEncryption](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketEncryption).
pub static GET_BUCKET_ENCRYPTION: Operation =
    Operation::new(&SERVICE, "GetBucketEncryption", "s3:GetEncryptionConfiguration")
        .http(
            Http::new("GET", "/{Bucket}?encryption")
                .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
                .answer(Answer::Member("ServerSideEncryptionConfiguration")),
        )
        .hints(Hints { flat: &[("EncryptionType", "EncryptionType"), ("Rule", "Rules")], ..Hints::NONE });

/// [GetBucketLifecycleConfiguration](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketLifecycleConfiguration).
pub static GET_BUCKET_LIFECYCLE_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration")
        .http(
            Http::new("GET", "/{Bucket}?lifecycle")
                .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
                .answer_headers(&[(
                    "x-amz-transition-default-minimum-object-size",
                    "TransitionDefaultMinimumObjectSize",
                )]),
        )
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
        .http(
            Http::new("GET", "/{Bucket}?object-lock")
                .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
                .answer(Answer::Member("ObjectLockConfiguration")),
        )
        .hints(Hints { numbers: &["Days", "Years"], ..Hints::NONE });

/// [GetBucketReplication](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketReplication).
pub static GET_BUCKET_REPLICATION: Operation =
    Operation::new(&SERVICE, "GetBucketReplication", "s3:GetReplicationConfiguration")
        .http(
            Http::new("GET", "/{Bucket}?replication")
                .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
                .answer(Answer::Member("ReplicationConfiguration")),
        )
        .hints(Hints {
            flat: &[("And/Tag", "Tags"), ("Rule", "Rules")],
            numbers: &["Minutes", "Priority"],
            ..Hints::NONE
        });

/// [GetBucketOwnershipControls](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketOwnershipControls).
pub static GET_BUCKET_OWNERSHIP_CONTROLS: Operation =
    Operation::new(&SERVICE, "GetBucketOwnershipControls", "s3:GetBucketOwnershipControls")
        .http(
            Http::new("GET", "/{Bucket}?ownershipControls")
                .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
                .answer(Answer::Member("OwnershipControls")),
        )
        .hints(Hints { flat: &[("Rule", "Rules")], ..Hints::NONE });

/// [GetBucketTagging](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/GetBucketTagging).
pub static GET_BUCKET_TAGGING: Operation =
    Operation::new(&SERVICE, "GetBucketTagging", "s3:GetBucketTagging")
        .http(
            Http::new("GET", "/{Bucket}?tagging")
                .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
        )
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
            namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
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
        Http::new("PUT", "/{Bucket}?publicAccessBlock")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .body(Body::Xml {
                member: "PublicAccessBlockConfiguration",
                namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
                root: Element::node(
                    "PublicAccessBlockConfiguration",
                    &[
                        Element::text("BlockPublicAcls"),
                        Element::text("IgnorePublicAcls"),
                        Element::text("BlockPublicPolicy"),
                        Element::text("RestrictPublicBuckets"),
                    ],
                ),
            }),
    );

/// [DeletePublicAccessBlock](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeletePublicAccessBlock).
pub static DELETE_PUBLIC_ACCESS_BLOCK: Operation =
    Operation::new(&SERVICE, "DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock").http(
        Http::new("DELETE", "/{Bucket}?publicAccessBlock")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
    );

/// [PutBucketPolicy](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketPolicy).
pub static PUT_BUCKET_POLICY: Operation = Operation::new(&SERVICE, "PutBucketPolicy", "s3:PutBucketPolicy")
    .http(
        Http::new("PUT", "/{Bucket}?policy")
            .headers(&[
                ("ConfirmRemoveSelfBucketAccess", "x-amz-confirm-remove-self-bucket-access"),
                ("ExpectedBucketOwner", "x-amz-expected-bucket-owner"),
            ])
            .body(Body::Text("Policy")),
    );

/// [DeleteBucketPolicy](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeleteBucketPolicy).
pub static DELETE_BUCKET_POLICY: Operation =
    Operation::new(&SERVICE, "DeleteBucketPolicy", "s3:DeleteBucketPolicy").http(
        Http::new("DELETE", "/{Bucket}?policy")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
    );

/// [PutBucketLogging](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketLogging).
pub static PUT_BUCKET_LOGGING: Operation =
    Operation::new(&SERVICE, "PutBucketLogging", "s3:PutBucketLogging").http(
        Http::new("PUT", "/{Bucket}?logging")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .body(Body::Xml {
                member: "BucketLoggingStatus",
                namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
                root: Element::node(
                    "BucketLoggingStatus",
                    &[Element::node(
                        "LoggingEnabled",
                        &[
                            Element::text("TargetBucket"),
                            Element::list(
                                "TargetGrants",
                                &Element::node(
                                    "Grant",
                                    &[
                                        Element::node(
                                            "Grantee",
                                            &[
                                                Element::text("DisplayName"),
                                                Element::text("EmailAddress"),
                                                Element::text("ID"),
                                                Element::text("xsi:type").member("Type"),
                                                Element::text("URI"),
                                            ],
                                        ),
                                        Element::text("Permission"),
                                    ],
                                ),
                            ),
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
            }),
    );

/// [PutBucketVersioning](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketVersioning).
pub static PUT_BUCKET_VERSIONING: Operation =
    Operation::new(&SERVICE, "PutBucketVersioning", "s3:PutBucketVersioning").http(
        Http::new("PUT", "/{Bucket}?versioning")
            .headers(&[("MFA", "x-amz-mfa"), ("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .body(Body::Xml {
                member: "VersioningConfiguration",
                namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
                root: Element::node(
                    "VersioningConfiguration",
                    &[Element::text("MfaDelete").member("MFADelete"), Element::text("Status")],
                ),
            }),
    );

/// [PutBucketEncryption](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketEncryption).
pub static PUT_BUCKET_ENCRYPTION: Operation =
    Operation::new(&SERVICE, "PutBucketEncryption", "s3:PutEncryptionConfiguration").http(
        Http::new("PUT", "/{Bucket}?encryption")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .body(Body::Xml {
                member: "ServerSideEncryptionConfiguration",
                namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
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
            }),
    );

/// [DeleteBucketEncryption](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeleteBucketEncryption).
pub static DELETE_BUCKET_ENCRYPTION: Operation =
    Operation::new(&SERVICE, "DeleteBucketEncryption", "s3:PutEncryptionConfiguration").http(
        Http::new("DELETE", "/{Bucket}?encryption")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
    );

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
                namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
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
    Operation::new(&SERVICE, "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration").http(
        Http::new("DELETE", "/{Bucket}?lifecycle")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
    );

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
                namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
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
        Http::new("PUT", "/{Bucket}?ownershipControls")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .body(Body::Xml {
                member: "OwnershipControls",
                namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
                root: Element::node(
                    "OwnershipControls",
                    &[Element::each("Rules", &Element::node("Rule", &[Element::text("ObjectOwnership")]))],
                ),
            }),
    );

/// [DeleteBucketOwnershipControls](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeleteBucketOwnershipControls).
pub static DELETE_BUCKET_OWNERSHIP_CONTROLS: Operation =
    Operation::new(&SERVICE, "DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls").http(
        Http::new("DELETE", "/{Bucket}?ownershipControls")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
    );

/// [PutBucketTagging](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/PutBucketTagging).
pub static PUT_BUCKET_TAGGING: Operation =
    Operation::new(&SERVICE, "PutBucketTagging", "s3:PutBucketTagging").http(
        Http::new("PUT", "/{Bucket}?tagging")
            .headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")])
            .body(Body::Xml {
                member: "Tagging",
                namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
                root: Element::node(
                    "Tagging",
                    &[Element::list(
                        "TagSet",
                        &Element::node("Tag", &[Element::text("Key"), Element::text("Value")]),
                    )],
                ),
            }),
    );

/// [DeleteBucket](https://docs.aws.amazon.com/goto/WebAPI/s3-2006-03-01/DeleteBucket).
pub static DELETE_BUCKET: Operation = Operation::new(&SERVICE, "DeleteBucket", "s3:DeleteBucket").http(
    Http::new("DELETE", "/{Bucket}").headers(&[("ExpectedBucketOwner", "x-amz-expected-bucket-owner")]),
);
