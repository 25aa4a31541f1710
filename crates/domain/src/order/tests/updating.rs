//! What happens to an order after it was placed.

use serde_json::{Value, json};

use super::{order, updated};
use crate::{
    cart::tests::{Shop, is_operation},
    catalog::state::State,
    error::DomainError,
    order::{INITIAL_STATE_ID, Order, PaymentState, ShipmentState},
    payment::Payment,
    resource::Resource,
};

/// The one message that an action leaves: its type and payload.
fn left(shop: &mut Shop, order: &Order, action: Value) -> (Order, &'static str, Value) {
    let (changed, messages) = updated(shop, order, json!([action])).unwrap();
    assert_eq!(messages.len(), 1, "{messages:?}");
    let payload = Value::Object(messages[0].payload.clone());
    (changed, messages[0].message_type, payload)
}

#[test]
fn states_change_with_a_message_and_stay_without() {
    let mut shop = Shop::new();
    shop.by_backend();
    let placed = order(&mut shop);
    let confirm = json!({ "action": "changeOrderState", "orderState": "Confirmed" });
    let (confirmed, name, payload) = left(&mut shop, &placed, confirm.clone());
    assert_eq!(name, "OrderStateChanged");
    assert_eq!(
        payload,
        json!({ "orderState": "Confirmed", "oldOrderState": "Open" })
    );
    let (same, messages) = updated(&mut shop, &confirmed, json!([confirm])).unwrap();
    assert_eq!((same, messages.len()), (confirmed, 0));

    let (paid, name, payload) = left(
        &mut shop,
        &placed,
        json!({ "action": "changePaymentState", "paymentState": "Paid" }),
    );
    assert_eq!(paid.payment_state, Some(PaymentState::Paid));
    assert_eq!(name, "OrderPaymentStateChanged");
    assert_eq!(payload, json!({ "paymentState": "Paid" }));

    let (shipped, name, _) = left(
        &mut shop,
        &placed,
        json!({ "action": "changeShipmentState", "shipmentState": "Shipped" }),
    );
    assert_eq!(shipped.shipment_state, Some(ShipmentState::Shipped));
    assert_eq!(name, "OrderShipmentStateChanged");
}

#[test]
fn an_order_number_is_set_once() {
    let mut shop = Shop::new();
    let placed = order(&mut shop);
    let set = |number: &str| json!([{ "action": "setOrderNumber", "orderNumber": number }]);
    let (numbered, _) = updated(&mut shop, &placed, set("1")).unwrap();
    assert_eq!(numbered.index().unique[0].value, "1");
    assert_eq!(updated(&mut shop, &numbered, set("1")).unwrap().0, numbered);
    assert!(is_operation(
        &updated(&mut shop, &numbered, set("2")).unwrap_err()
    ));
}

#[test]
fn an_order_goes_to_a_customer_with_a_message() {
    let mut shop = Shop::new();
    let placed = order(&mut shop);
    let alice = shop.alice.clone();
    let (owned, name, payload) = left(
        &mut shop,
        &placed,
        json!({ "action": "setCustomerId", "customerId": alice.id }),
    );
    assert_eq!(owned.customer_id, Some(alice.id.clone()));
    assert_eq!(owned.anonymous_id.as_deref(), Some("phone-123"));
    assert_eq!(name, "OrderCustomerSet");
    assert_eq!(
        payload,
        json!({ "customer": { "typeId": "customer", "id": alice.id } })
    );

    let mut assigned = placed;
    let mut context = shop.around.context();
    assigned.assign(&alice, &mut context).unwrap();
    assert_eq!(context.messages[0].message_type, "OrderCustomerSet");
    drop(context);
    assert_eq!(assigned, owned);
}

#[test]
fn addresses_and_the_e_mail_change_with_a_message() {
    let mut shop = Shop::new();
    let placed = order(&mut shop);
    for (action, message) in [
        ("setShippingAddress", "OrderShippingAddressSet"),
        ("setBillingAddress", "OrderBillingAddressSet"),
    ] {
        let action = json!({ "action": action, "address": { "country": "DE", "city": "Bonn" } });
        let (_, name, payload) = left(&mut shop, &placed, action);
        assert_eq!(name, message);
        assert_eq!(payload["address"]["city"], "Bonn");
        assert_eq!(payload["oldAddress"]["city"], "Berlin");
    }
    let (_, name, payload) = left(
        &mut shop,
        &placed,
        json!({ "action": "setCustomerEmail", "email": "new@example.com" }),
    );
    assert_eq!(name, "OrderCustomerEmailSet");
    assert_eq!(
        payload,
        json!({ "email": "new@example.com", "oldEmail": "guest@example.com" })
    );
}

#[test]
fn the_shops_own_process_allows_what_its_states_allow() {
    let mut shop = Shop::new();
    shop.by_backend();
    let mut state = |key: &str, initial: bool, transitions: Option<Value>| {
        let mut draft = json!({ "key": key, "type": "OrderState", "initial": initial });
        if let Some(transitions) = transitions {
            draft["transitions"] = transitions;
        }
        shop.around.created::<State>(draft)
    };
    let packed = state("packed", false, None);
    let sent = state("sent", false, None);
    let picked = state(
        "picked",
        true,
        Some(json!([{ "typeId": "state", "id": packed.id }])),
    );
    let placed = order(&mut shop);
    let to = |state: &State| json!([{ "action": "transitionState", "state": { "id": state.id } }]);
    assert!(is_operation(
        &updated(&mut shop, &placed, to(&packed)).unwrap_err()
    ));
    let (first, messages) = updated(&mut shop, &placed, to(&picked)).unwrap();
    assert_eq!(messages[0].message_type, "OrderStateTransition");
    assert!(is_operation(
        &updated(&mut shop, &first, to(&sent)).unwrap_err()
    ));
    let forced =
        json!([{ "action": "transitionState", "state": { "id": sent.id }, "force": true }]);
    assert!(updated(&mut shop, &first, forced).is_ok());
    let (second, _) = updated(&mut shop, &first, to(&packed)).unwrap();
    assert_eq!(
        second.state.as_ref().map(|state| state.id.as_str()),
        Some(packed.id.as_str())
    );
    assert!(updated(&mut shop, &second, to(&sent)).is_ok());
}

#[test]
fn units_move_between_states_and_none_is_lost() {
    let mut shop = Shop::new();
    shop.by_backend();
    shop.around
        .world
        .put_bare(crate::kind::Kind::State, INITIAL_STATE_ID, Some("Initial"));
    let packed = shop
        .around
        .created::<State>(json!({ "key": "packed", "type": "LineItemState" }));
    let placed = order(&mut shop);
    let id = placed.line_items[0].id.clone();
    let shift = |quantity: i64| {
        json!({
            "action": "transitionLineItemState", "lineItemId": id, "quantity": quantity,
            "fromState": { "id": INITIAL_STATE_ID }, "toState": { "typeId": "state", "id": packed.id }
        })
    };
    let (shifted, name, payload) = left(&mut shop, &placed, shift(2));
    assert_eq!(name, "LineItemStateTransition");
    assert_eq!(payload["quantity"], 2);
    assert_eq!(payload["lineItemId"], id.as_str());
    let states: Vec<(i64, &str)> = shifted.line_items[0]
        .state
        .iter()
        .map(|state| (state.quantity, state.state.id.as_str()))
        .collect();
    assert_eq!(states, [(1, INITIAL_STATE_ID), (2, packed.id.as_str())]);
    assert!(is_operation(
        &updated(&mut shop, &shifted, json!([shift(2)])).unwrap_err()
    ));
    let (all, _) = updated(&mut shop, &shifted, json!([shift(1)])).unwrap();
    assert_eq!(all.line_items[0].state.len(), 1);
    assert_eq!(all.line_items[0].state[0].quantity, 3);
}

#[test]
fn payments_are_added_and_removed() {
    let mut shop = Shop::new();
    shop.by_backend();
    let payment = shop.around.created::<Payment>(
        json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 4192 } }),
    );
    let placed = order(&mut shop);
    let action = |name: &str| json!({ "action": name, "payment": { "typeId": "payment", "id": payment.id } });
    let (paid, name, _) = left(&mut shop, &placed, action("addPayment"));
    assert_eq!(name, "OrderPaymentAdded");
    assert_eq!(
        updated(&mut shop, &paid, json!([action("addPayment")]))
            .unwrap()
            .0,
        paid
    );
    let (unpaid, _) = updated(&mut shop, &paid, json!([action("removePayment")])).unwrap();
    assert_eq!(unpaid.payment_info, None);
}

#[test]
fn deliveries_and_parcels_come_and_go() {
    let mut shop = Shop::new();
    shop.by_backend();
    let placed = order(&mut shop);
    let id = placed.line_items[0].id.clone();
    let (sent, name, payload) = left(
        &mut shop,
        &placed,
        json!({
            "action": "addDelivery", "deliveryKey": "first", "items": [{ "id": id, "quantity": 2 }],
            "parcels": [{ "key": "box-1", "trackingData": { "trackingId": "T1", "carrier": "DHL" } }]
        }),
    );
    assert_eq!(name, "DeliveryAdded");
    assert_eq!(payload["delivery"]["key"], "first");
    let (more, name, _) = left(
        &mut shop,
        &sent,
        json!({ "action": "addParcelToDelivery", "deliveryKey": "first", "parcelKey": "box-2" }),
    );
    assert_eq!(name, "ParcelAddedToDelivery");
    let deliveries = &more.shipping_info.as_ref().unwrap().deliveries;
    assert_eq!(deliveries[0].parcels.len(), 2);
    let (fewer, _) = updated(
        &mut shop,
        &more,
        json!([{ "action": "removeParcelFromDelivery", "parcelKey": "box-1" }]),
    )
    .unwrap();
    assert_eq!(
        fewer.shipping_info.as_ref().unwrap().deliveries[0]
            .parcels
            .len(),
        1
    );
    let (none, _) = updated(
        &mut shop,
        &fewer,
        json!([{ "action": "removeDelivery", "deliveryKey": "first" }]),
    )
    .unwrap();
    assert_eq!(none, placed);
    let unknown = json!([{ "action": "removeDelivery", "deliveryKey": "first" }]);
    assert!(matches!(
        updated(&mut shop, &none, unknown),
        Err(DomainError::InvalidField { .. })
    ));
}

#[test]
fn goods_come_back_in_steps() {
    let mut shop = Shop::new();
    shop.by_backend();
    let placed = order(&mut shop);
    let id = placed.line_items[0].id.clone();
    let item = |quantity: i64| {
        json!({
            "key": "back", "lineItemId": id, "quantity": quantity, "shipmentState": "Advised"
        })
    };
    let add = |quantity: i64| json!({ "action": "addReturnInfo", "items": [item(quantity)] });
    assert!(updated(&mut shop, &placed, json!([add(4)])).is_err());
    let (advised, name, payload) = left(&mut shop, &placed, add(1));
    assert_eq!(name, "ReturnInfoAdded");
    assert_eq!(
        payload["returnInfo"]["items"][0]["paymentState"],
        "NonRefundable"
    );
    assert_eq!(
        payload["returnInfo"]["items"][0]["type"],
        "LineItemReturnItem"
    );
    let refund = json!([{ "action": "setReturnPaymentState", "returnItemKey": "back", "paymentState": "Refunded" }]);
    assert!(is_operation(
        &updated(&mut shop, &advised, refund.clone()).unwrap_err()
    ));
    let (returned, _) = updated(
        &mut shop,
        &advised,
        json!([{ "action": "setReturnShipmentState", "returnItemKey": "back", "shipmentState": "Returned" }]),
    )
    .unwrap();
    assert!(updated(&mut shop, &returned, refund).is_ok());
    let (none, _) = updated(&mut shop, &returned, json!([{ "action": "setReturnInfo" }])).unwrap();
    assert!(none.return_info.is_empty());
}

#[test]
fn an_order_placed_elsewhere_is_taken_as_it_is() {
    let mut shop = Shop::new();
    shop.by_backend();
    let euro = |cents: i64| json!({ "currencyCode": "EUR", "centAmount": cents });
    let imported: Order = shop
        .around
        .create(json!({
            "orderNumber": "old-1", "customerId": shop.alice.id, "totalPrice": euro(999),
            "lineItems": [{
                "name": { "en": "Old" }, "variant": { "sku": "SKU-1" }, "quantity": 2,
                "price": { "value": euro(-500) }
            }],
            "taxedPrice": { "totalNet": euro(900), "totalGross": euro(999) },
            "orderState": "Complete", "completedAt": "2020-01-01T00:00:00.000Z"
        }))
        .unwrap();
    assert_eq!(imported.total_price.cent_amount.get(), 999);
    assert_eq!(imported.line_items[0].total_price.cent_amount.get(), -1000);
    assert_eq!(imported.cart, None);
    assert_eq!(imported.customer_id, Some(shop.alice.id.clone()));
    let empty = shop
        .around
        .create::<Order>(json!({ "totalPrice": euro(0) }));
    assert!(is_operation(&empty.unwrap_err()));
}
