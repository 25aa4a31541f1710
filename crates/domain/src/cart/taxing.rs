//! Tax of every item: which rate applies, and what it makes of the price.

use std::sync::Arc;

use crate::{
    cart::{Cart, CartState},
    catalog::tax_category::TaxCategory,
    context::Context,
    error::DomainError,
    money::{CentAmount, Currency, RoundingMode},
    product::Product,
    reference::Reference,
    tax::{TaxCalculationMode, TaxMode, TaxRate, TaxedItemPrice, select_rate, tax_of},
    world::By,
};

/// Where rates are looked for.
#[derive(Clone)]
struct Place {
    country: String,
    state: Option<String>,
    fallback: bool,
}

/// How tax is computed in the cart.
struct Calculation {
    currency: Currency,
    mode: TaxCalculationMode,
    rounding: RoundingMode,
}

impl Calculation {
    fn of(cart: &Cart) -> Self {
        Self {
            currency: cart.total_price.currency_code,
            mode: cart.tax_calculation_mode,
            rounding: cart.tax_rounding_mode,
        }
    }

    fn tax(
        &self,
        total: CentAmount,
        portions: &[(CentAmount, i64)],
        rate: &TaxRate,
    ) -> Result<TaxedItemPrice, DomainError> {
        tax_of(
            self.currency,
            total,
            portions,
            rate,
            self.mode,
            self.rounding,
        )
    }
}

/// Taxes every item.
pub(super) fn update(cart: &mut Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
    match cart.tax_mode {
        TaxMode::Platform => match place(cart, context) {
            Some(place) => {
                select_rates(cart, &place, context)?;
                compute(cart)
            }
            None => {
                clear(cart);
                Ok(())
            }
        },
        TaxMode::External if cart.shipping_address.is_some() => compute(cart),
        TaxMode::External => {
            clear_amounts(cart);
            Ok(())
        }
        // Amounts were given; whoever changes a price removes them.
        TaxMode::ExternalAmount => Ok(()),
        TaxMode::Disabled => {
            clear(cart);
            Ok(())
        }
    }
}

fn place(cart: &Cart, context: &Context<'_>) -> Option<Place> {
    cart.shipping_address.as_ref().map(|address| Place {
        country: address.country.clone(),
        state: address.state.clone(),
        fallback: context.project.carts.country_tax_rate_fallback_enabled,
    })
}

/// Removes rates and amounts of every item.
pub(super) fn clear(cart: &mut Cart) {
    clear_amounts(cart);
    for line in &mut cart.line_items {
        line.tax_rate = None;
    }
    for line in &mut cart.custom_line_items {
        line.tax_rate = None;
    }
    for info in shipping_infos(cart) {
        info.tax_rate = None;
    }
}

fn clear_amounts(cart: &mut Cart) {
    for line in &mut cart.line_items {
        line.taxed_price = None;
    }
    for line in &mut cart.custom_line_items {
        line.taxed_price = None;
    }
    for info in shipping_infos(cart) {
        info.taxed_price = None;
    }
}

fn shipping_infos(cart: &mut Cart) -> impl Iterator<Item = &mut crate::cart::ShippingInfo> {
    cart.shipping_info.iter_mut().chain(
        cart.shipping
            .iter_mut()
            .map(|shipping| &mut shipping.shipping_info),
    )
}

/// Which rates are selected again, and which must exist.
#[derive(Clone, Copy)]
struct Selection {
    again: bool,
    demanded: bool,
    demanded_of_new: bool,
}

impl Selection {
    fn of(cart: &Cart) -> Self {
        let pending = cart.pending;
        Self {
            again: cart.cart_state != CartState::Frozen || pending.tax_rates(),
            demanded: pending.tax_rates(),
            demanded_of_new: pending.new_items(),
        }
    }

    const fn concerns(self, current: Option<&TaxRate>) -> bool {
        self.again || current.is_none()
    }

    /// Replaces the rate of an item; one that its category does not have any more stays, unless it is demanded.
    fn renew(
        self,
        current: &mut Option<TaxRate>,
        category: Option<&Reference>,
        place: &Place,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        if !self.concerns(current.as_ref()) {
            return Ok(());
        }
        let demanded = self.demanded || (self.demanded_of_new && current.is_none());
        match rate(category, place, context) {
            Ok(found) => *current = found,
            Err(DomainError::MissingTaxRateForCountry { .. }) if !demanded => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn select_rates(
    cart: &mut Cart,
    place: &Place,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let selection = Selection::of(cart);
    for line in &mut cart.line_items {
        if !selection.concerns(line.tax_rate.as_ref()) {
            continue;
        }
        // A product that is gone keeps the rate its line has; ordering it fails anyway.
        let Some(product) = context.world.get::<Product>(By::Id(&line.product_id))? else {
            continue;
        };
        let category = product.tax_category.as_ref();
        selection.renew(&mut line.tax_rate, category, place, context)?;
    }
    for line in &mut cart.custom_line_items {
        let category = line.tax_category.as_ref();
        selection.renew(&mut line.tax_rate, category, place, context)?;
    }
    if let Some(info) = &mut cart.shipping_info {
        let category = info.tax_category.as_ref();
        selection.renew(&mut info.tax_rate, category, place, context)?;
    }
    for shipping in &mut cart.shipping {
        let place = Place {
            country: shipping.shipping_address.country.clone(),
            state: shipping.shipping_address.state.clone(),
            fallback: place.fallback,
        };
        let info = &mut shipping.shipping_info;
        let category = info.tax_category.as_ref();
        selection.renew(&mut info.tax_rate, category, &place, context)?;
    }
    Ok(())
}

/// The rate of a tax category at a place; none without category.
fn rate(
    category: Option<&Reference>,
    place: &Place,
    context: &mut Context<'_>,
) -> Result<Option<TaxRate>, DomainError> {
    let Some(category) = category else {
        return Ok(None);
    };
    let found: Option<Arc<TaxCategory>> = context.world.get(By::Id(&category.id))?;
    let Some(found) = found else { return Ok(None) };
    select_rate(
        &found,
        &place.country,
        place.state.as_deref(),
        place.fallback,
    )
    .map(Some)
    .ok_or_else(|| DomainError::MissingTaxRateForCountry {
        tax_category_id: category.id.clone(),
        country: place.country.clone(),
        state: place.state.clone(),
    })
}

/// Computes the taxed price of every item that has a rate.
fn compute(cart: &mut Cart) -> Result<(), DomainError> {
    let calculation = Calculation::of(cart);
    for line in &mut cart.line_items {
        line.taxed_price = match &line.tax_rate {
            Some(rate) => {
                Some(calculation.tax(line.total_price.cent_amount, &line.unit_portions(), rate)?)
            }
            None => None,
        };
    }
    for line in &mut cart.custom_line_items {
        line.taxed_price = match &line.tax_rate {
            Some(rate) => {
                Some(calculation.tax(line.total_price.cent_amount, &line.unit_portions(), rate)?)
            }
            None => None,
        };
    }
    for info in shipping_infos(cart) {
        let price = info.effective_price().cent_amount;
        info.taxed_price = match &info.tax_rate {
            Some(rate) => Some(calculation.tax(price, &[(price, 1)], rate)?),
            None => None,
        };
    }
    Ok(())
}
