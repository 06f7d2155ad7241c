//! What only local files have.

use std::fs;
use std::path::Path;

use trailkeep_sources::{Location, SourceError, SourceOptions, Sources};

use crate::backends::small;
use crate::{list, objects, only_error, pattern, read};

fn location(path: impl AsRef<Path>) -> Location {
    Location::Path(path.as_ref().to_owned())
}

async fn names(sources: &Sources, place: &Location) -> Vec<String> {
    let listed = objects(sources, place).await;
    listed.iter().map(|o| o.path().unwrap().file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn hidden_files_and_our_own_data_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["a.json", ".hidden.json", ".git/config", "sub/b.json", "trailkeep-data/lake/x.parquet"] {
        fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        fs::write(at(name), "x").unwrap();
    }
    let sources = Sources::new(SourceOptions { exclude: vec![location(at("trailkeep-data"))], ..small() });
    assert_eq!(names(&sources, &location(folder.path())).await, ["a.json", "b.json"]);
    assert_eq!(names(&sources, &location(at(".hidden.json"))).await, [".hidden.json"], "named is wanted");
    for own in ["trailkeep-data", "trailkeep-data/lake"] {
        let error = only_error(&sources, &location(at(own))).await;
        assert!(matches!(error, SourceError::OwnData { .. }), "{error}");
    }
}

#[tokio::test]
async fn globs_match_files_and_folders() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["2026-01/a.gz", "2026-01/b.txt", "2026-02/deep/c.gz", "2025-12/d.gz", "f[1].json"] {
        fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        fs::write(at(name), "x").unwrap();
    }
    let sources = Sources::new(small());
    assert_eq!(names(&sources, &location(at("2026-*/**/*.gz"))).await, ["a.gz", "c.gz"]);
    assert_eq!(names(&sources, &location(at("2026-0?"))).await, ["a.gz", "b.txt", "c.gz"]);
    assert_eq!(names(&sources, &location(at("f[1].json"))).await, ["f[1].json"], "a file of that very name");
    let nothing = only_error(&sources, &location(at("2030-*"))).await;
    assert!(
        matches!(&nothing, SourceError::Empty { location, .. } if location.ends_with("2030-*")),
        "{nothing}"
    );
    let broken = only_error(&sources, &location(at("a[*"))).await;
    assert!(matches!(broken, SourceError::BadLocation { .. }), "{broken}");
}

#[tokio::test]
async fn missing_and_empty_places_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources::new(small());
    assert!(matches!(only_error(&sources, &location(folder.path())).await, SourceError::Empty { .. }));
    let missing = only_error(&sources, &location(folder.path().join("nope.json"))).await;
    assert!(matches!(missing, SourceError::NotFound { .. }), "{missing}");
    assert!(missing.to_string().contains("nope.json does not exist"), "{missing}");
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_followed_only_when_named() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = outside.path().join("real.json");
    fs::write(&target, "x").unwrap();
    let link = folder.path().join("link.json");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
    let sources = Sources::new(small());
    assert!(matches!(only_error(&sources, &location(folder.path())).await, SourceError::Empty { .. }));
    assert_eq!(names(&sources, &location(link)).await, ["real.json"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_read_as_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let sources = Sources::new(small());
    let object = objects(&sources, &location(&pipe)).await.remove(0);
    assert_eq!((object.size, &object.fingerprint), (None, &None));
    let writer = tokio::task::spawn_blocking(move || fs::write(pipe, pattern(100_000)));
    assert!(read(sources.open(&object).await.unwrap()).await.unwrap() == pattern(100_000));
    writer.await.unwrap().unwrap();
}

#[tokio::test]
async fn standard_input_is_one_object() {
    let listed = objects(&Sources::new(small()), &Location::Stdin).await;
    assert_eq!((&*listed[0].uri, listed[0].size, &listed[0].fingerprint), ("stdin:", None, &None));
}

#[tokio::test]
async fn a_file_that_grows_is_given_as_it_is_and_has_another_fingerprint_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing");
    fs::write(&path, "one\n").unwrap();
    let sources = Sources::new(small());
    let before = objects(&sources, &location(&path)).await.remove(0);
    fs::write(&path, "one\ntwo\n").unwrap();
    assert_eq!(read(sources.open(&before).await.unwrap()).await.unwrap(), b"one\ntwo\n");
    let after = objects(&sources, &location(&path)).await.remove(0);
    assert_ne!(before.fingerprint, after.fingerprint);
}

#[tokio::test]
async fn several_places_come_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b/1", "a/1"] {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        fs::write(folder.path().join(name), "x").unwrap();
    }
    let sources = Sources::new(small());
    use futures::StreamExt;
    let places = vec![location(folder.path().join("b")), location(folder.path().join("a"))];
    let listed: Vec<_> = sources.list(places).map(|item| item.unwrap().uri).collect().await;
    assert!(listed[0].ends_with("b/1") && listed[1].ends_with("a/1"), "{listed:?}");
    assert_eq!(list(&sources, &location(folder.path())).await.len(), 2);
}
