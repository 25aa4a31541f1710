//! What each action does to a cart. The pipeline runs afterwards, once for all actions of a request.

mod custom_line_items;
mod fields;
mod lifecycle;
mod line_items;
mod lists;
mod payments;
mod shipping;
mod shipping_details;
mod taxes;

use crate::{
    cart::{
        Cart, CartAction, CartState, FreezeStrategy, add_line, draft_parts::ExternalPrices,
        line_items::ItemName, owner, pending::replace,
    },
    context::Context,
    error::DomainError,
};

pub(crate) use fields::Change;
pub(crate) use lifecycle::check_language;
pub(super) use lifecycle::check_store_sells_to;
pub(crate) use payments::{is_visible as payment_is_visible, payment_in};

/// Applies one action.
///
/// # Errors
/// [`DomainError::InvalidOperation`] for a cart that is closed, or frozen against this action; else whatever the action
/// breaks.
pub(super) fn apply(
    cart: &mut Cart,
    action: CartAction,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    check_open(cart)?;
    check_frozen(cart, &action)?;
    dispatch(cart, action, context)?;
    // Every update brings an active cart up to date, also one that sets what is set already.
    if cart.cart_state == CartState::Active {
        cart.pending.touch();
    }
    Ok(())
}

/// Merged and ordered carts refuse everything.
pub(super) fn check_open(cart: &Cart) -> Result<(), DomainError> {
    if cart.cart_state.is_closed() {
        return Err(DomainError::operation(format!(
            "the cart `{}` cannot be changed, its state is {}",
            cart.id,
            cart.cart_state.name()
        )));
    }
    Ok(())
}

/// What a frozen cart must not lose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Touches {
    /// Lines and their prices: refused when frozen.
    Prices,
    /// Shipping and discount codes: refused when frozen hard.
    Shipping,
    /// Anything else.
    Nothing,
}

fn check_frozen(cart: &Cart, action: &CartAction) -> Result<(), DomainError> {
    if cart.cart_state != CartState::Frozen {
        return Ok(());
    }
    let hard = cart.freeze_strategy == Some(FreezeStrategy::HardFreeze);
    match touches(action) {
        Touches::Nothing => Ok(()),
        Touches::Shipping if !hard => Ok(()),
        Touches::Prices | Touches::Shipping => Err(DomainError::operation(format!(
            "the cart `{}` is frozen and does not allow this action",
            cart.id
        ))),
    }
}

#[rustfmt::skip]
const fn touches(action: &CartAction) -> Touches {
    use CartAction as A;
    match action {
        A::AddLineItem { .. } | A::RemoveLineItem { .. } | A::ChangeLineItemQuantity { .. }
        | A::SetLineItemPrice { .. } | A::SetLineItemTotalPrice { .. }
        | A::SetLineItemSupplyChannel { .. } | A::SetLineItemDistributionChannel { .. }
        | A::AddCustomLineItem { .. } | A::RemoveCustomLineItem { .. }
        | A::ChangeCustomLineItemQuantity { .. } | A::ChangeCustomLineItemMoney { .. }
        | A::ChangeCustomLineItemPriceMode { .. } | A::ChangePriceRoundingMode { .. }
        | A::AddShoppingList { .. } | A::Recalculate { .. } | A::ChangeTaxMode { .. } => Touches::Prices,
        A::SetShippingMethod { .. } | A::SetCustomShippingMethod { .. }
        | A::SetShippingRateInput { .. } => Touches::Shipping,
        A::ChangeLineItemsOrder { .. } | A::SetLineItemCustomType { .. }
        | A::SetLineItemCustomField { .. } | A::SetLineItemInventoryMode { .. }
        | A::SetLineItemShippingDetails { .. }
        | A::ApplyDeltaToLineItemShippingDetailsTargets { .. } | A::SetLineItemTaxRate { .. }
        | A::SetLineItemTaxAmount { .. } | A::SetCustomLineItemCustomType { .. }
        | A::SetCustomLineItemCustomField { .. } | A::SetCustomLineItemShippingDetails { .. }
        | A::ApplyDeltaToCustomLineItemShippingDetailsTargets { .. }
        | A::SetCustomLineItemTaxRate { .. } | A::SetCustomLineItemTaxAmount { .. }
        | A::SetShippingAddress { .. } | A::SetShippingAddressCustomType { .. }
        | A::SetShippingAddressCustomField { .. } | A::SetBillingAddress { .. }
        | A::SetBillingAddressCustomType { .. } | A::SetBillingAddressCustomField { .. }
        | A::AddItemShippingAddress { .. } | A::UpdateItemShippingAddress { .. }
        | A::RemoveItemShippingAddress { .. } | A::SetItemShippingAddressCustomType { .. }
        | A::SetItemShippingAddressCustomField { .. } | A::SetShippingCustomType { .. }
        | A::SetShippingCustomField { .. } | A::SetShippingMethodTaxRate { .. }
        | A::SetShippingMethodTaxAmount { .. } | A::SetCartTotalTax { .. }
        | A::ChangeTaxRoundingMode { .. } | A::ChangeTaxCalculationMode { .. }
        | A::SetCountry { .. } | A::SetLocale { .. } | A::SetCustomerEmail { .. }
        | A::SetCustomerId { .. } | A::SetAnonymousId { .. } | A::SetCustomerGroup { .. }
        | A::SetKey { .. } | A::SetCustomType { .. } | A::SetCustomField { .. }
        | A::AddPayment { .. } | A::RemovePayment { .. } | A::FreezeCart { .. }
        | A::UnfreezeCart { .. } | A::SetDeleteDaysAfterLastModification { .. }
        | A::SetPurchaseOrderNumber { .. } => Touches::Nothing,
    }
}

#[rustfmt::skip]
#[expect(clippy::too_many_lines, reason = "one arm per action; the compiler lists the missing ones")]
fn dispatch(
    cart: &mut Cart,
    action: CartAction,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    use CartAction as A;
    let line = ItemName::new;
    match action {
        A::AddLineItem(draft) => add_line::add(cart, *draft, context),
        A::RemoveLineItem { line_item_id, line_item_key, quantity, external_price, external_total_price, shipping_details_to_remove } =>
            line_items::remove(cart, &line(line_item_id, line_item_key), line_items::Removal {
                quantity,
                prices: ExternalPrices { unit: external_price, total: external_total_price },
                shipping_details: shipping_details_to_remove,
            }, context),
        A::ChangeLineItemQuantity { line_item_id, line_item_key, quantity, external_price, external_total_price } =>
            line_items::change_quantity(cart, &line(line_item_id, line_item_key), quantity,
                &ExternalPrices { unit: external_price, total: external_total_price }, context),
        A::ChangeLineItemsOrder { line_item_order } => line_items::reorder(cart, &line_item_order),
        A::SetLineItemCustomType { line_item_id, line_item_key, custom_type, fields } =>
            fields::change_line(cart, &line(line_item_id, line_item_key), Change::to_type(custom_type, fields), context),
        A::SetLineItemCustomField { line_item_id, line_item_key, name, value } =>
            fields::change_line(cart, &line(line_item_id, line_item_key), Change::to_field(&name, value), context),
        A::SetLineItemPrice { line_item_id, line_item_key, external_price } =>
            line_items::set_price(cart, &line(line_item_id, line_item_key),
                &ExternalPrices { unit: external_price, total: None }, context),
        A::SetLineItemTotalPrice { line_item_id, line_item_key, external_total_price } =>
            line_items::set_price(cart, &line(line_item_id, line_item_key),
                &ExternalPrices { unit: None, total: external_total_price }, context),
        A::SetLineItemSupplyChannel { line_item_id, line_item_key, supply_channel } =>
            line_items::set_supply_channel(cart, &line(line_item_id, line_item_key), supply_channel.as_ref(), context),
        A::SetLineItemDistributionChannel { line_item_id, line_item_key, distribution_channel } =>
            line_items::set_distribution_channel(cart, &line(line_item_id, line_item_key), distribution_channel.as_ref(), context),
        A::SetLineItemInventoryMode { line_item_id, line_item_key, inventory_mode } =>
            line_items::set_inventory_mode(cart, &line(line_item_id, line_item_key), inventory_mode),
        A::SetLineItemShippingDetails { line_item_id, line_item_key, shipping_details } =>
            shipping_details::set_on_line(cart, &line(line_item_id, line_item_key), shipping_details),
        A::ApplyDeltaToLineItemShippingDetailsTargets { line_item_id, line_item_key, targets_delta } =>
            shipping_details::shift_on_line(cart, &line(line_item_id, line_item_key), targets_delta),
        A::SetLineItemTaxRate { line_item_id, line_item_key, external_tax_rate, shipping_key } =>
            taxes::set_line_rate(cart, &line(line_item_id, line_item_key), external_tax_rate, shipping_key),
        A::SetLineItemTaxAmount { line_item_id, line_item_key, external_tax_amount, shipping_key: _ } =>
            taxes::set_line_amount(cart, &line(line_item_id, line_item_key), external_tax_amount, context),
        A::AddCustomLineItem(draft) => custom_line_items::add(cart, *draft, context),
        A::RemoveCustomLineItem { custom_line_item_id, custom_line_item_key } =>
            custom_line_items::change_quantity(cart, &line(custom_line_item_id, custom_line_item_key), 0),
        A::ChangeCustomLineItemQuantity { custom_line_item_id, custom_line_item_key, quantity } =>
            custom_line_items::change_quantity(cart, &line(custom_line_item_id, custom_line_item_key), quantity),
        A::ChangeCustomLineItemMoney { custom_line_item_id, custom_line_item_key, money } =>
            custom_line_items::change_money(cart, &line(custom_line_item_id, custom_line_item_key), &money),
        A::ChangeCustomLineItemPriceMode { custom_line_item_id, custom_line_item_key, mode } =>
            custom_line_items::change_price_mode(cart, &line(custom_line_item_id, custom_line_item_key), mode),
        A::SetCustomLineItemCustomType { custom_line_item_id, custom_line_item_key, custom_type, fields } =>
            fields::change_custom_line(cart, &line(custom_line_item_id, custom_line_item_key), Change::to_type(custom_type, fields), context),
        A::SetCustomLineItemCustomField { custom_line_item_id, custom_line_item_key, name, value } =>
            fields::change_custom_line(cart, &line(custom_line_item_id, custom_line_item_key), Change::to_field(&name, value), context),
        A::SetCustomLineItemShippingDetails { custom_line_item_id, custom_line_item_key, shipping_details } =>
            shipping_details::set_on_custom_line(cart, &line(custom_line_item_id, custom_line_item_key), shipping_details),
        A::ApplyDeltaToCustomLineItemShippingDetailsTargets { custom_line_item_id, custom_line_item_key, targets_delta } =>
            shipping_details::shift_on_custom_line(cart, &line(custom_line_item_id, custom_line_item_key), targets_delta),
        A::SetCustomLineItemTaxRate { custom_line_item_id, custom_line_item_key, external_tax_rate, shipping_key } =>
            taxes::set_custom_line_rate(cart, &line(custom_line_item_id, custom_line_item_key), external_tax_rate, shipping_key),
        A::SetCustomLineItemTaxAmount { custom_line_item_id, custom_line_item_key, external_tax_amount, shipping_key: _ } =>
            taxes::set_custom_line_amount(cart, &line(custom_line_item_id, custom_line_item_key), external_tax_amount, context),
        A::SetShippingAddress { address } => shipping::set_address(cart, address.map(|address| *address), context),
        A::SetShippingAddressCustomType { custom_type, fields } =>
            fields::change_shipping_address(cart, Change::to_type(custom_type, fields), context),
        A::SetShippingAddressCustomField { name, value } =>
            fields::change_shipping_address(cart, Change::to_field(&name, value), context),
        A::SetBillingAddress { address } => shipping::set_billing_address(cart, address.map(|address| *address), context),
        A::SetBillingAddressCustomType { custom_type, fields } =>
            fields::change_billing_address(cart, Change::to_type(custom_type, fields), context),
        A::SetBillingAddressCustomField { name, value } =>
            fields::change_billing_address(cart, Change::to_field(&name, value), context),
        A::AddItemShippingAddress { address } => shipping_details::add_address(cart, *address, context),
        A::UpdateItemShippingAddress { address } => shipping_details::update_address(cart, *address, context),
        A::RemoveItemShippingAddress { address_key } => shipping_details::remove_address(cart, &address_key),
        A::SetItemShippingAddressCustomType { address_key, custom_type, fields } =>
            fields::change_item_address(cart, &address_key, Change::to_type(custom_type, fields), context),
        A::SetItemShippingAddressCustomField { address_key, name, value } =>
            fields::change_item_address(cart, &address_key, Change::to_field(&name, value), context),
        A::SetShippingMethod { shipping_method, external_tax_rate } =>
            shipping::set_method(cart, shipping_method.as_ref(), external_tax_rate, context),
        A::SetCustomShippingMethod(draft) => shipping::set_custom_method(cart, *draft, context),
        A::SetShippingCustomType { shipping_key, custom_type, fields } =>
            fields::change_shipping(cart, shipping_key.as_deref(), Change::to_type(custom_type, fields), context),
        A::SetShippingCustomField { shipping_key, name, value } =>
            fields::change_shipping(cart, shipping_key.as_deref(), Change::to_field(&name, value), context),
        A::SetShippingRateInput { shipping_rate_input } =>
            shipping::set_rate_input(cart, shipping_rate_input, context),
        A::SetShippingMethodTaxRate { shipping_key: _, external_tax_rate } =>
            taxes::set_shipping_rate(cart, external_tax_rate),
        A::SetShippingMethodTaxAmount { shipping_key: _, external_tax_amount } =>
            taxes::set_shipping_amount(cart, external_tax_amount, context),
        A::SetCartTotalTax { external_total_gross, external_tax_portions } =>
            taxes::set_total(cart, &external_total_gross, external_tax_portions, context),
        A::ChangeTaxMode { tax_mode } => taxes::change_mode(cart, tax_mode, context),
        A::ChangeTaxRoundingMode { tax_rounding_mode } => {
            cart.pending.note(replace(&mut cart.tax_rounding_mode, tax_rounding_mode));
            Ok(())
        }
        A::ChangePriceRoundingMode { price_rounding_mode } => {
            cart.pending.note(replace(&mut cart.price_rounding_mode, price_rounding_mode));
            Ok(())
        }
        A::ChangeTaxCalculationMode { tax_calculation_mode } => {
            cart.pending.note(replace(&mut cart.tax_calculation_mode, tax_calculation_mode));
            Ok(())
        }
        A::SetCountry { country } => lifecycle::set_country(cart, country, context),
        A::SetLocale { locale } => lifecycle::set_locale(cart, locale, context),
        A::SetCustomerEmail { email } => {
            cart.pending.note(replace(&mut cart.customer_email, email));
            Ok(())
        }
        A::SetCustomerId { customer_id } => owner::set_customer(cart, customer_id.as_deref(), context),
        A::SetAnonymousId { anonymous_id } => owner::set_anonymous_id(cart, anonymous_id),
        A::SetCustomerGroup { customer_group } => owner::set_customer_group(cart, customer_group.as_ref(), context),
        A::SetKey { key } => lifecycle::set_key(cart, key),
        A::SetCustomType { custom_type, fields } => fields::change_cart(cart, Change::to_type(custom_type, fields), context),
        A::SetCustomField { name, value } => fields::change_cart(cart, Change::to_field(&name, value), context),
        A::AddPayment { payment } => payments::add(cart, &payment, context),
        A::RemovePayment { payment } => payments::remove(cart, &payment, context),
        A::AddShoppingList { shopping_list, distribution_channel, supply_channel } =>
            lists::add_list(cart, &shopping_list, distribution_channel.as_ref(), supply_channel.as_ref(), context),
        A::Recalculate { update_product_data } => {
            cart.pending.refresh(update_product_data);
            Ok(())
        }
        A::FreezeCart { strategy } => lifecycle::freeze(cart, strategy.unwrap_or_default(), context),
        A::UnfreezeCart {} => lifecycle::unfreeze(cart, context),
        A::SetDeleteDaysAfterLastModification { delete_days_after_last_modification } =>
            lifecycle::set_delete_days(cart, delete_days_after_last_modification, context),
        A::SetPurchaseOrderNumber { purchase_order_number } => {
            cart.pending.note(replace(&mut cart.purchase_order_number, purchase_order_number));
            Ok(())
        }
    }
}
