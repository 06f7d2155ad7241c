//! Which field of a JSON event: `$.userIdentity.type`, `$.users[0]['e.mail']`, `$.list[*]`.

use sonic_rs::{JsonContainerTrait, Value};

use crate::filter_pattern::cursor::Cursor;
use crate::pattern::PatternError;

/// How many steps a selector may have. Records nest no deeper than this is read.
const MAX_STEPS: usize = 64;

/// A path from the event's root.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Selector {
    steps: Box<[Step]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Member(Box<str>),
    Element(usize),
    /// Every member of an object.
    AnyMember,
    /// Every element of an array.
    AnyElement,
}

impl Selector {
    /// Reads a selector; the cursor must stand at its dollar sign.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        const EXPECTED: &str = "a field such as $.eventName";
        cursor.skip_space();
        if !cursor.eat("$") {
            return Err(cursor.error(EXPECTED));
        }
        let mut steps = Vec::new();
        loop {
            let step = match cursor.peek() {
                Some('.') => {
                    cursor.bump();
                    match cursor.peek() {
                        Some('[') => bracket(cursor, steps.is_empty())?,
                        Some('*') => {
                            cursor.bump();
                            Step::AnyMember
                        }
                        _ => member(cursor)?,
                    }
                }
                Some('[') => bracket(cursor, steps.is_empty())?,
                _ if steps.is_empty() => return Err(cursor.error(format!("'.' and a name: {EXPECTED}"))),
                _ => break,
            };
            if steps.len() == MAX_STEPS {
                return Err(cursor.error(format!("at most {MAX_STEPS} steps in a field's path")));
            }
            steps.push(step);
        }
        Ok(Self { steps: steps.into() })
    }

    /// How many of its steps are wildcards.
    pub(crate) fn wildcards(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::AnyMember | Step::AnyElement)).count()
    }

    /// The one value at the end of the path; only for selectors without wildcards.
    pub(crate) fn find<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.steps.iter().try_fold(root, |value, step| step.take(value))
    }

    /// Calls `visit` with each value at the end of the path until it returns true; whether it did.
    /// Every value of the event is passed at most once, however many wildcards there are.
    pub(crate) fn any<'v>(&self, root: &'v Value, visit: &mut dyn FnMut(&'v Value) -> bool) -> bool {
        any(&self.steps, root, visit)
    }
}

impl Step {
    fn take<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match self {
            Self::Member(name) => value.as_object()?.get(&&**name),
            Self::Element(index) => value.as_array()?.get(*index),
            Self::AnyMember | Self::AnyElement => None,
        }
    }
}

fn any<'v>(steps: &[Step], value: &'v Value, visit: &mut dyn FnMut(&'v Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else { return visit(value) };
    match step {
        Step::AnyMember => {
            value.as_object().is_some_and(|object| object.iter().any(|(_, member)| any(rest, member, visit)))
        }
        Step::AnyElement => {
            value.as_array().is_some_and(|array| array.iter().any(|item| any(rest, item, visit)))
        }
        step => step.take(value).is_some_and(|value| any(rest, value, visit)),
    }
}

fn member(cursor: &mut Cursor<'_>) -> Result<Step, PatternError> {
    // More than the letters, digits, - and _ of the user guide: names such as `@timestamp` are
    // told apart from what may follow them all the same.
    let ends = |c: char| c.is_whitespace() || ".[](){}=!<>&|\"'%,*$".contains(c);
    let name = cursor.take_while(|c| !ends(c));
    if name.is_empty() {
        return Err(cursor.error("a field's name, * or ['name']"));
    }
    Ok(Step::Member(name.into()))
}

fn bracket(cursor: &mut Cursor<'_>, first: bool) -> Result<Step, PatternError> {
    cursor.bump();
    let step = match cursor.peek() {
        Some('\'') => {
            cursor.bump();
            Step::Member(cursor.until('\'', "the closing single quote (')")?.into())
        }
        Some('"') => Step::Member(cursor.quoted()?.into()),
        _ if first => return Err(cursor.error("a name in quotes: the event is an object, not an array")),
        Some('*') => {
            cursor.bump();
            Step::AnyElement
        }
        _ => {
            let start = cursor.clone();
            let digits = cursor.take_while(|c| c.is_ascii_digit());
            let index =
                digits.parse().map_err(|_| start.error("an element's number, * or a name in quotes"))?;
            Step::Element(index)
        }
    };
    if !cursor.eat("]") {
        return Err(cursor.error("the closing bracket (])"));
    }
    Ok(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use sonic_rs::JsonValueTrait;

    fn all(selector: &str, event: &str) -> Vec<String> {
        let event = json::parse(event).unwrap();
        let selector = Selector::parse(&mut Cursor::new(selector)).unwrap();
        let mut found = Vec::new();
        selector.any(&event, &mut |value| {
            found.push(value.to_string());
            false
        });
        if selector.wildcards() == 0 {
            assert_eq!(selector.find(&event).map(ToString::to_string).as_ref(), found.first());
        }
        found
    }

    #[test]
    fn paths_lead_to_values() {
        let event = r#"{"a":{"b":[1,[2,3]],"c.d":4,"":5},"u-s_er":{"id":6}}"#;
        assert_eq!(all("$.a.b[0]", event), ["1"]);
        assert_eq!(all("$.a.b[1][1]", event), ["3"]);
        assert_eq!(all("$.a.['c.d']", event), ["4"]);
        assert_eq!(all("$.a['c.d']", event), ["4"]);
        assert_eq!(all(r#"$.["a"]["c.d"]"#, event), ["4"]);
        assert_eq!(all("$.a['']", event), ["5"]);
        assert_eq!(all("$.u-s_er.id", event), ["6"]);
        assert_eq!(all("$.a.b[*]", event), ["1", "[2,3]"]);
        assert_eq!(all("$.*.id", event), ["6"]);
        assert_eq!(all("$.*.*[*]", event), ["1", "[2,3]"]);
        for absent in ["$.a.x", "$.a.b.c", "$.a[0]", "$.a.b[9]", "$.A", "$.a.b[0].c"] {
            assert!(all(absent, event).is_empty(), "{absent}");
        }
        assert!(json::parse(event).unwrap().is_object());
    }

    #[test]
    fn bad_paths_are_refused_where_they_fail() {
        let cases = [("a", 0), ("$", 1), ("$a", 1), ("$..a", 2), ("$.a[x]", 4), ("$.a[1", 5), ("$[0]", 2)];
        let long = [("$.a['b", 6), ("$.a[-1]", 4), ("$.a[99999999999999999999]", 4), ("$.", 2), ("$.a[]", 4)];
        for (text, position) in cases.into_iter().chain(long) {
            let error = Selector::parse(&mut Cursor::new(text)).unwrap_err();
            assert_eq!(error.position, position, "{text}: {error}");
        }
        assert!(Selector::parse(&mut Cursor::new(&format!("${}", ".a".repeat(65)))).is_err());
    }
}
