//! The regular expressions between percent signs: the subset that CloudWatch Logs documents,
//! checked and handed to a linear-time engine.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html>

use regex::RegexBuilder;

use crate::pattern::PatternError;

/// How large one compiled expression may be, in bytes: `a{1000}{1000}` would take gigabytes.
const MAX_COMPILED: usize = 256 << 10;

/// A checked expression. Two are equal when they were written alike.
#[derive(Clone, Debug)]
pub(crate) struct Regex {
    source: Box<str>,
    compiled: regex::Regex,
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Regex {}

impl std::hash::Hash for Regex {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.source.hash(state);
    }
}

impl Regex {
    /// Reads the text between the percent signs, which begins at byte `at` of the pattern.
    pub(crate) fn parse(source: &str, at: usize) -> Result<Self, PatternError> {
        if source.is_empty() {
            return Err(PatternError::new(at, "'%'", "a regular expression between the percent signs"));
        }
        let translated = Translation { source, at, index: 0, out: String::new() }.run()?;
        let compiled = RegexBuilder::new(&translated)
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED)
            .nest_limit(64)
            .build()
            .map_err(|error| unsound(&error, source, at))?;
        Ok(Self { source: source.into(), compiled })
    }

    /// Whether the text holds a match, anywhere unless anchored.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

fn unsound(error: &regex::Error, source: &str, at: usize) -> PatternError {
    let found = format!("'%{source}%'");
    match error {
        regex::Error::CompiledTooBig(_) => {
            PatternError::new(at, found, "a smaller regular expression: its repetitions multiply")
        }
        other => {
            let text = other.to_string();
            let said = text.lines().filter_map(|line| line.trim().strip_prefix("error: ")).next_back();
            let why = said.unwrap_or("it cannot be read");
            PatternError::new(at, found, format!("a sound regular expression ({why})"))
        }
    }
}

/// Writes the expression in the engine's own syntax, in which some characters mean more.
struct Translation<'r> {
    source: &'r str,
    at: usize,
    index: usize,
    out: String,
}

impl Translation<'_> {
    fn run(mut self) -> Result<String, PatternError> {
        while let Some(next) = self.next() {
            match next {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '{' => self.repetition()?,
                ']' | '}' => return Err(self.error(next, format!("'\\{next}' for the character itself"))),
                '^' | '$' | '?' | '|' | '*' | '+' | '.' => self.out.push(next),
                other => self.plain(other)?,
            }
        }
        Ok(self.out)
    }

    fn next(&mut self) -> Option<char> {
        let next = self.source[self.index..].chars().next()?;
        self.index += next.len_utf8();
        Some(next)
    }

    fn peek(&self) -> Option<char> {
        self.source[self.index..].chars().next()
    }

    /// The error about the character just read.
    fn error(&self, found: char, expected: impl Into<String>) -> PatternError {
        let position = self.at + self.index - found.len_utf8();
        PatternError::new(position, format!("'{}'", found.escape_debug()), expected)
    }

    fn ended(&self, expected: &str) -> PatternError {
        PatternError::new(self.at + self.index, "the end of the regular expression", expected)
    }

    /// A character that stands for itself.
    fn plain(&mut self, c: char) -> Result<(), PatternError> {
        if c.is_ascii_alphanumeric() || is_symbol(c) {
            // A range, to the engine, inside a class.
            if c == '-' {
                self.out.push('\\');
            }
            self.out.push(c);
            return Ok(());
        }
        let hint = match c {
            '(' | ')' => {
                "an expression without groups: CloudWatch Logs has none (the character itself is \\x28 or \\x29)"
                    .to_owned()
            }
            c if c.is_ascii() => {
                format!("letters, digits, one of : _ # = @ / ; , - or an operator (write \\x{:02X})", c as u32)
            }
            _ => "characters of ASCII: CloudWatch Logs supports no multi-byte ones here".to_owned(),
        };
        Err(self.error(c, hint))
    }

    fn escape(&mut self) -> Result<(), PatternError> {
        let Some(c) = self.next() else { return Err(self.ended("a character after the backslash")) };
        match c {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            's' => self.out.push_str(r"[ \t\n\x0B\f\r]"),
            'S' => self.out.push_str(r"[^ \t\n\x0B\f\r]"),
            'w' => self.out.push_str("[a-zA-Z_0-9]"),
            'W' => self.out.push_str("[^a-zA-Z_0-9]"),
            'x' => self.hexadecimal()?,
            c if is_operator(c) => {
                self.out.push('\\');
                self.out.push(c);
            }
            c if is_symbol(c) => self.plain(c)?,
            other => {
                let expected = r"\d \D \s \S \w \W, \x with two hexadecimal digits, or an escaped operator";
                return Err(self.error(other, expected));
            }
        }
        Ok(())
    }

    fn hexadecimal(&mut self) -> Result<(), PatternError> {
        let digits = self.source.get(self.index..self.index + 2).unwrap_or_default();
        let code = u8::from_str_radix(digits, 16).ok().filter(|code| code.is_ascii());
        match code {
            Some(_) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
                self.index += 2;
                self.out.push_str(r"\x");
                self.out.push_str(digits);
                Ok(())
            }
            _ => {
                let expected = "two hexadecimal digits of an ASCII character, 00 to 7F";
                let found =
                    self.peek().map_or("the end of the regular expression".to_owned(), |c| format!("'{c}'"));
                Err(PatternError::new(self.at + self.index, found, expected))
            }
        }
    }

    /// A class, its opening bracket read. Brackets, carets and hyphens in it are checked because
    /// the engine takes some pairs of them for set operations.
    fn class(&mut self) -> Result<(), PatternError> {
        self.out.push('[');
        if self.peek() == Some('^') {
            self.next();
            self.out.push('^');
        }
        let mut empty = true;
        loop {
            let Some(c) = self.next() else { return Err(self.ended("']' to close the class")) };
            match c {
                ']' if empty => return Err(self.error(c, "characters in the class ('\\]' for the bracket)")),
                ']' => break,
                '[' => return Err(self.error(c, "'\\[' for a bracket in a class")),
                '\\' => self.escape()?,
                '-' if self.peek() == Some('-') => {
                    return Err(self.error(c, "one hyphen, for a range, or '\\-' for the character"));
                }
                '-' => self.out.push('-'),
                c if is_operator(c) => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                c => self.plain(c)?,
            }
            empty = false;
        }
        self.out.push(']');
        Ok(())
    }

    /// `{m}`, `{m,n}`, `{m,}` or `{,n}`, its opening brace read.
    fn repetition(&mut self) -> Result<(), PatternError> {
        let open = self.at + self.index - 1;
        let expected = "a repetition such as {3}, {3,5}, {3,} or {,5} ('\\{' for the character itself)";
        let wrong = || PatternError::new(open, "'{'", expected);
        let (inside, _) = self.source[self.index..].split_once('}').ok_or_else(wrong)?;
        self.index += inside.len() + 1;
        let number = |text: &str| text.trim().parse::<u16>().ok();
        let counts = match inside.split_once(',') {
            None => number(inside).map(|n| format!("{{{n}}}")),
            Some((low, high)) => {
                let low = if low.trim().is_empty() { Some(0) } else { number(low) };
                match (low, high.trim()) {
                    (Some(low), "") => Some(format!("{{{low},}}")),
                    (Some(low), high) => number(high).map(|high| format!("{{{low},{high}}}")),
                    (None, _) => None,
                }
            }
        };
        self.out.push_str(&counts.ok_or_else(wrong)?);
        Ok(())
    }
}

fn is_symbol(c: char) -> bool {
    matches!(c, ' ' | ':' | '_' | '#' | '=' | '@' | '/' | ';' | ',' | '-')
}

fn is_operator(c: char) -> bool {
    matches!(c, '^' | '$' | '?' | '[' | ']' | '{' | '}' | '|' | '\\' | '*' | '+' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(source: &str, text: &str) -> bool {
        Regex::parse(source, 1).unwrap_or_else(|e| panic!("{source}: {e}")).is_match(text)
    }

    #[test]
    fn the_documented_operators() {
        let cases = [
            ("AUTHORIZED", "[ERROR 401] UNAUTHORIZED REQUEST", true),
            ("^[hc]at", "hat trick", true),
            ("^[hc]at", "a hat", false),
            ("[hc]at$", "a cat", true),
            ("colou?r", "color", true),
            ("[abcx-z]", "y", true),
            ("[abcx-z]", "d", false),
            ("^a{3,5}$", "aa", false),
            ("^a{,2}$", "aa", true),
            ("^a{,2}$", "aaa", false),
            ("^a{2,}$", "aaaa", true),
            ("gra|ey", "grey", true),
            ("^starting|^initializing|^shutting down", "skipping initializing", false),
            ("^starting|^initializing|^shutting down", "shutting down now", true),
            ("abcc|ab[^c]$", "aba", true),
            (r"\[.\]", "x [7]", true),
            (r"10\.10\.0\.1", "10010,051", false),
            ("ab[0-9]*", "ab129", true),
            ("ab+c", "ac", false),
            (".at", "#at", true),
            (r"^\d\D\s\S\w\W$", "1a b_-", true),
            (r"\x3A", "a:b", true),
            (r"\x28", "f(", true),
            (r"[\d_]+-[^\s]", "1_-x", true),
            ("a#b", "a#b", true),
            (r"a\-b", "a-b", true),
            ("[.$]", "a.b", true),
            ("[.$]", "ab", false),
            (r"\w", "é", false),
        ];
        for (source, text, expected) in cases {
            assert_eq!(matches(source, text), expected, "{source} on {text}");
        }
    }

    #[test]
    fn what_is_not_supported_is_refused_where_it_stands() {
        let cases = [
            ("something!", 10, "\\x21"),
            ("(ab)+", 1, "without groups"),
            ("café", 4, "ASCII"),
            (r"a\p", 3, "escaped operator"),
            (r"\(", 2, "escaped operator"),
            ("", 1, "between the percent signs"),
            ("a{3,", 2, "repetition"),
            ("a{x}", 2, "repetition"),
            ("[a", 3, "close the class"),
            ("[]", 2, "characters in the class"),
            ("[a[b]]", 3, "bracket in a class"),
            ("[a--b]", 3, "hyphen"),
            ("a]", 2, "itself"),
            (r"\x8F", 3, "00 to 7F"),
            (r"\x4", 3, "hexadecimal"),
            ("*a", 1, "sound"),
            ("a{1000}{1000}", 1, "smaller"),
            ("[z-a]", 1, "sound"),
        ];
        for (source, position, says) in cases {
            let error = Regex::parse(source, 1).unwrap_err();
            assert_eq!(error.position, position, "{source}: {error}");
            assert!(error.expected.contains(says), "{source}: {error}");
        }
    }
}
