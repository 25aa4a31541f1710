//! What an update brings up to date besides what it is for.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Shop, berlin, drafts, lines, standard_shipping, taxed, total};
use crate::{
    cart::Cart,
    catalog::{shipping_method::ShippingMethod, tax_category::TaxCategory},
    error::DomainError,
    money::{CentAmount, Rate},
    order::{OrderFromCartDraft, place},
    product::Product,
    resource::Resource,
    world::{By, World},
};

const SKUS: [&str; 5] = ["SKU-1", "SKU-2", "SKU-14", "SKU-25", "SKU-T"];

/// Changes a resource behind the cart's back.
fn edit<R: Resource>(shop: &mut Shop, by: By<'_>, change: impl FnOnce(&mut R)) {
    let world: &mut dyn World = &mut shop.around.world;
    let found = world.get::<R>(by).unwrap().unwrap();
    let mut changed = R::clone(&found);
    change(&mut changed);
    shop.around.world.put(&changed);
}

fn edit_product(shop: &mut Shop, sku: &str, change: impl FnOnce(&mut Product)) {
    edit(shop, By::Unique("sku", sku), change);
}

fn edit_method(shop: &mut Shop, change: impl FnOnce(&mut ShippingMethod)) {
    edit(shop, By::Key("standard"), change);
}

fn set_price(shop: &mut Shop, sku: &str, cents: i64) {
    edit_product(shop, sku, |product| {
        let prices = &mut product.master_data.current.master_variant.prices;
        prices[0].value.cent_amount = CentAmount::new(cents);
    });
}

fn checked_out(shop: &mut Shop, goods: &[(&str, i64)]) -> Cart {
    let cart = shop.euro_cart(goods);
    shop.applied(
        &cart,
        json!([
            { "action": "setCustomerEmail", "email": "guest@example.com" },
            { "action": "setShippingAddress", "address": berlin() },
            standard_shipping()
        ]),
    )
}

fn order(shop: &mut Shop, cart: &Cart) -> Result<i64, DomainError> {
    let draft = OrderFromCartDraft {
        id: Some(cart.id.clone()),
        version: cart.version,
        ..OrderFromCartDraft::default()
    };
    let (order, _) = place(cart, draft, &mut shop.around.context())?;
    Ok(order.total_price.cent_amount.get())
}

#[test]
fn every_update_brings_prices_taxes_and_shipping_up_to_date() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-1", 3)]);
    assert_eq!(total(&cart), 4192);
    set_price(&mut shop, "SKU-1", 1300);
    edit::<TaxCategory>(&mut shop, By::Key("std"), |category| {
        category.rates[0].amount = Rate::parse("0.07").unwrap();
    });
    edit_method(&mut shop, |method| {
        method.zone_rates[0].shipping_rates[0].price.cent_amount = CentAmount::new(590);
    });
    let cart = shop.applied(
        &cart,
        json!([{ "action": "setCustomerEmail", "email": "other@example.com" }]),
    );
    assert_eq!(cart.line_items[0].price.value.cent_amount.get(), 1300);
    assert_eq!(total(&cart), 3 * 1300 + 590);
    // 3900 / 1.07 = 3644.86, 590 / 1.07 = 551.40
    assert_eq!(taxed(&cart), Some((3645 + 551, 4490, 294)));
    assert_eq!(order(&mut shop, &cart).unwrap(), 4490);
}

#[test]
fn setting_what_is_set_already_is_an_update_too() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-1", 1)]);
    let again = json!([{ "action": "setCustomerEmail", "email": "guest@example.com" }]);
    assert_eq!(shop.applied(&cart, again.clone()), cart);
    set_price(&mut shop, "SKU-1", 1300);
    assert_eq!(shop.applied(&cart, json!([])), cart);
    let fresh = shop.applied(&cart, again);
    assert_eq!(total(&fresh), 1790);
    assert_eq!(fresh.version, cart.version + 1);
}

#[test]
fn shipping_becomes_free_when_the_goods_become_dearer() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-1", 4)]);
    assert_eq!(total(&cart), 4936 + 490);
    set_price(&mut shop, "SKU-1", 1250);
    let cart = shop.applied(&cart, json!([{ "action": "setLocale", "locale": "de" }]));
    assert_eq!(total(&cart), 5000);
}

#[test]
fn a_method_that_is_taxed_differently_now_is_taxed_differently() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-1", 1)]);
    let world: &mut dyn World = &mut shop.around.world;
    let reduced = world.get::<TaxCategory>(By::Key("t12")).unwrap().unwrap();
    edit_method(&mut shop, |method| {
        method.tax_category.id.clone_from(&reduced.id);
    });
    let cart = shop.applied(&cart, json!([{ "action": "setLocale", "locale": "de" }]));
    let info = cart.shipping_info.as_ref().unwrap();
    assert_eq!(
        info.tax_rate.as_ref().unwrap().amount,
        Rate::parse("0.12").unwrap()
    );
    assert!(order(&mut shop, &cart).is_ok());
}

#[test]
fn prices_and_rates_that_the_client_gave_stay() {
    let mut shop = Shop::new();
    shop.by_backend();
    let euro = |cents: i64| json!({ "currencyCode": "EUR", "centAmount": cents });
    let rate = json!({ "name": "own", "amount": 0.1, "country": "DE" });
    let cart = shop.cart(json!({
        "currency": "EUR", "country": "DE", "taxMode": "External", "shippingAddress": berlin(),
        "lineItems": [
            { "sku": "SKU-1", "externalPrice": euro(500), "externalTaxRate": rate },
            { "sku": "SKU-1", "externalTotalPrice": { "price": euro(400), "totalPrice": euro(399) },
              "externalTaxRate": rate },
            { "sku": "SKU-2", "externalTaxRate": rate }
        ]
    }));
    assert_eq!(taxed(&cart), Some((2898, 3188, 290)));
    set_price(&mut shop, "SKU-1", 1300);
    set_price(&mut shop, "SKU-2", 2000);
    edit::<TaxCategory>(&mut shop, By::Key("std"), |category| category.rates.clear());
    let cart = shop.applied(&cart, json!([{ "action": "setLocale", "locale": "de" }]));
    let totals: Vec<i64> = cart
        .line_items
        .iter()
        .map(|line| line.total_price.cent_amount.get())
        .collect();
    assert_eq!(totals, [500, 399, 2000]);
    assert_eq!(taxed(&cart), Some((2899, 3189, 290)));
}

#[test]
fn a_frozen_cart_keeps_everything() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-1", 3)]);
    let cart = shop.applied(&cart, json!([{ "action": "freezeCart" }]));
    set_price(&mut shop, "SKU-1", 1300);
    edit::<TaxCategory>(&mut shop, By::Key("std"), |category| category.rates.clear());
    edit_method(&mut shop, |method| {
        method.zone_rates.clear();
        method.predicate = Some("1 = 2".to_owned());
    });
    let touched = shop.applied(&cart, json!([{ "action": "setLocale", "locale": "de" }]));
    assert_eq!(numbers(&touched), numbers(&cart));
    assert_eq!(order(&mut shop, &touched).unwrap(), 4192);
}

#[test]
fn a_cart_is_frozen_at_the_prices_of_now() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-1", 1)]);
    set_price(&mut shop, "SKU-1", 1300);
    let frozen = shop.applied(&cart, json!([{ "action": "freezeCart" }]));
    assert_eq!(total(&frozen), 1790);
}

#[test]
fn names_stay_until_they_are_asked_for() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[("SKU-1", 1)]);
    shop.change_product(
        "SKU-1",
        json!([{ "action": "changeName", "name": { "en": "New" }, "staged": false }]),
    );
    let touched = shop.applied(&cart, json!([{ "action": "setLocale", "locale": "de" }]));
    assert_eq!(touched.line_items[0].name, cart.line_items[0].name);
    let asked = shop.applied(
        &touched,
        json!([{ "action": "recalculate", "updateProductData": true }]),
    );
    assert_eq!(
        serde_json::to_value(&asked.line_items[0].name).unwrap(),
        json!({ "en": "New" })
    );
}

/// Something that has nothing to do with what the catalog lost.
fn goes_on(shop: &mut Shop, cart: &Cart) -> Cart {
    let email = json!([{ "action": "setCustomerEmail", "email": "other@example.com" }]);
    let changed = shop.applied(cart, email);
    assert_eq!(numbers(&changed), numbers(cart));
    changed
}

#[test]
fn a_price_that_is_gone_stops_the_order_and_not_the_shopper() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-1", 1), ("SKU-2", 1)]);
    edit_product(&mut shop, "SKU-2", |product| {
        product.master_data.current.master_variant.prices.clear();
    });
    let cart = goes_on(&mut shop, &cart);
    for demands_a_price in [
        json!([{ "action": "recalculate" }]),
        json!([{ "action": "addLineItem", "sku": "SKU-2" }]),
    ] {
        assert!(matches!(
            shop.apply(&cart, demands_a_price),
            Err(DomainError::MatchingPriceNotFound { .. })
        ));
    }
    assert!(matches!(
        order(&mut shop, &cart),
        Err(DomainError::MatchingPriceNotFound { .. })
    ));
    let without = shop.applied(
        &cart,
        json!([{ "action": "removeLineItem", "lineItemId": cart.line_items[1].id }]),
    );
    assert_eq!(order(&mut shop, &without).unwrap(), 1234 + 490);
}

#[test]
fn a_tax_rate_that_is_gone_stops_the_order_and_not_the_shopper() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-14", 1), ("SKU-1", 1)]);
    edit::<TaxCategory>(&mut shop, By::Key("t12"), |category| category.rates.clear());
    let cart = goes_on(&mut shop, &cart);
    let other = json!([{ "action": "addLineItem", "sku": "SKU-2" }]);
    assert_eq!(lines(&shop.applied(&cart, other)).len(), 3);
    assert!(matches!(
        order(&mut shop, &cart),
        Err(DomainError::MissingTaxRateForCountry { .. })
    ));
    let new = shop.euro_cart(&[("SKU-14", 1)]);
    let address = json!([{ "action": "setShippingAddress", "address": berlin() }]);
    assert!(matches!(
        shop.apply(&new, address),
        Err(DomainError::MissingTaxRateForCountry { .. })
    ));
}

#[test]
fn a_product_that_is_not_sold_any_more_stops_the_order_and_not_the_shopper() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-1", 1), ("SKU-2", 1)]);
    shop.change_product("SKU-2", json!([{ "action": "unpublish" }]));
    let cart = goes_on(&mut shop, &cart);
    assert!(matches!(
        order(&mut shop, &cart),
        Err(DomainError::InvalidOperation { .. })
    ));
    let recalculated = shop.applied(&cart, json!([{ "action": "recalculate" }]));
    assert_eq!(lines(&recalculated), [("SKU-1", 1)]);
    assert_eq!(order(&mut shop, &recalculated).unwrap(), 1234 + 490);
}

#[test]
fn a_method_that_does_not_ship_there_any_more_leaves_the_cart() {
    let mut shop = Shop::new();
    let cart = checked_out(&mut shop, &[("SKU-1", 1)]);
    edit_method(&mut shop, |method| method.zone_rates.clear());
    let cart = shop.applied(&cart, json!([{ "action": "setLocale", "locale": "de" }]));
    assert_eq!(cart.shipping_info, None);
    assert_eq!(total(&cart), 1234);
}

#[test]
fn a_predicate_decides_at_every_update_whether_the_method_matches() {
    use crate::cart::ShippingMethodState::{DoesNotMatchCart, MatchesCart};
    let mut shop = Shop::new();
    edit_method(&mut shop, |method| {
        method.predicate = Some("totalPrice >= \"20.00 EUR\"".to_owned());
    });
    let state = |cart: &Cart| cart.shipping_info.as_ref().unwrap().shipping_method_state;
    let small = shop.euro_cart(&[("SKU-1", 1)]);
    let choose = json!([
        { "action": "setShippingAddress", "address": berlin() }, standard_shipping()
    ]);
    assert!(matches!(
        shop.apply(&small, choose),
        Err(DomainError::InvalidOperation { .. })
    ));
    let id = small.line_items[0].id.clone();
    let quantity = |quantity: i64| {
        json!({
            "action": "changeLineItemQuantity", "lineItemId": id, "quantity": quantity
        })
    };
    let cart = shop.applied(&small, json!([
        quantity(2), { "action": "setShippingAddress", "address": berlin() }, standard_shipping()
    ]));
    assert_eq!((state(&cart), total(&cart)), (MatchesCart, 2468 + 490));
    let cart = shop.applied(&cart, json!([quantity(1)]));
    assert_eq!((state(&cart), total(&cart)), (DoesNotMatchCart, 1234 + 490));
    assert!(matches!(
        order(&mut shop, &cart),
        Err(DomainError::ShippingMethodDoesNotMatchCart)
    ));
    let cart = shop.applied(&cart, json!([quantity(3)]));
    assert_eq!(state(&cart), MatchesCart);
    assert_eq!(order(&mut shop, &cart).unwrap(), 3702 + 490);
}

/// The cart without what harmless actions and the version count change.
fn numbers(cart: &Cart) -> Cart {
    let mut cart = cart.clone();
    cart.version = 0;
    cart.customer_email = None;
    cart.locale = None;
    cart.key = None;
    cart.purchase_order_number = None;
    cart.billing_address = None;
    cart.delete_days_after_last_modification = None;
    cart
}

fn harmless() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({ "action": "setCustomerEmail", "email": "other@example.com" }),
        json!({ "action": "setCustomerEmail", "email": "guest@example.com" }),
        json!({ "action": "setLocale", "locale": "de" }),
        json!({ "action": "setKey", "key": "my-cart" }),
        json!({ "action": "setBillingAddress", "address": berlin() }),
        json!({ "action": "setPurchaseOrderNumber", "purchaseOrderNumber": "7" }),
        json!({ "action": "setDeleteDaysAfterLastModification", "deleteDaysAfterLastModification": 3 }),
        json!({ "action": "setCountry", "country": "DE" }),
    ])
}

/// What an administrator does to the catalog.
#[derive(Clone, Debug)]
enum Move {
    Price(&'static str, i64),
    Tax(&'static str, i64, bool),
    Shipping(i64, Option<i64>),
    PriceGoes(&'static str),
    TaxGoes(&'static str),
    ShippingGoes,
    Unpublish(&'static str),
    MethodOff,
}

fn sku() -> impl Strategy<Value = &'static str> {
    prop::sample::select(SKUS.as_slice())
}

fn category() -> impl Strategy<Value = &'static str> {
    prop::sample::select(["std", "t12", "t14"].as_slice())
}

fn change() -> impl Strategy<Value = Move> {
    prop_oneof![
        (sku(), 0..5_000_i64).prop_map(|(sku, cents)| Move::Price(sku, cents)),
        (category(), 0..1_000_i64, any::<bool>())
            .prop_map(|(key, mille, included)| Move::Tax(key, mille, included)),
        (0..2_000_i64, prop::option::of(0..20_000_i64))
            .prop_map(|(cents, free)| Move::Shipping(cents, free)),
    ]
}

fn loss() -> impl Strategy<Value = Move> {
    prop_oneof![
        change(),
        sku().prop_map(Move::PriceGoes),
        category().prop_map(Move::TaxGoes),
        Just(Move::ShippingGoes),
        sku().prop_map(Move::Unpublish),
        Just(Move::MethodOff),
    ]
}

fn carry_out(shop: &mut Shop, what: Move) {
    match what {
        // A price that is gone already has no other value.
        Move::Price(sku, cents) => edit_product(shop, sku, |product| {
            let prices = &mut product.master_data.current.master_variant.prices;
            if let Some(price) = prices.first_mut() {
                price.value.cent_amount = CentAmount::new(cents);
            }
        }),
        Move::PriceGoes(sku) => edit_product(shop, sku, |product| {
            product.master_data.current.master_variant.prices.clear();
        }),
        Move::Unpublish(sku) => edit_product(shop, sku, |product| {
            product.master_data.published = false;
        }),
        Move::Tax(key, mille, included) => edit::<TaxCategory>(shop, By::Key(key), |category| {
            if let Some(rate) = category.rates.first_mut() {
                rate.amount = Rate::new(mille, 3).unwrap();
                rate.included_in_price = included;
            }
        }),
        Move::TaxGoes(key) => {
            edit::<TaxCategory>(shop, By::Key(key), |category| category.rates.clear());
        }
        Move::Shipping(cents, free_above) => edit_method(shop, |method| {
            let rates = method.zone_rates.first_mut();
            if let Some(rate) = rates.and_then(|zone| zone.shipping_rates.first_mut()) {
                rate.price.cent_amount = CentAmount::new(cents);
                rate.free_above = free_above.map(|cents| {
                    crate::money::TypedMoney::cents(
                        rate.price.currency_code,
                        CentAmount::new(cents),
                    )
                });
            }
        }),
        Move::ShippingGoes => edit_method(shop, |method| method.zone_rates.clear()),
        Move::MethodOff => edit_method(shop, |method| method.active = false),
    }
}

fn random_cart(shop: &mut Shop, goods: &[(&str, i64)], custom: Option<i64>) -> Cart {
    let custom = custom.map(|cents| {
        json!([{
            "name": { "en": "x" }, "slug": "custom", "taxCategory": { "key": "std" },
            "money": { "currencyCode": "EUR", "centAmount": cents }, "quantity": 3
        }])
    });
    shop.cart(json!({
        "currency": "EUR", "country": "DE", "lineItems": drafts(goods), "customLineItems": custom,
        "shippingAddress": berlin(), "shippingMethod": { "key": "standard" },
        "customerEmail": "guest@example.com"
    }))
}

fn goods() -> impl Strategy<Value = Vec<(&'static str, i64)>> {
    prop::collection::vec((sku(), 1..20_i64), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_update_is_as_good_as_a_recalculation(
        goods in goods(), custom in prop::option::of(-500..5_000_i64),
        changes in prop::collection::vec(change(), 0..5), action in harmless(),
    ) {
        let mut shop = Shop::new();
        let cart = random_cart(&mut shop, &goods, custom);
        for one in changes {
            carry_out(&mut shop, one);
        }
        let touched = shop.applied(&cart, json!([action.clone()]));
        let recalculated = shop.applied(&cart, json!([{ "action": "recalculate" }]));
        prop_assert_eq!(numbers(&touched), numbers(&recalculated));
        prop_assert_eq!(&shop.applied(&touched, json!([action])), &touched);
        prop_assert_eq!(&shop.applied(&touched, json!([{ "action": "recalculate" }])), &touched);
        let paid = order(&mut shop, &touched);
        prop_assert_eq!(paid.unwrap(), total(&touched));
    }

    #[test]
    fn whatever_the_catalog_loses_an_update_works_and_no_price_has_changed_after_it(
        goods in goods(), custom in prop::option::of(-500..5_000_i64),
        changes in prop::collection::vec(loss(), 1..6), action in harmless(),
    ) {
        let mut shop = Shop::new();
        let cart = random_cart(&mut shop, &goods, custom);
        for one in changes {
            carry_out(&mut shop, one);
        }
        let touched = shop.applied(&cart, json!([action]));
        prop_assert_eq!(touched.line_items.len(), cart.line_items.len());
        let refusal = order(&mut shop, &touched).err();
        prop_assert!(!matches!(refusal, Some(DomainError::PriceChanged { .. })), "{:?}", refusal);
    }
}
