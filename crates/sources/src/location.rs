//! What a user types: `PATH_OR_URL`.

use std::fmt;
use std::path::PathBuf;

use url::Url;

use crate::SourceError;

/// A place to read logs from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Location {
    /// `-`.
    Stdin,
    /// A file, a folder, or a glob (`logs/2026-*/**/*.gz`) when no file has that very name.
    Path(PathBuf),
    /// `s3://bucket/prefix`: every key that begins with the prefix, which need not end at a `/`.
    /// With a `*` in it, every key that matches it as a glob (`*` stops at `/`, `**` does not).
    S3 {
        /// Bucket name.
        bucket: String,
        /// Key prefix or glob; empty for the whole bucket.
        prefix: String,
    },
}

impl Location {
    /// Reads `text` as a location. Looks at no file and no bucket.
    ///
    /// # Errors
    /// [`SourceError::BadLocation`] for an empty text, a URL of another scheme, or an `s3://` URL
    /// without a bucket.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let bad =
            |reason: &str| SourceError::BadLocation { text: text.to_owned(), reason: reason.to_owned() };
        if text.is_empty() {
            return Err(bad("it is empty; give a file, a folder, `-` or s3://bucket/prefix"));
        }
        if text == "-" {
            return Ok(Self::Stdin);
        }
        let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
            return Ok(Self::Path(PathBuf::from(text)));
        };
        match scheme {
            "s3" => {
                // Not parsed as a URL: keys may hold `?`, `#`, `%` and `//` as they are.
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                if bucket.is_empty() {
                    return Err(bad("it names no bucket; write s3://bucket/prefix"));
                }
                Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
            }
            "file" => {
                let url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
                let path = url.to_file_path().map_err(|()| bad("it is no path on this machine"))?;
                Ok(Self::Path(path))
            }
            _ => Err(bad("only s3:// and file:// URLs can be read; download it and give its path")),
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::Path(path) => path.display().fmt(f),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl std::str::FromStr for Location {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn s3(bucket: &str, prefix: &str) -> Location {
        Location::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() }
    }

    #[test]
    fn what_users_type() {
        assert_eq!(Location::parse("-").unwrap(), Location::Stdin);
        assert_eq!(Location::parse("logs/a b.json").unwrap(), Location::Path("logs/a b.json".into()));
        assert_eq!(Location::parse("./-").unwrap(), Location::Path("./-".into()));
        assert_eq!(Location::parse("s3://logs").unwrap(), s3("logs", ""));
        assert_eq!(Location::parse("s3://logs/").unwrap(), s3("logs", ""));
        assert_eq!(Location::parse("s3://logs//AWSLogs/a?b#c%20").unwrap(), s3("logs", "/AWSLogs/a?b#c%20"));
        assert_eq!(Location::parse("file:///var/log/a%20b").unwrap(), Location::Path("/var/log/a b".into()));
    }

    #[test]
    fn what_is_no_place_says_why() {
        for (text, part) in
            [("", "empty"), ("s3://", "bucket"), ("https://x/y", "s3://"), ("gs://x", "s3://")]
        {
            let message = Location::parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    proptest! {
        #[test]
        fn locations_are_written_as_they_are_read(text in "(s3://[a-z0-9.-]{3,20}/\\PC{0,40})|([a-z./*-]{2,40})") {
            let location = Location::parse(&text).unwrap();
            prop_assert_eq!(location.to_string(), text);
        }
    }
}
