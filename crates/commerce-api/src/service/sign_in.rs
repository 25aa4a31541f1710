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
    adoption, customers, passwords::MOST_COMPARISONS, references::require_known_store,
    session::require_live, work::Work,
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
/// is still the customer's, and if there is another hash, it is checked again.
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
    let mut stored = account.and_then(|account| account.password_hash);
    for _ in 0..MOST_COMPARISONS {
        let compared = Compared {
            renewed: compare(state, party, &credentials.password, stored.clone()).await?,
            stored,
        };
        let (owned_state, owned_request) = (state.clone(), request.clone());
        let (email, sign_in) = (credentials.email.clone(), sign_in.clone());
        let outcome = state
            .database
            .write(move |tx| {
                let mut work = Work::new(tx, &owned_state.bench, &owned_request);
                complete(&mut work, &email, &sign_in, &compared)
            })
            .await?;
        match outcome {
            Outcome::SignedIn(result) => return Ok(*result),
            Outcome::OtherHash(now) => stored = now,
        }
    }
    Err(DomainError::InvalidCredentials.into())
}

/// A hash that the password fits.
struct Compared {
    stored: Option<String>,
    /// The password hashed anew, where the stored hash is outdated.
    renewed: Option<String>,
}

/// Compares a password; answers the hash to store instead of an outdated one.
async fn compare(
    state: &SharedState,
    party: &Party,
    password: &str,
    stored: Option<String>,
) -> Result<Option<String>, CommerceError> {
    let turn = state.passwords.turn(party).await?;
    match turn.verify(password.to_owned(), stored).await? {
        Verdict::Wrong => Err(DomainError::InvalidCredentials.into()),
        Verdict::Right => Ok(None),
        Verdict::RightButOutdated => Ok(Some(turn.hash(password.to_owned()).await?)),
    }
}

/// What became of a sign-in with a password that was right.
enum Outcome {
    SignedIn(Box<SignInResult>),
    /// The stored hash is this one now. Another sign-in may have hashed the same password anew.
    OtherHash(Option<String>),
}

fn complete(
    work: &mut Work<'_, '_>,
    email: &str,
    sign_in: &SignIn,
    compared: &Compared,
) -> Result<Outcome, CommerceError> {
    adoption::lock_session(work, sign_in.guest.as_ref())?;
    let account = customers::account_held(work, email)?.ok_or(DomainError::InvalidCredentials)?;
    if account.password_hash != compared.stored {
        return Ok(Outcome::OtherHash(account.password_hash));
    }
    let customer = account.customer;
    let cart = adoption::complete(work, &customer, sign_in, WhenBlocked::KeepTarget, "login")?;
    if let (Some(stored), Some(renewed)) = (&compared.stored, &compared.renewed) {
        let id = CustomerId::new(customer.id());
        secrets::replace_hash(work.tx, &work.request.project, &id, stored, renewed)?;
    }
    Ok(Outcome::SignedIn(Box::new(SignInResult { customer, cart })))
}
