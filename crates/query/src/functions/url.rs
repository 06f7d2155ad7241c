//! URL functions, after RFC 3986.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, StringBuilder};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use url::Url;
use url::form_urlencoded;

use super::support::{BodyFn, Call, Func, returns_int, returns_text};

/// The functions of this family.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    let texts: [(&'static str, BodyFn); 7] = [
        ("url_extract_host", |c| text(c, |u| u.host_str().map(str::to_string))),
        ("url_extract_path", |c| text(c, |u| Some(u.path().to_string()))),
        ("url_extract_protocol", |c| text(c, |u| Some(u.scheme().to_string()))),
        ("url_extract_query", |c| text(c, |u| Some(u.query().unwrap_or("").to_string()))),
        ("url_extract_fragment", |c| text(c, |u| Some(u.fragment().unwrap_or("").to_string()))),
        ("url_encode", encode),
        ("url_decode", decode),
    ];
    let mut all: Vec<_> =
        texts.into_iter().map(|(name, f)| Func::new(name, (1, 1), returns_text, f).udf()).collect();
    all.push(Func::new("url_extract_port", (1, 1), returns_int, port).udf());
    all.push(Func::new("url_extract_parameter", (2, 2), returns_text, parameter).udf());
    all
}

fn text(call: &Call<'_>, f: fn(&Url) -> Option<String>) -> Result<ArrayRef> {
    let urls = call.text(0)?;
    let mut out = StringBuilder::new();
    for row in 0..call.rows {
        out.append_option(urls.get(row).and_then(|u| f(&Url::parse(u).ok()?)));
    }
    Ok(Arc::new(out.finish()))
}

fn port(call: &Call<'_>) -> Result<ArrayRef> {
    let urls = call.text(0)?;
    let mut out = Int64Builder::new();
    for row in 0..call.rows {
        // Only a port that is written; a scheme's default does not count.
        out.append_option(urls.get(row).and_then(|u| Url::parse(u).ok()?.port().map(i64::from)));
    }
    Ok(Arc::new(out.finish()))
}

fn parameter(call: &Call<'_>) -> Result<ArrayRef> {
    let (urls, names) = (call.text(0)?, call.text(1)?);
    let mut out = StringBuilder::new();
    for row in 0..call.rows {
        let found = urls.get(row).zip(names.get(row)).and_then(|(u, name)| {
            let url = Url::parse(u).ok()?;
            let (_, value) = url.query_pairs().find(|(k, _)| k == name)?;
            Some(value.into_owned())
        });
        out.append_option(found);
    }
    Ok(Arc::new(out.finish()))
}

fn encode(call: &Call<'_>) -> Result<ArrayRef> {
    let texts = call.text(0)?;
    let mut out = StringBuilder::new();
    for row in 0..call.rows {
        let encoded =
            texts.get(row).map(|t| form_urlencoded::byte_serialize(t.as_bytes()).collect::<String>());
        out.append_option(encoded);
    }
    Ok(Arc::new(out.finish()))
}

fn decode(call: &Call<'_>) -> Result<ArrayRef> {
    let texts = call.text(0)?;
    let mut out = StringBuilder::new();
    for row in 0..call.rows {
        out.append_option(texts.get(row).map(percent_decode));
    }
    Ok(Arc::new(out.finish()))
}

/// Decodes `%XX` and `+`; what is no escape stays as it is.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let hex = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = (bytes.get(at + 1).copied().and_then(hex), bytes.get(at + 2).copied().and_then(hex));
        match (bytes[at], pair) {
            (b'%', (Some(high), Some(low))) => {
                out.push(high << 4 | low);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (other, _) => out.push(other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::percent_decode;

    #[test]
    fn decodes_escapes_and_leaves_the_rest() {
        assert_eq!(percent_decode("a%20b+c%2Fd"), "a b c/d");
        assert_eq!(percent_decode("100%"), "100%");
        assert_eq!(percent_decode("%zz%4"), "%zz%4");
        assert_eq!(percent_decode("%FF"), "\u{fffd}");
    }
}
