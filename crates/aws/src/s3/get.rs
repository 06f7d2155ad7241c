//! GetObject, resumed where it breaks off.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::{Method, header};

use super::bucket::{Bucket, Operation};
use crate::AwsError;

impl Bucket {
    /// The bytes of `key` in `range`, as they are in the version `etag`.
    ///
    /// A connection that breaks off is resumed at the byte where it did. An empty `etag` skips
    /// the check that the object is still the same one.
    ///
    /// # Errors
    /// [`AwsError::Changed`] when the object was replaced or is shorter than the range,
    /// [`AwsError::NoSuchKey`] when it is gone, and those of any request.
    pub async fn get(&self, key: &str, range: Range<u64>, etag: &str) -> Result<Bytes, AwsError> {
        let wanted =
            usize::try_from(range.end.saturating_sub(range.start)).map_err(|_| self.too_large(key))?;
        let mut got = BytesMut::with_capacity(wanted);
        let mut attempts = self.attempts();
        while got.len() < wanted {
            let from = range.start + got.len() as u64;
            let mut headers = vec![(header::RANGE, format!("bytes={from}-{}", range.end - 1))];
            if !etag.is_empty() {
                headers.push((header::IF_MATCH, etag.to_owned()));
            }
            let operation =
                Operation { method: Method::GET, key, query: vec![], headers, action: "s3:GetObject" };
            let response = self.send(&operation, &mut attempts).await?;
            // A server that ignores Range answers 200 with the whole object.
            if response.status() == http::StatusCode::OK && from > 0 {
                return Err(AwsError::WrongEndpoint {
                    endpoint: self.uri(key),
                    reason: "the endpoint does not support range requests".to_owned(),
                });
            }
            let mut body = response.into_body().bytes_stream();
            let before = got.len();
            let broken = loop {
                match body.next().await {
                    Some(Ok(part)) if got.len() + part.len() > wanted => {
                        return Err(AwsError::Changed { uri: self.uri(key) });
                    }
                    Some(Ok(part)) => got.extend_from_slice(&part),
                    Some(Err(error)) => break Some(error),
                    None => break None,
                }
            };
            if got.len() > before {
                attempts.progressed();
            }
            match broken {
                Some(error) => self.after_body_error(&error, &mut attempts).await?,
                // Ended properly, yet short: the object shrank since it was listed.
                None if got.len() < wanted => return Err(AwsError::Changed { uri: self.uri(key) }),
                None => {}
            }
        }
        Ok(got.freeze())
    }

    fn too_large(&self, key: &str) -> AwsError {
        AwsError::Unusable {
            uri: self.uri(key),
            reason: "the part asked for does not fit into memory".to_owned(),
        }
    }
}
