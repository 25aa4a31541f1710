//! The guest whom a sign-in with a password takes along.

use std::sync::Arc;

use domain::{cart::sign_in::SignInMode, identity::ids::StoreKey};

use super::{errors::HttpError, guest_token, retry::until_in_time, token_request::TokenRequest};
use crate::{
    app_state::AppState,
    grants::{
        access_token::NewAccessToken,
        guest_token::Named,
        guest_upgrade::{self, GuestUpgrade, SignedIn},
    },
    model::error::OAuthError,
};

/// The guest of the request, if it names one. A token that is no good is refused before any password is hashed.
///
/// # Errors
/// [`OAuthError::GuestTokenNotFound`], [`OAuthError::SignInModeMalformed`].
pub async fn wanted(
    state: &AppState,
    asked: &TokenRequest,
    store: Option<&StoreKey>,
) -> Result<Option<GuestUpgrade>, HttpError> {
    let Some(text) = asked.form.get(guest_token::PARAMETER) else {
        return Ok(None);
    };
    let mode = match asked.form.get("anonymous_cart_sign_in_mode") {
        None | Some("MergeWithExistingCustomerCart") => SignInMode::MergeWithExistingCustomerCart,
        Some("UseAsNewActiveCustomerCart") => SignInMode::UseAsNewActiveCustomerCart,
        Some(_) => return Err(OAuthError::SignInModeMalformed.into()),
    };
    let guest = guest_token::read(state, asked, text).await?;
    let wanted = GuestUpgrade {
        guest,
        key_thumbprint: asked.key().map(str::to_owned),
        mode,
        store: store.cloned(),
    };
    let (client, first, now) = (asked.client.clone(), wanted.clone(), state.mint.now());
    let named = state
        .database
        .read(move |tx| {
            let key = first.key_thumbprint.as_deref();
            first.guest.look(tx, &client, key, now)
        })
        .await?;
    match named {
        Named::Nobody => Err(OAuthError::GuestTokenNotFound.into()),
        Named::Guest(_) | Named::Became(_) => Ok(Some(wanted)),
    }
}

/// Tokens of the customer, who has all that the guest had.
///
/// # Errors
/// As [`guest_upgrade::upgrade`].
pub async fn sign_in(
    state: &AppState,
    asked: &TokenRequest,
    signed_in: SignedIn,
    wanted: GuestUpgrade,
) -> Result<(NewAccessToken, Option<String>), HttpError> {
    let (shop, signed_in, wanted) = (
        Arc::clone(&state.shop),
        Arc::new(signed_in),
        Arc::new(wanted),
    );
    until_in_time(state, asked, move |tx, attempt| {
        let (mint, client) = (&attempt.mint, &attempt.client);
        guest_upgrade::upgrade(tx, mint, &shop, client, &signed_in, &wanted)
    })
    .await
}
