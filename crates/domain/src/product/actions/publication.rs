//! Publishing, taking back, and workflow states.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    catalog::state::{State, StateType},
    context::Context,
    error::DomainError,
    kind::Kind,
    message::Message,
    product::{
        Product, ProductData, ProjectionState,
        actions::{VariantTarget, missing_variant},
    },
    reference::{Reference, ResourceIdentifier},
    world::By,
};

/// What is published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PublishScope {
    /// All staged data.
    #[default]
    All,
    /// Only the prices of the variants.
    Prices,
}

/// Makes the staged data the published data.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publish {
    #[serde(default)]
    pub scope: PublishScope,
}

impl Publish {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let before = product.master_data.clone();
        product.remember_variant_ids();
        let data = &mut product.master_data;
        match self.scope {
            PublishScope::All => data.current = data.staged.clone(),
            PublishScope::Prices => copy_prices(&data.staged, &mut data.current),
        }
        data.published = true;
        data.has_staged_changes = data.staged != data.current;
        if *data == before {
            product.forget_variant_ids();
            return Ok(());
        }
        emit(product, self.scope, context)
    }
}

fn copy_prices(from: &ProductData, to: &mut ProductData) {
    for variant in to.all_variants_mut() {
        if let Some(staged) = from.find_variant(variant.id) {
            variant.prices.clone_from(&staged.prices);
        }
    }
}

/// Leaves the message that a product was published as a whole.
pub(crate) fn emit_published(
    product: &Product,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    emit(product, PublishScope::All, context)
}

fn emit(
    product: &Product,
    scope: PublishScope,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    context.emit(
        Message::new("ProductPublished")
            .with("removedImageUrls", Value::Array(Vec::new()))
            .with_document(
                "productProjection",
                &product.projection(ProjectionState::Current),
            )?
            .with_document("scope", &scope)?,
    );
    Ok(())
}

/// Takes the product out of sale; its published data stays beside the staged.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unpublish {}

impl Unpublish {
    #[expect(clippy::unnecessary_wraps, reason = "all actions answer alike")]
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        if product.master_data.published {
            product.master_data.published = false;
            context.emit(Message::new("ProductUnpublished"));
        }
        Ok(())
    }
}

/// Makes the published data the staged data.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevertStagedChanges {}

impl RevertStagedChanges {
    #[expect(clippy::unnecessary_wraps, reason = "all actions answer alike")]
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        if product.master_data.staged == product.master_data.current {
            return Ok(());
        }
        product.remember_variant_ids();
        product.master_data.staged = product.master_data.current.clone();
        context.emit(
            Message::new("ProductRevertedStagedChanges")
                .with("removedImageUrls", Value::Array(Vec::new())),
        );
        Ok(())
    }
}

/// As [`RevertStagedChanges`], for one variant.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevertStagedVariantChanges {
    pub variant_id: i64,
}

impl RevertStagedVariantChanges {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let target = VariantTarget {
            variant_id: Some(self.variant_id),
            sku: None,
            staged: true,
        };
        let published = product
            .master_data
            .current
            .find_variant(self.variant_id)
            .cloned()
            .ok_or_else(|| missing_variant(&format!("ID '{}'", self.variant_id)))?;
        for variant in product.master_data.variants(&target)? {
            variant.clone_from(&published);
        }
        Ok(())
    }
}

/// Moves the product to another workflow state.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransitionState {
    /// No state at all if absent.
    pub state: Option<ResourceIdentifier>,
    /// Whether the transitions of the present state are ignored.
    #[serde(default)]
    pub force: bool,
}

impl TransitionState {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let Some(identifier) = self.state else {
            product.state = None;
            return Ok(());
        };
        let next = product_state(&identifier, context)?;
        let reference = Reference::new(Kind::State, next.id.clone());
        if !self.force {
            check_transition(product, &next, context)?;
        }
        if product.state.as_ref() == Some(&reference) {
            return Ok(());
        }
        context.emit(
            Message::new("ProductStateTransition")
                .with_document("state", &reference)?
                .with("force", self.force),
        );
        product.state = Some(reference);
        Ok(())
    }
}

/// The state a request names, which must be one for products.
pub(crate) fn product_state(
    identifier: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<Arc<State>, DomainError> {
    let state = context.world.require::<State>(identifier)?;
    if state.state_type == StateType::ProductState {
        return Ok(state);
    }
    Err(DomainError::operation(format!(
        "The state '{}' is not of the type 'ProductState'.",
        state.key
    )))
}

fn check_transition(
    product: &Product,
    next: &State,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(present) = &product.state else {
        return if next.initial {
            Ok(())
        } else {
            Err(DomainError::operation(format!(
                "The first state of a product must be an initial one, '{}' is not.",
                next.key
            )))
        };
    };
    match context.world.get::<State>(By::Id(&present.id))? {
        Some(state) if present.id != next.id && !state.leads_to(&next.id) => {
            Err(DomainError::operation(format!(
                "The state '{}' does not allow a transition to '{}'.",
                state.key, next.key
            )))
        }
        Some(_) | None => Ok(()),
    }
}
