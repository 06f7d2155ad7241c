//! Incidents, silences and channels in a real Chromium.

use chrono::{TimeDelta, Utc};
use trailkeep_detect::Level;
use trailkeep_respond::incident::{Act, Signal};
use trailkeep_respond::route::{Matcher, Pattern};
use trailkeep_state::{Actor, IncidentKind};
use trailkeep_testkit::{Reply, ScriptedServer};

use crate::browser::{WATCH, WIDEST};
use crate::incidents::{open, signal};
use crate::stand::{Stand, file, record, respond, until, uuid};
use crate::webdriver::Window;

const CHANNELS: &str = "[respond]\nchannels = [\"sec-chat\"]\nescalate = [{ after = \"15m\", channels = [\"pager\"] }]\n\
    [[respond.channel]]\nname = \"sec-chat\"\ntype = \"slack\"\ntoken = \"xoxb-1\"\nchannel = \"C1\"\napi_url = \"{URL}/api/\"\nallow_private = true\n\
    [[respond.channel]]\nname = \"pager\"\ntype = \"pagerduty\"\nrouting_key = \"0123456789abcdef0123456789abcdef\"\nurl = \"{URL}/gone\"\nallow_private = true\n\
    [[respond.channel]]\nname = \"tickets\"\ntype = \"github\"\nrepository = \"acme/security\"\ntoken = \"t\"\nurl = \"{URL}/gh\"\nallow_private = true\n\
    [[respond.channel]]\nname = \"siem\"\ntype = \"elasticsearch\"\nurl = \"{URL}/es\"\nallow_private = true\n\
    [[respond.route]]\nname = \"everything on paper\"\nmatch = { level = \"low\" }\nchannels = [\"sec-chat\", \"siem\"]\n\
    [[respond.silence]]\nmatch = { account = \"999988887777\" }\nends_at = \"2999-01-01T00:00:00Z\"\ncomment = \"sandbox account\"\n";

fn receiver() -> ScriptedServer {
    ScriptedServer::answering(|request| match request.line.as_str() {
        line if line.contains("/api/chat.postMessage") => {
            Reply::new(200, r#"{"ok":true,"ts":"1717243200.000100"}"#)
        }
        line if line.contains("/es") => Reply::new(
            403,
            r#"{"error":{"type":"security_exception","reason":"action [indices:data/write/bulk] is unauthorized for API key id [x] of user [trailkeep]"}}"#,
        ),
        _ => Reply::new(400, r#"{"status":"invalid event","message":"Event object is invalid"}"#),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incident_is_taken_by_keyboard_and_a_test_sent_by_mouse() {
    let Some(browser) = trailkeep_testkit::chromedriver() else { return };
    let receiver = receiver();
    let stand = Stand::with(respond(CHANNELS, &receiver.url())).await;
    let id = open(&stand, &[signal("sg-1", "sg_open", Level::High)]).await.remove(0).id;
    let status = async || stand.state.incidents().get(&id).await.unwrap().unwrap().incident.status;
    let window = Window::open(&browser).await;
    window.resize(1440, 900).await;
    window.go(&stand.at("/")).await;
    window.run(WATCH).await;
    // g i: the incidents; j, Enter: the first; a: it is mine.
    window.keys("gi").await;
    window.until("location.pathname === '/incidents' && document.querySelector('[data-row]')").await;
    window.run(WATCH).await;
    window.keys("j\u{e007}").await;
    window.until("location.pathname.startsWith('/incidents/')").await;
    window.keys("?").await;
    window.until("document.querySelector('#help').open").await;
    // Behind the help nothing is pressed.
    window.keys("a").await;
    assert_eq!(status().await.as_str(), "open");
    window.keys("\u{e00c}").await;
    window.until("!document.querySelector('#help').open").await;
    window.run("document.activeElement.blur()").await;
    window.keys("a").await;
    window.until("document.body.innerText.includes('local is on it')").await;
    assert_eq!(status().await.as_str(), "acknowledged");
    // c: into the note; Ctrl+Enter: it is kept.
    window.run(WATCH).await;
    window.keys("c").await;
    window.until("document.activeElement.name === 'text'").await;
    window.keys("a change of the network team").await;
    window.run("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }))").await;
    window
        .until("document.querySelector('#timeline').innerText.includes('a change of the network team')")
        .await;
    assert_eq!(status().await.as_str(), "acknowledged");
    // By mouse: to the channels, a test that arrives, and one that does not.
    let press =
        "const panel = document.querySelector('#channel-NAME'); panel.querySelector('form button').click()";
    window.go(&stand.at("/channels")).await;
    window.run(WATCH).await;
    window.run(&press.replace("NAME", "sec-chat")).await;
    window.until("document.querySelector('#channel-sec-chat [role=status]')?.innerText.includes('The test arrived')").await;
    window.run(&press.replace("NAME", "pager")).await;
    window
        .until("document.querySelector('#channel-pager [role=alert]')?.innerText.includes('invalid event')")
        .await;
    assert_eq!(window.run("return window.__faults ?? []").await, serde_json::json!([]));
    window.close().await;
    stand.stop().await;
}

/// What a busy week leaves.
async fn busy(stand: &Stand) -> String {
    let (alice, now) = (Actor::local("alice"), Utc::now());
    stand.load("test://one", file(&[record(&uuid(1), "StopLogging", serde_json::json!({}))])).await;
    let titles = [
        (
            "sg-0a1b2c3d4e5f60718",
            "sg_open_to_world",
            Level::Critical,
            "Security group opened to the world",
            "opened port 22 of sg-0a1b2c3d4e5f60718 to 0.0.0.0/0",
        ),
        (
            "db-main",
            "rds_snapshot_public",
            Level::High,
            "Database snapshot shared with everybody",
            "shared the snapshot rds:main-2026-06-01 with all accounts",
        ),
        (
            "deploy",
            "access_key_created",
            Level::Medium,
            "Access key created for another user",
            "created an access key for the user backup-service",
        ),
        (
            "acl-1",
            "nacl_entry_changed",
            Level::Low,
            "Network ACL entry replaced",
            "replaced entry 100 of acl-1, from 10.0.0.0/8 to 0.0.0.0/0",
        ),
    ];
    let mut signals: Vec<Signal> = titles
        .iter()
        .map(|(id, rule, level, title, summary)| Signal {
            title: (*title).to_owned(),
            rule_title: (*title).to_owned(),
            summary: (*summary).to_owned(),
            ..signal(id, rule, *level)
        })
        .collect();
    let mut alarm = signal("alarm", "root-account-use", Level::High);
    (alarm.kind, alarm.actor, alarm.owner) = (IncidentKind::Alarm, None, None);
    alarm.entity = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:root-account-use".to_owned();
    (alarm.title, alarm.summary) = (
        "root-account-use is in ALARM".to_owned(),
        "OK → ALARM: Threshold Crossed: 1 datapoint [1.0] was greater than or equal to the threshold (1.0)."
            .to_owned(),
    );
    signals.push(alarm);
    let all = open(stand, &signals).await;
    let of = |rule: &str| all.iter().find(|it| it.rule_id == rule).unwrap().id.clone();
    let main = of("sg_open_to_world");
    let act = async |id: &str, act: Act| {
        stand.desk.act(id, &act, &alice, Utc::now()).await.unwrap();
    };
    act(&main, Act::Note { text: "The rule is of change CHG-4711, whose window ended yesterday. Asked the network team; nobody knows who needs it. Reverting unless somebody speaks up by noon.".to_owned() }).await;
    act(&of("rds_snapshot_public"), Act::Acknowledge).await;
    act(&of("nacl_entry_changed"), Act::Resolve { comment: "planned".to_owned() }).await;
    stand
        .desk
        .link(&main, "SEC-17", Some("https://tickets.example.com/SEC-17"), &alice, Utc::now())
        .await
        .unwrap();
    stand
        .desk
        .note_response(
            &main,
            "security-group-rules (waiting): alice opened port 22. Shall it be put back?",
            now,
        )
        .await
        .unwrap();
    for n in 0..4 {
        let again = Signal { id: format!("again-{n}"), time: Utc::now(), ..signals[0].clone() };
        open(stand, &[again]).await;
    }
    let pattern = |text: &str| vec![Pattern::new(text).unwrap()];
    let silence = async |matcher: Matcher, why: &str, from: i64, hours: i64| {
        let from = now + TimeDelta::hours(from);
        stand.desk.silence(&matcher, why, from, from + TimeDelta::hours(hours), &alice, now).await.unwrap();
    };
    silence(
        Matcher { rule: pattern("access_key_*"), owner: pattern("team-net"), ..Matcher::default() },
        "key rotation, CHG-4711",
        0,
        8,
    )
    .await;
    silence(
        Matcher {
            entity: pattern("arn:aws:ec2:eu-west-1:111122223333:security-group/*"),
            level: Some(Level::Low),
            ..Matcher::default()
        },
        "network migration",
        20,
        48,
    )
    .await;
    main
}

/// Each page, light and dark, wide and narrow: nothing is wider than the window, nothing breaks the
/// policy. Leaves pictures where it is told to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_incidents_fit() {
    let Some(browser) = trailkeep_testkit::chromedriver() else { return };
    let receiver = receiver();
    let stand = Stand::with(respond(CHANNELS, &receiver.url())).await;
    let id = busy(&stand).await;
    until("messages", async || {
        stand.state.outbox().undelivered().await.unwrap().values().any(|it| it.retrying + it.failed > 0)
    })
    .await;
    let empty = Stand::open().await;
    let folder = std::env::var_os("TRAILKEEP_TEST_SCREENSHOTS").map(std::path::PathBuf::from);
    let pages = [
        ("incidents", stand.at("/incidents?status=all")),
        ("incident", stand.at(&format!("/incidents/{id}"))),
        ("silences", stand.at("/silences?rule=sg_*&account=111122223333")),
        ("channels", stand.at("/channels")),
        ("overview-incidents", stand.at("/?since=7d")),
        ("incidents-empty", empty.at("/incidents")),
        ("silences-empty", empty.at("/silences")),
        ("channels-empty", empty.at("/channels")),
    ];
    let window = Window::open(&browser).await;
    for theme in ["light", "dark"] {
        for (size, width, height) in [("wide", 1440, 1000), ("narrow", 480, 1000)] {
            window.resize(width, height).await;
            for (name, url) in &pages {
                window.go(url).await;
                window.run(&format!("document.cookie = 'trailkeep_theme={theme}; path=/'")).await;
                window.go(url).await;
                window.run(WATCH).await;
                let over = window.run("return document.documentElement.scrollWidth - innerWidth").await;
                let widest = window.run(WIDEST).await;
                assert!(over.as_i64() <= Some(1), "{name} {theme} {size} is {over} px too wide: {widest}");
                assert_eq!(window.run("return window.__faults").await, serde_json::json!([]), "{name}");
                if let Some(folder) = &folder {
                    let picture = window.screenshot().await;
                    std::fs::write(folder.join(format!("{name}-{theme}-{size}.png")), picture).unwrap();
                }
            }
        }
    }
    window.close().await;
    empty.stop().await;
    stand.stop().await;
}
