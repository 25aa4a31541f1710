//! References that must exist, and those that must not when something is deleted.

use domain::{error::DomainError, kind::Kind, world::By};

use shared::db::ReadTx;

use super::work::{Work, not_found};
use crate::{
    error::CommerceError,
    request::RequestContext,
    store::{documents, patience::looking},
};

/// Refuses an in-store path of a store that does not exist.
///
/// # Errors
/// [`DomainError::ResourceNotFound`].
pub fn require_store(work: &mut Work<'_, '_>) -> Result<(), CommerceError> {
    require_known_store(work.tx, work.request)
}

/// [`require_store`] outside of a write transaction.
///
/// # Errors
/// [`DomainError::ResourceNotFound`].
pub fn require_known_store(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
) -> Result<(), CommerceError> {
    let Some(store) = &request.store else {
        return Ok(());
    };
    let by = By::Key(store.as_str());
    match documents::identify(tx, &request.whole_project(), Kind::Store, by)? {
        Some(_) => Ok(()),
        None => Err(not_found(by)),
    }
}

/// Which kinds may hold a reference to a kind that must not vanish under them.
const fn holders(kind: Kind) -> &'static [Kind] {
    match kind {
        Kind::ProductType => &[Kind::Product],
        Kind::TaxCategory => &[Kind::Product, Kind::ShippingMethod],
        Kind::Zone => &[Kind::ShippingMethod],
        Kind::Type => &[
            Kind::Cart,
            Kind::Order,
            Kind::Customer,
            Kind::Category,
            Kind::Channel,
            Kind::Store,
            Kind::ShoppingList,
            Kind::Payment,
            Kind::Product,
        ],
        Kind::CustomerGroup => &[Kind::Customer, Kind::Product],
        Kind::Channel => &[Kind::Product, Kind::Store, Kind::InventoryEntry],
        Kind::State => &[Kind::Product, Kind::Order],
        Kind::Cart
        | Kind::Order
        | Kind::Customer
        | Kind::ShoppingList
        | Kind::Payment
        | Kind::Product
        | Kind::Category
        | Kind::Store
        | Kind::ShippingMethod
        | Kind::CartDiscount
        | Kind::DiscountCode
        | Kind::ProductDiscount
        | Kind::InventoryEntry
        | Kind::StandalonePrice
        | Kind::CustomObject
        | Kind::Message
        | Kind::Project => &[],
    }
}

/// Refuses to delete what others still refer to. Ids are unique, so a look for the id in their documents is exact.
///
/// It looks at every document of the kinds that may refer to it. Deleting what a project is made of is rare, and a look
/// that takes too long is given up ([`looking`]); an index of all references would cost every write of a cart.
///
/// # Errors
/// [`DomainError::ReferenceExists`]; [`CommerceError::OverCapacity`] if the look took too long.
pub fn require_unreferenced(
    work: &mut Work<'_, '_>,
    kind: Kind,
    id: &str,
) -> Result<(), CommerceError> {
    for holder in holders(kind) {
        let project = &work.request.project;
        if looking(work.tx, |tx| {
            documents::any_contains(tx, project, *holder, id)
        })? {
            return Err(DomainError::ReferenceExists {
                kind,
                referenced_by: *holder,
            }
            .into());
        }
    }
    Ok(())
}
