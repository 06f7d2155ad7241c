//! Logs of Lambda functions.

use serde_json::{Value, json};

use super::destination::log_group;
use super::logging::resource;
use super::{log_group_retention, nist};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "lambda-logging",
    control: Control::Services,
    title: "Every Lambda function has its log group",
    severity: Severity::Low,
    why: "A function whose log group is missing has never logged: it never ran, or its role may not write \
          logs. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",
    expected: "the log group that the function writes to exists (its retention is judged by \
               log-group-retention)",
    remediation: "aws logs create-log-group --log-group-name /aws/lambda/FUNCTION, and \
                  AWSLambdaBasicExecutionRole (or logs:CreateLogStream, logs:PutLogEvents) on the \
                  function's role",
    fix_calls: &["logs:CreateLogGroup", "logs:PutRetentionPolicy", "iam:AttachRolePolicy"],
    frameworks: Frameworks { nist_800_53: nist::TRAFFIC, pci_dss_4: &["10.2.1"], ..Frameworks::NONE },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let functions = place.list("lambda:ListFunctions", "Functions")?;
        Ok(functions
            .iter()
            .filter_map(|function| Some(judge(context, place, function, function.text("FunctionName")?)))
            .collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, function: &Value, name: &str) -> Verdict {
    let arn = function
        .text("FunctionArn")
        .map_or_else(|| place.arn("lambda", &format!("function:{name}")), str::to_owned);
    resource(place, &arn, |logging| {
        let usual = format!("/aws/lambda/{name}");
        let group = function.text("LoggingConfig.LogGroup").unwrap_or(&usual);
        logging.fix(format!(
            "aws logs create-log-group --region {} --log-group-name '{group}' && {}",
            place.region,
            log_group_retention::command(place.region, group, context.settings.retention_days)
        ));
        match log_group(place, group)? {
            None => logging.fault(format!("log group {group} does not exist")),
            Some(found) => {
                let days = found.int("retentionInDays");
                let kept = days.map_or("for ever".to_owned(), |days| format!("for {days} days"));
                logging.on(format!("logs go to log group {group}, which keeps them {kept}"));
                logging.evidence(json!({"logGroup": group, "retentionInDays": days}));
            }
        }
        // Levels count only in the JSON format; what is below one is never sent.
        let level = function.text("LoggingConfig.ApplicationLogLevel").unwrap_or("INFO");
        if function.text("LoggingConfig.LogFormat") == Some("JSON")
            && matches!(level, "WARN" | "ERROR" | "FATAL")
        {
            logging.note(format!("the application log is cut below level {level}"));
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(config: Value) -> Estate {
        let function = json!({"FunctionName": "f", "LoggingConfig": config,
            "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:f"});
        Estate::new().with("lambda:ListFunctions", "", json!({"Functions": [function]}))
    }

    #[test]
    fn log_groups() {
        let own = estate(json!({"LogFormat": "JSON", "ApplicationLogLevel": "ERROR", "LogGroup": "app"}));
        expect(
            &own,
            &CHECK,
            Status::Pass,
            "log group app, which keeps them for ever (note: the application log is cut below level ERROR)",
        );
        let kept = json!({"logGroups": [{"logGroupName": "/aws/lambda/f", "retentionInDays": 30}]});
        let usual = estate(Value::Null).with("logs:DescribeLogGroups", "", kept);
        let verdict = expect(&usual, &CHECK, Status::Pass, "keeps them for 30 days");
        assert!(!verdict.observed.contains("note"));
        let none =
            expect(&estate(Value::Null), &CHECK, Status::Fail, "log group /aws/lambda/f does not exist");
        assert!(
            none.remediation.unwrap().contains("--log-group-name '/aws/lambda/f' --retention-in-days 365")
        );
    }

    #[test]
    fn unknown_and_nothing() {
        expect_denied(
            &Estate::new().denied("lambda:ListFunctions", "", "lambda:ListFunctions"),
            &CHECK,
            "lambda:ListFunctions",
        );
        let blind = estate(Value::Null).denied("logs:DescribeLogGroups", "", "logs:DescribeLogGroups");
        expect_denied(&blind, &CHECK, "logs:DescribeLogGroups");
        expect_nothing(&Estate::new().with("lambda:ListFunctions", "", json!({"Functions": []})), &CHECK);
    }
}
