//! Console sign-ins.
//! Source: CloudTrail User Guide, "AWS Management Console sign-in events".

use sonic_rs::Value;

use super::{Facts, Family};
use crate::json;

pub(super) static FAMILY: Family = Family {
    prefix: "signin",
    sources: &["signin.amazonaws.com"],
    events: &["ConsoleLogin"],
    facts: &[
        ("signin.succeeded", "whether the sign-in succeeded"),
        ("signin.mfa", "whether AWS saw a second factor; single sign-on does its own elsewhere"),
    ],
    derive,
};

fn derive(record: &Value, facts: &mut Facts) {
    let succeeded = json::text(record, &["responseElements", "ConsoleLogin"]) == Some("Success");
    let mfa = json::text(record, &["additionalEventData", "MFAUsed"]) == Some("Yes");
    facts.flag("signin.succeeded", succeeded);
    facts.flag("signin.mfa", mfa);
    let user = json::text(record, &["userIdentity", "userName"])
        .map(|user| format!(" as {user}"))
        .unwrap_or_default();
    facts.summary = Some(match (succeeded, json::text(record, &["errorMessage"])) {
        (true, _) => format!("signed in to the console{user} {} MFA", if mfa { "with" } else { "without" }),
        (false, Some(why)) => format!("failed to sign in to the console{user}: {why}"),
        (false, None) => format!("failed to sign in to the console{user}"),
    });
}

#[cfg(test)]
mod tests {
    use super::super::derive;
    use super::*;

    fn summary(rest: &str) -> Option<String> {
        let record = format!(r#"{{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin",{rest}}}"#);
        derive(&json::parse(&record).unwrap()).summary
    }

    #[test]
    fn sign_ins_in_words() {
        let good = r#""userIdentity":{"userName":"alice"},"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"}"#;
        assert_eq!(summary(good).as_deref(), Some("signed in to the console as alice without MFA"));
        let bad = r#""responseElements":{"ConsoleLogin":"Failure"},"errorMessage":"Failed authentication""#;
        assert_eq!(summary(bad).as_deref(), Some("failed to sign in to the console: Failed authentication"));
    }
}
