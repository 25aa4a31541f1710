//! Net, gross and tax of one item.

use crate::{
    error::DomainError,
    money::{CentAmount, Currency, MoneyError, Rate, RoundingMode, TypedMoney},
    tax::{TaxCalculationMode, TaxPortion, TaxRate, TaxedItemPrice},
};

/// The taxed price of an item whose price after discounts is `total`.
///
/// `unit_portions` are the prices of single units with how many units have it: the entries of
/// `discountedPricePerQuantity`, or the unit price and the whole quantity. They matter only on
/// [`TaxCalculationMode::UnitPriceLevel`], and only if they make up `total`: high precision prices rounded to minor
/// units do not, nor does a total that the client gave. Tax by unit would then tax another amount than `total`, so
/// that even a rate of 0 would leave a tax; such an item is taxed as a whole.
///
/// Included tax: gross is `total`, net is rounded. Tax on top: net is `total`, gross is rounded. The tax is their
/// difference and never rounded by itself. With sub-rates each portion is net × sub-rate, rounded, and the last one
/// takes what remains.
///
/// # Errors
/// [`DomainError::MoneyOverflow`].
///
/// Source: commercetools, "Tax calculation" of carts, and the vendor's integration tests for the rounding.
pub fn tax_of(
    currency: Currency,
    total: CentAmount,
    unit_portions: &[(CentAmount, i64)],
    rate: &TaxRate,
    calculation: TaxCalculationMode,
    rounding: RoundingMode,
) -> Result<TaxedItemPrice, DomainError> {
    let other_side = |amount: CentAmount| -> Result<CentAmount, MoneyError> {
        if rate.included_in_price {
            rate.amount.taken_out_of(amount, rounding)
        } else {
            rate.amount.on_top_of(amount, rounding)
        }
    };
    let by_unit =
        calculation == TaxCalculationMode::UnitPriceLevel && make_up(unit_portions, total);
    let computed = if by_unit {
        unit_portions
            .iter()
            .try_fold(CentAmount::ZERO, |sum, (unit, quantity)| {
                sum.add(other_side(*unit)?.times(*quantity)?)
            })?
    } else {
        other_side(total)?
    };
    let (net, gross) = if rate.included_in_price {
        (computed, total)
    } else {
        (total, computed)
    };
    let tax = gross.sub(net)?;
    Ok(TaxedItemPrice {
        total_net: TypedMoney::cents(currency, net),
        total_gross: TypedMoney::cents(currency, gross),
        tax_portions: portions(currency, net, tax, rate, rounding)?,
        total_tax: Some(TypedMoney::cents(currency, tax)),
    })
}

fn make_up(unit_portions: &[(CentAmount, i64)], total: CentAmount) -> bool {
    unit_portions
        .iter()
        .try_fold(CentAmount::ZERO, |sum, (unit, quantity)| {
            sum.add(unit.times(*quantity)?)
        })
        .is_ok_and(|sum: CentAmount| sum == total)
}

fn portions(
    currency: Currency,
    net: CentAmount,
    tax: CentAmount,
    rate: &TaxRate,
    rounding: RoundingMode,
) -> Result<Vec<TaxPortion>, MoneyError> {
    let portion = |name: &str, rate: Rate, amount: CentAmount| TaxPortion {
        name: Some(name.to_owned()),
        rate,
        amount: TypedMoney::cents(currency, amount),
    };
    let Some((last, others)) = rate.sub_rates.split_last() else {
        return Ok(vec![portion(&rate.name, rate.amount, tax)]);
    };
    let mut portions = Vec::with_capacity(rate.sub_rates.len());
    let mut remaining = tax;
    for part in others {
        let amount = part.amount.of(net, rounding)?;
        remaining = remaining.sub(amount)?;
        portions.push(portion(&part.name, part.amount, amount));
    }
    portions.push(portion(&last.name, last.amount, remaining));
    Ok(portions)
}

#[cfg(test)]
#[path = "line_tax_tests.rs"]
mod tests;
