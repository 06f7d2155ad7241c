//! KMS.

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// KMS.
pub static SERVICE: Service =
    Service::new("kms", "KMS", Protocol::Json { target_prefix: "TrentService", version: "1.1" });

/// [ListAliases](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/ListAliases).
pub static LIST_ALIASES: Operation = Operation::new(&SERVICE, "ListAliases", "kms:ListAliases")
    .pages(Pages::new("Marker", "NextMarker", &["Aliases"]).more("Truncated"))
    .hints(Hints { times: &["CreationDate", "LastUpdatedDate"], ..Hints::NONE });

/// [DescribeKey](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/DescribeKey).
pub static DESCRIBE_KEY: Operation = Operation::new(&SERVICE, "DescribeKey", "kms:DescribeKey")
    .hints(Hints { times: &["CreationDate", "DeletionDate", "ValidTo"], ..Hints::NONE });

/// [GetKeyPolicy](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/GetKeyPolicy).
pub static GET_KEY_POLICY: Operation = Operation::new(&SERVICE, "GetKeyPolicy", "kms:GetKeyPolicy");

/// [GetKeyRotationStatus](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/GetKeyRotationStatus).
pub static GET_KEY_ROTATION_STATUS: Operation =
    Operation::new(&SERVICE, "GetKeyRotationStatus", "kms:GetKeyRotationStatus")
        .hints(Hints { times: &["NextRotationDate", "OnDemandRotationStartDate"], ..Hints::NONE });

/// [CreateKey](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/CreateKey).
pub static CREATE_KEY: Operation = Operation::new(&SERVICE, "CreateKey", "kms:CreateKey")
    .hints(Hints { times: &["CreationDate", "DeletionDate", "ValidTo"], ..Hints::NONE });

/// [CreateAlias](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/CreateAlias).
pub static CREATE_ALIAS: Operation = Operation::new(&SERVICE, "CreateAlias", "kms:CreateAlias");

/// [DeleteAlias](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/DeleteAlias).
pub static DELETE_ALIAS: Operation = Operation::new(&SERVICE, "DeleteAlias", "kms:DeleteAlias");

/// [PutKeyPolicy](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/PutKeyPolicy).
pub static PUT_KEY_POLICY: Operation = Operation::new(&SERVICE, "PutKeyPolicy", "kms:PutKeyPolicy");

/// [EnableKeyRotation](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/EnableKeyRotation).
pub static ENABLE_KEY_ROTATION: Operation =
    Operation::new(&SERVICE, "EnableKeyRotation", "kms:EnableKeyRotation");

/// [DisableKeyRotation](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/DisableKeyRotation).
pub static DISABLE_KEY_ROTATION: Operation =
    Operation::new(&SERVICE, "DisableKeyRotation", "kms:DisableKeyRotation");

/// [ScheduleKeyDeletion](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/ScheduleKeyDeletion).
pub static SCHEDULE_KEY_DELETION: Operation =
    Operation::new(&SERVICE, "ScheduleKeyDeletion", "kms:ScheduleKeyDeletion")
        .hints(Hints { times: &["DeletionDate"], ..Hints::NONE });

/// [CancelKeyDeletion](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/CancelKeyDeletion).
pub static CANCEL_KEY_DELETION: Operation =
    Operation::new(&SERVICE, "CancelKeyDeletion", "kms:CancelKeyDeletion");

/// [TagResource](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/TagResource).
pub static TAG_RESOURCE: Operation = Operation::new(&SERVICE, "TagResource", "kms:TagResource");

/// [EnableKey](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/EnableKey).
pub static ENABLE_KEY: Operation = Operation::new(&SERVICE, "EnableKey", "kms:EnableKey");

/// [DisableKey](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/DisableKey).
pub static DISABLE_KEY: Operation = Operation::new(&SERVICE, "DisableKey", "kms:DisableKey");

/// [ListResourceTags](https://docs.aws.amazon.com/goto/WebAPI/kms-2014-11-01/ListResourceTags).
pub static LIST_RESOURCE_TAGS: Operation =
    Operation::new(&SERVICE, "ListResourceTags", "kms:ListResourceTags")
        .pages(Pages::new("Marker", "NextMarker", &["Tags"]).more("Truncated"));
