//! Login through an identity provider that runs in the test.

use std::sync::{Arc, Mutex};

use axum::extract::{Form, Query, State};
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Utc;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trailkeep_server::config::{OidcConfig, Secret};
use trailkeep_state::{Actor, Role};

use crate::stand::{PASSWORD, Stand, config, read};

/// What the provider says of whoever logs in, and what it remembers of the one who does.
#[derive(Default)]
struct Idp {
    issuer: String,
    claims: Value,
    challenge: String,
    nonce: String,
}

type Shared = Arc<Mutex<Idp>>;

fn key() -> CoreEdDsaPrivateSigningKey {
    // PKCS #8 around 32 bytes, as RFC 8410 lays it out.
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend([7u8; 32]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new("k1".into()))).unwrap()
}

async fn discovery(State(idp): State<Shared>) -> Json<Value> {
    let issuer = idp.lock().unwrap().issuer.clone();
    Json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"]
    }))
}

async fn authorize(State(idp): State<Shared>, Query(ask): Query<Value>) -> Redirect {
    let text = |name: &str| ask[name].as_str().unwrap().to_owned();
    assert_eq!((text("code_challenge_method").as_str(), text("client_id").as_str()), ("S256", "trailkeep"));
    let mut idp = idp.lock().unwrap();
    (idp.challenge, idp.nonce) = (text("code_challenge"), text("nonce"));
    Redirect::to(&format!("{}?code=c-1&state={}", text("redirect_uri"), text("state")))
}

async fn token(State(idp): State<Shared>, Form(ask): Form<Value>) -> Result<Json<Value>, StatusCode> {
    let idp = idp.lock().unwrap();
    let verifier = ask["code_verifier"].as_str().unwrap_or_default();
    if ask["code"] != "c-1" || URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != idp.challenge {
        return Err(StatusCode::BAD_REQUEST);
    }
    let mut claims = json!({ "iss": idp.issuer, "aud": "trailkeep", "iat": Utc::now().timestamp(), "exp": Utc::now().timestamp() + 60, "nonce": idp.nonce });
    claims.as_object_mut().unwrap().extend(idp.claims.as_object().unwrap().clone());
    let head = URL_SAFE_NO_PAD.encode(json!({ "alg": "EdDSA", "kid": "k1" }).to_string());
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = key().sign(&CoreJwsSigningAlgorithm::EdDsa, signed.as_bytes()).unwrap();
    let id_token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    Ok(Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token })))
}

async fn provider() -> Shared {
    let idp = Shared::default();
    let jwks = Json(json!({ "keys": [serde_json::to_value(key().as_verification_key()).unwrap()] }));
    let app = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/jwks", get(move || async move { jwks }))
        .with_state(Arc::clone(&idp));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    idp.lock().unwrap().issuer = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    idp
}

async fn stand(idp: &Shared) -> Stand {
    let mut config = config();
    config.server.login = true;
    config.server.oidc = Some(OidcConfig {
        issuer: idp.lock().unwrap().issuer.parse().unwrap(),
        client_id: "trailkeep".into(),
        client_secret: Some(Secret::new("s")),
        label: "Company login".into(),
        role_claim: "groups".into(),
        name_claim: "email".into(),
        roles: vec![("security".into(), Role::Analyst), ("platform".into(), Role::Admin)],
        default_role: None,
        scopes: vec!["email".into()],
    });
    Stand::with(config).await
}

fn cookie(headers: &HeaderMap) -> String {
    headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// Goes to the provider and back; gives the answer to the callback.
async fn login(stand: &Stand, browser: Option<&str>) -> reqwest::Response {
    let away = stand.request(Method::GET, "/login/oidc?next=/findings").send().await.unwrap();
    assert_eq!(away.status(), 303, "{:?}", away.text().await);
    let began = browser.map_or_else(|| cookie(away.headers()), str::to_owned);
    let back = stand.client.get(away.headers()["location"].to_str().unwrap()).send().await.unwrap();
    let callback = back.headers()["location"].to_str().unwrap();
    // The server is bound to port 0, and named by its configuration: take path and query only.
    let (_, path) = callback.split_once("/login/oidc/callback").unwrap();
    stand
        .request(Method::GET, &format!("/login/oidc/callback{path}"))
        .header("cookie", began)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_provider_says_who_and_with_which_role() {
    let idp = provider().await;
    let stand = stand(&idp).await;
    assert!(stand.get("/login").await.1.contains("Company login"));
    idp.lock().unwrap().claims =
        json!({ "sub": "u-1", "email": "ann@example.com", "groups": ["security", "other"] });
    let answer = login(&stand, None).await;
    assert_eq!(answer.headers()["location"], "/findings");
    let session = cookie(answer.headers());
    let page = stand
        .request(Method::GET, "/findings")
        .header("cookie", &session)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains("ann@example.com") && page.contains("analyst"), "{page}");

    // The role follows the provider's groups.
    idp.lock().unwrap().claims = json!({ "sub": "u-1", "email": "ann@example.com", "groups": ["platform"] });
    login(&stand, None).await;
    assert_eq!(stand.state.users().get("ann@example.com").await.unwrap().unwrap().role, Role::Admin);
    stand.stop().await;
}

#[tokio::test]
async fn nobody_becomes_somebody_else() {
    let idp = provider().await;
    let stand = stand(&idp).await;
    stand
        .state
        .users()
        .create("root@example.com", PASSWORD, Role::Admin, &Actor::system(), Utc::now())
        .await
        .unwrap();
    let claims = |claims: Value| idp.lock().unwrap().claims = claims;
    claims(json!({ "sub": "u-1", "email": "ann@example.com", "groups": ["security"] }));
    assert_eq!(login(&stand, None).await.status(), 303);
    for (why, refused) in [
        (
            "another subject of the same name",
            json!({ "sub": "u-2", "email": "ann@example.com", "groups": ["platform"] }),
        ),
        (
            "the name of a user with a password",
            json!({ "sub": "u-3", "email": "root@example.com", "groups": ["platform"] }),
        ),
        (
            "no group that may log in",
            json!({ "sub": "u-4", "email": "bob@example.com", "groups": ["other"] }),
        ),
        (
            "an address that was not verified",
            json!({ "sub": "u-5", "email": "eve@example.com", "email_verified": false, "groups": ["platform"] }),
        ),
        (
            "a token for another client",
            json!({ "sub": "u-6", "email": "eve@example.com", "groups": ["platform"], "aud": "another" }),
        ),
        (
            "a token of another login",
            json!({ "sub": "u-6", "email": "eve@example.com", "groups": ["platform"], "nonce": "another" }),
        ),
        (
            "a token that is over",
            json!({ "sub": "u-6", "email": "eve@example.com", "groups": ["platform"], "exp": 1 }),
        ),
        (
            "a token of another issuer",
            json!({ "sub": "u-6", "email": "eve@example.com", "groups": ["platform"], "iss": "https://evil.example" }),
        ),
    ] {
        claims(refused);
        let (status, page) = read(login(&stand, None).await).await;
        assert_eq!(status, 401, "{why}");
        assert!(page.contains("did not succeed"), "{why}: {page}");
    }
    claims(json!({ "sub": "u-1", "email": "ann@example.com", "groups": ["security"] }));
    assert_eq!(
        login(&stand, Some("trailkeep_oidc=another")).await.status(),
        401,
        "a login begun in another browser"
    );
    let replayed =
        stand.request(Method::GET, "/login/oidc/callback?code=c-1&state=unknown").send().await.unwrap();
    assert_eq!(replayed.status(), 401);
    stand.stop().await;
}
