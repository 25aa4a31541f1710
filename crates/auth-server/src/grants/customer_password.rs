//! Sessions for customers, by e-mail address and password.

use domain::identity::{
    ids::StoreKey,
    principal::Subject,
    scope::{DeviceScopes, Holder, Narrowing, ScopeSet},
};
use serde_json::json;
use shared::{
    db::{DbError, ReadTx, WriteTx},
    token::audit::{self, About, Event},
};

use super::{
    GrantError,
    access_token::{Mint, NewAccessToken},
    session_start::StartedSession,
};
use crate::{
    model::{client::Client, error::OAuthError},
    oxide::{self, ClientRegistrar, ProtocolRequest, ScopePolicy},
    store::customers::{self, CustomerCredentials, HashUse},
};

/// The scopes of the session, before anything about the customer is known.
///
/// # Errors
/// [`OAuthError`] of the scope.
pub fn scopes(
    client: &Client,
    scope: Option<&str>,
    narrowing: Narrowing,
    devices: DeviceScopes,
) -> Result<ScopeSet, OAuthError> {
    let request = ProtocolRequest {
        client_id: &client.id,
        grant_type: "password",
        scope,
        refresh_token: None,
    };
    let policy = ScopePolicy {
        holder: Holder::Device(devices),
        narrowing,
        store: None,
    };
    oxide::password(&request, &ClientRegistrar::new(client, policy))
}

/// The customer with this e-mail address, if it can sign in with a password here.
///
/// # Errors
/// A failure of the database.
pub fn find(
    tx: &mut ReadTx<'_>,
    client: &Client,
    store: Option<&StoreKey>,
    email: &str,
) -> Result<Option<CustomerCredentials>, GrantError> {
    Ok(customers::find_by_email(tx, &client.project, store, email)?)
}

/// A customer whose password was right.
pub struct CheckedCustomer {
    /// Who it is, and the hash that was checked.
    pub credentials: CustomerCredentials,
    /// The same password, hashed with today's parameters, where the stored hash has others.
    pub new_hash: Option<String>,
}

impl CheckedCustomer {
    /// Whom a session of the customer is for.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::Customer(self.credentials.customer.clone())
    }
}

/// Stores a session for the customer.
///
/// # Errors
/// [`OAuthError::CustomerCredentials`] if another hash is stored meanwhile: if the password was changed, a session that
/// started with the old one would survive the change.
pub fn store(
    tx: &mut WriteTx<'_>,
    client: &Client,
    customer: &CheckedCustomer,
    session: StartedSession,
    mint: &Mint,
) -> Result<(NewAccessToken, Option<String>), GrantError> {
    let hash_use = match customer.new_hash {
        Some(_) => HashUse::Replace,
        None => HashUse::Read,
    };
    if !customers::is_current(tx, &client.project, &customer.credentials, hash_use)? {
        return Err(OAuthError::CustomerCredentials.into());
    }
    if let Some(hash) = &customer.new_hash {
        customers::replace_hash(tx, &client.project, &customer.credentials, hash, mint.now())?;
    }
    let id = session.id().clone();
    let tokens = session.store(tx)?;
    let about = About {
        project: Some(&client.project),
        session: Some(&id),
        client: Some(&client.id),
        detail: json!({ "customer": customer.credentials.customer }),
    };
    let randomness = mint.randomness.as_ref();
    audit::record(tx, Event::LoginSucceeded, &about, mint.now(), randomness)?;
    Ok(tokens)
}

/// Writes down that somebody was refused; `account` stands for the e-mail address.
///
/// # Errors
/// [`DbError`].
pub fn note_refusal(
    tx: &mut WriteTx<'_>,
    client: &Client,
    account: &str,
    mint: &Mint,
) -> Result<(), DbError> {
    let about = About {
        project: Some(&client.project),
        session: None,
        client: Some(&client.id),
        detail: json!({ "account": account }),
    };
    let randomness = mint.randomness.as_ref();
    audit::record(tx, Event::LoginFailed, &about, mint.now(), randomness)
}
