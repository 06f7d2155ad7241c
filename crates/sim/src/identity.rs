//! Who makes a call: CloudTrail's `userIdentity`, with the address and user agent that go with it.
//!
//! Shapes are those of <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>.

use std::borrow::Cow;

use crate::dice::{mix, mix_str, stable_base32, stable_uuid};
use crate::org::{ACCOUNTS, Org, SECURITY, VENDOR_ACCOUNT};
use crate::text::{self, put, written};

/// A caller, ready to be written into any number of records.
pub(crate) struct Actor {
    /// The `userIdentity` object, as JSON.
    pub(crate) identity: Vec<u8>,
    /// The ARN, as it stands in error messages; empty where there is none.
    pub(crate) arn: String,
    /// The user or session name.
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) agent: Cow<'static, str>,
    /// An AWS service acts, itself or for somebody: no TLS details, no failures.
    pub(crate) by_service: bool,
    /// The credentials come from a console session.
    pub(crate) console: bool,
    /// The VPC endpoint that the call came through.
    pub(crate) endpoint: Option<String>,
}

/// Where a session's credentials live, for [`Actor::role`].
pub(crate) struct Session<'a> {
    pub(crate) name: &'a str,
    /// Chooses the credentials: the same number, the same access key.
    pub(crate) number: u64,
    /// When the credentials were made, in seconds since 1970.
    pub(crate) since: i64,
    /// What is special about them.
    pub(crate) origin: Origin,
}

/// How a session came about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Plain,
    /// Instance metadata: `ec2RoleDelivery` is there.
    Instance,
    /// GitHub's OIDC provider.
    Federated,
}

impl Actor {
    /// An AWS service acting for itself (`AWSService`).
    pub(crate) fn service(principal: &'static str) -> Actor {
        Actor {
            identity: format!(r#"{{"type":"AWSService","invokedBy":"{principal}"}}"#).into_bytes(),
            arn: String::new(),
            name: principal.to_owned(),
            address: principal.to_owned(),
            agent: Cow::Borrowed(principal),
            by_service: true,
            console: false,
            endpoint: None,
        }
    }

    /// A session of a role (`AssumedRole`).
    pub(crate) fn role(
        org: &Org,
        account: usize,
        role: &str,
        session: &Session<'_>,
        address: String,
        agent: &'static str,
    ) -> Actor {
        let id = ACCOUNTS[account].id;
        // SSO and service-linked roles have a path, which shows in the issuer's ARN only.
        let path = if role.starts_with("AWSReservedSSO_") {
            "aws-reserved/sso.amazonaws.com/"
        } else if let Some(service) = linked_service(role) {
            &format!("aws-service-role/{service}/")
        } else {
            ""
        };
        let principal = org.unique_id("AROA", account, role);
        let key = org.access_key("ASIA", account, role, mix(session.number, mix_str(1, session.name)));
        let arn = format!("arn:aws:sts::{id}:assumed-role/{role}/{}", session.name);
        let identity = written(|out| {
            put(out, r#"{"type":"AssumedRole","principalId":""#);
            put(out, &principal);
            put(out, ":");
            put(out, session.name);
            put(out, r#"","arn":""#);
            put(out, &arn);
            put(out, r#"","accountId":""#);
            put(out, id);
            put(out, r#"","accessKeyId":""#);
            put(out, &key);
            put(out, r#"","sessionContext":{"sessionIssuer":{"type":"Role","principalId":""#);
            put(out, &principal);
            put(out, r#"","arn":"arn:aws:iam::"#);
            put(out, id);
            put(out, ":role/");
            put(out, path);
            put(out, role);
            put(out, r#"","accountId":""#);
            put(out, id);
            put(out, r#"","userName":""#);
            put(out, role);
            put(out, r#""},"#);
            if session.origin == Origin::Federated {
                put(out, r#""webIdFederationData":{"federatedProvider":"arn:aws:iam::"#);
                put(out, id);
                put(out, r#":oidc-provider/token.actions.githubusercontent.com","attributes":{}},"#);
            }
            put(out, r#""attributes":{"creationDate":""#);
            text::iso(out, session.since);
            put(out, r#"","mfaAuthenticated":"false"}"#);
            if session.origin == Origin::Instance {
                put(out, r#","ec2RoleDelivery":"2.0""#);
            }
            put(out, "}}");
        });
        Actor {
            identity: identity.into_bytes(),
            arn,
            name: session.name.to_owned(),
            address,
            agent: Cow::Borrowed(agent),
            by_service: false,
            console: false,
            endpoint: None,
        }
    }

    /// The same caller, with the call made by a service on its behalf (`invokedBy`).
    pub(crate) fn invoked_by(mut self, principal: &'static str) -> Actor {
        self.identity.pop();
        put(&mut self.identity, r#","invokedBy":""#);
        put(&mut self.identity, principal);
        put(&mut self.identity, r#""}"#);
        self.address = principal.to_owned();
        self.agent = Cow::Borrowed(principal);
        self.by_service = true;
        self
    }

    /// The same caller in a console session.
    pub(crate) fn in_console(mut self) -> Actor {
        self.console = true;
        self
    }

    /// The same caller, through a VPC endpoint.
    pub(crate) fn through(mut self, endpoint: &str) -> Actor {
        self.endpoint = Some(endpoint.to_owned());
        self
    }

    /// An IAM user. `key` is the access key id, if any; `session` is when a console session began
    /// and whether it had a second factor.
    pub(crate) fn user(
        org: &Org,
        account: usize,
        name: &str,
        key: Option<&str>,
        session: Option<(i64, bool)>,
    ) -> Actor {
        let id = ACCOUNTS[account].id;
        let arn = format!("arn:aws:iam::{id}:user/{name}");
        let identity = written(|out| {
            put(out, r#"{"type":"IAMUser","principalId":""#);
            put(out, &org.unique_id("AIDA", account, name));
            put(out, r#"","arn":""#);
            put(out, &arn);
            put(out, r#"","accountId":""#);
            put(out, id);
            if let Some(key) = key {
                put(out, r#"","accessKeyId":""#);
                put(out, key);
            }
            put(out, r#"","userName":""#);
            put(out, name);
            put(out, r#"""#);
            if let Some((since, mfa)) = session {
                put(out, r#","sessionContext":{"attributes":{"creationDate":""#);
                text::iso(out, since);
                put(out, r#"","mfaAuthenticated":""#);
                put(out, if mfa { "true" } else { "false" });
                put(out, r#""}}"#);
            }
            put(out, "}");
        });
        Actor {
            identity: identity.into_bytes(),
            arn,
            name: name.to_owned(),
            address: String::new(),
            agent: Cow::Borrowed(""),
            by_service: false,
            console: session.is_some(),
            endpoint: None,
        }
    }

    /// The same caller, from this address with this user agent.
    pub(crate) fn from(mut self, address: &str, agent: &'static str) -> Actor {
        self.address = address.to_owned();
        self.agent = Cow::Borrowed(agent);
        self
    }

    /// The root user of an account.
    pub(crate) fn root(account: usize, session: Option<i64>) -> Actor {
        let id = ACCOUNTS[account].id;
        let arn = format!("arn:aws:iam::{id}:root");
        let identity = written(|out| {
            put(out, &format!(r#"{{"type":"Root","principalId":"{id}","arn":"{arn}","accountId":"{id}""#));
            if let Some(since) = session {
                put(out, r#","accessKeyId":"","sessionContext":{"attributes":{"creationDate":""#);
                text::iso(out, since);
                put(out, r#"","mfaAuthenticated":"true"}}"#);
            }
            put(out, "}");
        });
        Actor {
            identity: identity.into_bytes(),
            arn,
            name: "root".to_owned(),
            address: String::new(),
            agent: Cow::Borrowed(""),
            by_service: false,
            console: true,
            endpoint: None,
        }
    }

    /// The monitoring vendor, seen from the account whose role it assumes (`AWSAccount`).
    pub(crate) fn vendor(org: &Org) -> Actor {
        let principal = org.unique_id("AIDA", 9, "vendor");
        Actor {
            identity: format!(
                r#"{{"type":"AWSAccount","principalId":"{principal}","accountId":"{VENDOR_ACCOUNT}"}}"#
            )
            .into_bytes(),
            arn: String::new(),
            name: "vendor".to_owned(),
            address: "192.0.2.14".to_owned(),
            agent: Cow::Borrowed("Datadog"),
            by_service: false,
            console: false,
            endpoint: None,
        }
    }

    /// A user of one account, as another account sees it (`AWSAccount`).
    pub(crate) fn other_account(org: &Org, account: usize, name: &str) -> Actor {
        let principal = org.unique_id("AIDA", account, name);
        let id = ACCOUNTS[account].id;
        Actor {
            identity: format!(r#"{{"type":"AWSAccount","principalId":"{principal}","accountId":"{id}"}}"#)
                .into_bytes(),
            ..Actor::vendor(org)
        }
    }

    /// A GitHub workflow that shows its token (`WebIdentityUser`).
    pub(crate) fn workflow(account: usize, repository: &str, address: String) -> Actor {
        let id = ACCOUNTS[account].id;
        let provider = format!("arn:aws:iam::{id}:oidc-provider/token.actions.githubusercontent.com");
        let subject = format!("repo:meridian-example/{repository}:ref:refs/heads/main");
        Actor {
            identity: format!(
                r#"{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}","identityProvider":"{provider}"}}"#
            )
            .into_bytes(),
            arn: String::new(),
            name: subject,
            address,
            agent: Cow::Borrowed("aws-sdk-nodejs/2.1692.0 linux/v20.18.2 configure-aws-credentials-for-github-actions promise"),
            by_service: false,
            console: false,
            endpoint: None,
        }
    }

    /// A person who comes with a SAML assertion (`SAMLUser`).
    pub(crate) fn assertion(org: &Org, person: &str) -> Actor {
        let provider = written(|out| stable_base32(out, org.seed, 27));
        let name = format!("{person}@example.com");
        Actor {
            identity: format!(
                r#"{{"type":"SAMLUser","principalId":"{provider}=:{name}","userName":"{name}","identityProvider":"{provider}="}}"#
            )
            .into_bytes(),
            arn: String::new(),
            name,
            address: String::new(),
            agent: Cow::Borrowed(""),
            by_service: false,
            console: false,
            endpoint: None,
        }
    }

    /// A person at Identity Center's own door (`IdentityCenterUser`).
    pub(crate) fn identity_center(org: &Org, person: &str, number: u64) -> Actor {
        let identity = written(|out| {
            put(out, r#"{"type":"IdentityCenterUser","accountId":""#);
            put(out, ACCOUNTS[SECURITY].id);
            put(out, r#"","onBehalfOf":{"userId":""#);
            stable_uuid(out, mix_str(org.seed, person));
            put(out, r#"","identityStoreArn":""#);
            put(out, &org.identity_store());
            put(out, r#""},"credentialId":""#);
            stable_uuid(out, mix(mix_str(org.seed, person), number));
            put(out, r#""}"#);
        });
        Actor {
            identity: identity.into_bytes(),
            arn: String::new(),
            name: person.to_owned(),
            address: String::new(),
            agent: Cow::Borrowed(""),
            by_service: false,
            console: false,
            endpoint: None,
        }
    }
}

/// The service that a service-linked role belongs to.
fn linked_service(role: &str) -> Option<&'static str> {
    Some(match role.strip_prefix("AWSServiceRoleFor")? {
        "AutoScaling" => "autoscaling.amazonaws.com",
        "ECS" => "ecs.amazonaws.com",
        "Config" => "config.amazonaws.com",
        "RDS" => "rds.amazonaws.com",
        "SecurityHub" => "securityhub.amazonaws.com",
        "AccessAnalyzer" => "access-analyzer.amazonaws.com",
        "ElasticLoadBalancing" => "elasticloadbalancing.amazonaws.com",
        "CloudTrail" => "cloudtrail.amazonaws.com",
        _ => return None,
    })
}
