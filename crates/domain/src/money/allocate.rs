//! Splitting an amount so that the parts add up.

use crate::money::{CentAmount, MoneyError};

/// Units of one group that got the same share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitShare {
    /// How many units.
    pub quantity: i64,
    /// What each of them got.
    pub share: CentAmount,
}

/// Splits `total` over `weights` so that the parts add up exactly.
///
/// Parts are in minor units and in the order of `weights`: the rounded-down share each, then the spare cents one each to
/// the first weights that are not zero. A negative total is split like a positive one, with the sign turned. If `total`
/// is at most the sum of the weights, no part is larger than its weight.
///
/// # Errors
/// [`MoneyError::NoWeights`] if the weights sum to zero, [`MoneyError::NegativeWeight`].
pub fn allocate(total: CentAmount, weights: &[CentAmount]) -> Result<Vec<CentAmount>, MoneyError> {
    let groups: Vec<(CentAmount, i64)> = weights.iter().map(|weight| (*weight, 1)).collect();
    let shares = allocate_units(total, &groups)?;
    Ok(shares
        .iter()
        .map(|group| group.first().map_or(CentAmount::ZERO, |unit| unit.share))
        .collect())
}

/// As [`allocate`], over groups of `(weight of one unit, quantity)`, without a list of all units.
///
/// For each group its units grouped by share, those with a spare cent first: at most two entries, none for a quantity
/// of zero.
///
/// # Errors
/// As [`allocate`]; [`MoneyError::Overflow`] for weights whose sum leaves 128 bits.
pub fn allocate_units(
    total: CentAmount,
    groups: &[(CentAmount, i64)],
) -> Result<Vec<Vec<UnitShare>>, MoneyError> {
    let mut sum: i128 = 0;
    for (weight, quantity) in groups {
        if weight.is_negative() || *quantity < 0 {
            return Err(MoneyError::NegativeWeight);
        }
        sum = i128::from(weight.get())
            .checked_mul(i128::from(*quantity))
            .and_then(|all| sum.checked_add(all))
            .ok_or(MoneyError::Overflow)?;
    }
    if sum == 0 {
        return Err(MoneyError::NoWeights);
    }
    let sign: i128 = if total.is_negative() { -1 } else { 1 };
    let magnitude = i128::from(total.get()) * sign;

    let mut floors = Vec::with_capacity(groups.len());
    let mut spare = magnitude;
    for (weight, quantity) in groups {
        let floor = magnitude * i128::from(weight.get()) / sum;
        spare -= floor * i128::from(*quantity);
        floors.push(floor);
    }

    let mut shares = Vec::with_capacity(groups.len());
    for ((weight, quantity), floor) in groups.iter().zip(floors) {
        let quantity = i128::from(*quantity);
        // A unit that weighs nothing must stay untouched.
        let lucky = if weight.is_zero() {
            0
        } else {
            spare.min(quantity)
        };
        spare -= lucky;
        let mut group = Vec::with_capacity(2);
        for (units, share) in [(lucky, floor + 1), (quantity - lucky, floor)] {
            if units > 0 {
                group.push(UnitShare {
                    quantity: CentAmount::from_wide(units)?.get(),
                    share: CentAmount::from_wide(share * sign)?,
                });
            }
        }
        shares.push(group);
    }
    Ok(shares)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{UnitShare, allocate, allocate_units};
    use crate::money::{CentAmount, MoneyError};

    fn cents(amounts: &[i64]) -> Vec<CentAmount> {
        amounts.iter().copied().map(CentAmount::new).collect()
    }

    #[test]
    fn spare_cents_go_to_the_first_units() {
        let shares = allocate_units(CentAmount::new(100), &[(CentAmount::new(1234), 3)]).unwrap();
        assert_eq!(
            shares,
            [vec![
                UnitShare {
                    quantity: 1,
                    share: CentAmount::new(34)
                },
                UnitShare {
                    quantity: 2,
                    share: CentAmount::new(33)
                },
            ]]
        );
    }

    #[test]
    fn parts_follow_the_weights() {
        assert_eq!(
            allocate(CentAmount::new(10), &cents(&[1, 2, 7])).unwrap(),
            cents(&[1, 2, 7])
        );
        assert_eq!(
            allocate(CentAmount::new(5), &cents(&[0, 1, 1])).unwrap(),
            cents(&[0, 3, 2])
        );
        assert_eq!(
            allocate(CentAmount::new(-5), &cents(&[1, 1])).unwrap(),
            cents(&[-3, -2])
        );
    }

    #[test]
    fn nothing_to_split_over_is_an_error() {
        assert_eq!(
            allocate(CentAmount::new(1), &[]),
            Err(MoneyError::NoWeights)
        );
        assert_eq!(
            allocate(CentAmount::new(1), &cents(&[0, 0])),
            Err(MoneyError::NoWeights)
        );
        assert_eq!(
            allocate(CentAmount::new(1), &cents(&[2, -1])),
            Err(MoneyError::NegativeWeight)
        );
    }

    #[test]
    fn a_huge_quantity_is_split_without_listing_its_units() {
        let shares = allocate_units(
            CentAmount::new(100),
            &[(CentAmount::new(1234), 7_474_369_559_849_899)],
        )
        .unwrap();
        assert_eq!(
            shares,
            [vec![
                UnitShare {
                    quantity: 100,
                    share: CentAmount::new(1)
                },
                UnitShare {
                    quantity: 7_474_369_559_849_799,
                    share: CentAmount::ZERO
                },
            ]]
        );
    }

    proptest! {
        #[test]
        fn the_parts_add_up_and_no_unit_pays_more_than_it_weighs(
            groups in prop::collection::vec((0..1_000_000_i64, 0..1_000_i64), 1..20),
            percent in 0..=100_i64,
        ) {
            let sum: i64 = groups.iter().map(|(weight, quantity)| weight * quantity).sum();
            prop_assume!(sum > 0);
            let total = sum / 100 * percent;
            let groups: Vec<_> = groups.into_iter().map(|(w, q)| (CentAmount::new(w), q)).collect();
            let shares = allocate_units(CentAmount::new(total), &groups).unwrap();
            let mut paid = 0;
            for ((weight, quantity), group) in groups.iter().zip(&shares) {
                prop_assert_eq!(group.iter().map(|unit| unit.quantity).sum::<i64>(), *quantity);
                for unit in group {
                    prop_assert!(unit.share <= *weight);
                    paid += unit.share.get() * unit.quantity;
                }
            }
            prop_assert_eq!(paid, total);
        }

        #[test]
        fn any_total_is_preserved_even_at_the_ends_of_the_range(
            total in any::<i64>(), weights in prop::collection::vec(0..=i64::MAX, 1..10),
        ) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let parts = allocate(CentAmount::new(total), &cents(&weights)).unwrap();
            let sum: i128 = parts.iter().map(|part| i128::from(part.get())).sum();
            prop_assert_eq!(sum, i128::from(total));
        }
    }
}
