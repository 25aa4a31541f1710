//! Sign-up: a new customer, who takes over what the guest left.

use domain::{
    cart::sign_in::{SignInMode, WhenBlocked},
    customer::{Customer, CustomerDraft},
    identity::{
        ids::{AnonymousId, CustomerId},
        principal::Subject,
    },
    kind::Kind,
    reference::ResourceIdentifier,
    resource::{Envelope as _, Resource as _},
};
use shared::{http::client_address::Client as Caller, random::uuid};

use super::{
    adoption::{self, SignIn},
    customers, references,
    session::require_live,
    sign_in::SignInResult,
    work::Work,
};
use crate::{
    app_state::SharedState, error::CommerceError, request::RequestContext,
    store::customers as secrets,
};

/// Signs a customer up, for a backend, which has no caller, or for the token's guest.
///
/// # Errors
/// [`CommerceError::TooManyRequests`]; [`domain::error::DomainError::DuplicateEmail`]; any rule the draft breaks; what
/// [`adoption::complete`] refuses. The guest's session goes on then.
pub async fn sign_up(
    state: &SharedState,
    request: &RequestContext,
    draft: CustomerDraft,
    caller: Option<Caller>,
) -> Result<SignInResult, CommerceError> {
    // Hashing is slow: nobody gets it for a dead token, or for a store that is not there.
    let asked = request.clone();
    state
        .database
        .read(move |tx| {
            require_live(tx, &asked)?;
            references::require_known_store(tx, &asked)
        })
        .await?;
    let who = state.limits.who(caller.as_ref(), request, &draft.email);
    state.limits.new_password(&who)?;
    let party = who.party();
    let password = draft
        .password_to_hash()?
        .map(|password| password.expose().to_owned());
    let hash = match password {
        Some(password) => Some(state.passwords.hash(&party, password).await?),
        None => None,
    };
    let (owned_state, owned_request) = (state.clone(), request.clone());
    state
        .database
        .write(move |tx| {
            let mut work = Work::new(tx, &owned_state.bench, &owned_request);
            register(&mut work, draft, hash.as_deref())
        })
        .await
}

fn register(
    work: &mut Work<'_, '_>,
    draft: CustomerDraft,
    hash: Option<&str>,
) -> Result<SignInResult, CommerceError> {
    let adopted = what_to_adopt(work.request, &draft);
    adoption::lock_session(work, adopted.guest.as_ref())?;
    references::require_store(work)?;
    let request = work.request;
    let (customer, messages) = work.rules_for(Kind::Customer, &Subject::Client, |context| {
        let customer = Customer::create(draft, context)?;
        customers::check_stores(request, &[], &customer.stores)?;
        Ok(customer)
    })?;
    let id = uuid(work.bench.randomness.as_ref());
    let customer = work.insert(customer, id, messages)?;
    if let Some(hash) = hash {
        let id = CustomerId::new(customer.id());
        secrets::set_password_hash(work.tx, &work.request.project, &id, hash, work.request.now)?;
    }
    let cart = if adopted.guest.is_some() || adopted.cart.is_some() {
        adoption::complete(work, &customer, &adopted, WhenBlocked::KeepTarget, "signup")?
    } else {
        None
    };
    Ok(SignInResult { customer, cart })
}

/// The token's guest on `/me`, whom a backend names elsewhere.
fn what_to_adopt(request: &RequestContext, draft: &CustomerDraft) -> SignIn {
    let named = match &request.acting_for {
        Subject::Anonymous(guest) => {
            return SignIn {
                guest: Some(guest.clone()),
                ..SignIn::default()
            };
        }
        Subject::Customer(_) => return SignIn::default(),
        Subject::Client => draft,
    };
    SignIn {
        guest: named.anonymous_id.as_deref().map(AnonymousId::new),
        cart: named.anonymous_cart.clone().or_else(|| {
            named
                .anonymous_cart_id
                .as_deref()
                .map(ResourceIdentifier::by_id)
        }),
        mode: SignInMode::default(),
        update_product_data: false,
    }
}
