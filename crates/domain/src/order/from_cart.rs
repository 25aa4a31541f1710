//! From cart to order.

use serde::Deserialize;

use crate::{
    cart::{Cart, CartState},
    context::Context,
    custom_fields::{CustomFields, CustomFieldsDraft},
    error::DomainError,
    kind::Kind,
    message::Message,
    order::{
        Order, OrderState, PaymentState, ShipmentState,
        checks::{
            check_codes, check_order_number, check_orderable, check_prices, check_products,
            check_shipping, check_shipping_details, check_version,
        },
    },
    reference::{Reference, ResourceIdentifier},
    resource::{Envelope, unborn},
};

/// What a back end sends to order a cart.
///
/// Source: <https://docs.commercetools.com/api/projects/orders#orderfromcartdraft>.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderFromCartDraft {
    /// Id of the cart; the older way to name it.
    pub id: Option<String>,
    /// The cart.
    pub cart: Option<ResourceIdentifier>,
    /// The version of the cart that is ordered.
    pub version: i64,
    pub order_number: Option<String>,
    pub purchase_order_number: Option<String>,
    pub payment_state: Option<PaymentState>,
    pub shipment_state: Option<ShipmentState>,
    /// `Open` if absent.
    pub order_state: Option<OrderState>,
    pub state: Option<ResourceIdentifier>,
    /// Merged over the cart's custom fields; must be of the same type.
    pub custom: Option<CustomFieldsDraft>,
}

impl OrderFromCartDraft {
    /// How the draft names the cart.
    ///
    /// # Errors
    /// [`DomainError::InvalidJson`] unless exactly one of `id` and `cart` is given.
    pub fn cart(&self) -> Result<ResourceIdentifier, DomainError> {
        match (&self.id, &self.cart) {
            (Some(id), None) => Ok(ResourceIdentifier::by_id(id.as_str())),
            (None, Some(cart)) => Ok(cart.clone()),
            _ => Err(DomainError::json(
                "exactly one of `cart` and `id` must name the cart",
            )),
        }
    }
}

/// What a shopper sends to order a cart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MyOrderFromCartDraft {
    /// Id of the cart.
    pub id: String,
    /// The version of the cart that is ordered.
    pub version: i64,
}

impl From<MyOrderFromCartDraft> for OrderFromCartDraft {
    fn from(mine: MyOrderFromCartDraft) -> Self {
        Self {
            id: Some(mine.id),
            version: mine.version,
            ..Self::default()
        }
    }
}

/// Makes an order of a cart and closes the cart. Both are to be saved in one transaction.
///
/// The envelope of the order is filled here, because the message `OrderCreated` contains the order. The cart's envelope
/// is left to the caller. Stock is left to the caller too, see [`crate::order::stock_demand`].
///
/// # Errors
/// The first of these that applies: [`DomainError::ConcurrentModification`] for another version,
/// [`DomainError::InvalidOperation`] for a closed or empty cart, one without shipping address, with incomplete taxes or
/// with products that are not sold any more, [`DomainError::PriceChanged`], [`DomainError::DiscountCodeNonApplicable`],
/// [`DomainError::ShippingMethodDoesNotMatchCart`], [`DomainError::InvalidItemShippingDetails`],
/// [`DomainError::DuplicateField`] for the order number.
///
/// Source: <https://docs.commercetools.com/api/projects/orders#create-order-from-cart>.
pub fn place(
    cart: &Cart,
    draft: OrderFromCartDraft,
    context: &mut Context<'_>,
) -> Result<(Order, Cart), DomainError> {
    check_version(cart, draft.version)?;
    check_orderable(cart)?;
    check_products(cart, context)?;
    let shipping_state = check_prices(cart, context)?;
    check_codes(cart)?;
    check_shipping(cart, shipping_state, context)?;
    check_shipping_details(cart)?;
    check_order_number(draft.order_number.as_deref(), context)?;

    let mut order = copy(cart, draft, context)?;
    order.born(context.ids.uuid(), context.author, context.now);
    context.emit(Message::new("OrderCreated").with_document("order", &order)?);
    let mut ordered = cart.clone();
    ordered.cart_state = CartState::Ordered;
    ordered.freeze_strategy = None;
    Ok((order, ordered))
}

/// The cart's custom fields with the draft's over them.
fn custom_of(
    cart: &Cart,
    draft: Option<CustomFieldsDraft>,
    context: &mut Context<'_>,
) -> Result<Option<CustomFields>, DomainError> {
    let Some(mut draft) = draft else {
        return Ok(cart.custom.clone());
    };
    let Some(custom) = &cart.custom else {
        return draft.resolve("order", context).map(Some);
    };
    let named = context
        .world
        .reference(Kind::Type, &draft.type_identifier)?;
    if named != custom.type_reference {
        return Err(DomainError::operation(
            "`custom` must be of the same type as the custom fields of the cart",
        ));
    }
    for (name, value) in &custom.fields {
        if !draft.fields.contains_key(name) {
            draft.fields.insert(name.clone(), value.clone());
        }
    }
    draft.resolve("order", context).map(Some)
}

fn copy(
    cart: &Cart,
    draft: OrderFromCartDraft,
    context: &mut Context<'_>,
) -> Result<Order, DomainError> {
    let custom = custom_of(cart, draft.custom, context)?;
    let state = draft
        .state
        .map(|named| context.world.reference(Kind::State, &named))
        .transpose()?;
    let cart_copy = cart.clone();
    Ok(Order {
        id: String::new(),
        version: 1,
        created_at: unborn(),
        last_modified_at: unborn(),
        created_by: None,
        last_modified_by: None,
        order_number: draft.order_number,
        purchase_order_number: draft
            .purchase_order_number
            .or(cart_copy.purchase_order_number),
        customer_id: cart_copy.customer_id,
        customer_email: cart_copy.customer_email,
        customer_group: cart_copy.customer_group,
        anonymous_id: cart_copy.anonymous_id,
        store: cart_copy.store,
        line_items: cart_copy.line_items,
        custom_line_items: cart_copy.custom_line_items,
        total_price: cart_copy.total_price,
        taxed_price: cart_copy.taxed_price,
        taxed_shipping_price: cart_copy.taxed_shipping_price,
        discount_on_total_price: cart_copy.discount_on_total_price,
        tax_mode: cart_copy.tax_mode,
        price_rounding_mode: cart_copy.price_rounding_mode,
        tax_rounding_mode: cart_copy.tax_rounding_mode,
        tax_calculation_mode: cart_copy.tax_calculation_mode,
        inventory_mode: cart_copy.inventory_mode,
        billing_address: cart_copy.billing_address,
        shipping_address: cart_copy.shipping_address,
        shipping_mode: cart_copy.shipping_mode,
        shipping_key: cart_copy.shipping_key,
        shipping_info: cart_copy.shipping_info,
        shipping_rate_input: cart_copy.shipping_rate_input,
        shipping_custom_fields: cart_copy.shipping_custom_fields,
        shipping: cart_copy.shipping,
        item_shipping_addresses: cart_copy.item_shipping_addresses,
        discount_codes: cart_copy.discount_codes,
        direct_discounts: cart_copy.direct_discounts,
        refused_gifts: cart_copy.refused_gifts,
        payment_info: cart_copy.payment_info,
        country: cart_copy.country,
        locale: cart_copy.locale,
        origin: cart_copy.origin,
        cart: Some(Reference::new(Kind::Cart, cart_copy.id)),
        order_state: draft.order_state.unwrap_or_default(),
        shipment_state: draft.shipment_state,
        payment_state: draft.payment_state,
        state,
        sync_info: Vec::new(),
        return_info: Vec::new(),
        discount_type_combination: cart_copy.discount_type_combination,
        custom,
        completed_at: None,
    })
}
