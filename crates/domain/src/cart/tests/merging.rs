//! A guest signs in.

use serde_json::{Value, json};

use super::{Shop, berlin, drafts, lines, taxed, total};
use crate::cart::{
    Cart, CartState, MergeRule, ProductData, merge,
    sign_in::{Outcome, Plan, SignInMode, choose},
};

const MERGE: SignInMode = SignInMode::MergeWithExistingCustomerCart;
const USE_AS_NEW: SignInMode = SignInMode::UseAsNewActiveCustomerCart;

fn euro(lines: &[(&str, i64)]) -> Value {
    json!({ "currency": "EUR", "country": "DE", "lineItems": drafts(lines) })
}

fn with(mut draft: Value, member: &str, value: Value) -> Value {
    draft[member] = value;
    draft
}

/// A cart of Alice and one of the guest, merged by signing in.
fn signed_in(shop: &mut Shop, source: Value, target: Value) -> (Cart, Cart, Outcome) {
    let target = shop.alices_cart(target);
    let source = shop.cart(source);
    let outcome = shop.sign_in(&[&source], &[&target], MERGE).unwrap();
    (source, target, outcome)
}

#[test]
fn the_higher_quantity_survives_under_the_targets_line_id() {
    let mut shop = Shop::new();
    let (source, target, outcome) =
        signed_in(&mut shop, euro(&[("SKU-1", 7)]), euro(&[("SKU-1", 3)]));
    let (merged, cart) = (outcome.merged.unwrap(), outcome.cart.unwrap());
    assert_eq!(cart.id, target.id);
    assert_eq!(cart.cart_state, CartState::Active);
    assert_eq!(lines(&cart), [("SKU-1", 7)]);
    assert_eq!(cart.line_items[0].id, target.line_items[0].id);
    assert_eq!(cart.line_items[0].state[0].quantity, 7);
    assert_eq!(merged.id, source.id);
    assert_eq!(merged.cart_state, CartState::Merged);
    assert_eq!(merged.customer_id.as_deref(), Some(shop.alice.id.as_str()));
    assert_eq!(merged.anonymous_id.as_deref(), Some("phone-123"));
    assert_eq!(lines(&merged), [("SKU-1", 7)]);
}

#[test]
fn a_larger_target_keeps_its_quantity() {
    let mut shop = Shop::new();
    let (_, _, outcome) = signed_in(&mut shop, euro(&[("SKU-1", 2)]), euro(&[("SKU-1", 5)]));
    assert_eq!(lines(&outcome.cart.unwrap()), [("SKU-1", 5)]);
}

#[test]
fn a_new_thing_becomes_a_new_line() {
    let mut shop = Shop::new();
    let (source, _, outcome) = signed_in(&mut shop, euro(&[("SKU-2", 1)]), euro(&[("SKU-1", 3)]));
    let cart = outcome.cart.unwrap();
    assert_eq!(lines(&cart), [("SKU-1", 3), ("SKU-2", 1)]);
    assert_eq!(total(&cart), 5701);
    assert_ne!(cart.line_items[1].id, source.line_items[0].id);
}

fn engraved(sku: &str, quantity: i64, text: &str) -> Value {
    json!({ "sku": sku, "quantity": quantity, "custom": {
        "type": { "typeId": "type", "key": "engraving" }, "fields": { "text": text }
    } })
}

#[test]
fn different_custom_fields_are_different_things() {
    let mut shop = Shop::new();
    let source =
        json!({ "currency": "EUR", "country": "DE", "lineItems": [engraved("SKU-1", 2, "A")] });
    let (_, _, outcome) = signed_in(&mut shop, source.clone(), euro(&[("SKU-1", 3)]));
    assert_eq!(lines(&outcome.cart.unwrap()), [("SKU-1", 3), ("SKU-1", 2)]);
    let target =
        json!({ "currency": "EUR", "country": "DE", "lineItems": [engraved("SKU-1", 3, "A")] });
    let (_, _, outcome) = signed_in(&mut shop, source, target);
    assert_eq!(lines(&outcome.cart.unwrap()), [("SKU-1", 3)]);
}

#[test]
fn different_channels_are_different_things() {
    let mut shop = Shop::new();
    let line = json!({ "sku": "SKU-1", "quantity": 2, "supplyChannel": { "typeId": "channel", "key": "warehouse" } });
    let source = json!({ "currency": "EUR", "country": "DE", "lineItems": [line] });
    let (_, _, outcome) = signed_in(&mut shop, source, euro(&[("SKU-1", 3)]));
    assert_eq!(lines(&outcome.cart.unwrap()), [("SKU-1", 3), ("SKU-1", 2)]);
}

fn keyed(sku: &str, quantity: i64) -> Value {
    let line = json!({ "sku": sku, "quantity": quantity, "key": "k1" });
    json!({ "currency": "EUR", "country": "DE", "lineItems": [line] })
}

#[test]
fn a_key_that_means_another_thing_keeps_the_line_in_the_source() {
    let mut shop = Shop::new();
    let (_, _, outcome) = signed_in(&mut shop, keyed("SKU-2", 1), keyed("SKU-1", 1));
    assert_eq!(lines(&outcome.cart.unwrap()), [("SKU-1", 1)]);
    let merged = outcome.merged.unwrap();
    assert_eq!(merged.cart_state, CartState::Merged);
    assert_eq!(lines(&merged), [("SKU-2", 1)]);
}

#[test]
fn a_key_finds_its_line() {
    let mut shop = Shop::new();
    let (_, _, outcome) = signed_in(&mut shop, keyed("SKU-1", 4), keyed("SKU-1", 1));
    let cart = outcome.cart.unwrap();
    assert_eq!(lines(&cart), [("SKU-1", 4)]);
    assert_eq!(cart.line_items[0].key.as_deref(), Some("k1"));
}

#[test]
fn use_as_new_keeps_both_carts_apart() {
    let mut shop = Shop::new();
    let target = shop.alices_cart(euro(&[("SKU-1", 3)]));
    let source = shop.cart(euro(&[("SKU-1", 7)]));
    let outcome = shop.sign_in(&[&source], &[&target], USE_AS_NEW).unwrap();
    let cart = outcome.cart.unwrap();
    assert_eq!(outcome.merged, None);
    assert_eq!(cart.id, source.id);
    assert_eq!(lines(&cart), [("SKU-1", 7)]);
    assert_eq!(cart.cart_state, CartState::Active);
    assert_eq!(cart.customer_id.as_deref(), Some(shop.alice.id.as_str()));
}

#[test]
fn use_as_new_borrows_the_address_of_the_previous_cart() {
    let mut shop = Shop::new();
    let target = shop.alices_cart(with(euro(&[("SKU-2", 1)]), "shippingAddress", berlin()));
    let source = shop.cart(euro(&[("SKU-1", 5)]));
    let outcome = shop.sign_in(&[&source], &[&target], USE_AS_NEW).unwrap();
    assert_eq!(taxed(&outcome.cart.unwrap()), Some((5185, 6170, 985)));
}

#[test]
fn a_target_without_address_takes_the_lines_untaxed() {
    let mut shop = Shop::new();
    let source = with(euro(&[("SKU-2", 1)]), "shippingAddress", berlin());
    let (_, _, outcome) = signed_in(&mut shop, source, euro(&[("SKU-1", 1)]));
    let cart = outcome.cart.unwrap();
    assert_eq!(cart.line_items.len(), 2);
    assert_eq!(cart.shipping_address, None);
    assert_eq!(taxed(&cart), None);
}

#[test]
fn the_targets_address_taxes_the_merged_lines() {
    let mut shop = Shop::new();
    let target = with(euro(&[("SKU-1", 3)]), "shippingAddress", berlin());
    let (_, _, outcome) = signed_in(&mut shop, euro(&[("SKU-1", 5)]), target);
    let cart = outcome.cart.unwrap();
    assert_eq!(lines(&cart), [("SKU-1", 5)]);
    assert_eq!(taxed(&cart), Some((5185, 6170, 985)));
}

#[test]
fn only_lines_are_taken_over() {
    let mut shop = Shop::new();
    let target = shop.alices_cart(euro(&[("SKU-1", 1)]));
    let source = shop.cart(json!({
        "currency": "EUR", "country": "DE", "locale": "de", "customerEmail": "guest@example.com",
        "billingAddress": berlin(), "lineItems": drafts(&[("SKU-2", 1)]),
        "custom": { "type": { "key": "engraving" }, "fields": { "text": "gift" } },
        "customLineItems": [{
            "name": { "en": "wrapping" }, "slug": "wrapping", "taxCategory": { "key": "std" },
            "money": { "currencyCode": "EUR", "centAmount": 100 }
        }]
    }));
    let outcome = shop.sign_in(&[&source], &[&target], MERGE).unwrap();
    let (merged, cart) = (outcome.merged.unwrap(), outcome.cart.unwrap());
    assert_eq!(lines(&cart), [("SKU-1", 1), ("SKU-2", 1)]);
    assert!(cart.custom_line_items.is_empty());
    assert_eq!(cart.custom, None);
    assert_eq!(cart.billing_address, None);
    assert_eq!(cart.customer_email, None);
    assert_eq!(cart.locale, None);
    assert_eq!(merged.custom_line_items.len(), 1);
    assert!(merged.custom.is_some());
}

#[test]
fn the_most_recent_active_cart_is_the_target() {
    let mut shop = Shop::new();
    let older = shop.alices_cart(euro(&[("SKU-2", 1)]));
    let newer = shop.alices_cart(euro(&[("SKU-1", 1)]));
    let mut ordered = shop.alices_cart(euro(&[("SKU-1", 9)]));
    ordered.cart_state = CartState::Ordered;
    let source = shop.cart(euro(&[("SKU-1", 2)]));
    let plan = choose([&source], [&ordered, &newer, &older], MERGE);
    assert_eq!(
        plan,
        Plan::Merge {
            source: &source,
            target: &newer
        }
    );
}

#[test]
fn another_currency_or_store_means_assigning_instead_of_merging() {
    let mut shop = Shop::new();
    let target = shop.alices_cart(euro(&[("SKU-1", 1)]));
    let dollars = shop
        .cart(json!({ "currency": "USD", "country": "US", "lineItems": drafts(&[("SKU-1", 2)]) }));
    let outcome = shop.sign_in(&[&dollars], &[&target], MERGE).unwrap();
    let cart = outcome.cart.unwrap();
    assert_eq!(outcome.merged, None);
    assert_eq!(cart.id, dollars.id);
    assert_eq!(lines(&cart), [("SKU-1", 2)]);
    assert_eq!(cart.customer_id.as_deref(), Some(shop.alice.id.as_str()));

    let in_store = shop.cart(with(
        euro(&[("SKU-1", 2)]),
        "store",
        json!({ "key": "de-store" }),
    ));
    let plan = choose([&in_store], [&target], MERGE);
    assert_eq!(
        plan,
        Plan::Assign {
            source: &in_store,
            previous: None
        }
    );
}

#[test]
fn without_a_guests_cart_the_own_one_stays() {
    let mut shop = Shop::new();
    let target = shop.alices_cart(euro(&[("SKU-1", 1)]));
    let outcome = shop.sign_in(&[], &[&target], MERGE).unwrap();
    assert_eq!(outcome.cart, Some(target));
    assert_eq!(shop.sign_in(&[], &[], MERGE).unwrap(), Outcome::default());
}

#[test]
fn locked_frozen_and_merchants_carts_take_no_part() {
    let mut shop = Shop::new();
    let mut frozen = shop.cart(euro(&[("SKU-1", 1)]));
    frozen.cart_state = CartState::Frozen;
    let mut merchants = shop.cart(euro(&[("SKU-1", 1)]));
    merchants.origin = crate::cart::CartOrigin::Merchant;
    let target = shop.alices_cart(euro(&[("SKU-2", 1)]));
    let plan = choose([&frozen, &merchants], [&target], MERGE);
    assert_eq!(plan, Plan::Keep { target: &target });
}

#[test]
fn signing_in_brings_prices_up_to_date_and_keeps_names() {
    let mut shop = Shop::new();
    let source = shop.euro_cart(&[("SKU-1", 2)]);
    shop.reprice(
        "SKU-1",
        json!({ "country": "DE", "value": { "currencyCode": "EUR", "centAmount": 1500 } }),
    );
    shop.change_product(
        "SKU-1",
        json!([{ "action": "changeName", "name": { "en": "New" }, "staged": false }]),
    );
    let cart = shop.sign_in(&[&source], &[], MERGE).unwrap().cart.unwrap();
    assert_eq!(cart.line_items[0].price.value.cent_amount.get(), 1500);
    assert_eq!(total(&cart), 3000);
    assert_eq!(cart.line_items[0].name, source.line_items[0].name);
    assert_eq!(cart.anonymous_id.as_deref(), Some("phone-123"));
}

#[test]
fn lines_of_unpublished_products_drop_out() {
    let mut shop = Shop::new();
    let source = shop.euro_cart(&[("SKU-1", 1), ("SKU-2", 1)]);
    shop.change_product("SKU-2", json!([{ "action": "unpublish" }]));
    let cart = shop.sign_in(&[&source], &[], MERGE).unwrap().cart.unwrap();
    assert_eq!(lines(&cart), [("SKU-1", 1)]);
}

#[test]
fn the_other_rule_sums_quantities() {
    let mut shop = Shop::new();
    let target = shop.alices_cart(euro(&[("SKU-1", 3)]));
    let source = shop.cart(euro(&[("SKU-1", 7), ("SKU-2", 1)]));
    let merged = merge(
        &source,
        target,
        MergeRule::Sum,
        ProductData::Keep,
        &mut shop.around.context(),
    )
    .unwrap();
    assert_eq!(lines(&merged.target), [("SKU-1", 10), ("SKU-2", 1)]);
}
