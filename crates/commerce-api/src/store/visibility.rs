//! Which resources a request can see at all. Part of every statement, so nothing outside of it can leak.

use domain::{
    customer::Customer,
    identity::{
        ids::{ProjectKey, StoreKey},
        principal::Subject,
    },
    kind::Kind,
    timestamp::Timestamp,
};
use shared::db::statement::Statement;

/// The part of a project that a request sees.
#[derive(Clone, Debug)]
pub struct Visibility {
    /// The project of the path.
    pub project: ProjectKey,
    /// Only what this subject owns; `Subject::Client` sees everything.
    pub owner: Subject,
    /// Only what belongs to this store.
    pub store: Option<StoreKey>,
    /// Expired resources are gone, deleted or not.
    pub now: Timestamp,
}

impl Visibility {
    /// Everything of a project.
    #[must_use]
    pub const fn project(project: ProjectKey, now: Timestamp) -> Self {
        Self {
            project,
            owner: Subject::Client,
            store: None,
            now,
        }
    }

    /// The condition on documents aliased `d`.
    ///
    /// A guest does not see what already belongs to a customer: it keeps the anonymous id after sign-in.
    #[must_use]
    pub fn condition(&self, kind: Kind) -> Statement {
        let mut condition = Statement::new("d.project_key = ")
            .text(self.project.as_str())
            .sql(" AND d.kind = ")
            .sql(kind_literal(kind));
        condition = match &self.owner {
            Subject::Client => condition,
            Subject::Anonymous(id) => condition
                .sql(" AND d.anonymous_id = ")
                .text(id.as_str())
                .sql(" AND d.customer_id IS NULL"),
            // A customer owns the customer document itself, not one that names it.
            Subject::Customer(id) if kind == Kind::Customer => {
                condition.sql(" AND d.id = ").text(id.as_str())
            }
            Subject::Customer(id) => condition.sql(" AND d.customer_id = ").text(id.as_str()),
        };
        if let Some(store) = &self.store {
            condition = match kind {
                // A customer may belong to several stores: each has a row with the e-mail address.
                Kind::Customer => condition
                    .sql(
                        " AND EXISTS (SELECT 1 FROM unique_values e WHERE e.project_key = d.project_key \
                         AND e.document_id = d.id AND e.namespace = ",
                    )
                    .text(Customer::email_namespace(Some(store.as_str())))
                    .sql(")"),
                _ => condition.sql(" AND d.store_key = ").text(store.as_str()),
            };
        }
        if expires(kind) {
            condition = condition
                .sql(" AND (d.expires_at IS NULL OR d.expires_at > ")
                .big_int(self.now.millis())
                .sql(")");
        }
        condition
    }
}

const fn expires(kind: Kind) -> bool {
    matches!(kind, Kind::Cart | Kind::ShoppingList)
}

/// The kind as a SQL literal: a constant in the text lets PostgreSQL choose the partition when it plans.
#[must_use]
pub const fn kind_literal(kind: Kind) -> &'static str {
    match kind {
        Kind::Cart => "'cart'",
        Kind::Order => "'order'",
        Kind::Customer => "'customer'",
        Kind::ShoppingList => "'shopping-list'",
        Kind::Payment => "'payment'",
        Kind::Product => "'product'",
        Kind::ProductType => "'product-type'",
        Kind::Category => "'category'",
        Kind::TaxCategory => "'tax-category'",
        Kind::Type => "'type'",
        Kind::Store => "'store'",
        Kind::Channel => "'channel'",
        Kind::CustomerGroup => "'customer-group'",
        Kind::ShippingMethod => "'shipping-method'",
        Kind::Zone => "'zone'",
        Kind::CartDiscount => "'cart-discount'",
        Kind::DiscountCode => "'discount-code'",
        Kind::ProductDiscount => "'product-discount'",
        Kind::InventoryEntry => "'inventory-entry'",
        Kind::State => "'state'",
        Kind::StandalonePrice => "'standalone-price'",
        Kind::CustomObject => "'key-value-document'",
        Kind::Message => "'message'",
        Kind::Project => "'project'",
    }
}

#[cfg(test)]
mod tests {
    use super::kind_literal;
    use domain::kind::Kind;

    #[test]
    fn literals_are_the_type_ids() {
        for kind in Kind::ALL {
            assert_eq!(kind_literal(*kind), format!("'{}'", kind.type_id()));
        }
    }
}
