//! What the language means, example by example.

mod bounds;
mod grammar;
mod meaning;
mod resolving;

use serde_json::{Value as Json, json};

use super::{Variables, parse, resolve};
use crate::{error::DomainError, kind::Kind};

pub(super) fn text(error: &DomainError) -> String {
    assert!(matches!(error, DomainError::InvalidInput { .. }));
    error.to_string()
}

pub(super) fn refusal(kind: Kind, predicate: &str) -> String {
    refusal_with(kind, predicate, &[])
}

pub(super) fn refusal_with(kind: Kind, predicate: &str, variables: &[(&str, &[&str])]) -> String {
    match parse(predicate).and_then(|parsed| resolve(&parsed, kind, &given(variables))) {
        Ok(_) => panic!("{predicate} was accepted"),
        Err(error) => text(&error),
    }
}

pub(super) fn given(variables: &[(&str, &[&str])]) -> Variables {
    let own = |values: &[&str]| values.iter().map(ToString::to_string).collect();
    variables
        .iter()
        .map(|(name, values)| ((*name).to_owned(), own(values)))
        .collect()
}

pub(super) fn matches_with(
    kind: Kind,
    predicate: &str,
    variables: &[(&str, &[&str])],
    document: &Json,
) -> bool {
    let parsed = parse(predicate).unwrap();
    resolve(&parsed, kind, &given(variables))
        .unwrap()
        .evaluate(document)
}

pub(super) fn matches(kind: Kind, predicate: &str, document: &Json) -> bool {
    matches_with(kind, predicate, &[], document)
}

pub(super) fn cart() -> Json {
    json!({
        "id": "a", "version": 3, "createdAt": "2026-01-31T09:15:00.000Z",
        "lastModifiedAt": "2026-01-31T09:15:00.007Z", "anonymousId": "phone-123",
        "cartState": "Active", "country": "DE", "store": { "typeId": "store", "key": "de" },
        "totalPrice": { "type": "centPrecision", "currencyCode": "EUR", "centAmount": 2468, "fractionDigits": 2 },
        "lineItems": [
            { "id": "l1", "quantity": 1, "variant": { "id": 1, "sku": "SKU-1" } },
            { "id": "l2", "quantity": 9, "variant": { "id": 1, "sku": "SKU-2",
                "attributes": [{ "name": "color", "value": { "key": "red", "label": "Red" } }] } },
        ],
        "customLineItems": [],
        "custom": { "type": { "typeId": "type", "id": "t" }, "fields": {
            "loyalty-id": "x", "tags": ["a", "b"], "points": 12, "vip": true,
            "limit": { "centAmount": 100, "currencyCode": "EUR" } } },
    })
}
