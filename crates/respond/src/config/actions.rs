//! Channels for the actions of alarms that are ARNs.

use serde_json::{Map, Value};

use super::resolve::resolve_channel;
use super::{ConfigError, NamedChannel, RespondConfig, Scope};

/// What kind of channel an action's ARN asks for, and its settings.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
fn settings(arn: &str) -> Option<Vec<(&'static str, String)>> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, region, _, resource] = parts[..] else { return None };
    match service {
        "sns" => Some(vec![("type", "sns".to_owned()), ("topic", arn.to_owned())]),
        "ssm" if resource.starts_with("opsitem:") => {
            Some(vec![("type", "ops_item".to_owned()), ("region", region.to_owned())])
        }
        "ssm-incidents" if resource.starts_with("response-plan/") => {
            Some(vec![("type", "incident_manager".to_owned()), ("response_plan", arn.to_owned())])
        }
        _ => None,
    }
}

impl RespondConfig {
    /// The same with a channel for each of these actions that is the ARN of an SNS topic, an OpsItem or a
    /// response plan; the ARN is its name. Actions that are anything else, and name no channel, are given
    /// back with what is wrong.
    #[must_use]
    pub fn with_actions(mut self, actions: &[String], scope: &Scope<'_>) -> (Self, Vec<ConfigError>) {
        let mut problems = Vec::new();
        for action in actions {
            if self.channel(action).is_some() {
                continue;
            }
            match channel(action, scope) {
                Ok(channel) => self.channels.push(channel),
                Err(problem) => problems.push(problem),
            }
        }
        (self, problems)
    }
}

fn channel(action: &str, scope: &Scope<'_>) -> Result<NamedChannel, ConfigError> {
    let unknown = "an action is the name of a [[respond.channel]], or the ARN of an SNS topic, an OpsItem or a response plan";
    let pairs = settings(action).ok_or_else(|| ConfigError::new(action, unknown))?;
    let mut map: Map<String, Value> =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
    // Names of channels have no colons; it gets its own below.
    map.insert("name".to_owned(), "action".into());
    let (named, _) = resolve_channel(map, 1, scope)?;
    Ok(NamedChannel { name: action.to_owned(), ..named })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_channels() {
        let actions = [
            "arn:aws:sns:eu-west-1:111122223333:ops",
            "arn:aws:ssm:eu-west-1:111122223333:opsitem:1#CATEGORY=Security",
            "arn:aws:ssm-incidents::111122223333:response-plan/db",
            "arn:aws:automate:eu-west-1:ec2:stop",
            "pager",
        ];
        let actions: Vec<String> = actions.map(str::to_owned).into();
        let (config, problems) = RespondConfig::default().with_actions(&actions, &Scope::for_tests());
        let kinds: Vec<(&str, &str)> =
            config.channels.iter().map(|channel| (channel.kind, channel.name.as_str())).collect();
        assert_eq!(
            kinds,
            [("sns", actions[0].as_str()), ("ops_item", &actions[1]), ("incident_manager", &actions[2])]
        );
        assert_eq!(problems.iter().map(|problem| problem.key.as_str()).collect::<Vec<_>>(), actions[3..]);
    }
}
