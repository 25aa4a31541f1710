//! One-time tokens: they prove an e-mail address, or allow a new password.

use domain::{
    customer::{Customer, IssuedToken},
    error::DomainError,
    identity::ids::CustomerId,
    reference::ResourceIdentifier,
    resource::{Envelope as _, Resource as _},
    world::By,
};
use serde_json::{Value, json};
use shared::{
    db::{DbError, ReadTx, WriteTx},
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

/// Makes a token; its value is in the answer and nowhere else.
///
/// # Errors
/// [`DomainError::ResourceNotFound`], [`DomainError::ConcurrentModification`], [`DomainError::InvalidField`].
pub fn create(
    work: &mut Work<'_, '_>,
    purpose: Purpose,
    draft: &TokenDraft,
) -> Result<Value, CommerceError> {
    work.hold_session()?;
    let (bench, request) = (work.bench, work.request);
    let customer = recipient(work, &draft.recipient)?;
    if !(1..=MAX_TTL_MINUTES).contains(&draft.ttl_minutes) {
        return Err(DomainError::field("ttlMinutes", draft.ttl_minutes).into());
    }
    let id = CustomerId::new(customer.id());
    if draft.invalidate_older {
        customers::drop_tokens(work.tx, &request.project, &id, Some(purpose))?;
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
        value: &value,
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

fn recipient(work: &mut Work<'_, '_>, recipient: &Recipient) -> Result<Customer, CommerceError> {
    match recipient {
        Recipient::Id(id, version) => {
            let (_, customer) = work.load::<Customer>(By::Id(id.as_str()))?;
            if let Some(version) = version {
                check_version(&customer, *version)?;
            }
            Ok(customer)
        }
        Recipient::Email(email) => {
            let store = work.request.store.as_ref().map(|store| store.as_str());
            let (namespace, value) = (Customer::email_namespace(store), Customer::email_key(email));
            let by = By::Unique(&namespace, &value);
            work.load::<Customer>(by).map(|(_, customer)| customer)
        }
    }
}

/// A token that is good now, and for a customer whom the request may see: below a store only for its customers.
fn valid(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    purpose: Purpose,
    value: &str,
) -> Result<OneTimeToken, CommerceError> {
    let hash = fingerprint(value);
    let unknown = || DomainError::ResourceNotFound {
        identifier: ResourceIdentifier::by_key(value),
    };
    require_live(tx, request)?;
    let token = customers::find_token(tx, &request.project, purpose, &hash)?.ok_or_else(unknown)?;
    if request.store.is_some() && find_recipient(tx, request, &token)?.is_none() {
        return Err(unknown().into());
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
    let mut seen = request.whole_project();
    seen.store.clone_from(&request.store);
    let by = By::Id(token.customer.as_str());
    documents::find(tx, &seen, Customer::KIND, by)
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

/// Takes a token, so that it cannot be used again.
fn take(
    tx: &mut WriteTx<'_>,
    request: &RequestContext,
    purpose: Purpose,
    value: &str,
) -> Result<OneTimeToken, CommerceError> {
    let token = valid(tx, request, purpose, value)?;
    if customers::take_token(tx, &token.hash)? {
        Ok(token)
    } else {
        Err(DomainError::ResourceNotFound {
            identifier: ResourceIdentifier::by_key(value),
        }
        .into())
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
    let request = work.request;
    let token = take(work.tx, request, Purpose::Email, value)?;
    let by = By::Id(token.customer.as_str());
    let seen = request.whole_project();
    let row = documents::find(work.tx, &seen, Customer::KIND, by)?.ok_or_else(|| not_found(by))?;
    let before = row.parse::<Customer>()?;
    if let Some(version) = version {
        check_version(&before, version)?;
    }
    let (after, messages) = work.rules(Customer::KIND, |context| {
        let mut after = before.clone();
        after.verify_email(context);
        Ok(after)
    })?;
    let saved = work.save(&row, &before, after, messages)?;
    customers::drop_tokens(
        work.tx,
        &request.project,
        &token.customer,
        Some(Purpose::Email),
    )?;
    Ok(saved)
}

/// Sets a new password with a token.
///
/// # Errors
/// As [`find_customer`]; [`DomainError::ConcurrentModification`].
pub fn reset_password(
    work: &mut Work<'_, '_>,
    value: &str,
    new: &NewPassword,
) -> Result<Customer, CommerceError> {
    let request = work.request;
    let customer = valid(work.tx, request, Purpose::Password, value)?.customer;
    sessions::lock_customer(work.tx, &request.project, &customer)?;
    work.hold_session()?;
    let token = take(work.tx, request, Purpose::Password, value)?;
    passwords::set(work, &token.customer, new)
}
