//! API calls in words, for events that no fact family describes: `DeleteFlowLogs` is
//! "deleted flow logs fl-0a1b".

/// Verbs that API names begin with, and their past.
const VERBS: &[(&str, &str)] = &[
    ("Accept", "accepted"),
    ("Add", "added"),
    ("Associate", "associated"),
    ("Assume", "assumed"),
    ("Attach", "attached"),
    ("Authorize", "authorized"),
    ("Batch", "batch"),
    ("Cancel", "cancelled"),
    ("Change", "changed"),
    ("Close", "closed"),
    ("Copy", "copied"),
    ("Create", "created"),
    ("Deactivate", "deactivated"),
    ("Decline", "declined"),
    ("Delete", "deleted"),
    ("Deregister", "deregistered"),
    ("Describe", "described"),
    ("Detach", "detached"),
    ("Disable", "disabled"),
    ("Disassociate", "disassociated"),
    ("Enable", "enabled"),
    ("Get", "read"),
    ("Import", "imported"),
    ("Invite", "invited"),
    ("Leave", "left"),
    ("List", "listed"),
    ("Modify", "modified"),
    ("Move", "moved"),
    ("Put", "set"),
    ("Register", "registered"),
    ("Reject", "rejected"),
    ("Remove", "removed"),
    ("Replace", "replaced"),
    ("Reset", "reset"),
    ("Restore", "restored"),
    ("Revoke", "revoked"),
    ("Run", "ran"),
    ("Schedule", "scheduled"),
    ("Send", "sent"),
    ("Set", "set"),
    ("Start", "started"),
    ("Stop", "stopped"),
    ("Tag", "tagged"),
    ("Terminate", "terminated"),
    ("Unsubscribe", "unsubscribed"),
    ("Untag", "untagged"),
    ("Update", "updated"),
    ("Upload", "uploaded"),
];

/// The call and its target in words.
pub(crate) fn in_words(action: &str, target: Option<&String>) -> String {
    let words = split(action);
    let mut text = match words.split_first() {
        Some((verb, rest)) => match VERBS.iter().find(|(name, _)| name == verb) {
            Some((_, past)) => std::iter::once((*past).to_owned())
                .chain(rest.iter().map(|word| lower(word)))
                .collect::<Vec<_>>()
                .join(" "),
            None => format!("called {action}"),
        },
        None => String::new(),
    };
    if let Some(target) = target {
        text.push(' ');
        text.push_str(target);
    }
    text.trim().to_owned()
}

/// Cuts `CreateVpcPeeringConnection` at its capitals; runs of capitals (`ACL`) stay together, and
/// version stamps at the end (`20150331v2`) go.
fn split(name: &str) -> Vec<&str> {
    let name = name.split(|c: char| c.is_ascii_digit()).next().filter(|name| name.len() > 3).unwrap_or(name);
    let bytes = name.as_bytes();
    let mut words = Vec::new();
    let mut start = 0;
    for index in 1..bytes.len() {
        let starts_word = bytes[index].is_ascii_uppercase()
            && (bytes[index - 1].is_ascii_lowercase()
                || bytes.get(index + 1).is_some_and(u8::is_ascii_lowercase));
        if starts_word && name.is_char_boundary(index) {
            words.push(&name[start..index]);
            start = index;
        }
    }
    words.push(&name[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// Words that AWS writes with one capital in API names.
const ACRONYMS: &[&str] = &[
    "acl", "ami", "cidr", "cors", "dns", "ebs", "ecs", "efs", "eks", "iam", "ip", "kms", "mfa", "nat", "rds",
    "saml", "sns", "sso", "vpc", "vpn", "waf",
];

fn lower(word: &str) -> String {
    let is_acronym = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let lower = word.to_ascii_lowercase();
    if is_acronym || ACRONYMS.contains(&lower.as_str()) { word.to_ascii_uppercase() } else { lower }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_read_as_sentences() {
        let target = "x-1".to_owned();
        assert_eq!(in_words("DeleteFlowLogs", Some(&target)), "deleted flow logs x-1");
        assert_eq!(in_words("DeleteWebACL", None), "deleted web ACL");
        assert_eq!(in_words("CreateVpcPeeringConnection", None), "created VPC peering connection");
        assert_eq!(in_words("CreateDBInstance", None), "created DB instance");
        assert_eq!(in_words("UpdateFunctionCode20150331v2", None), "updated function code");
        assert_eq!(in_words("ConsoleLogin", None), "called ConsoleLogin");
        assert_eq!(in_words("", None), "");
    }
}
