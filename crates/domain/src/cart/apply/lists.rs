//! Whole shopping lists into a cart.

use crate::{
    cart::{Cart, LineItemDraft, add_line::add},
    context::Context,
    custom_fields::CustomFieldsDraft,
    error::DomainError,
    reference::ResourceIdentifier,
    shopping_list::ShoppingList,
};

/// Adds every line item of a shopping list as `addLineItem` would; text items have no product and stay behind.
pub(super) fn add_list(
    cart: &mut Cart,
    named: &ResourceIdentifier,
    distribution_channel: Option<&ResourceIdentifier>,
    supply_channel: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let list = context.world.require::<ShoppingList>(named)?;
    for line in &list.line_items {
        let draft = LineItemDraft {
            product_id: Some(line.product_id.clone()),
            variant_id: line.variant_id,
            quantity: Some(line.quantity),
            distribution_channel: distribution_channel.cloned(),
            supply_channel: supply_channel.cloned(),
            custom: line.custom.as_ref().map(|custom| CustomFieldsDraft {
                type_identifier: ResourceIdentifier::by_id(custom.type_reference.id.as_str()),
                fields: custom.fields.clone(),
            }),
            ..LineItemDraft::default()
        };
        add(cart, draft, context)?;
    }
    Ok(())
}
