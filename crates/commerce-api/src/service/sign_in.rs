//! Sign-in: the guest's things become the customer's, the guest's tokens die, all or nothing.

use domain::{
    cart::{Cart, sign_in::WhenBlocked},
    customer::Customer,
    error::DomainError,
    identity::ids::CustomerId,
    resource::Envelope as _,
};
use shared::{
    http::client_address::Client as Caller,
    password::{Party, Verdict},
};

pub use super::adoption::SignIn;
use super::{
    adoption,
    customers::{self, Account},
    references::require_known_store,
    session::require_live,
    work::Work,
};
use crate::{
    app_state::SharedState, error::CommerceError, request::RequestContext,
    store::customers as secrets,
};

/// What proves who somebody is.
pub struct Credentials {
    /// As the customer types it.
    pub email: String,
    /// In plain text, on its way to the hash.
    pub password: String,
    /// The shopper who shows them; `None` at backends, which speak for many.
    pub caller: Option<Caller>,
}

/// `{ customer, cart? }`.
#[derive(Debug)]
pub struct SignInResult {
    /// The customer.
    pub customer: Customer,
    /// The customer's active cart.
    pub cart: Option<Cart>,
}

/// Signs a customer in.
///
/// The password is checked between two transactions, so that no lock is held meanwhile; the second makes sure that it
/// is still the customer's.
///
/// # Errors
/// [`DomainError::InvalidCredentials`] for every cause; [`CommerceError::TooManyRequests`];
/// [`CommerceError::TokenInvalid`]; what [`adoption::complete`] refuses.
pub async fn sign_in(
    state: &SharedState,
    request: &RequestContext,
    credentials: Credentials,
    sign_in: SignIn,
) -> Result<SignInResult, CommerceError> {
    let (caller, email) = (credentials.caller, credentials.email.clone());
    let who = state.limits.who(caller.as_ref(), request, &email);
    let party = who.party();
    let checked = check_and_complete(state, request, credentials, sign_in, &party);
    state.limits.attempt(&state.database, &who, checked).await
}

async fn check_and_complete(
    state: &SharedState,
    request: &RequestContext,
    credentials: Credentials,
    sign_in: SignIn,
    party: &Party,
) -> Result<SignInResult, CommerceError> {
    let (asked, email) = (request.clone(), credentials.email.clone());
    let account = state
        .database
        .read(move |tx| {
            require_live(tx, &asked)?;
            require_known_store(tx, &asked)?;
            Ok::<_, CommerceError>(customers::account(tx, &asked, &email)?)
        })
        .await?;
    let stored = account.and_then(|account| account.password_hash);
    let turn = state.passwords.turn(party).await?;
    let verdict = turn
        .verify(credentials.password.clone(), stored.clone())
        .await?;
    let renewed = match verdict {
        Verdict::Wrong => return Err(DomainError::InvalidCredentials.into()),
        Verdict::Right => None,
        Verdict::RightButOutdated => Some(turn.hash(credentials.password).await?),
    };
    drop(turn);
    let (owned_state, owned_request) = (state.clone(), request.clone());
    state
        .database
        .write(move |tx| {
            let mut work = Work::new(tx, &owned_state.bench, &owned_request);
            adoption::lock_session(&mut work, sign_in.guest.as_ref())?;
            let account = customers::account(work.tx, &owned_request, &credentials.email)?
                .filter(|account| account.password_hash == stored)
                .ok_or(DomainError::InvalidCredentials)?;
            complete(&mut work, account, &sign_in, renewed.as_deref())
        })
        .await
}

fn complete(
    work: &mut Work<'_, '_>,
    account: Account,
    sign_in: &SignIn,
    renewed_hash: Option<&str>,
) -> Result<SignInResult, CommerceError> {
    let customer = account.customer;
    let cart = adoption::complete(work, &customer, sign_in, WhenBlocked::KeepTarget, "login")?;
    if let Some(hash) = renewed_hash {
        let id = CustomerId::new(customer.id());
        secrets::set_password_hash(work.tx, &work.request.project, &id, hash, work.request.now)?;
    }
    Ok(SignInResult { customer, cart })
}
