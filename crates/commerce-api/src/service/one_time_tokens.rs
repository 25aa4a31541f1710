//! One-time tokens: they prove an e-mail address, or allow a new password.
//!
//! A token is for the account it was made for. Whatever changes that account's e-mail address, password, authentication mode or
//! store, and whatever deletes it, deletes its tokens in the same transaction. All of them, and whoever makes or takes a token,
//! hold the customer's row before anything about tokens: so none is made for an account that is just changing.

use domain::{
    catalog::shape::check_range,
    customer::{Customer, IssuedToken},
    error::DomainError,
    identity::ids::CustomerId,
    reference::ResourceIdentifier,
    resource::{Envelope as _, Resource as _},
    world::By,
};
use serde_json::{Value, json};
use shared::{
    db::{DbError, ReadTx},
    random::{fingerprint, secret, uuid},
};

use super::{
    passwords::{self, NewPassword},
    resources::check_version,
    session::require_live,
    work::{Work, not_found},
};
use crate::{
    error::CommerceError,
    request::RequestContext,
    store::{
        customers::{self, OneTimeToken, Purpose},
        documents::{self, Row},
        sessions,
        visibility::Visibility,
    },
};

/// Whom a token is for.
pub enum Recipient {
    /// By id, perhaps of a version.
    Id(CustomerId, Option<i64>),
    /// By e-mail address.
    Email(String),
}

/// What to make.
pub struct TokenDraft {
    /// Whom it is for.
    pub recipient: Recipient,
    /// How long it is good.
    pub ttl_minutes: i64,
    /// Whether earlier tokens of the same purpose stop working.
    pub invalidate_older: bool,
}

/// Longest life of a token: 31 days.
const MAX_TTL_MINUTES: i64 = 31 * 24 * 60;

/// Makes a token; its value is in the answer, and nowhere else unless the operator wants short-lived ones in messages.
///
/// # Errors
/// [`DomainError::ResourceNotFound`], [`DomainError::ConcurrentModification`], [`DomainError::InvalidInput`],
/// [`DomainError::InvalidOperation`] for the password of somebody who signs in elsewhere.
pub fn create(
    work: &mut Work<'_, '_>,
    purpose: Purpose,
    draft: &TokenDraft,
) -> Result<Value, CommerceError> {
    work.hold_session()?;
    let (bench, request) = (work.bench, work.request);
    let customer = recipient(work, &draft.recipient)?;
    if purpose == Purpose::Password {
        customer.check_has_password()?;
    }
    check_range("ttlMinutes", draft.ttl_minutes, 1..=MAX_TTL_MINUTES)?;
    let id = CustomerId::new(customer.id());
    if draft.invalidate_older {
        customers::drop_tokens_for(work.tx, &request.project, &id, purpose)?;
    }
    let value = secret(bench.randomness.as_ref());
    let token = OneTimeToken {
        hash: fingerprint(&value),
        id: uuid(bench.randomness.as_ref()),
        customer: id,
        created_at: request.now,
        expires_at: request
            .now
            .plus_seconds(draft.ttl_minutes.saturating_mul(60)),
    };
    customers::insert_token(work.tx, &request.project, purpose, &token)?;
    let issued = IssuedToken {
        value: bench.token_values_in_messages.then_some(value.as_str()),
        created_at: token.created_at,
        expires_at: token.expires_at,
        invalidate_older_tokens: draft.invalidate_older,
    };
    let message = match purpose {
        Purpose::Email => customer.email_token_created(&issued),
        Purpose::Password => customer.password_token_created(&issued),
    };
    work.announce(&customer, vec![message])?;
    Ok(json!({
        "id": token.id,
        "createdAt": token.created_at,
        "lastModifiedAt": token.created_at,
        "customerId": token.customer,
        "expiresAt": token.expires_at,
        "value": value,
        "invalidateOlderTokens": draft.invalidate_older,
    }))
}

/// The customer, held.
fn recipient(work: &mut Work<'_, '_>, recipient: &Recipient) -> Result<Customer, CommerceError> {
    let request = work.request;
    let store = request.store.as_ref().map(|store| store.as_str());
    let (namespace, email) = match recipient {
        Recipient::Id(id, version) => {
            let (_, customer) = held(work, By::Id(id.as_str()))?;
            if let Some(version) = version {
                check_version(&customer, *version)?;
            }
            return Ok(customer);
        }
        Recipient::Email(email) => (Customer::email_namespace(store), Customer::email_key(email)),
    };
    let by = By::Unique(&namespace, &email);
    let (_, customer) = held(work, by)?;
    // Found by the address that it had before somebody changed it.
    if Customer::email_key(&customer.email) != email {
        return Err(not_found(by));
    }
    Ok(customer)
}

/// The customer as stored now, held until the transaction ends.
fn held(work: &mut Work<'_, '_>, by: By<'_>) -> Result<(Row, Customer), CommerceError> {
    let request = work.request;
    let seen = as_seen(request);
    let row =
        documents::find_locked(work.tx, &seen, Customer::KIND, by)?.ok_or_else(|| not_found(by))?;
    let customer = row.parse::<Customer>()?;
    // The look-up may be older than the row that it waited for.
    match &request.store {
        Some(store) if !customer.belongs_to(Some(store.as_str())) => Err(not_found(by)),
        Some(_) | None => Ok((row, customer)),
    }
}

/// All customers, below a store only its own: a token's value is the proof, whoever presents it.
fn as_seen(request: &RequestContext) -> Visibility {
    let mut seen = request.whole_project();
    seen.store.clone_from(&request.store);
    seen
}

/// A token that is good now, and for a customer whom the request may see: below a store only for its customers.
fn valid(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    purpose: Purpose,
    value: &str,
) -> Result<OneTimeToken, CommerceError> {
    let hash = fingerprint(value);
    require_live(tx, request)?;
    let token = customers::find_token(tx, &request.project, purpose, &hash)?
        .ok_or_else(|| unknown(value))?;
    if request.store.is_some() && find_recipient(tx, request, &token)?.is_none() {
        return Err(unknown(value));
    }
    if token.expires_at <= request.now {
        return Err(match purpose {
            Purpose::Email => DomainError::ExpiredCustomerEmailToken,
            Purpose::Password => DomainError::ExpiredCustomerPasswordToken,
        }
        .into());
    }
    Ok(token)
}

fn find_recipient(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    token: &OneTimeToken,
) -> Result<Option<Row>, DbError> {
    let by = By::Id(token.customer.as_str());
    documents::find(tx, &as_seen(request), Customer::KIND, by)
}

/// The customer a token is for, as stored.
///
/// # Errors
/// [`DomainError::ResourceNotFound`] for an unknown token, or the error of an expired one.
pub fn find_customer(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    purpose: Purpose,
    value: &str,
) -> Result<String, CommerceError> {
    let token = valid(tx, request, purpose, value)?;
    let customer = find_recipient(tx, request, &token)?;
    Ok(customer
        .ok_or_else(|| not_found(By::Id(token.customer.as_str())))?
        .body)
}

fn unknown(value: &str) -> CommerceError {
    DomainError::ResourceNotFound {
        identifier: ResourceIdentifier::by_key(value),
    }
    .into()
}

/// Takes a token, so that it cannot be used again, and holds its customer.
fn take(
    work: &mut Work<'_, '_>,
    purpose: Purpose,
    value: &str,
) -> Result<(Row, Customer), CommerceError> {
    let token = valid(work.tx, work.request, purpose, value)?;
    let customer = held(work, By::Id(token.customer.as_str()))?;
    if customers::take_token(work.tx, &token.hash)? {
        Ok(customer)
    } else {
        Err(unknown(value))
    }
}

/// Notes that the customer read the mail; every e-mail token of the customer is spent.
///
/// # Errors
/// As [`find_customer`]; [`DomainError::ConcurrentModification`].
pub fn confirm_email(
    work: &mut Work<'_, '_>,
    value: &str,
    version: Option<i64>,
) -> Result<Customer, CommerceError> {
    work.hold_session()?;
    let (row, before) = take(work, Purpose::Email, value)?;
    if let Some(version) = version {
        check_version(&before, version)?;
    }
    let (after, messages) = work.rules(Customer::KIND, |context| {
        let mut after = before.clone();
        after.verify_email(context);
        Ok(after)
    })?;
    let saved = work.save(&row, &before, after, messages)?;
    let (project, id) = (&work.request.project, CustomerId::new(saved.id()));
    customers::drop_tokens_for(work.tx, project, &id, Purpose::Email)?;
    Ok(saved)
}

/// Sets a new password with a token.
///
/// # Errors
/// As [`find_customer`]; [`DomainError::ConcurrentModification`]; [`DomainError::InvalidOperation`] for somebody who signs in
/// elsewhere.
pub fn reset_password(
    work: &mut Work<'_, '_>,
    value: &str,
    new: &NewPassword,
) -> Result<Customer, CommerceError> {
    let request = work.request;
    let customer = valid(work.tx, request, Purpose::Password, value)?.customer;
    sessions::lock_customer(work.tx, &request.project, &customer)?;
    work.hold_session()?;
    take(work, Purpose::Password, value)?;
    passwords::set(work, &customer, new)
}
