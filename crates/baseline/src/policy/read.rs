//! From JSON to the document, by IAM's grammar.

use serde_json::{Map, Value};

use super::condition;
use super::{Effect, Named, Policy, PolicyError, PrincipalName, Statement};

pub(super) fn policy(text: &str) -> Result<Policy, PolicyError> {
    if text.len() > Policy::MAX_BYTES {
        return Err(PolicyError::TooLong { bytes: text.len(), limit: Policy::MAX_BYTES });
    }
    let document: Value = serde_json::from_str(text).map_err(|error| PolicyError::Json {
        message: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        line: error.line(),
        column: error.column(),
    })?;
    let Value::Object(members) = &document else {
        return Err(PolicyError::element("policy", "an object", kind(&document)));
    };
    let statements = match members.get("Statement") {
        Some(Value::Array(list)) => list
            .iter()
            .enumerate()
            .map(|(index, value)| statement(&format!("Statement[{index}]"), value))
            .collect::<Result<_, _>>()?,
        Some(value @ Value::Object(_)) => vec![statement("Statement", value)?],
        Some(other) => {
            return Err(PolicyError::element("Statement", "a statement or a list of them", kind(other)));
        }
        None => return Err(PolicyError::element("Statement", "a statement or a list of them", "nothing")),
    };
    Ok(Policy {
        id: members.get("Id").and_then(Value::as_str).map(str::to_owned),
        variables: version(members)?,
        statements,
    })
}

/// Whether the version knows variables. Without a version IAM takes the document for one of 2008.
fn version(members: &Map<String, Value>) -> Result<bool, PolicyError> {
    match members.get("Version") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(version)) if version == "2008-10-17" => Ok(false),
        Some(Value::String(version)) if version == "2012-10-17" => Ok(true),
        Some(other) => {
            Err(PolicyError::element("Version", "\"2012-10-17\" or \"2008-10-17\"", other.to_string()))
        }
    }
}

fn statement(path: &str, value: &Value) -> Result<Statement, PolicyError> {
    let Value::Object(members) = value else {
        return Err(PolicyError::element(path, "a statement, which is an object", kind(value)));
    };
    let effect = match members.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => {
            let found = members.get("Effect").map_or_else(|| "nothing".to_owned(), Value::to_string);
            return Err(PolicyError::element(&format!("{path}.Effect"), "\"Allow\" or \"Deny\"", found));
        }
    };
    Ok(Statement {
        sid: members.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()).map(str::to_owned),
        effect,
        principals: principals(path, members)?,
        actions: names(path, members, "Action")?
            .ok_or_else(|| PolicyError::element(path, "Action or NotAction", "neither"))?,
        resources: names(path, members, "Resource")?.unwrap_or_else(|| Named::These(vec!["*".to_owned()])),
        conditions: match members.get("Condition") {
            None => Vec::new(),
            Some(block) => condition::read(&format!("{path}.Condition"), block)?,
        },
    })
}

fn principals(path: &str, members: &Map<String, Value>) -> Result<Named<PrincipalName>, PolicyError> {
    let (positive, negative) = (members.get("Principal"), members.get("NotPrincipal"));
    match (positive, negative) {
        (Some(value), None) => Ok(Named::These(principal_names(&format!("{path}.Principal"), value)?)),
        (None, Some(value)) => Ok(Named::AllBut(principal_names(&format!("{path}.NotPrincipal"), value)?)),
        (Some(_), Some(_)) => Err(PolicyError::element(path, "Principal or NotPrincipal", "both")),
        (None, None) => Err(PolicyError::element(path, "Principal or NotPrincipal", "neither")),
    }
}

fn principal_names(path: &str, value: &Value) -> Result<Vec<PrincipalName>, PolicyError> {
    const EXPECTED: &str = "\"*\" or an object of AWS, Service, Federated and CanonicalUser";
    match value {
        Value::String(text) if text == "*" => Ok(vec![PrincipalName::Anyone]),
        Value::Object(kinds) => {
            let mut names = Vec::new();
            for (kind, value) in kinds {
                let path = format!("{path}.{kind}");
                let make: fn(String) -> PrincipalName = match kind.as_str() {
                    "AWS" => PrincipalName::Aws,
                    "Service" => PrincipalName::Service,
                    "Federated" => PrincipalName::Federated,
                    "CanonicalUser" => PrincipalName::CanonicalUser,
                    _ => return Err(PolicyError::element(&path, EXPECTED, kind.as_str())),
                };
                names.extend(texts(&path, value)?.into_iter().map(|text| {
                    match (kind.as_str(), text.as_str()) {
                        ("AWS", "*") => PrincipalName::Anyone,
                        _ => make(text),
                    }
                }));
            }
            Ok(names)
        }
        other => Err(PolicyError::element(path, EXPECTED, other.to_string())),
    }
}

/// `Action` and `NotAction`, or `Resource` and `NotResource`.
fn names(
    path: &str,
    members: &Map<String, Value>,
    element: &str,
) -> Result<Option<Named<String>>, PolicyError> {
    let negation = format!("Not{element}");
    match (members.get(element), members.get(&negation)) {
        (Some(value), None) => Ok(Some(Named::These(texts(&format!("{path}.{element}"), value)?))),
        (None, Some(value)) => Ok(Some(Named::AllBut(texts(&format!("{path}.{negation}"), value)?))),
        (Some(_), Some(_)) => Err(PolicyError::element(path, &format!("{element} or {negation}"), "both")),
        (None, None) => Ok(None),
    }
}

/// A text or a list of texts. Numbers and booleans are taken as their text: IAM does so in conditions,
/// and account numbers are at times written without quotes.
pub(super) fn texts(path: &str, value: &Value) -> Result<Vec<String>, PolicyError> {
    match value {
        Value::Array(list) => list.iter().map(|value| text(path, value)).collect(),
        one => Ok(vec![text(path, one)?]),
    }
}

fn text(path: &str, value: &Value) -> Result<String, PolicyError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        other => Err(PolicyError::element(path, "a text or a list of texts", kind(other))),
    }
}

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
