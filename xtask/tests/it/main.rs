//! The scaffolder, used as a developer uses it: on a copy of the repository, whose compiler and
//! tests then judge what it wrote.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What is not copied: what is built, and what no crate needs.
const LEFT_OUT: &[&str] = &[".git", ".venv", "docs", "target", "trailkeep-data"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = (entry.as_ref().unwrap().path(), entry.unwrap().file_name());
        if LEFT_OUT.iter().any(|left_out| name == *left_out) {
        } else if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// Gives the copy's crates a version of their own. Cargo tells crates of two workspaces apart by name,
/// version and place below the root: with the same version the copy's artifacts would pass for those of
/// the repository, and what is built next would have the scaffolded format in it.
fn rename_version(root: &Path) {
    let manifest = root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let own = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&own), "the workspace's version is where it was");
    fs::write(manifest, text.replacen(&own, "version = \"0.0.0\"", 1)).unwrap();
}

fn xtask(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--root").arg(root).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

/// Runs tests in the copy, beside the artifacts of this build.
fn test_in(root: &Path, arguments: &[&str]) -> Output {
    // …/target/debug/xtask
    let target = Path::new(env!("CARGO_BIN_EXE_xtask")).parent().and_then(Path::parent).unwrap();
    Command::new(env!("CARGO"))
        .args(["test", "--offline", "--quiet"])
        .args(arguments)
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .env("INSTA_UPDATE", "no")
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap()
}

#[test]
fn scaffolds_compile_and_fail_until_they_are_filled_in() {
    // Always at the same place, so that each run's artifacts replace those of the run before.
    let root = &Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaffold");
    let _ = fs::remove_dir_all(root);
    copy(&repository(), root);
    rename_version(root);
    for (what, name) in [
        ("format", "example_service"),
        ("rule", "example_family/example_call"),
        ("check", "trail/example_check"),
    ] {
        let made = xtask(root, &["new", what, name]);
        assert!(made.status.success(), "{}", text(&made));
        let again = xtask(root, &["new", what, name]);
        assert!(!again.status.success() && text(&again).contains("already"), "{}", text(&again));
    }

    let format = test_in(root, &["-p", "trailkeep-formats", "--lib", "example_service"]);
    let said = text(&format);
    assert!(
        said.contains("test result: FAILED. 2 passed; 1 failed"),
        "it compiles, and one test fails: {said}"
    );
    assert!(said.contains("tests/data/example_service/sample.json: put real records there"), "{said}");

    // Filled in: the test goes as far as the golden file, which a person has yet to accept.
    let sample = root.join("crates/formats/tests/data/example_service/sample.json");
    fs::write(sample, "{\"time\":\"2026-01-01T00:00:00Z\",\"message\":\"hello\"}\n").unwrap();
    let filled = text(&test_in(root, &["-p", "trailkeep-formats", "--lib", "example_service"]));
    assert!(filled.contains("\"message\": \"hello\"") && filled.contains("snapshot assertion"), "{filled}");

    let check = text(&test_in(root, &["-p", "trailkeep-baseline", "--lib", "example_check"]));
    assert!(
        check.contains("test result: FAILED. 1 passed; 1 failed"),
        "it compiles, and one test fails: {check}"
    );
    assert!(check.contains("a row with a defect into tests/data/defects.json"), "{check}");

    let rule = text(&test_in(root, &["-p", "trailkeep-detect", "--test", "it", "pack::"]));
    assert!(rule.contains("FILL IN: the call that must fire"), "{rule}");
    assert!(
        rule.contains("every_rule_is_described ... ok") || !rule.contains("example_call.yml: "),
        "{rule}"
    );
}

#[test]
fn wrong_names_change_nothing() {
    let root = tempfile::tempdir().unwrap();
    for arguments in [
        ["new", "format", "Bad-Name"],
        ["new", "rule", "no_family"],
        ["new", "rule", "../up/x"],
        ["new", "check", "no_folder"],
        ["new", "check", "elsewhere/x"],
        ["new", "check", "trail/../x"],
    ] {
        let refused = xtask(root.path(), &arguments);
        assert!(!refused.status.success(), "{arguments:?}");
    }
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}
