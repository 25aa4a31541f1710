//! Carts beyond the shared life cycle.

use domain::{
    cart::{
        Cart, CartAction, CartOrigin, CartState, assign,
        replicate::{self, Original},
        sign_in::WhenBlocked,
    },
    customer::Customer,
    error::DomainError,
    identity::{ids::CustomerId, principal::Subject},
    kind::Kind,
    order::Order,
    reference::{Reference, ResourceIdentifier},
    resource::Resource as _,
    world::By,
};
use shared::{
    db::{DbError, ReadTx},
    random::uuid,
};

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
    store::{
        documents::{self, Row},
        visibility::Visibility,
    },
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
            let found = find_active(tx, &seen)?;
            let missing = DomainError::ResourceNotFound {
                identifier: ResourceIdentifier {
                    type_id: None,
                    id: None,
                    key: None,
                },
            };
            Ok(found.ok_or(missing)?.body)
        })
        .await
}

fn find_active(tx: &mut ReadTx<'_>, seen: &Visibility) -> Result<Option<Row>, DbError> {
    for row in documents::latest(tx, seen, Kind::Cart, "Active", LOOKED_AT)? {
        let made_by_owner = matches!(
            row.parse::<Cart>()?.origin,
            CartOrigin::Customer | CartOrigin::RecurringOrder
        );
        if made_by_owner {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Selects the prices of a customer's active cart again: the customer's groups have changed.
///
/// # Errors
/// [`DomainError::MatchingPriceNotFound`], [`DomainError::MissingTaxRateForCountry`].
pub fn reprice_active(work: &mut Work<'_, '_>, customer: &Customer) -> Result<(), CommerceError> {
    let mut seen = work.request.whole_project();
    seen.owner = Subject::Customer(CustomerId::new(&customer.id));
    let Some(found) = find_active(work.tx, &seen)? else {
        return Ok(());
    };
    // Whoever changes it meanwhile comes first, or waits.
    let by = By::Id(&found.id);
    let Some(row) = documents::find_locked(work.tx, &seen, Kind::Cart, by)? else {
        return Ok(());
    };
    let before = row.parse::<Cart>()?;
    if before.cart_state != CartState::Active {
        return Ok(());
    }
    let (after, messages) = work.rules_for(Kind::Cart, &Subject::Client, |context| {
        let mut after = before.clone();
        assign(&mut after, customer);
        let reprice = CartAction::Recalculate {
            update_product_data: false,
        };
        after.apply(reprice, context)?;
        after.settle(context)?;
        Ok(after)
    })?;
    work.save(&row, &before, after, messages)?;
    Ok(())
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
    let id = uuid(work.bench.randomness.as_ref());
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
    let cart = adoption::complete(work, &customer, sign_in, WhenBlocked::Refuse, "merge")?;
    cart.ok_or_else(|| not_found(by))
}
