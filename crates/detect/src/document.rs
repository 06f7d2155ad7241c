//! A rule file's documents, each with the line it begins on.
//!
//! Documents are parsed one by one so that a fault in one costs only that one, and so that
//! `rules show` can print the very text.

/// One YAML document of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document<'a> {
    /// The line it begins on, counted from 1.
    pub(crate) line: usize,
    /// Its text, without the separator.
    pub(crate) text: &'a str,
}

/// Splits a file at its `---` lines. A file that uses Sigma's collection actions
/// (`action: global`) stays whole, because its documents make sense only together.
pub(crate) fn documents(file: &str) -> Vec<Document<'_>> {
    if file.lines().any(|line| line.starts_with("action:")) {
        return vec![Document { line: 1, text: file }];
    }
    let mut found = Vec::new();
    let (mut start, mut start_line, mut offset) = (0, 1, 0);
    for (index, line) in file.split_inclusive('\n').enumerate() {
        let next = offset + line.len();
        if line.trim_end() == "---" {
            found.push(Document { line: start_line, text: &file[start..offset] });
            (start, start_line) = (next, index + 2);
        }
        offset = next;
    }
    found.push(Document { line: start_line, text: &file[start..] });
    found.retain(|document| document.text.lines().any(has_content));
    found
}

fn has_content(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with('#')
}

/// A parser's message in one line: without the picture of where it stopped.
pub(crate) fn one_line(message: &str) -> String {
    let is_picture = |line: &&str| {
        let trimmed = line.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
        trimmed.starts_with("-->")
            || trimmed.starts_with('|')
            || trimmed.chars().all(|c| matches!(c, '^' | '-'))
    };
    let lines = message.lines().map(|line| line.split(" --> ").next().unwrap_or_default());
    let words = lines.filter(|line| !is_picture(line)).map(|line| line.trim().trim_start_matches("= "));
    words.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The line a parser's message speaks of ("… at line 7 column 3"), relative to its document.
pub(crate) fn line_in_message(message: &str) -> Option<usize> {
    let (_, rest) = message.rsplit_once("line ")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}

/// The line, counted from 1, on which the document says `key:`.
pub(crate) fn line_of_key(document: &str, key: &str) -> Option<usize> {
    let says_key = |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with(':'));
    document.lines().position(says_key).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_separators_and_counts_lines() {
        let found = documents("# note\n---\ntitle: a\nid: 1\n---\n\ntitle: b\n");
        assert_eq!(
            found,
            [Document { line: 3, text: "title: a\nid: 1\n" }, Document { line: 6, text: "\ntitle: b\n" }]
        );
        assert_eq!(line_of_key(found[1].text, "title"), Some(2));
    }

    #[test]
    fn a_collection_with_actions_stays_whole() {
        let file = "action: global\nlogsource: {}\n---\ntitle: a\n";
        assert_eq!(documents(file).len(), 1);
    }

    #[test]
    fn pictures_are_left_out() {
        let message = "Condition parse error at 1:9:  --> 1:9\n  |\n1 | a and (b\n  |         ^---\n  |\n  = expected or_op";
        assert_eq!(one_line(message), "Condition parse error at 1:9: expected or_op");
    }

    #[test]
    fn reads_the_line_of_a_parser_message() {
        assert_eq!(line_in_message("did not find expected key at line 7 column 3"), Some(7));
        assert_eq!(line_in_message("Missing required field 'title'"), None);
    }
}
