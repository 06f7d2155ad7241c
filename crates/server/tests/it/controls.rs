//! The six controls: board, drill-down, trend, findings of what got worse, the schedule, the API.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use trailkeep_baseline::report::{About, Scope, WaiverState};
use trailkeep_baseline::{Assessment, CheckResult, Control, Inventory, Settings, Severity, Status, Waiver};
use trailkeep_server::backend::Estate;
use trailkeep_server::posture;
use trailkeep_state::FindingFilter;

use crate::stand::{Stand, config, file, record, uuid};

const ACCOUNT: &str = "111122223333";

fn result(control: Control, check: &str, status: Status, arn: &str) -> CheckResult {
    CheckResult {
        check_id: check.to_owned(),
        control,
        title: format!("Title of {check}"),
        status,
        severity: Severity::High,
        account_id: ACCOUNT.to_owned(),
        region: "eu-west-1".to_owned(),
        resource_arn: arn.to_owned(),
        observed: "seen <script>alert(1)</script>".to_owned(),
        expected: "expected & wanted".to_owned(),
        remediation: "aws fix --it \"now\"".to_owned(),
        missing_actions: Vec::new(),
        evidence: json!({"IsLogging": false, "Note": "</pre><script>x</script>"}),
        waiver: None,
    }
}

fn waiver() -> Waiver {
    Waiver {
        check: "flow".to_owned(),
        resource: "arn:*".to_owned(),
        owner: "dana@example.com".to_owned(),
        reason: "goes away in June".to_owned(),
        expires: NaiveDate::from_ymd_opt(2030, 6, 30).unwrap(),
    }
}

pub(crate) fn assessment(at: DateTime<Utc>, trail: Status) -> Assessment {
    let mut waived =
        result(Control::Services, "flow", Status::Waived, "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1");
    waived.waiver = Some(waiver());
    let mut unknown = result(Control::Alarms, "alarms", Status::Unknown, "arn:aws:iam::111122223333:root");
    unknown.missing_actions = vec!["cloudwatch:DescribeAlarms".to_owned()];
    Assessment {
        assessed_at: at,
        results: vec![
            result(Control::Trail, "logging", trail, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"),
            result(
                Control::Trail,
                "logging",
                Status::Pass,
                "arn:aws:cloudtrail:eu-west-1:111122223333:trail/two",
            ),
            waived,
            result(Control::Bucket, "closed", Status::Fail, "arn:aws:s3:::logs"),
            unknown,
        ],
    }
}

pub(crate) fn about() -> About {
    let scope = Scope {
        account_id: ACCOUNT.to_owned(),
        name: Some("<b>log-archive</b>".to_owned()),
        regions: vec!["eu-west-1".to_owned()],
        left_out: Default::default(),
        failed: None,
        answered: 42,
        refused: 1,
    };
    let mut ended = waiver();
    ended.expires = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    About {
        version: "0.1.0".to_owned(),
        settings: Settings::default(),
        controls: Control::ALL.to_vec(),
        accounts: vec![scope],
        waivers: vec![
            WaiverState { waiver: waiver(), expired: false, covers: 1 },
            WaiverState { waiver: ended, expired: true, covers: 0 },
        ],
    }
}

pub(crate) async fn keep(stand: &Stand, at: DateTime<Utc>, trail: Status) -> posture::Kept {
    posture::keep(&stand.state, &assessment(at, trail), &about(), "check", &[], Utc::now()).await.unwrap()
}

#[tokio::test]
async fn without_an_assessment_the_pages_say_how_to_make_one() {
    let stand = Stand::open().await;
    for path in ["/", "/controls"] {
        let (status, page) = stand.get(path).await;
        assert_eq!(status, 200);
        assert!(page.contains("not assessed yet") && page.contains("trailkeep check"), "{path}: {page}");
    }
    for path in ["/controls/1", "/controls/7", "/controls/x", "/controls/1/logging", "/controls/results/none"]
    {
        assert_eq!(stand.get(path).await.0, 404, "{path}");
    }
    let (status, board) = stand.get("/api/v1/controls").await;
    let board: Value = serde_json::from_str(&board).unwrap();
    assert_eq!((status.as_u16(), &board["assessed_at"], &board["controls"]), (200, &Value::Null, &json!([])));
    assert_eq!(stand.get("/api/v1/controls/results").await.1, r#"{"data":[]}"#);
    stand.stop().await;
}

#[tokio::test]
async fn logs_without_an_assessment_are_shown_below_a_line_that_says_so() {
    let stand = Stand::open().await;
    stand.load("test://one", file(&[record(&uuid(1), "StopLogging", json!({}))])).await;
    let (_, page) = stand.get("/?since=all").await;
    assert!(page.contains("not assessed yet") && page.contains("cloudtrail_logs"), "beside the logs: {page}");
    stand.stop().await;
}

#[tokio::test]
async fn from_the_board_down_to_the_evidence() {
    let stand = Stand::open().await;
    keep(&stand, Utc::now() - TimeDelta::hours(3), Status::Fail).await;
    let (_, front) = stand.get("/").await;
    assert!(front.contains("The six controls") && front.contains("href=\"/controls/4\""), "{front}");

    let (_, index) = stand.get("/controls").await;
    for text in
        ["Title of closed", "dana@example.com", "Expired", "&lt;b&gt;log-archive&lt;/b&gt;", "2 checks fail"]
    {
        assert!(index.contains(text), "{text} in {index}");
    }
    let (_, control) = stand.get("/controls/1").await;
    assert!(
        control.contains("href=\"/controls/1/logging\"") && !control.contains("Title of closed"),
        "{control}"
    );
    let (_, check) = stand.get("/controls/1/logging?status=FAIL").await;
    assert!(check.contains("trail/main") && !check.contains("trail/two"), "{check}");
    assert!(stand.get("/controls/1/logging?account=999999999999").await.1.contains("No resource fits"));
    assert_eq!(stand.get("/controls/2/logging").await.0, 404, "of another control");

    let (_, rest) = check.split_once("href=\"/controls/results/").unwrap();
    let (_, result) = stand.get(&format!("/controls/results/{}", rest.split('"').next().unwrap())).await;
    for text in
        ["expected &amp; wanted", "data-copy=\"aws fix --it &quot;now&quot;\"", "IsLogging", "trail/main"]
    {
        assert!(result.contains(text), "{text} in {result}");
    }
    let (_, waived) = stand.get("/controls/2/flow").await;
    assert!(waived.contains("waived by dana@example.com until 2030-06-30"), "{waived}");
    for page in [front, index, control, check, result, waived] {
        assert!(!page.contains("<script>") && !page.contains("style=\""), "{page}");
    }
    stand.stop().await;
}

#[tokio::test]
async fn what_got_worse_becomes_a_finding_once() {
    let stand = Stand::open().await;
    let start = Utc::now() - TimeDelta::hours(12);
    assert_eq!(keep(&stand, start, Status::Pass).await.regressed, 0, "nothing to compare with");
    let later = start + TimeDelta::hours(6);
    for _ in 0..2 {
        assert_eq!(keep(&stand, later, Status::Fail).await.regressed, 1);
    }
    let findings = stand.state.findings().list(&FindingFilter::default(), 10, None).await.unwrap().rows;
    assert_eq!(findings.len(), 1);
    let finding = &findings[0];
    assert_eq!(finding.finding.rule_title, "Control 1 regressed");
    assert_eq!(finding.level, trailkeep_detect::Level::High);
    let (_, page) = stand.get(&format!("/findings/{}", finding.id)).await;
    assert!(page.contains("Title of logging") && page.contains("/controls/results/"), "{page}");
    let (_, result) = stand.get(&format!("/controls/results/{}", finding.finding.event_uid)).await;
    assert!(result.contains("Findings on this") && result.contains(&finding.id), "{result}");
    assert_eq!(keep(&stand, later + TimeDelta::hours(1), Status::Fail).await.regressed, 0, "it fails still");
    let (_, page) = stand.get("/controls").await;
    assert!(
        page.contains("Failures over time") && page.contains("3 assessments") && page.contains("plot-svg"),
        "{page}"
    );
    stand.stop().await;
}

#[tokio::test]
async fn the_api_gives_the_board_and_pages_of_results() {
    let stand = Stand::open().await;
    keep(&stand, Utc::now(), Status::Fail).await;
    let get = async |path: &str| -> Value { serde_json::from_str(&stand.get(path).await.1).unwrap() };
    let board = get("/api/v1/controls").await;
    assert_eq!(board["controls"][3]["status"], "FAIL");
    assert_eq!(board["controls"][3]["worst"], "high");
    assert_eq!(board["about"]["accounts"][0]["account_id"], ACCOUNT);
    let (mut seen, mut path) = (Vec::new(), "/api/v1/controls/results?limit=2".to_owned());
    loop {
        let page = get(&path).await;
        seen.extend(page["data"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/controls/results?limit=2&after={next}");
    }
    assert_eq!(seen.len(), 5);
    for field in [
        "id",
        "check_id",
        "control",
        "status",
        "severity",
        "account_id",
        "region",
        "resource_arn",
        "observed",
        "expected",
        "remediation",
    ] {
        assert!(!seen[0][field].is_null(), "{field} in {}", seen[0]);
    }
    let failing = get("/api/v1/controls/results?status=fail,unknown&control=6").await;
    assert_eq!(failing["data"].as_array().unwrap().len(), 1);
    for wrong in ["status=bad", "control=7", "after=x", "limit=x"] {
        assert_eq!(stand.get(&format!("/api/v1/controls/results?{wrong}")).await.0, 400, "{wrong}");
    }
    stand.stop().await;

    let guarded = Stand::guarded().await;
    assert_eq!(guarded.get("/api/v1/controls").await.0, 401);
    assert_eq!(guarded.get("/controls").await.0, 303, "to the login");
    guarded.stop().await;
}

/// Answers for nobody first, then with an account.
#[derive(Default)]
struct Answers(AtomicUsize);

#[async_trait::async_trait]
impl Estate for Answers {
    async fn inventory(&self) -> Result<Inventory, String> {
        if self.0.fetch_add(1, Relaxed) == 0 {
            return Err("no credentials <at all>".to_owned());
        }
        let account = json!({"id": ACCOUNT, "regions": ["eu-west-1"], "answers": {}});
        let inventory = json!({"schema": 1, "collected_at": Utc::now(), "accounts": {ACCOUNT: account}});
        Inventory::from_json(inventory.to_string().as_bytes())
    }
}

#[tokio::test]
async fn the_schedule_tells_a_failure_and_goes_on() {
    let mut config = config();
    config.check.enabled = true;
    config.check.interval = Duration::from_millis(400);
    let answers = Arc::new(Answers::default());
    let stand = Stand::watching(config, answers.clone()).await;
    let until = async |path: &str, text: &str| {
        for _ in 0..200 {
            let page = stand.get(path).await.1;
            if page.contains(text) {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{path} never had {text}");
    };
    until("/controls", "no credentials &lt;at all&gt;").await;
    let page = until("/controls", "trailkeep serve").await;
    assert!(!page.contains("no credentials"), "{page}");
    assert!(answers.0.load(Relaxed) >= 2);
    stand.stop().await;
}
