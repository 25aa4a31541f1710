//! The sign-in of a guest in somebody else's transaction: the auth server's, which makes the customer's tokens in it.

use domain::{
    cart::sign_in::{SignInMode, WhenBlocked},
    context::Author,
    customer::Customer,
    error::DomainError,
    identity::{
        ids::{AnonymousId, ClientId, CustomerId, ProjectKey, StoreKey},
        principal::Subject,
    },
    resource::Resource as _,
    timestamp::Timestamp,
    world::By,
};
use shared::db::WriteTx;

use super::{
    adoption::{self, SignIn},
    work::Work,
    workbench::Workbench,
};
use crate::{error::CommerceError, request::RequestContext, store::documents};

/// A guest who becomes a customer. That the customer's password was right, and that the request may speak for the guest, is
/// for the caller to know.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// The project of both.
    pub project: ProjectKey,
    /// The store whose carts are merged; all of them for `None`.
    pub store: Option<StoreKey>,
    /// The client, for `lastModifiedBy`.
    pub client: ClientId,
    /// Who becomes
    pub guest: AnonymousId,
    /// this customer.
    pub customer: CustomerId,
    /// What becomes of the guest's cart.
    pub mode: SignInMode,
    /// Now.
    pub now: Timestamp,
}

/// Gives the customer everything the guest has, and ends the guest's session: what `/me/login` does. The caller's transaction
/// must hold no session, customer or cart yet.
///
/// # Errors
/// [`CommerceError::TokenInvalid`] if the guest's session is over, [`DomainError::InvalidCredentials`] if there is no such
/// customer any more, what [`adoption::complete`] refuses.
pub fn upgrade(
    tx: &mut WriteTx<'_>,
    bench: &Workbench,
    upgrade: &Upgrade,
) -> Result<(), CommerceError> {
    let guest = Subject::Anonymous(upgrade.guest.clone());
    let request = RequestContext {
        token: None,
        project: upgrade.project.clone(),
        store: upgrade.store.clone(),
        confined_to: None,
        author: Author::of(upgrade.client.as_str(), &guest),
        acting_for: guest,
        now: upgrade.now,
    };
    let mut work = Work::new(tx, bench, &request);
    adoption::lock_session(&mut work, Some(&upgrade.guest))?;
    let by = By::Id(upgrade.customer.as_str());
    let row = documents::find(work.tx, &request.whole_project(), Customer::KIND, by)?
        .ok_or(DomainError::InvalidCredentials)?;
    let sign_in = SignIn {
        guest: Some(upgrade.guest.clone()),
        mode: upgrade.mode,
        ..SignIn::default()
    };
    let customer = row.parse::<Customer>()?;
    adoption::complete(
        &mut work,
        &customer,
        &sign_in,
        WhenBlocked::KeepTarget,
        "login",
    )?;
    Ok(())
}
