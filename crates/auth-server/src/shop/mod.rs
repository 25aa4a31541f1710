//! The shop's rules, as far as a token request needs them: the only folder that names commerce_api.
//!
//! A guest who signs in at the token endpoint takes carts and orders along in the transaction that makes the customer's
//! tokens. The rule for that is the commerce API's, and there is one.

use commerce_api::{
    error::CommerceError,
    service::{upgrade, workbench::Workbench},
};
use domain::error::DomainError;
use shared::{db::WriteTx, random::SharedRandomness};

pub use commerce_api::service::{upgrade::Upgrade, workbench::ShoppingListMigration};

/// What the rules work with. Takes no memory before the first guest signs in here.
pub struct Shop(Workbench);

/// Why a guest was not taken over.
#[derive(Debug)]
pub enum NotTakenOver {
    /// The guest's session is over.
    GuestGone,
    /// The customer was deleted.
    CustomerGone,
    /// Another request was in the way; the same may succeed when it is tried again.
    InTheWay,
    /// A rule forbids it.
    Forbidden(DomainError),
    /// Our fault.
    Failed(CommerceError),
}

impl Shop {
    /// Rules with these settings.
    #[must_use]
    pub fn new(randomness: SharedRandomness, shopping_lists: ShoppingListMigration) -> Self {
        Self(Workbench::new(randomness, shopping_lists))
    }

    /// Gives the customer what the guest has and ends the guest's session, before anything else is locked.
    ///
    /// # Errors
    /// [`NotTakenOver`]; the transaction must be rolled back then.
    pub fn take_over(&self, tx: &mut WriteTx<'_>, wanted: &Upgrade) -> Result<(), NotTakenOver> {
        upgrade::upgrade(tx, &self.0, wanted).map_err(|error| match error {
            CommerceError::TokenInvalid => NotTakenOver::GuestGone,
            CommerceError::Domain(DomainError::InvalidCredentials) => NotTakenOver::CustomerGone,
            CommerceError::OverCapacity
            | CommerceError::Domain(DomainError::ConcurrentModification { .. }) => {
                NotTakenOver::InTheWay
            }
            CommerceError::Domain(rule) => NotTakenOver::Forbidden(rule),
            other => NotTakenOver::Failed(other),
        })
    }
}
