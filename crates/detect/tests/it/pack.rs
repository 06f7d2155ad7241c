//! The built-in pack holds what it promises.

use std::collections::{BTreeSet, HashSet};

use trailkeep_detect::{RuleKind, RuleSet, facts};

fn builtin() -> RuleSet {
    RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors:#?}"))
}

#[test]
fn every_case_goes_as_it_says() {
    let results = builtin().run_tests();
    let failed: Vec<_> = results.iter().filter(|result| !result.passed()).collect();
    assert!(failed.is_empty(), "{} of {} cases failed: {failed:#?}", failed.len(), results.len());
}

#[test]
fn every_rule_has_a_case_that_fires_and_one_that_does_not() {
    let set = builtin();
    assert!(set.untested_files().is_empty(), "rules without test events: {:?}", set.untested_files());
    let results = set.run_tests();
    let files: HashSet<&str> = set.rules().iter().map(|rule| rule.file.as_str()).collect();
    for file in files {
        for expected in [true, false] {
            let found = results.iter().any(|result| result.file == file && result.expected == expected);
            assert!(found, "{file} has no case with fires: {expected}");
        }
    }
}

#[test]
fn every_rule_is_described() {
    let set = builtin();
    for rule in set.rules() {
        let what = &rule.file;
        assert!(rule.description.len() > 20, "{what}: description");
        assert!(!rule.references.is_empty(), "{what}: references");
        assert!(!rule.false_positives.is_empty(), "{what}: falsepositives");
        assert_eq!(rule.author.as_deref(), Some("Trailkeep"), "{what}: author");
        assert!(rule.status.is_some(), "{what}: status");
        assert!(rule.source.contains("\nlevel: "), "{what}: level");
        assert!(rule.tags.iter().all(|tag| tag.starts_with("attack.")), "{what}: tags");
        assert!(rule.id.len() == 36 && rule.id.as_bytes()[14] == b'4', "{what}: id is no UUID of version 4");
        let silent = rule.level <= trailkeep_detect::Level::Informational || !rule.reports;
        assert!(silent || !rule.tags.is_empty(), "{what}: no tags");
        assert!(rule.title.len() <= 110 && !rule.title.ends_with('.'), "{what}: title");
    }
}

#[test]
fn rules_speak_of_facts_that_there_are() {
    let known: HashSet<&str> = facts::FAMILIES
        .iter()
        .flat_map(|family| family.facts)
        .chain(facts::GENERAL)
        .map(|(name, _)| *name)
        .collect();
    for rule in builtin().rules() {
        let words = rule.source.split(|c: char| c.is_whitespace() || matches!(c, ':' | '|' | '\'' | '"'));
        for fact in words.filter_map(|word| word.strip_prefix(facts::PREFIX)) {
            assert!(known.contains(fact), "{}: no fact is called trailkeep.{fact}", rule.file);
        }
    }
}

#[test]
fn only_base_rules_of_a_correlation_are_silent() {
    let set = builtin();
    let silent: BTreeSet<&str> = set
        .rules()
        .iter()
        .filter(|rule| !rule.reports)
        .map(|rule| rule.name.as_deref().unwrap_or(&rule.file))
        .collect();
    assert_eq!(silent, BTreeSet::from(["trailkeep_access_key_used", "trailkeep_secret_read"]));
}

#[test]
fn the_list_of_rules() {
    let set = builtin();
    let mut lines: Vec<String> = set
        .rules()
        .iter()
        .map(|rule| {
            let kind = if rule.kind == RuleKind::Correlation { " (correlation)" } else { "" };
            format!("{:<55} {:<13} {}{kind}", rule.file, rule.level, rule.title)
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}
