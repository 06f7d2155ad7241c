//! Adding statements to a policy that exists, without touching those that are there.

use serde_json::{Value, json};

/// What becomes of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// All statements are there already.
    Same,
    /// The new document, as text.
    New(String),
    /// The document cannot be read, so that nothing can be added to it; why.
    Unreadable(String),
}

/// A policy of these statements, as text.
#[must_use]
pub fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Adds the statements that the policy lacks. One is there if all but its `Sid` is the same; one whose
/// `Sid` is taken by another gets a number behind it, as a policy has each `Sid` once.
#[must_use]
pub fn merge(existing: Option<&str>, wanted: &[Value]) -> Merge {
    let none = document(&[]);
    let text = existing.unwrap_or(&none);
    let mut policy: Value = match serde_json::from_str(text) {
        Ok(policy) => policy,
        Err(error) => return Merge::Unreadable(format!("it is no JSON: {error}")),
    };
    let Some(members) = policy.as_object_mut() else {
        return Merge::Unreadable("it is no JSON object".to_owned());
    };
    let mut statements = match members.get("Statement") {
        None => Vec::new(),
        Some(Value::Array(statements)) => statements.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        Some(_) => return Merge::Unreadable("its Statement is neither a list nor an object".to_owned()),
    };
    let before = statements.len();
    for statement in wanted {
        if !statements.iter().any(|there| same(there, statement)) {
            let named = free_sid(&statements, statement);
            statements.push(named);
        }
    }
    if statements.len() == before {
        return Merge::Same;
    }
    members.insert("Statement".to_owned(), Value::Array(statements));
    members.entry("Version").or_insert_with(|| json!("2012-10-17"));
    Merge::New(policy.to_string())
}

fn same(there: &Value, wanted: &Value) -> bool {
    let bare = |statement: &Value| {
        let mut statement = statement.clone();
        if let Some(members) = statement.as_object_mut() {
            members.remove("Sid");
        }
        flat(statement)
    };
    bare(there) == bare(wanted)
}

/// AWS gives a list of one back as its one value, and lists in any order.
fn flat(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.len() == 1 => flat(items.remove(0)),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(flat).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, flat(value))).collect(),
        other => other,
    }
}

fn free_sid(statements: &[Value], wanted: &Value) -> Value {
    let mut wanted = wanted.clone();
    let Some(sid) = wanted.get("Sid").and_then(Value::as_str).map(str::to_owned) else { return wanted };
    let taken = |name: &str| statements.iter().any(|there| there["Sid"] == name);
    let free =
        (1..).map(|n| if n == 1 { sid.clone() } else { format!("{sid}{n}") }).find(|name| !taken(name));
    if let Some(free) = free {
        wanted["Sid"] = json!(free);
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(sid: &str, action: Value) -> Value {
        json!({"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"})
    }

    #[test]
    fn what_is_there_stays_as_it_is() {
        let own = statement("Theirs", json!("s3:GetObject"));
        let existing = json!({"Version": "2008-10-17", "Id": "x", "Statement": own}).to_string();
        let wanted = [statement("A", json!(["s3:PutObject"])), statement("A", json!("s3:ListBucket"))];
        let Merge::New(text) = merge(Some(&existing), &wanted) else { panic!("nothing was added") };
        let merged: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&merged["Version"], &merged["Id"]), (&json!("2008-10-17"), &json!("x")));
        assert_eq!(merged["Statement"][0], own);
        assert_eq!(merged["Statement"][2]["Sid"], "A2", "each Sid once");
        assert_eq!(merge(Some(&text), &wanted), Merge::Same);
    }

    #[test]
    fn a_new_policy_has_each_statement_and_each_sid_once() {
        let (a, b) = (statement("A", json!("s3:a")), statement("A", json!("s3:b")));
        let Merge::New(text) = merge(None, &[a.clone(), b, a]) else { panic!("nothing was added") };
        let merged: Value = serde_json::from_str(&text).unwrap();
        let sids: Vec<&Value> = merged["Statement"].as_array().unwrap().iter().map(|s| &s["Sid"]).collect();
        assert_eq!(sids, ["A", "A2"]);
    }

    #[test]
    fn a_list_of_one_is_its_one_value() {
        let existing = document(&[statement("B", json!("s3:PutObject"))]);
        assert_eq!(merge(Some(&existing), &[statement("A", json!(["s3:PutObject"]))]), Merge::Same);
        let existing = document(&[statement("B", json!(["s3:a", "s3:b"]))]);
        assert_eq!(merge(Some(&existing), &[statement("A", json!(["s3:b", "s3:a"]))]), Merge::Same);
    }

    #[test]
    fn what_cannot_be_read_is_not_written() {
        for bad in ["", "[]", "{\"Statement\": 7}"] {
            assert!(matches!(merge(Some(bad), &[json!({})]), Merge::Unreadable(_)), "{bad}");
        }
    }
}
