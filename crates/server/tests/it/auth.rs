//! Who may do what.

use chrono::Utc;
use reqwest::{Method, StatusCode};
use trailkeep_server::{Server, ServerError};
use trailkeep_state::{AuditFilter, Role, Scope};

use crate::stand::{PASSWORD, Stand, backend, config, read};

/// What a route asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Needs {
    Page(Role),
    Api(Role),
    Ingest,
    Nothing,
}

/// Every route. A new one that is not here fails `every_route_is_here`.
const ROUTES: [(Method, &str, Needs); 77] = [
    (Method::GET, "/", Needs::Page(Role::Viewer)),
    (Method::GET, "/controls", Needs::Page(Role::Viewer)),
    (Method::GET, "/controls/4", Needs::Page(Role::Viewer)),
    (Method::GET, "/controls/4/log-bucket-tls", Needs::Page(Role::Viewer)),
    (Method::GET, "/controls/results/x", Needs::Page(Role::Viewer)),
    (Method::GET, "/search", Needs::Page(Role::Viewer)),
    (Method::GET, "/events/cloudtrail_logs/x", Needs::Page(Role::Viewer)),
    (Method::GET, "/sql", Needs::Page(Role::Viewer)),
    (Method::POST, "/sql", Needs::Page(Role::Viewer)),
    (Method::POST, "/sql/saved/1/delete", Needs::Page(Role::Analyst)),
    (Method::GET, "/findings", Needs::Page(Role::Viewer)),
    (Method::POST, "/findings", Needs::Page(Role::Analyst)),
    (Method::GET, "/findings/x", Needs::Page(Role::Viewer)),
    (Method::POST, "/findings/x", Needs::Page(Role::Analyst)),
    (Method::GET, "/incidents", Needs::Page(Role::Viewer)),
    (Method::POST, "/incidents", Needs::Page(Role::Analyst)),
    (Method::GET, "/incidents/x", Needs::Page(Role::Viewer)),
    (Method::POST, "/incidents/x", Needs::Page(Role::Analyst)),
    (Method::GET, "/silences", Needs::Page(Role::Analyst)),
    (Method::POST, "/silences", Needs::Page(Role::Responder)),
    (Method::POST, "/silences/1/end", Needs::Page(Role::Responder)),
    (Method::GET, "/channels", Needs::Page(Role::Viewer)),
    (Method::POST, "/channels/x/test", Needs::Page(Role::Responder)),
    (Method::POST, "/channels/x/retry", Needs::Page(Role::Responder)),
    (Method::GET, "/api/v1/incidents", Needs::Api(Role::Viewer)),
    (Method::GET, "/api/v1/incidents/x", Needs::Api(Role::Viewer)),
    (Method::PATCH, "/api/v1/incidents/x", Needs::Api(Role::Analyst)),
    (Method::GET, "/api/v1/silences", Needs::Api(Role::Analyst)),
    (Method::POST, "/api/v1/silences", Needs::Api(Role::Responder)),
    (Method::DELETE, "/api/v1/silences/1", Needs::Api(Role::Responder)),
    (Method::GET, "/api/v1/channels", Needs::Api(Role::Viewer)),
    (Method::POST, "/api/v1/channels/x/test", Needs::Api(Role::Responder)),
    // Signed by Slack; without [respond.slack] there is nothing.
    (Method::POST, "/hooks/slack", Needs::Nothing),
    (Method::GET, "/alarms", Needs::Page(Role::Viewer)),
    (Method::GET, "/alarms/simulate", Needs::Page(Role::Viewer)),
    (Method::POST, "/alarms/simulate", Needs::Page(Role::Viewer)),
    (Method::GET, "/alarms/x", Needs::Page(Role::Viewer)),
    (Method::POST, "/alarms/x", Needs::Page(Role::Responder)),
    (Method::GET, "/api/v1/alarms", Needs::Api(Role::Viewer)),
    (Method::GET, "/api/v1/alarms/history", Needs::Api(Role::Viewer)),
    (Method::POST, "/api/v1/alarms/simulate", Needs::Api(Role::Viewer)),
    (Method::POST, "/api/v1/alarms/actions", Needs::Api(Role::Responder)),
    (Method::GET, "/responses", Needs::Page(Role::Viewer)),
    (Method::GET, "/responses/1", Needs::Page(Role::Viewer)),
    (Method::POST, "/responses/1", Needs::Page(Role::Responder)),
    (Method::GET, "/api/v1/responses", Needs::Api(Role::Viewer)),
    (Method::GET, "/settings", Needs::Page(Role::Viewer)),
    (Method::GET, "/settings/tokens", Needs::Page(Role::Admin)),
    (Method::POST, "/settings/tokens", Needs::Page(Role::Admin)),
    (Method::POST, "/settings/tokens/1/revoke", Needs::Page(Role::Admin)),
    (Method::GET, "/settings/users", Needs::Page(Role::Admin)),
    (Method::POST, "/settings/users", Needs::Page(Role::Admin)),
    (Method::POST, "/settings/users/x", Needs::Page(Role::Admin)),
    (Method::GET, "/settings/audit", Needs::Page(Role::Admin)),
    (Method::GET, "/settings/runs", Needs::Page(Role::Viewer)),
    (Method::GET, "/settings/account", Needs::Page(Role::Viewer)),
    (Method::POST, "/settings/account", Needs::Page(Role::Viewer)),
    (Method::POST, "/logout", Needs::Page(Role::Viewer)),
    (Method::POST, "/theme", Needs::Page(Role::Viewer)),
    (Method::POST, "/api/v1/query", Needs::Api(Role::Viewer)),
    (Method::GET, "/api/v1/search", Needs::Api(Role::Viewer)),
    (Method::GET, "/api/v1/tables", Needs::Api(Role::Viewer)),
    (Method::GET, "/api/v1/controls", Needs::Api(Role::Viewer)),
    (Method::GET, "/api/v1/controls/results", Needs::Api(Role::Viewer)),
    (Method::GET, "/api/v1/findings", Needs::Api(Role::Viewer)),
    (Method::GET, "/api/v1/findings/x", Needs::Api(Role::Viewer)),
    (Method::PATCH, "/api/v1/findings/x", Needs::Api(Role::Analyst)),
    (Method::GET, "/metrics", Needs::Api(Role::Viewer)),
    (Method::POST, "/ingest/v1/events", Needs::Ingest),
    (Method::POST, "/ingest/v1/firehose", Needs::Ingest),
    (Method::POST, "/ingest/v1/alarms", Needs::Ingest),
    (Method::GET, "/healthz", Needs::Nothing),
    (Method::GET, "/readyz", Needs::Nothing),
    (Method::GET, "/login", Needs::Nothing),
    (Method::POST, "/login", Needs::Nothing),
    (Method::GET, "/login/oidc", Needs::Nothing),
    (Method::GET, "/login/oidc/callback", Needs::Nothing),
];

/// Whether the door was open, whatever happened behind it.
fn passed(status: StatusCode, location: Option<&str>) -> bool {
    let sent_away = location.is_some_and(|to| to.starts_with("/login"));
    !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) && !sent_away
}

#[test]
fn every_route_is_here() {
    let source = include_str!("../../src/routes.rs");
    for path in source.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if matches!(path, "/assets/{name}" | "/api/{*path}") {
            continue;
        }
        let known = ROUTES.iter().any(|(_, route, _)| {
            let (a, b): (Vec<_>, Vec<_>) = (path.split('/').collect(), route.split('/').collect());
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || a.starts_with('{'))
        });
        assert!(known, "{path} is not in the matrix");
    }
}

#[tokio::test]
async fn each_route_lets_in_whom_it_should() {
    let stand = Stand::guarded().await;
    for (method, path, needs) in &ROUTES {
        if *needs == Needs::Nothing {
            continue;
        }
        let answer = stand.request(method.clone(), path).send().await.unwrap();
        let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        assert!(
            !passed(answer.status(), location.as_deref()),
            "{method} {path} without a login: {}",
            answer.status()
        );
    }
    for role in Role::ALL {
        // A session per route: logging out, for one, ends it.
        for (method, path, needs) in &ROUTES {
            let cookie = stand.login(role.as_str()).await;
            let csrf = stand.csrf("/settings/account", &cookie).await;
            let request = stand.request(method.clone(), path).header("cookie", &cookie);
            let request =
                if method == Method::POST { request.form(&[("csrf", csrf.as_str())]) } else { request };
            let answer = request.send().await.unwrap();
            let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
            let leaves = *path == "/logout";
            let expected = match needs {
                Needs::Page(needed) | Needs::Api(needed) => role.allows(*needed),
                // People read; only ingest tokens write events.
                Needs::Ingest => false,
                Needs::Nothing => continue,
            };
            assert_eq!(
                leaves || passed(answer.status(), location.as_deref()),
                expected,
                "{method} {path} as {role}: {}",
                answer.status()
            );
        }
    }
    stand.stop().await;
}

#[tokio::test]
async fn tokens_open_the_api_and_nothing_else() {
    let stand = Stand::guarded().await;
    let (viewer, ingest) = (stand.token(Scope::Api(Role::Viewer)).await, stand.token(Scope::Ingest).await);
    for (method, path, needs) in &ROUTES {
        for (token, is_ingest) in [(&viewer, false), (&ingest, true)] {
            let answer = stand.request(method.clone(), path).bearer_auth(token).send().await.unwrap();
            let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
            let expected = match needs {
                Needs::Page(_) => false,
                Needs::Api(role) => !is_ingest && *role == Role::Viewer,
                Needs::Ingest => is_ingest,
                Needs::Nothing => continue,
            };
            assert_eq!(
                passed(answer.status(), location.as_deref()),
                expected,
                "{method} {path}, ingest {is_ingest}: {}",
                answer.status()
            );
        }
    }
    let unknown =
        stand.request(Method::GET, "/api/v1/tables").bearer_auth("tk_unknown").send().await.unwrap();
    assert_eq!(unknown.status(), 401);
    let id = stand.state.tokens().list().await.unwrap()[1].id;
    stand.state.tokens().revoke(id, &trailkeep_state::Actor::system(), Utc::now()).await.unwrap();
    let revoked = stand.request(Method::GET, "/api/v1/tables").bearer_auth(&viewer).send().await.unwrap();
    assert_eq!(revoked.status(), 401);
    stand.stop().await;
}

#[tokio::test]
async fn guessing_is_slowed_down_and_noted() {
    let stand = Stand::guarded().await;
    let guess = |password: &'static str| {
        stand.client.post(stand.at("/login")).form(&[("name", "admin"), ("password", password)]).send()
    };
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(guess("wrong password").await.unwrap().status().as_u16());
    }
    assert_eq!(statuses[0], 401);
    assert_eq!(statuses.last(), Some(&429));
    let right = guess(PASSWORD).await.unwrap();
    assert_eq!(right.status(), 429, "even the right password waits");
    assert!(right.headers().contains_key("retry-after"));
    let log = stand
        .state
        .audit()
        .list(&AuditFilter { action: Some("user.login_failed".into()), ..AuditFilter::default() }, 50, None)
        .await
        .unwrap();
    assert!(log.len() >= 5);
    stand.stop().await;
}

#[tokio::test]
async fn a_login_leads_back_and_a_logout_ends_it() {
    let stand = Stand::guarded().await;
    let away = stand.request(Method::GET, "/search?q=a%20b").send().await.unwrap();
    assert_eq!(away.headers()["location"], "/login?next=%2Fsearch%3Fq%3Da%2520b");
    let form = [("name", "viewer"), ("password", PASSWORD), ("next", "https://evil.example/")];
    let answer = stand.client.post(stand.at("/login")).form(&form).send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/");
    let cookie = stand.login("viewer").await;
    let csrf = stand.csrf("/settings/account", &cookie).await;
    let leave = stand
        .request(Method::POST, "/logout")
        .header("cookie", &cookie)
        .form(&[("csrf", &csrf)])
        .send()
        .await
        .unwrap();
    assert_eq!(leave.headers()["location"], "/login");
    let after = stand.request(Method::GET, "/").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(after.status(), 303);
    stand.stop().await;
}

#[tokio::test]
async fn what_people_change_is_in_the_audit_log() {
    let stand = Stand::guarded().await;
    let cookie = stand.login("admin").await;
    let csrf = stand.csrf("/settings/users", &cookie).await;
    let post = |path: &'static str, form: Vec<(&'static str, &'static str)>| {
        let mut form: Vec<(String, String)> =
            form.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        form.push(("csrf".to_owned(), csrf.clone()));
        stand.request(Method::POST, path).header("cookie", &cookie).form(&form).send()
    };
    post("/settings/users", vec![("name", "dora"), ("password", PASSWORD), ("role", "viewer")])
        .await
        .unwrap();
    post("/settings/users/dora", vec![("role", "analyst")]).await.unwrap();
    let (status, page) =
        read(post("/settings/tokens", vec![("name", "shipper"), ("scope", "ingest")]).await.unwrap()).await;
    assert_eq!(status, 200);
    assert!(page.contains("shown this once"), "{page}");
    post("/sql", vec![("sql", "SELECT 1"), ("save", "1"), ("name", "one")]).await.unwrap();
    let last = post("/settings/users/admin", vec![("do", "delete")]).await.unwrap();
    assert_eq!(last.status(), 400, "the last admin stays");
    let log = stand.state.audit().list(&AuditFilter::default(), 50, None).await.unwrap();
    let acts: Vec<_> =
        log.iter().filter(|entry| entry.actor == "admin").map(|entry| entry.action.as_str()).collect();
    for act in ["user.create", "user.role", "token.create", "query.save", "user.login"] {
        assert!(acts.contains(&act), "{act} in {acts:?}");
    }
    stand.stop().await;
}

#[tokio::test]
async fn an_unsafe_address_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    let (backend, _) = backend(folder.path(), &config).await;
    config.server.listen = "0.0.0.0:0".parse().unwrap();
    config.server.login = true;
    let refused = |config| async { Server::bind(config, backend.clone()).await.err().expect("refused") };
    assert!(matches!(refused(config.clone()).await, ServerError::NeedsTls { .. }));
    config.server.tls =
        Some(trailkeep_server::config::TlsFiles { cert: "/nowhere.pem".into(), key: "/nowhere.pem".into() });
    assert!(matches!(refused(config.clone()).await, ServerError::NeedsUser { .. }));
    config.server.login = false;
    assert!(matches!(refused(config).await, ServerError::NeedsLogin { .. }));
}
