//! Alarms in a real Chromium: by keyboard, in every size and theme.
//!
//! With `TRAILKEEP_TEST_SCREENSHOTS=folder`, pictures of the pages are left there.

use serde_json::json;

use crate::alarms::{in_state, own, root_use};
use crate::browser::{WATCH, WIDEST};
use crate::stand::Stand;
use crate::webdriver::Window;

fn alarm(name: &str, metric: &str) -> serde_json::Value {
    json!({
        "AlarmName": name, "Namespace": "Test", "MetricName": metric, "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching", "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:security-alerts"],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_list_to_the_graph_and_a_simulation() {
    let Some(browser) = trailkeep_testkit::chromedriver() else { return };
    let stand = Stand::alarming(own(&[
        alarm("root-use", "root"),
        alarm("calm", "none"),
        json!({ "AlarmName": "anything", "AlarmRule": "ALARM(\"root-use\") OR ALARM(calm)" }),
    ]))
    .await;
    stand.load("test://root", root_use(1)).await;
    in_state(&stand, "anything", "ALARM").await;
    let window = Window::open(&browser).await;
    window.resize(1440, 900).await;

    // g a: to the alarms; j j, Enter: the second of those in ALARM.
    window.go(&stand.at("/settings")).await;
    window.keys("ga").await;
    window
        .until("location.pathname === '/alarms' && document.querySelectorAll('[data-row]').length === 3")
        .await;
    window.run(WATCH).await;
    window.keys("jj\u{e007}").await;
    window.until("location.pathname === '/alarms/root-use'").await;
    window.run(WATCH).await;
    let boxes = window.run("const b = (s) => document.querySelector(s).getBoundingClientRect(); const svg = b('.alarm-graph > svg'), dot = b('.mark.breaching'), line = b('line.threshold'), strip = b('rect.state'); return [svg.width, dot.width, dot.height, line.width - svg.width, strip.bottom - svg.bottom, dot.right - svg.right]").await;
    let number = |at: usize| boxes[at].as_f64().unwrap();
    assert!(number(0) > 500.0, "{boxes}");
    assert!((number(1) - number(2)).abs() < 0.5, "a dot is round however wide the graph is: {boxes}");
    assert!(number(3).abs() < 1.0 && number(4) < 0.0 && number(5) < 1.0, "{boxes}");
    assert_eq!(
        window.run("return getComputedStyle(document.querySelector('.alarm-graph .line')).fill").await,
        "none"
    );
    assert_eq!(window.run("return window.__faults").await, json!([]));

    // A longer range, by its link; then a simulation of this alarm, as it is.
    window
        .run("[...document.querySelectorAll('#graph .seg a')].find((a) => a.innerText === '7 d').click()")
        .await;
    window.until("new URL(location).searchParams.get('range') === '7d'").await;
    window
        .run("[...document.querySelectorAll('a.btn')].find((a) => a.innerText === 'Simulate').click()")
        .await;
    window.until("location.pathname === '/alarms/simulate' && document.querySelector('[name=definition]').value.includes('root-use')").await;
    window.run(WATCH).await;
    window.run("document.querySelector('[name=datapoints]').focus()").await;
    window.run("document.querySelector('[name=datapoints]').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }))").await;
    window
        .until(
            "document.body.innerText.includes('Changes of state') && document.querySelector('.alarm-graph')",
        )
        .await;

    let folder = std::env::var_os("TRAILKEEP_TEST_SCREENSHOTS").map(std::path::PathBuf::from);
    let pages = [
        ("alarms", "/alarms"),
        ("alarm", "/alarms/root-use"),
        ("alarm-composite", "/alarms/anything"),
        ("alarm-simulate", "/alarms/simulate?example=1"),
        ("alarm-simulated", "/alarms/simulate?example=1"),
    ];
    for theme in ["light", "dark"] {
        for (size, width, height) in [("wide", 1440, 1500), ("narrow", 480, 2400)] {
            window.resize(width, height).await;
            for (name, path) in pages {
                window.go(&stand.at(path)).await;
                window.run(&format!("document.cookie = 'trailkeep_theme={theme}; path=/'")).await;
                window.go(&stand.at(path)).await;
                if name == "alarm-simulated" {
                    window.run("document.querySelector('[data-default]').click()").await;
                    window.until("document.querySelector('.alarm-graph')").await;
                }
                let over = window.run("return document.documentElement.scrollWidth - innerWidth").await;
                let widest = window.run(WIDEST).await;
                assert!(over.as_i64() <= Some(1), "{name} {theme} {size} is {over} px too wide: {widest}");
                if let Some(folder) = &folder {
                    let picture = folder.join(format!("{name}-{theme}-{size}.png"));
                    std::fs::write(picture, window.screenshot().await).unwrap();
                }
            }
        }
    }
    window.close().await;
    stand.stop().await;
}
