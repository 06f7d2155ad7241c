//! The built-in rules, as the build found them under `rules/`.

/// A rule file and the test events beside it.
#[derive(Debug)]
pub(crate) struct File {
    /// Path under `rules/`, with forward slashes.
    pub(crate) name: &'static str,
    pub(crate) yaml: &'static str,
    pub(crate) tests: Option<&'static str>,
}

/// Every file of the pack, by name.
pub(crate) static FILES: &[File] = &include!(concat!(env!("OUT_DIR"), "/pack.rs"));
