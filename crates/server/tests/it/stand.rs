//! A server over a lake of its own, and clients with and without a login.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use trailkeep_detect::RuleSet;
use trailkeep_lake::{Lake, LakeOptions};
use trailkeep_pipeline::{Observer, Observers, Pipeline, PipelineOptions};
use trailkeep_query::{Engine, EngineOptions, LakeSource, WithRecords};
use trailkeep_respond::desk::Desk;
use trailkeep_server::backend::{Estate, Responder};
use trailkeep_server::config::{AlarmsConfig, Environment};
use trailkeep_server::{
    Backend, Config, EngineLogs, LiveAlarms, PipelineIntake, Server, ServerError, Shutdown,
};
use trailkeep_sources::{SourceOptions, Sources};
use trailkeep_state::{Actor, RetryPolicy, Role, Scope, State};

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Stand {
    pub(crate) url: String,
    pub(crate) state: State,
    pub(crate) backend: Backend,
    pub(crate) pipeline: Pipeline,
    pub(crate) folder: TempDir,
    pub(crate) client: Client,
    /// Brings signals into incidents, as the server's own desk does.
    pub(crate) desk: Desk,
    shutdown: Shutdown,
    task: JoinHandle<Result<(), ServerError>>,
}

/// The real thing, in a folder.
pub(crate) async fn backend(folder: &Path, config: &Config) -> (Backend, Pipeline) {
    backend_with(folder, config, None).await
}

/// The same, with alarms that live on its events.
async fn backend_with(folder: &Path, config: &Config, alarms: Option<AlarmsConfig>) -> (Backend, Pipeline) {
    let state = State::open(folder.join("state.db")).await.unwrap();
    let alarms = match alarms {
        Some(alarms) => Some(LiveAlarms::open(&state, alarms, Utc::now()).await.unwrap()),
        None => None,
    };
    let lake = Lake::open(folder.join("lake").to_str().unwrap(), LakeOptions::default()).unwrap();
    let rules = Arc::new(RuleSet::builtin().unwrap());
    let observer = alarms
        .clone()
        .map(|alarms| Arc::new(Observers(vec![alarms as Arc<dyn Observer>])) as Arc<dyn Observer>);
    let options =
        PipelineOptions { routes: config.routes(), workers: 1, observer, ..PipelineOptions::default() };
    let pipeline = Pipeline::new(lake.clone(), state.clone(), Arc::clone(&rules), options);
    let source = LakeSource::open(lake.clone()).await.unwrap();
    let source = Arc::new(WithRecords::new(source, state.clone()));
    let engine = Engine::new(source, EngineOptions::default()).await.unwrap();
    let backend = Backend {
        logs: Arc::new(EngineLogs::new(engine, lake)),
        state,
        ingest: Arc::new(PipelineIntake::new(pipeline.clone(), Sources::new(SourceOptions::default()))),
        rules,
        estate: None,
        responder: None,
        alarms,
        cloudwatch: None,
    };
    if let Some(alarms) = &backend.alarms {
        alarms.catch_up(backend.logs.as_ref(), Utc::now()).await.unwrap();
    }
    (backend, pipeline)
}

pub(crate) fn config() -> Config {
    let mut config = Config::default();
    config.server.listen = "127.0.0.1:0".parse().unwrap();
    config.server.drain = Duration::from_secs(5);
    config
}

/// With a `[respond]`; `{URL}` in it stands for a receiver.
pub(crate) fn respond(text: &str, url: &str) -> Config {
    let environment = Environment { variable: &|_| None, base: Path::new(".") };
    let mut parsed = Config::parse("trailkeep.toml", &text.replace("{URL}", url), &environment).unwrap();
    let own = config().server;
    (parsed.server.listen, parsed.server.drain) = (own.listen, own.drain);
    parsed
}

impl Stand {
    /// Open, with nothing in it.
    pub(crate) async fn open() -> Self {
        Self::with(config()).await
    }

    /// With a login, and a user per role who is named like it.
    pub(crate) async fn guarded() -> Self {
        Self::guarded_with(config()).await
    }

    pub(crate) async fn guarded_with(mut config: Config) -> Self {
        config.server.login = true;
        let folder = tempfile::tempdir().unwrap();
        let (backend, pipeline) = backend(folder.path(), &config).await;
        for role in Role::ALL {
            backend
                .state
                .users()
                .create(role.as_str(), PASSWORD, role, &Actor::system(), Utc::now())
                .await
                .unwrap();
        }
        Self::start(config, folder, backend, pipeline).await
    }

    /// With accounts to assess.
    pub(crate) async fn watching(config: Config, estate: Arc<dyn Estate>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mut backend, pipeline) = backend(folder.path(), &config).await;
        backend.estate = Some(estate);
        Self::start(config, folder, backend, pipeline).await
    }

    /// With playbooks, made over the state of the stand.
    pub(crate) async fn responding(config: Config, responder: impl FnOnce(&State) -> Responder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mut backend, pipeline) = backend(folder.path(), &config).await;
        backend.responder = Some(responder(&backend.state));
        Self::start(config, folder, backend, pipeline).await
    }

    /// With alarms that live on its events.
    pub(crate) async fn alarming(alarms: AlarmsConfig) -> Self {
        Self::alarming_in(tempfile::tempdir().unwrap(), alarms).await
    }

    /// The same, over what a stand before it left.
    pub(crate) async fn alarming_in(folder: TempDir, alarms: AlarmsConfig) -> Self {
        let config = config();
        let (backend, pipeline) = backend_with(folder.path(), &config, Some(alarms)).await;
        Self::start(config, folder, backend, pipeline).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (backend, pipeline) = backend(folder.path(), &config).await;
        Self::start(config, folder, backend, pipeline).await
    }

    async fn start(config: Config, folder: TempDir, backend: Backend, pipeline: Pipeline) -> Self {
        let quick = TimeDelta::milliseconds(50);
        let retry = RetryPolicy { attempts: 5, first_pause: quick, longest_pause: quick };
        let respond = Arc::clone(&config.respond);
        let server = Server::bind(config, backend.clone()).await.unwrap().with_retry(retry);
        let url = server.url().trim_end_matches('/').to_owned();
        let shutdown = Shutdown::new();
        let task = tokio::spawn(server.run(shutdown.clone()));
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let desk = Desk::new(backend.state.clone(), respond);
        Self { url, state: backend.state.clone(), backend, pipeline, folder, client, desk, shutdown, task }
    }

    /// Ingests, past the HTTP endpoint.
    pub(crate) async fn load(&self, name: &str, bytes: impl Into<bytes::Bytes>) {
        self.backend.ingest.bytes(name, bytes.into()).await.unwrap();
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        read(self.client.get(self.at(path)).send().await.unwrap()).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.at(path))
    }

    /// The cookie of a user who has logged in.
    pub(crate) async fn login(&self, name: &str) -> String {
        let form = [("name", name), ("password", PASSWORD), ("next", "/")];
        let answer = self.client.post(self.at("/login")).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn token(&self, scope: Scope) -> String {
        let (_, secret) =
            self.state.tokens().create("test", scope, None, &Actor::system(), Utc::now()).await.unwrap();
        secret.expose().to_owned()
    }

    /// What the forms of a page carry.
    pub(crate) async fn csrf(&self, path: &str, cookie: &str) -> String {
        let answer = self.client.get(self.at(path)).header("cookie", cookie).send().await.unwrap();
        let (status, page) = read(answer).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form with its token");
        rest.split('"').next().unwrap().to_owned()
    }

    /// Sends a form, with the token of a page's forms.
    pub(crate) async fn post(
        &self,
        page: &str,
        path: &str,
        cookie: &str,
        form: &[(&str, &str)],
    ) -> (StatusCode, String) {
        let csrf = self.csrf(page, cookie).await;
        let mut form = form.to_vec();
        form.push(("csrf", &csrf));
        let request = self.request(Method::POST, path).header("cookie", cookie).form(&form);
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn stop(self) {
        drop(self.stop_keeping().await);
    }

    /// Stops, and gives what it leaves behind.
    pub(crate) async fn stop_keeping(self) -> TempDir {
        self.shutdown.drain();
        self.task.await.unwrap().unwrap();
        self.folder
    }
}

/// Waits for what happens by itself.
pub(crate) async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) async fn read(answer: Response) -> (StatusCode, String) {
    (answer.status(), answer.text().await.unwrap())
}

/// A CloudTrail record of now, with members of the caller's.
pub(crate) fn record(id: &str, name: &str, more: serde_json::Value) -> serde_json::Value {
    let mut record = serde_json::json!({
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::111122223333:user/alice",
            "accountId": "111122223333", "accessKeyId": "AKIAEXAMPLE", "userName": "alice"
        },
        "eventTime": (Utc::now() - TimeDelta::minutes(5)).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.17",
        "requestParameters": { "name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main" },
        "responseElements": null,
        "requestID": format!("req-{id}"),
        "eventID": id,
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management"
    });
    if let (Some(record), serde_json::Value::Object(more)) = (record.as_object_mut(), more) {
        record.extend(more);
    }
    record
}

/// A log file of these.
pub(crate) fn file(records: &[serde_json::Value]) -> Vec<u8> {
    serde_json::json!({ "Records": records }).to_string().into_bytes()
}

pub(crate) fn uuid(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}
