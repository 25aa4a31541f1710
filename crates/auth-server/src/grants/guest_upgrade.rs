//! A guest becomes a customer and gets the customer's tokens, in one transaction.

use domain::{
    cart::sign_in::SignInMode,
    identity::{ids::StoreKey, scope::ScopeName},
};
use shared::db::WriteTx;

use super::{
    GrantError,
    access_token::{Mint, NewAccessToken},
    customer_password::{self, CheckedCustomer},
    guest_token::{GuestToken, Named, NamedGuest},
    session_start::StartedSession,
};
use crate::{
    model::{client::Client, error::OAuthError},
    shop::{NotTakenOver, Shop, Upgrade},
    store::clients,
};

/// The guest whom a sign-in takes along.
#[derive(Clone, Debug)]
pub struct GuestUpgrade {
    /// The guest's token.
    pub guest: GuestToken,
    /// Thumbprint of the key that the request showed, for a token that is bound to one.
    pub key_thumbprint: Option<String>,
    /// What becomes of the guest's cart.
    pub mode: SignInMode,
    /// The store of the path.
    pub store: Option<StoreKey>,
}

/// A customer whose password was right, with the session that is about to be stored.
pub struct SignedIn {
    /// The customer.
    pub customer: CheckedCustomer,
    /// The session.
    pub session: StartedSession,
}

/// Stores a session for a customer whose password was right, and gives the customer all that the guest has; the guest's
/// session ends.
///
/// A guest who has become this very customer before needs nothing more: the answer to an earlier attempt was lost, or another
/// request was faster. The customer gets another session then.
///
/// # Errors
/// [`OAuthError::InsufficientScope`], [`OAuthError::GuestTokenNotFound`], [`OAuthError::CustomerCredentials`], [`OAuthError::GuestNotTakenOver`]: nothing has
/// changed then. [`GrantError::Overtaken`] if the transaction must be rolled back and tried again.
pub fn upgrade(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    shop: &Shop,
    client: &Client,
    signed_in: &SignedIn,
    wanted: &GuestUpgrade,
) -> Result<(NewAccessToken, Option<String>), GrantError> {
    // Before any session is locked, as deleting a client does it.
    if !clients::hold(tx, &client.id)? {
        return Err(OAuthError::InvalidClient.into());
    }
    let customer = &signed_in.customer;
    let id = &customer.credentials.customer;
    match wanted
        .guest
        .look(tx, client, wanted.key_thumbprint.as_deref(), mint.now())?
    {
        Named::Guest(guest) => {
            may_sign_in(client, &guest, wanted.store.as_ref())?;
            let upgrade = Upgrade {
                project: client.project.clone(),
                store: wanted.store.clone(),
                client: client.id.clone(),
                guest: guest.id,
                customer: id.clone(),
                mode: wanted.mode,
                now: mint.now(),
            };
            shop.take_over(tx, &upgrade).map_err(refused)?;
        }
        Named::Became(other) if other == *id => {}
        Named::Became(_) | Named::Nobody => return Err(OAuthError::GuestTokenNotFound.into()),
    }
    // The password is looked at once more, after everything that other requests lock before it.
    customer_password::store(tx, client, customer, signed_in.session.clone(), mint)
}

/// Whether the guest's token lets the guest sign in there, as at the resource API: a guest of one store only in that store.
fn may_sign_in(
    client: &Client,
    guest: &NamedGuest,
    store: Option<&StoreKey>,
) -> Result<(), OAuthError> {
    let name = ScopeName::ManageMyProfile;
    let bound_to = guest.session.store.as_ref();
    if guest.scope.allows(name, &client.project, store) && (bound_to.is_none() || bound_to == store)
    {
        return Ok(());
    }
    Err(OAuthError::InsufficientScope {
        names: vec![name.as_str()],
    })
}

fn refused(error: NotTakenOver) -> GrantError {
    match error {
        // It was there a moment ago: the next look will tell what became of it.
        NotTakenOver::GuestGone | NotTakenOver::InTheWay => GrantError::Overtaken,
        NotTakenOver::CustomerGone => OAuthError::CustomerCredentials.into(),
        NotTakenOver::Forbidden(rule) => OAuthError::GuestNotTakenOver {
            reason: rule.to_string(),
        }
        .into(),
        NotTakenOver::Failed(error) => {
            log::error!("a guest was not taken over: {error:?}");
            OAuthError::Internal.into()
        }
    }
}
