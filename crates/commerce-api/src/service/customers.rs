//! Customers beyond the shared life cycle: looking them up to sign in, and deleting them with their secrets.

use domain::{
    customer::Customer,
    error::DomainError,
    identity::ids::CustomerId,
    resource::{Envelope as _, Resource as _},
    world::By,
};
use shared::db::{DbError, ReadTx, WriteTx};

use super::resources;
use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{customers, documents, sessions},
};

/// A customer who wants to sign in, with the stored hash of the password.
pub struct Account {
    /// The customer.
    pub customer: Customer,
    /// The hash; absent for customers who are checked elsewhere.
    pub password_hash: Option<String>,
}

/// The account of an e-mail address: global customers, or those of the store of an in-store path.
///
/// # Errors
/// [`DbError`].
pub fn account(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    email: &str,
) -> Result<Option<Account>, DbError> {
    let store = request.store.as_ref().map(|store| store.as_str());
    let (namespace, value) = (Customer::email_namespace(store), Customer::email_key(email));
    let seen = request.whole_project();
    let Some(row) = documents::find(tx, &seen, Customer::KIND, By::Unique(&namespace, &value))?
    else {
        return Ok(None);
    };
    let customer = row.parse::<Customer>()?;
    let id = CustomerId::new(customer.id());
    let password_hash = customers::password_hash(tx, &request.project, &id)?;
    Ok(Some(Account {
        customer,
        password_hash,
    }))
}

/// Deletes a customer; carts and orders stay, tokens and secrets die.
///
/// # Errors
/// As [`resources::delete`].
pub fn delete(
    tx: &mut WriteTx<'_>,
    state: &AppState,
    request: &RequestContext,
    by: By<'_>,
    version: Result<i64, DomainError>,
    erase: bool,
) -> Result<Customer, CommerceError> {
    let customer = resources::delete::<Customer>(tx, state, request, by, version, erase)?;
    let id = CustomerId::new(customer.id());
    customers::forget(tx, &request.project, &id)?;
    sessions::revoke_customer(tx, &request.project, &id, "customer_deleted")?;
    Ok(customer)
}
