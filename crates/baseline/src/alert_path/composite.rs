//! Rules of composite alarms.
//!
//! `ALARM("a") AND (OK(b) OR NOT INSUFFICIENT_DATA("arn:…:alarm:c")) OR TRUE`, and
//! `AT_LEAST(2, ALARM, (a, b, c))`. Names may be quoted; `NOT` binds tightest, then `AND`, then `OR`.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>

/// Deeper nesting than this is refused.
const MAX_DEPTH: usize = 64;

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// `TRUE` or `FALSE`.
    Constant(bool),
    /// The alarm of this name or ARN is in this state.
    State(String, String),
    Not(Box<Rule>),
    All(Vec<Rule>),
    Any(Vec<Rule>),
    /// So many of these hold.
    AtLeast(usize, Vec<Rule>),
}

impl Rule {
    /// Reads a rule; what is wrong with it, in words, where it cannot be read.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0 };
        let rule = reader.any(0)?;
        reader.space();
        if reader.at == text.len() { Ok(rule) } else { Err(reader.error("AND, OR or the end")) }
    }

    /// Whether it holds where alarms are in the states that `state` tells.
    pub(crate) fn holds<'s>(&self, state: &impl Fn(&str) -> &'s str) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::State(alarm, wanted) => state(alarm) == wanted,
            Self::Not(rule) => !rule.holds(state),
            Self::All(rules) => rules.iter().all(|rule| rule.holds(state)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(state)),
            Self::AtLeast(count, rules) => rules.iter().filter(|rule| rule.holds(state)).count() >= *count,
        }
    }

    /// The alarms it refers to, by name or ARN as it writes them.
    pub(crate) fn children(&self) -> Vec<&str> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::State(alarm, _) => vec![alarm],
            Self::Not(rule) => rule.children(),
            Self::All(rules) | Self::Any(rules) | Self::AtLeast(_, rules) => {
                rules.iter().flat_map(Self::children).collect()
            }
        }
    }
}

/// The alarm that a rule means by this name or ARN is the one of this name and ARN.
pub(crate) fn means(reference: &str, name: &str, arn: &str) -> bool {
    reference == name || (!arn.is_empty() && reference == arn)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn error(&self, wanted: &str) -> String {
        format!("expected {wanted} at byte {} of the alarm rule", self.at)
    }

    /// Takes the token, whatever its case, where it is next.
    fn take(&mut self, token: &str) -> bool {
        self.space();
        let Some(head) = self.rest().get(..token.len()) else { return false };
        let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let word = token.ends_with(goes_on);
        let ends = !word || !self.rest()[token.len()..].starts_with(goes_on);
        let found = ends && head.eq_ignore_ascii_case(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn must(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(self.error(token)) }
    }

    fn any(&mut self, depth: usize) -> Result<Rule, String> {
        let mut rules = vec![self.all(depth)?];
        while self.take("OR") {
            rules.push(self.all(depth)?);
        }
        Ok(if rules.len() == 1 { rules.remove(0) } else { Rule::Any(rules) })
    }

    fn all(&mut self, depth: usize) -> Result<Rule, String> {
        let mut rules = vec![self.not(depth)?];
        while self.take("AND") {
            rules.push(self.not(depth)?);
        }
        Ok(if rules.len() == 1 { rules.remove(0) } else { Rule::All(rules) })
    }

    fn not(&mut self, depth: usize) -> Result<Rule, String> {
        if depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} levels of nesting in the alarm rule"));
        }
        if self.take("NOT") {
            return Ok(Rule::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.any(depth + 1)?;
            self.must(")")?;
            return Ok(inner);
        }
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.take(word) {
                return Ok(Rule::Constant(value));
            }
        }
        if self.take("AT_LEAST") {
            return self.at_least();
        }
        let state = self.state()?;
        self.must("(")?;
        let alarm = self.name()?;
        self.must(")")?;
        Ok(Rule::State(alarm, state.to_owned()))
    }

    fn state(&mut self) -> Result<&'static str, String> {
        let states = ["ALARM", "OK", "INSUFFICIENT_DATA"];
        let found = states.into_iter().find(|state| self.take(state));
        found.ok_or_else(|| self.error("ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or AT_LEAST"))
    }

    /// `(2, ALARM, (a, b))` or `(50%, NOT OK, (a, b))`.
    fn at_least(&mut self) -> Result<Rule, String> {
        self.must("(")?;
        self.space();
        let digits = self.rest().len() - self.rest().trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: usize = self.rest()[..digits].parse().map_err(|_| self.error("a number"))?;
        self.at += digits;
        let percent = self.take("%");
        self.must(",")?;
        let negated = self.take("NOT");
        let state = self.state()?;
        self.must(",")?;
        self.must("(")?;
        let mut rules = Vec::new();
        loop {
            let one = Rule::State(self.name()?, state.to_owned());
            rules.push(if negated { Rule::Not(Box::new(one)) } else { one });
            if !self.take(",") {
                break;
            }
        }
        self.must(")")?;
        self.must(")")?;
        let count = if percent { number.saturating_mul(rules.len()).div_ceil(100) } else { number };
        Ok(Rule::AtLeast(count, rules))
    }

    fn name(&mut self) -> Result<String, String> {
        self.space();
        let rest = self.rest();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (name, length) = match quote {
            Some(quote) => {
                let end = rest[1..].find(quote).ok_or_else(|| self.error("the closing quote"))?;
                (&rest[1..=end], end + 2)
            }
            None => {
                let end = rest.find([')', ',']).ok_or_else(|| self.error("the closing parenthesis"))?;
                (rest[..end].trim_end(), end)
            }
        };
        if name.is_empty() {
            return Err(self.error("the name of an alarm"));
        }
        self.at += length;
        Ok(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(rule: &str, in_alarm: &[&str]) -> bool {
        let rule = Rule::parse(rule).unwrap();
        rule.holds(&|name: &str| if in_alarm.contains(&name) { "ALARM" } else { "OK" })
    }

    #[test]
    fn rules_are_read_as_cloudwatch_does() {
        assert!(holds(r#"ALARM("a") OR ALARM(b)"#, &["b"]));
        assert!(!holds(r#"ALARM("a") AND ALARM(b)"#, &["b"]));
        assert!(holds("ALARM(a) OR ALARM(b) AND ALARM(c)", &["a"]), "AND binds tighter");
        assert!(!holds("(ALARM(a) OR ALARM(b)) AND ALARM(c)", &["a"]));
        assert!(holds("NOT OK(a) AND NOT INSUFFICIENT_DATA(a)", &["a"]));
        assert!(holds("TRUE AND NOT FALSE", &[]));
        assert!(holds(
            r#"ALARM("arn:aws:cloudwatch:eu-west-1:111111111111:alarm:x (y)")"#,
            &["arn:aws:cloudwatch:eu-west-1:111111111111:alarm:x (y)"]
        ));
        assert!(holds("AT_LEAST(2, ALARM, (a, b, c))", &["a", "c"]));
        assert!(!holds("AT_LEAST(50%, ALARM, (a, b, c))", &["a"]));
        let rule = Rule::parse("ALARM(a) AND NOT (OK('b b') OR TRUE)").unwrap();
        assert_eq!(rule.children(), ["a", "b b"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (rule, wanted) in [
            ("", "at byte 0"),
            ("ALARM(a) ALARM(b)", "AND, OR or the end at byte 9"),
            ("ALARM()", "the name of an alarm at byte 6"),
            ("ALARM(\"a", "the closing quote at byte 6"),
            ("(ALARM(a)", ") at byte 9"),
            ("ALARMS(a)", "at byte 0"),
        ] {
            let error = Rule::parse(rule).unwrap_err();
            assert!(error.contains(wanted), "{rule}: {error}");
        }
        assert!(Rule::parse(&"(".repeat(100_000)).is_err());
        assert!(Rule::parse(&"NOT ".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[A-Z_() ,\"a%0-9é]{0,60}") {
            let _ = Rule::parse(&text);
        }
    }
}
