//! Changing and resetting passwords. Every session of the customer dies with the old one.

use domain::{
    customer::{Customer, PlainPassword},
    error::DomainError,
    identity::ids::CustomerId,
    resource::Resource as _,
    world::By,
};
use shared::{db::WriteTx, password::Verdict, token::liveness};

use super::{
    resources::check_version,
    work::{Work, not_found},
};
use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{customers, documents, sessions},
};

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
/// [`DomainError::ResourceNotFound`], [`DomainError::ConcurrentModification`],
/// [`DomainError::InvalidCurrentPassword`].
pub async fn change(
    state: &actix_web::web::Data<AppState>,
    request: &RequestContext,
    change: PasswordChange,
) -> Result<Customer, CommerceError> {
    check(&change.new, "newPassword")?;
    let (seen, wanted) = (request.visibility(), change.customer.clone());
    let (claims, project) = (request.token.claims.clone(), request.project.clone());
    let version = change.version;
    let stored = state
        .database
        .read(move |tx| {
            if claims.sid.is_some() && !liveness::is_live(tx, &claims)? {
                return Err(CommerceError::TokenInvalid);
            }
            let by = By::Id(wanted.as_str());
            let row =
                documents::find(tx, &seen, Customer::KIND, by)?.ok_or_else(|| not_found(by))?;
            check_version(&row.parse::<Customer>()?, version)?;
            Ok(customers::password_hash(tx, &project, &wanted)?)
        })
        .await?;
    if state
        .passwords
        .verify(change.current, stored.clone())
        .await?
        == Verdict::Wrong
    {
        return Err(DomainError::InvalidCurrentPassword.into());
    }
    let hash = state.passwords.hash(change.new).await?;
    let (owned_state, owned_request) = (state.clone(), request.clone());
    let customer = change.customer;
    state
        .database
        .write(move |tx| {
            let unchanged =
                customers::password_hash(tx, &owned_request.project, &customer)? == stored;
            if !unchanged {
                return Err(DomainError::InvalidCurrentPassword.into());
            }
            set(
                tx,
                &owned_state,
                &owned_request,
                &customer,
                Some(version),
                &hash,
                false,
            )
        })
        .await
}

/// Sets a password and ends every session of the customer.
///
/// # Errors
/// [`DomainError::ResourceNotFound`], [`DomainError::ConcurrentModification`].
pub fn set(
    tx: &mut WriteTx<'_>,
    state: &AppState,
    request: &RequestContext,
    customer: &CustomerId,
    version: Option<i64>,
    hash: &str,
    reset: bool,
) -> Result<Customer, CommerceError> {
    let mut work = Work::new(tx, state, request);
    let seen = if reset {
        request.whole_project()
    } else {
        request.visibility()
    };
    let by = By::Id(customer.as_str());
    let row = documents::find(work.tx, &seen, Customer::KIND, by)?.ok_or_else(|| not_found(by))?;
    let before = row.parse::<Customer>()?;
    if let Some(version) = version {
        check_version(&before, version)?;
    }
    let ((), messages) = work.rules(Customer::KIND, |context| {
        before.changed_password(reset, context);
        Ok(())
    })?;
    let saved = work.save(&row, &before, before.clone(), messages)?;
    customers::set_password_hash(work.tx, &request.project, customer, hash, request.now)?;
    let reason = if reset {
        "password_reset"
    } else {
        "password_changed"
    };
    sessions::revoke_customer(work.tx, &request.project, customer, reason)?;
    customers::drop_tokens(
        work.tx,
        &request.project,
        customer,
        Some(customers::Purpose::Password),
    )?;
    Ok(saved)
}
