//! AWS as it is on a bad day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use trailkeep_baseline::collect::{Accounts, Purpose, Scope, iam_policy};
use trailkeep_baseline::{Answer, Failure, Inventory};
use trailkeep_testkit::{Reply, Request, ScriptedServer};

use super::{aws, collect, role, scope};

const OWN: &str = "111122223333";

/// What a request is for.
struct Asked {
    service: String,
    /// The operation, or method and path of a REST service.
    what: String,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let scope = request.header("authorization").split('/').nth(3).unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let form = body.split('&').find_map(|pair| pair.strip_prefix("Action=").map(str::to_owned));
        let target = request.header("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
        let line = request.line.trim_end_matches(" HTTP/1.1").to_owned();
        let what = form.or(Some(target).filter(|target| !target.is_empty())).unwrap_or(line);
        Self { service: scope, what }
    }

    fn is(&self, service: &str, what: &str) -> bool {
        self.service == service && self.what == what
    }

    /// Services that answer in XML where no form was sent.
    fn is_xml(&self, request: &Request) -> bool {
        matches!(self.service.as_str(), "s3" | "route53" | "cloudfront")
            || request.header("content-type").contains("form")
    }
}

/// Who they are, and one Region: all that a collection cannot do without.
fn essentials(asked: &Asked) -> Option<Reply> {
    if asked.is("sts", "GetCallerIdentity") {
        return Some(Reply::new(
            200,
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{OWN}</Account>\
                 <Arn>arn:aws:iam::{OWN}:user/x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        ));
    }
    asked.is("ec2", "DescribeRegions").then(|| {
        Reply::new(
            200,
            "<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName>\
             <optInStatus>opt-in-not-required</optInStatus></item></regionInfo></DescribeRegionsResponse>",
        )
    })
}

fn refusal(asked: &Asked, request: &Request, status: u16, code: &str) -> Reply {
    if asked.service == "s3" {
        return Reply::new(status, format!("<Error><Code>{code}</Code><Message>scripted</Message></Error>"));
    }
    if asked.is_xml(request) {
        let error = format!("<Error><Code>{code}</Code><Message>scripted</Message></Error>");
        return Reply::new(status, format!("<ErrorResponse>{error}</ErrorResponse>"));
    }
    Reply::new(status, format!(r#"{{"__type":"{code}","message":"scripted"}}"#))
        .header("content-type", "application/x-amz-json-1.1")
}

/// An answer without anything in it.
fn nothing(asked: &Asked, request: &Request) -> Reply {
    if !asked.is_xml(request) {
        return Reply::new(200, "{}");
    }
    let roots = [
        ("/distribution", "DistributionList"),
        ("/realtime-log-config", "RealtimeLogConfigs"),
        ("/publicAccessBlock", "PublicAccessBlockConfiguration"),
    ];
    let root = match roots.iter().find(|(path, _)| asked.what.contains(path)) {
        Some((_, root)) => (*root).to_owned(),
        // A form's operation has no spaces, a method with its path has.
        None if asked.what.contains(' ') => "Response".to_owned(),
        None => format!("{}Response", asked.what),
    };
    Reply::new(200, format!("<{root}></{root}>"))
}

fn failures(inventory: &Inventory) -> Vec<(String, Failure)> {
    let account = &inventory.accounts[OWN];
    let mut found = Vec::new();
    for (region, calls) in &account.answers {
        for (call, resources) in calls {
            for answer in resources.values() {
                if let Answer::Failed(failure) = answer {
                    found.push((format!("{call} {region}"), failure.clone()));
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn denied_calls_name_the_missing_action_and_stop_nothing() {
    let server = ScriptedServer::answering(|request| {
        let asked = Asked::of(request);
        essentials(&asked).unwrap_or_else(|| refusal(&asked, request, 403, "AccessDeniedException"))
    });
    let aws = aws(&server.url()).await;
    let (inventory, recorded) = collect(&aws, &Scope::default()).await;
    let inventory = inventory.unwrap();
    assert_eq!(inventory.accounts[OWN].regions, ["eu-west-1"]);
    let failures = failures(&inventory);
    // All but the two that are answered; what hangs on their lists is never reached.
    assert_eq!(failures.len() as u64, recorded.calls - 3, "GetCallerIdentity twice, DescribeRegions");
    let policy = iam_policy(Purpose::Check);
    let allowed: Vec<&str> =
        policy["Statement"][0]["Action"].as_array().unwrap().iter().filter_map(|a| a.as_str()).collect();
    for (call, failure) in &failures {
        let missing = failure.missing_action.as_deref().unwrap_or_else(|| panic!("{call}: {failure:?}"));
        assert!(allowed.contains(&missing), "{missing} is missing for {call} and not in the policy");
    }
}

#[tokio::test]
async fn throttled_calls_are_tried_again_until_they_are_answered() {
    let seen: Arc<Mutex<HashMap<String, u32>>> = Arc::default();
    let server = ScriptedServer::answering(move |request| {
        let asked = Asked::of(request);
        let key = format!("{} {}", asked.service, asked.what);
        let before = {
            let mut seen = seen.lock().unwrap();
            let count = seen.entry(key).or_default();
            *count += 1;
            *count - 1
        };
        match before {
            0 => refusal(&asked, request, 400, "ThrottlingException"),
            1 => refusal(&asked, request, 503, "ServiceUnavailable"),
            _ => essentials(&asked).unwrap_or_else(|| nothing(&asked, request)),
        }
    });
    let aws = aws(&server.url()).await;
    let (inventory, recorded) = collect(&aws, &Scope::default()).await;
    let inventory = inventory.unwrap();
    assert_eq!(failures(&inventory), []);
    let requests = server.requests().len() as u64;
    assert!(requests > 2 * recorded.calls, "{requests} requests for {} calls", recorded.calls);
}

#[tokio::test]
async fn throttling_without_end_is_told_for_that_call_alone() {
    let server = ScriptedServer::answering(|request| {
        let asked = Asked::of(request);
        if asked.what == "DescribeTrails" {
            return refusal(&asked, request, 400, "ThrottlingException");
        }
        essentials(&asked).unwrap_or_else(|| nothing(&asked, request))
    });
    let aws = aws(&server.url()).await;
    let inventory = collect(&aws, &Scope::default()).await.0.unwrap();
    let failures = failures(&inventory);
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!(failures[0].0, "cloudtrail:DescribeTrails eu-west-1");
    assert_eq!((failures[0].1.code.as_str(), &failures[0].1.missing_action), ("Throttled", &None));
}

#[tokio::test]
async fn an_account_that_cannot_be_entered_is_kept_with_the_reason() {
    let server = ScriptedServer::answering(|request| {
        let asked = Asked::of(request);
        if asked.what == "AssumeRole" {
            return refusal(&asked, request, 403, "AccessDenied");
        }
        essentials(&asked).unwrap_or_else(|| nothing(&asked, request))
    });
    let aws = aws(&server.url()).await;
    let inventory = collect(&aws, &scope(&["444455556666"], &[])).await.0.unwrap();
    let account = &inventory.accounts["444455556666"];
    let failure = account.failed.as_ref().expect("a reason");
    assert_eq!(failure.missing_action.as_deref(), Some("sts:AssumeRole"), "{failure:?}");
    assert!(account.regions.is_empty() && account.answers.is_empty());
}

#[tokio::test]
async fn credentials_that_are_not_accepted_end_it_at_once() {
    let server = ScriptedServer::answering(|request| {
        refusal(&Asked::of(request), request, 403, "InvalidClientTokenId")
    });
    let aws = aws(&server.url()).await;
    let error = collect(&aws, &Scope::default()).await.0.unwrap_err();
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert!(cause.contains("InvalidClientTokenId"), "{error}: {cause}");
}

#[tokio::test]
async fn an_organisation_that_cannot_be_listed_says_whose_credentials_could() {
    let server = ScriptedServer::answering(|request| {
        let asked = Asked::of(request);
        essentials(&asked).unwrap_or_else(|| refusal(&asked, request, 400, "AccessDeniedException"))
    });
    let aws = aws(&server.url()).await;
    let accounts = Accounts::Organization { role: "TrailkeepCheck".to_owned() };
    let error = collect(&aws, &Scope { accounts, ..Scope::default() }).await.0.unwrap_err();
    assert!(error.to_string().contains("management account"), "{error}");
}

#[tokio::test]
async fn a_second_role_of_an_account_is_told() {
    let server = ScriptedServer::answering(|request| {
        let asked = Asked::of(request);
        if asked.what == "AssumeRole" {
            return refusal(&asked, request, 403, "AccessDenied");
        }
        essentials(&asked).unwrap_or_else(|| nothing(&asked, request))
    });
    let aws = aws(&server.url()).await;
    let other = "arn:aws:iam::444455556666:role/Other".parse().unwrap();
    let accounts = Accounts::Roles(vec![role("444455556666"), other, role("444455556666")]);
    let inventory = collect(&aws, &Scope { accounts, ..Scope::default() }).await.0.unwrap();
    assert_eq!(inventory.accounts.len(), 1);
    assert_eq!(inventory.notes.len(), 1, "{:?}", inventory.notes);
    assert!(inventory.notes[0].contains("role/Other was not used"), "{:?}", inventory.notes);
}
