//! Paths of shapes that the checks' own cases do not have: organisations, other accounts' buses,
//! composite alarms, dimensions, log groups behind rules.

use serde_json::{Value, json};

use super::sample::{ACCOUNT, HOME, OTHER, Sample, TOPIC, TRAIL, alarm_arn};
use super::{AwsEvent, Outcome};
use crate::inventory::Answer;

/// A call in the account and Region.
fn call(account: &str, region: &str, name: &str) -> AwsEvent {
    AwsEvent::recorded(
        name,
        json!({"eventVersion": "1.11", "eventSource": "ec2.amazonaws.com", "eventName": name,
            "eventType": "AwsApiCall", "awsRegion": region, "recipientAccountId": account, "readOnly": false,
            "managementEvent": true, "eventCategory": "Management", "eventTime": "2026-11-25T02:00:00Z"}),
    )
}

/// What becomes of a call: the path it takes, why it does not arrive, or that this is not known.
fn outcome(sample: &Sample, account: &str, region: &str) -> String {
    let paths = sample.inventory.clone().alert_paths();
    let coverage = paths.coverage(account, region, &[call(account, region, "DeleteVpc")]);
    match &coverage.events[0].1 {
        Outcome::Alerted(path) => path.describe(),
        Outcome::Slips => {
            let broken: Vec<&str> =
                coverage.listeners.iter().flat_map(|one| &one.broken).map(String::as_str).collect();
            format!(
                "slips: {}",
                if broken.is_empty() { coverage.notes.join("; ") } else { broken.join("; ") }
            )
        }
        Outcome::Unknown(unknown) => format!("unknown: {}", unknown.reason),
    }
}

const ALERT: &str = "metric filter vpc → alarm vpc → topic alerts → subscription email ops@example.com";
const PATTERN: &str = "{ $.eventName = *Vpc }";

fn organisation_trail(sample: &mut Sample) -> Value {
    for region in [HOME, "us-east-1"] {
        sample.edit(region, "cloudtrail:DescribeTrails", "")["trailList"][0]["IsOrganizationTrail"] =
            json!(true);
    }
    sample.edit(HOME, "cloudtrail:DescribeTrails", "").clone()
}

#[test]
fn members_are_heard_through_the_organisation_trail() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", PATTERN);
    sample.add_account(OTHER);
    assert_eq!(outcome(&sample, OTHER, HOME), "slips: no trail records eu-west-1");
    let mut shown = organisation_trail(&mut sample);
    // A member is not told where the trail delivers.
    shown["trailList"][0].as_object_mut().unwrap().remove("CloudWatchLogsLogGroupArn");
    for region in [HOME, "us-east-1"] {
        sample.put_in(OTHER, region, "cloudtrail:DescribeTrails", "", shown.clone());
        assert_eq!(outcome(&sample, OTHER, region), ALERT, "{region}");
    }
}

#[test]
fn a_member_alone_does_not_know() {
    let mut sample = Sample::new();
    let mut shown = organisation_trail(&mut sample);
    sample.add_account(OTHER);
    sample.put_in(OTHER, HOME, "cloudtrail:GetTrailStatus", TRAIL, json!({"IsLogging": true}));
    sample.put_in(OTHER, HOME, "cloudtrail:DescribeTrails", "", shown.clone());
    sample.inventory.accounts.remove(ACCOUNT);
    let found = outcome(&sample, OTHER, HOME);
    assert!(
        found.starts_with("unknown: what watches log group trail of trail main is known in account 111"),
        "{found}"
    );
    shown["trailList"][0].as_object_mut().unwrap().remove("CloudWatchLogsLogGroupArn");
    sample.put_in(OTHER, HOME, "cloudtrail:DescribeTrails", "", shown);
    let found = outcome(&sample, OTHER, HOME);
    assert!(
        found.starts_with("unknown: where trail main delivers is known in account 111111111111 only"),
        "{found}"
    );
}

#[test]
fn a_trail_of_one_region_hears_that_one() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", PATTERN);
    sample.edit(HOME, "cloudtrail:DescribeTrails", "")["trailList"][0]["IsMultiRegionTrail"] = json!(false);
    sample.put("us-east-1", "cloudtrail:DescribeTrails", "", json!({"trailList": []}));
    assert_eq!(outcome(&sample, ACCOUNT, HOME), ALERT);
    assert_eq!(outcome(&sample, ACCOUNT, "us-east-1"), "slips: no trail records us-east-1");
}

#[test]
fn a_region_that_was_not_looked_at_is_covered_by_a_multi_region_trail() {
    let mut sample = Sample::new();
    sample.inventory.accounts.get_mut(ACCOUNT).unwrap().regions = vec![HOME.to_owned()];
    let found = outcome(&sample, ACCOUNT, "us-east-1");
    assert_eq!(found, "unknown: the EventBridge rules of us-east-1 are not part of the inventory");
    sample.add_alert("vpc", PATTERN);
    assert_eq!(outcome(&sample, ACCOUNT, "us-east-1"), ALERT);
}

#[test]
fn failing_delivery_breaks_the_path() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", PATTERN);
    let status = json!({"IsLogging": true, "LatestCloudWatchLogsDeliveryError": "Access denied."});
    sample.put(HOME, "cloudtrail:GetTrailStatus", TRAIL, status);
    let found = outcome(&sample, ACCOUNT, HOME);
    assert_eq!(found, "slips: trail main fails to deliver to its log group (Access denied.)");
}

#[test]
fn a_trail_that_records_reads_only_hears_no_change() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", PATTERN);
    let selectors =
        json!({"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": true}]});
    sample.put(HOME, "cloudtrail:GetEventSelectors", TRAIL, selectors);
    assert_eq!(outcome(&sample, ACCOUNT, HOME), "slips: trail main does not record write events");
}

#[test]
fn composite_alarms_may_tell_for_their_children() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", PATTERN);
    sample.alarm()["AlarmActions"] = json!([]);
    assert_eq!(outcome(&sample, ACCOUNT, HOME), "slips: alarm vpc has no action for ALARM");
    sample.add_composite("any", &format!("ALARM(\"{}\") OR ALARM(other)", alarm_arn("vpc")));
    let through = ALERT.replace("alarm vpc →", "alarm vpc → composite alarm any →");
    assert_eq!(outcome(&sample, ACCOUNT, HOME), through);
    sample.composite()["AlarmRule"] = json!("ALARM(vpc) AND ALARM(other)");
    assert_eq!(
        outcome(&sample, ACCOUNT, HOME),
        "slips: composite alarm any does not turn to ALARM by vpc alone"
    );
    sample.composite()["AlarmRule"] = json!("ALARM(vpc) OR NOT ALARM(other)");
    assert_eq!(
        outcome(&sample, ACCOUNT, HOME),
        "slips: composite alarm any is in ALARM also while vpc is OK"
    );
    sample.composite()["AlarmRule"] = json!("ALARM(vpc)");
    sample.composite()["ActionsEnabled"] = json!(false);
    assert_eq!(outcome(&sample, ACCOUNT, HOME), "slips: composite alarm any has its actions disabled");
    sample.composite()["ActionsEnabled"] = json!(true);
    sample.composite()["ActionsSuppressor"] = json!("vpc");
    assert_eq!(
        outcome(&sample, ACCOUNT, HOME),
        ALERT.replace("alarm vpc →", "alarm vpc → composite alarm any →")
    );
    sample.alarm()["StateValue"] = json!("ALARM");
    assert_eq!(
        outcome(&sample, ACCOUNT, HOME),
        "slips: composite alarm any is being suppressed by vpc, which is in ALARM"
    );
}

#[test]
fn composite_alarms_that_go_round_in_circles_end() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", PATTERN);
    sample.alarm()["AlarmActions"] = json!([]);
    sample.add_composite("a", "ALARM(vpc) OR ALARM(b)");
    sample.add_composite("b", "ALARM(a)");
    assert!(
        outcome(&sample, ACCOUNT, HOME)
            .starts_with("metric filter vpc → alarm vpc → composite alarm a → topic")
    );
}

#[test]
fn machines_are_not_told() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", PATTERN);
    sample.alarm()["AlarmActions"] = json!(["arn:aws:automate:eu-west-1:ec2:stop"]);
    let found = outcome(&sample, ACCOUNT, HOME);
    assert_eq!(
        found,
        "slips: alarm vpc acts on machines and tells nobody (arn:aws:automate:eu-west-1:ec2:stop)"
    );
}

/// EventBridge tells a topic, and the topic's key, nothing of where it comes from.
#[test]
fn a_rule_names_no_source_to_a_topic() {
    let mut sample = Sample::new();
    sample.add_rule(HOME, "vpc", json!({"source": ["aws.ec2"]}), TOPIC);
    let open = outcome(&sample, ACCOUNT, HOME);
    assert!(open.starts_with("rule vpc → topic alerts"), "{open}");
    let condition = |keys: Value| {
        let statement = json!({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish", "Resource": TOPIC, "Condition": {"StringEquals": keys}});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    for keys in [
        json!({"aws:SourceAccount": ACCOUNT}),
        json!({"aws:SourceArn": format!("arn:aws:events:{HOME}:{ACCOUNT}:rule/vpc")}),
    ] {
        sample.edit(HOME, "sns:GetTopicAttributes", TOPIC)["Attributes"]["Policy"] = json!(condition(keys));
        assert_eq!(
            outcome(&sample, ACCOUNT, HOME),
            "slips: topic alerts has a policy that does not let in EventBridge (sns:Publish): a condition on \
             the source never holds, as a topic is told of none"
        );
    }
    // The topic of the baseline lets rules in.
    let site = crate::desired::Site {
        partition: "aws".to_owned(),
        account: ACCOUNT.to_owned(),
        region: HOME.to_owned(),
    };
    let policy = crate::desired::document(&crate::desired::messages::topic_statements(&site, TOPIC));
    sample.edit(HOME, "sns:GetTopicAttributes", TOPIC)["Attributes"]["Policy"] = json!(policy);
    assert_eq!(outcome(&sample, ACCOUNT, HOME), open);
}

#[test]
fn a_dimension_must_have_the_value_that_the_alarm_watches() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", PATTERN);
    let filters = sample.edit(HOME, "logs:DescribeMetricFilters", "");
    filters["metricFilters"][0]["metricTransformations"][0]["dimensions"] = json!({"call": "$.eventName"});
    assert!(outcome(&sample, ACCOUNT, HOME).contains("no alarm watches the metric"));
    sample.alarm()["Dimensions"] = json!([{"Name": "call", "Value": "DeleteVpc"}]);
    assert_eq!(outcome(&sample, ACCOUNT, HOME), ALERT);
    sample.alarm()["Dimensions"] = json!([{"Name": "call", "Value": "CreateVpc"}]);
    assert_eq!(outcome(&sample, ACCOUNT, HOME), "slips: ");
}

#[test]
fn a_metric_filter_may_watch_the_log_group_of_a_rule() {
    let mut sample = Sample::new();
    let group = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/events/vpc";
    sample.add_rule(HOME, "vpc", json!({"source": ["aws.ec2"]}), group);
    let groups = json!({"logGroups": [{"logGroupName": "trail"}, {"logGroupName": "/aws/events/vpc"}]});
    sample.put(HOME, "logs:DescribeLogGroups", "", groups);
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*",
        "Principal": {"Service": "events.amazonaws.com"}, "Action": "logs:PutLogEvents"}]});
    let policies =
        json!({"resourcePolicies": [{"policyName": "events", "policyDocument": policy.to_string()}]});
    sample.put(HOME, "logs:DescribeResourcePolicies", "", policies);
    assert_eq!(outcome(&sample, ACCOUNT, HOME), "slips: rule vpc only writes to log group /aws/events/vpc");
    sample.add_alert("vpc", "{ $.detail.eventName = *Vpc }");
    let filter = &mut sample.edit(HOME, "logs:DescribeMetricFilters", "")["metricFilters"][0];
    filter["logGroupName"] = json!("/aws/events/vpc");
    assert_eq!(outcome(&sample, ACCOUNT, HOME), format!("rule vpc → log group /aws/events/vpc → {ALERT}"));
}

fn central_bus(sample: &mut Sample, policy: Option<&str>) {
    let bus = json!({"Name": "central", "Arn": format!("arn:aws:events:{HOME}:{OTHER}:event-bus/central"),
        "Policy": policy});
    sample.put_in(OTHER, HOME, "events:ListEventBuses", "", json!({"EventBuses": [bus]}));
    let arn = format!("arn:aws:events:{HOME}:{OTHER}:rule/central/page");
    let rule = json!({"Name": "page", "Arn": arn, "State": "ENABLED", "EventBusName": "central",
        "EventPattern": r#"{"detail": {"eventName": [{"suffix": "Vpc"}]}}"#});
    sample.put_in(OTHER, HOME, "events:ListRules", "central", json!({"Rules": [rule]}));
    let target = format!("arn:aws:ssm:{HOME}:{OTHER}:opsitem:1");
    sample.put_in(
        OTHER,
        HOME,
        "events:ListTargetsByRule",
        &arn,
        json!({"Targets": [{"Id": "1", "Arn": target}]}),
    );
}

#[test]
fn events_are_followed_to_another_accounts_bus() {
    let bus = format!("arn:aws:events:{HOME}:{OTHER}:event-bus/central");
    let mut sample = Sample::new();
    sample.add_rule(HOME, "ship", json!({"source": ["aws.ec2"]}), &bus);
    assert!(
        outcome(&sample, ACCOUNT, HOME).starts_with("unknown: event bus central is in an account or Region")
    );
    sample.add_account(OTHER);
    assert_eq!(outcome(&sample, ACCOUNT, HOME), "slips: event bus central does not exist");
    central_bus(&mut sample, None);
    let refused =
        "slips: event bus central has no policy that lets in the account (events:PutEvents) of 111111111111";
    assert_eq!(outcome(&sample, ACCOUNT, HOME), refused);
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "events:PutEvents",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Resource": bus}]});
    central_bus(&mut sample, Some(&policy.to_string()));
    assert_eq!(outcome(&sample, ACCOUNT, HOME), "rule ship → event bus central → rule page → OpsItem 1");
    sample.put_in(OTHER, HOME, "events:ListRules", "central", json!({"Rules": []}));
    assert_eq!(outcome(&sample, ACCOUNT, HOME), "slips: event bus central has no rule");
}

#[test]
fn buses_that_send_to_each_other_end() {
    let mut sample = Sample::new();
    let bus = |region: &str| format!("arn:aws:events:{region}:{ACCOUNT}:event-bus/default");
    for region in [HOME, "us-east-1"] {
        let buses = json!({"EventBuses": [{"Name": "default", "Arn": bus(region)}]});
        sample.put(region, "events:ListEventBuses", "", buses);
    }
    sample.add_rule(HOME, "there", json!({"source": ["aws.ec2"]}), &bus("us-east-1"));
    sample.add_rule("us-east-1", "back", json!({"source": ["aws.ec2"]}), &bus(HOME));
    assert!(outcome(&sample, ACCOUNT, HOME).contains("event bus default is reached a second time"));
    sample.add_rule("us-east-1", "page", json!({"source": ["aws.ec2"]}), "arn:aws:ssm:us-east-1:1:opsitem:1");
    assert_eq!(outcome(&sample, ACCOUNT, HOME), "rule there → event bus default → rule page → OpsItem 1");
}

#[test]
fn patterns_that_cannot_be_read_leave_it_open() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", "{ $.eventName = ");
    assert!(
        outcome(&sample, ACCOUNT, HOME)
            .starts_with("unknown: the pattern of metric filter vpc cannot be read")
    );
    let mut sample = Sample::new();
    sample.add_rule(HOME, "vpc", json!({"source": [{"unheard-of": 1}]}), TOPIC);
    assert!(outcome(&sample, ACCOUNT, HOME).starts_with("unknown: the pattern of rule vpc cannot be read"));
}

#[test]
fn subscribers_that_are_gone_hear_nothing() {
    let mut sample = Sample::new();
    sample.add_alert("vpc", PATTERN);
    let subscription = json!({"SubscriptionArn": format!("{TOPIC}:b2"), "Protocol": "lambda",
        "Endpoint": "arn:aws:lambda:eu-west-1:111111111111:function:page"});
    sample.put(HOME, "sns:ListSubscriptionsByTopic", TOPIC, json!({"Subscriptions": [subscription]}));
    let found = outcome(&sample, ACCOUNT, HOME);
    assert_eq!(found, "slips: topic alerts has only a subscriber that does not exist (lambda page)");
    sample.put(HOME, "lambda:ListFunctions", "", json!({"Functions": [{"FunctionName": "page"}]}));
    assert!(outcome(&sample, ACCOUNT, HOME).ends_with("subscription lambda page"));
}

#[test]
fn an_answer_that_is_added_is_seen() {
    let mut sample = Sample::new();
    let slips = |sample: &Sample| {
        let paths = sample.inventory.alert_paths();
        !paths.coverage(ACCOUNT, HOME, &[call(ACCOUNT, HOME, "DeleteVpc")]).slipping().is_empty()
    };
    assert!(slips(&sample));
    let arn = format!("arn:aws:events:{HOME}:{ACCOUNT}:rule/all");
    let rule =
        json!({"Name": "all", "Arn": arn, "State": "ENABLED", "EventPattern": r#"{"source": ["aws.ec2"]}"#});
    sample.inventory.record(ACCOUNT, HOME, "events:ListRules", "", Answer::Output(json!({"Rules": [rule]})));
    let targets = json!({"Targets": [{"Id": "1", "Arn": TOPIC}]});
    sample.inventory.record(ACCOUNT, HOME, "events:ListTargetsByRule", &arn, Answer::Output(targets));
    assert!(!slips(&sample));
}
