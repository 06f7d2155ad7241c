//! Amazon SNS.

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// Amazon SNS.
pub static SERVICE: Service = Service::new("sns", "SNS", Protocol::Query { version: "2010-03-31" });

/// [ListTopics](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/ListTopics).
pub static LIST_TOPICS: Operation = Operation::new(&SERVICE, "ListTopics", "sns:ListTopics")
    .pages(Pages::new("NextToken", "NextToken", &["Topics"]))
    .hints(Hints { lists: &["Topics"], ..Hints::NONE });

/// [GetTopicAttributes](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/GetTopicAttributes).
pub static GET_TOPIC_ATTRIBUTES: Operation =
    Operation::new(&SERVICE, "GetTopicAttributes", "sns:GetTopicAttributes")
        .hints(Hints { maps: &["Attributes"], ..Hints::NONE });

/// [ListSubscriptionsByTopic](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/ListSubscriptionsByTopic).
pub static LIST_SUBSCRIPTIONS_BY_TOPIC: Operation =
    Operation::new(&SERVICE, "ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic")
        .pages(Pages::new("NextToken", "NextToken", &["Subscriptions"]))
        .hints(Hints { lists: &["Subscriptions"], ..Hints::NONE });

/// [CreateTopic](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/CreateTopic).
pub static CREATE_TOPIC: Operation = Operation::new(&SERVICE, "CreateTopic", "sns:CreateTopic")
    .hints(Hints { maps: &["Attributes"], ..Hints::NONE });

/// [SetTopicAttributes](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/SetTopicAttributes).
pub static SET_TOPIC_ATTRIBUTES: Operation =
    Operation::new(&SERVICE, "SetTopicAttributes", "sns:SetTopicAttributes");

/// [TagResource](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/TagResource).
pub static TAG_RESOURCE: Operation = Operation::new(&SERVICE, "TagResource", "sns:TagResource");

/// [Subscribe](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/Subscribe).
pub static SUBSCRIBE: Operation = Operation::new(&SERVICE, "Subscribe", "sns:Subscribe")
    .hints(Hints { maps: &["Attributes"], ..Hints::NONE });

/// [Unsubscribe](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/Unsubscribe).
pub static UNSUBSCRIBE: Operation = Operation::new(&SERVICE, "Unsubscribe", "sns:Unsubscribe");

/// [DeleteTopic](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/DeleteTopic).
pub static DELETE_TOPIC: Operation = Operation::new(&SERVICE, "DeleteTopic", "sns:DeleteTopic");

/// [Publish](https://docs.aws.amazon.com/goto/WebAPI/sns-2010-03-31/Publish). `MessageAttributes` is a
/// list of `Name` and `Value`: on the wire the map's entries are called so.
pub static PUBLISH: Operation = Operation::new(&SERVICE, "Publish", "sns:Publish")
    .hints(Hints { items: &[("MessageAttributes", "entry")], ..Hints::NONE });
