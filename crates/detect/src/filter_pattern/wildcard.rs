//! Text with `*`, each of which stands for any characters, or none.

/// A text cut at its asterisks.
///
/// The user guide says that the asterisk matches "text"; early editions said that one in the middle
/// of a term is an ordinary character. Tests of others against the service show it at work in the
/// middle too, so that is what this does.
#[derive(Clone, Debug)]
pub(crate) struct Wildcard {
    prefix: Box<str>,
    middles: Box<[Box<str>]>,
    suffix: Box<str>,
}

impl Wildcard {
    /// `None` where the text has no asterisk.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (prefix, rest) = text.split_once('*')?;
        let (middle, suffix) = rest.rsplit_once('*').unwrap_or(("", rest));
        let middles = middle.split('*').filter(|part| !part.is_empty()).map(Into::into).collect();
        Some(Self { prefix: prefix.into(), middles, suffix: suffix.into() })
    }

    /// Whether the whole of `text` is of this form. Linear: the leftmost place of each part is as
    /// good as any other.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let inner = text.strip_prefix(&*self.prefix).and_then(|rest| rest.strip_suffix(&*self.suffix));
        let Some(mut inner) = inner else { return false };
        for middle in &self.middles {
            let Some(found) = inner.find(&**middle) else { return false };
            inner = &inner[found + middle.len()..];
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asterisks_stand_for_any_text() {
        let cases = [
            ("4*", "404", true),
            ("4*", "504", false),
            ("*Operation", "UnauthorizedOperation", true),
            ("*Operation", "Operation", true),
            ("*Operation", "OperationX", false),
            ("*html*", "GET /a.html HTTP", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "aXbXbYc", true),
            ("a*b*c", "aXcXb", false),
            ("**", "x", true),
            ("*111.111.111", "111.111.111.111", true),
        ];
        for (wildcard, text, expected) in cases {
            assert_eq!(Wildcard::parse(wildcard).unwrap().matches(text), expected, "{wildcard} {text}");
        }
        assert!(Wildcard::parse("plain").is_none());
    }
}
