//! Placing orders and what happens to them afterwards.

mod importing;
mod placing;
mod updating;

use serde_json::{Value, json};

use crate::{
    cart::{
        Cart,
        tests::{Shop, berlin, standard_shipping},
    },
    error::DomainError,
    message::Message,
    order::{Order, OrderFromCartDraft, place},
    resource::{Resource, decode_actions},
};

/// A cart of `quantity` × SKU-1 with addresses and shipping, ready to be ordered.
fn ready(shop: &mut Shop, quantity: i64) -> Cart {
    let cart = shop.euro_cart(&[("SKU-1", quantity)]);
    shop.applied(
        &cart,
        json!([
            { "action": "setCustomerEmail", "email": "guest@example.com" },
            { "action": "setShippingAddress", "address": berlin() },
            { "action": "setBillingAddress", "address": berlin() },
            standard_shipping()
        ]),
    )
}

/// Orders a cart at its present version, with these members of the draft.
fn ordered_with(
    shop: &mut Shop,
    cart: &Cart,
    members: Value,
) -> Result<(Order, Cart, Vec<Message>), DomainError> {
    let mut draft = json!({ "id": cart.id, "version": cart.version });
    for (name, value) in members.as_object().unwrap() {
        draft[name] = value.clone();
    }
    let draft: OrderFromCartDraft = serde_json::from_value(draft).unwrap();
    let mut context = shop.around.context();
    let (order, cart) = place(cart, draft, &mut context)?;
    let messages = context.messages;
    Ok((order, cart, messages))
}

fn ordered(shop: &mut Shop, cart: &Cart) -> Result<(Order, Cart, Vec<Message>), DomainError> {
    ordered_with(shop, cart, json!({}))
}

/// An order of 3 × SKU-1, stored.
fn order(shop: &mut Shop) -> Order {
    let cart = ready(shop, 3);
    let (order, _, _) = ordered(shop, &cart).unwrap();
    shop.around.world.put(&order);
    order
}

/// Applies actions and returns what they left.
fn updated(
    shop: &mut Shop,
    order: &Order,
    actions: Value,
) -> Result<(Order, Vec<Message>), DomainError> {
    let mut changed = order.clone();
    let mut context = shop.around.context();
    for action in decode_actions(actions.as_array().unwrap().clone())? {
        changed.apply(action, &mut context)?;
    }
    Ok((changed, context.messages))
}
