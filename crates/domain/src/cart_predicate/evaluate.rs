//! A cart predicate against what is known about a cart.

use std::cmp::Ordering;

use serde_json::Value;

use super::{
    ast::{Condition, Function, Literal, Test, money},
    facts::{Facts, Line},
    parser::fits,
};
use crate::{
    error::DomainError,
    money::{CentAmount, TypedMoney},
    predicate::{Comparison, Decimal},
};

/// Whether a condition holds for `object`: the cart or one of its lines.
pub(super) fn holds(
    condition: &Condition,
    object: &Value,
    facts: &Facts,
) -> Result<bool, DomainError> {
    match condition {
        Condition::All(parts) => {
            for part in parts {
                if !holds(part, object, facts)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Condition::Any(parts) => {
            for part in parts {
                if holds(part, object, facts)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::Not(inner) => holds(inner, object, facts).map(|holds| !holds),
        Condition::Constant(holds) => Ok(*holds),
        Condition::Field(path, test) => Ok(fulfils(value_at(object, path), test)),
        Condition::Lines(function, inner, test) => {
            let answer = ask(*function, inner, facts)?;
            Ok(fulfils(Some(&answer), test))
        }
    }
}

fn ask(function: Function, inner: &Condition, facts: &Facts) -> Result<Value, DomainError> {
    let lines = match function {
        Function::CustomLineItemCount | Function::CustomLineItemTotal => &facts.custom_line_items,
        _ => &facts.line_items,
    };
    let mut matching: Vec<&Line> = Vec::new();
    for line in lines {
        if holds(inner, &line.facts, facts)? {
            matching.push(line);
        }
    }
    Ok(match function {
        Function::LineItemCount | Function::CustomLineItemCount => matching
            .iter()
            .try_fold(0_i64, |sum, line| sum.checked_add(line.quantity))
            .ok_or(DomainError::MoneyOverflow)?
            .into(),
        Function::LineItemTotal | Function::CustomLineItemTotal => {
            let total = CentAmount::sum(matching.iter().map(|line| line.total))?;
            as_value(&TypedMoney::cents(facts.currency, total))
        }
        Function::LineItemExists => (!matching.is_empty()).into(),
        Function::ForAllLineItems => (matching.len() == lines.len()).into(),
    })
}

/// What serializes to a tree always does.
pub(super) fn as_value(part: &impl serde::Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

fn value_at<'v>(object: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter()
        .try_fold(object, |value, name| value.get(name))
        .filter(|value| !value.is_null())
}

fn fulfils(value: Option<&Value>, test: &Test) -> bool {
    match test {
        Test::Compare(Comparison::NotEqual, literal) => {
            !any_compares(value, Comparison::Equal, literal)
        }
        Test::Compare(comparison, literal) => any_compares(value, *comparison, literal),
        Test::In { negated, values } => {
            let found = values
                .iter()
                .any(|literal| any_compares(value, Comparison::Equal, literal));
            found != *negated
        }
        Test::Contains { all, values } => {
            let contains = |literal| any_compares(value, Comparison::Equal, literal);
            if *all {
                values.iter().all(contains)
            } else {
                values.iter().any(contains)
            }
        }
        Test::Empty { negated } => {
            let empty = value.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty));
            empty != *negated
        }
        Test::Defined { negated } => value.is_some() != *negated,
    }
}

/// Whether the value, or one of several, compares so.
fn any_compares(value: Option<&Value>, comparison: Comparison, literal: &Literal) -> bool {
    match value {
        None => false,
        Some(Value::Array(elements)) => elements
            .iter()
            .any(|element| compares(element, comparison, literal)),
        Some(value) => compares(value, comparison, literal),
    }
}

fn compares(value: &Value, comparison: Comparison, literal: &Literal) -> bool {
    order(value, literal).is_some_and(|found| fits(found, comparison))
}

/// How a value lies to a literal, if they can be compared.
fn order(value: &Value, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        (Value::String(text), Literal::Text(wanted)) => Some(text.as_str().cmp(wanted)),
        (Value::Number(number), Literal::Number(wanted)) => {
            Some(Decimal::parse(number.as_str())?.cmp(wanted))
        }
        (Value::Bool(value), Literal::Boolean(wanted)) => Some(value.cmp(wanted)),
        (Value::Object(members), Literal::Text(wanted)) => match members.get("currencyCode") {
            Some(currency) => {
                let (wanted_currency, wanted) = money(wanted)?;
                let same = currency.as_str() == Some(wanted_currency);
                same.then_some(amount_of(value)?.cmp(&wanted))
            }
            // Enumerations are compared by key, references by id.
            None => {
                let name = members.get("key").or_else(|| members.get("id"))?;
                Some(name.as_str()?.cmp(wanted))
            }
        },
        _ => None,
    }
}

/// A money value in units of its currency.
fn amount_of(money: &Value) -> Option<Decimal> {
    let digits = money.get("fractionDigits")?;
    let precise = money.get("preciseAmount");
    let amount = precise.or_else(|| money.get("centAmount"))?;
    Decimal::parse(&format!("{amount}e-{digits}"))
}
