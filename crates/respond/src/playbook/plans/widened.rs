//! Whether a policy allows more than another one did. Errs on the side of yes.

use serde_json::Value;

use crate::playbook::state::flat;

/// What `after` allows and `before` did not, or no longer denies, in words. Empty when it allows no more.
///
/// Statement by statement: an allowing statement is no news if one of before has its principals and
/// conditions, and all of its actions and resources; a denying one must still be there as it was.
pub(super) fn widened(before: &str, after: &str) -> Vec<String> {
    let (Some(before), Some(after)) = (statements(before), statements(after)) else {
        return vec!["one of the two is no policy document".to_owned()];
    };
    let mut news = Vec::new();
    for allow in after.iter().filter(|statement| is(statement, "Allow")) {
        if !before.iter().any(|known| is(known, "Allow") && covers(known, allow)) {
            news.push(format!("allows {}", name(allow)));
        }
    }
    for deny in before.iter().filter(|statement| is(statement, "Deny")) {
        if !after.iter().any(|kept| is(kept, "Deny") && covers(kept, deny)) {
            news.push(format!("no longer denies {}", name(deny)));
        }
    }
    news
}

/// Statements, as they are compared.
fn statements(policy: &str) -> Option<Vec<Value>> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    Some(match policy.get("Statement")? {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    })
}

fn is(statement: &Value, effect: &str) -> bool {
    statement.get("Effect").and_then(Value::as_str) == Some(effect)
}

/// Who and when are the same, and what is all in it.
fn covers(known: &Value, asked: &Value) -> bool {
    let same = |member: &str| {
        let value = |statement: &Value| flat(statement.get(member).cloned().unwrap_or_default());
        value(known) == value(asked)
    };
    let all = |member: &str| {
        let (known, asked) = (known.get(member), asked.get(member));
        known.is_some() == asked.is_some()
            && texts(asked).iter().all(|text| texts(known).iter().any(|pattern| like(pattern, text)))
    };
    ["Principal", "NotPrincipal", "Condition", "NotAction", "NotResource"].into_iter().all(same)
        && all("Action")
        && all("Resource")
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A pattern that is the text, or ends with the only star and begins as the text does. Patterns with stars
/// elsewhere cover themselves alone: that is too few, which is the safe side.
fn like(pattern: &str, text: &str) -> bool {
    if pattern == text {
        return true;
    }
    match pattern.strip_suffix('*') {
        Some(start) => !start.contains(['*', '?']) && text.starts_with(start),
        None => false,
    }
}

fn name(statement: &Value) -> String {
    let actions = texts(statement.get("Action")).join(", ");
    let who = match statement.get("Principal") {
        Some(Value::String(text)) => text.clone(),
        Some(other) => flat(other.clone()).to_string(),
        None => "others".to_owned(),
    };
    let actions = if actions.is_empty() { "actions" } else { &actions };
    let text = format!("{actions} to {who}");
    text[..text.floor_char_boundary(300)].to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(statements: &Value) -> String {
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }

    #[test]
    fn more_is_seen_and_less_is_let_pass() {
        let own = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"},
            "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*"});
        let less = json!({"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::1:root"]},
            "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/x/*"]});
        let tls = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
        let world = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
        let before = policy(&json!([own, tls]));
        assert_eq!(widened(&before, &before), [""; 0]);
        assert_eq!(widened(&before, &policy(&json!([tls, less]))), [""; 0]);
        assert_eq!(widened(&before, &policy(&json!([own, tls, world]))), ["allows s3:GetObject to *"]);
        assert_eq!(widened(&before, &policy(&json!([own]))), ["no longer denies s3:* to *"]);
        assert_eq!(widened(&policy(&less), &policy(&own)).len(), 1);
        let open = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"},
            "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*", "Condition": {}});
        assert_eq!(widened(&before, &policy(&json!([open, tls]))).len(), 1, "other conditions are news");
        assert_eq!(widened("no json", &before).len(), 1);
    }

    #[test]
    fn stars_cover_what_begins_so() {
        assert!(like("*", "x") && like("s3:Get*", "s3:GetObject") && like("a*b", "a*b"));
        assert!(!like("a*b", "axb") && !like("s3:Put*", "s3:GetObject") && !like("a*b*", "axbc"));
    }
}
