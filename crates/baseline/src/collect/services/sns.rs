//! Topics: who may publish, who is told.

use trailkeep_aws::api::services::sns;

use crate::collect::ask::{Ask, At, Each, Take};

const TOPICS: Each = Each::of("sns:ListTopics", "Topics", "TopicArn");

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&sns::LIST_TOPICS),
    Ask::each(&sns::GET_TOPIC_ATTRIBUTES, At::Regions, TOPICS).input(&[("TopicArn", Take::Resource)]),
    Ask::each(&sns::LIST_SUBSCRIPTIONS_BY_TOPIC, At::Regions, TOPICS).input(&[("TopicArn", Take::Resource)]),
];
