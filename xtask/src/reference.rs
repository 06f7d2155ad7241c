//! `cargo xtask reference`: the pages under docs/reference, written from the code.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use trailkeep_detect::{Level, RuleInfo, RuleKind, RuleSet, facts};
use trailkeep_formats::table::{Field, TableDef, Type};
use trailkeep_formats::{registry, table::COMMON_COLUMNS};

pub(crate) const GENERATED: &str =
    "<!-- Written by `cargo xtask reference` from the code. Change the code, not this page. -->\n\n";

/// Every page: file name and text.
pub(crate) fn pages() -> Result<Vec<(&'static str, String)>> {
    let rules =
        RuleSet::builtin().map_err(|errors| anyhow::anyhow!("the built-in rules do not load: {errors:?}"))?;
    Ok(vec![
        ("tables.md", tables()),
        ("rules.md", rule_page(rules.rules())),
        ("facts.md", fact_page()),
        ("checks.md", crate::check_page::page()),
    ])
}

/// Writes the pages below `root`, or fails when one differs from what is there.
pub(crate) fn run(root: &Path, check: bool) -> Result<String> {
    let folder = root.join("docs/reference");
    let mut stale = Vec::new();
    for (name, text) in pages()? {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok().as_deref() == Some(text.as_str()) {
            continue;
        }
        stale.push(name);
        if !check {
            fs::create_dir_all(&folder)
                .and_then(|()| fs::write(&path, text))
                .with_context(|| format!("writing {}", path.display()))?;
        }
    }
    if check && !stale.is_empty() {
        bail!(
            "docs/reference is stale ({}): run `cargo xtask reference` and commit what it writes",
            stale.join(", ")
        );
    }
    let verb = if stale.is_empty() { "up to date" } else { "written" };
    Ok(format!("docs/reference: {verb}{}\n", stale.iter().map(|name| format!(" {name}")).collect::<String>()))
}

// --- tables --------------------------------------------------------------------------------

fn tables() -> String {
    let mut page = format!("{GENERATED}# Tables\n\n");
    page.push_str(
        "Every table of the lake, with its columns. Names and types are those AWS documents for Athena; members of \
         structs are written with a dot, elements of lists with `[]`. All times are UTC.\n\n",
    );
    for table in registry::tables() {
        line(&mut page, format_args!("- [`{0}`](#{0}): {1}", table.name, table.doc));
    }
    common_columns(&mut page);
    for table in registry::tables() {
        one_table(&mut page, table);
    }
    page
}

/// What the columns are that every table ends with.
fn common_columns(page: &mut String) {
    page.push_str("\n## Columns of every table\n\nAfter its own columns, every table has these.\n\n| column | type | holds |\n|---|---|---|\n");
    for column in COMMON_COLUMNS {
        let (ty, doc) = match column {
            "event_time" => ("timestamp", "when it happened, to the microsecond; never null"),
            "event_date" => {
                ("date", "the day of `event_time`; the partition: a range of it reads only those days")
            }
            "account_id" => ("string", "the AWS account, twelve digits"),
            "region" => ("string", "the AWS Region"),
            "event_uid" => ("string", "tells one event from all others; an event is in the lake once"),
            "source_uri" => ("string", "the object it was read from"),
            "ingest_time" => ("timestamp", "when it was read"),
            "raw" => ("string", "the record as received, byte for byte"),
            _ => ("string", ""),
        };
        line(page, format_args!("| `{column}` | {ty} | {doc} |"));
    }
}

fn one_table(page: &mut String, table: &TableDef) {
    line(page, format_args!("\n## {}\n", table.name));
    line(page, format_args!("One row is {}.\n", table.doc));
    if !table.source.is_empty() {
        line(page, format_args!("Shaped as in <{}>.\n", table.source));
    }
    if !table.bloom.is_empty() {
        let columns: Vec<String> = table.bloom.iter().map(|column| format!("`{column}`")).collect();
        line(page, format_args!("Searches for one value are quickest in {}.\n", columns.join(", ")));
    }
    if !table.fields.is_empty() {
        page.push_str("| column | type | holds |\n|---|---|---|\n");
        for field in table.fields {
            field_rows(page, "", field);
        }
    }
    let events = &table.events;
    page.push_str("\nIn the `events` view:\n\n| column | is |\n|---|---|\n");
    for (name, expression) in [
        ("actor", events.actor),
        ("action", events.action),
        ("target", events.target),
        ("source_address", events.source_address),
        ("outcome", events.outcome),
    ] {
        line(
            page,
            format_args!(
                "| `{name}` | `{}` |",
                cell(&expression.split_whitespace().collect::<Vec<_>>().join(" "))
            ),
        );
    }
}

fn field_rows(page: &mut String, above: &str, field: &Field) {
    let path = format!("{above}{}", field.name);
    line(page, format_args!("| `{path}` | {} | {} |", type_name(&field.ty), cell(field.doc)));
    let (members, separator) = match &field.ty {
        Type::Struct(members) => (*members, "."),
        Type::List(Type::Struct(members)) => (*members, "[]."),
        _ => return,
    };
    for member in members {
        field_rows(page, &format!("{path}{separator}"), member);
    }
}

/// Athena's name of a type.
fn type_name(ty: &Type) -> String {
    match ty {
        Type::Utf8 => "string".to_owned(),
        Type::Json => "string (JSON)".to_owned(),
        Type::Int32 => "int".to_owned(),
        Type::Int64 => "bigint".to_owned(),
        Type::Float64 => "double".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Date32 => "date".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::Struct(_) => "struct".to_owned(),
        Type::List(item) => format!("array of {}", type_name(item)),
        Type::Map => "map of string to string".to_owned(),
    }
}

// --- rules ---------------------------------------------------------------------------------

fn rule_page(rules: &[RuleInfo]) -> String {
    let mut page = format!("{GENERATED}# Built-in rules\n\n");
    line(
        &mut page,
        format_args!(
            "{} rules, in [Sigma](https://sigmahq.io) format, under `crates/detect/rules/`. Each has events beside it that \
             must fire and events that must not. `trailkeep rules show ID` prints a rule.",
            rules.len()
        ),
    );
    let mut sorted: Vec<&RuleInfo> = rules.iter().collect();
    sorted.sort_by(|a, b| a.file.cmp(&b.file).then(a.line.cmp(&b.line)));
    summary(&mut page, &sorted);
    let mut family = "";
    for rule in sorted {
        let this = family_of(rule);
        if this != family {
            family = this;
            line(&mut page, format_args!("\n## {}", crate::names::sentence(family)));
        }
        one_rule(&mut page, rule);
    }
    page
}

fn family_of(rule: &RuleInfo) -> &str {
    rule.file.split_once('/').map_or("other", |(family, _)| family)
}

fn summary(page: &mut String, rules: &[&RuleInfo]) {
    page.push_str("\n| level | rules |\n|---|---|\n");
    for level in [Level::Critical, Level::High, Level::Medium, Level::Low, Level::Informational] {
        let count = rules.iter().filter(|rule| rule.level == level && rule.reports).count();
        line(page, format_args!("| {level} | {count} |"));
    }
    let silent = rules.iter().filter(|rule| !rule.reports).count();
    line(page, format_args!("| only counted by a correlation | {silent} |"));
}

fn one_rule(page: &mut String, rule: &RuleInfo) {
    line(page, format_args!("\n### {}\n", rule.title));
    let kind = match (rule.kind, rule.reports) {
        (RuleKind::Correlation, _) => "correlation",
        (RuleKind::Detection, true) => "detection",
        (RuleKind::Detection, false) => "counted by a correlation, gives no finding itself",
    };
    line(page, format_args!("**{}** · {kind} · `{}` · `{}`\n", rule.level, rule.file, rule.id));
    line(page, format_args!("{}\n", rule.description.split_whitespace().collect::<Vec<_>>().join(" ")));
    if !rule.tags.is_empty() {
        let tags: Vec<String> = rule.tags.iter().map(|tag| format!("`{tag}`")).collect();
        line(page, format_args!("- ATT&CK: {}", tags.join(", ")));
    }
    if !rule.false_positives.is_empty() {
        line(page, format_args!("- Also fires when: {}", rule.false_positives.join("; ")));
    }
    for reference in &rule.references {
        line(page, format_args!("- <{reference}>"));
    }
}

// --- facts ---------------------------------------------------------------------------------

fn fact_page() -> String {
    let mut page = format!("{GENERATED}# Facts\n\n");
    page.push_str(
        "What a change was about often stands in nested lists of a CloudTrail event's request parameters, where a Sigma \
         rule cannot reach. These plain fields are derived from it; a rule names them like any other field. A fact that \
         cannot be derived from an event is absent from it.\n\n",
    );
    let row = |page: &mut String, (name, doc): &(&str, &str)| {
        line(page, format_args!("| `{}{name}` | {} |", facts::PREFIX, cell(doc)));
    };
    page.push_str("## Every event\n\n| fact | says |\n|---|---|\n");
    facts::GENERAL.iter().for_each(|fact| row(&mut page, fact));
    for family in facts::FAMILIES {
        let events: Vec<String> = family.events.iter().map(|event| format!("`{event}`")).collect();
        line(
            &mut page,
            format_args!(
                "\n## `{}{}`\n\nOf {}.\n\n| fact | says |\n|---|---|",
                facts::PREFIX,
                family.prefix,
                events.join(", ")
            ),
        );
        family.facts.iter().for_each(|fact| row(&mut page, fact));
    }
    page
}

// --- Markdown ------------------------------------------------------------------------------

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{text}");
}

/// Text that does not break out of a table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_structs_and_lists_have_rows_of_their_own() {
        const MEMBERS: &[Field] = &[Field::new("arn", Type::Utf8, "which | one")];
        let mut page = String::new();
        field_rows(&mut page, "", &Field::new("who", Type::Struct(MEMBERS), "caller"));
        field_rows(&mut page, "", &Field::new("resources", Type::List(&Type::Struct(MEMBERS)), "touched"));
        field_rows(&mut page, "", &Field::new("ports", Type::List(&Type::Int32), "opened"));
        insta::assert_snapshot!(page, @r"
        | `who` | struct | caller |
        | `who.arn` | string | which \| one |
        | `resources` | array of struct | touched |
        | `resources[].arn` | string | which \| one |
        | `ports` | array of int | opened |
        ");
    }

    #[test]
    fn a_stale_page_is_told_and_then_written() {
        let root = tempfile::tempdir().unwrap();
        let message = run(root.path(), true).unwrap_err().to_string();
        assert!(message.contains("tables.md") && message.contains("cargo xtask reference"), "{message}");
        assert!(run(root.path(), false).unwrap().contains("written tables.md"));
        assert_eq!(run(root.path(), true).unwrap(), "docs/reference: up to date\n");
        fs::write(root.path().join("docs/reference/rules.md"), "edited by hand").unwrap();
        assert!(run(root.path(), true).unwrap_err().to_string().contains("(rules.md)"));
    }

    #[test]
    fn every_table_rule_and_fact_has_its_place() {
        let pages: std::collections::HashMap<_, _> = pages().unwrap().into_iter().collect();
        for table in registry::tables() {
            assert!(pages["tables.md"].contains(&format!("\n## {}\n", table.name)), "{}", table.name);
        }
        for rule in RuleSet::builtin().unwrap().rules() {
            assert!(pages["rules.md"].contains(&format!("`{}`", rule.id)), "{}", rule.file);
        }
        for (fact, _) in facts::FAMILIES.iter().flat_map(|family| family.facts) {
            assert!(pages["facts.md"].contains(&format!("{}{fact}`", facts::PREFIX)), "{fact}");
        }
    }
}
