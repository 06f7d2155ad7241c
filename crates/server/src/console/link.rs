//! Addresses of pages, with everything in them encoded.

use url::form_urlencoded::Serializer;

/// A path and its query, built pair by pair. Empty values are left out.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Link {
    /// `path` as it is, without a query.
    pub(crate) fn to(path: impl Into<String>) -> Self {
        Self { path: path.into(), pairs: Vec::new() }
    }

    /// Adds `key=value`, in place of an earlier one; an empty value takes the key away.
    pub(crate) fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        self.pairs.retain(|(k, _)| k != key);
        if !value.is_empty() {
            self.pairs.push((key.to_owned(), value));
        }
        self
    }

    /// The address.
    pub(crate) fn href(&self) -> String {
        if self.pairs.is_empty() {
            return self.path.clone();
        }
        let mut query = Serializer::new(String::new());
        query.extend_pairs(&self.pairs);
        format!("{}?{}", self.path, query.finish())
    }

    /// The pairs, for the hidden fields of a form.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

/// One path segment, percent-encoded.
pub(crate) fn segment(text: &str) -> String {
    let mut url = match url::Url::parse("http://x") {
        Ok(url) => url,
        Err(_) => return String::new(),
    };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.push(text);
    }
    url.path().trim_start_matches('/').to_owned()
}

/// Page of one event; of the result, where a finding rests on an assessment and no log.
pub(crate) fn event(table: &str, event_uid: &str, at: Option<chrono::DateTime<chrono::Utc>>) -> String {
    if table == crate::posture::TABLE {
        return format!("/controls/results/{}", segment(event_uid));
    }
    let link = Link::to(format!("/events/{}/{}", segment(table), segment(event_uid)));
    match at {
        Some(at) => link.with("at", super::parts::rfc3339(at)).href(),
        None => link.href(),
    }
}

/// An address that may be a link: one of the web. Others, `javascript:` for one, are text.
pub(crate) fn web(text: &str) -> Option<&str> {
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "https" | "http") && url.has_host()).then_some(text)
}

/// A `field:value` term of the search syntax, quoted where it must be.
pub(crate) fn term(field: &str, value: &str) -> String {
    let plain = !value.is_empty()
        && value.chars().all(|c| c.is_alphanumeric() || "-_./:@+=,#".contains(c))
        && !value.starts_with('-');
    if plain {
        format!("{field}:{value}")
    } else {
        format!("{field}:\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_encoded() {
        let link = Link::to("/search").with("q", r#"user:"a&b" <x>"#).with("from", "").with("q", "a b&c");
        assert_eq!(link.href(), "/search?q=a+b%26c");
        assert_eq!(event("t", "a/b?c", None), "/events/t/a%2Fb%3Fc");
        assert_eq!(event("posture", "a/b", None), "/controls/results/a%2Fb");
    }

    #[test]
    fn only_the_web_is_linked_to() {
        for good in ["https://tickets.example.com/SEC-1", "http://127.0.0.1:8080/x"] {
            assert_eq!(web(good), Some(good));
        }
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "SEC-1",
            "",
            " javascript:x",
            "https:",
        ] {
            assert_eq!(web(bad), None, "{bad}");
        }
    }

    #[test]
    fn terms_are_quoted_where_needed() {
        assert_eq!(term("user", "alice"), "user:alice");
        assert_eq!(term("user", "a \"b\""), r#"user:"a \"b\"""#);
        assert_eq!(term("address", "2001:db8::1"), "address:2001:db8::1");
    }
}
