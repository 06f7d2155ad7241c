//! The console in a real Chromium: keys, drawer, brush, editor, theme, and no fault of the policy.
//!
//! With `TRAILKEEP_TEST_SCREENSHOTS=folder`, pictures of the pages are left there.

use chrono::{Days, Utc};
use trailkeep_baseline::Status as Controls;
use trailkeep_sim::{Config, Simulator};
use trailkeep_sources::{Location, SourceOptions, Sources};

use crate::controls;
use crate::stand::{PASSWORD, Stand};
use crate::webdriver::Window;

/// A day of an attacked organisation, the day of yesterday.
async fn estate() -> Stand {
    let stand = Stand::open().await;
    fill(&stand).await;
    stand
}

async fn fill(stand: &Stand) {
    let start = Utc::now().date_naive() - Days::new(1);
    let simulator =
        Simulator::new(Config { start, events: 6_000, companion_lines: 3_000, ..Config::default() }).unwrap();
    // Many files at once, as `ingest` takes them: one by one each would be a commit of its own.
    let logs = stand.folder.path().join("logs");
    for file in simulator.files() {
        let path = logs.join(&file.key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.bytes).unwrap();
    }
    let sources = Sources::new(SourceOptions::default());
    stand.pipeline.ingest().run(&sources, vec![Location::Path(logs)]).await.unwrap();
    stand
        .load("s3://logs/broken.json.gz", "{\"Records\":[{\"eventVersion\":\"1.09\",\"eventName\":[}]}")
        .await;
}

/// What the browser complains about: errors of scripts, and what the policy forbade.
pub(crate) const WATCH: &str = "window.__faults = []; addEventListener('error', (e) => __faults.push(String(e.message))); \
                     document.addEventListener('securitypolicyviolation', (e) => __faults.push(e.violatedDirective + ' ' + e.sourceFile))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hunt_by_keyboard_and_mouse() {
    let Some(browser) = trailkeep_testkit::chromedriver() else { return };
    let stand = estate().await;
    let window = Window::open(&browser).await;
    window.resize(1440, 900).await;
    window.go(&stand.at("/?since=7d")).await;
    window.run(WATCH).await;
    assert!(
        window.run("return document.querySelectorAll('.plot-svg rect[class^=s]').length").await.as_u64()
            > Some(20)
    );
    assert_eq!(
        window.run("return getComputedStyle(document.querySelector('.rail')).display").await,
        "flex",
        "the style sheet is in force"
    );

    // g s: to search; /: into the box; type; Enter.
    window.keys("gs").await;
    window.until("location.pathname === '/search'").await;
    window.run(WATCH).await;
    window.go(&stand.at("/search?since=7d")).await;
    window.keys("/").await;
    window.until("document.activeElement.name === 'q'").await;
    window.keys("eventName:ConsoleLogin\u{e007}").await;
    window.until("new URL(location).searchParams.get('q') === 'eventName:ConsoleLogin' && document.querySelector('[data-row]')").await;

    // j, Enter: the first event opens beside the table without a new page; Esc closes it.
    window.run(&format!("{WATCH}; window.__same = true")).await;
    window.keys("j\u{e007}").await;
    window
        .until("document.querySelector('#drawer .drawer') && new URL(location).searchParams.get('event')")
        .await;
    assert_eq!(window.run("return window.__same").await, true);
    assert_eq!(
        window
            .run("return document.querySelector('#drawer .drawer h2').innerText.startsWith('ConsoleLogin')")
            .await,
        true
    );
    window.keys("j").await;
    window.until("document.querySelectorAll('tr.sel').length === 1").await;
    window.keys("\u{e00c}").await;
    window
        .until("!document.querySelector('#drawer .drawer') && !new URL(location).searchParams.get('event')")
        .await;
    assert_eq!(window.run("return window.__faults").await, serde_json::json!([]));

    // A drag over the histogram narrows the range.
    window.go(&stand.at("/search?since=7d")).await;
    let plot = window.run("const b = document.querySelector('.plot').getBoundingClientRect(); return [b.left, b.top, b.width, b.height]").await;
    let at = |n: usize| plot[n].as_f64().unwrap();
    let point = |share: f64| ((at(0) + share * at(2)) as i64, (at(1) + at(3) / 2.0) as i64);
    window.drag(point(0.5), point(0.9)).await;
    window
        .until("new URL(location).searchParams.get('from') && new URL(location).searchParams.get('to')")
        .await;

    // ?: help; d: dark, kept over pages.
    window.keys("?").await;
    window.until("document.querySelector('#help').open").await;
    window.keys("\u{e00c}").await;
    window.run("document.activeElement.blur()").await;
    let before = window.run("return getComputedStyle(document.body).backgroundColor").await;
    window.keys("d").await;
    window.until(&format!("getComputedStyle(document.body).backgroundColor !== {before}")).await;
    window.go(&stand.at("/findings")).await;
    assert_ne!(window.run("return getComputedStyle(document.body).backgroundColor").await, before);
    window.close().await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sql_and_triage_in_the_browser() {
    let Some(browser) = trailkeep_testkit::chromedriver() else { return };
    let stand = estate().await;
    let window = Window::open(&browser).await;
    window.go(&stand.at("/sql")).await;
    window.run(WATCH).await;
    window.run("document.querySelector('[data-editor]').focus()").await;
    // Tab indents, a click in the schema inserts, Ctrl+Enter runs.
    window.keys("\u{e004}SELECT eventname, count(*) AS n FROM ").await;
    window.run("[...document.querySelectorAll('[data-insert]')].find((b) => b.dataset.insert === 'cloudtrail_logs').click()").await;
    assert_eq!(
        window.run("return document.querySelector('[data-editor]').value").await,
        "  SELECT eventname, count(*) AS n FROM cloudtrail_logs"
    );
    window.keys(" GROUP BY 1 ORDER BY 2 DESC").await;
    window.run("document.querySelector('[data-editor]').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }))").await;
    window.until("document.querySelectorAll('.result [data-row]').length > 5").await;

    window.go(&stand.at("/findings?level=high")).await;
    window.run(WATCH).await;
    window.keys("j\u{e007}").await;
    window.until("location.pathname.startsWith('/findings/')").await;
    window.run("document.querySelector('select[name=status]').value = 'triaged'; document.querySelector('input[name=assignee]').value = 'alice'; document.querySelector('[data-default]').click()").await;
    window.until("document.body.innerText.includes('local set the status to triaged') && document.body.innerText.includes('assigned it to alice')").await;
    window.close().await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_in_the_browser() {
    let Some(browser) = trailkeep_testkit::chromedriver() else { return };
    let stand = Stand::guarded().await;
    let window = Window::open(&browser).await;
    window.go(&stand.at("/findings?status=all")).await;
    window.until("location.pathname === '/login'").await;
    window.run("document.querySelector('[name=name]').focus()").await;
    window.keys("analyst\u{e004}").await;
    window.keys(&format!("{PASSWORD}\u{e007}")).await;
    window.until("location.pathname === '/findings' && location.search === '?status=all'").await;
    assert_eq!(window.run("return document.cookie").await, "", "the session's cookie is not for scripts");
    window.run("[...document.querySelectorAll('.rail form')].find((f) => f.action.endsWith('/logout')).querySelector('button').click()").await;
    window.until("location.pathname === '/login'").await;
    window.close().await;
    stand.stop().await;
}

/// The innermost elements that stick out to the right.
pub(crate) const WIDEST: &str = "return [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 \
                      && !e.closest('.scroll, .result, .seg, pre')).map((e) => e.outerHTML.slice(0, 120)).slice(-3)";

/// Every page, light and dark, wide and narrow: nothing is wider than the window, nothing breaks
/// the policy. Leaves pictures where it is told to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_fits() {
    let Some(browser) = trailkeep_testkit::chromedriver() else { return };
    let stand = estate().await;
    let folder = std::env::var_os("TRAILKEEP_TEST_SCREENSHOTS").map(std::path::PathBuf::from);
    let finding = stand
        .state
        .findings()
        .list(
            &trailkeep_state::FindingFilter {
                min_level: Some(trailkeep_detect::Level::High),
                ..Default::default()
            },
            1,
            None,
        )
        .await
        .unwrap();
    let row = &finding.rows[0];
    let event = &row.finding;
    let sql = "SELECT useridentity.arn, eventname, count(*) AS n FROM cloudtrail_logs GROUP BY 1, 2 ORDER BY n DESC";
    let start = chrono::Utc::now() - chrono::TimeDelta::hours(12);
    for (hours, status) in [(0, Controls::Pass), (6, Controls::Fail)] {
        controls::keep(&stand, start + chrono::TimeDelta::hours(hours), status).await;
    }
    let latest = stand.state.assessments().latest().await.unwrap().unwrap();
    let results = stand.state.assessments().results(latest.id, &Default::default(), 0, 1).await.unwrap();
    let pages = [
        ("controls", "/controls".to_owned()),
        ("control", "/controls/1".to_owned()),
        ("check", "/controls/1/logging".to_owned()),
        ("result", format!("/controls/results/{}", results[0].id)),
        ("overview", "/?since=7d".to_owned()),
        ("search", "/search?since=7d".to_owned()),
        ("event", format!("/search?since=7d&event={}&table={}", event.event_uid, event.table)),
        ("sql", "/sql".to_owned()),
        ("findings", "/findings".to_owned()),
        ("finding", format!("/findings/{}", row.id)),
        ("nothing", "/search?q=eventName:Nothing".to_owned()),
        ("wrong", "/search?q=(a".to_owned()),
        ("tokens", "/settings/tokens".to_owned()),
        ("users", "/settings/users".to_owned()),
        ("audit", "/settings/audit".to_owned()),
        ("runs", "/settings/runs".to_owned()),
    ];
    let window = Window::open(&browser).await;
    for theme in ["light", "dark"] {
        for (size, width, height) in [("wide", 1440, 900), ("narrow", 480, 900)] {
            window.resize(width, height).await;
            for (name, path) in &pages {
                window.go(&stand.at(path)).await;
                window.run(&format!("document.cookie = 'trailkeep_theme={theme}; path=/'")).await;
                window.go(&stand.at(path)).await;
                if *name == "sql" {
                    window.run(&format!("{WATCH}; document.querySelector('[data-editor]').value = {sql:?}; document.querySelector('[data-default]').click()")).await;
                    window.until("document.querySelector('.result [data-row]')").await;
                }
                let over = window.run("return document.documentElement.scrollWidth - innerWidth").await;
                let widest = window.run(WIDEST).await;
                assert!(over.as_i64() <= Some(1), "{name} {theme} {size} is {over} px too wide: {widest}");
                if let Some(folder) = &folder {
                    std::fs::write(
                        folder.join(format!("{name}-{theme}-{size}.png")),
                        window.screenshot().await,
                    )
                    .unwrap();
                }
            }
        }
    }
    window.close().await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_board_to_a_fix_by_keyboard() {
    let Some(browser) = trailkeep_testkit::chromedriver() else { return };
    let stand = estate().await;
    controls::keep(&stand, chrono::Utc::now(), Controls::Fail).await;
    let window = Window::open(&browser).await;
    window.go(&stand.at("/?since=7d")).await;
    window.run(WATCH).await;
    let tiles = window.run("return document.querySelectorAll('.board .tile').length").await;
    assert_eq!(tiles, 6, "the front page begins with the board");
    assert_eq!(window.run("return window.__faults").await, serde_json::json!([]));
    // g c: the controls; j, Enter: the first check, then its first resource.
    window.keys("gc").await;
    window.until("location.pathname === '/controls'").await;
    window.run(WATCH).await;
    window.keys("j\u{e007}").await;
    window.until("location.pathname.split('/').length === 4 && document.querySelector('[data-row]')").await;
    window.keys("j\u{e007}").await;
    window.until("location.pathname.startsWith('/controls/results/')").await;
    window.run(WATCH).await;
    let copied =
        window.run("return [...document.querySelectorAll('[data-copy]')].map((b) => b.dataset.copy)").await;
    assert!(copied.as_array().unwrap().contains(&serde_json::json!("aws fix --it \"now\"")), "{copied}");
    let json = window.run("return document.querySelector('pre.json').innerText").await;
    assert!(json.as_str().unwrap().contains("IsLogging"), "{json}");
    assert_eq!(window.run("return window.__faults").await, serde_json::json!([]));
    window.close().await;
    stand.stop().await;
}
