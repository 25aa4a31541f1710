//! Taxed totals of a cart.

use crate::{
    error::DomainError,
    money::{CentAmount, Currency, MoneyError, RoundingMode, TypedMoney},
    tax::{TaxPortion, TaxedItemPrice, TaxedPrice},
};

/// The sum of taxed items: line items, custom line items and shipping.
///
/// Portions of equal rate and name are merged, in the order they are first seen.
///
/// # Errors
/// [`DomainError::MoneyOverflow`].
pub fn taxed_total<'a>(
    currency: Currency,
    items: impl IntoIterator<Item = &'a TaxedItemPrice>,
) -> Result<TaxedPrice, DomainError> {
    let mut net = CentAmount::ZERO;
    let mut gross = CentAmount::ZERO;
    let mut portions: Vec<TaxPortion> = Vec::new();
    for item in items {
        net = net.add(item.total_net.cent_amount)?;
        gross = gross.add(item.total_gross.cent_amount)?;
        for portion in &item.tax_portions {
            let same = portions
                .iter_mut()
                .find(|seen| seen.rate == portion.rate && seen.name == portion.name);
            match same {
                Some(seen) => {
                    let sum = seen.amount.cent_amount.add(portion.amount.cent_amount)?;
                    seen.amount = TypedMoney::cents(currency, sum);
                }
                None => portions.push(portion.clone()),
            }
        }
    }
    Ok(TaxedPrice {
        total_net: TypedMoney::cents(currency, net),
        total_gross: TypedMoney::cents(currency, gross),
        tax_portions: portions,
        total_tax: Some(TypedMoney::cents(currency, gross.sub(net)?)),
    })
}

/// A taxed price after a discount on the total price: net and gross scaled by (`total` − `discount`) ÷ `total`.
///
/// `total` and `discount` are those of the whole cart, also when `price` is only the shipping's part of it. The portions
/// are scaled likewise, the last one takes what remains. Without a total there is nothing to scale.
///
/// # Errors
/// [`DomainError::MoneyOverflow`].
pub fn after_total_discount(
    price: &TaxedPrice,
    total: CentAmount,
    discount: CentAmount,
    rounding: RoundingMode,
) -> Result<TaxedPrice, DomainError> {
    if total.is_zero() || discount.is_zero() {
        return Ok(price.clone());
    }
    let left = total.sub(discount)?;
    let scaled = |money: &TypedMoney| -> Result<TypedMoney, MoneyError> {
        let amount = money
            .cent_amount
            .scaled(left.get(), total.get(), rounding)?;
        Ok(TypedMoney::cents(money.currency_code, amount))
    };
    let total_net = scaled(&price.total_net)?;
    let total_gross = scaled(&price.total_gross)?;
    let tax = total_gross.cent_amount.sub(total_net.cent_amount)?;
    let currency = total_net.currency_code;

    let mut remaining = tax;
    let mut tax_portions = price.tax_portions.clone();
    if let Some((last, others)) = tax_portions.split_last_mut() {
        for portion in others {
            portion.amount = scaled(&portion.amount)?;
            remaining = remaining.sub(portion.amount.cent_amount)?;
        }
        last.amount = TypedMoney::cents(currency, remaining);
    }
    Ok(TaxedPrice {
        total_net,
        total_gross,
        tax_portions,
        total_tax: Some(TypedMoney::cents(currency, tax)),
    })
}

#[cfg(test)]
mod tests {
    use super::{after_total_discount, taxed_total};
    use crate::{
        money::{CentAmount, Currency, Rate, RoundingMode, TypedMoney},
        tax::{TaxPortion, TaxedPrice},
    };

    fn euro() -> Currency {
        Currency::parse("EUR").unwrap()
    }

    fn item(net: i64, gross: i64, portions: &[(&str, &str, i64)]) -> TaxedPrice {
        let money = |cents: i64| TypedMoney::cents(euro(), CentAmount::new(cents));
        TaxedPrice {
            total_net: money(net),
            total_gross: money(gross),
            tax_portions: portions
                .iter()
                .map(|(name, rate, amount)| TaxPortion {
                    name: Some((*name).to_owned()),
                    rate: Rate::parse(rate).unwrap(),
                    amount: money(*amount),
                })
                .collect(),
            total_tax: Some(money(gross - net)),
        }
    }

    #[test]
    fn portions_of_equal_rate_and_name_are_merged_in_first_seen_order() {
        let items = [
            item(3111, 3702, &[("std", "0.19", 591)]),
            item(100, 107, &[("low", "0.07", 7)]),
            item(412, 490, &[("std", "0.190", 78)]),
            item(10, 12, &[("other", "0.19", 2)]),
        ];
        assert_eq!(
            taxed_total(euro(), &items).unwrap(),
            item(
                3633,
                4311,
                &[
                    ("std", "0.19", 669),
                    ("low", "0.07", 7),
                    ("other", "0.19", 2)
                ]
            )
        );
    }

    #[test]
    fn nothing_is_taxed_nothing() {
        assert_eq!(taxed_total(euro(), []).unwrap(), item(0, 0, &[]));
    }

    #[test]
    fn a_discount_on_the_total_scales_net_and_gross() {
        let taxed = item(3523, 4192, &[("std", "0.19", 669)]);
        let discounted = after_total_discount(
            &taxed,
            CentAmount::new(4192),
            CentAmount::new(419),
            RoundingMode::HalfEven,
        )
        .unwrap();
        assert_eq!(discounted, item(3171, 3773, &[("std", "0.19", 602)]));
    }

    #[test]
    fn scaled_portions_still_add_up_to_the_tax() {
        let taxed = item(100, 115, &[("a", "0.05", 5), ("b", "0.1", 10)]);
        let discounted = after_total_discount(
            &taxed,
            CentAmount::new(115),
            CentAmount::new(100),
            RoundingMode::HalfEven,
        )
        .unwrap();
        // 100 × 15/115 = 13.04, 5 × 15/115 = 0.65
        assert_eq!(
            discounted,
            item(13, 15, &[("a", "0.05", 1), ("b", "0.1", 1)])
        );
    }

    #[test]
    fn an_empty_cart_keeps_its_taxed_price() {
        let nothing = item(0, 0, &[]);
        let kept = after_total_discount(
            &nothing,
            CentAmount::ZERO,
            CentAmount::new(5),
            RoundingMode::HalfEven,
        );
        assert_eq!(kept.unwrap(), nothing);
    }
}
