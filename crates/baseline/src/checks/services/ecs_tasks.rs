//! Log drivers of ECS task definitions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::destination::Target;
use super::logging::{Logging, listing, resource};
use super::nist;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "ecs-task-logging",
    control: Control::Services,
    title: "Every container of an ECS task definition has a log driver",
    severity: Severity::Medium,
    why: "What a container writes is gone with it, unless a log driver takes it elsewhere. \
          https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
    expected: "in the latest revision of every task definition, each container has a log driver; awslogs \
               names a live log group (or makes it), awsfirelens has a log router",
    remediation: "aws ecs register-task-definition with, in each container, \"logConfiguration\": \
                  {\"logDriver\": \"awslogs\", \"options\": {\"awslogs-group\": \"GROUP\", \
                  \"awslogs-region\": \"REGION\", \"awslogs-stream-prefix\": \"PREFIX\"}}",
    fix_calls: &["ecs:RegisterTaskDefinition", "iam:PassRole", "logs:CreateLogGroup"],
    frameworks: Frameworks {
        security_hub: &["ECS.9"],
        config_rules: &["ecs-task-definition-log-configuration"],
        nist_800_53: nist::TRAFFIC,
        pci_dss_4: &["10.2.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("ecs:ListTaskDefinitions", "taskDefinitionArns")?;
        // `…:task-definition/web:7`: of each family, the latest revision is what a service would take.
        let mut latest: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
        for arn in listed.iter().filter_map(|arn| arn.as_str()) {
            let Some((family, revision)) = arn.rsplit_once(':') else { continue };
            let revision = revision.parse().unwrap_or(0);
            let newest = latest.entry(family).or_insert((revision, arn));
            *newest = (*newest).max((revision, arn));
        }
        Ok(latest.into_values().map(|(_, arn)| judge(context, place, arn)).collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, arn: &str) -> Verdict {
    resource(place, arn, |logging| {
        let output = place.get_for("ecs:DescribeTaskDefinition", arn)?;
        let containers = output.map_or(&[][..], |output| output.items("taskDefinition.containerDefinitions"));
        let routed = containers.iter().any(|container| container.at("firelensConfiguration").is_some());
        let (mut none, mut drivers) = (Vec::new(), BTreeMap::<&str, usize>::new());
        for container in containers {
            let name = container.text("name").unwrap_or("?");
            let Some(driver) = container.text("logConfiguration.logDriver") else {
                none.push(name);
                continue;
            };
            *drivers.entry(driver).or_default() += 1;
            match driver {
                "awslogs" => to_log_group(context, place, (name, container), logging),
                "awsfirelens" if !routed => {
                    logging.fault(format!("{name} logs to awsfirelens, but no container is its log router"));
                }
                "json-file" | "journald" | "local" => {
                    logging.note(format!("{driver} leaves the logs of {name} on the host"));
                }
                _ => {}
            }
        }
        if !none.is_empty() {
            logging.fault(format!("containers without a log driver: {}", listing(&none, 5)));
        }
        let drivers: Vec<String> =
            drivers.iter().map(|(driver, count)| format!("{driver} ({count})")).collect();
        logging.on(format!("log drivers of its containers: {}", listing(&drivers, 5)));
        logging.evidence(json!({"drivers": drivers, "without": none}));
        Ok(())
    })
}

fn to_log_group(
    context: &Context<'_>,
    place: Place<'_>,
    (name, container): (&str, &Value),
    logging: &mut Logging,
) {
    let option = |key: &str| container.at("logConfiguration.options").and_then(|options| options.text(key));
    let Some(group) = option("awslogs-group") else {
        logging.fault(format!("{name} names no log group"));
        return;
    };
    if option("mode") == Some("non-blocking") {
        logging.note(format!("{name} drops logs when its buffer is full (mode non-blocking)"));
    }
    if option("awslogs-create-group") == Some("true") {
        return;
    }
    let region = option("awslogs-region").unwrap_or(place.region);
    // A group in a Region that was not looked at is said to be elsewhere by the ARN.
    let arn = format!("arn:{}:logs:{region}:{}:log-group:{group}", place.partition(), place.account_id());
    if let Some(target) = Target::parse(&arn) {
        logging.destination(target.liveness(context, place));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    const ARN: &str = "arn:aws:ecs:eu-west-1:111111111111:task-definition/web:10";

    fn estate(containers: Value) -> Estate {
        let arns = json!(["arn:aws:ecs:eu-west-1:111111111111:task-definition/web:9", ARN]);
        Estate::new().with("ecs:ListTaskDefinitions", "", json!({"taskDefinitionArns": arns})).with(
            "ecs:DescribeTaskDefinition",
            ARN,
            json!({"taskDefinition": {"containerDefinitions": containers}}),
        )
    }

    fn awslogs(options: Value) -> Value {
        json!([{"name": "app", "logConfiguration": {"logDriver": "awslogs", "options": options}}])
    }

    #[test]
    fn awslogs_driver() {
        let on = expect(
            &estate(awslogs(json!({"awslogs-group": "app", "awslogs-region": REGION}))),
            &CHECK,
            Status::Pass,
            "awslogs (1)",
        );
        assert_eq!(on.resource_arn, ARN);
        let dead = awslogs(json!({"awslogs-group": "gone", "awslogs-region": REGION}));
        expect(&estate(dead), &CHECK, Status::Fail, "log group gone does not exist");
        let made =
            awslogs(json!({"awslogs-group": "gone", "awslogs-create-group": "true", "mode": "non-blocking"}));
        expect(&estate(made), &CHECK, Status::Pass, "app drops logs when its buffer is full");
        expect(&estate(awslogs(json!({}))), &CHECK, Status::Fail, "app names no log group");
        let far = awslogs(json!({"awslogs-group": "app", "awslogs-region": "ap-south-1"}));
        expect(&estate(far), &CHECK, Status::Unknown, "ap-south-1 of account 111111111111");
    }

    #[test]
    fn other_drivers() {
        let none = json!([{"name": "app"}, {"name": "side", "logConfiguration": {"logDriver": "splunk"}}]);
        expect(&estate(none), &CHECK, Status::Fail, "containers without a log driver: app");
        let file = json!([{"name": "app", "logConfiguration": {"logDriver": "json-file"}}]);
        expect(&estate(file), &CHECK, Status::Pass, "json-file leaves the logs of app on the host");
        let lens = json!({"name": "app", "logConfiguration": {"logDriver": "awsfirelens"}});
        expect(&estate(json!([lens])), &CHECK, Status::Fail, "no container is its log router");
        let router = json!({"name": "router", "firelensConfiguration": {"type": "fluentbit"},
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "app"}}});
        expect(&estate(json!([lens, router])), &CHECK, Status::Pass, "awsfirelens (1) and awslogs (1)");
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "ecs:DescribeTaskDefinition";
        expect_denied(&estate(json!([])).denied(action, ARN, action), &CHECK, action);
        expect_nothing(
            &Estate::new().with("ecs:ListTaskDefinitions", "", json!({"taskDefinitionArns": []})),
            &CHECK,
        );
    }
}
