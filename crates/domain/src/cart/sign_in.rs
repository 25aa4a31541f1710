//! Which cart a customer has after signing in or up.
//!
//! [`choose`] decides, [`carry_out`] does it. Both are pure: the caller finds the candidates, assigns everything else
//! that the session owns, and saves what comes back, the resulting cart last.

use serde::Deserialize;

use crate::{
    cart::{
        Cart, CartOrigin, CartState, MergeRule, Merged, ProductData, assign, check_mergeable,
        merge, recalculate::recalculate,
    },
    context::Context,
    customer::Customer,
    error::DomainError,
};

/// What becomes of the guest's cart: `activeCartSignInMode`, `anonymousCartSignInMode`, `mergeMode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum SignInMode {
    /// Its lines join the customer's active cart.
    #[default]
    MergeWithExistingCustomerCart,
    /// It becomes the customer's active cart as it is.
    UseAsNewActiveCustomerCart,
}

/// What is to be done with the carts of a guest and a customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plan<'a> {
    /// There is no cart.
    Nothing,
    /// The customer's cart stays the active one.
    Keep {
        /// It.
        target: &'a Cart,
    },
    /// The guest's cart becomes the customer's active one.
    Assign {
        /// It.
        source: &'a Cart,
        /// The cart that was active before, which may lend its shipping address.
        previous: Option<&'a Cart>,
    },
    /// The guest's cart joins the customer's.
    Merge {
        /// The guest's.
        source: &'a Cart,
        /// The customer's.
        target: &'a Cart,
    },
}

/// Chooses by mode between the carts of a session and the carts a customer had before.
///
/// Both lists begin with the most recently modified cart; carts that are not active, of another origin than Customer, or
/// locked are passed over. A cart of the customer counts only if it has the currency and the store of the guest's:
/// if none has, the guest's cart is assigned, so that nothing is lost and nothing is half merged.
#[must_use]
pub fn choose<'a>(
    sources: impl IntoIterator<Item = &'a Cart>,
    targets: impl IntoIterator<Item = &'a Cart>,
    mode: SignInMode,
) -> Plan<'a> {
    let source = sources.into_iter().find(|cart| is_candidate(cart));
    let mut targets = targets.into_iter().filter(|cart| is_candidate(cart));
    let Some(source) = source else {
        return targets
            .next()
            .map_or(Plan::Nothing, |target| Plan::Keep { target });
    };
    let target = targets.find(|target| target.id != source.id && is_compatible(source, target));
    match (target, mode) {
        (Some(target), SignInMode::MergeWithExistingCustomerCart) => Plan::Merge { source, target },
        (previous, SignInMode::UseAsNewActiveCustomerCart)
        | (previous @ None, SignInMode::MergeWithExistingCustomerCart) => {
            Plan::Assign { source, previous }
        }
    }
}

/// Whether a cart can be the one that a guest or a customer works with.
#[must_use]
pub fn is_candidate(cart: &Cart) -> bool {
    cart.cart_state == CartState::Active
        && cart.origin == CartOrigin::Customer
        && cart.lock.is_none()
}

/// Whether two carts can become one.
#[must_use]
pub fn is_compatible(source: &Cart, target: &Cart) -> bool {
    source.total_price.currency_code == target.total_price.currency_code
        && source.store == target.store
}

/// What to do when shipping methods forbid a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenBlocked {
    /// The customer keeps the own cart; the guest's is only assigned. Signing in must not fail for this.
    KeepTarget,
    /// The request fails.
    Refuse,
}

/// How a plan is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How quantities become one.
    pub rule: MergeRule,
    /// Whether product data is refreshed.
    pub product_data: ProductData,
    /// What to do when shipping methods forbid the merge.
    pub when_blocked: WhenBlocked,
}

/// The carts after signing in, both without a new envelope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The guest's cart, now closed, if it was merged. To be saved before `cart`.
    pub merged: Option<Cart>,
    /// The customer's active cart, recalculated. To be saved last of all, so that it is the most recently modified.
    pub cart: Option<Cart>,
}

/// Does what was planned.
///
/// Lines of products that are not sold any more leave the resulting cart.
///
/// # Errors
/// [`DomainError::MatchingPriceNotFound`] and [`DomainError::MissingTaxRateForCountry`] from the recalculation;
/// [`DomainError::InvalidOperation`] if the merge is blocked and the terms say to refuse.
pub fn carry_out(
    plan: Plan<'_>,
    customer: &Customer,
    terms: Terms,
    context: &mut Context<'_>,
) -> Result<Outcome, DomainError> {
    match plan {
        Plan::Nothing => Ok(Outcome::default()),
        Plan::Keep { target } => refreshed(target, customer, terms, context),
        Plan::Assign { source, previous } => {
            let mut cart = source.clone();
            if cart.shipping_address.is_none() {
                cart.shipping_address =
                    previous.and_then(|previous| previous.shipping_address.clone());
            }
            refreshed(&cart, customer, terms, context)
        }
        Plan::Merge { source, target } => match check_mergeable(source, target, context) {
            Err(DomainError::InvalidOperation { .. })
                if terms.when_blocked == WhenBlocked::KeepTarget =>
            {
                refreshed(target, customer, terms, context)
            }
            Err(error) => Err(error),
            Ok(()) => {
                let mut target = target.clone();
                assign(&mut target, customer);
                let Merged { source, target } =
                    merge(source, target, terms.rule, terms.product_data, context)?;
                Ok(Outcome {
                    merged: Some(source),
                    cart: Some(target),
                })
            }
        },
    }
}

fn refreshed(
    cart: &Cart,
    customer: &Customer,
    terms: Terms,
    context: &mut Context<'_>,
) -> Result<Outcome, DomainError> {
    let mut cart = cart.clone();
    assign(&mut cart, customer);
    cart.pending.refresh(terms.product_data.updates());
    recalculate(&mut cart, context)?;
    Ok(Outcome {
        merged: None,
        cart: Some(cart),
    })
}
