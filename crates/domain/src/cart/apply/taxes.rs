//! Tax mode, external tax rates and external tax amounts.

use crate::{
    cart::{
        Cart, MethodTaxRate,
        draft::refuse_untaxed_shopper,
        draft_parts::{ExternalTaxAmountDraft, TaxPortionDraft, cents_in},
        line_items::{ItemName, custom_line_mut, line_mut},
        pending::replace,
        recalculate, taxing,
    },
    context::Context,
    error::DomainError,
    money::{Money, TypedMoney},
    tax::{ExternalTaxRateDraft, TaxMode, TaxRate, TaxedPrice},
};

/// Rates of another origin do not survive the change.
pub(super) fn change_mode(
    cart: &mut Cart,
    mode: TaxMode,
    context: &Context<'_>,
) -> Result<(), DomainError> {
    refuse_untaxed_shopper(mode, context.acting_for)?;
    if replace(&mut cart.tax_mode, mode) {
        taxing::clear(cart);
        cart.taxed_price = None;
        cart.taxed_shipping_price = None;
        cart.pending.retax();
    }
    Ok(())
}

fn require_mode(cart: &Cart, mode: TaxMode) -> Result<(), DomainError> {
    if cart.tax_mode == mode {
        return Ok(());
    }
    Err(DomainError::operation(format!(
        "the tax mode of the cart must be {mode:?}, it is {:?}",
        cart.tax_mode
    )))
}

/// Amounts are given for what the cart costs after the actions before, which is computed first: settling the cart then
/// leaves them alone, unless a later action changes what they are for.
fn require_amounts(cart: &mut Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
    require_mode(cart, TaxMode::ExternalAmount)?;
    if cart.pending.is_stale() {
        recalculate::recalculate(cart, context)?;
    }
    Ok(())
}

fn resolve(draft: Option<ExternalTaxRateDraft>) -> Result<Option<TaxRate>, DomainError> {
    draft.map(ExternalTaxRateDraft::resolve).transpose()
}

/// A rate for one of several shipping methods replaces the one that is there for it.
fn set_method_rate(rates: &mut Vec<MethodTaxRate>, key: String, rate: Option<TaxRate>) -> bool {
    let before = rates.clone();
    rates.retain(|known| known.shipping_method_key != key);
    if rate.is_some() {
        rates.push(MethodTaxRate {
            shipping_method_key: key,
            tax_rate: rate,
        });
    }
    *rates != before
}

pub(super) fn set_line_rate(
    cart: &mut Cart,
    name: &ItemName,
    draft: Option<ExternalTaxRateDraft>,
    shipping_key: Option<String>,
) -> Result<(), DomainError> {
    require_mode(cart, TaxMode::External)?;
    let rate = resolve(draft)?;
    let line = line_mut(&mut cart.line_items, name)?;
    let changed = match shipping_key {
        Some(key) => set_method_rate(&mut line.per_method_tax_rate, key, rate),
        None => replace(&mut line.tax_rate, rate),
    };
    cart.pending.note(changed);
    Ok(())
}

pub(super) fn set_custom_line_rate(
    cart: &mut Cart,
    name: &ItemName,
    draft: Option<ExternalTaxRateDraft>,
    shipping_key: Option<String>,
) -> Result<(), DomainError> {
    require_mode(cart, TaxMode::External)?;
    let rate = resolve(draft)?;
    let line = custom_line_mut(&mut cart.custom_line_items, name)?;
    let changed = match shipping_key {
        Some(key) => set_method_rate(&mut line.per_method_tax_rate, key, rate),
        None => replace(&mut line.tax_rate, rate),
    };
    cart.pending.note(changed);
    Ok(())
}

pub(super) fn set_shipping_rate(
    cart: &mut Cart,
    draft: Option<ExternalTaxRateDraft>,
) -> Result<(), DomainError> {
    require_mode(cart, TaxMode::External)?;
    let rate = resolve(draft)?;
    let info = cart.shipping_info.as_mut().ok_or_else(no_shipping)?;
    cart.pending.note(replace(&mut info.tax_rate, rate));
    Ok(())
}

fn no_shipping() -> DomainError {
    DomainError::operation("the cart has no shipping method")
}

pub(super) fn set_line_amount(
    cart: &mut Cart,
    name: &ItemName,
    draft: Option<ExternalTaxAmountDraft>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    require_amounts(cart, context)?;
    let rounding = cart.tax_rounding_mode;
    let line = line_mut(&mut cart.line_items, name)?;
    let taxed = draft
        .map(|draft| draft.taxed(&line.total_price, rounding))
        .transpose()?;
    let (taxed, rate) = taxed.unzip();
    line.taxed_price = taxed;
    line.tax_rate = rate;
    cart.pending.touch();
    Ok(())
}

pub(super) fn set_custom_line_amount(
    cart: &mut Cart,
    name: &ItemName,
    draft: Option<ExternalTaxAmountDraft>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    require_amounts(cart, context)?;
    let rounding = cart.tax_rounding_mode;
    let line = custom_line_mut(&mut cart.custom_line_items, name)?;
    let taxed = draft
        .map(|draft| draft.taxed(&line.total_price, rounding))
        .transpose()?;
    let (taxed, rate) = taxed.unzip();
    line.taxed_price = taxed;
    line.tax_rate = rate;
    cart.pending.touch();
    Ok(())
}

pub(super) fn set_shipping_amount(
    cart: &mut Cart,
    draft: Option<ExternalTaxAmountDraft>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    require_amounts(cart, context)?;
    let rounding = cart.tax_rounding_mode;
    let info = cart.shipping_info.as_mut().ok_or_else(no_shipping)?;
    let taxed = draft
        .map(|draft| draft.taxed(info.effective_price(), rounding))
        .transpose()?;
    let (taxed, rate) = taxed.unzip();
    info.taxed_price = taxed;
    info.tax_rate = rate;
    cart.pending.touch();
    Ok(())
}

/// The gross total that the client computed; net is what the cart costs before that tax.
pub(super) fn set_total(
    cart: &mut Cart,
    gross: &Money,
    portions: Option<Vec<TaxPortionDraft>>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    require_amounts(cart, context)?;
    let currency = cart.total_price.currency_code;
    let gross = cents_in(gross, currency)?;
    let tax_portions = portions
        .unwrap_or_default()
        .into_iter()
        .map(|portion| portion.portion(currency))
        .collect::<Result<Vec<_>, _>>()?;
    let given = tax_portions
        .iter()
        .map(|portion| portion.amount.cent_amount);
    let tax = if tax_portions.is_empty() {
        gross.cent_amount.sub(cart.total_price.cent_amount)?
    } else {
        crate::money::CentAmount::sum(given)?
    };
    let taxed = TaxedPrice {
        total_net: TypedMoney::cents(currency, gross.cent_amount.sub(tax)?),
        total_gross: gross,
        tax_portions,
        total_tax: Some(TypedMoney::cents(currency, tax)),
    };
    cart.taxed_price = Some(taxed);
    cart.pending.touch();
    Ok(())
}
