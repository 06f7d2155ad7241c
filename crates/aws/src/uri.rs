//! Keys and query strings as they go into a request, byte for byte as they are signed.

use std::fmt::Write;

/// Percent-encodes everything but RFC 3986's unreserved characters and the bytes in `keep`.
pub(crate) fn encode_into(out: &mut String, text: &str, keep: &[u8]) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// `bucket_url/key?name=value&…`.
pub(crate) fn request_uri(bucket_url: &str, key: &str, query: &[(&str, &str)]) -> String {
    let mut uri = String::with_capacity(bucket_url.len() + key.len() + 64);
    uri.push_str(bucket_url);
    uri.push('/');
    encode_into(&mut uri, key, b"/");
    for (index, (name, value)) in query.iter().enumerate() {
        uri.push(if index == 0 { '?' } else { '&' });
        encode_into(&mut uri, name, b"");
        uri.push('=');
        encode_into(&mut uri, value, b"");
    }
    uri
}

/// URL normalisation takes `.` and `..` segments away, encoded or not, so such keys cannot be
/// asked for.
pub(crate) fn has_dot_segment(key: &str) -> bool {
    key.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// Undoes `encoding-type=url`, in which S3 writes a space as `+`.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(rest.next()?)?, hex(rest.next()?)?);
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_slashes_and_nothing_else() {
        assert_eq!(
            request_uri("http://h/b", "logs//a b+c%25/ü", &[("prefix", "a/b c"), ("list-type", "2")]),
            "http://h/b/logs//a%20b%2Bc%2525/%C3%BC?prefix=a%2Fb%20c&list-type=2"
        );
        assert_eq!(request_uri("http://h/b", "", &[]), "http://h/b/");
    }

    #[test]
    fn decoding_undoes_encoding() {
        assert_eq!(decode("a+b%2Bc%20d/%C3%BC").as_deref(), Some("a b+c d/ü"));
        for broken in ["%", "%4", "%zz", "%FF"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }

    #[test]
    fn dot_segments() {
        assert!(has_dot_segment("a/../b") && has_dot_segment("./a") && has_dot_segment("a/."));
        assert!(!has_dot_segment("a/.b/c..d/...") && !has_dot_segment("a//b"));
    }
}
