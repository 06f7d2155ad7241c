//! Regular expressions. Patterns are Java's as far as a linear-time engine
//! can take them: look-around and back-references are refused by name.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder, Int64Builder, ListBuilder, StringBuilder, StringViewArray};
use arrow::datatypes::FieldRef;
use datafusion::common::Result;
use datafusion::logical_expr::{ReturnFieldArgs, ScalarUDF};
use regex::{Regex, RegexBuilder};

use super::support::{
    Call, Column, Func, plan_error, returns_bool, returns_int, returns_text, returns_text_list,
};

/// Compiled size a pattern may take, in bytes.
const SIZE_LIMIT: usize = 4 << 20;
/// Distinct patterns kept when the pattern is a column.
const CACHE: usize = 256;

/// The functions of this family.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    vec![
        Func::new("regexp_like", (2, 2), checked_bool, like).udf(),
        Func::new("regexp_extract", (2, 3), checked_text, extract).udf(),
        Func::new("regexp_extract_all", (2, 3), checked_list, extract_all).udf(),
        Func::new("regexp_replace", (2, 3), checked_text, replace).udf(),
        Func::new("regexp_split", (2, 2), checked_list, split).udf(),
        Func::new("regexp_count", (2, 2), checked_int, count).udf(),
        Func::new("regexp_position", (2, 2), checked_int, position).udf(),
        Func::new("icontains", (2, 2), returns_bool, icontains).udf(),
    ]
}

fn check(args: &ReturnFieldArgs<'_>) -> Result<()> {
    if let Some(Some(pattern)) = args.scalar_arguments.get(1)
        && let Some(pattern) = pattern.try_as_str().flatten()
    {
        compile(pattern)?;
    }
    Ok(())
}
fn checked_bool(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    check(args)?;
    returns_bool(args)
}
fn checked_text(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    check(args)?;
    returns_text(args)
}
fn checked_int(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    check(args)?;
    returns_int(args)
}
fn checked_list(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    check(args)?;
    returns_text_list(args)
}

/// Compiles a Java pattern.
fn compile(pattern: &str) -> Result<Regex> {
    let java_only = ["(?=", "(?!", "(?<=", "(?<!", "(?>"];
    if let Some(found) = java_only.iter().find(|p| pattern.contains(**p)) {
        return Err(plan_error(format!(
            "regular expression '{pattern}': '{found}' is not supported (no look-around)"
        )));
    }
    let pattern = greedy(pattern);
    RegexBuilder::new(&pattern).size_limit(SIZE_LIMIT).build().map_err(|e| {
        let reason = match e {
            regex::Error::CompiledTooBig(_) => "too large".to_string(),
            other => other.to_string().lines().last().unwrap_or_default().trim().to_string(),
        };
        plan_error(format!("regular expression '{pattern}': {reason}"))
    })
}

/// Turns Java's possessive quantifiers (`a*+`) into greedy ones: without
/// backtracking there is nothing for them to save.
fn greedy(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let (mut escaped, mut class, mut quantifier) = (false, false, false);
    for c in pattern.chars() {
        if quantifier && c == '+' {
            quantifier = false;
            continue;
        }
        quantifier = !escaped && !class && matches!(c, '*' | '+' | '?' | '}');
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Patterns of a call: one for all rows, or cached by text.
enum Patterns {
    One(Box<Regex>),
    PerRow(Column<StringViewArray>, HashMap<String, Option<Regex>>),
}

impl Patterns {
    fn of(call: &Call<'_>) -> Result<Self> {
        match call.constant_text(1) {
            Some(p) => Ok(Self::One(Box::new(compile(&p)?))),
            None => Ok(Self::PerRow(call.text(1)?, HashMap::new())),
        }
    }

    fn get(&mut self, row: usize) -> Option<&Regex> {
        match self {
            Self::One(regex) => Some(regex),
            Self::PerRow(texts, cache) => {
                let text = texts.get(row)?;
                if !cache.contains_key(text) {
                    if cache.len() >= CACHE {
                        cache.clear();
                    }
                    cache.insert(text.to_string(), compile(text).ok());
                }
                cache.get(text)?.as_ref()
            }
        }
    }
}

fn like(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, mut patterns) = (call.text(0)?, Patterns::of(call)?);
    let mut out = BooleanBuilder::with_capacity(call.rows);
    for row in 0..call.rows {
        out.append_option(text.get(row).zip(patterns.get(row)).map(|(t, p)| p.is_match(t)));
    }
    Ok(Arc::new(out.finish()))
}

/// The group asked for by the third argument; 0 is the whole match.
fn group_of(call: &Call<'_>) -> Result<usize> {
    if call.len() < 3 {
        return Ok(0);
    }
    let group = call.int(2)?.get(0).unwrap_or(0);
    usize::try_from(group).map_err(|_| plan_error("the group of a regular expression is from 0"))
}

fn extract(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, mut patterns, group) = (call.text(0)?, Patterns::of(call)?, group_of(call)?);
    let mut out = StringBuilder::new();
    for row in 0..call.rows {
        let found = text
            .get(row)
            .zip(patterns.get(row))
            .and_then(|(t, p)| Some(p.captures(t)?.get(group)?.as_str().to_string()));
        out.append_option(found);
    }
    Ok(Arc::new(out.finish()))
}

fn lists<'a>(
    call: &Call<'_>,
    text: &'a Column<StringViewArray>,
    patterns: &mut Patterns,
    f: impl Fn(&Regex, &'a str) -> Vec<Option<&'a str>>,
) -> ArrayRef {
    let mut out = ListBuilder::new(StringBuilder::new());
    for row in 0..call.rows {
        match text.get(row).zip(patterns.get(row)) {
            Some((t, p)) => {
                for item in f(p, t) {
                    out.values().append_option(item);
                }
                out.append(true);
            }
            None => out.append(false),
        }
    }
    Arc::new(out.finish())
}

fn extract_all(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, mut patterns, group) = (call.text(0)?, Patterns::of(call)?, group_of(call)?);
    Ok(lists(call, &text, &mut patterns, |p, t| {
        p.captures_iter(t).map(|c| c.get(group).map(|m| m.as_str())).collect()
    }))
}

fn split(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, mut patterns) = (call.text(0)?, Patterns::of(call)?);
    Ok(lists(call, &text, &mut patterns, |p, t| p.split(t).map(Some).collect()))
}

fn replace(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, mut patterns) = (call.text(0)?, Patterns::of(call)?);
    let by = if call.len() > 2 { Some(call.text(2)?) } else { None };
    let mut out = StringBuilder::new();
    for row in 0..call.rows {
        let by = match &by {
            Some(by) => by.get(row),
            None => Some(""),
        };
        let replaced = text
            .get(row)
            .zip(patterns.get(row))
            .zip(by)
            .map(|((t, p), by)| p.replace_all(t, java_replacement(by).as_str()).into_owned());
        out.append_option(replaced);
    }
    Ok(Arc::new(out.finish()))
}

/// Turns Java's `$1`, `${name}` and `\$` into what Rust's engine expects:
/// there `$1x` would be a group named `1x`.
fn java_replacement(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('$') => out.push_str("$$"),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            '$' if chars.peek().is_some_and(char::is_ascii_digit) => {
                out.push_str("${");
                while let Some(d) = chars.next_if(char::is_ascii_digit) {
                    out.push(d);
                }
                out.push('}');
            }
            '$' if chars.peek() == Some(&'{') => out.push('$'),
            '$' => out.push_str("$$"),
            other => out.push(other),
        }
    }
    out
}

fn count(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, mut patterns) = (call.text(0)?, Patterns::of(call)?);
    let mut out = Int64Builder::with_capacity(call.rows);
    for row in 0..call.rows {
        let n = text.get(row).zip(patterns.get(row)).map(|(t, p)| p.find_iter(t).count() as i64);
        out.append_option(n);
    }
    Ok(Arc::new(out.finish()))
}

fn position(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, mut patterns) = (call.text(0)?, Patterns::of(call)?);
    let mut out = Int64Builder::with_capacity(call.rows);
    for row in 0..call.rows {
        let at = text.get(row).zip(patterns.get(row)).map(|(t, p)| match p.find(t) {
            Some(m) => t[..m.start()].chars().count() as i64 + 1,
            None => -1,
        });
        out.append_option(at);
    }
    Ok(Arc::new(out.finish()))
}

/// Whether a text contains another, without regard to case. Free-text search
/// runs on this; an escaped literal keeps the engine on its fast path.
fn icontains(call: &Call<'_>) -> Result<ArrayRef> {
    let text = call.text(0)?;
    let needle = call
        .constant_text(1)
        .ok_or_else(|| plan_error("the text that icontains looks for must be a constant"))?;
    let regex = RegexBuilder::new(&regex::escape(&needle))
        .case_insensitive(true)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|e| plan_error(format!("search text: {e}")))?;
    let mut out = BooleanBuilder::with_capacity(call.rows);
    for row in 0..call.rows {
        out.append_option(text.get(row).map(|t| regex.is_match(t)));
    }
    Ok(Arc::new(out.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_replacements_keep_their_meaning() {
        let replace = |t: &str, p: &str, by: &str| {
            compile(p).unwrap().replace_all(t, java_replacement(by).as_str()).into_owned()
        };
        assert_eq!(replace("ab", "(a)(b)", "$2x$1"), "bxa");
        assert_eq!(replace("ab", "(?<n>a)", "${n}${n}"), "aab");
        assert_eq!(replace("ab", "a", r"\$1"), "$1b");
        assert_eq!(replace("ab", "a", "$"), "$b");
    }

    #[test]
    fn what_java_alone_can_do_is_refused_by_name() {
        assert!(compile("a(?=b)").unwrap_err().to_string().contains("look-around"));
        assert!(compile(r"(a)\1").is_err());
        assert!(compile("a{1000}{1000}{1000}").is_err());
        assert!(compile("a*+b").unwrap().is_match("aab"));
        assert_eq!(greedy(r"\*+[*+]x++?+"), r"\*+[*+]x+?");
    }
}
