//! What resolving may look at besides the file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use trailkeep_aws::Aws;
use url::Url;

use super::ConfigError;

/// A secret's file is read up to here.
const MAX_SECRET: u64 = 64 << 10;
const YEAR: u64 = 366 * 86_400_000;

/// What resolving may look at besides the file.
pub struct Scope<'a> {
    /// Environment variables.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Folder that relative paths are relative to.
    pub base: &'a Path,
    /// Where the console is, for links; without it messages have none.
    pub console: Option<Url>,
    /// Settings for channels of AWS that name no profile and no Region of their own. Default: what
    /// every AWS tool finds.
    pub aws: Option<Aws>,
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("base", &self.base)
            .field("console", &self.console)
            .finish_non_exhaustive()
    }
}

impl Scope<'_> {
    /// Fetches a secret. `key` is where it stands.
    ///
    /// # Errors
    /// When it is not there, or empty.
    pub fn secret(&self, key: &str, text: &str) -> Result<Secret, ConfigError> {
        let wrong = |reason: String| ConfigError::new(key, reason);
        let found = if let Some(name) = text.strip_prefix("env:") {
            (self.variable)(name).ok_or_else(|| {
                wrong(format!("the environment variable {name} is not set; set it, or use file:"))
            })?
        } else if let Some(path) = text.strip_prefix("file:") {
            let path = self.path(path);
            let unreadable = |error: std::io::Error| wrong(format!("{}: {error}", path.display()));
            if std::fs::metadata(&path).map_err(unreadable)?.len() > MAX_SECRET {
                return Err(wrong(format!("{} is too large to be a secret", path.display())));
            }
            let content = std::fs::read_to_string(&path).map_err(unreadable)?;
            content.lines().next().unwrap_or_default().to_owned()
        } else {
            text.to_owned()
        };
        if found.is_empty() { Err(wrong("the secret is empty".to_owned())) } else { Ok(Secret(found)) }
    }

    /// An address that may itself be a secret: a webhook's.
    ///
    /// # Errors
    /// When it is none. The message does not show it.
    pub fn url(&self, key: &str, text: &str) -> Result<Url, ConfigError> {
        let secret = self.secret(key, text)?;
        let url = Url::parse(secret.reveal())
            .map_err(|error| ConfigError::new(key, format!("it is no address: {error}")))?;
        match url.scheme() {
            "https" | "http" if url.has_host() => Ok(url),
            _ => Err(ConfigError::new(key, "write an address that begins with https://")),
        }
    }

    /// A path.
    #[must_use]
    pub fn path(&self, path: impl Into<PathBuf>) -> PathBuf {
        let path = path.into();
        if path.is_absolute() { path } else { self.base.join(path) }
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Scope<'static> {
        Scope {
            variable: &|name| name.strip_prefix("SET_").map(str::to_owned),
            base: Path::new("/nowhere"),
            console: Url::parse("https://trailkeep.example.com/").ok(),
            aws: None,
        }
    }
}

/// `500ms`, `30s`, `5m`, `12h`, `7d`; up to a year, more than nothing.
pub(crate) fn duration(key: &str, text: &str) -> Result<Duration, ConfigError> {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let scale = match text[at..].trim() {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    let millis = scale.zip(text[..at].parse::<u64>().ok()).and_then(|(scale, n)| n.checked_mul(scale));
    match millis {
        Some(millis) if (1..=YEAR).contains(&millis) => Ok(Duration::from_millis(millis)),
        _ => Err(ConfigError::new(key, format!("{text:?}: write a time such as 500ms, 30s, 5m, 12h or 7d"))),
    }
}

pub(crate) fn time_delta(key: &str, text: &str) -> Result<TimeDelta, ConfigError> {
    let duration = duration(key, text)?;
    TimeDelta::from_std(duration).map_err(|error| ConfigError::new(key, error.to_string()))
}

/// A secret text that never shows in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
