//! Anonymous ids that backends write: whether they may, and that nobody else gets them.

use domain::{
    error::DomainError,
    identity::{
        ids::{AnonymousId, refuse_alias},
        principal::Subject,
    },
    kind::Kind,
    resource::Resource,
};

use super::work::Work;
use crate::{
    error::CommerceError,
    store::{
        documents,
        sessions::{self, LockedGuest},
    },
};

/// What belongs to a guest in one store or another.
const IN_STORES: [Kind; 3] = [Kind::Cart, Kind::Order, Kind::ShoppingList];

/// A backend that writes an anonymous id takes it: no token session may start with it. Comes before the resource is written.
///
/// # Errors
/// [`DomainError::InvalidOperation`] for the id of a guest who has become a customer.
pub fn take<R: Resource>(work: &mut Work<'_, '_>, resource: &R) -> Result<(), CommerceError> {
    let Some(id) = resource.index().anonymous_id else {
        return Ok(());
    };
    if work.request.acting_for == Subject::Client {
        refuse_used_up(work, &AnonymousId::new(id))?;
    }
    Ok(())
}

fn refuse_used_up(work: &mut Work<'_, '_>, guest: &AnonymousId) -> Result<(), CommerceError> {
    match sessions::hold_anonymous_id(work.tx, &work.request.project, guest, false)? {
        None => Ok(()),
        Some(_) => Err(DomainError::operation(format!(
            "The anonymous ID '{guest}' was already used for a sign-in or sign-up."
        ))
        .into()),
    }
}

/// Locks the guest's session before anything else, then the guest's id; refuses a guest who cannot sign in, or not by this
/// request.
///
/// Where the guest asks, the session must be alive; a backend may also name an id that never had a session, or whose guest
/// has signed in before.
///
/// # Errors
/// [`CommerceError::TokenInvalid`]; [`DomainError::InvalidOperation`], [`DomainError::InvalidField`].
pub fn lock_guest(work: &mut Work<'_, '_>, guest: &AnonymousId) -> Result<(), CommerceError> {
    let session = sessions::lock_guest(work.tx, &work.request.project, guest)?;
    let is_own = matches!(&work.request.acting_for, Subject::Anonymous(id) if id == guest);
    if is_own {
        if !session.as_ref().is_some_and(|session| session.is_live) {
            return Err(CommerceError::TokenInvalid);
        }
    } else {
        refuse_alias(guest.as_str())?;
    }
    // Who has become a customer left nothing to move: a sign-in whose answer was lost can be asked for again.
    sessions::hold_anonymous_id(work.tx, &work.request.project, guest, session.is_some())?;
    if !is_own {
        refuse_guest_of_other_stores(work, guest, session.as_ref())?;
    }
    Ok(())
}

/// Signing in moves everything of a guest and ends the session: too much for a token of one store, unless everything is in
/// that store.
fn refuse_guest_of_other_stores(
    work: &mut Work<'_, '_>,
    guest: &AnonymousId,
    session: Option<&LockedGuest>,
) -> Result<(), CommerceError> {
    let Some(own) = &work.request.confined_to else {
        return Ok(());
    };
    let bound_to = session.and_then(|session| session.store.as_deref());
    let mut is_elsewhere = bound_to.is_some_and(|store| store != own.as_str());
    let mut seen = work.request.whole_project();
    seen.owner = Subject::Anonymous(guest.clone());
    for kind in IN_STORES {
        is_elsewhere = is_elsewhere || documents::any_outside(work.tx, &seen, kind, own)?;
    }
    if is_elsewhere {
        return Err(DomainError::operation(format!(
            "The anonymous ID '{guest}' is not of the store '{own}' alone, beyond which the token does not reach."
        ))
        .into());
    }
    Ok(())
}
