//! Rounding of exact fractions.

use serde::{Deserialize, Serialize};

use crate::money::MoneyError;

/// Where a value halfway between two minor units goes. Everything else goes to the nearer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoundingMode {
    /// To the even neighbour.
    #[default]
    HalfEven,
    /// Away from zero.
    HalfUp,
    /// Toward zero.
    HalfDown,
}

impl RoundingMode {
    /// `numerator` ÷ `denominator`, rounded to a whole number; both may be negative.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`]; [`MoneyError::Overflow`] only at the very ends of the 128-bit range.
    pub fn divide(self, numerator: i128, denominator: i128) -> Result<i128, MoneyError> {
        if denominator == 0 {
            return Err(MoneyError::DivisionByZero);
        }
        let (numerator, denominator) = if denominator < 0 {
            (
                numerator.checked_neg().ok_or(MoneyError::Overflow)?,
                denominator.checked_neg().ok_or(MoneyError::Overflow)?,
            )
        } else {
            (numerator, denominator)
        };
        let below = numerator.div_euclid(denominator);
        let rest = numerator.rem_euclid(denominator);
        // `rest` against its complement instead of `2 * rest` against the denominator: cannot overflow.
        let up = match rest.cmp(&(denominator - rest)) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => match self {
                Self::HalfEven => below.rem_euclid(2) == 1,
                Self::HalfUp => numerator > 0,
                Self::HalfDown => numerator < 0,
            },
        };
        if up {
            below.checked_add(1).ok_or(MoneyError::Overflow)
        } else {
            Ok(below)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::RoundingMode::{self, HalfDown, HalfEven, HalfUp};
    use crate::money::MoneyError;

    fn halves(mode: RoundingMode) -> Vec<i128> {
        [-5, -3, -1, 1, 3, 5]
            .into_iter()
            .map(|half| mode.divide(half, 2).unwrap())
            .collect()
    }

    #[test]
    fn ties_go_to_the_even_neighbour_away_from_zero_or_toward_zero() {
        assert_eq!(halves(HalfEven), [-2, -2, 0, 0, 2, 2]);
        assert_eq!(halves(HalfUp), [-3, -2, -1, 1, 2, 3]);
        assert_eq!(halves(HalfDown), [-2, -1, 0, 0, 1, 2]);
    }

    #[test]
    fn a_negative_denominator_turns_the_sign() {
        assert_eq!(HalfUp.divide(5, -2), Ok(-3));
        assert_eq!(HalfDown.divide(-5, -2), Ok(2));
    }

    #[test]
    fn division_by_zero_is_an_error() {
        assert_eq!(HalfEven.divide(1, 0), Err(MoneyError::DivisionByZero));
    }

    proptest! {
        #[test]
        fn the_result_is_never_further_away_than_one_half(
            numerator in any::<i64>(), denominator in 1..i64::MAX,
            mode in prop::sample::select(vec![HalfEven, HalfUp, HalfDown]),
        ) {
            let (numerator, denominator) = (i128::from(numerator), i128::from(denominator));
            let rounded = mode.divide(numerator, denominator).unwrap();
            let twice_off = 2 * (numerator - rounded * denominator);
            prop_assert!(twice_off.abs() <= denominator);
        }

        #[test]
        fn rounding_is_symmetric_around_zero(
            numerator in any::<i64>(), denominator in 1..10_000_i128,
            mode in prop::sample::select(vec![HalfEven, HalfUp, HalfDown]),
        ) {
            let numerator = i128::from(numerator);
            prop_assert_eq!(
                mode.divide(-numerator, denominator).unwrap(),
                -mode.divide(numerator, denominator).unwrap()
            );
        }
    }
}
