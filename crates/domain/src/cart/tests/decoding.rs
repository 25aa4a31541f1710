//! Actions as clients write them.

use serde_json::{Value, json};

use super::Shop;
use crate::{
    cart::{CartAction, MyCartAction},
    error::DomainError,
    resource::{Resource, decode_actions},
};

/// Every action of a shopper in its smallest form.
fn of_shoppers() -> Vec<Value> {
    let address = json!({ "country": "DE", "key": "home" });
    vec![
        json!({ "action": "addItemShippingAddress", "address": address }),
        json!({ "action": "addLineItem", "sku": "SKU-1" }),
        json!({ "action": "addPayment", "payment": { "typeId": "payment", "id": "p" } }),
        json!({ "action": "applyDeltaToLineItemShippingDetailsTargets", "targetsDelta": [] }),
        json!({ "action": "changeLineItemQuantity", "quantity": 1 }),
        json!({ "action": "changeLineItemsOrder", "lineItemOrder": [] }),
        json!({ "action": "changeTaxMode", "taxMode": "Platform" }),
        json!({ "action": "recalculate" }),
        json!({ "action": "removeItemShippingAddress", "addressKey": "home" }),
        json!({ "action": "removeLineItem" }),
        json!({ "action": "removePayment", "payment": { "id": "p" } }),
        json!({ "action": "setBillingAddress" }),
        json!({ "action": "setCountry" }),
        json!({ "action": "setCustomField", "name": "text" }),
        json!({ "action": "setCustomType" }),
        json!({ "action": "setCustomerEmail" }),
        json!({ "action": "setDeleteDaysAfterLastModification" }),
        json!({ "action": "setLineItemCustomField", "name": "text" }),
        json!({ "action": "setLineItemCustomType" }),
        json!({ "action": "setLineItemDistributionChannel" }),
        json!({ "action": "setLineItemShippingDetails" }),
        json!({ "action": "setLineItemSupplyChannel" }),
        json!({ "action": "setLocale" }),
        json!({ "action": "setShippingAddress" }),
        json!({ "action": "setShippingMethod" }),
        json!({ "action": "updateItemShippingAddress", "address": address }),
    ]
}

/// Every further action of a back end in its smallest form.
fn of_back_ends() -> Vec<Value> {
    let money = json!({ "currencyCode": "EUR", "centAmount": 1 });
    let address = json!({ "addressKey": "home", "name": "text" });
    let custom = json!({ "name": { "en": "x" }, "slug": "xx", "money": money, "action": "addCustomLineItem" });
    let shipping = json!({
        "action": "setCustomShippingMethod", "shippingMethodName": "bike", "shippingRate": { "price": money }
    });
    let mut item_field = address.clone();
    item_field["action"] = json!("setItemShippingAddressCustomField");
    vec![
        custom,
        shipping,
        item_field,
        json!({ "action": "setItemShippingAddressCustomType", "addressKey": "home" }),
        json!({ "action": "addShoppingList", "shoppingList": { "key": "weekly" } }),
        json!({ "action": "applyDeltaToCustomLineItemShippingDetailsTargets", "targetsDelta": [] }),
        json!({ "action": "changeCustomLineItemMoney", "money": money }),
        json!({ "action": "changeCustomLineItemPriceMode", "mode": "External" }),
        json!({ "action": "changeCustomLineItemQuantity", "quantity": 0 }),
        json!({ "action": "changePriceRoundingMode", "priceRoundingMode": "HalfUp" }),
        json!({ "action": "changeTaxCalculationMode", "taxCalculationMode": "UnitPriceLevel" }),
        json!({ "action": "changeTaxRoundingMode", "taxRoundingMode": "HalfDown" }),
        json!({ "action": "freezeCart" }),
        json!({ "action": "unfreezeCart" }),
        json!({ "action": "removeCustomLineItem" }),
        json!({ "action": "setAnonymousId" }),
        json!({ "action": "setBillingAddressCustomField", "name": "text" }),
        json!({ "action": "setBillingAddressCustomType" }),
        json!({ "action": "setCartTotalTax", "externalTotalGross": money }),
        json!({ "action": "setCustomLineItemCustomField", "name": "text" }),
        json!({ "action": "setCustomLineItemCustomType" }),
        json!({ "action": "setCustomLineItemShippingDetails" }),
        json!({ "action": "setCustomLineItemTaxAmount" }),
        json!({ "action": "setCustomLineItemTaxRate" }),
        json!({ "action": "setCustomerGroup" }),
        json!({ "action": "setCustomerId" }),
        json!({ "action": "setKey" }),
        json!({ "action": "setLineItemInventoryMode" }),
        json!({ "action": "setLineItemPrice" }),
        json!({ "action": "setLineItemTaxAmount" }),
        json!({ "action": "setLineItemTaxRate" }),
        json!({ "action": "setLineItemTotalPrice" }),
        json!({ "action": "setPurchaseOrderNumber" }),
        json!({ "action": "setShippingAddressCustomField", "name": "text" }),
        json!({ "action": "setShippingAddressCustomType" }),
        json!({ "action": "setShippingCustomField", "name": "text" }),
        json!({ "action": "setShippingCustomType" }),
        json!({ "action": "setShippingMethodTaxAmount" }),
        json!({ "action": "setShippingMethodTaxRate" }),
        json!({ "action": "setShippingRateInput" }),
    ]
}

#[test]
fn a_shoppers_actions_are_a_back_ends_too() {
    let mine: Vec<MyCartAction> = decode_actions(of_shoppers()).unwrap();
    let all: Vec<CartAction> = decode_actions(of_shoppers()).unwrap();
    let translated: Vec<CartAction> = mine.into_iter().map(Into::into).collect();
    assert_eq!(translated, all);
}

#[test]
fn a_back_ends_actions_do_not_exist_for_shoppers() {
    assert_eq!(
        decode_actions::<CartAction>(of_back_ends()).unwrap().len(),
        40
    );
    for action in of_back_ends() {
        let error = decode_actions::<MyCartAction>(vec![action.clone()]).unwrap_err();
        assert!(
            matches!(error, DomainError::UnknownAction { .. }),
            "{action}"
        );
    }
}

#[test]
fn a_wrong_member_is_named_with_its_position() {
    let actions = vec![
        json!({ "action": "recalculate" }),
        json!({ "action": "addLineItem", "sku": "SKU-1", "quantity": "two" }),
    ];
    let Err(DomainError::InvalidJson { detail }) = decode_actions::<CartAction>(actions) else {
        panic!("it must not decode");
    };
    assert!(
        detail.starts_with("actions[1] (`addLineItem`): `quantity`: "),
        "{detail}"
    );
}

#[test]
fn prices_and_rates_of_a_shopper_are_not_even_read() {
    let mut shop = Shop::new();
    let cart = shop.euro_cart(&[]);
    let actions = vec![json!({
        "action": "addLineItem", "sku": "SKU-1",
        "externalPrice": { "currencyCode": "EUR", "centAmount": 1 },
        "externalTaxRate": { "name": "x", "amount": 0, "country": "DE" }
    })];
    let mut changed = cart.clone();
    let mut context = shop.around.context();
    for action in decode_actions::<MyCartAction>(actions).unwrap() {
        changed.apply(action.into(), &mut context).unwrap();
    }
    changed.settle(&mut context).unwrap();
    assert_eq!(changed.total_price.cent_amount.get(), 1234);
}
