//! The carts of a guest and of a customer at a sign-in. All of them are held, and read one by one: what somebody has may be
//! more than memory should hold.

use domain::{
    cart::{Cart, assign, sign_in},
    customer::Customer,
    identity::{
        ids::{AnonymousId, CustomerId},
        principal::Subject,
    },
    kind::Kind,
    resource::Envelope as _,
};

use crate::{
    error::CommerceError,
    service::work::Work,
    store::{
        documents::{self, Held, Row},
        visibility::Visibility,
    },
};

/// A cart with the row it was read from.
pub(super) struct Candidate {
    pub row: Row,
    pub before: Cart,
}

impl Candidate {
    fn read(row: Row) -> Result<Self, CommerceError> {
        let before = row.parse::<Cart>()?;
        Ok(Self { row, before })
    }
}

/// The carts of a guest, latest change first.
#[derive(Default)]
pub(super) struct GuestCarts {
    seen: Option<Visibility>,
    held: Vec<Held>,
    /// The one that may be merged: the latest that is active.
    pub candidate: Option<Candidate>,
}

impl GuestCarts {
    /// The highest number among them.
    pub fn last(&self) -> i64 {
        let numbers = self.held.iter().map(|held| held.modification_sequence);
        numbers.max().unwrap_or(0)
    }
}

/// Holds the guest's carts and finds the one that may be merged, unless that one was named.
pub(super) fn of_guest(
    work: &mut Work<'_, '_>,
    guest: Option<&AnonymousId>,
    named: Option<&Candidate>,
) -> Result<GuestCarts, CommerceError> {
    let Some(guest) = guest else {
        return Ok(GuestCarts::default());
    };
    let seen = owned_by(work, Subject::Anonymous(guest.clone()));
    let held = documents::hold_all(work.tx, &seen, Kind::Cart, None)?;
    let mut candidate = None;
    for one in held.iter().take_while(|_| named.is_none()) {
        let cart = Candidate::read(documents::read_held(work.tx, &seen, Kind::Cart, one)?)?;
        if is_candidate(work, &cart.before) {
            candidate = Some(cart);
            break;
        }
    }
    Ok(GuestCarts {
        seen: Some(seen),
        held,
        candidate,
    })
}

/// Assigns a cart to the customer.
pub(super) fn assign_to(
    work: &mut Work<'_, '_>,
    customer: &Customer,
    cart: &Candidate,
) -> Result<(), CommerceError> {
    let mut after = cart.before.clone();
    assign(&mut after, customer);
    work.save(&cart.row, &cart.before, after, Vec::new())?;
    Ok(())
}

/// Assigns the guest's carts to the customer, except those that something else becomes of.
pub(super) fn assign_others(
    work: &mut Work<'_, '_>,
    customer: &Customer,
    guests: &GuestCarts,
    is_settled: impl Fn(&str) -> bool,
) -> Result<(), CommerceError> {
    let Some(seen) = &guests.seen else {
        return Ok(());
    };
    for held in guests.held.iter().filter(|held| !is_settled(&held.id)) {
        let row = documents::read_held(work.tx, seen, Kind::Cart, held)?;
        assign_to(work, customer, &Candidate::read(row)?)?;
    }
    Ok(())
}

/// The active carts of a customer.
pub(super) struct CustomerCarts {
    /// The latest one, and the latest one that the guest's can be merged into.
    pub candidates: Vec<Candidate>,
    /// The highest number among all of them.
    pub last: i64,
}

/// Holds the customer's active carts, and keeps those that matter.
pub(super) fn of_customer(
    work: &mut Work<'_, '_>,
    customer: &Customer,
    source: Option<&Candidate>,
) -> Result<CustomerCarts, CommerceError> {
    let seen = owned_by(work, Subject::Customer(CustomerId::new(customer.id())));
    let all = documents::hold_all(work.tx, &seen, Kind::Cart, Some("Active"))?;
    let last = all.iter().map(|held| held.modification_sequence).max();
    let mut candidates: Vec<Candidate> = Vec::new();
    for held in &all {
        let cart = Candidate::read(documents::read_held(work.tx, &seen, Kind::Cart, held)?)?;
        if !is_candidate(work, &cart.before) {
            continue;
        }
        let is_the_one = source.is_none_or(|source| {
            source.row.id != cart.row.id && sign_in::is_compatible(&source.before, &cart.before)
        });
        if is_the_one || candidates.is_empty() {
            candidates.push(cart);
        }
        if is_the_one {
            break;
        }
    }
    Ok(CustomerCarts {
        candidates,
        last: last.unwrap_or(0),
    })
}

/// Whether a cart can be the one somebody works with, in the store that the request is about.
fn is_candidate(work: &Work<'_, '_>, cart: &Cart) -> bool {
    let wanted = work.request.store.as_ref().map(|store| store.as_str());
    let is_in_store =
        wanted.is_none() || cart.store.as_ref().map(|store| store.key.as_str()) == wanted;
    is_in_store && sign_in::is_candidate(cart)
}

/// Everything an owner has, in every store.
pub(super) fn owned_by(work: &Work<'_, '_>, owner: Subject) -> Visibility {
    let mut seen = work.request.whole_project();
    seen.owner = owner;
    seen
}
