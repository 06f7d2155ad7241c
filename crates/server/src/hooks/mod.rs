//! What other services tell us of: buttons that people press in Slack.

pub(crate) mod slack;
