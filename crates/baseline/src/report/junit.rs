//! JUnit's XML: a suite per control, a case per result. What is unknown or waived is skipped, with
//! the reason: neither is a failure of the build, and neither has passed.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::text::clean_lines;
use super::{Line, Report};
use crate::check::{Control, Status};

pub(super) fn render(report: &Report<'_>) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // A `Vec` takes every byte: writing into one does not fail.
    match write(report, &mut writer) {
        Ok(()) => String::from_utf8(writer.into_inner()).unwrap_or_default() + "\n",
        Err(error) => format!("<!-- {error} -->\n"),
    }
}

type Out = Writer<Vec<u8>>;

fn write(report: &Report<'_>, out: &mut Out) -> std::io::Result<()> {
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let skipped = report.count(Status::Unknown) + report.count(Status::Waived);
    let root = counted(
        BytesStart::new("testsuites"),
        "Trailkeep: the six controls",
        report.lines.len(),
        report.count(Status::Fail),
        skipped,
    );
    out.write_event(Event::Start(root))?;
    for control in report.about.controls.iter().copied() {
        suite(report, control, out)?;
    }
    out.write_event(Event::End(BytesEnd::new("testsuites")))
}

fn counted<'a>(
    mut element: BytesStart<'a>,
    name: &str,
    tests: usize,
    failures: usize,
    skipped: usize,
) -> BytesStart<'a> {
    element.push_attribute(("name", name));
    element.push_attribute(("tests", tests.to_string().as_str()));
    element.push_attribute(("failures", failures.to_string().as_str()));
    element.push_attribute(("errors", "0"));
    element.push_attribute(("skipped", skipped.to_string().as_str()));
    element
}

fn suite(report: &Report<'_>, control: Control, out: &mut Out) -> std::io::Result<()> {
    let lines: Vec<&Line<'_>> = report.lines.iter().filter(|line| line.result.control == control).collect();
    let count = |wanted: &[Status]| lines.iter().filter(|line| wanted.contains(&line.result.status)).count();
    let name = format!("Control {}: {}", control.number(), control.title());
    let (failures, skipped) = (count(&[Status::Fail]), count(&[Status::Unknown, Status::Waived]));
    let mut element = counted(BytesStart::new("testsuite"), &name, lines.len(), failures, skipped);
    element.push_attribute((
        "timestamp",
        report.assessment.assessed_at.format("%Y-%m-%dT%H:%M:%S").to_string().as_str(),
    ));
    out.write_event(Event::Start(element))?;
    for line in lines {
        case(line, out)?;
    }
    out.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn case(line: &Line<'_>, out: &mut Out) -> std::io::Result<()> {
    let result = line.result;
    let mut element = BytesStart::new("testcase");
    element.push_attribute((
        "classname",
        format!("trailkeep.control{}.{}", result.control.number(), result.check_id).as_str(),
    ));
    let name = format!("{} [{} {} {}]", result.title, result.account_id, result.region, result.resource_arn);
    element.push_attribute(("name", text(&name).as_str()));
    if result.status == Status::Pass {
        return out.write_event(Event::Empty(element));
    }
    out.write_event(Event::Start(element))?;
    match result.status {
        Status::Fail => {
            let mut failure = BytesStart::new("failure");
            failure.push_attribute(("type", result.severity.as_str()));
            failure.push_attribute(("message", text(&result.observed).as_str()));
            out.write_event(Event::Start(failure))?;
            let body = format!(
                "observed: {}\nexpected: {}\nfix:\n{}",
                result.observed, result.expected, result.remediation
            );
            out.write_event(Event::Text(BytesText::new(&text(&body))))?;
            out.write_event(Event::End(BytesEnd::new("failure")))?;
        }
        _ => {
            let mut skipped = BytesStart::new("skipped");
            skipped.push_attribute(("message", text(&reason(line)).as_str()));
            out.write_event(Event::Empty(skipped))?;
        }
    }
    out.write_event(Event::End(BytesEnd::new("testcase")))
}

fn reason(line: &Line<'_>) -> String {
    let result = line.result;
    match &result.waiver {
        Some(waiver) => format!("waived by {} until {}: {}", waiver.owner, waiver.expires, waiver.reason),
        None if result.missing_actions.is_empty() => format!("unknown: {}", result.observed),
        None => format!("unknown, for want of {}: {}", result.missing_actions.join(", "), result.observed),
    }
}

/// XML 1.0 has no way to write most control characters, and two that it has no reader expects.
fn text(raw: &str) -> String {
    let lines: Vec<String> = clean_lines(raw).collect();
    lines.join("\n").replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;

    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_suites() {
        let (assessment, about) = (fixture::assessment(), fixture::about());
        insta::assert_snapshot!(fixture::report(&assessment, &about).junit());
    }

    #[test]
    fn hostile_names_leave_it_well_formed() {
        let (mut assessment, about) = (fixture::assessment(), fixture::about());
        for result in &mut assessment.results {
            result.observed = "]]> \u{0} \u{b} \u{ffff} <!-- & \" ' </testcase>".to_owned();
            result.resource_arn = "arn:aws:s3:::\"><x>\u{1b}".to_owned();
        }
        let xml = fixture::report(&assessment, &about).junit();
        let mut reader = Reader::from_str(&xml);
        let mut cases = 0;
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(e) | Event::Empty(e) => {
                    assert!(e.attributes().all(|attribute| attribute.is_ok()));
                    assert_ne!(e.name().as_ref(), b"x");
                    cases += usize::from(e.name().as_ref() == b"testcase");
                }
                _ => {}
            }
        }
        assert_eq!(cases, assessment.results.len());
        assert!(!xml.contains(['\u{0}', '\u{b}', '\u{1b}', '\u{ffff}']));
    }
}
