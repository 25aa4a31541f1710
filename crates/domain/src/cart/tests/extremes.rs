//! Numbers at the end of what fits: refused, or computed right.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Shop, berlin};
use crate::{cart::Cart, error::DomainError};

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        prop::sample::select(vec![
            i64::MIN,
            i64::MIN + 1,
            -9_007_199_254_740_992,
            -1,
            0,
            1,
            2,
            100,
            9_007_199_254_740_993,
            i64::MAX / 2,
            i64::MAX - 1,
            i64::MAX,
        ]),
        -1_000..1_000_i64,
    ]
}

fn euro(cents: i64) -> Value {
    json!({ "currencyCode": "EUR", "centAmount": cents })
}

fn precise(amount: i64, digits: i64) -> Value {
    json!({
        "type": "highPrecision", "currencyCode": "EUR", "preciseAmount": amount,
        "fractionDigits": digits
    })
}

fn rate(amount: &str) -> Value {
    let amount: Value = serde_json::from_str(amount).unwrap();
    json!({ "name": "own", "country": "DE", "amount": amount, "includedInPrice": true })
}

/// One action on the first line with these numbers.
fn action(which: usize, one: i64, other: i64) -> Value {
    let line = |mut action: Value| {
        action["lineItemKey"] = "first".into();
        action
    };
    let targets = json!([{ "addressKey": "home", "quantity": one }, { "addressKey": "work", "quantity": other }]);
    let modes = ["Platform", "External", "ExternalAmount", "Disabled"];
    let amount = rate(if one % 2 == 0 { "0" } else { "1" });
    match which {
        0 => json!({ "action": "addLineItem", "sku": "SKU-2", "quantity": one }),
        1 => line(
            json!({ "action": "changeLineItemQuantity", "quantity": one, "externalPrice": euro(other) }),
        ),
        2 => line(json!({ "action": "changeLineItemQuantity", "quantity": one })),
        3 => line(json!({ "action": "removeLineItem", "quantity": one })),
        4 => line(json!({ "action": "setLineItemPrice", "externalPrice": euro(one) })),
        5 => line(json!({ "action": "setLineItemPrice", "externalPrice": precise(one, other) })),
        6 => line(
            json!({ "action": "setLineItemTotalPrice", "externalTotalPrice": {
            "price": euro(one), "totalPrice": euro(other)
        } }),
        ),
        7 => json!({
            "action": "addCustomLineItem", "name": { "en": "x" }, "slug": "custom", "quantity": one,
            "money": euro(other), "taxCategory": { "key": "std" }
        }),
        8 => json!({ "action": "setCustomShippingMethod", "shippingMethodName": "Own",
            "taxCategory": { "key": "std" },
            "shippingRate": { "price": euro(one), "freeAbove": euro(other), "tiers": [
                { "type": "CartValue", "minimumCentAmount": other, "price": euro(one) }
            ] }
        }),
        9 => line(
            json!({ "action": "setLineItemShippingDetails", "shippingDetails": { "targets": targets } }),
        ),
        10 => line(json!({
            "action": "applyDeltaToLineItemShippingDetailsTargets", "targetsDelta": targets
        })),
        11 => line(
            json!({ "action": "setLineItemTaxAmount", "externalTaxAmount": {
            "totalGross": euro(one), "taxRate": amount
        } }),
        ),
        12 => json!({ "action": "setCartTotalTax", "externalTotalGross": euro(one),
            "externalTaxPortions": [{ "rate": 0.5, "amount": euro(other) }] }),
        13 => json!({ "action": "setCartTotalTax", "externalTotalGross": euro(one) }),
        14 => line(json!({ "action": "setLineItemTaxRate", "externalTaxRate": amount })),
        15 => json!({
            "action": "setDeleteDaysAfterLastModification", "deleteDaysAfterLastModification": one
        }),
        16 => json!({ "action": "changeTaxMode", "taxMode": modes[usize::from(one > 0)] }),
        17 => json!({ "action": "changeTaxMode", "taxMode": modes[2 + usize::from(one > 0)] }),
        _ => {
            json!({ "action": "changeTaxCalculationMode", "taxCalculationMode": "UnitPriceLevel" })
        }
    }
}

fn assert_adds_up(cart: &Cart) {
    let cents = |money: &crate::money::TypedMoney| i128::from(money.cent_amount.get());
    let lines = cart.line_items.iter().map(|line| cents(&line.total_price));
    let custom = cart
        .custom_line_items
        .iter()
        .map(|line| cents(&line.total_price));
    let shipping = cart.shipping_info.iter().map(|info| cents(&info.price));
    let sum: i128 = lines.chain(custom).chain(shipping).sum();
    assert_eq!(cents(&cart.total_price), sum);
    for line in &cart.line_items {
        assert!(line.quantity > 0);
        assert_eq!(line.state[0].quantity, line.quantity);
        for target in line
            .shipping_details
            .iter()
            .flat_map(|details| &details.targets)
        {
            assert!(target.quantity > 0);
        }
    }
    for taxed in cart.taxed_price.iter().chain(&cart.taxed_shipping_price) {
        let tax = taxed.total_tax.as_ref().map_or(0, cents);
        assert_eq!(cents(&taxed.total_gross) - cents(&taxed.total_net), tax);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn no_number_breaks_a_cart(
        mode in prop::sample::select(vec!["Platform", "External", "ExternalAmount", "Disabled"]),
        steps in prop::collection::vec((0..19_usize, number(), number()), 1..10),
    ) {
        let mut shop = Shop::new();
        shop.by_backend();
        let mut cart = shop.cart(json!({
            "currency": "EUR", "country": "DE", "taxMode": mode, "shippingAddress": berlin(),
            "lineItems": [{ "sku": "SKU-1", "key": "first", "quantity": 3 }],
            "itemShippingAddresses": [{ "country": "DE", "key": "home" }, { "country": "DE", "key": "work" }]
        }));
        for (which, one, other) in steps {
            match shop.apply(&cart, json!([action(which, one, other)])) {
                Ok(changed) => {
                    assert_adds_up(&changed);
                    let text = serde_json::to_string(&changed).unwrap();
                    prop_assert_eq!(&serde_json::from_str::<Cart>(&text).unwrap(), &changed);
                    cart = changed;
                }
                Err(error) => prop_assert!(!matches!(error, DomainError::World(_)), "{:?}", error),
            }
        }
    }
}
