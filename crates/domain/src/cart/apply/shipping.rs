//! Where the goods go, and how.

use crate::{
    address::AddressDraft,
    cart::{
        Cart, CustomShippingDraft, ShippingInfo, ShippingMethodState, ShippingMode,
        ShippingRateInput, ShippingRateInputType, pending::replace, recalculate, shipping_price,
        taxing,
    },
    catalog::shipping_method::ShippingMethod,
    context::Context,
    error::DomainError,
    kind::Kind,
    money::TypedMoney,
    project::ShippingRateTierType,
    reference::{Reference, ResourceIdentifier},
    tax::{ExternalTaxRateDraft, TaxMode, TaxRate},
};

/// Another place means other tax rates and another shipping rate; no place means neither.
pub(super) fn set_address(
    cart: &mut Cart,
    draft: Option<AddressDraft>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(draft) = draft else {
        if cart.shipping_address.take().is_some() {
            cart.remove_shipping_method();
            taxing::clear(cart);
            cart.pending.retax();
        }
        return Ok(());
    };
    let address = draft.resolve_in_place_of(cart.shipping_address.as_ref(), context)?;
    if cart.shipping_address.as_ref() == Some(&address) {
        return Ok(());
    }
    // Amounts given for one place say nothing about another.
    if cart.tax_mode == TaxMode::ExternalAmount {
        cart.taxed_price = None;
    }
    cart.shipping_address = Some(address);
    cart.pending.move_place();
    Ok(())
}

pub(super) fn set_billing_address(
    cart: &mut Cart,
    draft: Option<AddressDraft>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let before = cart.billing_address.as_ref();
    let address = draft
        .map(|draft| draft.resolve_in_place_of(before, context))
        .transpose()?;
    cart.pending
        .note(replace(&mut cart.billing_address, address));
    Ok(())
}

/// Only a cart with one method, going somewhere, can have it set.
fn check_shippable(cart: &Cart) -> Result<(), DomainError> {
    if cart.shipping_mode == ShippingMode::Multiple {
        return Err(DomainError::operation(
            "the cart has the shipping mode `Multiple`: a single shipping method cannot be set",
        ));
    }
    if cart.shipping_address.is_none() {
        return Err(DomainError::operation(
            "the cart needs a shipping address before a shipping method can be set",
        ));
    }
    Ok(())
}

/// The client's rate, in the one tax mode where it counts.
fn external_rate(
    cart: &Cart,
    draft: Option<ExternalTaxRateDraft>,
) -> Result<Option<TaxRate>, DomainError> {
    match cart.tax_mode {
        TaxMode::External => draft.map(ExternalTaxRateDraft::resolve).transpose(),
        TaxMode::Platform | TaxMode::ExternalAmount | TaxMode::Disabled => Ok(None),
    }
}

pub(super) fn set_method(
    cart: &mut Cart,
    named: Option<&ResourceIdentifier>,
    tax_rate: Option<ExternalTaxRateDraft>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(named) = named else {
        cart.remove_shipping_method();
        cart.pending.change();
        return Ok(());
    };
    check_shippable(cart)?;
    let method = context.world.require::<ShippingMethod>(named)?;
    if method.predicate.is_some() && cart.pending.is_stale() {
        // Predicates are about the cart after the actions before.
        recalculate::recalculate(cart, context)?;
    }
    shipping_price::check_usable(cart, &method, context)?;
    let Some(rate) = shipping_price::rate_for(cart, &method, context)? else {
        return Err(DomainError::operation(format!(
            "the shipping method `{}` has no rate in {} for the shipping address of the cart",
            method.name,
            cart.total_price.currency_code.code()
        )));
    };
    let chosen = Reference::new(Kind::ShippingMethod, method.id.as_str());
    let tax_rate = external_rate(cart, tax_rate)?;
    if let Some(info) = &mut cart.shipping_info
        && info.shipping_method.as_ref() == Some(&chosen)
        && info.shipping_rate == rate
        && (tax_rate.is_none() || info.tax_rate == tax_rate)
    {
        return Ok(());
    }
    cart.shipping_info = Some(ShippingInfo {
        shipping_method_name: method.name.clone(),
        price: rate.price.clone(),
        shipping_rate: rate,
        taxed_price: None,
        tax_rate,
        tax_category: Some(method.tax_category.clone()),
        shipping_method: Some(chosen),
        deliveries: Vec::new(),
        discounted_price: None,
        shipping_method_state: ShippingMethodState::MatchesCart,
    });
    cart.pending.add_item();
    Ok(())
}

pub(super) fn set_custom_method(
    cart: &mut Cart,
    draft: CustomShippingDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    check_shippable(cart)?;
    let currency = cart.total_price.currency_code;
    let rate = draft.shipping_rate.resolve()?;
    if rate.price.currency_code != currency {
        return Err(DomainError::operation(format!(
            "the shipping rate must be in {}, found {}",
            currency.code(),
            rate.price.currency_code.code()
        )));
    }
    let tax_category = draft
        .tax_category
        .map(|named| context.world.reference(Kind::TaxCategory, &named))
        .transpose()?;
    if cart.tax_mode == TaxMode::Platform && tax_category.is_none() {
        return Err(DomainError::required("taxCategory"));
    }
    let custom = draft
        .custom
        .map(|custom| custom.resolve("shipping", context))
        .transpose()?;
    cart.shipping_info = Some(ShippingInfo {
        shipping_method_name: draft.shipping_method_name,
        price: TypedMoney::cents(currency, rate.price.cent_amount),
        shipping_rate: rate,
        taxed_price: None,
        tax_rate: external_rate(cart, draft.external_tax_rate)?,
        tax_category,
        shipping_method: None,
        deliveries: Vec::new(),
        discounted_price: None,
        shipping_method_state: ShippingMethodState::MatchesCart,
    });
    cart.shipping_custom_fields = custom;
    cart.pending.add_item();
    Ok(())
}

/// The input must be of the kind that the project's shipping rates are tiered by.
pub(super) fn set_rate_input(
    cart: &mut Cart,
    input: Option<ShippingRateInput>,
    context: &Context<'_>,
) -> Result<(), DomainError> {
    let input = input
        .map(|input| checked_input(input, context))
        .transpose()?;
    cart.pending
        .note(replace(&mut cart.shipping_rate_input, input));
    Ok(())
}

fn checked_input(
    mut input: ShippingRateInput,
    context: &Context<'_>,
) -> Result<ShippingRateInput, DomainError> {
    let tiers = context.project.shipping_rate_input_type.as_ref();
    match (input.input_type, tiers.map(|tiers| tiers.input)) {
        (ShippingRateInputType::Score, Some(ShippingRateTierType::CartScore)) => {
            if input.score.is_none() {
                return Err(DomainError::required("shippingRateInput.score"));
            }
            Ok(input)
        }
        (ShippingRateInputType::Classification, Some(ShippingRateTierType::CartClassification)) => {
            let key = input
                .key
                .clone()
                .ok_or_else(|| DomainError::required("shippingRateInput.key"))?;
            let known = tiers
                .and_then(|tiers| tiers.values.as_ref())
                .and_then(|values| values.iter().find(|value| value.key == key))
                .ok_or_else(|| DomainError::field("shippingRateInput.key", key.as_str()))?;
            input.label = Some(known.label.clone());
            Ok(input)
        }
        _ => Err(DomainError::operation(
            "the kind of `shippingRateInput` is not the project's `shippingRateInputType`",
        )),
    }
}
