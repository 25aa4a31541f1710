//! What a guest leaves becomes the customer's: carts, orders, payments, and shopping lists if so configured.
//!
//! All of it happens in the transaction of the sign-in, after the guest's session was locked. Nothing can be added to
//! the session meanwhile, so nothing is left behind.

mod carts;

use domain::{
    cart::{
        Cart, CartState, MergeRule, ProductData,
        sign_in::{self, Outcome, Plan, SignInMode, Terms, WhenBlocked},
    },
    customer::Customer,
    error::DomainError,
    identity::{
        ids::{AnonymousId, CustomerId},
        principal::Subject,
    },
    kind::Kind,
    order::Order,
    payment::Payment,
    reference::{Reference, ResourceIdentifier},
    resource::{Envelope as _, Resource},
    shopping_list::ShoppingList,
    world::lookup,
};

use carts::{Candidate, owned_by};

use super::{anonymous_ids, work::Work, workbench::ShoppingListMigration};
use crate::{
    error::CommerceError,
    store::{
        documents::{self, Row},
        sessions,
    },
};

/// What a sign-in takes over.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// The guest whose session ends.
    pub guest: Option<AnonymousId>,
    /// One cart, named by a backend.
    pub cart: Option<ResourceIdentifier>,
    /// What becomes of the guest's cart.
    pub mode: SignInMode,
    /// Whether product data in the resulting cart is refreshed.
    pub update_product_data: bool,
}

/// Assigns everything of the guest to the customer and settles which cart is active.
///
/// Answers the customer's active cart, if there is one.
///
/// # Errors
/// [`DomainError::ReferencedResourceNotFound`] and [`DomainError::InvalidOperation`] for a cart that cannot be taken
/// over; whatever the recalculation refuses. Nothing is moved then.
fn adopt(
    work: &mut Work<'_, '_>,
    customer: &Customer,
    sign_in: &SignIn,
    when_blocked: WhenBlocked,
) -> Result<Option<Cart>, CommerceError> {
    // Two guests who become the same customer at once would both find no cart to merge into.
    let project = &work.request.project;
    documents::lock(work.tx, project, Kind::Customer, customer.id())?;
    let named = named_cart(work, sign_in)?;
    let guests = carts::of_guest(work, sign_in.guest.as_ref(), named.as_ref())?;
    let source = named.as_ref().or(guests.candidate.as_ref());
    let own = carts::of_customer(work, customer, source)?;
    let kept = &own.candidates;
    let outcome = settle(work, customer, sign_in, when_blocked, source, kept)?;

    let taken: Vec<&str> = [&outcome.merged, &outcome.cart]
        .into_iter()
        .flatten()
        .map(|cart| cart.id.as_str())
        .collect();
    if let Some(named) = named
        .as_ref()
        .filter(|named| !taken.contains(&named.row.id.as_str()))
    {
        carts::assign_to(work, customer, named)?;
    }
    carts::assign_others(work, customer, &guests, |id| {
        taken.contains(&id) || named.as_ref().is_some_and(|named| named.row.id == id)
    })?;
    let all: Vec<&Candidate> = source.into_iter().chain(kept).collect();
    let last = all
        .iter()
        .map(|cart| cart.row.modification_sequence)
        .fold(guests.last().max(own.last), i64::max);
    if let Some(guest) = &sign_in.guest {
        move_orders(work, guest, customer)?;
        move_payments(work, guest, customer)?;
        if work.bench.shopping_lists == ShoppingListMigration::Automatic {
            move_shopping_lists(work, guest, customer)?;
        }
    }
    save_outcome(work, &all, outcome, last)
}

/// The resulting cart is written last and with the highest number, so it is the most recently modified one.
fn save_outcome(
    work: &mut Work<'_, '_>,
    all: &[&Candidate],
    outcome: Outcome,
    last: i64,
) -> Result<Option<Cart>, CommerceError> {
    let mut saved = None;
    for after in [outcome.merged, outcome.cart].into_iter().flatten() {
        let Some(cart) = all.iter().find(|cart| cart.row.id == after.id) else {
            return Err(CommerceError::Internal(format!(
                "cart {} was never read",
                after.id
            )));
        };
        let row = Row {
            modification_sequence: last.max(cart.row.modification_sequence),
            ..cart.row.clone()
        };
        saved = Some(work.save(&row, &cart.before, after, Vec::new())?);
    }
    Ok(saved)
}

fn settle(
    work: &mut Work<'_, '_>,
    customer: &Customer,
    sign_in: &SignIn,
    when_blocked: WhenBlocked,
    source: Option<&Candidate>,
    own: &[Candidate],
) -> Result<Outcome, CommerceError> {
    let sources = source.map(|cart| &cart.before);
    let targets = own.iter().map(|cart| &cart.before);
    let plan: Plan<'_> = sign_in::choose(sources, targets, sign_in.mode);
    let terms = Terms {
        rule: MergeRule::Max,
        product_data: ProductData::from_flag(sign_in.update_product_data),
        when_blocked,
    };
    let (outcome, _) = work.rules_for(Kind::Cart, &Subject::Client, |context| {
        sign_in::carry_out(plan, customer, terms, context)
    })?;
    Ok(outcome)
}

/// The cart a backend names: the token must be able to read it, and it must be active and have no customer yet.
fn named_cart(
    work: &mut Work<'_, '_>,
    sign_in: &SignIn,
) -> Result<Option<Candidate>, CommerceError> {
    let Some(identifier) = &sign_in.cart else {
        return Ok(None);
    };
    let by = lookup(Kind::Cart, identifier)?;
    let mut found = None;
    for seen in work.request.readable_here(Kind::Cart) {
        if found.is_none() {
            found = documents::find_locked(work.tx, &seen, Kind::Cart, by)?;
        }
    }
    let row = found.ok_or_else(|| DomainError::ReferencedResourceNotFound {
        kind: Kind::Cart,
        identifier: identifier.clone(),
    })?;
    let cart = row.parse::<Cart>()?;
    if let Some(guest) = &sign_in.guest
        && cart.anonymous_id.as_deref() != Some(guest.as_str())
    {
        return Err(DomainError::operation(format!(
            "the cart `{}` does not belong to the anonymous session of `anonymousId`",
            cart.id
        ))
        .into());
    }
    if cart.cart_state != CartState::Active || cart.customer_id.is_some() {
        return Err(DomainError::operation(format!(
            "the cart `{}` is not an active cart without customer",
            cart.id
        ))
        .into());
    }
    Ok(Some(Candidate { row, before: cart }))
}

fn move_orders(
    work: &mut Work<'_, '_>,
    guest: &AnonymousId,
    customer: &Customer,
) -> Result<(), CommerceError> {
    let seen = owned_by(work, Subject::Anonymous(guest.clone()));
    for held in documents::hold_all(work.tx, &seen, Kind::Order, None)? {
        let row = documents::read_held(work.tx, &seen, Kind::Order, &held)?;
        let before = row.parse::<Order>()?;
        let (after, messages) = work.rules_for(Kind::Order, &Subject::Client, |context| {
            let mut after = before.clone();
            after.assign(customer, context)?;
            Ok(after)
        })?;
        work.save(&row, &before, after, messages)?;
    }
    Ok(())
}

fn move_payments(
    work: &mut Work<'_, '_>,
    guest: &AnonymousId,
    customer: &Customer,
) -> Result<(), CommerceError> {
    move_plain::<Payment>(work, guest, |payment| {
        payment.customer = Some(Reference::new(Kind::Customer, customer.id()));
    })
}

fn move_shopping_lists(
    work: &mut Work<'_, '_>,
    guest: &AnonymousId,
    customer: &Customer,
) -> Result<(), CommerceError> {
    move_plain::<ShoppingList>(work, guest, |list| {
        list.customer = Some(Reference::new(Kind::Customer, customer.id()));
    })
}

fn move_plain<R: Resource>(
    work: &mut Work<'_, '_>,
    guest: &AnonymousId,
    assign: impl Fn(&mut R),
) -> Result<(), CommerceError> {
    let seen = owned_by(work, Subject::Anonymous(guest.clone()));
    for held in documents::hold_all(work.tx, &seen, R::KIND, None)? {
        let row = documents::read_held(work.tx, &seen, R::KIND, &held)?;
        let before = row.parse::<R>()?;
        let mut after = before.clone();
        assign(&mut after);
        work.save(&row, &before, after, Vec::new())?;
    }
    Ok(())
}

/// Locks the guest's session and id, before anything else is locked, and refuses a guest who cannot sign in.
///
/// # Errors
/// As [`anonymous_ids::lock_guest`].
pub fn lock_session(
    work: &mut Work<'_, '_>,
    guest: Option<&AnonymousId>,
) -> Result<(), CommerceError> {
    if let Some(guest) = guest {
        anonymous_ids::lock_guest(work, guest)?;
    }
    if work.request.session().is_some() {
        work.hold_session()?;
    }
    Ok(())
}

/// Makes the guest the customer: everything is assigned, and the session ends. The one rule of every sign-in; the session
/// was locked first.
///
/// Answers the customer's active cart, if there is one.
///
/// # Errors
/// As [`adopt`]: nothing is moved then, and the session goes on.
pub fn complete(
    work: &mut Work<'_, '_>,
    customer: &Customer,
    sign_in: &SignIn,
    when_blocked: WhenBlocked,
    reason: &str,
) -> Result<Option<Cart>, CommerceError> {
    let cart = adopt(work, customer, sign_in, when_blocked)?;
    end_session(work, sign_in.guest.as_ref(), customer, reason)?;
    Ok(cart)
}

/// Ends the guest's session together with this transaction.
fn end_session(
    work: &mut Work<'_, '_>,
    guest: Option<&AnonymousId>,
    customer: &Customer,
    reason: &str,
) -> Result<(), CommerceError> {
    let Some(guest) = guest else { return Ok(()) };
    let customer = CustomerId::new(customer.id());
    let (project, now) = (&work.request.project, work.request.now);
    sessions::end_guest(work.tx, project, guest, &customer, reason, now)?;
    sessions::use_up_anonymous_id(work.tx, project, guest, &customer)?;
    Ok(())
}
