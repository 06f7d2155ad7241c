//! Login through an identity provider: OpenID Connect, authorization code with PKCE.
//!
//! ```text
//!   /login/oidc ──► provider ──► /login/oidc/callback ──► code for tokens ──► claims ──► role ──► session
//!      state, nonce, PKCE verifier are kept here; the browser holds a cookie that names them
//! ```
//!
//! A user that the provider names is bound to the provider's own `sub` at the first login. A name
//! that belongs to another, or to a user with a password, is refused: whoever chooses names at the
//! provider must not become somebody else here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Utc;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use trailkeep_state::{Role, User};
use url::Url;

use super::{Peer, session_policy};
use crate::app::Shared;
use crate::config::{OidcConfig, ServerConfig};
use crate::console::login;
use crate::http::error::PageError;

/// A login must be over by then.
const PATIENCE: Duration = Duration::from_secs(600);
/// Logins that may be under way.
const MOST: usize = 10_000;
/// Largest answer of the provider.
const MAX_ANSWER: usize = 1 << 20;
/// Names the login in the browser.
const COOKIE: &str = "trailkeep_oidc";

/// Every claim of the ID token besides the standard ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims(Map<String, Value>);
impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
/// The client of a provider whose addresses are known from its metadata.
type OidcClient = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A login under way.
struct Pending {
    since: Instant,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    next: String,
}

/// The provider, and the logins under way.
pub(crate) struct Oidc {
    config: OidcConfig,
    redirect: RedirectUrl,
    http: reqwest::Client,
    pending: Mutex<HashMap<String, Pending>>,
}

/// What the provider says of a user.
#[derive(Debug)]
struct Person {
    subject: String,
    name: String,
    role: Role,
}

impl Oidc {
    /// Prepares logins. The provider is asked at the first one, so that it may be down until then.
    ///
    /// # Errors
    /// Where the callback's address cannot be made.
    pub(crate) fn new(
        server: &ServerConfig,
        config: OidcConfig,
        address: std::net::SocketAddr,
    ) -> Result<Self, String> {
        let scheme = if server.tls.is_some() { "https" } else { "http" };
        let own = Url::parse(&format!("{scheme}://{address}/")).map_err(|error| error.to_string())?;
        let base = server.public_url.clone().unwrap_or(own);
        let callback = base.join("/login/oidc/callback").map_err(|error| error.to_string())?;
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            // A provider that redirects us could lead us into the private network.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { config, redirect: RedirectUrl::from_url(callback), http, pending: Mutex::default() })
    }

    async fn provider(&self) -> Result<CoreProviderMetadata, String> {
        // The issuer is compared as a text: a slash that was not written must not be there.
        let issuer = self.config.issuer.as_str().trim_end_matches('/').to_owned();
        let http = self.http.clone();
        let call = move |request| call(http.clone(), request);
        let issuer = IssuerUrl::new(issuer).map_err(|error| error.to_string())?;
        let found = CoreProviderMetadata::discover_async(issuer.clone(), &call).await;
        match found {
            Ok(metadata) => Ok(metadata),
            Err(first) => {
                let slashed =
                    IssuerUrl::new(format!("{}/", issuer.as_str())).map_err(|error| error.to_string())?;
                CoreProviderMetadata::discover_async(slashed, &call)
                    .await
                    .map_err(|_| format!("the provider could not be asked: {first}"))
            }
        }
    }

    fn client(&self, metadata: CoreProviderMetadata) -> OidcClient {
        let secret =
            self.config.client_secret.as_ref().map(|secret| ClientSecret::new(secret.reveal().to_owned()));
        OidcClient::from_provider_metadata(metadata, ClientId::new(self.config.client_id.clone()), secret)
            .set_redirect_uri(self.redirect.clone())
    }

    fn remember(&self, state: &CsrfToken, pending: Pending) -> Result<(), PageError> {
        let mut all = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, pending| pending.since.elapsed() < PATIENCE);
        if all.len() >= MOST {
            let text = "too many logins are under way; try again in some minutes".to_owned();
            return Err(PageError::Failed(StatusCode::SERVICE_UNAVAILABLE, text));
        }
        all.insert(state.secret().clone(), pending);
        Ok(())
    }

    fn recall(&self, state: &str) -> Option<Pending> {
        let found = self.pending.lock().unwrap_or_else(PoisonError::into_inner).remove(state);
        found.filter(|pending| pending.since.elapsed() < PATIENCE)
    }

    /// Exchanges the code, and reads who it is from the verified ID token.
    async fn person(&self, code: String, pending: Pending) -> Result<Person, String> {
        let client = self.client(self.provider().await?);
        let http = self.http.clone();
        let call = move |request| call(http.clone(), request);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| error.to_string())?
            .set_pkce_verifier(pending.verifier)
            .request_async(&call)
            .await
            .map_err(|error| format!("the code was not exchanged: {error}"))?;
        let token = tokens.id_token().ok_or("the provider sent no ID token; is the scope openid allowed?")?;
        let claims = token
            .claims(&client.id_token_verifier(), &pending.nonce)
            .map_err(|error| format!("the ID token is not valid: {error}"))?;
        // Standard claims are not among the additional ones: the whole as JSON has them all.
        let all = serde_json::to_value(claims).map_err(|error| error.to_string())?;
        person(&self.config, &all)
    }
}

/// Asks the provider; an answer is cut at its limit.
async fn call(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let (parts, body) = request.into_parts();
    let mut answer =
        http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body).send().await?;
    let mut response = HttpResponse::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    while let Some(chunk) = answer.chunk().await? {
        if response.body().len() + chunk.len() > MAX_ANSWER {
            break;
        }
        response.body_mut().extend_from_slice(&chunk);
    }
    Ok(response)
}

/// Who the claims speak of, and with which role.
fn person(config: &OidcConfig, claims: &Value) -> Result<Person, String> {
    let text = |claim: &str| claims.get(claim).and_then(Value::as_str).filter(|text| !text.is_empty());
    let subject = text("sub").ok_or("the ID token names no subject")?.to_owned();
    if config.name_claim == "email" && claims.get("email_verified") == Some(&Value::Bool(false)) {
        return Err("the e-mail address is not verified at the provider".to_owned());
    }
    let name = text(&config.name_claim).or_else(|| text("preferred_username")).unwrap_or(&subject).to_owned();
    let values = match claims.get(&config.role_claim) {
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(value)) => vec![value.as_str()],
        _ => Vec::new(),
    };
    let mapped = config
        .roles
        .iter()
        .filter(|(value, _)| values.contains(&value.as_str()))
        .map(|(_, role)| *role)
        .max();
    match mapped.or(config.default_role) {
        Some(role) => Ok(Person { subject, name, role }),
        None => Err(format!("{name} has none of the groups that may log in; ask an administrator")),
    }
}

/// The address of `/login/oidc`.
#[derive(Debug, Deserialize)]
pub(crate) struct Begin {
    #[serde(default)]
    next: String,
}

/// `GET /login/oidc`: off to the provider.
pub(crate) async fn begin(
    State(app): State<Shared>,
    Query(params): Query<Begin>,
) -> Result<Response, PageError> {
    let oidc = provider_of(&app)?;
    let client = oidc.client(oidc.provider().await.map_err(unavailable)?);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let mut request =
        client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
    for scope in &oidc.config.scopes {
        request = request.add_scope(Scope::new(scope.clone()));
    }
    let (address, state, nonce) = request.url();
    let pending = Pending { since: Instant::now(), nonce, verifier, next: login::local(&params.next) };
    oidc.remember(&state, pending)?;
    let secure = if app.secure_cookies() { "; Secure" } else { "" };
    let age = PATIENCE.as_secs();
    let cookie = format!(
        "{COOKIE}={}; Path=/login; Max-Age={age}; HttpOnly; SameSite=Lax{secure}",
        fingerprint(state.secret())
    );
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(address.as_str())).into_response())
}

/// What the provider adds to the callback's address.
#[derive(Debug, Deserialize)]
pub(crate) struct Callback {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

/// `GET /login/oidc/callback`: back from the provider.
pub(crate) async fn callback(
    State(app): State<Shared>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    Query(params): Query<Callback>,
) -> Result<Response, PageError> {
    let oidc = provider_of(&app)?;
    let refused = |reason: &str| {
        metrics::counter!("trailkeep_auth_failed_total", "kind" => "oidc").increment(1);
        tracing::warn!(reason, "login through the provider refused");
        Ok((
            StatusCode::UNAUTHORIZED,
            login::form(&app, "/", Some(&format!("The login did not succeed: {reason}"))),
        )
            .into_response())
    };
    // The browser that began is the one that comes back.
    let began = cookie(&headers).is_some_and(|cookie| cookie == fingerprint(&params.state));
    let Some(pending) = oidc.recall(&params.state).filter(|_| began) else {
        return refused("it took too long, or was begun in another browser. Try again.");
    };
    if !params.error.is_empty() {
        return refused(&format!("{} {}", params.error, params.error_description));
    }
    let next = pending.next.clone();
    let person = match oidc.person(params.code, pending).await {
        Ok(person) => person,
        Err(reason) => return refused(&reason),
    };
    let user = match admit(&app, oidc, &person).await? {
        Ok(user) => user,
        Err(reason) => return refused(&reason),
    };
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let address = peer.map(|peer| peer.to_string());
    let now = Utc::now();
    let sessions = app.backend.state.sessions();
    let session = sessions.create(user.id, address.as_deref(), agent, &session_policy(&app), now).await?;
    let actor = trailkeep_state::Actor { name: user.name.clone(), address };
    let detail = serde_json::json!({ "issuer": oidc.config.issuer.as_str(), "subject": person.subject });
    let entry =
        trailkeep_state::NewAuditEntry::new(&actor, "user.login_oidc", format!("user:{}", user.name), detail);
    app.backend.state.audit().append(&entry, now).await?;
    Ok(login::welcome(&app, session.id.expose(), &next))
}

/// The user of a person: made at the first login, with the role of now.
async fn admit(app: &Shared, oidc: &Oidc, person: &Person) -> Result<Result<User, String>, PageError> {
    let state = &app.backend.state;
    let (users, now, actor) = (state.users(), Utc::now(), trailkeep_state::Actor::system());
    let key = format!("oidc.user:{}", person.name.to_lowercase());
    let bound = format!("{} {}", oidc.config.issuer, person.subject);
    match users.get(&person.name).await? {
        None => {
            // Nobody knows this password: the provider is the only way in.
            let password = CsrfToken::new_random_len(32).secret().clone();
            state.meta().set(&key, &bound).await?;
            Ok(Ok(users.create(&person.name, &password, person.role, &actor, now).await?))
        }
        Some(_) if state.meta().get(&key).await?.as_ref() != Some(&bound) => {
            Ok(Err(format!("the name {} belongs to another user here", person.name)))
        }
        Some(user) if user.disabled => Ok(Err(format!("{} is disabled", person.name))),
        Some(user) => {
            if user.role != person.role {
                users.set_role(&user.name, person.role, &actor, now).await?;
            }
            Ok(Ok(User { role: person.role, ..user }))
        }
    }
}

fn provider_of(app: &Shared) -> Result<&Oidc, PageError> {
    app.oidc.as_ref().ok_or_else(|| PageError::NotFound("no identity provider is configured".to_owned()))
}

fn unavailable(reason: String) -> PageError {
    PageError::Failed(StatusCode::BAD_GATEWAY, reason)
}

fn fingerprint(state: &str) -> String {
    hex::encode(Sha256::digest(state.as_bytes()))
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|text| text.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config() -> OidcConfig {
        OidcConfig {
            issuer: Url::parse("https://id.example").unwrap(),
            client_id: "c".into(),
            client_secret: None,
            label: "SSO".into(),
            role_claim: "groups".into(),
            name_claim: "email".into(),
            roles: vec![("sec".into(), Role::Analyst), ("ops".into(), Role::Admin)],
            default_role: None,
            scopes: Vec::new(),
        }
    }

    #[test]
    fn the_highest_role_wins_and_none_is_refused() {
        let role = |claims: Value| person(&config(), &claims).map(|person| person.role);
        assert_eq!(
            role(json!({ "sub": "1", "email": "a@b.c", "groups": ["sec", "ops", "x"] })),
            Ok(Role::Admin)
        );
        assert_eq!(role(json!({ "sub": "1", "groups": "sec" })), Ok(Role::Analyst));
        assert!(role(json!({ "sub": "1", "groups": ["x"] })).is_err());
        assert!(role(json!({ "sub": "1" })).is_err());
        assert!(
            role(json!({ "sub": "1", "email": "a@b.c", "email_verified": false, "groups": ["sec"] }))
                .is_err()
        );
    }
}
