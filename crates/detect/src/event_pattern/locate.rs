//! Where in a JSON text a value stands: parsed values do not know.

/// One step into a JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into the member of an object.
    Member(String),
    /// Into the element of an array.
    Element(usize),
}

/// The path in the usual notation.
pub(super) fn written(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Member(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Step::Element(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// The byte at which the value at the end of the path begins, or as far as the path leads. The text is
/// known to be JSON.
pub(super) fn position(text: &str, path: &[Step]) -> usize {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: 0 };
    cursor.skip_space();
    let mut found = cursor.at;
    for step in path {
        if !cursor.enter(step) {
            break;
        }
        found = cursor.at;
    }
    found
}

/// The byte that `serde_json` means by a line and a column, both counted from 1.
pub(super) fn of_line(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => text.match_indices('\n').nth(line - 2).map_or(0, |(at, _)| at + 1),
    };
    // The end of a text may be reported within its last character.
    text.floor_char_boundary(start + column.saturating_sub(1))
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Moves to the value that the step leads to. False where there is none.
    fn enter(&mut self, step: &Step) -> bool {
        let open = match step {
            Step::Member(_) => b'{',
            Step::Element(_) => b'[',
        };
        if self.peek() != Some(open) {
            return false;
        }
        self.at += 1;
        let mut index = 0;
        // Of members of the same name the parser keeps the last.
        let mut last = None;
        loop {
            self.skip_space();
            match self.peek() {
                None | Some(b'}' | b']') => break,
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            let is_it = match step {
                Step::Element(wanted) => index == *wanted,
                Step::Member(wanted) => {
                    let start = self.at;
                    self.skip_value();
                    let name: Option<String> =
                        self.bytes.get(start..self.at).and_then(|name| serde_json::from_slice(name).ok());
                    self.skip_space();
                    self.at += 1;
                    self.skip_space();
                    name.as_ref() == Some(wanted)
                }
            };
            if is_it {
                last = Some(self.at);
            }
            self.skip_value();
            index += 1;
        }
        if let Some(last) = last {
            self.at = last;
        }
        last.is_some()
    }

    /// Moves past a value.
    fn skip_value(&mut self) {
        let (mut depth, mut in_text) = (0usize, false);
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' if in_text => self.at += 1,
                b'"' => {
                    in_text = !in_text;
                    if !in_text && depth == 0 {
                        self.at += 1;
                        return;
                    }
                }
                _ if in_text => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return;
                    }
                }
                b',' if depth == 0 => return,
                b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return,
                _ => {}
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_values_by_path() {
        let text = r#" {"a": {"b\"c": [1, {"d": "x]y"}, true ]}, "a2": 7}"#;
        let member = |name: &str| Step::Member(name.to_owned());
        let at = |path: &[Step]| &text[position(text, path)..];
        assert!(at(&[]).starts_with("{\"a\""));
        assert!(at(&[member("a"), member("b\"c"), Step::Element(1), member("d")]).starts_with("\"x]y\""));
        assert!(at(&[member("a"), member("b\"c"), Step::Element(2)]).starts_with("true"));
        assert!(at(&[member("a2")]).starts_with("7"));
        // What is not there is where its parent is.
        assert!(at(&[member("a2"), member("x")]).starts_with("7"));
        assert_eq!(written(&[member("a"), member("b"), Step::Element(1), member("d")]), "a.b[1].d");
    }

    #[test]
    fn lines_become_bytes() {
        assert_eq!(of_line("\"é", 1, 3), 1);
        assert_eq!((of_line("ab\ncd", 2, 2), of_line("ab", 1, 1), of_line("", 1, 0)), (4, 0, 0));
    }
}
