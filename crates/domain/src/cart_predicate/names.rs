//! What predicates may speak about, and what may be said about it.

use super::ast::{Condition, Function, Literal, Test, money};
use crate::{error::DomainError, predicate::Comparison};

/// What a predicate is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Cart,
    LineItem,
    CustomLineItem,
}

/// The values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Number,
    Boolean,
    Money,
    /// Any number of texts.
    Texts,
    /// Custom fields and attributes: whatever the project defines.
    Anything,
}

/// Refuses unknown names and values that do not fit.
///
/// # Errors
/// [`DomainError::PredicateSemantics`].
pub(super) fn check(condition: &Condition, scope: Scope) -> Result<(), DomainError> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().try_for_each(|part| check(part, scope))
        }
        Condition::Not(inner) => check(inner, scope),
        Condition::Constant(_) => Ok(()),
        Condition::Field(path, test) => {
            let parts: Vec<&str> = path.iter().map(String::as_str).collect();
            let name = path.join(".");
            let found = type_of(scope, &parts)
                .ok_or_else(|| wrong(format!("the field '{name}' does not exist")))?;
            check_test(&name, found, test)
        }
        Condition::Lines(function, inner, test) => {
            if scope != Scope::Cart {
                return Err(wrong("a function inside of a function".to_owned()));
            }
            let (inside, result) = signature(*function);
            check(inner, inside)?;
            check_test("the function", result, test)
        }
    }
}

fn wrong(problem: String) -> DomainError {
    DomainError::PredicateSemantics {
        message: format!("Malformed predicate: {problem}."),
    }
}

const fn signature(function: Function) -> (Scope, Type) {
    match function {
        Function::LineItemCount => (Scope::LineItem, Type::Number),
        Function::LineItemTotal => (Scope::LineItem, Type::Money),
        Function::LineItemExists | Function::ForAllLineItems => (Scope::LineItem, Type::Boolean),
        Function::CustomLineItemCount => (Scope::CustomLineItem, Type::Number),
        Function::CustomLineItemTotal => (Scope::CustomLineItem, Type::Money),
    }
}

fn check_test(name: &str, found: Type, test: &Test) -> Result<(), DomainError> {
    let many = matches!(found, Type::Texts | Type::Anything);
    match test {
        Test::Compare(comparison, literal) => check_literal(name, found, *comparison, literal),
        Test::In { values, .. } => values
            .iter()
            .try_for_each(|value| check_literal(name, found, Comparison::Equal, value)),
        Test::Contains { values, .. } if many => values
            .iter()
            .try_for_each(|value| check_literal(name, found, Comparison::Equal, value)),
        Test::Empty { .. } if many => Ok(()),
        Test::Defined { .. } => Ok(()),
        Test::Contains { .. } | Test::Empty { .. } => {
            Err(wrong(format!("'{name}' has one value, not several")))
        }
    }
}

fn check_literal(
    name: &str,
    found: Type,
    comparison: Comparison,
    literal: &Literal,
) -> Result<(), DomainError> {
    let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let expected = match (found, literal) {
        (Type::Anything, _)
        | (Type::Text, Literal::Text(_))
        | (Type::Number, Literal::Number(_)) => {
            return Ok(());
        }
        (Type::Boolean, Literal::Boolean(_)) | (Type::Texts, Literal::Text(_)) if equality => {
            return Ok(());
        }
        (Type::Money, Literal::Text(text)) if money(text).is_some() => return Ok(()),
        (Type::Text, _) => "a string",
        (Type::Number, _) => "a number",
        (Type::Boolean, _) => "to be equal to true or false",
        (Type::Money, _) => "an amount such as \"10.00 EUR\"",
        (Type::Texts, _) => "to be equal to a string or to contain some",
    };
    Err(wrong(format!("'{name}' needs {expected}")))
}

fn type_of(scope: Scope, path: &[&str]) -> Option<Type> {
    match scope {
        Scope::Cart => cart(path),
        Scope::LineItem => line_item(path),
        Scope::CustomLineItem => custom_line_item(path),
    }
}

const ADDRESS: [&str; 21] = [
    "id",
    "key",
    "title",
    "salutation",
    "firstName",
    "lastName",
    "streetName",
    "streetNumber",
    "additionalStreetInfo",
    "postalCode",
    "city",
    "region",
    "state",
    "country",
    "company",
    "department",
    "building",
    "apartment",
    "pOBox",
    "email",
    "phone",
];

fn cart(path: &[&str]) -> Option<Type> {
    match path {
        ["totalPrice"] | ["taxedPrice", "net" | "gross"] => Some(Type::Money),
        ["currency" | "country" | "locale"]
        | [
            "customer",
            "id" | "email" | "firstName" | "lastName" | "customerNumber" | "companyName",
        ]
        | ["customer", "customerGroup", "id" | "key"]
        | ["store", "key"]
        | ["shippingInfo", "shippingMethodName"]
        | ["shippingInfo", "shippingMethod", "id" | "key"] => Some(Type::Text),
        ["customer", "isEmailVerified"] => Some(Type::Boolean),
        ["shippingAddress" | "billingAddress", member] if ADDRESS.contains(member) => {
            Some(Type::Text)
        }
        ["custom", _, ..] => Some(Type::Anything),
        _ => None,
    }
}

fn tax_rate(path: &[&str]) -> Option<Type> {
    match path {
        ["id" | "key" | "name" | "country" | "state"] => Some(Type::Text),
        ["amount"] => Some(Type::Number),
        ["includedInPrice"] => Some(Type::Boolean),
        _ => None,
    }
}

fn line_item(path: &[&str]) -> Option<Type> {
    match path {
        ["sku"]
        | ["product" | "productType", "id" | "key"]
        | ["variant", "key"]
        | ["distributionChannel" | "supplyChannel", "id" | "key"]
        | ["price", "currency" | "country"]
        | ["price", "customerGroup" | "channel" | "discount", "id"] => Some(Type::Text),
        ["quantity"] | ["variant", "id"] | ["price", "amount" | "centAmount"] => Some(Type::Number),
        ["price"] => Some(Type::Money),
        ["categories" | "categoriesWithAncestors", "id" | "key"] => Some(Type::Texts),
        ["attributes" | "custom", _, ..] => Some(Type::Anything),
        ["taxRate", rest @ ..] => tax_rate(rest),
        _ => None,
    }
}

fn custom_line_item(path: &[&str]) -> Option<Type> {
    match path {
        ["slug"] => Some(Type::Text),
        ["money"] => Some(Type::Money),
        ["quantity"] => Some(Type::Number),
        ["custom", _, ..] => Some(Type::Anything),
        ["taxRate", rest @ ..] => tax_rate(rest),
        _ => None,
    }
}
