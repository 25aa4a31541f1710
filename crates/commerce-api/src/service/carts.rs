//! Carts beyond the shared life cycle.

use domain::{
    cart::{
        Cart, CartOrigin,
        replicate::{self, Original},
        sign_in::WhenBlocked,
    },
    customer::Customer,
    error::DomainError,
    identity::ids::CustomerId,
    kind::Kind,
    order::Order,
    reference::{Reference, ResourceIdentifier},
    resource::Resource as _,
    world::By,
};
use shared::random::uuid;

use super::{
    adoption::{self, SignIn},
    references,
    session::require_live,
    work::{Work, not_found},
};
use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{documents, visibility::Visibility},
};

/// How many of an owner's active carts are looked at to find one that the owner made.
const LOOKED_AT: i64 = 100;

/// The most recently modified active cart that its owner made.
///
/// # Errors
/// [`DomainError::ResourceNotFound`] if there is none, [`CommerceError::TokenInvalid`].
pub async fn active(
    state: &AppState,
    request: &RequestContext,
    seen: Visibility,
) -> Result<String, CommerceError> {
    let request = request.clone();
    state
        .database
        .read(move |tx| {
            require_live(tx, &request)?;
            for row in documents::latest(tx, &seen, Kind::Cart, "Active", LOOKED_AT)? {
                let cart = row.parse::<Cart>()?;
                if matches!(
                    cart.origin,
                    CartOrigin::Customer | CartOrigin::RecurringOrder
                ) {
                    return Ok(row.body);
                }
            }
            Err(DomainError::ResourceNotFound {
                identifier: ResourceIdentifier {
                    type_id: None,
                    id: None,
                    key: None,
                },
            }
            .into())
        })
        .await
}

/// A new cart with the content of a cart or an order that the request can see.
///
/// # Errors
/// [`DomainError::ResourceNotFound`] on `/me`, [`DomainError::ReferencedResourceNotFound`] elsewhere; what the rules
/// refuse.
pub fn replicate(
    work: &mut Work<'_, '_>,
    reference: &Reference,
    key: Option<String>,
) -> Result<Cart, CommerceError> {
    work.hold_session()?;
    references::require_store(work)?;
    let by = By::Id(&reference.id);
    let seen = work.request.visibility();
    let row = match reference.type_id {
        kind @ (Kind::Cart | Kind::Order) => documents::find(work.tx, &seen, kind, by)?,
        other => {
            return Err(DomainError::json(format!(
                "`reference.typeId`: expected `cart` or `order`, found `{}`",
                other.type_id()
            ))
            .into());
        }
    };
    let row = row.ok_or_else(|| not_found(by))?;
    let cart;
    let order;
    let original = if reference.type_id == Kind::Cart {
        cart = row.parse::<Cart>()?;
        Original::Cart(&cart)
    } else {
        order = row.parse::<Order>()?;
        Original::Order(&order)
    };
    let (copy, messages) = work.rules(Kind::Cart, |context| {
        replicate::replicate(original, key, context)
    })?;
    let id = uuid(work.state.randomness.as_ref());
    work.insert(copy, id, messages)
}

/// `POST /carts/customer-id={id}/merge`: what sign-in does with carts, for customers who sign in elsewhere.
///
/// # Errors
/// [`DomainError::InvalidInput`] if neither cart nor anonymous id is given, [`DomainError::ResourceNotFound`] for an
/// unknown customer or if there is no cart at all.
pub fn merge_into_customer(
    work: &mut Work<'_, '_>,
    customer: &CustomerId,
    sign_in: &SignIn,
) -> Result<Cart, CommerceError> {
    adoption::lock_session(work, sign_in.guest.as_ref())?;
    if sign_in.guest.is_none() && sign_in.cart.is_none() {
        return Err(DomainError::input("`anonymousCart` or `anonymousId` is required").into());
    }
    let by = By::Id(customer.as_str());
    let seen = work.request.visibility();
    let row = documents::find(work.tx, &seen, Customer::KIND, by)?.ok_or_else(|| not_found(by))?;
    let customer = row.parse::<Customer>()?;
    let cart = adoption::adopt(work, &customer, sign_in, WhenBlocked::Refuse)?;
    adoption::end_session(work, sign_in.guest.as_ref(), &customer, "merge")?;
    cart.ok_or_else(|| not_found(by))
}
