//! Objects in a bucket.

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use glob::{MatchOptions, Pattern};
use tokio::sync::mpsc;
use trailkeep_aws::{Bucket, S3Object};

use crate::object::Origin;
use crate::{Location, Object, SourceError};

/// A page of keys.
const LISTED_AHEAD: usize = 1000;

/// Which keys are wanted.
struct Filter {
    glob: Option<Pattern>,
    /// Prefixes of our own data.
    exclude: Vec<String>,
}

/// Every object of `bucket` that `prefix` (or glob) names, in key order, listed as it is needed.
pub(crate) fn list(
    bucket: Bucket,
    prefix: &str,
    exclude: &[Location],
) -> Result<BoxStream<'static, Result<Object, SourceError>>, SourceError> {
    let location = bucket.uri(prefix);
    let (literal, glob) = split_glob(prefix).map_err(|error| SourceError::BadLocation {
        text: location.clone(),
        reason: format!("it is no glob ({error})"),
    })?;
    let filter = Filter { glob, exclude: own_prefixes(exclude, bucket.name()) };
    if filter.exclude.iter().any(|own| literal.starts_with(own.as_str())) {
        return Err(SourceError::OwnData { location });
    }
    let listed = bucket.list(literal, None).filter_map(move |item| {
        let wanted = match item {
            Ok(object) if !filter.wants(&object) => None,
            Ok(object) => Some(Ok(s3_object(&bucket, object))),
            Err(error) => Some(Err(SourceError::from(error))),
        };
        std::future::ready(wanted)
    });
    Ok(or_empty(ahead(listed.boxed()), location))
}

/// Lists about one page ahead of the one who takes it, so that nobody waits for pages. Ends soon
/// after the stream is dropped.
fn ahead(
    mut objects: BoxStream<'static, Result<Object, SourceError>>,
) -> BoxStream<'static, Result<Object, SourceError>> {
    let (sender, listed) = mpsc::channel(LISTED_AHEAD);
    tokio::spawn(async move {
        while let Some(item) = objects.next().await {
            if sender.send(item).await.is_err() {
                return;
            }
        }
    });
    stream::unfold(listed, |mut listed| async move { listed.recv().await.map(|item| (item, listed)) }).boxed()
}

/// An error in place of nothing: a prefix that matches nothing is most often misspelt.
fn or_empty(
    objects: BoxStream<'static, Result<Object, SourceError>>,
    location: String,
) -> BoxStream<'static, Result<Object, SourceError>> {
    stream::unfold((objects.fuse(), Some(location)), |(mut objects, mut empty)| async move {
        match objects.next().await {
            Some(item) => Some((item, (objects, None))),
            None => empty.take().map(|location| {
                let hint = "no key begins with that; look with `aws s3 ls`";
                (Err(SourceError::Empty { location, hint }), (objects, None))
            }),
        }
    })
    .boxed()
}

/// The prefix to list, and the glob to hold the keys against. Only `*` makes a glob: `?` and `[`
/// are ordinary in keys.
fn split_glob(prefix: &str) -> Result<(&str, Option<Pattern>), glob::PatternError> {
    if !prefix.contains('*') {
        return Ok((prefix, None));
    }
    let literal = prefix.split(['*', '?', '[']).next().unwrap_or_default();
    Ok((literal, Some(Pattern::new(prefix)?)))
}

fn own_prefixes(exclude: &[Location], name: &str) -> Vec<String> {
    let own = exclude.iter().filter_map(|location| match location {
        Location::S3 { bucket, prefix } if bucket == name => {
            Some(format!("{}/", prefix.trim_end_matches('/')))
        }
        _ => None,
    });
    own.collect()
}

impl Filter {
    fn wants(&self, object: &S3Object) -> bool {
        // Consoles make an empty object `folder/` to show a folder.
        let folder_marker = object.size == 0 && object.key.ends_with('/');
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
        !folder_marker
            && self.glob.as_ref().is_none_or(|glob| glob.matches_with(&object.key, options))
            && !self.exclude.iter().any(|own| object.key.starts_with(own.as_str()))
    }
}

fn s3_object(bucket: &Bucket, object: S3Object) -> Object {
    let fingerprint = format!("{}-{:x}", object.etag.trim_matches('"'), object.size);
    Object {
        uri: bucket.uri(&object.key).into(),
        size: Some(object.size),
        fingerprint: Some(fingerprint.into()),
        modified: None,
        origin: Origin::S3 { bucket: bucket.clone(), key: object.key.into(), etag: object.etag.into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(filter: &Filter, key: &str) -> bool {
        filter.wants(&S3Object { key: key.to_owned(), size: 0, etag: String::new(), storage_class: None })
    }

    #[test]
    fn globs_are_listed_from_their_literal_part() {
        let (literal, glob) = split_glob("AWSLogs/*/CloudTrail/**/*.gz").unwrap();
        assert_eq!(literal, "AWSLogs/");
        let filter = Filter { glob, exclude: vec![] };
        assert!(wants(&filter, "AWSLogs/1/CloudTrail/eu/2026/x.gz"));
        assert!(!wants(&filter, "AWSLogs/1/2/CloudTrail/x.gz"), "one star is one segment");
        assert!(!wants(&filter, "AWSLogs/1/CloudTrail/x.json"));
    }

    #[test]
    fn a_prefix_without_a_star_is_taken_as_it_is() {
        assert_eq!(split_glob("a?b[1]").unwrap(), ("a?b[1]", None));
        assert!(split_glob("a/***").is_err());
    }

    #[test]
    fn folder_markers_and_own_data_are_left_out() {
        let lake = Location::S3 { bucket: "logs".into(), prefix: "lake".into() };
        let filter = Filter { glob: None, exclude: own_prefixes(&[lake], "logs") };
        assert!(!wants(&filter, "AWSLogs/"));
        assert!(!wants(&filter, "lake/cloudtrail_logs/x.parquet"));
        assert!(wants(&filter, "lakeside/x.json") && wants(&filter, "empty.json"));
    }
}
