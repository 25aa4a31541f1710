//! What cart predicates may say, and what they mean.

use proptest::prelude::*;
use serde_json::json;

use super::CartPredicate;
use crate::{
    cart::{
        Cart,
        tests::{Shop, berlin, standard_shipping},
    },
    error::DomainError,
    product::Attribute,
};

/// 2 × 12.34, 1 × 0.14 and a custom line of 3.00, to Berlin.
fn cart(shop: &mut Shop) -> Cart {
    shop.cart(json!({
        "currency": "EUR", "country": "DE", "customerEmail": "guest@example.com",
        "lineItems": [{ "sku": "SKU-1", "quantity": 2 }, { "sku": "SKU-14" }],
        "customLineItems": [{
            "name": { "en": "Wrap" }, "slug": "wrap", "quantity": 3, "taxCategory": { "key": "std" },
            "money": { "currencyCode": "EUR", "centAmount": 100 }
        }],
        "shippingAddress": berlin()
    }))
}

fn holds(shop: &mut Shop, cart: &Cart, text: &str) -> bool {
    let predicate = CartPredicate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    predicate.holds(cart, &mut shop.around.context()).unwrap()
}

fn assert_meanings(meanings: &[(&str, bool)]) {
    let mut shop = Shop::new();
    let cart = cart(&mut shop);
    for (text, expected) in meanings {
        assert_eq!(holds(&mut shop, &cart, text), *expected, "{text}");
    }
}

#[test]
fn predicates_mean_what_they_say() {
    assert_meanings(&[
        ("1 = 1", true),
        ("1 = 2", false),
        ("true", true),
        ("not false and TRUE", true),
        ("totalPrice = \"27.82 EUR\"", true),
        ("totalPrice >= \"27.820 EUR\"", true),
        ("totalPrice > \"27.82 EUR\"", false),
        ("totalPrice > \"1.00 USD\"", false),
        ("currency = \"EUR\" and country = \"DE\"", true),
        ("country in (\"US\", \"DE\")", true),
        ("country not in (\"US\", \"DE\")", false),
        ("country <> \"US\"", true),
        ("customer.email = \"guest@example.com\"", true),
        ("customer.id is defined", false),
        ("customer.id is not defined", true),
        ("customer.isEmailVerified = true", false),
        ("store.key = \"de-store\"", false),
        ("store.key != \"de-store\"", true),
        (
            "shippingAddress.city = \"Berlin\" and shippingAddress.country = \"DE\"",
            true,
        ),
        ("billingAddress.city = \"Berlin\"", false),
        ("taxedPrice.gross = \"27.82 EUR\"", true),
        ("taxedPrice.net < \"27.82 EUR\"", true),
        ("custom.text is defined", false),
        (
            "country = \"US\" or country = \"DE\" and currency = \"EUR\"",
            true,
        ),
        (
            "(country = \"US\" or country = \"DE\") and not (currency = \"EUR\")",
            false,
        ),
    ]);
}

#[test]
fn functions_look_at_one_line_after_the_other() {
    assert_meanings(&[
        ("lineItemCount(1 = 1) = 3", true),
        ("lineItemCount(sku = \"SKU-1\") = 2", true),
        ("lineItemTotal(sku = \"SKU-1\") = \"24.68 EUR\"", true),
        ("customLineItemTotal(slug = \"wrap\") >= \"3.00 EUR\"", true),
        ("customLineItemCount(money = \"1.00 EUR\") = 3", true),
        ("lineItemExists(product.key = \"SKU-14\") = true", true),
        ("lineItemExists(product.key = \"none\") = false", true),
        ("forAllLineItems(price < \"13.00 EUR\") = true", true),
        ("forAllLineItems(price.centAmount > 14) = true", false),
        (
            "lineItemExists(price.amount = 12.34 and price.currency = \"EUR\") = true",
            true,
        ),
        (
            "lineItemExists(quantity > 1 and taxRate.amount = 0.19) = true",
            true,
        ),
        (
            "lineItemExists(categories.id contains any (\"c\")) = true",
            false,
        ),
        ("lineItemExists(categories.id is empty) = true", true),
        ("lineItemExists(productType.key = \"plain\") = true", true),
    ]);
}

#[test]
fn attributes_are_compared_by_value_and_by_key() {
    let mut shop = Shop::new();
    let mut cart = cart(&mut shop);
    let variant = std::sync::Arc::make_mut(&mut cart.line_items[0].variant);
    variant.attributes = [
        ("weight", json!(2.50)),
        ("color", json!({ "key": "red", "label": "Rot" })),
        ("sizes", json!(["s", "m"])),
    ]
    .map(|(name, value)| Attribute {
        name: name.to_owned(),
        value,
    })
    .to_vec();
    for (text, expected) in [
        ("attributes.weight = 2.5", true),
        ("attributes.weight > 2.5", false),
        ("attributes.color = \"red\"", true),
        ("attributes.color.label = \"Rot\"", true),
        ("attributes.sizes contains \"m\"", true),
        ("attributes.sizes contains all (\"s\", \"m\")", true),
        ("attributes.sizes contains all (\"s\", \"l\")", false),
        ("attributes.sizes contains any (\"l\", \"m\")", true),
        ("attributes.`sizes` is not empty", true),
        ("attributes.none is defined", false),
    ] {
        let text = format!("lineItemExists({text}) = true");
        assert_eq!(holds(&mut shop, &cart, &text), expected, "{text}");
    }
}

#[test]
fn what_shipping_costs_does_not_decide_about_it() {
    let mut shop = Shop::new();
    let cart = cart(&mut shop);
    let shipped = shop.applied(&cart, json!([standard_shipping()]));
    assert!(holds(&mut shop, &shipped, "totalPrice = \"27.82 EUR\""));
    assert!(holds(
        &mut shop,
        &shipped,
        "taxedPrice.gross = \"27.82 EUR\""
    ));
    let by_name = "shippingInfo.shippingMethodName = \"standard\" and shippingInfo.shippingMethod.key = \"standard\"";
    assert!(holds(&mut shop, &shipped, by_name));
    assert!(!holds(&mut shop, &cart, by_name));
}

#[test]
fn what_is_not_of_the_grammar_is_named_with_its_place() {
    for (text, place) in [
        ("", "column 1"),
        ("   ", "column 4"),
        ("country", "column 8"),
        ("country =", "column 10"),
        ("country = DE", "column 11"),
        ("country = \"DE", "column 11"),
        ("country = \"DE\" and", "column 19"),
        ("country = \"DE\" country", "column 16"),
        ("(country = \"DE\"", "column 16"),
        ("country in ()", "column 13"),
        ("lineItemCount(1 = 1)", "column 21"),
        ("1 = \"1\"", "column 8"),
        ("country is \"DE\"", "column 12"),
        ("a..b = 1", "column 3"),
        ("quantity = 1.", "column 12"),
        ("ä = 1", "column 1"),
    ] {
        let error = CartPredicate::parse(text).unwrap_err();
        assert!(
            matches!(&error, DomainError::PredicateSyntax { message } if message.contains(place)),
            "{text}: {error:?}"
        );
    }
    let deep = format!("{}true{}", "(".repeat(40), ")".repeat(40));
    assert!(CartPredicate::parse(&deep).is_err());
    assert!(CartPredicate::parse(&"not ".repeat(5_000)).is_err());
}

#[test]
fn what_does_not_exist_or_does_not_fit_is_named() {
    for (text, named) in [
        ("colour = \"red\"", "'colour'"),
        ("customer.shoeSize = 43", "'customer.shoeSize'"),
        ("sku = \"SKU-1\"", "'sku'"),
        ("lineItemCount(country = \"DE\") = 1", "'country'"),
        ("lineItemSum(true) = 1", "'lineItemSum'"),
        ("lineItemCount(lineItemCount(true) = 1) = 1", "function"),
        ("totalPrice > 800", "'totalPrice'"),
        ("totalPrice > \"800.00\"", "'totalPrice'"),
        ("totalPrice > \"800.00 XXQ\"", "'totalPrice'"),
        ("country = 1", "'country'"),
        ("lineItemExists(true) = 1", "function"),
        ("lineItemExists(true) > true", "function"),
        ("country contains \"DE\"", "'country'"),
        (
            "lineItemExists(categories.id > \"c\") = true",
            "'categories.id'",
        ),
    ] {
        let error = CartPredicate::parse(text).unwrap_err();
        assert!(
            matches!(&error, DomainError::PredicateSemantics { message } if message.contains(named)),
            "{text}: {error:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        drop(CartPredicate::parse(&text));
    }

    #[test]
    fn any_words_are_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "country", "totalPrice", "lineItemCount", "(", ")", "=", ">", "\"1.00 EUR\"", "1", "true", "not", "and", "or",
        "in", "contains", "is", "empty", ".", ",", "custom", "`x`", "-1.5",
    ]), 0..14)) {
        let mut shop = Shop::new();
        let cart = shop.cart(json!({ "currency": "EUR" }));
        if let Ok(predicate) = CartPredicate::parse(&words.join(" ")) {
            predicate.holds(&cart, &mut shop.around.context()).unwrap();
        }
    }
}
