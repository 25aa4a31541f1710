//! Scopes for the usual kinds of API clients.

use clap::ValueEnum;
use domain::identity::{
    ids::ProjectKey,
    scope::{Scope, ScopeName, ScopeSet},
};

/// Where a client runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// A mobile app: guests and customers with their own carts and orders. Without a secret it sees published products only.
    Mobile,
    /// A storefront in a browser: the same, and it sees published products only in any case.
    Browser,
    /// A server of the shop: orders, customers and carts of everyone.
    Server,
    /// An administrator: everything.
    Admin,
}

impl Template {
    /// The scopes of such a client in `project`.
    ///
    /// Tutorials ask for `view_products` with the client of a mobile app; a public client could not hold it.
    #[must_use]
    pub fn scopes(self, project: &ProjectKey, is_public: bool) -> ScopeSet {
        use ScopeName::*;
        let names: &[ScopeName] = match self {
            Self::Mobile => &[
                CreateAnonymousToken,
                ViewPublishedProducts,
                ViewProducts,
                ManageMyOrders,
                ManageMyProfile,
                ManageMyShoppingLists,
                ManageMyPayments,
            ],
            Self::Browser => &[
                CreateAnonymousToken,
                ViewPublishedProducts,
                ViewCategories,
                ManageMyOrders,
                ManageMyProfile,
                ManageMyShoppingLists,
                ManageMyPayments,
            ],
            Self::Server => &[
                CreateAnonymousToken,
                IntrospectOauthTokens,
                ManageOrders,
                ManageCustomers,
                ManagePayments,
                ManageShoppingLists,
                ViewProducts,
                ViewCategories,
                ViewShippingMethods,
                ViewStores,
                ViewTaxCategories,
                ViewTypes,
            ],
            Self::Admin => &[
                ManageProject,
                ManageApiClients,
                CreateAnonymousToken,
                IntrospectOauthTokens,
            ],
        };
        ScopeSet::new(
            names
                .iter()
                .filter(|name| !(is_public && **name == ViewProducts))
                .map(|name| Scope::project(*name, project.clone())),
        )
    }
}
