//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the escapes `${*}`,
//! `${?}` and `${$}`. Source: IAM User Guide, "IAM policy elements: Variables and tags".

use super::glob::{Glob, Token};

/// A pattern with its variables filled in. `None` where a variable has neither value nor default: IAM
/// then takes the text as matching nothing. Values that are filled in are literal.
pub(super) fn pattern<'a>(text: &str, lookup: impl Fn(&str) -> Option<&'a str>) -> Option<Glob> {
    let mut tokens = Vec::new();
    for part in parts(text) {
        match part {
            Part::Text(text) => tokens.extend(text.chars().map(|letter| match letter {
                '*' => Token::Many,
                '?' => Token::One,
                letter => Token::Just(letter),
            })),
            Part::Escaped(text) => tokens.extend(text.chars().map(Token::Just)),
            Part::Variable { key, default } => {
                tokens.extend(lookup(key).or(default)?.chars().map(Token::Just));
            }
        }
    }
    Some(Glob::from_tokens(tokens))
}

/// A plain text with its variables filled in.
pub(super) fn text<'a>(text: &str, lookup: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) | Part::Escaped(text) => filled.push_str(text),
            Part::Variable { key, default } => filled.push_str(lookup(key).or(default)?),
        }
    }
    Some(filled)
}

/// Whether the text stands for different things in different requests.
pub(super) fn varies(text: &str) -> bool {
    parts(text).iter().any(|part| matches!(part, Part::Variable { .. }))
}

enum Part<'a> {
    Text(&'a str),
    Escaped(&'a str),
    Variable { key: &'a str, default: Option<&'a str> },
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start + 2..].find('}') else { break };
        parts.push(Part::Text(&rest[..start]));
        let inside = &rest[start + 2..start + 2 + length];
        parts.push(match inside {
            "*" | "?" | "$" => Part::Escaped(inside),
            _ => match inside.split_once(',') {
                None => Part::Variable { key: inside.trim(), default: None },
                Some((key, default)) => {
                    let default = default.trim();
                    let unquoted = default.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
                    Part::Variable { key: key.trim(), default: Some(unquoted.unwrap_or(default)) }
                }
            },
        });
        rest = &rest[start + 3 + length..];
    }
    parts.push(Part::Text(rest));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(key: &str) -> Option<&'static str> {
        key.eq_ignore_ascii_case("aws:username").then_some("an*a")
    }

    #[test]
    fn variables_are_filled_in_as_literals() {
        let home = pattern("home/${aws:username}/*", user).unwrap();
        assert!(home.matches("home/an*a/x") && !home.matches("home/anna/x"));
        assert_eq!(text("${aws:username}:${$}{x}", user).as_deref(), Some("an*a:${x}"));
    }

    #[test]
    fn a_variable_without_value_matches_nothing_unless_it_has_a_default() {
        assert!(pattern("home/${aws:PrincipalTag/team}/*", user).is_none());
        let default = pattern("home/${aws:PrincipalTag/team, 'none'}/*", user).unwrap();
        assert!(default.matches("home/none/x"));
    }

    #[test]
    fn escapes_do_not_vary() {
        assert!(!varies("${*}a${?}${$}") && !varies("${open") && varies("a${aws:userid}"));
        let star = pattern("${*}", user).unwrap();
        assert!(star.matches("*") && !star.matches("x"));
    }
}
