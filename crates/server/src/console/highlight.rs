//! JSON, indented and coloured by the server. Every byte of the text is escaped.

use maud::{Escaper, Markup, PreEscaped};
use serde_json::Value;
use std::fmt::Write;

/// Deepest nesting that is indented; below it, text stays as it is.
const MAX_DEPTH: usize = 64;

/// Longest text that is coloured; a longer one is shown plain and cut.
pub(crate) const MAX_BYTES: usize = 512 * 1024;

/// `raw` as a coloured, indented JSON document. What is no JSON is shown as text.
pub(crate) fn json(raw: &str) -> Markup {
    let mut out = String::with_capacity(raw.len() * 3);
    if raw.len() > MAX_BYTES {
        let end = raw.floor_char_boundary(MAX_BYTES);
        escape(&mut out, &raw[..end]);
        let _ = write!(out, "\n… cut: {} bytes in all; `raw` in SQL has the whole of it", raw.len());
    } else {
        match serde_json::from_str::<Value>(raw) {
            Ok(value) if value.is_object() || value.is_array() => write_value(&mut out, &value, 0),
            _ => escape(&mut out, raw),
        }
    }
    PreEscaped(out)
}

fn escape(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = Escaper::new(out).write_str(text);
}

fn span(out: &mut String, class: &str, text: &str) {
    let _ = write!(out, "<span class=\"{class}\">");
    escape(out, text);
    out.push_str("</span>");
}

fn quoted(out: &mut String, class: &str, text: &str) {
    span(out, class, &Value::from(text).to_string());
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn write_value(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) if !members.is_empty() && depth < MAX_DEPTH => {
            span(out, "p", "{");
            for (at, (key, value)) in members.iter().enumerate() {
                line(out, depth + 1);
                quoted(out, "k", key);
                span(out, "p", ": ");
                write_value(out, value, depth + 1);
                if at + 1 < members.len() {
                    span(out, "p", ",");
                }
            }
            line(out, depth);
            span(out, "p", "}");
        }
        Value::Array(items) if !items.is_empty() && depth < MAX_DEPTH => {
            span(out, "p", "[");
            for (at, item) in items.iter().enumerate() {
                line(out, depth + 1);
                write_value(out, item, depth + 1);
                if at + 1 < items.len() {
                    span(out, "p", ",");
                }
            }
            line(out, depth);
            span(out, "p", "]");
        }
        Value::String(text) => quoted(out, "s", text),
        Value::Number(number) => span(out, "n", &number.to_string()),
        other => span(out, "l", &other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indents_and_colours() {
        insta::assert_snapshot!(json(r#"{"a":[1,null,"x"],"b":{}}"#).into_string(), @r#"
        <span class="p">{</span>
          <span class="k">&quot;a&quot;</span><span class="p">: </span><span class="p">[</span>
            <span class="n">1</span><span class="p">,</span>
            <span class="l">null</span><span class="p">,</span>
            <span class="s">&quot;x&quot;</span>
          <span class="p">]</span><span class="p">,</span>
          <span class="k">&quot;b&quot;</span><span class="p">: </span><span class="l">{}</span>
        <span class="p">}</span>
        "#);
    }

    #[test]
    fn hostile_text_stays_text() {
        let tag = "<script>alert(1)</script>";
        for raw in [format!(r#"{{"{tag}":"{tag}"}}"#), tag.to_owned(), format!("[\"{tag}\"")] {
            let shown = json(&raw).into_string();
            assert!(!shown.contains("<script") && shown.contains("&lt;script&gt;"), "{shown}");
        }
    }

    #[test]
    fn deep_and_long_texts_end() {
        let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
        assert!(json(&deep).into_string().contains('1'));
        let long = "é".repeat(MAX_BYTES);
        assert!(json(&long).into_string().contains("cut:"));
    }
}
