//! Words and lines.

/// The text on one line, without what could move a cursor, set a title or turn the reading
/// direction: names in an account are anybody's to choose.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c }).flat_map(shown).collect()
}

/// As [`clean`], with its lines left as they are.
pub(super) fn clean_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(clean)
}

fn shown(c: char) -> Vec<char> {
    let turns = ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    if c.is_control() || turns { c.escape_unicode().collect() } else { vec![c] }
}

/// Breaks at spaces; a word longer than the line stays whole, so that it can be copied.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    if used > 0 {
        lines.push(line);
    }
    lines
}

/// At most so many characters, the last one `…` where something is cut off.
pub(super) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// `1 resource`, `2 resources`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `a, b, c and 4 more`.
pub(super) fn listed(items: &[&str], most: usize) -> String {
    let shown = items.iter().take(most).map(|item| clean(item)).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_only() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("arn:aws:s3:::a-long-name x", 5), ["arn:aws:s3:::a-long-name", "x"]);
        assert!(wrap("  ", 5).is_empty());
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(clean("a\x1b[2J\u{202e}b\nc"), "a\\u{1b}[2J\\u{202e}b c");
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(listed(&["a", "b", "c"], 2), "a, b and 1 more");
    }
}
