//! Customers beyond the shared life cycle: looking them up to sign in, and what changes and deletions do to their
//! passwords and sessions.

use domain::{
    customer::{
        AuthenticationMode, Customer, CustomerAction, CustomerGroupAssignment, PasswordChange,
    },
    error::DomainError,
    identity::{
        ids::{CustomerId, StoreKey},
        principal::Subject,
    },
    kind::Kind,
    reference::{KeyReference, Reference},
    resource::{Envelope as _, Resource as _},
    world::By,
};
use shared::{
    db::{DbError, ReadTx},
    password::Party,
};

use super::{
    carts, passwords,
    resources::{self, Changed, Deletion, OwnedBy, Update},
    work::Work,
};
use crate::{
    access::{Verb, backend_scopes, my_scopes},
    app_state::{AppState, SharedState},
    error::CommerceError,
    request::RequestContext,
    store::{customers, documents, sessions},
};

/// A customer who wants to sign in, with the stored hash of the password.
pub struct Account {
    /// The customer.
    pub customer: Customer,
    /// The hash; absent for customers who are checked elsewhere, whatever is stored.
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
    let password_hash = password_hash(tx, request, &customer)?;
    Ok(Some(Account {
        customer,
        password_hash,
    }))
}

/// The hash of the password that a customer signs in with.
///
/// # Errors
/// [`DbError`].
pub fn password_hash(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    customer: &Customer,
) -> Result<Option<String>, DbError> {
    match customer.authentication_mode {
        AuthenticationMode::Password => {
            let id = CustomerId::new(customer.id());
            customers::password_hash(tx, &request.project, &id)
        }
        AuthenticationMode::ExternalAuth => Ok(None),
    }
}

/// [`account`], with the customer held: nobody changes the password before the transaction ends.
///
/// # Errors
/// [`DbError`].
pub fn account_held(work: &mut Work<'_, '_>, email: &str) -> Result<Option<Account>, DbError> {
    let Some(found) = account(work.tx, work.request, email)? else {
        return Ok(None);
    };
    let project = &work.request.project;
    documents::lock(work.tx, project, Customer::KIND, found.customer.id())?;
    account(work.tx, work.request, email)
}

/// What an update makes of the stored password.
enum StoredPassword {
    /// It is what it was.
    Kept,
    /// This is its hash.
    Hash(String),
    /// There is none any more.
    Removed,
}

/// Changes a customer, and with the customer what is kept elsewhere: the password's hash, and the sessions.
///
/// # Errors
/// As [`resources::update`].
pub async fn update(
    state: &SharedState,
    request: &RequestContext,
    by: OwnedBy,
    update: Result<Update<CustomerAction>, DomainError>,
) -> Result<Customer, CommerceError> {
    // Hashing is slow: it happens before the transaction.
    let password = stored_password(state, &update).await?;
    let (owned_state, owned_request) = (state.clone(), request.clone());
    state
        .database
        .write(move |tx| {
            let mut work = Work::new(tx, &owned_state.bench, &owned_request);
            change(&mut work, by.as_by(), update, &password)
        })
        .await
}

async fn stored_password(
    state: &AppState,
    update: &Result<Update<CustomerAction>, DomainError>,
) -> Result<StoredPassword, CommerceError> {
    let actions = match update {
        Ok(Update {
            actions: Ok(actions),
            ..
        }) => actions.as_slice(),
        Ok(Update {
            actions: Err(_), ..
        })
        | Err(_) => &[],
    };
    // What is wrong with a password is for the rules to say, after they have seen the version.
    let last = actions
        .iter()
        .filter_map(|action| action.password_change().ok().flatten())
        .next_back();
    Ok(match last {
        None => StoredPassword::Kept,
        Some(PasswordChange::Remove) => StoredPassword::Removed,
        Some(PasswordChange::Set(password)) => {
            let password = password.expose().to_owned();
            StoredPassword::Hash(state.passwords.hash(&Party::Operator, password).await?)
        }
    })
}

fn change(
    work: &mut Work<'_, '_>,
    by: By<'_>,
    update: Result<Update<CustomerAction>, DomainError>,
    password: &StoredPassword,
) -> Result<Customer, CommerceError> {
    lock_sessions(work, by)?;
    let request = work.request;
    let changed = resources::change::<Customer>(work, by, update, |before, after, context| {
        check_stores(request, &before.stores, &after.stores)?;
        if matches!(password, StoredPassword::Hash(_)) {
            after.changed_password(false, context);
        }
        Ok(())
    })?;
    let project = &work.request.project;
    let id = CustomerId::new(changed.after.id());
    match password {
        StoredPassword::Kept => {}
        StoredPassword::Hash(hash) => {
            passwords::store_hash(work, &id, hash, "password_changed")?;
        }
        StoredPassword::Removed => {
            customers::forget(work.tx, project, &id)?;
            sessions::revoke_customer(work.tx, project, &id, "password_removed", work.request.now)?;
        }
    }
    leave_stores(work, &changed)?;
    end_tokens(work, &changed)?;
    if groups(&changed.before) != groups(&changed.after) {
        carts::reprice_active(work, &changed.after)?;
    }
    Ok(changed.after)
}

/// The groups whose prices the customer sees.
fn groups(customer: &Customer) -> (Option<&Reference>, &[CustomerGroupAssignment]) {
    (
        customer.customer_group.as_ref(),
        &customer.customer_group_assignments,
    )
}

/// A token of some stores gives a customer no other ones, takes none of the others away, and lets nobody out of the store it
/// works in.
///
/// # Errors
/// [`DomainError::InvalidOperation`].
pub fn check_stores(
    request: &RequestContext,
    before: &[KeyReference],
    after: &[KeyReference],
) -> Result<(), DomainError> {
    let Some(own) = &request.confined_to else {
        return Ok(());
    };
    let scopes = match request.acting_for {
        Subject::Client => backend_scopes(Kind::Customer, Verb::Manage),
        Subject::Anonymous(_) | Subject::Customer(_) => my_scopes(Kind::Customer),
    };
    let may_change = |key: &str| {
        let store = StoreKey::new(key);
        scopes
            .iter()
            .any(|scope| request.allows(*scope, Some(&store)))
    };
    let moved = before
        .iter()
        .filter(|store| !after.contains(store))
        .chain(after.iter().filter(|store| !before.contains(store)));
    if let Some(foreign) = moved.into_iter().find(|store| !may_change(&store.key)) {
        return Err(DomainError::operation(format!(
            "the token does not reach beyond the store `{own}`: it cannot change that a customer belongs to the store \
             `{}` or not",
            foreign.key
        )));
    }
    if !after.iter().any(|store| store.key == own.as_str()) {
        return Err(DomainError::operation(format!(
            "the token does not reach beyond the store `{own}`: the customer must stay there"
        )));
    }
    Ok(())
}

/// Changes the customer who asks. Shoppers change neither passwords nor stores, so no session ends.
///
/// # Errors
/// As [`resources::update`].
pub fn update_own(
    work: &mut Work<'_, '_>,
    by: By<'_>,
    update: Result<Update<CustomerAction>, DomainError>,
) -> Result<Customer, CommerceError> {
    let changed = resources::change::<Customer>(work, by, update, |_, _, _| Ok(()))?;
    end_tokens(work, &changed)?;
    Ok(changed.after)
}

/// Ends the one-time tokens of a customer who has another e-mail address, or is not found any more where it was: a token is for
/// the account that it was made for.
fn end_tokens(work: &mut Work<'_, '_>, changed: &Changed<Customer>) -> Result<(), CommerceError> {
    let (before, after) = (&changed.before, &changed.after);
    let left_a_store = before
        .stores
        .iter()
        .any(|store| !after.stores.contains(store));
    let is_elsewhere = left_a_store || before.stores.is_empty() != after.stores.is_empty();
    if is_elsewhere || before.email != after.email {
        let id = CustomerId::new(after.id());
        customers::drop_tokens(work.tx, &work.request.project, &id)?;
    }
    Ok(())
}

/// Ends the sessions that the customer has in stores to which the customer does not belong any more.
fn leave_stores(work: &mut Work<'_, '_>, changed: &Changed<Customer>) -> Result<(), CommerceError> {
    let id = CustomerId::new(changed.after.id());
    let left = changed
        .before
        .stores
        .iter()
        .filter(|store| !changed.after.stores.contains(store));
    for store in left {
        let (project, now) = (&work.request.project, work.request.now);
        sessions::revoke_customer_in_store(work.tx, project, &id, &store.key, now)?;
    }
    Ok(())
}

/// Locks the sessions that may end, which comes before locking the customer.
fn lock_sessions(work: &mut Work<'_, '_>, by: By<'_>) -> Result<(), CommerceError> {
    let seen = work.request.visibility();
    if let Some((id, _)) = documents::identify(work.tx, &seen, Customer::KIND, by)? {
        sessions::lock_customer(work.tx, &work.request.project, &CustomerId::new(id))?;
    }
    Ok(())
}

/// Deletes a customer; carts and orders stay, tokens and secrets die.
///
/// # Errors
/// As [`resources::delete`].
pub fn delete(
    work: &mut Work<'_, '_>,
    by: By<'_>,
    deletion: Result<Deletion, DomainError>,
) -> Result<Customer, CommerceError> {
    lock_sessions(work, by)?;
    let customer = resources::delete::<Customer>(work, by, deletion)?;
    let (project, id) = (&work.request.project, CustomerId::new(customer.id()));
    customers::forget(work.tx, project, &id)?;
    sessions::revoke_customer(work.tx, project, &id, "customer_deleted", work.request.now)?;
    Ok(customer)
}
