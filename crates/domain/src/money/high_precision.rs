//! Amounts finer than a minor unit, and how they become minor units.

use crate::money::{CentAmount, Currency, MoneyError, RoundingMode};

/// Most `fractionDigits` of a high precision amount.
pub const MAX_FRACTION_DIGITS: u32 = 20;

/// How many units of 10^-`fraction_digits` make one minor unit of `currency`.
///
/// # Errors
/// [`MoneyError::HighPrecisionDigits`] unless `fraction_digits` is more than the currency has, and at most 20.
pub(super) fn units_per_cent(currency: Currency, fraction_digits: u32) -> Result<i128, MoneyError> {
    let out_of_range = || MoneyError::HighPrecisionDigits {
        currency,
        found: fraction_digits,
    };
    let finer = fraction_digits
        .checked_sub(currency.fraction_digits())
        .filter(|finer| *finer > 0 && fraction_digits <= MAX_FRACTION_DIGITS)
        .ok_or_else(out_of_range)?;
    10_i128.checked_pow(finer).ok_or_else(out_of_range)
}

/// `precise_amount` × `quantity` in minor units, rounded once.
pub(super) fn to_cents(
    precise_amount: i64,
    quantity: i64,
    units_per_cent: i128,
    rounding: RoundingMode,
) -> Result<CentAmount, MoneyError> {
    let exact = i128::from(precise_amount)
        .checked_mul(i128::from(quantity))
        .ok_or(MoneyError::Overflow)?;
    CentAmount::from_wide(rounding.divide(exact, units_per_cent)?)
}

/// The minor units of a draft: the client's `cent_amount` if it is next to the precise amount, else the rounded one.
///
/// # Errors
/// [`MoneyError::CentAmountNotNear`].
pub(super) fn cents_of_draft(
    precise_amount: i64,
    units_per_cent: i128,
    cent_amount: Option<CentAmount>,
) -> Result<CentAmount, MoneyError> {
    let rounded = to_cents(precise_amount, 1, units_per_cent, RoundingMode::HalfEven)?;
    let Some(given) = cent_amount else {
        return Ok(rounded);
    };
    let precise = i128::from(precise_amount);
    let lower = CentAmount::from_wide(precise.div_euclid(units_per_cent))?;
    let exact = precise.rem_euclid(units_per_cent) == 0;
    let upper = if exact {
        lower
    } else {
        lower.add(CentAmount::new(1))?
    };
    if given == lower || given == upper {
        Ok(given)
    } else {
        Err(MoneyError::CentAmountNotNear {
            lower: lower.get(),
            upper: upper.get(),
            found: given.get(),
        })
    }
}
