//! What the predicates of one request may ask for together.
//!
//! A database plans and evaluates every test for itself, and a sub-select inside of sub-selects once for each of them. What a
//! query costs before it has seen a document must not depend on how much a client can write.

use super::{
    MAX_COST, MAX_PARAMETERS, MAX_QUERY_BYTES, MAX_VALUE_BYTES, MAX_VALUES_TOGETHER, Variables,
    ast::{Predicate, Test, Value},
    parser::malformed,
    resolved::{Check, Condition, Elements, Spread},
};
use crate::error::DomainError;

/// Checks how much a query string says, before it is decoded.
///
/// # Errors
/// [`DomainError::InvalidInput`] for more than [`MAX_QUERY_BYTES`] or [`MAX_PARAMETERS`].
pub fn check_query_string(text: &str) -> Result<(), DomainError> {
    if text.len() > MAX_QUERY_BYTES {
        return Err(DomainError::input(format!(
            "A query string may have at most {MAX_QUERY_BYTES} bytes, found {}.",
            text.len()
        )));
    }
    let parameters = text.split('&').filter(|one| !one.is_empty()).count();
    if parameters > MAX_PARAMETERS {
        return Err(DomainError::input(format!(
            "A query string may have at most {MAX_PARAMETERS} parameters, found {parameters}."
        )));
    }
    Ok(())
}

/// Checks what is compared to, before a variable's values are copied to each place that names it.
pub(super) fn check_values(
    predicates: &[Predicate],
    variables: &Variables,
) -> Result<(), DomainError> {
    let mut values = Values::default();
    for predicate in predicates {
        values.count(predicate, variables);
    }
    if values.number > MAX_VALUES_TOGETHER {
        return Err(malformed(&format!(
            "The predicates of a request may compare to at most {MAX_VALUES_TOGETHER} values, found {}.",
            values.number
        )));
    }
    if values.bytes > MAX_VALUE_BYTES {
        return Err(malformed(&format!(
            "The values that the predicates of a request compare to may have at most {MAX_VALUE_BYTES} bytes, found {}.",
            values.bytes
        )));
    }
    Ok(())
}

#[derive(Default)]
struct Values {
    number: usize,
    bytes: usize,
}

impl Values {
    fn count(&mut self, predicate: &Predicate, variables: &Variables) {
        match predicate {
            Predicate::And(parts) | Predicate::Or(parts) => {
                parts.iter().for_each(|part| self.count(part, variables));
            }
            Predicate::Not(inner) | Predicate::Nested { inner, .. } => self.count(inner, variables),
            Predicate::Term { test, .. } => match test {
                Test::Compare(_, value) => self.add(std::slice::from_ref(value), variables),
                Test::In { values, .. } | Test::Contains { values, .. } => {
                    self.add(values, variables);
                }
                Test::WithinCircle(values) => self.add(values.as_slice(), variables),
                Test::Empty { .. } | Test::Defined { .. } => {}
            },
        }
    }

    fn add(&mut self, values: &[Value], variables: &Variables) {
        let mut one = |bytes: usize| {
            self.number = self.number.saturating_add(1);
            self.bytes = self.bytes.saturating_add(bytes);
        };
        for value in values {
            match value {
                Value::Text(text) | Value::Number(text) => one(text.len()),
                Value::Boolean(_) => one(1),
                Value::Variable(name) => variables
                    .get(name)
                    .into_iter()
                    .flatten()
                    .for_each(|text| one(text.len())),
            }
        }
    }
}

/// Checks the work of the conditions.
pub(super) fn check_cost(conditions: &[Condition]) -> Result<(), DomainError> {
    let cost = sum(conditions, 1);
    if cost > MAX_COST {
        return Err(malformed(&format!(
            "The predicates of a request may cost at most {MAX_COST}, found {cost}: a test counts 1, one that looks into an \
             array 2, and inside of n arrays n + 1 times as much."
        )));
    }
    Ok(())
}

fn sum(conditions: &[Condition], times: usize) -> usize {
    conditions
        .iter()
        .fold(0, |so_far, one| so_far.saturating_add(cost(one, times)))
}

/// The cost of a condition, every part of it counted `times` times.
fn cost(condition: &Condition, times: usize) -> usize {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => sum(parts, times),
        Condition::Not(inner) => cost(inner, times),
        Condition::Some {
            elements, inner, ..
        } => {
            let own = match elements {
                Elements::OfArray | Elements::OneOrMany => 2,
                // The array, and the object beside it.
                Elements::Variants => 3,
            };
            times
                .saturating_mul(own)
                .saturating_add(cost(inner, times.saturating_add(1)))
        }
        Condition::Field(test) => times.saturating_mul(match &test.check {
            Check::Compare(Spread::Itself, ..)
            | Check::OneOf(Spread::Itself, _)
            | Check::Defined
            | Check::Empty
            | Check::NotEmpty => 1,
            Check::Compare(Spread::Elements | Spread::OneOrMany, ..)
            | Check::OneOf(Spread::Elements | Spread::OneOrMany, _)
            | Check::Each(_) => 2,
            // Three series of sixteen terms.
            Check::Within(_) => 50,
        }),
    }
}
