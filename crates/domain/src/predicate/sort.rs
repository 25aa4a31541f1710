//! The `sort` parameter: `path [asc|desc]`, resolved against the same field tables.

use std::cmp::Ordering;

use serde_json::Value;

use super::{
    MAX_DEPTH, MAX_SORTS,
    evaluate::value_at,
    fields::{Column, Table, Type, find},
    number::Decimal,
    resolve::segments,
    resolved::Path,
};
use crate::{customer::Customer, error::DomainError, kind::Kind};

/// One sort key. Documents without the value come first, last if descending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Where the value is.
    pub path: Path,
    /// Where the database has the same value.
    pub column: Option<Column>,
    /// Whether the text is an e-mail address, to be taken in the form in which these are compared.
    pub lowercase: bool,
    /// What to sort by.
    pub by: SortValue,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// The type of values sorted by; values of another type count as missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortValue {
    /// Texts by code points; `false` and `true` sort as these words.
    Text,
    /// Numbers.
    Number,
    /// Texts, then numbers.
    Any,
}

fn malformed(problem: &str) -> DomainError {
    DomainError::input(format!("Malformed parameter: sort: {problem}"))
}

/// Reads the text of a `sort` parameter of resources of this kind.
///
/// # Errors
/// [`DomainError::InvalidInput`] for an unknown field, one that cannot be sorted by, or another shape.
pub fn parse_sort(text: &str, kind: Kind) -> Result<Sort, DomainError> {
    parse_sort_in(text, Table::of(kind))
}

/// Reads the `sort` parameters of a request, against a field table that need not be that of a kind.
///
/// # Errors
/// As [`parse_sort`]; for more than [`MAX_SORTS`].
pub fn parse_sorts_in(texts: &[String], table: Table) -> Result<Vec<Sort>, DomainError> {
    if texts.len() > MAX_SORTS {
        return Err(malformed(&format!(
            "At most {MAX_SORTS} sort expressions are allowed, found {}.",
            texts.len()
        )));
    }
    texts
        .iter()
        .map(|text| parse_sort_in(text, table))
        .collect()
}

fn parse_sort_in(text: &str, table: Table) -> Result<Sort, DomainError> {
    let mut words = text.split_whitespace();
    let (path, direction) = match (words.next(), words.next(), words.next()) {
        (Some(path), direction, None) => (path, direction.unwrap_or("asc")),
        _ => {
            return Err(malformed(&format!(
                "Expected '<field> [asc|desc]', found '{text}'."
            )));
        }
    };
    let descending = match direction.to_ascii_lowercase().as_str() {
        "asc" => false,
        "desc" => true,
        _ => {
            return Err(malformed(&format!(
                "Expected the direction 'asc' or 'desc', found '{direction}'."
            )));
        }
    };
    resolve(path, table, descending)
}

fn resolve(shown: &str, table: Table, descending: bool) -> Result<Sort, DomainError> {
    let steps = shown.split('.').count();
    if steps > MAX_DEPTH {
        return Err(malformed(&format!(
            "A field may lie at most {MAX_DEPTH} names deep, found {steps}."
        )));
    }
    let unsupported = || malformed(&format!("The field '{shown}' does not support sorting."));
    let mut fields = Some(table.0);
    let mut path = Path::new();
    let mut last = None;
    for name in shown.split('.') {
        let name = name.trim_matches('`');
        let found = find(fields.ok_or_else(unsupported)?, name);
        let field =
            found.ok_or_else(|| malformed(&format!("The field '{shown}' does not exist.")))?;
        path.extend(segments(field, name).map_err(|problem| malformed(&problem))?);
        fields = match field.holds {
            Type::Object(fields) => Some(fields),
            Type::Any => Some(super::fields::ANY_NAMES),
            _ => None,
        };
        last = Some(field);
    }
    let field = last.ok_or_else(unsupported)?;
    let by = match field.holds {
        Type::Text | Type::Boolean | Type::DateTime | Type::Date => SortValue::Text,
        Type::Number => SortValue::Number,
        Type::Any => SortValue::Any,
        Type::Texts | Type::Point | Type::Object(_) | Type::Objects(_) | Type::Variants(_) => {
            return Err(unsupported());
        }
    };
    Ok(Sort {
        path,
        column: field.column,
        lowercase: field.lowercase,
        by,
        descending,
    })
}

/// How two documents sort; equal if the keys do not tell them apart.
#[must_use]
pub fn compare(sorts: &[Sort], left: &Value, right: &Value) -> Ordering {
    sorts.iter().fold(Ordering::Equal, |so_far, sort| {
        so_far.then_with(|| {
            let order = key(sort, left).cmp(&key(sort, right));
            if sort.descending {
                order.reverse()
            } else {
                order
            }
        })
    })
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Missing,
    Text(String),
    Number(Decimal),
}

fn key(sort: &Sort, document: &Value) -> Key {
    let text = matches!(sort.by, SortValue::Text | SortValue::Any);
    let number = matches!(sort.by, SortValue::Number | SortValue::Any);
    match value_at(document, &sort.path) {
        Some(Value::String(value)) if text && sort.lowercase => {
            Key::Text(Customer::email_key(value))
        }
        Some(Value::String(value)) if text => Key::Text(value.clone()),
        Some(Value::Bool(value)) if text => Key::Text(value.to_string()),
        Some(Value::Number(value)) if number => {
            Decimal::parse(value.as_str()).map_or(Key::Missing, Key::Number)
        }
        _ => Key::Missing,
    }
}
