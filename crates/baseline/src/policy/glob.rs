//! Patterns with `*` (any run of characters) and `?` (any one), as IAM has them: what one matches,
//! whether one matches all that another does, and whether two have something in common.

/// A pattern, in a normal form: in every run of wildcards the `?`s first, then at most one `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<Token>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Just(char),
    One,
    Many,
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Glob {
        Glob::from_tokens(pattern.chars().map(|letter| match letter {
            '*' => Token::Many,
            '?' => Token::One,
            letter => Token::Just(letter),
        }))
    }

    /// For names that are compared without regard to case, as those of actions are.
    pub(super) fn caseless(pattern: &str) -> Glob {
        Glob::new(&pattern.to_lowercase())
    }

    pub(super) fn from_tokens(tokens: impl IntoIterator<Item = Token>) -> Glob {
        let mut normal = Vec::new();
        let mut many = false;
        for token in tokens {
            match token {
                Token::Many => many = true,
                Token::One => normal.push(Token::One),
                Token::Just(_) => {
                    if std::mem::take(&mut many) {
                        normal.push(Token::Many);
                    }
                    normal.push(token);
                }
            }
        }
        if many {
            normal.push(Token::Many);
        }
        Glob(normal)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<Token> = text.chars().map(Token::Just).collect();
        self.takes(&text)
    }

    /// Whether everything the other pattern matches, this one matches. A yes is certain. A no may be
    /// wrong where only several characters together make up for a `*`, which no policy relies on.
    pub(super) fn covers(&self, other: &Glob) -> bool {
        self.takes(&other.0)
    }

    /// The other pattern's own wildcards count as characters that only a wildcard here can stand for.
    fn takes(&self, text: &[Token]) -> bool {
        let (mut at, mut from) = (0, 0);
        // Where to go on after the last `*`, with it taking one character more.
        let mut retry: Option<(usize, usize)> = None;
        while from < text.len() {
            let step = match (self.0.get(at), text[from]) {
                (Some(Token::Many), _) => {
                    retry = Some((at + 1, from));
                    at += 1;
                    continue;
                }
                (Some(Token::One), Token::Just(_) | Token::One) => true,
                (Some(Token::Just(wanted)), Token::Just(found)) => *wanted == found,
                _ => false,
            };
            if step {
                at += 1;
                from += 1;
            } else if let Some((after, taken)) = retry {
                retry = Some((after, taken + 1));
                at = after;
                from = taken + 1;
            } else {
                return false;
            }
        }
        self.0[at..].iter().all(|token| *token == Token::Many)
    }

    /// Whether some text is matched by both.
    pub(super) fn overlaps(&self, other: &Glob) -> bool {
        // reach[j]: the first i tokens of self and the first j of other can have matched one text.
        let (ours, theirs) = (&self.0, &other.0);
        let mut reach = vec![false; theirs.len() + 1];
        reach[0] = true;
        skip_many(&mut reach, theirs);
        for token in ours {
            let mut next = vec![false; theirs.len() + 1];
            for j in 0..=theirs.len() {
                next[j] = match token {
                    // Takes nothing, or takes what the other's token stands for.
                    Token::Many => reach[j] || (j > 0 && next[j - 1]),
                    Token::One | Token::Just(_) => {
                        let both = j > 0 && reach[j - 1] && agree(*token, theirs[j - 1]);
                        let swallowed = j > 0 && theirs[j - 1] == Token::Many && reach[j];
                        both || swallowed
                    }
                };
            }
            skip_many(&mut next, theirs);
            reach = next;
        }
        reach[theirs.len()]
    }
}

/// The other's `*` may stand for nothing.
fn skip_many(reach: &mut [bool], theirs: &[Token]) {
    for (j, token) in theirs.iter().enumerate() {
        if reach[j] && *token == Token::Many {
            reach[j + 1] = true;
        }
    }
}

fn agree(ours: Token, theirs: Token) -> bool {
    match (ours, theirs) {
        (Token::Just(a), Token::Just(b)) => a == b,
        _ => true,
    }
}

/// Whether a text is only itself: no wildcard in it.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn covers(general: &str, special: &str) -> bool {
        Glob::new(general).covers(&Glob::new(special))
    }

    fn overlaps(a: &str, b: &str) -> bool {
        Glob::new(a).overlaps(&Glob::new(b))
    }

    #[test]
    fn wildcards_cross_every_character() {
        let objects = Glob::new("arn:aws:s3:::logs/*");
        assert!(objects.matches("arn:aws:s3:::logs/a/b/c") && objects.matches("arn:aws:s3:::logs/"));
        assert!(!objects.matches("arn:aws:s3:::logs") && !objects.matches("arn:aws:s3:::logs2/a"));
        assert!(Glob::new("a?c*").matches("abc") && !Glob::new("a?c").matches("ac"));
        assert!(Glob::new("*ab*ab").matches("xabyabab") && !Glob::new("*ab*ab").matches("xab"));
        assert!(Glob::new("").matches("") && !Glob::new("").matches("a"));
    }

    #[test]
    fn covering_is_more_than_matching() {
        assert!(covers("*", "s3:*") && covers("s3:*", "s3:Get*") && covers("s3:Get*", "s3:GetObject"));
        assert!(!covers("s3:Get*", "s3:*") && !covers("s3:GetObject", "s3:Get*"));
        assert!(covers("*?", "?*") && covers("?*", "*?") && !covers("??*", "?*"));
    }

    #[test]
    fn overlapping_is_symmetric_and_exact() {
        assert!(overlaps("s3:Get*", "s3:*Object") && overlaps("a*", "*b") && overlaps("*", ""));
        assert!(!overlaps("s3:Get*", "s3:Put*") && !overlaps("a?", "a") && !overlaps("*a", "*b"));
    }

    /// All texts over two letters, up to five long: the patterns below cannot tell longer ones apart.
    fn texts() -> Vec<String> {
        let mut all = vec![String::new()];
        for length in 1..=6u32 {
            for bits in 0..1u32 << length {
                all.push((0..length).map(|i| if bits >> i & 1 == 1 { 'a' } else { 'b' }).collect());
            }
        }
        all
    }

    proptest! {
        #[test]
        fn agrees_with_trying_every_text(a in "[ab*?]{0,3}", b in "[ab*?]{0,3}") {
            let (left, right) = (Glob::new(&a), Glob::new(&b));
            let all = texts();
            prop_assert_eq!(left.overlaps(&right), all.iter().any(|t| left.matches(t) && right.matches(t)));
            if left.covers(&right) {
                prop_assert!(all.iter().all(|t| !right.matches(t) || left.matches(t)));
            }
        }

        #[test]
        fn covers_itself(a in "[ab*?]{0,12}") {
            prop_assert!(covers(&a, &a));
        }
    }
}
