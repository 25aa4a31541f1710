//! What a back end sends to create a cart, and how it becomes one.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    address::AddressDraft,
    cart::{
        Cart, CartAction, CartOrigin, CustomLineItemDraft, CustomShippingDraft, InventoryMode,
        LineItemDraft, MAX_DELETE_DAYS, ShippingMode, ShippingRateInput, apply, owner,
    },
    catalog::{
        shape::{check_country, check_optional_key, check_range},
        store::binding,
    },
    context::Context,
    custom_fields::CustomFieldsDraft,
    error::DomainError,
    identity::principal::Subject,
    money::{Currency, RoundingMode},
    reference::ResourceIdentifier,
    resource::Resource,
    tax::{ExternalTaxRateDraft, TaxCalculationMode, TaxMode},
};

/// A new cart. Only the currency is required.
///
/// Source: <https://docs.commercetools.com/api/projects/carts#cartdraft>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartDraft {
    /// Currency of every amount, one of the project's.
    pub currency: String,
    pub key: Option<String>,
    pub customer_id: Option<String>,
    pub customer_email: Option<String>,
    pub customer_group: Option<ResourceIdentifier>,
    pub anonymous_id: Option<String>,
    /// Refused: there are no business units.
    pub business_unit: Option<Value>,
    pub store: Option<ResourceIdentifier>,
    pub line_items: Option<Vec<LineItemDraft>>,
    pub custom_line_items: Option<Vec<CustomLineItemDraft>>,
    pub tax_mode: Option<TaxMode>,
    pub external_tax_rate_for_shipping_method: Option<ExternalTaxRateDraft>,
    pub price_rounding_mode: Option<RoundingMode>,
    pub tax_rounding_mode: Option<RoundingMode>,
    pub tax_calculation_mode: Option<TaxCalculationMode>,
    pub inventory_mode: Option<InventoryMode>,
    pub billing_address: Option<AddressDraft>,
    pub shipping_address: Option<AddressDraft>,
    pub shipping_method: Option<ResourceIdentifier>,
    pub shipping_rate_input: Option<ShippingRateInput>,
    pub shipping_mode: Option<ShippingMode>,
    pub custom_shipping: Option<Vec<CustomShippingDraft>>,
    /// Refused unless empty: a cart has one shipping method.
    pub shipping: Option<Vec<Value>>,
    pub item_shipping_addresses: Option<Vec<AddressDraft>>,
    /// Codes to add; see the discount actions.
    pub discount_codes: Option<Vec<String>>,
    pub country: Option<String>,
    pub locale: Option<String>,
    pub origin: Option<CartOrigin>,
    pub delete_days_after_last_modification: Option<i64>,
    pub custom: Option<CustomFieldsDraft>,
    pub purchase_order_number: Option<String>,
}

impl CartDraft {
    /// A draft with nothing but a currency.
    #[must_use]
    pub fn new(currency: impl Into<String>) -> Self {
        Self {
            currency: currency.into(),
            key: None,
            customer_id: None,
            customer_email: None,
            customer_group: None,
            anonymous_id: None,
            business_unit: None,
            store: None,
            line_items: None,
            custom_line_items: None,
            tax_mode: None,
            external_tax_rate_for_shipping_method: None,
            price_rounding_mode: None,
            tax_rounding_mode: None,
            tax_calculation_mode: None,
            inventory_mode: None,
            billing_address: None,
            shipping_address: None,
            shipping_method: None,
            shipping_rate_input: None,
            shipping_mode: None,
            custom_shipping: None,
            shipping: None,
            item_shipping_addresses: None,
            discount_codes: None,
            country: None,
            locale: None,
            origin: None,
            delete_days_after_last_modification: None,
            custom: None,
            purchase_order_number: None,
        }
    }
}

/// Makes a cart: an empty one with the draft's settings, then everything else by the actions that would add it.
pub(super) fn create(draft: CartDraft, context: &mut Context<'_>) -> Result<Cart, DomainError> {
    let mut cart = empty(&draft, context)?;
    if let Some(country) = &draft.country {
        apply::check_store_sells_to(&cart, country, context)?;
    }
    owner::set_from_draft(&mut cart, &draft, context)?;
    if let Some(custom) = draft.custom {
        cart.custom = Some(custom.resolve("order", context)?);
    }
    for action in actions(
        draft.item_shipping_addresses,
        draft.shipping_address,
        draft.billing_address,
    ) {
        apply::apply(&mut cart, action, context)?;
    }
    for line in draft.line_items.unwrap_or_default() {
        apply::apply(&mut cart, CartAction::AddLineItem(Box::new(line)), context)?;
    }
    for line in draft.custom_line_items.unwrap_or_default() {
        apply::apply(
            &mut cart,
            CartAction::AddCustomLineItem(Box::new(line)),
            context,
        )?;
    }
    add_shipping(
        &mut cart,
        Shipping {
            method: draft.shipping_method,
            custom: draft.custom_shipping,
            rate_input: draft.shipping_rate_input,
            tax_rate: draft.external_tax_rate_for_shipping_method,
        },
        context,
    )?;
    refuse_discount_codes(draft.discount_codes.as_deref())?;
    cart.pending.change();
    cart.settle(context)?;
    Ok(cart)
}

/// Discount codes are not known to this release: refusing them is honest, forgetting them is not.
fn refuse_discount_codes(codes: Option<&[String]>) -> Result<(), DomainError> {
    match codes.and_then(<[String]>::first) {
        None => Ok(()),
        Some(code) => Err(DomainError::DiscountCodeNonApplicable {
            code: code.clone(),
            reason: Some("DoesNotExist"),
            id: None,
        }),
    }
}

fn actions(
    item_shipping_addresses: Option<Vec<AddressDraft>>,
    shipping_address: Option<AddressDraft>,
    billing_address: Option<AddressDraft>,
) -> impl Iterator<Item = CartAction> {
    let items = item_shipping_addresses
        .unwrap_or_default()
        .into_iter()
        .map(|address| CartAction::AddItemShippingAddress {
            address: Box::new(address),
        });
    let shipping = shipping_address.map(|address| CartAction::SetShippingAddress {
        address: Some(Box::new(address)),
    });
    let billing = billing_address.map(|address| CartAction::SetBillingAddress {
        address: Some(Box::new(address)),
    });
    items.chain(shipping).chain(billing)
}

struct Shipping {
    method: Option<ResourceIdentifier>,
    custom: Option<Vec<CustomShippingDraft>>,
    rate_input: Option<ShippingRateInput>,
    tax_rate: Option<ExternalTaxRateDraft>,
}

fn add_shipping(
    cart: &mut Cart,
    shipping: Shipping,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if shipping.rate_input.is_some() {
        let action = CartAction::SetShippingRateInput {
            shipping_rate_input: shipping.rate_input,
        };
        apply::apply(cart, action, context)?;
    }
    if shipping.method.is_some() {
        let action = CartAction::SetShippingMethod {
            shipping_method: shipping.method,
            external_tax_rate: shipping.tax_rate,
        };
        apply::apply(cart, action, context)?;
    }
    for custom in shipping.custom.unwrap_or_default() {
        apply::apply(
            cart,
            CartAction::SetCustomShippingMethod(Box::new(custom)),
            context,
        )?;
    }
    Ok(())
}

/// A cart without content. Settings that the draft leaves open come from the project.
fn refuse_unsupported(draft: &CartDraft) -> Result<(), DomainError> {
    if draft.business_unit.is_some() {
        return Err(DomainError::unsupported("businessUnit"));
    }
    match draft.shipping.as_deref() {
        None | Some([]) => Ok(()),
        Some(_) => Err(DomainError::unsupported("shipping")),
    }
}

fn empty(draft: &CartDraft, context: &mut Context<'_>) -> Result<Cart, DomainError> {
    refuse_unsupported(draft)?;
    check_optional_key("key", draft.key.as_deref())?;
    let currency = currency(&draft.currency, context)?;
    let tax_mode = draft.tax_mode.unwrap_or_default();
    refuse_untaxed_shopper(tax_mode, context.acting_for)?;
    if let Some(country) = &draft.country {
        check_country("country", country)?;
    }
    apply::check_language(draft.locale.as_deref(), context)?;
    let days = match draft.delete_days_after_last_modification {
        Some(days) => {
            check_range("deleteDaysAfterLastModification", days, 1..=MAX_DELETE_DAYS)?;
            days
        }
        None => context.project.carts.delete_days_after_last_modification,
    };
    let inventory_mode = draft.inventory_mode.unwrap_or_default();
    refuse_reservation(inventory_mode)?;
    let mut cart = Cart::blank(currency, &context.project.carts);
    cart.key.clone_from(&draft.key);
    cart.customer_email.clone_from(&draft.customer_email);
    cart.tax_mode = tax_mode;
    cart.inventory_mode = inventory_mode;
    cart.country.clone_from(&draft.country);
    cart.locale.clone_from(&draft.locale);
    cart.delete_days_after_last_modification = Some(days);
    cart.purchase_order_number
        .clone_from(&draft.purchase_order_number);
    cart.tax_calculation_mode = draft.tax_calculation_mode.unwrap_or_default();
    cart.shipping_mode = draft.shipping_mode.unwrap_or_default();
    cart.origin = draft.origin.unwrap_or_default();
    if let Some(rounding) = draft.price_rounding_mode {
        cart.price_rounding_mode = rounding;
    }
    if let Some(rounding) = draft.tax_rounding_mode {
        cart.tax_rounding_mode = rounding;
    }
    cart.store = binding::of_new(draft.store.as_ref(), context)?;
    Ok(cart)
}

fn currency(code: &str, context: &Context<'_>) -> Result<Currency, DomainError> {
    Currency::parse(code)
        .filter(|currency| context.project.currencies.contains(currency))
        .ok_or_else(|| DomainError::InvalidField {
            field: "currency".to_owned(),
            value: code.into(),
            allowed: context
                .project
                .currencies
                .iter()
                .map(|currency| currency.code().into())
                .collect(),
        })
}

/// A shopper cannot switch tax off.
pub(super) fn refuse_untaxed_shopper(mode: TaxMode, subject: &Subject) -> Result<(), DomainError> {
    if mode == TaxMode::Disabled && *subject != Subject::Client {
        return Err(DomainError::operation(
            "`taxMode` cannot be `Disabled` on a cart of your own",
        ));
    }
    Ok(())
}

/// Reserving stock while shopping is not offered; taking the mode without doing it would oversell.
pub(crate) fn refuse_reservation(mode: InventoryMode) -> Result<(), DomainError> {
    if mode == InventoryMode::ReserveOnCart {
        return Err(DomainError::operation(
            "inventory mode `ReserveOnCart` is not supported",
        ));
    }
    Ok(())
}
