//! The cart in the life cycle that every resource shares.

use crate::{
    cart::{Cart, CartAction, CartDraft, CartOrigin, apply, draft, recalculate::recalculate},
    context::Context,
    error::DomainError,
    kind::Kind,
    resource::{Index, Resource},
    timestamp::Timestamp,
};

impl Resource for Cart {
    const KIND: Kind = Kind::Cart;
    type Draft = CartDraft;
    type Action = CartAction;

    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        draft::create(draft, context)
    }

    fn apply(
        &mut self,
        action: Self::Action,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        apply::apply(self, action, context)
    }

    fn settle(&mut self, context: &mut Context<'_>) -> Result<(), DomainError> {
        recalculate(self, context)
    }

    fn index(&self) -> Index {
        Index {
            customer_id: self.customer_id.clone(),
            anonymous_id: self.anonymous_id.clone(),
            state: Some(self.cart_state.name().to_owned()),
            store_key: self.store.as_ref().map(|store| store.key.clone()),
            expires_at: self.expires_at(),
            unique: Vec::new(),
        }
    }
}

impl Cart {
    /// When it vanishes; carts of quotes and recurring orders stay.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self.origin {
            CartOrigin::Customer | CartOrigin::Merchant => self
                .delete_days_after_last_modification
                .map(|days| self.last_modified_at.plus_days(days)),
            CartOrigin::Quote | CartOrigin::RecurringOrder => None,
        }
    }
}
