//! Lines without a product.

use crate::{
    cart::{
        Cart, CustomLineItem, CustomLineItemDraft, CustomLineItemPriceMode,
        ItemShippingDetailsDraft, ItemState,
        draft_parts::money_in,
        line_items::{ItemName, check_targets, custom_line_mut, positive, refuse_used_key},
        pending::replace,
    },
    catalog::shape::{check_key, check_optional_key, check_required_localized},
    context::Context,
    error::DomainError,
    kind::Kind,
    money::{Money, TypedMoney},
    tax::{ExternalTaxRateDraft, TaxMode},
};

/// Adds units to the line that is equal in everything that matters, else as a new line.
pub(super) fn add(
    cart: &mut Cart,
    draft: CustomLineItemDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = new_line(cart, draft, context)?;
    let equal = cart.custom_line_items.iter_mut().find(|known| {
        known.name == line.name
            && known.slug == line.slug
            && known.money == line.money
            && known.tax_category == line.tax_category
            && known.custom == line.custom
            && known.price_mode == line.price_mode
            && (line.key.is_none() || known.key == line.key)
    });
    match equal {
        Some(known) => {
            let quantity = known
                .quantity
                .checked_add(line.quantity)
                .ok_or(DomainError::MoneyOverflow)?;
            if let Some(added) = line.shipping_details {
                let added = ItemShippingDetailsDraft {
                    targets: added.targets,
                };
                let joined = added.joined_with(known.shipping_details.take())?;
                known.shipping_details = Some(joined.details(quantity));
            }
            known.set_quantity(quantity);
        }
        None => {
            refuse_used_key(cart, line.key.as_deref())?;
            cart.custom_line_items.push(line);
        }
    }
    cart.taxed_price = None;
    cart.pending.add_item();
    Ok(())
}

fn new_line(
    cart: &Cart,
    draft: CustomLineItemDraft,
    context: &mut Context<'_>,
) -> Result<CustomLineItem, DomainError> {
    check_optional_key("key", draft.key.as_deref())?;
    if draft.recurrence_info.is_some() {
        return Err(DomainError::unsupported("recurrenceInfo"));
    }
    check_required_localized("name", &draft.name)?;
    check_key("slug", &draft.slug)?;
    let quantity = positive(draft.quantity.unwrap_or(1))?;
    let currency = cart.total_price.currency_code;
    let money = money_in(&draft.money, currency)?;
    let tax_category = draft
        .tax_category
        .map(|named| context.world.reference(Kind::TaxCategory, &named))
        .transpose()?;
    if cart.tax_mode == TaxMode::Platform && tax_category.is_none() {
        return Err(DomainError::required("taxCategory"));
    }
    check_targets(cart, draft.shipping_details.as_ref())?;
    let total = money.times(quantity, cart.price_rounding_mode)?;
    Ok(CustomLineItem {
        id: context.ids.uuid(),
        key: draft.key,
        name: draft.name,
        money,
        taxed_price: None,
        taxed_price_portions: Vec::new(),
        total_price: TypedMoney::cents(currency, total),
        slug: draft.slug,
        quantity,
        state: ItemState::initial(quantity),
        tax_category,
        tax_rate: draft
            .external_tax_rate
            .filter(|_| cart.tax_mode == TaxMode::External)
            .map(ExternalTaxRateDraft::resolve)
            .transpose()?,
        per_method_tax_rate: Vec::new(),
        discounted_price_per_quantity: Vec::new(),
        custom: draft
            .custom
            .map(|custom| custom.resolve("custom-line-item", context))
            .transpose()?,
        shipping_details: draft
            .shipping_details
            .map(|details| details.details(quantity)),
        price_mode: draft.price_mode.unwrap_or_default(),
    })
}

/// Sets the quantity; 0 removes the line.
pub(super) fn change_quantity(
    cart: &mut Cart,
    name: &ItemName,
    quantity: i64,
) -> Result<(), DomainError> {
    let at = name.custom_line_item(&cart.custom_line_items)?;
    if quantity == 0 {
        cart.custom_line_items.remove(at);
        cart.taxed_price = None;
        cart.pending.change();
        return Ok(());
    }
    positive(quantity)?;
    let line = custom_line_mut(&mut cart.custom_line_items, name)?;
    if line.quantity != quantity {
        line.set_quantity(quantity);
        cart.pending.change();
    }
    Ok(())
}

pub(super) fn change_money(
    cart: &mut Cart,
    name: &ItemName,
    money: &Money,
) -> Result<(), DomainError> {
    let money = money_in(money, cart.total_price.currency_code)?;
    let line = custom_line_mut(&mut cart.custom_line_items, name)?;
    cart.pending.note(replace(&mut line.money, money));
    Ok(())
}

pub(super) fn change_price_mode(
    cart: &mut Cart,
    name: &ItemName,
    mode: CustomLineItemPriceMode,
) -> Result<(), DomainError> {
    let line = custom_line_mut(&mut cart.custom_line_items, name)?;
    cart.pending.note(replace(&mut line.price_mode, mode));
    Ok(())
}
