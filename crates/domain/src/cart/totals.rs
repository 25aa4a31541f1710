//! What the whole cart costs.

use crate::{
    cart::Cart,
    error::DomainError,
    money::{CentAmount, TypedMoney},
    tax::{TaxMode, TaxedItemPrice, taxed_total},
};

/// What line items and custom line items cost together, after line-item discounts.
pub(super) fn goods(cart: &Cart) -> Result<CentAmount, DomainError> {
    let lines = cart.line_items.iter().map(|line| &line.total_price);
    let custom = cart.custom_line_items.iter().map(|line| &line.total_price);
    Ok(CentAmount::sum(
        lines.chain(custom).map(|price| price.cent_amount),
    )?)
}

/// Sums up the parts: total price, taxed prices, number of units.
pub(super) fn update(cart: &mut Cart) -> Result<(), DomainError> {
    cart.total_line_item_quantity = quantity(cart)?;
    let currency = cart.total_price.currency_code;
    let shipping = cart
        .shipping_info
        .iter()
        .chain(cart.shipping.iter().map(|shipping| &shipping.shipping_info))
        .map(|info| info.effective_price().cent_amount);
    let mut total = goods(cart)?.add(CentAmount::sum(shipping)?)?;
    if let Some(discount) = &cart.discount_on_total_price {
        total = total.sub(discount.discounted_amount.cent_amount)?;
    }
    let changed = cart.total_price.cent_amount != total;
    cart.total_price = TypedMoney::cents(currency, total);
    match cart.tax_mode {
        TaxMode::Platform | TaxMode::External => tax(cart),
        TaxMode::ExternalAmount => {
            // The amounts were given for the old total.
            if changed {
                cart.taxed_price = None;
            }
            cart.taxed_shipping_price = None;
            Ok(())
        }
        TaxMode::Disabled => {
            cart.taxed_price = None;
            cart.taxed_shipping_price = None;
            Ok(())
        }
    }
}

fn quantity(cart: &Cart) -> Result<Option<i64>, DomainError> {
    if cart.line_items.is_empty() {
        return Ok(None);
    }
    cart.line_items
        .iter()
        .try_fold(0_i64, |sum, line| sum.checked_add(line.quantity))
        .map(Some)
        .ok_or(DomainError::MoneyOverflow)
}

/// The taxed prices; absent unless every part is taxed, and while there is nothing to tax.
fn tax(cart: &mut Cart) -> Result<(), DomainError> {
    let currency = cart.total_price.currency_code;
    let shipping = all_taxed(
        cart.shipping_info
            .iter()
            .chain(cart.shipping.iter().map(|shipping| &shipping.shipping_info))
            .map(|info| info.taxed_price.as_ref()),
    );
    let items = all_taxed(
        cart.line_items
            .iter()
            .map(|line| line.taxed_price.as_ref())
            .chain(
                cart.custom_line_items
                    .iter()
                    .map(|line| line.taxed_price.as_ref()),
            ),
    );
    let taxed_shipping = match &shipping {
        Some(parts) if !parts.is_empty() => Some(taxed_total(currency, parts.iter().copied())?),
        _ => None,
    };
    let taxed = match (items, shipping) {
        (Some(items), Some(shipping)) if !(items.is_empty() && shipping.is_empty()) => {
            Some(taxed_total(currency, items.into_iter().chain(shipping))?)
        }
        _ => None,
    };
    cart.taxed_price = taxed;
    cart.taxed_shipping_price = taxed_shipping;
    Ok(())
}

/// All of them, or none if one is not taxed.
fn all_taxed<'a>(
    mut parts: impl Iterator<Item = Option<&'a TaxedItemPrice>>,
) -> Option<Vec<&'a TaxedItemPrice>> {
    parts.try_fold(Vec::new(), |mut all, part| {
        all.push(part?);
        Some(all)
    })
}
