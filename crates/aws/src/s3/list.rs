//! ListObjectsV2, page by page, in key order.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>

use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use http::Method;
use serde::Deserialize;

use super::bucket::{Bucket, Operation, collect};
use crate::{AwsError, uri};

/// A page has at most 1,000 keys of at most 1,024 bytes, each of which may be written as `%XX`.
const MAX_PAGE_BYTES: usize = 16 * 1024 * 1024;

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// Only keys that begin with this, which need not end at a `/`.
    pub prefix: String,
    /// Fold keys into [`ListPage::common_prefixes`] at the next one of these (usually `/`).
    pub delimiter: Option<String>,
    /// Only keys after this one.
    pub start_after: Option<String>,
    /// [`ListPage::next`] of the page before.
    pub continuation: Option<String>,
}

/// One page of a listing, in key order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The objects.
    pub objects: Vec<S3Object>,
    /// Where keys were folded.
    pub common_prefixes: Vec<String>,
    /// Asks for the page after; `None` on the last one.
    pub next: Option<String>,
}

/// An object as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Object {
    /// The key, exactly.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// ETag with its quotes, as `If-Match` wants it.
    pub etag: String,
    /// Storage class, where it is not the standard one.
    pub storage_class: Option<String>,
}

impl Bucket {
    /// One page of keys.
    ///
    /// # Errors
    /// Those of any request; [`AwsError::WrongEndpoint`] when the answer is no listing.
    pub async fn list_page(&self, request: &ListRequest) -> Result<ListPage, AwsError> {
        let mut query =
            vec![("list-type", "2"), ("encoding-type", "url"), ("prefix", request.prefix.as_str())];
        let optional = [
            ("delimiter", &request.delimiter),
            ("start-after", &request.start_after),
            ("continuation-token", &request.continuation),
        ];
        query.extend(optional.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
        let operation =
            Operation { method: Method::GET, key: "", query, headers: vec![], action: "s3:ListBucket" };

        let mut attempts = self.attempts();
        loop {
            let response = self.send(&operation, &mut attempts).await?;
            match collect(response.into_body(), MAX_PAGE_BYTES).await {
                Ok(body) => return body.as_deref().and_then(parse).ok_or_else(|| self.no_listing()),
                Err(error) => self.after_body_error(&error, &mut attempts).await?,
            }
        }
    }

    fn no_listing(&self) -> AwsError {
        AwsError::WrongEndpoint {
            endpoint: self.uri(""),
            reason: "the answer to a listing was no S3 listing, so this is no S3 endpoint".to_owned(),
        }
    }

    /// Every object whose key begins with `prefix` and comes after `start_after`, in key order.
    /// Pages are asked for as they are needed; the stream ends after its first error.
    #[must_use]
    pub fn list(
        &self,
        prefix: &str,
        start_after: Option<String>,
    ) -> BoxStream<'static, Result<S3Object, AwsError>> {
        let first = ListRequest { prefix: prefix.to_owned(), start_after, ..ListRequest::default() };
        let bucket = self.clone();
        futures::stream::try_unfold(Some(first), move |request| {
            let bucket = bucket.clone();
            async move {
                let Some(mut request) = request else { return Ok::<_, AwsError>(None) };
                let page = bucket.list_page(&request).await?;
                let next = page.next.map(|token| {
                    request.continuation = Some(token);
                    request
                });
                let objects = futures::stream::iter(page.objects.into_iter().map(Ok));
                Ok(Some((objects, next)))
            }
        })
        .try_flatten()
        .boxed()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    #[serde(default)]
    encoding_type: Option<String>,
    #[serde(default)]
    is_truncated: bool,
    #[serde(default)]
    next_continuation_token: Option<String>,
    #[serde(default)]
    contents: Vec<Contents>,
    #[serde(default)]
    common_prefixes: Vec<CommonPrefix>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contents {
    key: String,
    size: u64,
    #[serde(rename = "ETag", default)]
    etag: String,
    #[serde(default)]
    storage_class: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CommonPrefix {
    prefix: String,
}

/// A listing document; `None` for anything else.
fn parse(body: &[u8]) -> Option<ListPage> {
    // Serde takes a document by its fields, none of which is required; the name tells.
    let is_listing = body.windows(16).take(512).any(|window| window == b"ListBucketResult");
    let document: Document = quick_xml::de::from_reader(body).ok().filter(|_| is_listing)?;
    let encoded = document.encoding_type.as_deref() == Some("url");
    let plain = |text: String| if encoded { uri::decode(&text) } else { Some(text) };
    let object = |contents: Contents| {
        Some(S3Object {
            key: plain(contents.key)?,
            size: contents.size,
            etag: contents.etag,
            storage_class: contents.storage_class.filter(|class| class != "STANDARD"),
        })
    };
    Some(ListPage {
        objects: document.contents.into_iter().map(object).collect::<Option<_>>()?,
        common_prefixes: document
            .common_prefixes
            .into_iter()
            .map(|p| plain(p.prefix))
            .collect::<Option<_>>()?,
        next: document.next_continuation_token.filter(|token| document.is_truncated && !token.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_encoded_keys() {
        let body = br#"<?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logs</Name>
            <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><KeyCount>2</KeyCount>
            <NextContinuationToken>abc==</NextContinuationToken>
            <Contents><Key>a//b+c%0A.json</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>
            <ETag>&quot;e1&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>
            <Contents><Key>z</Key><ETag>"e2"</ETag><Size>0</Size><StorageClass>GLACIER</StorageClass></Contents>
            <CommonPrefixes><Prefix>p%2Fq/</Prefix></CommonPrefixes></ListBucketResult>"#;
        let page = parse(body).unwrap();
        assert_eq!(page.objects[0].key, "a//b c\n.json");
        assert_eq!((page.objects[0].size, page.objects[0].etag.as_str()), (7, "\"e1\""));
        assert_eq!(page.objects[1].storage_class.as_deref(), Some("GLACIER"));
        assert_eq!(page.common_prefixes, ["p/q/"]);
        assert_eq!(page.next.as_deref(), Some("abc=="));
    }

    #[test]
    fn keys_are_taken_as_they_are_when_the_server_does_not_encode() {
        let page = parse(
            b"<ListBucketResult><Contents><Key>a+b%20</Key><Size>1</Size></Contents></ListBucketResult>",
        );
        assert_eq!(page.unwrap().objects[0].key, "a+b%20");
    }

    #[test]
    fn the_last_page_has_no_next_even_with_a_token() {
        let body = b"<ListBucketResult><IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>";
        assert_eq!(parse(body).unwrap().next, None);
    }

    #[test]
    fn other_documents_are_no_listing() {
        for body in ["<html><body>hello</body></html>", "{}", "", "<ListBucketResult><Contents><Key>a"] {
            assert!(parse(body.as_bytes()).is_none(), "{body}");
        }
    }
}
