use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::definition::{MetricDataQuery, MetricStat};

/// Monday, 2026-11-30 00:00 UTC.
const MONDAY: i64 = 1_795_996_800;

type Points = Vec<Option<f64>>;

fn query(value: serde_json::Value) -> MetricDataQuery {
    MetricDataQuery::read("q", &value).unwrap()
}

fn metric(id: &str) -> MetricDataQuery {
    query(
        json!({ "Id": id, "MetricStat": { "Metric": { "Namespace": "N", "MetricName": id }, "Period": 60, "Stat": "Sum" } }),
    )
}

/// Evaluates an expression over metrics with these values, a minute each.
fn eval(expression: &str, metrics: &[(&str, &[Option<f64>])]) -> Result<Value, MathError> {
    let mut queries: Vec<MetricDataQuery> = metrics.iter().map(|(id, _)| metric(id)).collect();
    queries.push(query(json!({ "Id": "e", "Expression": expression })));
    let read = |stat: &MetricStat, _: &Grid| -> Points {
        metrics
            .iter()
            .find(|(id, _)| *id == stat.metric.name())
            .map(|(_, points)| points.to_vec())
            .unwrap_or_default()
    };
    let len = metrics.first().map_or(3, |(_, points)| points.len());
    let evaluation = Evaluation::new(&queries, &read, Grid { start: MONDAY, period: 60, len });
    evaluation.node(&Expression::parse(expression).unwrap().root)
}

fn series(expression: &str, metrics: &[(&str, &[Option<f64>])]) -> Points {
    match eval(expression, metrics) {
        Ok(Value::Series(series)) => series.points,
        other => panic!("{expression}: {other:?}"),
    }
}

fn number(expression: &str, metrics: &[(&str, &[Option<f64>])]) -> f64 {
    match eval(expression, metrics) {
        Ok(Value::Scalar(number)) => number,
        other => panic!("{expression}: {other:?}"),
    }
}

fn some(values: &[f64]) -> Points {
    values.iter().copied().map(Some).collect()
}

/// `-` is missing.
fn p(text: &str) -> Points {
    text.split_whitespace().map(|word| word.parse().ok()).collect()
}

#[test]
fn operators_bind_as_elsewhere() {
    for (text, value) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 3 - 2", 5.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ -1", 0.5),
        ("- - 3", 3.0),
        ("7 / 2", 3.5),
        ("1 + 1 == 2", 1.0),
        ("1 > 2 || 2 > 1 && 0", 0.0),
        ("1 OR 0 AND 0", 1.0),
        ("1 != 1", 0.0),
        ("2 >= 2", 1.0),
        ("1.5e2", 150.0),
        (".5", 0.5),
    ] {
        assert_eq!(number(text, &[]), value, "{text}");
    }
}

#[test]
fn the_guides_comparisons() {
    let metrics: [(&str, &[Option<f64>]); 2] = [("metric1", &p("30 20 0 0")), ("metric2", &p("20 - 20 -"))];
    assert_eq!(series("(metric1 < metric2)", &metrics), some(&[0.0, 0.0, 1.0, 0.0]));
    assert_eq!(series("(metric1 >= 30)", &metrics), some(&[1.0, 0.0, 0.0, 0.0]));
    assert_eq!(series("(metric1 > 15 AND metric2 > 15)", &metrics), some(&[1.0, 0.0, 0.0, 0.0]));
}

#[test]
fn the_guides_ifs() {
    let metrics: [(&str, &[Option<f64>]); 3] =
        [("metric1", &p("1 1 0 0 -")), ("metric2", &p("30 - 0 0 30")), ("metric3", &p("0 0 20 - 20"))];
    assert_eq!(series("IF(metric1, metric2, metric3)", &metrics), p("30 0 20 - -"));
    assert_eq!(series("IF(metric1, 5, metric3)", &metrics), p("5 5 20 - -"));
    assert_eq!(series("IF(metric1, metric2, 5)", &metrics), p("30 0 5 5 -"));
    assert_eq!(series("IF(metric1, metric2)", &metrics), p("30 0 - - -"));
    assert_eq!(series("IF(1, metric2, metric3)", &metrics), p("30 - 0 0 30"));
    assert_eq!(series("IF(0, metric2)", &metrics), p("- - - - -"));
    assert_eq!(series("IF(metric2 < 10, 10, 2)", &metrics), p("2 - 10 10 2"));
}

#[test]
fn arithmetic_between_series() {
    let metrics: [(&str, &[Option<f64>]); 2] = [("a", &p("4 - 6 -")), ("b", &p("2 1 0 -"))];
    assert_eq!(series("a + b", &metrics), p("6 1 6 -"), "one that is missing is 0");
    assert_eq!(series("a / b", &metrics), p("2 0 - -"), "division by zero is dropped");
    assert_eq!(series("a * 2 - 1", &metrics), p("7 - 11 -"));
    assert_eq!(series("100 / a", &metrics), p("25 - 16.666666666666668 -"));
    assert_eq!(series("-a", &metrics), p("-4 - -6 -"));
    assert_eq!(series("SUM([a, b] * 10)", &metrics), p("60 10 60 -"));
    assert_eq!(series("SUM(METRICS())", &metrics), p("6 1 6 -"));
    assert_eq!(series("SUM(METRICS(\"b\"))", &metrics), p("2 1 0 -"));
    assert_eq!(series("AVG([a, b]/b)", &metrics), p("1.5 0.5 - -"));
}

#[test]
fn aggregates_of_one_series_and_of_several() {
    let metrics: [(&str, &[Option<f64>]); 2] = [("a", &p("1 - 5 -")), ("b", &p("3 2 - -"))];
    for (function, one, several) in [
        ("SUM", 6.0, p("4 2 5 -")),
        ("MIN", 1.0, p("1 2 5 -")),
        ("MAX", 5.0, p("3 2 5 -")),
        ("AVG", 1.5, p("2 1 2.5 -")),
        ("STDDEV", 2.0, p("1 0 0 -")),
        ("DATAPOINT_COUNT", 2.0, p("2 1 1 0")),
    ] {
        assert_eq!(number(&format!("{function}(a)"), &metrics), one, "{function}");
        assert_eq!(series(&format!("{function}([a, b])"), &metrics), several, "{function}");
    }
    assert_eq!(number("METRIC_COUNT(METRICS())", &metrics), 2.0);
    assert_eq!(series("a - MIN(a)", &metrics), p("0 - 4 -"));
}

#[test]
fn functions_over_time() {
    let a: (&str, &[Option<f64>]) = ("a", &p("1 - 4 -2.5 -"));
    for (expression, expected) in [
        ("FILL(a, 0)", p("1 0 4 -2.5 0")),
        ("FILL(a, REPEAT)", p("1 1 4 -2.5 -2.5")),
        ("FILL(a, LINEAR)", p("1 2.5 4 -2.5 -")),
        ("FILL(a, MAX(a))", p("1 4 4 -2.5 4")),
        ("FILL(a, a + 1)", p("1 - 4 -2.5 -")),
        ("DIFF(a)", p("- - 3 -6.5 -")),
        ("DIFF_TIME(a)", p("- - 120 60 -")),
        ("RATE(a)", p("- - 0.025 -0.10833333333333334 -")),
        ("RUNNING_SUM(a)", p("1 - 5 2.5 -")),
        ("ABS(a)", p("1 - 4 2.5 -")),
        ("CEIL(a)", p("1 - 4 -2 -")),
        ("FLOOR(a)", p("1 - 4 -3 -")),
        ("LOG10(a / a * 100)", p("2 - 2 2 -")),
        ("LOG(a)", p("0 - 1.3862943611198906 - -")),
        ("a / PERIOD(a)", p("0.016666666666666666 - 0.06666666666666667 -0.041666666666666664 -")),
        ("TIME_SERIES(MAX(a))", p("4 4 4 4 4")),
        ("MINUTE(a)", p("0 1 2 3 4")),
        ("HOUR(a)", p("0 0 0 0 0")),
        ("DAY(a)", p("1 1 1 1 1")),
        ("DATE(a)", p("30 30 30 30 30")),
        ("MONTH(a)", p("11 11 11 11 11")),
        ("YEAR(a)", p("2026 2026 2026 2026 2026")),
        ("EPOCH(a) - 1795996800", p("0 60 120 180 240")),
        ("IF(DAY(a) < 6, a)", p("1 0 4 -2.5 0")),
    ] {
        assert_eq!(series(expression, &[a]), expected, "{expression}");
    }
}

#[test]
fn lists_are_sorted_and_cut() {
    let metrics: [(&str, &[Option<f64>]); 3] = [("a", &p("1 1")), ("b", &p("- -")), ("c", &p("3 -"))];
    let ids = |expression: &str| match eval(expression, &metrics) {
        Ok(Value::Array(list)) => {
            list.into_iter().map(|series| series.id.unwrap_or_default()).collect::<String>()
        }
        other => panic!("{expression}: {other:?}"),
    };
    for (expression, expected) in [
        ("SORT(METRICS(), MAX, DESC)", "cab"),
        ("SORT(METRICS(), MAX, ASC)", "acb"),
        ("SORT(METRICS(), SUM, DESC, 1)", "c"),
        ("SLICE(METRICS(), 1)", "bc"),
        ("SLICE(METRICS(), 0, 2)", "ab"),
        ("SLICE(METRICS(), 5, 9)", ""),
        ("SLICE(METRICS(), 2, 1)", ""),
        ("REMOVE_EMPTY(METRICS())", "ac"),
        ("[c, METRICS(\"a\")]", "ca"),
    ] {
        assert_eq!(ids(expression), expected, "{expression}");
    }
    assert_eq!(series("FIRST(SORT(METRICS(), MAX, DESC))", &metrics), p("3 -"));
    assert_eq!(series("LAST(METRICS())", &metrics), p("3 -"));
    assert_eq!(series("FIRST(REMOVE_EMPTY([b]))", &metrics), p("- -"));
}

#[test]
fn a_band_learns_from_the_weeks_before() {
    let queries = [
        metric("m1"),
        query(json!({ "Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 3)" })),
        query(json!({ "Id": "low", "Expression": "LAST(ad1)" })),
    ];
    let read = |_: &MetricStat, grid: &Grid| -> Points {
        (0..grid.len).map(|index| Some(10.0 + (grid.time(index) / 60 % 5) as f64)).collect()
    };
    let grid = Grid { start: MONDAY, period: 60, len: 2 };
    let evaluation = Evaluation::new(&queries, &read, grid);
    let (lower, upper) = evaluation.band("ad1").unwrap();
    assert_eq!(evaluation.series("low").unwrap().points, lower.points);
    let (lower, upper) = (lower.points[0].unwrap(), upper.points[0].unwrap());
    assert!((7.0..9.0).contains(&lower) && (15.0..17.0).contains(&upper), "{lower} {upper}");
}

#[test]
fn entries_use_one_another_and_are_computed_once() {
    // Each doubles the one before: without memory this would be two to the power of eighteen readings.
    let mut queries = vec![metric("e0")];
    for n in 1..19 {
        let before = n - 1;
        queries.push(query(json!({ "Id": format!("e{n}"), "Expression": format!("e{before} + e{before}") })));
    }
    let reads = std::cell::Cell::new(0);
    let read = |_: &MetricStat, grid: &Grid| -> Points {
        reads.set(reads.get() + 1);
        vec![Some(1.0); grid.len]
    };
    let evaluation = Evaluation::new(&queries, &read, Grid { start: 0, period: 60, len: 1 });
    assert_eq!(evaluation.series("e18").unwrap().points, [Some(262_144.0)]);
    assert_eq!(reads.get(), 1);
}

#[test]
fn what_no_data_would_mend_is_an_error() {
    let a: (&str, &[Option<f64>]) = ("a", &p("1 2"));
    for (expression, part) in [
        ("[1, a]", "a number in a list"),
        ("[a, a] + [a, a, a]", "lists of 2 and 3"),
        ("IF([a], 1, 2)", "not a list"),
        ("DIFF(5)", "not a number"),
        ("PERIOD(a + 1)", "the Id of a metric"),
        ("TIME_SERIES(a)", "takes a number"),
        ("MINUTE(5)", "takes a time series"),
        ("FIRST(5)", "takes a list"),
        ("SLICE(a, a)", "takes a number there"),
        ("ANOMALY_DETECTION_BAND([a])", "takes a time series"),
        ("ANOMALY_DETECTION_BAND(a, 0)", "above 0"),
        ("ANOMALY_DETECTION_BAND(FIRST(ANOMALY_DETECTION_BAND(a)))", "with a band"),
    ] {
        let error = eval(expression, &[a]).unwrap_err().to_string();
        assert!(error.contains(part), "{expression}: {error}");
    }
}

#[test]
fn errors_of_reading_say_where() {
    let error = |text: &str| {
        let error = Expression::parse(text).unwrap_err();
        format!("{error}\n{}", error.caret(text))
    };
    insta::assert_snapshot!(
        [
            "",
            "m1 +",
            "m1 m2",
            "(m1",
            "[m1, ",
            "AVG m1",
            "NONSENSE(m1)",
            "FILL(m1)",
            "FILL(m1, DESC)",
            "SORT(METRICS(), AVG)",
            "SORT(METRICS(), REPEAT, DESC)",
            "METRICS(m1)",
            "SEARCH('{N}', 'Sum')",
            "SERVICE_QUOTA(m1)",
            "SELECT AVG(CPUUtilization) FROM SCHEMA(\"AWS/EC2\")",
            "m1 + \"text\"",
            "1.2.3",
            "AVG",
            "m1 > > 2",
        ]
        .map(error)
        .join("\n\n")
    );
}

#[test]
fn nesting_and_length_are_bounded() {
    let deep = format!("{}1{}", "(".repeat(1000), ")".repeat(1000));
    assert!(Expression::parse(&deep).unwrap_err().to_string().contains("at most 48"));
    assert!(Expression::parse(&"-".repeat(1000)).unwrap_err().to_string().contains("at most 48"));
    let long = vec!["m1"; 1000].join("+");
    assert!(Expression::parse(&long).unwrap_err().to_string().contains("at most 2048"));
    let flat = vec!["1"; 1000].join("+");
    assert_eq!(number(&flat, &[]), 1000.0);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"[A-Za-z0-9_()\[\]<>=!&|+*/^.,"' é-]{0,60}"#) {
        if let Err(error) = Expression::parse(&text) {
            error.caret(&text);
        }
    }

    #[test]
    fn words_are_read_and_evaluated_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "a", "b", "1", "0", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",", "<", "==", "AND", "OR", "METRICS()", "AVG(",
        "FILL(", "IF(", "SORT(", "SLICE(", "DIFF(", "REPEAT", "LINEAR", "DESC", "MAX", "TIME_SERIES(", "RATE(", "FIRST(",
    ]), 1..14)) {
        let text = words.join(" ");
        if Expression::parse(&text).is_ok() {
            let result = eval(&text, &[("a", &p("1 - 0")), ("b", &p("- 2 -1e308"))]);
            if let Ok(Value::Series(series)) = result {
                prop_assert!(series.points.len() == 3 && series.points.iter().flatten().all(|value| value.is_finite()));
            }
        }
    }
}
