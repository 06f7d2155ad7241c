//! Escaping, by the rules of each target.

/// HTML text and attribute values.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A space of no width: it breaks what would format or refer, where there is no escape.
const BREAK: char = '\u{200b}';

/// Slack's mrkdwn: its three control characters, and a break in what would format. `@here` is
/// written `<!here>` on the wire, so escaped brackets keep everyone from being called. Within words
/// nothing formats, and nothing is broken: a name is copied as it is.
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
pub(crate) fn mrkdwn(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '*' | '_' | '~' | '`' => {
                out.push(c);
                let within =
                    before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
                if !within || c == '`' {
                    out.push(BREAK);
                }
            }
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Markdown as GitHub and GitLab read it: punctuation that could format, link, mention or refer.
pub(crate) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Mentions and references work behind a backslash too.
            '@' | '#' => {
                out.push(c);
                out.push(BREAK);
            }
            // A quick action of GitLab's begins a line.
            '/' if out.is_empty() => {
                out.push(BREAK);
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
