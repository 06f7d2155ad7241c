//! Finds where a JSON value ends. It can stop at the end of a chunk and go on with the next.

use memchr::memchr3;

/// Where a scan got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scan {
    /// The value's last byte is before this position.
    End(usize),
    /// The value goes on past the data.
    More,
    /// At this position stands what cannot be part of JSON.
    Broken(usize),
}

/// Brackets deeper than this are counted but not compared with what opened them.
const TRACKED: u32 = 128;

/// The state of a scan through one object or array.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scanner {
    /// One bit per open bracket, the innermost lowest: 1 an object, 0 an array.
    open: u128,
    depth: u32,
    /// The deepest nesting seen.
    pub(crate) deepest: u32,
    in_string: bool,
    escaped: bool,
}

impl Scanner {
    /// A scanner that stands inside an open object.
    pub(crate) fn inside_object() -> Self {
        Self { open: 1, depth: 1, deepest: 1, ..Self::default() }
    }

    /// Goes on through `data` from `at`, which is where the last call's data ended.
    pub(crate) fn scan(&mut self, data: &[u8], mut at: usize) -> Scan {
        while at < data.len() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                let Some(found) = memchr3(b'"', b'\\', b'\n', &data[at..]) else { return Scan::More };
                at += found;
                match data[at] {
                    b'"' => self.in_string = false,
                    b'\\' => self.escaped = true,
                    // A line break is never part of a JSON string: a quote is missing before it.
                    _ => return Scan::Broken(at),
                }
                at += 1;
                continue;
            }
            match data[at] {
                b'"' => self.in_string = true,
                b'{' => self.push(1),
                b'[' => self.push(0),
                b'}' | b']' => {
                    if !self.pop(data[at] == b'}') {
                        return Scan::Broken(at);
                    }
                    if self.depth == 0 {
                        return Scan::End(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Scan::More
    }

    #[inline]
    fn push(&mut self, object: u128) {
        self.open = (self.open << 1) | object;
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
    }

    #[inline]
    fn pop(&mut self, object: bool) -> bool {
        if self.depth == 0 || (self.deepest <= TRACKED && (self.open & 1 == 1) != object) {
            return false;
        }
        self.open >>= 1;
        self.depth -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn end(text: &str) -> Scan {
        Scanner::default().scan(text.as_bytes(), 0)
    }

    #[test]
    fn finds_the_end() {
        assert_eq!(end(r#"{"a":"}\"]","b":[1,{}]} tail"#), Scan::End(23));
        assert_eq!(end(r#"{"a":[1}"#), Scan::Broken(7));
        assert_eq!(end("{\"a\":\"x\n"), Scan::Broken(7));
        assert_eq!(end(r#"{"a":"x"#), Scan::More);
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(text in r#"[\[\]{}",:a\\ ]{0,60}"#, cut in 0usize..60) {
            let text = format!("{{{text}}}");
            let whole = end(&text);
            let cut = cut.min(text.len());
            let mut scanner = Scanner::default();
            let in_two = match scanner.scan(&text.as_bytes()[..cut], 0) {
                Scan::More => scanner.scan(text.as_bytes(), cut),
                done => done,
            };
            prop_assert_eq!(whole, in_two);
        }
    }
}
