//! A small estate for tests: one account with two Regions, a multi-Region trail homed in eu-west-1 that
//! delivers to the log group `trail`, a topic `alerts` with a confirmed subscription, and what a test
//! adds.

use serde_json::{Value, json};

use crate::check::{Check, Context, Settings, Status, Verdict};
use crate::inventory::{Answer, Failure, GLOBAL, Inventory};

pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const OTHER: &str = "222222222222";
pub(crate) const HOME: &str = "eu-west-1";
pub(crate) const TOPIC: &str = "arn:aws:sns:eu-west-1:111111111111:alerts";
pub(crate) const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/main";

/// The estate.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) inventory: Inventory,
}

impl Sample {
    pub(crate) fn new() -> Self {
        let mut sample = Self { inventory: Inventory::new("2026-11-25T02:00:00Z".parse().unwrap()) };
        sample.add_account(ACCOUNT);
        let trail = json!({"Name": "main", "TrailARN": TRAIL, "HomeRegion": HOME, "S3BucketName": "logs",
            "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": true, "IsOrganizationTrail": false,
            "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111111111111:log-group:trail:*"});
        for region in [HOME, "us-east-1"] {
            sample.put(region, "cloudtrail:DescribeTrails", "", json!({"trailList": [trail]}));
        }
        sample.put(HOME, "cloudtrail:GetTrailStatus", TRAIL, json!({"IsLogging": true}));
        let all = json!([{"ReadWriteType": "All", "IncludeManagementEvents": true}]);
        sample.put(HOME, "cloudtrail:GetEventSelectors", TRAIL, json!({"EventSelectors": all}));
        sample.put(HOME, "logs:DescribeLogGroups", "", json!({"logGroups": [{"logGroupName": "trail"}]}));
        sample.add_topic(TOPIC, &["cloudwatch.amazonaws.com", "events.amazonaws.com"]);
        sample
    }

    /// An account without anything in it, with the Regions eu-west-1 and us-east-1.
    pub(crate) fn add_account(&mut self, id: &str) {
        for region in [HOME, "us-east-1"] {
            for (call, list) in [
                ("cloudtrail:DescribeTrails", "trailList"),
                ("logs:DescribeLogGroups", "logGroups"),
                ("logs:DescribeMetricFilters", "metricFilters"),
                ("logs:DescribeResourcePolicies", "resourcePolicies"),
                ("logs:DescribeDestinations", "destinations"),
                ("events:ListRules", "Rules"),
                ("events:ListEventBuses", "EventBuses"),
                ("sns:ListTopics", "Topics"),
                ("lambda:ListFunctions", "Functions"),
                ("states:ListStateMachines", "stateMachines"),
            ] {
                self.put_in(id, region, call, "", json!({list: []}));
            }
            self.put_in(
                id,
                region,
                "cloudwatch:DescribeAlarms",
                "",
                json!({"MetricAlarms": [], "CompositeAlarms": []}),
            );
        }
        self.put_in(id, GLOBAL, "s3:ListBuckets", "", json!({"Buckets": []}));
        let account = self.inventory.accounts.get_mut(id).unwrap();
        account.regions = vec![HOME.to_owned(), "us-east-1".to_owned()];
    }

    pub(crate) fn answer(&mut self, account: &str, region: &str, call: &str, resource: &str, answer: Answer) {
        self.inventory.record(account, region, call, resource, answer);
    }

    pub(crate) fn put_in(&mut self, account: &str, region: &str, call: &str, resource: &str, output: Value) {
        self.answer(account, region, call, resource, Answer::Output(output));
    }

    pub(crate) fn put(&mut self, region: &str, call: &str, resource: &str, output: Value) {
        self.put_in(ACCOUNT, region, call, resource, output);
    }

    pub(crate) fn absent(&mut self, region: &str, call: &str, resource: &str) {
        self.answer(ACCOUNT, region, call, resource, Answer::Absent("ResourceNotFoundException".to_owned()));
    }

    pub(crate) fn deny(&mut self, region: &str, call: &str, resource: &str) {
        let failure = Failure {
            code: "AccessDenied".to_owned(),
            message: "not authorized".to_owned(),
            missing_action: Some(call.to_owned()),
        };
        self.answer(ACCOUNT, region, call, resource, Answer::Failed(failure));
    }

    /// The output of a call, to change it.
    pub(crate) fn edit(&mut self, region: &str, call: &str, resource: &str) -> &mut Value {
        let account = self.inventory.accounts.get_mut(ACCOUNT).unwrap();
        let answer =
            account.answers.get_mut(region).unwrap().get_mut(call).unwrap().get_mut(resource).unwrap();
        match answer {
            Answer::Output(output) => output,
            other => panic!("{call} is {other:?}"),
        }
    }

    fn push(&mut self, region: &str, call: &str, list: &str, item: Value) {
        self.edit(region, call, "")[list].as_array_mut().unwrap().push(item);
    }

    /// A topic that these services may publish to, with a confirmed subscription.
    pub(crate) fn add_topic(&mut self, arn: &str, services: &[&str]) {
        let region = arn.split(':').nth(3).unwrap().to_owned();
        self.push(&region, "sns:ListTopics", "Topics", json!({"TopicArn": arn}));
        let statements: Vec<Value> = services
            .iter()
            .map(|service| {
                json!({"Effect": "Allow", "Principal": {"Service": service},
                "Action": "sns:Publish", "Resource": arn})
            })
            .collect();
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        self.put(
            &region,
            "sns:GetTopicAttributes",
            arn,
            json!({"Attributes": {"TopicArn": arn, "Policy": policy}}),
        );
        let subscription = json!({"SubscriptionArn": format!("{arn}:a1b2"), "Protocol": "email",
            "Endpoint": "ops@example.com", "TopicArn": arn});
        self.put(&region, "sns:ListSubscriptionsByTopic", arn, json!({"Subscriptions": [subscription]}));
    }

    /// A metric filter on the trail's log group, and an alarm on its metric that tells the topic.
    pub(crate) fn add_alert(&mut self, name: &str, pattern: &str) {
        let filter = json!({"filterName": name, "filterPattern": pattern, "logGroupName": "trail",
            "metricTransformations": [{"metricName": name, "metricNamespace": "Trailkeep", "metricValue": "1"}]});
        self.push(HOME, "logs:DescribeMetricFilters", "metricFilters", filter);
        self.add_alarm(name);
    }

    pub(crate) fn add_alarm(&mut self, name: &str) {
        let alarm = json!({"AlarmName": name, "AlarmArn": alarm_arn(name), "ActionsEnabled": true,
            "AlarmActions": [TOPIC], "Namespace": "Trailkeep", "MetricName": name, "Statistic": "Sum",
            "Dimensions": [], "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0, "StateValue": "OK",
            "StateUpdatedTimestamp": "2026-11-24T00:00:00Z",
            "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"});
        self.push(HOME, "cloudwatch:DescribeAlarms", "MetricAlarms", alarm);
    }

    pub(crate) fn add_composite(&mut self, name: &str, rule: &str) {
        let alarm = json!({"AlarmName": name, "AlarmArn": alarm_arn(name), "ActionsEnabled": true,
            "AlarmActions": [TOPIC], "AlarmRule": rule, "StateValue": "OK"});
        self.push(HOME, "cloudwatch:DescribeAlarms", "CompositeAlarms", alarm);
    }

    /// The only alarm, or the first.
    pub(crate) fn alarm(&mut self) -> &mut Value {
        &mut self.edit(HOME, "cloudwatch:DescribeAlarms", "")["MetricAlarms"][0]
    }

    pub(crate) fn composite(&mut self) -> &mut Value {
        &mut self.edit(HOME, "cloudwatch:DescribeAlarms", "")["CompositeAlarms"][0]
    }

    /// A rule of the default bus in this Region; its ARN.
    pub(crate) fn add_rule(&mut self, region: &str, name: &str, pattern: Value, target: &str) -> String {
        let arn = format!("arn:aws:events:{region}:{ACCOUNT}:rule/{name}");
        let rule = json!({"Name": name, "Arn": arn, "State": "ENABLED", "EventBusName": "default",
            "EventPattern": pattern.to_string()});
        self.push(region, "events:ListRules", "Rules", rule);
        self.put(region, "events:ListTargetsByRule", &arn, json!({"Targets": [{"Id": "1", "Arn": target}]}));
        arn
    }

    pub(crate) fn run(&self, check: &Check) -> Vec<Verdict> {
        let settings = Settings::default();
        (check.run)(&Context { inventory: &self.inventory.clone(), settings: &settings })
    }

    /// The verdict about the home Region, or the only one.
    pub(crate) fn verdict(&self, check: &Check) -> Verdict {
        let verdicts = self.run(check);
        let home = verdicts.iter().find(|verdict| verdict.region == HOME).or(verdicts.first());
        home.cloned().unwrap_or_else(|| panic!("{} says nothing", check.id))
    }

    pub(crate) fn status(&self, check: &Check) -> Status {
        self.verdict(check).status
    }
}

pub(crate) fn alarm_arn(name: &str) -> String {
    format!("arn:aws:cloudwatch:{HOME}:{ACCOUNT}:alarm:{name}")
}

/// The check fails in the home Region, and says this.
#[track_caller]
pub(crate) fn fails(sample: &Sample, check: &Check, wanted: &str) {
    let verdict = sample.verdict(check);
    assert_eq!(verdict.status, Status::Fail, "{}: {}", check.id, verdict.observed);
    assert!(verdict.observed.contains(wanted), "{}: {}", check.id, verdict.observed);
}

/// The check passes in the home Region, and says this.
#[track_caller]
pub(crate) fn passes(sample: &Sample, check: &Check, wanted: &str) {
    let verdict = sample.verdict(check);
    assert_eq!(verdict.status, Status::Pass, "{}: {}", check.id, verdict.observed);
    assert!(verdict.observed.contains(wanted), "{}: {}", check.id, verdict.observed);
}

/// The check does not know in the home Region, for want of this action.
#[track_caller]
pub(crate) fn unknown(sample: &Sample, check: &Check, action: &str) {
    let verdict = sample.verdict(check);
    assert_eq!(verdict.status, Status::Unknown, "{}: {}", check.id, verdict.observed);
    assert_eq!(verdict.missing_actions, [action], "{}: {}", check.id, verdict.observed);
}
