//! The `Condition` block: operators, keys, values. Source: IAM User Guide, "IAM JSON policy elements:
//! Condition operators" and "Set operators for multivalued context keys".

use std::fmt;

use serde_json::Value;

use super::PolicyError;
use super::read::{kind, texts};

/// One line of a `Condition` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How it compares.
    pub operator: Operator,
    /// How it deals with keys of several values.
    pub quantifier: Quantifier,
    /// `…IfExists`: it holds where the request does not have the key.
    pub if_exists: bool,
    /// The key as written; keys are compared without regard to case.
    pub key: String,
    /// The values; one that compares well is enough.
    pub values: Vec<String>,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `StringEquals`.
    StringEquals,
    /// `StringNotEquals`.
    StringNotEquals,
    /// `StringEqualsIgnoreCase`.
    StringEqualsIgnoreCase,
    /// `StringNotEqualsIgnoreCase`.
    StringNotEqualsIgnoreCase,
    /// `StringLike`.
    StringLike,
    /// `StringNotLike`.
    StringNotLike,
    /// `NumericEquals` and its like.
    Numeric(Comparison),
    /// `DateEquals` and its like.
    Date(Comparison),
    /// `Bool`.
    Bool,
    /// `BinaryEquals`.
    BinaryEquals,
    /// `IpAddress`.
    IpAddress,
    /// `NotIpAddress`.
    NotIpAddress,
    /// `ArnEquals` and `ArnLike`, which are one.
    ArnLike,
    /// `ArnNotEquals` and `ArnNotLike`, which are one.
    ArnNotLike,
    /// `Null`: whether the key is absent.
    Null,
}

/// How numbers and dates are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Equals,
    /// Not equal.
    NotEquals,
    /// Less.
    LessThan,
    /// Less or equal.
    LessThanEquals,
    /// Greater.
    GreaterThan,
    /// Greater or equal.
    GreaterThanEquals,
}

/// How a condition deals with the several values that a request may have for its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// No prefix: the key has one value.
    Single,
    /// `ForAllValues:` all of the request's values compare well; so do none.
    ForAll,
    /// `ForAnyValue:` one of the request's values compares well.
    ForAny,
}

/// All operators by name, without the prefix and the suffix.
const OPERATORS: &[(&str, Operator)] = &[
    ("StringEquals", Operator::StringEquals),
    ("StringNotEquals", Operator::StringNotEquals),
    ("StringEqualsIgnoreCase", Operator::StringEqualsIgnoreCase),
    ("StringNotEqualsIgnoreCase", Operator::StringNotEqualsIgnoreCase),
    ("StringLike", Operator::StringLike),
    ("StringNotLike", Operator::StringNotLike),
    ("NumericEquals", Operator::Numeric(Comparison::Equals)),
    ("NumericNotEquals", Operator::Numeric(Comparison::NotEquals)),
    ("NumericLessThan", Operator::Numeric(Comparison::LessThan)),
    ("NumericLessThanEquals", Operator::Numeric(Comparison::LessThanEquals)),
    ("NumericGreaterThan", Operator::Numeric(Comparison::GreaterThan)),
    ("NumericGreaterThanEquals", Operator::Numeric(Comparison::GreaterThanEquals)),
    ("DateEquals", Operator::Date(Comparison::Equals)),
    ("DateNotEquals", Operator::Date(Comparison::NotEquals)),
    ("DateLessThan", Operator::Date(Comparison::LessThan)),
    ("DateLessThanEquals", Operator::Date(Comparison::LessThanEquals)),
    ("DateGreaterThan", Operator::Date(Comparison::GreaterThan)),
    ("DateGreaterThanEquals", Operator::Date(Comparison::GreaterThanEquals)),
    ("Bool", Operator::Bool),
    ("BinaryEquals", Operator::BinaryEquals),
    ("IpAddress", Operator::IpAddress),
    ("NotIpAddress", Operator::NotIpAddress),
    ("ArnEquals", Operator::ArnLike),
    ("ArnLike", Operator::ArnLike),
    ("ArnNotEquals", Operator::ArnNotLike),
    ("ArnNotLike", Operator::ArnNotLike),
    ("Null", Operator::Null),
];

impl Operator {
    /// Whether it holds where the comparison fails, and so where the key is absent.
    pub fn is_negated(self) -> bool {
        matches!(
            self,
            Operator::StringNotEquals
                | Operator::StringNotEqualsIgnoreCase
                | Operator::StringNotLike
                | Operator::Numeric(Comparison::NotEquals)
                | Operator::Date(Comparison::NotEquals)
                | Operator::NotIpAddress
                | Operator::ArnNotLike
        )
    }

    fn name(self) -> &'static str {
        OPERATORS.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }
}

impl Condition {
    /// Whether the condition is about this key.
    pub fn is_on(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.quantifier {
            Quantifier::Single => "",
            Quantifier::ForAll => "ForAllValues:",
            Quantifier::ForAny => "ForAnyValue:",
        })?;
        f.write_str(self.operator.name())?;
        if self.if_exists {
            f.write_str("IfExists")?;
        }
        write!(f, " {} {}", self.key, self.values.join(", "))
    }
}

/// Reads a `Condition` block: `{operator: {key: value or values}}`.
pub(super) fn read(path: &str, block: &Value) -> Result<Vec<Condition>, PolicyError> {
    let Value::Object(lines) = block else {
        return Err(PolicyError::element(path, "an object of condition operators", kind(block)));
    };
    let mut conditions = Vec::new();
    for (name, keys) in lines {
        let path = format!("{path}.{name}");
        let (quantifier, if_exists, operator) = read_operator(name)
            .ok_or_else(|| PolicyError::element(&path, "a condition operator of IAM", name.as_str()))?;
        let Value::Object(keys) = keys else {
            return Err(PolicyError::element(&path, "an object of condition keys", kind(keys)));
        };
        for (key, value) in keys {
            let values = texts(&format!("{path}.{key}"), value)?;
            conditions.push(Condition { operator, quantifier, if_exists, key: key.clone(), values });
        }
    }
    Ok(conditions)
}

fn read_operator(name: &str) -> Option<(Quantifier, bool, Operator)> {
    let (quantifier, rest) = match name.split_once(':') {
        None => (Quantifier::Single, name),
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => (Quantifier::ForAll, rest),
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::ForAny, rest),
        Some(_) => return None,
    };
    let find = |name: &str| OPERATORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    if let Some((_, operator)) = find(rest) {
        return Some((quantifier, false, *operator));
    }
    let cut = rest.len().checked_sub("IfExists".len())?;
    let (stem, suffix) = (rest.get(..cut)?, rest.get(cut..)?);
    let (_, operator) = find(stem)?;
    // `NullIfExists` is not in the grammar: it would ask for the absence of what is there.
    (suffix.eq_ignore_ascii_case("IfExists") && *operator != Operator::Null)
        .then_some((quantifier, true, *operator))
}
