//! `cargo xtask new …`: files from templates, and a line in a registry.
//!
//! What is scaffolded compiles, and one of its tests fails until it is filled in: a forgotten
//! placeholder cannot be merged.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::names::{camel_case, check_snake_case, sentence};

/// Scaffolds the log format `name`; gives what to do next.
pub(crate) fn format(root: &Path, name: &str) -> Result<String> {
    check_snake_case(name)?;
    let crate_ = root.join("crates/formats");
    let module = crate_.join(format!("src/{name}.rs"));
    ensure!(
        !module.exists() && !crate_.join(format!("src/{name}")).exists(),
        "there is a format {name} already"
    );
    let fill = |template: &str| {
        template
            .replace("{{name}}", name)
            .replace("{{Name}}", &camel_case(name))
            .replace("{{title}}", &sentence(name))
    };

    // The edits are made before anything is written, so that a failure leaves nothing behind.
    let (lib, registry) = (crate_.join("src/lib.rs"), crate_.join("src/registry.rs"));
    let lib_text = add_module(&read(&lib)?, name)?;
    let line = format!("    &crate::{name}::{},\n", camel_case(name));
    let registry_text = add_to_list(&read(&registry)?, "pub static FORMATS", &line)?;

    let sample = crate_.join(format!("tests/data/{name}/sample.json"));
    write_new(&module, &fill(include_str!("../templates/format.rs.txt")))?;
    write_new(&sample, &fill(include_str!("../templates/sample.json.txt")))?;
    fs::write(&lib, lib_text)?;
    fs::write(&registry, registry_text)?;
    next_steps(
        root,
        &[&module, &sample, &lib, &registry],
        &format!("cargo test -p trailkeep-formats {name}"),
        "which fails until real records are in the sample; then `cargo xtask reference`",
    )
}

/// Scaffolds the detection rule `name` (`family/rule`); gives what to do next.
pub(crate) fn rule(root: &Path, name: &str) -> Result<String> {
    let (family, rule) = name
        .split_once('/')
        .context("name the family too: `family/rule`, as in `network/peering_accepted`")?;
    check_snake_case(family)?;
    check_snake_case(rule)?;
    let rules = root.join("crates/detect/rules").join(family);
    let (yaml, cases) = (rules.join(format!("{rule}.yml")), rules.join(format!("{rule}.test.json")));
    ensure!(!yaml.exists() && !cases.exists(), "there is a rule {name} already");
    let fill = |template: &str| {
        template
            .replace("{{title}}", &sentence(rule))
            .replace("{{id}}", &uuid::Uuid::new_v4().to_string())
            .replace("{{date}}", &chrono::Utc::now().format("%Y-%m-%d").to_string())
    };
    write_new(&yaml, &fill(include_str!("../templates/rule.yml.txt")))?;
    write_new(&cases, &fill(include_str!("../templates/rule.test.json.txt")))?;
    next_steps(
        root,
        &[&yaml, &cases],
        "cargo test -p trailkeep-detect --test it pack",
        "which fails until the rule fires on its first case; then `cargo xtask reference`",
    )
}

/// Scaffolds the check `name` (`folder/check`) of one of the six controls; gives what to do next.
pub(crate) fn check(root: &Path, name: &str) -> Result<String> {
    const FOLDERS: [&str; 6] = ["trail", "services", "central", "bucket", "changes", "alarms"];
    let (folder, check) = name
        .split_once('/')
        .context("name the control's folder too: `folder/name`, as in `trail/log_file_validation`")?;
    ensure!(FOLDERS.contains(&folder), "there is no control {folder}; they are {}", FOLDERS.join(", "));
    check_snake_case(check)?;
    let checks = root.join("crates/baseline/src/checks").join(folder);
    let (module, registry) = (checks.join(format!("{check}.rs")), checks.join("mod.rs"));
    ensure!(!module.exists(), "there is a check {name} already");
    let text = add_private_module(&read(&registry)?, check)?;
    let text = add_to_list(&text, "const CHECKS: &[&Check]", &format!("    &{check}::CHECK,\n"))?;
    let filled = include_str!("../templates/check.rs.txt")
        .replace("{{name}}", check)
        .replace("{{folder}}", folder)
        .replace("{{id}}", &check.replace('_', "-"))
        .replace("{{Control}}", &camel_case(folder))
        .replace("{{title}}", &sentence(check));
    write_new(&module, &filled)?;
    fs::write(&registry, text)?;
    next_steps(
        root,
        &[&module, &registry],
        &format!("cargo test -p trailkeep-baseline {check}"),
        "which fails until the check is filled in; then a row in tests/data/defects.json and `cargo xtask reference`",
    )
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("writing {}", path.display()))
}

fn next_steps(root: &Path, files: &[&Path], command: &str, why: &str) -> Result<String> {
    let mut text = String::from("written:\n");
    for file in files {
        writeln!(text, "  {}", file.strip_prefix(root)?.display())?;
    }
    writeln!(text, "next: {command}\n      {why}")?;
    Ok(text)
}

/// Adds `pub mod name;` among the others, sorted.
fn add_module(lib: &str, name: &str) -> Result<String> {
    let line = format!("pub mod {name};");
    let is_module = |line: &str| line.starts_with("pub mod ") && line.ends_with(';');
    ensure!(lib.lines().any(is_module), "lib.rs has no `pub mod` lines");
    let mut lines: Vec<&str> = lib.lines().collect();
    let after = lines.iter().rposition(|known| is_module(known) && *known < line.as_str());
    let first = lines.iter().position(|known| is_module(known));
    let at = after.map(|index| index + 1).or(first).context("a place for the module")?;
    lines.insert(at, &line);
    Ok(lines.join("\n") + "\n")
}

/// Adds `mod name;` to the first block of such lines, sorted.
fn add_private_module(text: &str, name: &str) -> Result<String> {
    let line = format!("mod {name};");
    let mut lines: Vec<&str> = text.lines().collect();
    let is_module = |line: &str| line.starts_with("mod ") && line.ends_with(';');
    let first = lines.iter().position(|line| is_module(line)).context("mod.rs has no `mod` lines")?;
    let block = lines[first..].iter().take_while(|line| is_module(line));
    let at = first + block.filter(|known| **known < line.as_str()).count();
    lines.insert(at, &line);
    Ok(lines.join("\n") + "\n")
}

/// Adds `line` at the end of the list that begins at `start`.
fn add_to_list(text: &str, start: &str, line: &str) -> Result<String> {
    let begin = text.find(start).with_context(|| format!("no `{start}` in the registry"))?;
    let end = text[begin..].find("\n];").with_context(|| format!("no end of `{start}`"))?;
    let at = begin + end + 1;
    Ok([&text[..at], line, &text[at..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_stay_sorted() {
        let lib = "//! Doc.\n\npub mod b;\nmod private;\npub mod d;\n\npub use b::B;\n";
        for (name, expected) in [
            ("a", "pub mod a;\npub mod b;\nmod private;\npub mod d;"),
            ("c", "pub mod b;\npub mod c;\nmod private;\npub mod d;"),
            ("e", "pub mod b;\nmod private;\npub mod d;\npub mod e;"),
        ] {
            let added = add_module(lib, name).unwrap();
            assert!(added.contains(expected), "{added}");
            assert!(added.ends_with("\n\npub use b::B;\n"));
        }
        assert!(add_module("//! Doc.\n", "a").is_err());
    }

    #[test]
    fn private_modules_are_sorted_into_the_first_block() {
        let text = "//! Doc.\n\nmod b;\nmod d;\n\nmod a_helper;\n";
        for (name, expected) in [
            ("a", "mod a;\nmod b;\nmod d;"),
            ("c", "b;\nmod c;\nmod d;"),
            ("e", "d;\nmod e;\n\nmod a_helper;"),
        ] {
            let added = add_private_module(text, name).unwrap();
            assert!(added.contains(expected), "{added}");
        }
        assert!(add_private_module("//! Doc.\n", "a").is_err());
    }

    #[test]
    fn the_registry_keeps_its_order_and_gets_a_last_line() {
        let registry =
            "pub static X: &[u8] = &[\n    1,\n];\npub static FORMATS: &[&dyn F] = &[\n    &a::A,\n];\n";
        let added = add_to_list(registry, "pub static FORMATS", "    &b::B,\n").unwrap();
        assert!(added.ends_with("&[\n    &a::A,\n    &b::B,\n];\n"), "{added}");
        assert!(add_to_list("nothing", "pub static FORMATS", "x").is_err());
    }
}
