//! What an alarm would have done, and alarms for programs.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use trailkeep_state::{Role, Scope};

use crate::alarms::{in_state, metric, own, post, root_use};
use crate::stand::Stand;

#[tokio::test]
async fn what_an_alarm_would_have_done() {
    let stand = Stand::alarming(own(&[metric("loud", json!({}))])).await;
    let (_, page) = stand.get("/alarms/simulate?example=1").await;
    let area = |page: &str, name: &str| {
        let rest = page.split(&format!("name=\"{name}\"")).nth(1).unwrap();
        let text = rest.split_once('>').unwrap().1.split("</textarea>").next().unwrap();
        text.trim_start_matches('\n').replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<")
    };
    let (definition, datapoints) = (area(&page, "definition"), area(&page, "datapoints"));
    let form = [("definition", definition.as_str()), ("datapoints", datapoints.as_str())];
    let (status, page) = post(&stand, "/alarms/simulate", &form).await;
    assert_eq!(status, 200);
    for expected in [
        "changes of state",
        "In alarm",
        "class=\"threshold\"",
        "Threshold Crossed",
        "class=\"state alarm\"",
        "How it was evaluated",
    ] {
        assert!(page.contains(expected), "{expected} is missing: {page}");
    }
    assert_eq!(area(&page, "definition"), definition, "the form keeps what was typed");
    assert_eq!(area(&page, "datapoints"), datapoints);

    // Once, from a state, at a time.
    let once = [form[0], form[1], ("state", "ALARM"), ("at", "2026-11-25T06:00:30Z")];
    let (_, page) = post(&stand, "/alarms/simulate", &once).await;
    assert!(page.contains("1 evaluation") && page.contains("value=\"2026-11-25T06:00:30Z\""), "{page}");

    // What is wrong is said, and nothing is lost.
    let wrong = [form[0], ("datapoints", "timestamp,value\nsoon,<1>")];
    let (status, page) = post(&stand, "/alarms/simulate", &wrong).await;
    assert!(status == 200 && page.contains("was not simulated") && page.contains("line 2"), "{page}");
    assert_eq!(area(&page, "definition"), definition);
    assert_eq!(area(&page, "datapoints"), "timestamp,value\nsoon,<1>");

    // The datapoints of the alarm that the definition names.
    stand.load("test://root", root_use(1)).await;
    in_state(&stand, "loud", "ALARM").await;
    let own = metric("loud", json!({ "Threshold": 7 })).to_string();
    let (_, page) =
        post(&stand, "/alarms/simulate", &[("definition", &own), ("datapoints", "x"), ("fill", "3")]).await;
    let filled = area(&page, "datapoints");
    assert!(filled.starts_with("timestamp,value\n20") && filled.ends_with(",1\n"), "{filled}");
    assert!(area(&page, "definition").contains("\"Threshold\":7"), "what was changed in it stays");
    let (_, page) = stand.get("/alarms/simulate?id=loud").await;
    assert!(
        area(&page, "definition").contains("\"AlarmName\": \"loud\"")
            && area(&page, "datapoints").ends_with(",1\n"),
        "{page}"
    );
    let (_, page) = post(&stand, "/alarms/simulate", &[("definition", &definition), ("fill", "3")]).await;
    assert!(page.contains("is evaluated here"), "{page}");
    assert_eq!(stand.get("/alarms/simulate?id=nothing").await.0, 404);
    stand.stop().await;
}

#[tokio::test]
async fn programs_read_simulate_and_switch() {
    let stand = Stand::alarming(own(&[
        metric("loud", json!({})),
        metric("loud-2", json!({})),
        metric("calm", json!({ "MetricName": "none" })),
    ]))
    .await;
    stand.load("test://root", root_use(1)).await;
    in_state(&stand, "loud", "ALARM").await;
    in_state(&stand, "calm", "OK").await;
    let get = async |path: &str| -> Value {
        let (status, body) = stand.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    };
    let names = |page: &Value| -> Vec<String> {
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = get("/api/v1/alarms").await;
    assert_eq!(names(&all).len(), 3);
    let loud = &all["data"][0];
    assert_eq!(
        (&loud["StateValue"], &loud["Origin"], &loud["Evaluated"], &loud["ActionsEnabled"]),
        (&json!("ALARM"), &json!("toml"), &json!(true), &json!(true))
    );
    assert_eq!(names(&get("/api/v1/alarms?state=OK").await), ["calm"]);
    assert_eq!(names(&get("/api/v1/alarms?prefix=loud&state=OK,ALARM").await), ["loud", "loud-2"]);
    let first = get("/api/v1/alarms?limit=2").await;
    let rest = get(&format!("/api/v1/alarms?limit=2&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((names(&first).len(), names(&rest).len(), rest.get("next")), (2, 1, None));
    let history = get("/api/v1/alarms/history?alarm=loud&item=StateUpdate&state=ALARM").await;
    assert_eq!(history["data"].as_array().unwrap().len(), 1);
    assert_eq!(history["data"][0]["HistoryItemType"], "StateUpdate");
    for path in [
        "/api/v1/alarms?state=FINE",
        "/api/v1/alarms?after=x",
        "/api/v1/alarms?origin=x",
        "/api/v1/alarms/history?after=x",
        "/api/v1/alarms/history?state=x",
        "/api/v1/alarms?limit=0",
    ] {
        let (status, body) = stand.get(path).await;
        assert!(status == 400 && body.contains("invalid_request"), "{path}: {status} {body}");
    }

    let send = async |path: &str, body: Value| -> (StatusCode, Value) {
        let answer = stand.request(Method::POST, path).json(&body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    };
    let points = "2026-11-25T06:00:00Z,0\n2026-11-25T06:01:00Z,2";
    let (status, done) = send("/api/v1/alarms/simulate", json!({ "id": "loud", "datapoints": points })).await;
    assert_eq!(
        (status, &done["state"], &done["transitions"][1]["to"]),
        (StatusCode::OK, &json!("ALARM"), &json!("ALARM"))
    );
    let (_, once) = send("/api/v1/alarms/simulate", json!({ "alarm": metric("x", json!({})), "datapoints": points, "state": "ALARM", "at": "2026-11-25T06:01:00Z" })).await;
    assert_eq!((&once["state"], &once["evaluations"]), (&json!("OK"), &json!(1)));
    for (body, expected) in [
        (json!({ "datapoints": points }), "either"),
        (json!({ "id": "loud", "datapoints": "x" }), "datapoints: line 1"),
        (json!({ "alarm": { "AlarmName": "x" }, "datapoints": points }), "alarm: "),
        (json!({ "id": "loud", "datapoints": points, "at": "soon" }), "at: "),
        (json!({ "id": "loud", "datapoints": points, "state": "FINE" }), "state: "),
        (json!({ "id": "loud", "points": points }), "unknown field"),
    ] {
        let (status, error) = send("/api/v1/alarms/simulate", body).await;
        let message = error["error"]["message"].as_str().unwrap();
        assert!(status == 400 && message.contains(expected), "{expected}: {message}");
    }
    let (status, done) = send("/api/v1/alarms/actions", json!({ "id": "loud", "enabled": false })).await;
    assert_eq!((status, done), (StatusCode::OK, json!({ "id": "loud", "enabled": false })));
    assert_eq!(get("/api/v1/alarms?prefix=loud").await["data"][0]["ActionsEnabled"], json!(false));
    assert_eq!(send("/api/v1/alarms/actions", json!({ "id": "nothing", "enabled": false })).await.0, 404);
    stand.stop().await;
}

#[tokio::test]
async fn only_responders_act() {
    let stand = Stand::guarded().await;
    let (viewer, analyst) =
        (stand.token(Scope::Api(Role::Viewer)).await, stand.token(Scope::Api(Role::Analyst)).await);
    let responder = stand.token(Scope::Api(Role::Responder)).await;
    let body = json!({ "id": "nothing", "enabled": false });
    for (token, expected) in [(&viewer, 403), (&analyst, 403), (&responder, 404)] {
        let sent = stand
            .request(Method::POST, "/api/v1/alarms/actions")
            .bearer_auth(token)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), expected);
    }
    stand.stop().await;
}
