use std::collections::BTreeSet;

use super::*;
use crate::checks;
use crate::desired::alerts::ALERTS;
use crate::policy::Policy;

fn template() -> Template {
    cloudformation(&EmitSettings::default()).unwrap()
}

fn resources(template: &Template) -> &Map<String, Value> {
    template.as_json()["Resources"].as_object().unwrap()
}

/// Every text of a value, with where it is.
fn all_texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| all_texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| all_texts(member, found)),
        _ => {}
    }
}

#[test]
fn the_template() {
    insta::assert_snapshot!(template().to_yaml().unwrap());
}

#[test]
fn it_fits_into_a_request() {
    let size = template().to_yaml().unwrap().len();
    assert!(size <= MAX_TEMPLATE_BYTES, "{size} bytes, {MAX_TEMPLATE_BYTES} are taken");
}

#[test]
fn yaml_and_json_are_the_same_each_time() {
    assert_eq!(template(), template());
    assert_eq!(template().to_yaml().unwrap(), template().to_yaml().unwrap());
}

#[test]
fn it_names_checks_that_exist_and_every_alert() {
    let template = template();
    let with_email = template.checks_with("NotifyEmail");
    let choices = ["DataEvents=AllBuckets", "ObjectLockMode=GOVERNANCE", "OrganizationTrail=true"];
    let chosen = choices.iter().flat_map(|choice| template.checks_with(choice));
    let all: BTreeSet<&str> = template.checks().into_iter().chain(chosen).chain(with_email.clone()).collect();
    let unknown: Vec<&&str> = all.iter().filter(|id| checks::find(id).is_none()).collect();
    assert_eq!(unknown, [&""; 0]);
    assert!(choices.iter().all(|choice| !template.checks_with(choice).is_empty()));
    let missing: Vec<&str> =
        ALERTS.iter().map(|alert| alert.check).filter(|id| !with_email.contains(id)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn no_account_and_no_region_is_written_out() {
    let template = template();
    let mut texts = Vec::new();
    all_texts(&template.as_json()["Resources"], &mut texts);
    all_texts(&template.as_json()["Outputs"], &mut texts);
    for text in texts {
        assert!(!text.contains("us-east-1") && !text.contains("arn:aws:"), "{text}");
        let digits = text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 12);
        assert!(!digits, "{text}");
    }
}

#[test]
fn only_the_rule_is_made_in_every_region() {
    let template = template();
    let everywhere: Vec<&str> = resources(&template)
        .iter()
        .filter(|(_, resource)| resource.get("Condition").is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(everywhere, ["Rule"]);
    let away: Vec<&str> = resources(&template)
        .iter()
        .filter(|(_, resource)| resource["Condition"] == "IsAway")
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(away, ["ForwardingRole"]);
}

#[test]
fn what_holds_evidence_outlives_the_stack() {
    let template = template();
    for name in ["Key", "LogBucket", "AccessLogBucket"] {
        let resource = &resources(&template)[name];
        assert_eq!(
            (&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]),
            (&json!("Retain"), &json!("Retain"))
        );
    }
}

/// Whatever names a resource or a parameter names one that there is.
#[test]
fn references_lead_somewhere() {
    fn check(value: &Value, known: &BTreeSet<&str>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| check(item, known)),
            Value::Object(members) => {
                for (name, member) in members {
                    let named: Vec<&str> = match (name.as_str(), member) {
                        ("Ref", Value::String(name)) => vec![name],
                        ("Fn::GetAtt", Value::Array(parts)) => vec![parts[0].as_str().unwrap()],
                        ("Fn::Sub", Value::String(text)) => text
                            .split("${")
                            .skip(1)
                            .map(|rest| rest.split(['}', '.']).next().unwrap())
                            .collect(),
                        _ => Vec::new(),
                    };
                    for name in named {
                        assert!(name.starts_with("AWS::") || known.contains(name), "{name}");
                    }
                    check(member, known);
                }
            }
            _ => {}
        }
    }
    let template = template();
    let known: BTreeSet<&str> = ["Parameters", "Resources"]
        .iter()
        .flat_map(|part| template.as_json()[*part].as_object().unwrap().keys().map(String::as_str))
        .collect();
    check(template.as_json(), &known);
}

#[test]
fn settings_become_defaults_and_wrong_ones_are_refused() {
    let settings = EmitSettings {
        home_region: "eu-central-1".to_owned(),
        retention_days: 500,
        notify_email: Some("ops@example.com".to_owned()),
        organization_id: Some("o-a1b2c3d4e5".to_owned()),
        central_bucket: Some("central-logs".to_owned()),
        object_lock: ObjectLock::Compliance,
        data_events: DataEvents::AllBuckets,
    };
    let template = cloudformation(&settings).unwrap();
    let default = |name: &str| &template.as_json()["Parameters"][name]["Default"];
    assert_eq!(default("HomeRegion"), "eu-central-1");
    assert_eq!(default("RetentionDays"), 545);
    assert_eq!(default("NotifyEmail"), "ops@example.com");
    assert_eq!(default("OrganizationId"), "o-a1b2c3d4e5");
    assert_eq!(default("CentralBucket"), "central-logs");
    assert_eq!(default("ObjectLockMode"), "COMPLIANCE");
    assert_eq!(default("DataEvents"), "AllBuckets");
    let wrong = EmitSettings { notify_email: Some("ops".to_owned()), ..EmitSettings::default() };
    insta::assert_snapshot!(cloudformation(&wrong).unwrap_err(), @r#""ops" is no e-mail address; it looks like security@example.com"#);
}

/// The policies say the same with an account and a Region filled in as without.
#[test]
fn policies_are_policies() {
    fn plain(value: &Value) -> Value {
        match value {
            Value::Object(members) if members.len() == 1 => match members.iter().next().unwrap() {
                (name, Value::String(text)) if name == "Ref" || name == "Fn::Sub" => json!(text),
                (name, Value::Array(parts)) if name == "Fn::GetAtt" => parts[0].clone(),
                (name, Value::Array(parts)) if name == "Fn::If" => plain(&parts[1]),
                (name, member) => json!({name: plain(member)}),
            },
            Value::Object(members) => {
                members.iter().map(|(name, member)| (name.clone(), plain(member))).collect()
            }
            Value::Array(items) => items.iter().map(plain).collect(),
            other => other.clone(),
        }
    }
    let template = template();
    let mut count = 0;
    for (name, resource) in resources(&template) {
        for member in ["KeyPolicy", "PolicyDocument"] {
            let Some(document) = resource["Properties"].get(member) else { continue };
            let text = plain(document).to_string();
            Policy::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
            count += 1;
        }
    }
    assert_eq!(count, 6);
}
