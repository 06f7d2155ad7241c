//! The pages of incidents, and the API beside them.

use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use trailkeep_detect::{Evidence, Level};
use trailkeep_respond::incident::Signal;
use trailkeep_state::{
    Actor, AuditFilter, Incident, IncidentKind, NewResponse, ResponseStatus, Role, Scope, Ticket,
};
use trailkeep_testkit::{Reply, ScriptedServer};

use crate::stand::{Stand, config, file, read, record, respond, until, uuid};

/// A channel that keeps nothing from the receiver.
pub(crate) const HOOK: &str = "[respond]\nchannels = [\"ops\"]\n[[respond.channel]]\nname = \"ops\"\ntype = \"webhook\"\n\
                               url = \"{URL}/hook\"\nsecret = \"0123456789abcdef\"\nallow_private = true\n";

pub(crate) fn signal(id: &str, rule: &str, level: Level) -> Signal {
    Signal {
        id: id.to_owned(),
        kind: IncidentKind::Finding,
        clears: false,
        rule_id: rule.to_owned(),
        rule_title: format!("Rule {rule}"),
        entity: format!("arn:aws:ec2:eu-west-1:111122223333:security-group/{id}"),
        level,
        account_id: Some("111122223333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        resource: Some(format!("arn:aws:ec2:eu-west-1:111122223333:security-group/{id}")),
        owner: Some("team-net".to_owned()),
        actor: Some("arn:aws:iam::111122223333:user/alice".to_owned()),
        time: Utc::now() - TimeDelta::minutes(3),
        title: format!("Security group {id} opened to the world"),
        summary: "opened port 22 to 0.0.0.0/0".to_owned(),
        evidence: vec![Evidence {
            event_uid: uuid(1),
            time: Utc::now() - TimeDelta::minutes(3),
            table: "cloudtrail_logs".to_owned(),
        }],
    }
}

pub(crate) async fn open(stand: &Stand, signals: &[Signal]) -> Vec<Incident> {
    stand.desk.take(signals, Utc::now()).await.unwrap().incidents
}

async fn status(stand: &Stand, id: &str) -> String {
    stand.state.incidents().get(id).await.unwrap().unwrap().incident.status.to_string()
}

#[tokio::test]
async fn an_empty_list_says_what_incidents_are() {
    let stand = Stand::open().await;
    let (status, page) = stand.get("/incidents").await;
    assert_eq!(status, 200);
    assert!(page.contains("No incidents") && page.contains("become incidents"), "{page}");
    assert!(page.contains("href=\"/alarms\"") && page.contains("href=\"/silences\""), "{page}");
    assert_eq!(stand.get("/incidents/none").await.0, 404);
    for wrong in ["status=gone", "level=loud", "kind=fax", "after=x"] {
        assert_eq!(stand.get(&format!("/incidents?{wrong}")).await.0, 400, "{wrong}");
    }
    assert!(!stand.get("/").await.1.contains("Open incidents"));
    stand.stop().await;
}

#[tokio::test]
async fn a_finding_is_found_again_in_its_incident() {
    let receiver = ScriptedServer::start(vec![Reply::new(200, "")]);
    let stand = Stand::with(respond(HOOK, &receiver.url())).await;
    stand.load("test://one", file(&[record(&uuid(1), "StopLogging", json!({}))])).await;
    until("the incident", async || stand.get("/incidents").await.1.contains("href=\"/incidents/")).await;
    until("the message", async || !receiver.requests().is_empty()).await;
    let (_, list) = stand.get("/incidents").await;
    let id = list.split("href=\"/incidents/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(id.len(), 32, "{list}");
    // A message links to this very page.
    assert!(String::from_utf8_lossy(&receiver.requests()[0].body).contains(&format!("/incidents/{id}")));
    until("the delivery", async || stand.get(&format!("/incidents/{id}")).await.1.contains("Delivered"))
        .await;
    let (_, page) = stand.get(&format!("/incidents/{id}")).await;
    let event = format!("/events/cloudtrail_logs/{}", uuid(1));
    for text in [
        "Timeline",
        "Opened",
        "<b>Told</b> <span class=\"dim\">ops (open)</span>",
        "href=\"/findings/",
        event.as_str(),
        "href=\"/channels#channel-ops\"",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
    let finding = page.split("href=\"/findings/").nth(1).unwrap().split('"').next().unwrap();
    let (_, finding) = stand.get(&format!("/findings/{finding}")).await;
    assert!(finding.contains(&format!("href=\"/incidents/{id}\"")), "{finding}");
    let (_, overview) = stand.get("/").await;
    assert!(overview.contains("Open incidents") && overview.contains(&format!("href=\"/incidents/{id}\"")));
    assert!(
        overview.contains("<span>Incidents</span><span class=\"n\" title=\"1 to look at\">"),
        "the rail counts it"
    );
    stand.stop().await;
}

#[tokio::test]
async fn lists_are_filtered_and_paged_without_gaps() {
    let stand = Stand::open().await;
    let signals: Vec<Signal> = (0..230).map(|n| signal(&format!("sg-{n}"), "sg_open", Level::High)).collect();
    open(&stand, &signals).await;
    open(&stand, &[signal("sg-low", "nacl_open", Level::Low)]).await;
    let (mut seen, mut path) = (std::collections::BTreeSet::new(), "/incidents?level=high".to_owned());
    loop {
        let (_, page) = stand.get(&path).await;
        for rest in page.split("class=\"cell\" href=\"/incidents/").skip(1) {
            assert!(seen.insert(rest[..32].to_owned()), "an incident came twice");
        }
        let Some((head, _)) = page.split_once("data-next") else { break };
        path = head.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().replace("&amp;", "&");
    }
    assert_eq!(seen.len(), 230);
    let (_, page) =
        stand.get("/incidents?q=SG-LOW&owner=team-net&assignee=nobody&kind=finding&status=open").await;
    assert!(page.contains("Security group sg-low") && !page.contains("Security group sg-1 "), "{page}");
    assert!(
        page.contains("Open <span class=\"muted\">1</span>"),
        "the tabs count what the filter leaves: {page}"
    );
    assert!(stand.get("/incidents?assignee=bob").await.1.contains("No incidents here"));
    assert!(stand.get("/incidents?status=resolved").await.1.contains("231 incidents have"));
    stand.stop().await;
}

#[tokio::test]
async fn what_people_do_is_done_and_noted() {
    let stand = Stand::guarded().await;
    let id = open(&stand, &[signal("sg-1", "sg_open", Level::High)]).await.remove(0).id;
    let path = format!("/incidents/{id}");
    let cookie = stand.login("analyst").await;
    let act = async |form: &[(&str, &str)]| stand.post(&path, &path, &cookie, form).await;
    assert_eq!(act(&[("act", "acknowledge")]).await.0, 303);
    assert_eq!(status(&stand, &id).await, "acknowledged");
    assert_eq!(act(&[("act", "note"), ("text", "looking at the flow logs")]).await.0, 303);
    assert_eq!(act(&[("act", "assign"), ("to", "bob")]).await.0, 303);
    assert_eq!(
        act(&[("act", "link"), ("reference", "SEC-17"), ("url", "https://t.example.com/SEC-17")]).await.0,
        303
    );
    assert_eq!(act(&[("act", "resolve"), ("text", "the group is gone")]).await.0, 303);
    let (code, page) = act(&[("act", "acknowledge")]).await;
    assert!(code == 400 && page.contains("is resolved; open it again first"), "{page}");
    assert_eq!(act(&[("act", "reopen")]).await.0, 303);
    assert_eq!(act(&[("act", "mine")]).await.0, 303);
    for (form, said) in [
        (vec![("act", "note"), ("text", " ")], "the note is empty"),
        (vec![("act", "link"), ("reference", "")], "it has no name"),
        (vec![("act", "link"), ("reference", "x"), ("url", "javascript:alert(1)")], "no address of the web"),
        (vec![("act", "delete")], "No such act"),
        (vec![("act", "reopen")], "is open already"),
    ] {
        let (code, page) = act(&form).await;
        assert!(code == 400 && page.contains(said), "{form:?}: {page}");
    }
    let detail = stand.state.incidents().get(&id).await.unwrap().unwrap();
    assert_eq!(
        (detail.incident.status.as_str(), detail.incident.assignee.as_deref()),
        ("open", Some("analyst"))
    );
    let kinds: Vec<&str> = detail.timeline.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["opened", "acknowledged", "note", "assigned", "ticket", "resolved", "reopened", "assigned"]
    );
    let page =
        read(stand.request(Method::GET, &path).header("cookie", &cookie).send().await.unwrap()).await.1;
    assert!(
        page.contains("looking at the flow logs") && page.contains("href=\"https://t.example.com/SEC-17\""),
        "{page}"
    );
    let acts = stand.state.audit().list(&AuditFilter::default(), 50, None).await.unwrap();
    for act in [
        "incident.acknowledge",
        "incident.note",
        "incident.assign",
        "incident.link",
        "incident.resolve",
        "incident.reopen",
    ] {
        assert!(acts.iter().any(|entry| entry.action == act && entry.actor == "analyst"), "{act}");
    }
    // Who may only look is told so, and shown no button.
    let viewer = stand.login("viewer").await;
    let page =
        read(stand.request(Method::GET, &path).header("cookie", &viewer).send().await.unwrap()).await.1;
    assert!(page.contains("needs the role analyst") && !page.contains("name=\"act\""), "{page}");
    assert!(!page.contains("href=\"/silences\""), "{page}");
    // A form of another site has no token.
    let responder = stand.login("responder").await;
    for path in ["/incidents", "/silences", "/silences/1/end", "/channels/x/test", "/channels/x/retry"] {
        let form = [
            ("csrf", "x"),
            ("id", id.as_str()),
            ("act", "resolve"),
            ("rule", "a"),
            ("for", "1h"),
            ("comment", "x"),
        ];
        let forged = stand.request(Method::POST, path).header("cookie", &responder).form(&form);
        assert_eq!(forged.send().await.unwrap().status(), 403, "{path}");
    }
    let forged = stand
        .request(Method::POST, &path)
        .header("cookie", &cookie)
        .form(&[("act", "resolve"), ("csrf", "x")]);
    assert_eq!(forged.send().await.unwrap().status(), 403);
    assert_eq!(status(&stand, &id).await, "open");
    stand.stop().await;
}

#[tokio::test]
async fn several_are_acted_on_at_once() {
    let stand = Stand::open().await;
    let all = open(&stand, &[signal("sg-1", "a", Level::High), signal("sg-2", "a", Level::High)]).await;
    let (a, b) = (all[0].id.as_str(), all[1].id.as_str());
    let act = async |form: &[(&str, &str)]| stand.post("/incidents", "/incidents", "", form).await;
    assert_eq!(act(&[("id", a), ("id", b), ("act", "acknowledge")]).await.0, 303);
    assert_eq!(
        (status(&stand, a).await, status(&stand, b).await),
        ("acknowledged".into(), "acknowledged".into())
    );
    assert_eq!(act(&[("id", a), ("act", "resolve")]).await.0, 303);
    let (code, page) = act(&[("id", a), ("id", b), ("act", "acknowledge")]).await;
    assert!(code == 400 && page.contains("1 of 2 were"), "{page}");
    assert!(act(&[("act", "resolve")]).await.1.contains("Nothing is chosen"));
    stand.stop().await;
}

#[tokio::test]
async fn every_state_of_an_incident_has_its_page() {
    let stand = Stand::open().await;
    let now = Utc::now();
    let mut alarm = signal("x", "cpu high [prod]/1", Level::High);
    alarm.kind = IncidentKind::Alarm;
    alarm.entity = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu high/1".to_owned();
    alarm.evidence[0].table = "alarm_history".to_owned();
    let mut control = signal("y", "log-bucket-tls", Level::Medium);
    control.kind = IncidentKind::Control;
    control.evidence[0].table = "posture".to_owned();
    let all = open(&stand, &[alarm, control, signal("sg-1", "sg_open", Level::Low)]).await;
    let of = |kind| all.iter().find(|it| it.kind == kind).unwrap();
    let (_, page) = stand.get(&format!("/incidents/{}", of(IncidentKind::Alarm).id)).await;
    assert!(
        page.contains("href=\"/alarms/arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu%20high%2F1\""),
        "{page}"
    );
    // Its silence is about this alarm, brackets and all.
    assert!(page.contains("/silences?rule=cpu+high+%5B%5B%5Dprod%5B%5D%5D"), "{page}");
    let (_, page) = stand.get(&format!("/incidents/{}", of(IncidentKind::Control).id)).await;
    assert!(page.contains(&format!("href=\"/controls/results/{}\"", uuid(1))), "{page}");
    // With a response, and an incident before it.
    let first = of(IncidentKind::Finding).clone();
    let new = NewResponse {
        key: "k".into(),
        playbook: "security-group-rules".into(),
        mode: "observe".into(),
        status: ResponseStatus::Observed,
        reason: None,
        fingerprint: "f".into(),
        event_uid: uuid(1),
        event_time: now,
        account_id: "111122223333".into(),
        region: "eu-west-1".into(),
        resource: "sg-1".into(),
        actor: "arn:aws:iam::111122223333:user/alice".into(),
        changed: "alice opened port 22 of sg-1".into(),
        plan: json!({}),
        expires_at: None,
    };
    let (row, _) = stand.state.responses().open(&new, now).await.unwrap();
    stand.state.responses().set_incident(row.id, &first.id, now).await.unwrap();
    let (_, page) = stand.get(&format!("/incidents/{}", first.id)).await;
    assert!(
        page.contains(&format!("href=\"/responses/{}\"", row.id)) && page.contains("alice opened port 22"),
        "{page}"
    );
    assert!(page.contains("Nobody was told of this incident yet"), "{page}");
    let (_, response) = stand.get(&format!("/responses/{}", row.id)).await;
    assert!(response.contains(&format!("href=\"/incidents/{}\"", first.id)), "{response}");
    let mut later = signal("sg-1", "sg_open", Level::Low);
    (later.id, later.time) = ("later".into(), now + TimeDelta::hours(9));
    let second = open(&stand, &[later]).await.remove(0);
    assert_eq!(second.follows.as_deref(), Some(first.id.as_str()));
    let (_, page) = stand.get(&format!("/incidents/{}", second.id)).await;
    assert!(page.contains(&format!("href=\"/incidents/{}\"", first.id)), "{page}");
    stand.stop().await;
}

#[tokio::test]
async fn whatever_an_incident_says_is_text() {
    const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    let mut settings = config();
    settings.server.login = false;
    let stand = Stand::with(settings).await;
    let mut hostile = signal(EVIL, EVIL, Level::High);
    (hostile.title, hostile.summary, hostile.rule_title) = (EVIL.into(), EVIL.into(), EVIL.into());
    (hostile.account_id, hostile.region, hostile.owner) =
        (Some(EVIL.into()), Some(EVIL.into()), Some(EVIL.into()));
    (hostile.actor, hostile.resource) = (Some(EVIL.into()), Some(EVIL.into()));
    hostile.evidence[0].event_uid = EVIL.into();
    hostile.evidence[0].table = EVIL.into();
    let id = open(&stand, &[hostile]).await.remove(0).id;
    let path = format!("/incidents/{id}");
    for form in [
        vec![("act", "note"), ("text", EVIL)],
        vec![("act", "assign"), ("to", EVIL)],
        vec![("act", "link"), ("reference", EVIL)],
    ] {
        assert_eq!(stand.post(&path, &path, "", &form).await.0, 303);
    }
    for (n, url) in
        ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", EVIL].into_iter().enumerate()
    {
        // As a channel's answer may have it.
        let ticket = Ticket {
            channel: EVIL.into(),
            thread: id.clone(),
            reference: format!("T-{n}"),
            url: Some(url.into()),
            at: Utc::now(),
        };
        stand.state.incidents().keep_ticket(&ticket, None, Utc::now()).await.unwrap();
    }
    let matcher = trailkeep_respond::route::Matcher {
        actor: vec![trailkeep_respond::route::Pattern::new("*<script>*").unwrap()],
        ..Default::default()
    };
    let (now, later) = (Utc::now(), Utc::now() + TimeDelta::hours(1));
    stand.desk.silence(&matcher, EVIL, now, later, &Actor::local(EVIL), now).await.unwrap();
    let encoded: String = EVIL.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let queries = format!("q={encoded}&owner={encoded}&assignee={encoded}&account={encoded}&rule={encoded}");
    for path in [
        "/".to_owned(),
        "/incidents".to_owned(),
        format!("/incidents?{queries}"),
        format!("/incidents?status={encoded}"),
        path,
        "/silences".to_owned(),
        format!(
            "/silences?rule={encoded}&entity={encoded}&for={encoded}&comment={encoded}&from={encoded}&until={encoded}"
        ),
        "/channels".to_owned(),
    ] {
        let (_, page) = stand.get(&path).await;
        assert!(
            !page.contains("<script>") && !page.contains("<img") && !page.contains("style=\""),
            "{path}:\n{page}"
        );
        assert!(!page.contains("href=\"javascript:") && !page.contains("href=\"data:"), "{path}:\n{page}");
    }
    stand.stop().await;
}

#[tokio::test]
async fn programs_do_what_people_do() {
    let stand = Stand::guarded().await;
    let id = open(&stand, &[signal("sg-1", "sg_open", Level::High), signal("sg-2", "sg_open", Level::Low)])
        .await
        .remove(0)
        .id;
    let token = stand.token(Scope::Api(Role::Analyst)).await;
    let call = async |method: Method, path: &str, body: Value| -> (u16, Value) {
        let request = stand.request(method, path).bearer_auth(&token).body(body.to_string());
        let (status, text) = read(request.send().await.unwrap()).await;
        (status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
    };
    let (_, page) =
        call(Method::GET, "/api/v1/incidents?limit=1&status=open,acknowledged", Value::Null).await;
    let next = page["next"].as_str().unwrap();
    let (_, rest) = call(Method::GET, &format!("/api/v1/incidents?limit=1&after={next}"), Value::Null).await;
    assert_ne!(page["data"][0]["id"], rest["data"][0]["id"]);
    assert_eq!(rest["next"], Value::Null);
    let path = format!("/api/v1/incidents/{id}");
    let change = json!({ "status": "acknowledged", "assignee": "bob", "note": "looking", "ticket": { "reference": "SEC-1", "url": "https://t.example.com/1" } });
    let (code, detail) = call(Method::PATCH, &path, change).await;
    assert_eq!(
        (code, &detail["incident"]["status"], &detail["incident"]["assignee"]),
        (200, &json!("acknowledged"), &json!("bob"))
    );
    assert_eq!(detail["tickets"][0]["reference"], "SEC-1");
    let (code, detail) = call(Method::PATCH, &path, json!({ "status": "resolved", "comment": "gone" })).await;
    assert_eq!(
        (code, &detail["timeline"].as_array().unwrap().last().unwrap()["text"]),
        (200, &json!("gone"))
    );
    for (body, code, word) in [
        (json!({ "status": "acknowledged" }), 409, "conflict"),
        (json!({ "statsu": "open" }), 400, "invalid_request"),
        (json!({ "comment": "x" }), 400, "invalid_request"),
        (json!({ "note": "" }), 400, "invalid_request"),
        (json!({ "ticket": { "reference": "x", "url": "javascript:x" } }), 400, "invalid_request"),
    ] {
        let (status, answer) = call(Method::PATCH, &path, body.clone()).await;
        assert_eq!((status, &answer["error"]["code"]), (code, &json!(word)), "{body}");
    }
    assert_eq!(call(Method::PATCH, &path, json!({ "status": "open" })).await.1["incident"]["status"], "open");
    assert_eq!(call(Method::GET, "/api/v1/incidents/none", Value::Null).await.0, 404);
    assert_eq!(call(Method::GET, "/api/v1/incidents?level=loud", Value::Null).await.0, 400);
    assert_eq!(
        call(Method::GET, &format!("/api/v1/responses?incident={id}"), Value::Null).await.1["data"],
        json!([])
    );
    stand.stop().await;
}
