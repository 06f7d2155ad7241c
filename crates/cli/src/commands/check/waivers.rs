//! The waivers of `--waivers`, or of `check.waivers` in the configuration.

use std::path::Path;

use anyhow::Context;
use trailkeep_baseline::{Waiver, parse_waivers};

/// A list that people write is no larger.
const MOST_BYTES: u64 = 4 << 20;

/// Reads the file; none are none.
pub(super) fn load(file: Option<&Path>) -> anyhow::Result<Vec<Waiver>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let about = || format!("cannot read the waivers {}", file.display());
    let size = std::fs::metadata(file).with_context(about)?.len();
    anyhow::ensure!(size <= MOST_BYTES, "{} is too large to be a list of waivers", file.display());
    let text = std::fs::read_to_string(file).with_context(about)?;
    Ok(parse_waivers(&file.display().to_string(), &text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_name_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("waivers.toml");
        std::fs::write(&file, "[[waiver]]\ncheck = \"*\"\nresource = \"arn:x\"\nowner = \"\"\nreason = \"r\"\nexpires = 2027-01-01\n").unwrap();
        let error = load(Some(&file)).unwrap_err().to_string();
        assert!(error.ends_with("waivers.toml:4: `owner` is empty"), "{error}");
        let error = format!("{:#}", load(Some(&folder.path().join("none"))).unwrap_err());
        assert!(error.contains("cannot read the waivers"), "{error}");
        assert!(load(None).unwrap().is_empty());
    }
}
