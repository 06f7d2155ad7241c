//! The events that must raise an alert, as CloudTrail records them.
//!
//! Shapes follow records of a real account: EC2 puts lists into `items`, calls of newer EC2 APIs come
//! under a member named after the request, refused calls have an `errorCode` and no
//! `responseElements`, sign-ins have `additionalEventData`.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use serde_json::{Value, json};

use crate::alert_path::AwsEvent;

/// Where the events happen.
#[derive(Clone, Copy, Debug)]
pub(in crate::checks) struct Scene<'a> {
    pub(in crate::checks) partition: &'a str,
    pub(in crate::checks) account: &'a str,
    pub(in crate::checks) region: &'a str,
    /// When: the inventory's time.
    pub(in crate::checks) time: &'a str,
    /// It is the Region that records what has no Region.
    pub(in crate::checks) is_home: bool,
}

impl Scene<'_> {
    /// A call by an IAM user that went well.
    pub(in crate::checks) fn call(&self, service: &str, name: &str, request: Value) -> AwsEvent {
        AwsEvent::recorded(name, self.record(service, name, request))
    }

    /// A call by a role.
    pub(in crate::checks) fn call_by_role(&self, service: &str, name: &str, request: Value) -> AwsEvent {
        let mut record = self.record(service, name, request);
        record["userIdentity"] = self.role("deployer");
        AwsEvent::recorded(name, record)
    }

    /// The same call without parameters that matter, for each name.
    pub(in crate::checks) fn calls(&self, service: &str, names: &[(&str, Value)]) -> Vec<AwsEvent> {
        names.iter().map(|(name, request)| self.call(service, name, request.clone())).collect()
    }

    pub(in crate::checks) fn record(&self, service: &str, name: &str, request: Value) -> Value {
        let source = format!("{service}.amazonaws.com");
        json!({
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "IAMUser",
                "principalId": "AIDAEXAMPLE7TRAILKEEP",
                "arn": format!("arn:{}:iam::{}:user/alice", self.partition, self.account),
                "accountId": self.account,
                "accessKeyId": "AKIAEXAMPLE7TRAILKEEP",
                "userName": "alice",
            },
            "eventTime": self.time,
            "eventSource": source,
            "eventName": name,
            "awsRegion": self.region,
            "sourceIPAddress": "198.51.100.7",
            "userAgent": "aws-cli/2.27.0 md/awscrt#0.26.1 ua/2.1 os/linux",
            "requestParameters": request,
            "responseElements": {"requestId": "5b2c0f4e-0f2f-4d0e-9a55-3a1c7c1f0e11", "_return": true},
            "requestID": "5b2c0f4e-0f2f-4d0e-9a55-3a1c7c1f0e11",
            "eventID": "0d4e8a53-52a0-4b79-8f36-6f3ff2d1b5c2",
            "readOnly": false,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": self.account,
            "eventCategory": "Management",
            "tlsDetails": {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": format!("{service}.{}.amazonaws.com", self.region),
            },
        })
    }

    fn role(&self, name: &str) -> Value {
        let Self { partition, account, .. } = self;
        json!({
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE7TRAILKEEP:session",
            "arn": format!("arn:{partition}:sts::{account}:assumed-role/{name}/session"),
            "accountId": account,
            "accessKeyId": "ASIAEXAMPLE7TRAILKEEP",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE7TRAILKEEP",
                    "arn": format!("arn:{partition}:iam::{account}:role/{name}"),
                    "accountId": account,
                    "userName": name,
                },
                "attributes": {"creationDate": self.time, "mfaAuthenticated": "false"},
            },
        })
    }

    fn root(&self) -> Value {
        json!({
            "type": "Root",
            "principalId": self.account,
            "arn": format!("arn:{}:iam::{}:root", self.partition, self.account),
            "accountId": self.account,
            "accessKeyId": "ASIAEXAMPLE7TRAILKEEP",
            "sessionContext": {"attributes": {"creationDate": self.time, "mfaAuthenticated": "true"}},
        })
    }

    /// A call that was refused.
    pub(in crate::checks) fn refused(
        &self,
        service: &str,
        name: &str,
        code: &str,
        read_only: bool,
    ) -> AwsEvent {
        let mut record = self.record(service, name, Value::Null);
        record["errorCode"] = json!(code);
        record["errorMessage"] = json!(format!("User is not authorized to perform: {service}:{name}"));
        record["responseElements"] = Value::Null;
        record["readOnly"] = json!(read_only);
        AwsEvent::recorded(format!("{name} refused with {code}"), record)
    }

    /// A call by the root user.
    pub(in crate::checks) fn by_root(
        &self,
        service: &str,
        name: &str,
        request: Value,
        read_only: bool,
    ) -> AwsEvent {
        let mut record = self.record(service, name, request);
        record["userIdentity"] = self.root();
        record["readOnly"] = json!(read_only);
        AwsEvent::recorded(format!("{name} by root"), record)
    }

    fn sign_in(&self, label: &str, identity: Value, mfa: &str, success: bool) -> AwsEvent {
        let mut record = self.record("signin", "ConsoleLogin", Value::Null);
        record["eventType"] = json!("AwsConsoleSignIn");
        record["userIdentity"] = identity;
        record["responseElements"] = json!({"ConsoleLogin": if success { "Success" } else { "Failure" }});
        record["additionalEventData"] = json!({
            "LoginTo": "https://console.aws.amazon.com/console/home",
            "MobileVersion": "No",
            "MFAUsed": mfa,
        });
        if !success {
            record["errorMessage"] = json!("Failed authentication");
        }
        AwsEvent::recorded(label, record)
    }

    fn user(&self) -> Value {
        json!({
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE7TRAILKEEP",
            "arn": format!("arn:{}:iam::{}:user/alice", self.partition, self.account),
            "accountId": self.account,
            "userName": "alice",
        })
    }

    /// An IAM user signs in to the console, without MFA.
    pub(in crate::checks) fn sign_in_without_mfa(&self) -> AwsEvent {
        self.sign_in("ConsoleLogin without MFA", self.user(), "No", true)
    }

    /// Somebody signs in through single sign-on: the identity provider checked MFA, CloudTrail says `No`.
    pub(in crate::checks) fn sign_in_by_sso(&self) -> AwsEvent {
        self.sign_in("ConsoleLogin through single sign-on", self.role("AWSReservedSSO_Admin"), "No", true)
    }

    /// A wrong password.
    pub(in crate::checks) fn sign_in_failed(&self) -> AwsEvent {
        self.sign_in("ConsoleLogin that failed", self.user(), "No", false)
    }

    /// The root user signs in to the console.
    pub(in crate::checks) fn sign_in_by_root(&self) -> AwsEvent {
        self.sign_in("ConsoleLogin by root", self.root(), "Yes", true)
    }
}
