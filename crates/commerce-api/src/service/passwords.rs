//! Changing and resetting passwords. Every session of the customer dies with the old one.

use domain::{
    customer::{Customer, PlainPassword},
    error::DomainError,
    identity::ids::CustomerId,
    resource::Resource as _,
    world::By,
};
use shared::{
    http::client_address::Client as Caller,
    password::{Party, Verdict},
};

use super::{
    resources::check_version,
    session::require_live,
    work::{Work, not_found},
};
use crate::{
    app_state::SharedState,
    error::CommerceError,
    request::RequestContext,
    store::{customers, documents, sessions},
};

/// How often a password is compared for one request, where the stored hash is another one each time.
pub const MOST_COMPARISONS: u32 = 4;

/// `{ id, version, currentPassword, newPassword }`.
pub struct PasswordChange {
    /// Whose.
    pub customer: CustomerId,
    /// The version the client has seen.
    pub version: i64,
    /// Proof.
    pub current: String,
    /// The new password.
    pub new: String,
    /// The shopper who shows it; `None` at backends, which speak for many.
    pub caller: Option<Caller>,
}

/// Checks the length of a password before it is hashed.
///
/// # Errors
/// [`DomainError::InvalidInput`] or [`DomainError::InvalidField`] naming `field`.
pub fn check(password: &str, field: &str) -> Result<(), DomainError> {
    PlainPassword::new(password).check_length(field)
}

/// Changes a password that the client knows.
///
/// # Errors
/// [`DomainError::ResourceNotFound`], [`DomainError::ConcurrentModification`], [`CommerceError::TooManyRequests`],
/// [`DomainError::InvalidCurrentPassword`], [`DomainError::InvalidOperation`] for somebody who signs in elsewhere.
pub async fn change(
    state: &SharedState,
    request: &RequestContext,
    change: PasswordChange,
) -> Result<Customer, CommerceError> {
    let (asked, wanted) = (request.clone(), change.customer.clone());
    let version = change.version;
    let (customer, stored) = state
        .database
        .read(move |tx| {
            require_live(tx, &asked)?;
            let by = By::Id(wanted.as_str());
            let row = documents::find(tx, &asked.visibility(), Customer::KIND, by)?
                .ok_or_else(|| not_found(by))?;
            let customer = row.parse::<Customer>()?;
            check_version(&customer, version)?;
            customer.check_has_password()?;
            let stored = customers::password_hash(tx, &asked.project, &wanted)?;
            Ok::<_, CommerceError>((customer, stored))
        })
        .await?;
    check(&change.new, "newPassword")?;
    let caller = change.caller;
    let who = state.limits.who(caller.as_ref(), request, &customer.email);
    let party = who.party();
    let changed = prove_and_set(state, request, change, stored, &party);
    state.limits.attempt(&state.database, &who, changed).await
}

async fn prove_and_set(
    state: &SharedState,
    request: &RequestContext,
    change: PasswordChange,
    mut stored: Option<String>,
    party: &Party,
) -> Result<Customer, CommerceError> {
    let mut hash = None;
    for _ in 0..MOST_COMPARISONS {
        let turn = state.passwords.turn(party).await?;
        let verdict = turn.verify(change.current.clone(), stored.clone()).await?;
        if verdict == Verdict::Wrong {
            break;
        }
        let made = match hash {
            Some(made) => made,
            None => turn.hash(change.new.clone()).await?,
        };
        drop(turn);
        let new = NewPassword {
            hash: made.clone(),
            version: Some(change.version),
            reset: false,
        };
        hash = Some(made);
        let (owned_state, owned_request) = (state.clone(), request.clone());
        let customer = change.customer.clone();
        let outcome = state
            .database
            .write(move |tx| {
                let mut work = Work::new(tx, &owned_state.bench, &owned_request);
                replace(&mut work, &customer, stored.as_deref(), &new)
            })
            .await?;
        match outcome {
            Outcome::Changed(customer) => return Ok(*customer),
            Outcome::OtherHash(now) => stored = now,
        }
    }
    Err(DomainError::InvalidCurrentPassword.into())
}

/// What became of a change by somebody who knew the password.
enum Outcome {
    Changed(Box<Customer>),
    /// The stored hash is this one now. A sign-in may have hashed the same password anew.
    OtherHash(Option<String>),
}

fn replace(
    work: &mut Work<'_, '_>,
    customer: &CustomerId,
    compared: Option<&str>,
    new: &NewPassword,
) -> Result<Outcome, CommerceError> {
    let project = &work.request.project;
    sessions::lock_customer(work.tx, project, customer)?;
    work.hold_session()?;
    documents::lock(work.tx, project, Customer::KIND, customer.as_str())?;
    let stored = customers::password_hash(work.tx, project, customer)?;
    if stored.as_deref() != compared {
        return Ok(Outcome::OtherHash(stored));
    }
    Ok(Outcome::Changed(Box::new(set(work, customer, new)?)))
}

/// A password that was proved to be the customer's to set.
pub struct NewPassword {
    /// Its hash.
    pub hash: String,
    /// The version the client has seen, if it says.
    pub version: Option<i64>,
    /// Whether a one-time token was the proof, rather than the old password.
    pub reset: bool,
}

/// Sets a password and ends every session of the customer; they are locked already.
///
/// # Errors
/// [`DomainError::ResourceNotFound`], [`DomainError::ConcurrentModification`], [`DomainError::InvalidOperation`] for somebody
/// who signs in elsewhere.
pub fn set(
    work: &mut Work<'_, '_>,
    customer: &CustomerId,
    new: &NewPassword,
) -> Result<Customer, CommerceError> {
    let (seen, reason) = if new.reset {
        (work.request.whole_project(), "password_reset")
    } else {
        (work.request.visibility(), "password_changed")
    };
    let by = By::Id(customer.as_str());
    let row = documents::find(work.tx, &seen, Customer::KIND, by)?.ok_or_else(|| not_found(by))?;
    let before = row.parse::<Customer>()?;
    if let Some(version) = new.version {
        check_version(&before, version)?;
    }
    before.check_has_password()?;
    let ((), messages) = work.rules(Customer::KIND, |context| {
        before.changed_password(new.reset, context);
        Ok(())
    })?;
    let saved = work.save(&row, &before, before.clone(), messages)?;
    store_hash(work, customer, &new.hash, reason)?;
    Ok(saved)
}

/// Stores the hash of a new password: what the old one opened is closed.
///
/// # Errors
/// [`CommerceError`] from the database.
pub fn store_hash(
    work: &mut Work<'_, '_>,
    customer: &CustomerId,
    hash: &str,
    reason: &str,
) -> Result<(), CommerceError> {
    let (project, now) = (&work.request.project, work.request.now);
    customers::set_password_hash(work.tx, project, customer, hash, now)?;
    sessions::revoke_customer(work.tx, project, customer, reason, now)?;
    customers::drop_tokens(work.tx, project, customer)?;
    Ok(())
}
