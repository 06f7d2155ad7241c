//! What must be changed before the parser sees it: types that sqlparser does
//! not read. `IPADDRESS '10.0.0.1'` and `CAST(x AS ARRAY(JSON))` become calls
//! of `trino_cast(value, 'type')`.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer, Word};

use super::dialect::Athena;
use crate::error::QueryError;

/// Types that are written before a literal (`IPADDRESS '…'`).
const LITERAL_TYPES: [&str; 3] = ["IPADDRESS", "IPPREFIX", "JSON"];
/// Types that `CAST` knows only through `trino_cast`.
const CAST_TYPES: [&str; 7] = ["ARRAY", "MAP", "ROW", "JSON", "IPADDRESS", "IPPREFIX", "STRUCT"];

/// Splits a query into tokens, without blanks and comments, and rewrites the
/// types that the parser does not know.
pub(crate) fn tokens(sql: &str) -> Result<Vec<TokenWithSpan>, QueryError> {
    let tokens = Tokenizer::new(&Athena, sql)
        .tokenize_with_location()
        .map_err(|e| QueryError::syntax(e.message, e.location))?;
    let tokens: Vec<_> = tokens.into_iter().filter(|t| !matches!(t.token, Token::Whitespace(_))).collect();
    Ok(rewrite_literals(rewrite_casts(plain_fields(tokens))))
}

/// After a dot, a word is a name even if it is a keyword elsewhere:
/// `actor.user.uid` has nothing to do with the function `user`. That one is a
/// name everywhere: a table has a column so called, and nobody is logged in.
fn plain_fields(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    for i in 0..tokens.len() {
        let called = tokens.get(i + 1).is_some_and(|t| t.token == Token::LParen);
        let field = i > 0 && tokens[i - 1].token == Token::Period;
        if (field || is_one_of(tokens.get(i), &["USER"]))
            && !called
            && let Token::Word(word) = &mut tokens[i].token
        {
            word.keyword = Keyword::NoKeyword;
        }
    }
    tokens
}

fn word(token: &TokenWithSpan) -> Option<&str> {
    match &token.token {
        Token::Word(w) if w.quote_style.is_none() => Some(&w.value),
        _ => None,
    }
}

fn is_one_of(token: Option<&TokenWithSpan>, names: &[&str]) -> bool {
    token.and_then(word).is_some_and(|w| names.iter().any(|n| w.eq_ignore_ascii_case(n)))
}

fn at(token: Token, span: Span) -> TokenWithSpan {
    TokenWithSpan { token, span }
}

fn call(name: &str, span: Span) -> TokenWithSpan {
    let word = Word { value: name.to_string(), quote_style: None, keyword: Keyword::NoKeyword };
    at(Token::Word(word), span)
}

/// `IPADDRESS '10.0.0.1'` → `trino_cast('10.0.0.1', 'IPADDRESS')`.
fn rewrite_literals(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let literal = matches!(token.token, Token::SingleQuotedString(_));
        if !(literal && is_one_of(out.last(), &LITERAL_TYPES)) {
            out.push(token);
            continue;
        }
        let Some(kind) = out.pop() else { continue };
        let name = word(&kind).unwrap_or_default().to_string();
        let span = kind.span;
        out.push(call("trino_cast", span));
        out.push(at(Token::LParen, span));
        out.push(token);
        out.push(at(Token::Comma, span));
        out.push(at(Token::SingleQuotedString(name), span));
        out.push(at(Token::RParen, span));
    }
    out
}

/// One `CAST(value AS type)` that must be rewritten, by token positions.
struct Cast {
    word: usize,
    as_word: usize,
    close: usize,
}

/// `CAST(x AS ARRAY(JSON))` → `trino_cast(x, 'ARRAY(JSON)')`.
fn rewrite_casts(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let casts = find_casts(&tokens);
    if casts.is_empty() {
        return tokens;
    }
    let mut out = Vec::with_capacity(tokens.len());
    let mut skip_to = 0;
    for (i, token) in tokens.iter().enumerate() {
        if i < skip_to {
            continue;
        }
        if let Some(cast) = casts.iter().find(|c| c.as_word == i) {
            let name = type_text(&tokens[i + 1..cast.close]);
            out.push(at(Token::Comma, token.span));
            out.push(at(Token::SingleQuotedString(name), token.span));
            skip_to = cast.close;
        } else if casts.iter().any(|c| c.word == i) {
            out.push(call("trino_cast", token.span));
        } else {
            out.push(token.clone());
        }
    }
    out
}

/// The words of a type, separated so that field names stay apart from types.
fn type_text(tokens: &[TokenWithSpan]) -> String {
    let words: Vec<String> = tokens
        .iter()
        .map(|t| match &t.token {
            Token::Word(w) => w.value.clone(),
            other => other.to_string(),
        })
        .collect();
    words.join(" ").replace(" (", "(").replace(" )", ")").replace("( ", "(").replace(" ,", ",")
}

fn find_casts(tokens: &[TokenWithSpan]) -> Vec<Cast> {
    /// An open parenthesis; with the place of its CAST and AS if it has them.
    struct Open {
        cast: Option<usize>,
        as_word: Option<usize>,
    }
    let mut open: Vec<Open> = Vec::new();
    let mut casts = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen => {
                let before = i.checked_sub(1);
                let cast = before.filter(|b| is_one_of(tokens.get(*b), &["CAST", "TRY_CAST"]));
                open.push(Open { cast, as_word: None });
            }
            Token::RParen => {
                if let Some(Open { cast: Some(word), as_word: Some(as_word) }) = open.pop()
                    && is_one_of(tokens.get(as_word + 1), &CAST_TYPES)
                {
                    casts.push(Cast { word, as_word, close: i });
                }
            }
            Token::Word(w) if w.keyword == Keyword::AS => {
                if let Some(last) = open.last_mut()
                    && last.cast.is_some()
                {
                    last.as_word = Some(i);
                }
            }
            _ => {}
        }
    }
    casts
}

/// A location as `(line, column)`, 1-based, if the parser gave one.
pub(crate) fn place(location: Location) -> Option<(u64, u64)> {
    (location.line > 0).then_some((location.line, location.column))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(sql: &str) -> String {
        tokens(sql).unwrap().iter().map(|t| t.token.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn casts_to_types_that_the_parser_lacks_become_calls() {
        assert_eq!(
            rewritten("CAST(json_extract(a, '$.b') AS ARRAY(ROW(n VARCHAR, p BIGINT)))"),
            "trino_cast ( json_extract ( a , '$.b' ) , 'ARRAY(ROW(n VARCHAR, p BIGINT))' )"
        );
        assert_eq!(
            rewritten("TRY_CAST(CAST(a AS MAP(VARCHAR, JSON)) AS JSON)"),
            "trino_cast ( trino_cast ( a , 'MAP(VARCHAR, JSON)' ) , 'JSON' )"
        );
        assert_eq!(rewritten("CAST(a AS VARCHAR) AS ROW"), "CAST ( a AS VARCHAR ) AS ROW");
    }

    #[test]
    fn typed_literals_become_calls() {
        assert_eq!(rewritten("IPADDRESS '10.0.0.1' -- hi"), "trino_cast ( '10.0.0.1' , 'IPADDRESS' )");
        assert_eq!(rewritten("\"json\" 'x'"), "\"json\" 'x'");
    }

    #[test]
    fn unbalanced_input_is_left_to_the_parser() {
        for sql in [")", "CAST(", "CAST(a AS", "CAST(a AS ARRAY", "CAST(a AS ARRAY(", "AS AS )"] {
            let _ = tokens(sql);
        }
    }
}
