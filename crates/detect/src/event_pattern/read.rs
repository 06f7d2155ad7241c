//! From a value in a field's list to its test: plain values and the comparison operators.

use serde_json::{Map, Value};

use super::branch::Leaf;
use super::compare::{Bound, Range, Test, TextTest, lower};
use super::error::PatternError;
use super::locate::Step;
use super::parse::{Reader, kind};
use super::value::Number;

/// The operators, by the name they have in a pattern. `exactly` is Event Ruler's long form of a text.
pub(super) const OPERATORS: &[&str] = &[
    "anything-but",
    "cidr",
    "equals-ignore-case",
    "exactly",
    "exists",
    "numeric",
    "prefix",
    "suffix",
    "wildcard",
];

/// Adds one value of a field's list.
pub(super) fn value(reader: &mut Reader<'_>, value: &Value, leaf: &mut Leaf) -> Result<(), PatternError> {
    let test = match value {
        Value::Null => Test::Null,
        Value::Bool(value) => Test::Bool(*value),
        Value::Number(number) => Test::Number(Number::of(number)),
        Value::String(text) => Test::Text(TextTest::Equals(text.clone())),
        Value::Array(_) => {
            return Err(reader.error("a text, number, boolean, null or an operator", "a list in a list"));
        }
        Value::Object(members) => return operator(reader, members, leaf),
    };
    leaf.tests.push(test);
    Ok(())
}

fn operator(
    reader: &mut Reader<'_>,
    members: &Map<String, Value>,
    leaf: &mut Leaf,
) -> Result<(), PatternError> {
    let (name, operand) = only_member(reader, members, "an object of one operator")?;
    reader.within(Step::Member(name.clone()), |reader| {
        let test = match name.as_str() {
            "exactly" => Test::Text(TextTest::Equals(text(reader, operand)?.to_owned())),
            "prefix" => Test::Text(affix(reader, operand, TextTest::Prefix, TextTest::PrefixIgnoreCase)?),
            "suffix" => Test::Text(affix(reader, operand, TextTest::Suffix, TextTest::SuffixIgnoreCase)?),
            "equals-ignore-case" => Test::Text(TextTest::EqualsIgnoreCase(lower(text(reader, operand)?))),
            "wildcard" => Test::Text(wildcard(reader, operand)?),
            "numeric" => numeric(reader, operand)?,
            "cidr" => cidr(reader, operand)?,
            "anything-but" => anything_but(reader, operand)?,
            "exists" => match operand {
                Value::Bool(true) => Test::Exists,
                Value::Bool(false) => {
                    leaf.absent = true;
                    return Ok(());
                }
                other => return Err(reader.error("true or false", kind(other))),
            },
            other => return Err(unknown(reader, other, OPERATORS)),
        };
        leaf.tests.push(test);
        Ok(())
    })
}

fn only_member<'a>(
    reader: &Reader<'_>,
    members: &'a Map<String, Value>,
    expected: &str,
) -> Result<(&'a String, &'a Value), PatternError> {
    let mut all = members.iter();
    match (all.next(), all.next()) {
        (Some(member), None) => Ok(member),
        (None, _) => Err(reader.error(expected, "an empty object")),
        (Some(_), Some(_)) => Err(reader.error(expected, format!("{} members", members.len()))),
    }
}

fn unknown(reader: &Reader<'_>, name: &str, known: &[&str]) -> PatternError {
    reader.error(&format!("one of the operators {}", known.join(", ")), format!("{name:?}"))
}

fn text<'a>(reader: &Reader<'_>, value: &'a Value) -> Result<&'a str, PatternError> {
    value.as_str().ok_or_else(|| reader.error("a text", kind(value)))
}

/// A prefix or suffix, also as `{"equals-ignore-case": …}`.
fn affix(
    reader: &mut Reader<'_>,
    operand: &Value,
    exact: fn(String) -> TextTest,
    ignoring_case: fn(String) -> TextTest,
) -> Result<TextTest, PatternError> {
    let Value::Object(members) = operand else {
        let text = operand
            .as_str()
            .ok_or_else(|| reader.error("a text or {\"equals-ignore-case\": a text}", kind(operand)))?;
        return Ok(exact(text.to_owned()));
    };
    let (name, inner) = only_member(reader, members, "an object of equals-ignore-case")?;
    reader.within(Step::Member(name.clone()), |reader| match name.as_str() {
        "equals-ignore-case" => Ok(ignoring_case(lower(text(reader, inner)?))),
        other => Err(unknown(reader, other, &["equals-ignore-case"])),
    })
}

/// `*` stands for any run of characters; `\*` and `\\` for themselves.
fn wildcard(reader: &Reader<'_>, operand: &Value) -> Result<TextTest, PatternError> {
    let text = text(reader, operand)?;
    let mut pieces = vec![String::new()];
    let (mut letters, mut after_star) = (text.chars(), false);
    while let Some(letter) = letters.next() {
        let literal = match letter {
            '*' if after_star => return Err(reader.error("no two * in a row", format!("{text:?}"))),
            '*' => {
                pieces.push(String::new());
                after_star = true;
                continue;
            }
            '\\' => match letters.next() {
                Some(escaped @ ('*' | '\\')) => escaped,
                _ => {
                    return Err(reader.error("* or \\ after a backslash", format!("{text:?}")));
                }
            },
            literal => literal,
        };
        after_star = false;
        if let Some(piece) = pieces.last_mut() {
            piece.push(literal);
        }
    }
    Ok(TextTest::Wildcard(pieces))
}

/// `["=", 5]`, `["<", 5]`, `[">", 0]` or `[">", 0, "<=", 5]`.
fn numeric(reader: &mut Reader<'_>, operand: &Value) -> Result<Test, PatternError> {
    const EXPECTED: &str = "a list of a comparison and a number, or of a lower and an upper bound";
    let Value::Array(terms) = operand else { return Err(reader.error(EXPECTED, kind(operand))) };
    let (first, second) = match terms.as_slice() {
        [sign, number] => (comparison(reader, 0, sign, number)?, None),
        [low, number, high, other] => {
            (comparison(reader, 0, low, number)?, Some(comparison(reader, 2, high, other)?))
        }
        _ => return Err(reader.error(EXPECTED, format!("a list of {}", terms.len()))),
    };
    let bound = |(sign, value): (&str, Number)| Bound { value, included: sign.ends_with('=') };
    match (first, second) {
        (("=", value), None) => Ok(Test::Number(value)),
        (high @ ("<" | "<=", _), None) => Ok(Test::Range(Range { low: None, high: Some(bound(high)) })),
        (low, None) => Ok(Test::Range(Range { low: Some(bound(low)), high: None })),
        (low @ (">" | ">=", from), Some(high @ ("<" | "<=", to))) => {
            if from.real() >= to.real() {
                return Err(reader.error("a lower bound below the upper", format!("{operand}")));
            }
            Ok(Test::Range(Range { low: Some(bound(low)), high: Some(bound(high)) }))
        }
        _ => Err(reader.error("first > or >=, then < or <=", format!("{operand}"))),
    }
}

fn comparison<'a>(
    reader: &mut Reader<'_>,
    index: usize,
    sign: &'a Value,
    number: &Value,
) -> Result<(&'a str, Number), PatternError> {
    let sign = reader.within(Step::Element(index), |reader| match sign.as_str() {
        Some(sign @ ("=" | "<" | "<=" | ">" | ">=")) => Ok(sign),
        _ => Err(reader.error("one of =, <, <=, >, >=", kind(sign))),
    })?;
    reader.within(Step::Element(index + 1), |reader| match number {
        Value::Number(number) => Ok((sign, Number::of(number))),
        other => Err(reader.error("a number", kind(other))),
    })
}

fn cidr(reader: &Reader<'_>, operand: &Value) -> Result<Test, PatternError> {
    const EXPECTED: &str = "a network such as 10.0.0.0/24 or 2001:db8::/32";
    let text = text(reader, operand)?;
    text.parse().map(Test::Cidr).map_err(|_| reader.error(EXPECTED, format!("{text:?}")))
}

/// A text or number, a list of texts or of numbers, or one of the operators on texts with either.
fn anything_but(reader: &mut Reader<'_>, operand: &Value) -> Result<Test, PatternError> {
    const INNER: &[&str] = &["equals-ignore-case", "prefix", "suffix", "wildcard"];
    let Value::Object(members) = operand else { return anything_but_values(reader, operand) };
    let (name, inner) = only_member(reader, members, "an object of one operator")?;
    reader.within(Step::Member(name.clone()), |reader| {
        let read: fn(&Reader<'_>, &Value) -> Result<TextTest, PatternError> = match name.as_str() {
            "equals-ignore-case" => {
                |reader, value| Ok(TextTest::EqualsIgnoreCase(lower(text(reader, value)?)))
            }
            "prefix" => |reader, value| Ok(TextTest::Prefix(filled_text(reader, value)?)),
            "suffix" => |reader, value| Ok(TextTest::Suffix(filled_text(reader, value)?)),
            "wildcard" => wildcard,
            other => return Err(unknown(reader, other, INNER)),
        };
        let Value::Array(values) = inner else { return Ok(Test::NoneOf(vec![read(reader, inner)?])) };
        if values.is_empty() {
            return Err(reader.error("at least one text", "an empty list"));
        }
        let read_each = |(index, value): (usize, &Value)| {
            reader.within(Step::Element(index), |reader| read(reader, value))
        };
        Ok(Test::NoneOf(values.iter().enumerate().map(read_each).collect::<Result<_, _>>()?))
    })
}

/// Nothing would be other than what begins with nothing.
fn filled_text(reader: &Reader<'_>, value: &Value) -> Result<String, PatternError> {
    match text(reader, value)? {
        "" => Err(reader.error("a text that is not empty", "\"\"")),
        text => Ok(text.to_owned()),
    }
}

fn anything_but_values(reader: &mut Reader<'_>, operand: &Value) -> Result<Test, PatternError> {
    const EXPECTED: &str = "a text, a number, a list of texts, a list of numbers, or an operator on texts";
    let values = match operand {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    let texts = values.iter().map(|value| value.as_str().map(|text| TextTest::Equals(text.to_owned())));
    if let Some(texts) = texts.collect::<Option<Vec<_>>>().filter(|texts| !texts.is_empty()) {
        return Ok(Test::NoneOf(texts));
    }
    let numbers = values.iter().map(|value| value.as_number().map(Number::of));
    if let Some(numbers) = numbers.collect::<Option<Vec<_>>>().filter(|numbers| !numbers.is_empty()) {
        return Ok(Test::NotNumber(numbers));
    }
    Err(reader.error(EXPECTED, operand.to_string()))
}
