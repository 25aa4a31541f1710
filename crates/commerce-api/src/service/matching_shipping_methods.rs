//! Which shipping methods a cart can have, and which ship to a place.

use std::cmp::Reverse;

use domain::{
    address::Address,
    cart::{Cart, CartAction, CartState, ShippingMode},
    catalog::{
        shipping_method::ShippingMethod,
        zone::{Location, Zone, zone_of},
    },
    context::Context,
    error::DomainError,
    kind::Kind,
    money::Currency,
    reference::ResourceIdentifier,
    resource::Resource as _,
    world::By,
};
use shared::db::ReadTx;

use super::{rules, session::require_live, work::not_found};
use crate::{app_state::AppState, error::CommerceError, request::RequestContext, store::documents};

/// The methods that can be set on a cart the request can see, each with the rate it would get; the default comes first.
///
/// With a place, the cart is taken to go there.
///
/// # Errors
/// [`DomainError::ResourceNotFound`] for the cart, [`DomainError::InvalidOperation`] if it goes nowhere.
pub fn for_cart(
    tx: &mut ReadTx<'_>,
    state: &AppState,
    request: &RequestContext,
    cart: &str,
    place: Option<Location>,
) -> Result<Vec<ShippingMethod>, CommerceError> {
    require_live(tx, request)?;
    let by = By::Id(cart);
    let row =
        documents::find(tx, &request.visibility(), Kind::Cart, by)?.ok_or_else(|| not_found(by))?;
    let mut cart = row.parse::<Cart>()?;
    if let Some(place) = place {
        cart.shipping_address = Some(Address {
            country: place.country,
            state: place.state,
            ..Address::default()
        });
    }
    let Some(address) = &cart.shipping_address else {
        return Err(DomainError::operation(
            "the cart needs a shipping address before shipping methods can match it",
        )
        .into());
    };
    let place = Location {
        country: address.country.clone(),
        state: address.state.clone(),
    };
    // Which methods would match is asked of carts in every state.
    cart.cart_state = CartState::Active;
    cart.shipping_mode = ShippingMode::Single;
    let currency = Some(cart.total_price.currency_code);
    rules::ask(tx, &state.bench, request, |context| {
        matching(context, &place, currency, |method, context| {
            can_have(&cart, method, context)
        })
    })
}

/// The methods without predicate that ship to a place, in a currency or in any; the default comes first.
///
/// # Errors
/// [`CommerceError`] from the database.
pub fn for_location(
    tx: &mut ReadTx<'_>,
    state: &AppState,
    request: &RequestContext,
    place: &Location,
    currency: Option<Currency>,
) -> Result<Vec<ShippingMethod>, CommerceError> {
    require_live(tx, request)?;
    rules::ask(tx, &state.bench, request, |context| {
        matching(context, place, currency, |method, _| {
            Ok(method.predicate.is_none() && method.serves_store(None))
        })
    })
}

/// The active methods that fulfil a condition and have a rate for the place, with such rates marked; the default comes
/// first.
fn matching(
    context: &mut Context<'_>,
    place: &Location,
    currency: Option<Currency>,
    mut fits: impl FnMut(&ShippingMethod, &mut Context<'_>) -> Result<bool, DomainError>,
) -> Result<Vec<ShippingMethod>, DomainError> {
    let zones = context.world.all::<Zone>()?;
    let zones = zones.iter().map(AsRef::as_ref);
    let Some(zone) = zone_of(zones, &place.country, place.state.as_deref()) else {
        return Ok(Vec::new());
    };
    let mut methods = context.world.all::<ShippingMethod>()?;
    methods.sort_by_key(|method| Reverse(method.is_default));
    let mut matching = Vec::new();
    for method in methods.iter().filter(|method| method.active) {
        let mut shown = ShippingMethod::clone(method);
        let has_rate = mark_rates(&mut shown, zone, currency);
        if has_rate && fits(method, context)? {
            matching.push(shown);
        }
    }
    Ok(matching)
}

/// Marks the rates for a zone in a currency, or in any; answers whether there are some.
fn mark_rates(method: &mut ShippingMethod, zone: &Zone, currency: Option<Currency>) -> bool {
    let mut has_rate = false;
    for there in &mut method.zone_rates {
        for rate in &mut there.shipping_rates {
            let matches = there.zone.id == zone.id
                && currency.is_none_or(|currency| rate.price.currency_code == currency);
            rate.is_matching = Some(matches);
            has_rate |= matches;
        }
    }
    has_rate
}

/// Whether the method could be set on the cart: the cart's own rules decide.
fn can_have(
    cart: &Cart,
    method: &ShippingMethod,
    context: &mut Context<'_>,
) -> Result<bool, DomainError> {
    let choice = CartAction::SetShippingMethod {
        shipping_method: Some(ResourceIdentifier::by_id(&method.id)),
        external_tax_rate: None,
    };
    match cart.clone().apply(choice, context) {
        Ok(()) => Ok(true),
        Err(DomainError::InvalidOperation { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
