use serde_json::{Value, json};

use super::*;

fn refused(kind: Kind, document: &Value) -> String {
    match write(kind, document) {
        Err(WriteError::TooLarge(error)) => error.to_string(),
        other => panic!("expected a refusal, found {other:?}"),
    }
}

fn elements(count: usize) -> Vec<Value> {
    vec![json!({}); count]
}

#[test]
fn a_document_is_written_as_any_other_json() {
    let document = json!({
        "a": [1, -2.50, true, null, [], {}, [[]]],
        "quote\"d": "line\nbreak \u{1} ü 🛒 \\",
        "b": { "c": [{ "d": [] }, { "e": {} }] },
    });
    let text = write(Kind::Cart, &document).expect("a text");
    assert_eq!(text, document.to_string());
}

#[test]
fn a_text_may_have_256_kib_and_the_error_says_where_the_longer_one_is() {
    let cart = |length| json!({ "itemShippingAddresses": [{ "key": "a" }, { "streetName": "x".repeat(length) }] });
    assert!(write(Kind::Cart, &cart(262_144)).is_ok());
    assert_eq!(
        refused(Kind::Cart, &cart(262_145)),
        "The cart is too large: 'itemShippingAddresses.streetName' has more than 262144 bytes."
    );
    let escaped = json!({ "note": "\n".repeat(262_145) });
    assert_eq!(
        refused(Kind::Order, &escaped),
        "The order is too large: 'note' has more than 262144 bytes."
    );
}

#[test]
fn the_name_of_a_member_is_a_text_too() {
    let document = json!({ "custom": { "fields": { "n".repeat(262_145): 1 } } });
    assert!(matches!(
        write(Kind::Cart, &document),
        Err(WriteError::TooLarge(
            DomainError::ResourceSizeLimitExceeded { .. }
        ))
    ));
}

#[test]
fn documents_of_shoppers_have_4_mib_and_others_16() {
    let texts = |count: usize| json!({ "texts": vec!["x".repeat(262_000); count] });
    assert!(write(Kind::Cart, &texts(16)).is_ok());
    assert_eq!(
        refused(Kind::Cart, &texts(17)),
        "The cart is too large: it has more than 4194304 bytes."
    );
    assert!(write(Kind::Product, &texts(63)).is_ok());
    assert_eq!(
        refused(Kind::Product, &texts(65)),
        "The product is too large: it has more than 16777216 bytes."
    );
}

#[test]
fn a_custom_object_may_be_one_text_or_one_list() {
    assert!(
        write(
            Kind::CustomObject,
            &json!({ "value": "x".repeat(1_000_000) })
        )
        .is_ok()
    );
    assert!(write(Kind::CustomObject, &json!({ "value": vec![1; 20_000] })).is_ok());
}

#[test]
fn lists_have_limits_that_the_error_names() {
    for (kind, list, limit, message) in [
        (Kind::Cart, "customLineItems", 500, "custom line items"),
        (
            Kind::Cart,
            "itemShippingAddresses",
            500,
            "item shipping addresses",
        ),
        (Kind::Order, "returnInfo", 500, "returns"),
        (Kind::Order, "syncInfo", 100, "synchronizations"),
        (Kind::Customer, "addresses", 1_000, "addresses"),
        (Kind::ShoppingList, "textLineItems", 250, "text line items"),
        (Kind::Payment, "transactions", 500, "transactions"),
        (
            Kind::Payment,
            "interfaceInteractions",
            1_000,
            "interface interactions",
        ),
        (Kind::Category, "assets", 500, "assets"),
    ] {
        assert!(write(kind, &json!({ list: elements(limit) })).is_ok());
        assert_eq!(
            refused(kind, &json!({ list: elements(limit + 1) })),
            format!("Maximum number of {message} has been reached: {limit}.")
        );
    }
}

#[test]
fn lists_within_elements_are_counted_one_by_one() {
    let order = |parcels| {
        let delivery = json!({ "parcels": elements(parcels) });
        json!({ "shippingInfo": { "deliveries": [delivery, { "parcels": elements(400) }] } })
    };
    assert!(write(Kind::Order, &order(500)).is_ok());
    assert_eq!(
        refused(Kind::Order, &order(501)),
        "Maximum number of parcels of a delivery has been reached: 500."
    );
}

#[test]
fn a_list_without_a_limit_of_its_own_has_10_000_elements() {
    let product_type = |count| json!({ "attributes": [{ "type": { "values": elements(count) } }] });
    // The values of an attribute are the shop's own data; those of a field are not below a custom member.
    assert!(write(Kind::ProductType, &product_type(10_001)).is_ok());
    let type_of =
        |count| json!({ "fieldDefinitions": [{ "type": { "values": elements(count) } }] });
    assert!(write(Kind::Type, &type_of(10_000)).is_ok());
    assert_eq!(
        refused(Kind::Type, &type_of(10_001)),
        "The type is too large: 'fieldDefinitions.type.values' has more than 10000 elements."
    );
}

#[test]
fn lists_in_custom_fields_are_the_shops_own() {
    let cart = json!({ "custom": { "fields": { "payments": elements(101) } } });
    assert!(write(Kind::Cart, &cart).is_ok());
}
