use super::*;

#[test]
fn no_kind_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/channel/kinds");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "mod")
        .collect();
    files.sort_unstable();
    let mut listed: Vec<&str> = kinds::MODULES.to_vec();
    listed.sort_unstable();
    assert_eq!(listed, files);
    // A kind has its module's name, by which it is found in the documentation.
    assert_eq!(names(), kinds::MODULES);
    for call in iam_actions() {
        assert!(call.contains(':'));
    }
}
