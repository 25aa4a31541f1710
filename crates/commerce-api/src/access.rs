//! The policy table: which scopes open which endpoint. The only place that says so.

use domain::{
    identity::{
        ids::{ProjectKey, StoreKey},
        principal::{Principal, Subject},
        scope::{
            Reach,
            ScopeName::{self, *},
        },
    },
    kind::Kind,
};

use crate::error::CommerceError;

/// Reading or changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET and HEAD.
    View,
    /// POST and DELETE.
    Manage,
}

/// Whose resources an endpoint serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody's, for backends.
    Backend,
    /// The token's subject's, a guest's or a customer's.
    Shopper,
    /// The token's customer's.
    CustomerOnly,
    /// Sign-up and sign-in: with or without a guest.
    Visitor,
    /// Everybody's with one of these scopes, or for a token without a subject; else those of the token's subject.
    OwnUnless(&'static [ScopeName]),
}

/// What an endpoint demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Any one of them suffices.
    pub any_of: &'static [ScopeName],
    /// Whose resources it serves.
    pub audience: Audience,
}

/// The scopes of the backend endpoints of a kind: to view, to manage.
///
/// Source: the scopes of each endpoint in the commercetools API reference.
#[must_use]
pub const fn backend_scopes(kind: Kind, verb: Verb) -> &'static [ScopeName] {
    let (view, manage): (&[ScopeName], &[ScopeName]) = match kind {
        Kind::Cart | Kind::Order => (&[ViewOrders], &[ManageOrders]),
        Kind::Customer => (&[ViewCustomers], &[ManageCustomers]),
        Kind::ShoppingList => (&[ViewShoppingLists], &[ManageShoppingLists]),
        Kind::Payment => (&[ViewPayments], &[ManagePayments]),
        Kind::Product => (&[ViewProducts], &[ManageProducts]),
        Kind::ProductType => (
            &[ViewProductTypes, ViewProducts],
            &[ManageProductTypes, ManageProducts],
        ),
        Kind::Category => (
            &[ViewProducts, ViewCategories],
            &[ManageProducts, ManageCategories],
        ),
        Kind::TaxCategory => (
            &[ViewProducts, ViewTaxCategories],
            &[ManageProducts, ManageTaxCategories],
        ),
        Kind::Type => (&[ViewTypes], &[ManageTypes]),
        Kind::Store => (&[ViewStores], &[ManageStores]),
        Kind::Channel => (
            &[ViewChannels, ViewProducts],
            &[ManageChannels, ManageProducts],
        ),
        Kind::CustomerGroup => (
            &[ViewCustomers, ViewCustomerGroups],
            &[ManageCustomers, ManageCustomerGroups],
        ),
        Kind::ShippingMethod => (
            &[ViewOrders, ViewShippingMethods, ManageMyOrders],
            &[ManageOrders, ManageShippingMethods],
        ),
        Kind::Zone => (&[ViewZones, ViewOrders], &[ManageZones, ManageOrders]),
        Kind::CartDiscount => (
            &[ViewOrders, ViewCartDiscounts],
            &[ManageOrders, ManageCartDiscounts],
        ),
        Kind::DiscountCode => (&[ViewDiscountCodes], &[ManageDiscountCodes]),
        Kind::ProductDiscount => (
            &[ViewProductDiscounts, ViewProducts],
            &[ManageProductDiscounts, ManageProducts],
        ),
        Kind::InventoryEntry => (&[ViewProducts], &[ManageProducts]),
        Kind::State => (&[ViewStates], &[ManageStates]),
        Kind::StandalonePrice => (&[ViewStandalonePrices], &[ManageStandalonePrices]),
        Kind::CustomObject => (&[ViewKeyValueDocuments], &[ManageKeyValueDocuments]),
        Kind::Message => (&[ViewMessages], &[]),
        Kind::Project => (&[ViewProjectSettings], &[ManageProjectSettings]),
    };
    match verb {
        Verb::View => view,
        Verb::Manage => manage,
    }
}

/// Product projections: published data also with the weaker scope.
pub const PROJECTIONS: &[ScopeName] = &[ViewProducts, ViewPublishedProducts];
/// `/me`, its password and e-mail, sign-up and sign-in.
pub const MY_PROFILE: &[ScopeName] = &[ManageMyProfile];
/// `/me/carts`, `/me/orders`, `/me/active-cart`.
pub const MY_ORDERS: &[ScopeName] = &[ManageMyOrders];
/// `/me/shopping-lists`.
pub const MY_SHOPPING_LISTS: &[ScopeName] = &[ManageMyShoppingLists];
/// `/me/payments`.
pub const MY_PAYMENTS: &[ScopeName] = &[ManageMyPayments];

/// The shipping methods that match a cart: whose cart, is for the scopes to say.
pub const MATCHING_A_CART: Permission = Permission {
    any_of: &[ViewOrders, ViewShippingMethods, ManageMyOrders],
    audience: Audience::OwnUnless(&[ViewOrders]),
};

/// The scopes of the `/me` endpoints of a kind.
#[must_use]
pub const fn my_scopes(kind: Kind) -> &'static [ScopeName] {
    match kind {
        Kind::ShoppingList => MY_SHOPPING_LISTS,
        Kind::Payment => MY_PAYMENTS,
        Kind::Customer => MY_PROFILE,
        _ => MY_ORDERS,
    }
}

/// Checks a token against what an endpoint demands; answers on whose behalf the request works.
///
/// # Errors
/// [`CommerceError::InsufficientScope`] or [`CommerceError::SubjectMissing`].
pub fn check(
    principal: &Principal,
    permission: Permission,
    project: &ProjectKey,
    store: Option<&StoreKey>,
) -> Result<Subject, CommerceError> {
    let has_any = |scopes: &[ScopeName]| {
        scopes
            .iter()
            .any(|scope| principal.scopes.allows(*scope, project, store))
    };
    if &principal.project != project || !has_any(permission.any_of) {
        return Err(CommerceError::InsufficientScope {
            missing: permission.any_of.to_vec(),
            project: project.clone(),
        });
    }
    let subject = principal.subject.clone();
    match (permission.audience, &subject) {
        (Audience::Backend, _) => Ok(Subject::Client),
        (Audience::OwnUnless(scopes), _) if has_any(scopes) => Ok(Subject::Client),
        (Audience::OwnUnless(_), Subject::Client) if has_any(&others(permission.any_of)) => {
            Ok(Subject::Client)
        }
        (
            Audience::Shopper | Audience::OwnUnless(_),
            Subject::Anonymous(_) | Subject::Customer(_),
        )
        | (Audience::CustomerOnly, Subject::Customer(_))
        | (Audience::Visitor, _) => Ok(subject),
        (Audience::Shopper | Audience::OwnUnless(_), Subject::Client) => {
            Err(CommerceError::SubjectMissing {
                accepted: &["customer_id", "anonymous_id"],
            })
        }
        (Audience::CustomerOnly, Subject::Client | Subject::Anonymous(_)) => {
            Err(CommerceError::SubjectMissing {
                accepted: &["customer_id"],
            })
        }
    }
}

/// The scopes that are not about the caller's own things.
fn others(scopes: &[ScopeName]) -> Vec<ScopeName> {
    let others = scopes.iter().filter(|scope| !scope.is_my_scope());
    others.copied().collect()
}

/// Whether a token satisfies a permission in the whole project, not just in the store of the path.
#[must_use]
pub fn covers_project(principal: &Principal, permission: Permission) -> bool {
    let (scopes, project) = (&principal.scopes, &principal.project);
    scopes.reach(permission.any_of, project) == Reach::Project
}

/// Whether resources of a kind may be named and shown by everybody who comes across a reference to one: what a shop is made
/// of, and what its carts refer to. All others only by those who could read them without the reference.
#[must_use]
pub const fn is_shared(kind: Kind) -> bool {
    match kind {
        Kind::ProductType
        | Kind::Category
        | Kind::TaxCategory
        | Kind::Type
        | Kind::Store
        | Kind::Channel
        | Kind::CustomerGroup
        | Kind::ShippingMethod
        | Kind::Zone
        | Kind::CartDiscount
        | Kind::DiscountCode
        | Kind::ProductDiscount
        | Kind::State => true,
        Kind::Cart
        | Kind::Order
        | Kind::Customer
        | Kind::ShoppingList
        | Kind::Payment
        | Kind::Product
        | Kind::InventoryEntry
        | Kind::StandalonePrice
        | Kind::CustomObject
        | Kind::Message
        | Kind::Project => false,
    }
}

/// Whether shoppers get to know resources of a shared kind by references only: they do not go looking for them by key.
#[must_use]
pub const fn is_hidden_from_shoppers(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CustomerGroup | Kind::CartDiscount | Kind::DiscountCode | Kind::ProductDiscount
    )
}

/// The scopes with which the token's subject reads its own resources of a kind.
const fn own_scopes(kind: Kind) -> &'static [ScopeName] {
    match kind {
        Kind::Cart | Kind::Order => MY_ORDERS,
        // Whoever may pay an order of theirs sees with what.
        Kind::Payment => &[ManageMyPayments, ManageMyOrders],
        Kind::ShoppingList => MY_SHOPPING_LISTS,
        Kind::Customer => MY_PROFILE,
        _ => &[],
    }
}

/// A part of a project's resources of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What this subject owns; `Subject::Client` for what anybody does.
    pub owner: Subject,
    /// What belongs to this store.
    pub store: Option<StoreKey>,
}

/// The parts of a kind that is not [shared](is_shared) that a token could read, acting for whom it acts: for shoppers their
/// own things, for backends what their scopes open, and for both nothing else.
#[must_use]
pub fn readable_parts(principal: &Principal, acting_for: &Subject, kind: Kind) -> Vec<Part> {
    let reach = |scopes| principal.scopes.reach(scopes, &principal.project);
    let own = own_scopes(kind);
    let mut parts = Vec::new();
    if *acting_for == Subject::Client || own.is_empty() {
        parts.extend(parts_of(
            &Subject::Client,
            reach(backend_scopes(kind, Verb::View)),
        ));
    }
    let subject = match acting_for {
        Subject::Client => &principal.subject,
        shopper => shopper,
    };
    if *subject != Subject::Client {
        parts.extend(parts_of(subject, reach(own)));
    }
    parts
}

fn parts_of(owner: &Subject, reach: Reach) -> Vec<Part> {
    let part = |store| Part {
        owner: owner.clone(),
        store,
    };
    match reach {
        Reach::Project => vec![part(None)],
        Reach::Stores(stores) => stores.into_iter().map(|store| part(Some(store))).collect(),
    }
}
