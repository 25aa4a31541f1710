//! Whole minor units.

use serde::{Deserialize, Serialize};

use crate::money::{MoneyError, RoundingMode};

/// An amount in minor units of a currency known from the context (cents of EUR, yen of JPY). May be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct CentAmount(i64);

#[allow(
    clippy::should_implement_trait,
    reason = "the operators could not report an overflow"
)]
impl CentAmount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of `minor_units`.
    #[must_use]
    pub const fn new(minor_units: i64) -> Self {
        Self(minor_units)
    }

    /// The minor units.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn add(self, other: Self) -> Result<Self, MoneyError> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or(MoneyError::Overflow)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn sub(self, other: Self) -> Result<Self, MoneyError> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or(MoneyError::Overflow)
    }

    /// This amount `quantity` times.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn times(self, quantity: i64) -> Result<Self, MoneyError> {
        self.0
            .checked_mul(quantity)
            .map(Self)
            .ok_or(MoneyError::Overflow)
    }

    /// The same amount in the other direction.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for the smallest 64-bit integer.
    pub fn negated(self) -> Result<Self, MoneyError> {
        self.0.checked_neg().map(Self).ok_or(MoneyError::Overflow)
    }

    /// This amount × `numerator` ÷ `denominator`, rounded once: `price.scaled(10_000 - permyriad, 10_000, mode)`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`], [`MoneyError::DivisionByZero`].
    pub fn scaled(
        self,
        numerator: i64,
        denominator: i64,
        rounding: RoundingMode,
    ) -> Result<Self, MoneyError> {
        let product = i128::from(self.0)
            .checked_mul(i128::from(numerator))
            .ok_or(MoneyError::Overflow)?;
        Self::from_wide(rounding.divide(product, i128::from(denominator))?)
    }

    /// The sum of `amounts`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::add)
    }

    pub(crate) fn from_wide(minor_units: i128) -> Result<Self, MoneyError> {
        i64::try_from(minor_units)
            .map(Self)
            .map_err(|_out_of_range| MoneyError::Overflow)
    }
}

impl std::fmt::Display for CentAmount {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::CentAmount;
    use crate::money::{MoneyError, RoundingMode};

    #[test]
    fn the_largest_quantity_that_fits_is_accepted_and_the_next_one_overflows() {
        let price = CentAmount::new(1234);
        assert_eq!(
            price.times(7_474_369_559_849_899),
            Ok(CentAmount::new(9_223_372_036_854_775_366))
        );
        assert_eq!(
            price.times(7_474_369_559_849_900),
            Err(MoneyError::Overflow)
        );
    }

    #[test]
    fn every_operation_reports_an_overflow() {
        let most = CentAmount::new(i64::MAX);
        let least = CentAmount::new(i64::MIN);
        assert_eq!(most.add(CentAmount::new(1)), Err(MoneyError::Overflow));
        assert_eq!(least.sub(CentAmount::new(1)), Err(MoneyError::Overflow));
        assert_eq!(least.negated(), Err(MoneyError::Overflow));
        assert_eq!(
            CentAmount::sum([most, CentAmount::new(1)]),
            Err(MoneyError::Overflow)
        );
        assert_eq!(
            most.scaled(2, 1, RoundingMode::HalfEven),
            Err(MoneyError::Overflow)
        );
    }

    #[test]
    fn scaling_takes_ten_percent_off_and_rounds_half_to_even() {
        let unit = CentAmount::new(1015);
        assert_eq!(
            unit.scaled(9_000, 10_000, RoundingMode::HalfEven),
            Ok(CentAmount::new(914))
        );
        assert_eq!(
            CentAmount::new(914).scaled(8_500, 10_000, RoundingMode::HalfEven),
            Ok(CentAmount::new(777))
        );
        assert_eq!(
            CentAmount::new(1005).scaled(9_000, 10_000, RoundingMode::HalfEven),
            Ok(CentAmount::new(904))
        );
        assert_eq!(
            unit.scaled(1, 0, RoundingMode::HalfEven),
            Err(MoneyError::DivisionByZero)
        );
    }
}
