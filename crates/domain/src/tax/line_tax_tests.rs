use proptest::prelude::*;

use super::tax_of;
use crate::{
    error::DomainError,
    money::{
        CentAmount, Currency, Rate,
        RoundingMode::{self, HalfDown, HalfEven, HalfUp},
    },
    tax::{
        SubRate,
        TaxCalculationMode::{self, LineItemLevel, UnitPriceLevel},
        TaxRate, TaxedItemPrice,
    },
};

fn rate(amount: &str, included_in_price: bool) -> TaxRate {
    TaxRate {
        id: None,
        key: None,
        name: "vat".to_owned(),
        amount: Rate::parse(amount).unwrap(),
        included_in_price,
        country: "DE".to_owned(),
        state: None,
        sub_rates: Vec::new(),
    }
}

fn taxed(
    unit: i64,
    quantity: i64,
    rate: &TaxRate,
    calculation: TaxCalculationMode,
    rounding: RoundingMode,
) -> Result<TaxedItemPrice, DomainError> {
    let unit = CentAmount::new(unit);
    tax_of(
        Currency::parse("EUR").unwrap(),
        unit.times(quantity).unwrap(),
        &[(unit, quantity)],
        rate,
        calculation,
        rounding,
    )
}

/// Net, gross and tax.
fn numbers(price: &TaxedItemPrice) -> (i64, i64, i64) {
    (
        price.total_net.cent_amount.get(),
        price.total_gross.cent_amount.get(),
        price.total_tax.as_ref().unwrap().cent_amount.get(),
    )
}

fn portion_amounts(price: &TaxedItemPrice) -> Vec<(String, String, i64)> {
    price
        .tax_portions
        .iter()
        .map(|portion| {
            (
                portion.name.clone().unwrap(),
                portion.rate.to_string(),
                portion.amount.cent_amount.get(),
            )
        })
        .collect()
}

#[test]
fn included_tax_rounds_the_net_amount() {
    let vat = rate("0.12", true);
    for (rounding, expected) in [
        (HalfEven, (12, 14, 2)),
        (HalfUp, (13, 14, 1)),
        (HalfDown, (12, 14, 2)),
    ] {
        let price = taxed(14, 1, &vat, LineItemLevel, rounding).unwrap();
        assert_eq!(numbers(&price), expected, "{rounding:?}");
    }
}

#[test]
fn tax_on_top_rounds_the_gross_amount() {
    let vat = rate("0.14", false);
    for (rounding, expected) in [
        (HalfEven, (25, 28, 3)),
        (HalfUp, (25, 29, 4)),
        (HalfDown, (25, 28, 3)),
    ] {
        let price = taxed(25, 1, &vat, LineItemLevel, rounding).unwrap();
        assert_eq!(numbers(&price), expected, "{rounding:?}");
    }
}

#[test]
fn the_unit_price_level_rounds_each_unit() {
    let vat = rate("0.19", false);
    let line = taxed(108, 3, &vat, LineItemLevel, HalfEven).unwrap();
    assert_eq!(numbers(&line), (324, 386, 62));
    let unit = taxed(108, 3, &vat, UnitPriceLevel, HalfEven).unwrap();
    assert_eq!(numbers(&unit), (324, 387, 63));
}

#[test]
fn the_unit_price_level_rounds_each_discounted_portion() {
    let price = tax_of(
        Currency::parse("EUR").unwrap(),
        CentAmount::new(3602),
        &[(CentAmount::new(1200), 1), (CentAmount::new(1201), 2)],
        &rate("0.19", true),
        UnitPriceLevel,
        HalfEven,
    )
    .unwrap();
    // 1200 / 1.19 = 1008.40, 1201 / 1.19 = 1009.24
    assert_eq!(numbers(&price), (1008 + 2 * 1009, 3602, 576));
}

#[test]
fn a_currency_without_minor_unit_rounds_to_whole_yen() {
    let price = tax_of(
        Currency::parse("JPY").unwrap(),
        CentAmount::new(105),
        &[(CentAmount::new(105), 1)],
        &rate("0.10", true),
        LineItemLevel,
        HalfEven,
    )
    .unwrap();
    assert_eq!(numbers(&price), (95, 105, 10));
    assert_eq!(price.total_net.fraction_digits, 0);
}

#[test]
fn the_last_sub_rate_takes_what_remains() {
    let mut sales = rate("0.0875", false);
    sales.sub_rates = [("a", "0.05"), ("b", "0.0375")]
        .map(|(name, amount)| SubRate {
            name: name.to_owned(),
            amount: Rate::parse(amount).unwrap(),
        })
        .to_vec();
    let price = taxed(333, 1, &sales, LineItemLevel, HalfEven).unwrap();
    assert_eq!(numbers(&price), (333, 362, 29));
    assert_eq!(
        portion_amounts(&price),
        [
            ("a".to_owned(), "0.05".to_owned(), 17),
            ("b".to_owned(), "0.0375".to_owned(), 12)
        ]
    );
}

#[test]
fn a_rate_of_zero_has_a_portion_of_zero() {
    let price = taxed(1005, 1, &rate("0", true), LineItemLevel, HalfEven).unwrap();
    assert_eq!(numbers(&price), (1005, 1005, 0));
    assert_eq!(
        portion_amounts(&price),
        [("vat".to_owned(), "0".to_owned(), 0)]
    );
}

#[test]
fn tax_beyond_64_bits_is_an_overflow() {
    let result = taxed(i64::MAX, 1, &rate("0.19", false), LineItemLevel, HalfEven);
    assert!(matches!(result, Err(DomainError::MoneyOverflow)));
}

#[test]
fn a_taxed_price_has_the_shape_of_the_api() {
    let price = taxed(1190, 1, &rate("0.19", true), LineItemLevel, HalfEven).unwrap();
    let money = |cents: i64| {
        serde_json::json!({
            "type": "centPrecision", "currencyCode": "EUR", "centAmount": cents, "fractionDigits": 2
        })
    };
    assert_eq!(
        serde_json::to_value(&price).unwrap(),
        serde_json::json!({
            "totalNet": money(1000), "totalGross": money(1190), "totalTax": money(190),
            "taxPortions": [{ "name": "vat", "rate": 0.19, "amount": money(190) }],
        })
    );
    let text = serde_json::to_string(&price).unwrap();
    assert_eq!(
        serde_json::from_str::<TaxedItemPrice>(&text).unwrap(),
        price
    );
}

proptest! {
    #[test]
    fn gross_minus_net_is_the_tax_and_the_sum_of_the_portions(
        unit in -1_000_000_i64..1_000_000, quantity in 1..1_000_i64, included in any::<bool>(),
        parts in prop::collection::vec(0..2_500_i64, 1..4), unit_level in any::<bool>(),
        rounding in prop::sample::select(vec![HalfEven, HalfUp, HalfDown]),
    ) {
        let sub_rates: Vec<SubRate> = parts.iter().map(|part| SubRate {
            name: part.to_string(), amount: Rate::new(*part, 4).unwrap(),
        }).collect();
        let mut tax_rate = rate("0", included);
        tax_rate.amount = Rate::new(parts.iter().sum(), 4).unwrap();
        tax_rate.sub_rates = if sub_rates.len() == 1 { Vec::new() } else { sub_rates };
        let level = if unit_level { UnitPriceLevel } else { LineItemLevel };
        let price = taxed(unit, quantity, &tax_rate, level, rounding).unwrap();
        let (net, gross, tax) = numbers(&price);
        prop_assert_eq!(gross - net, tax);
        prop_assert_eq!(portion_amounts(&price).iter().map(|(_, _, amount)| amount).sum::<i64>(), tax);
        prop_assert_eq!(if included { gross } else { net }, unit * quantity);
    }
}

#[test]
fn unit_prices_that_do_not_make_up_the_total_are_taxed_as_a_whole() {
    let taxed = |total: i64, unit: i64, quantity: i64, rate: &TaxRate| {
        let price = tax_of(
            Currency::parse("EUR").unwrap(),
            CentAmount::new(total),
            &[(CentAmount::new(unit), quantity)],
            rate,
            UnitPriceLevel,
            HalfEven,
        )
        .unwrap();
        numbers(&price)
    };
    // 1000 units at half a cent, which rounds to nothing; a total of 5.00 that the client gave for 12 units.
    assert_eq!(taxed(500, 0, 1000, &rate("0.19", false)), (500, 595, 95));
    assert_eq!(taxed(500, 0, 1000, &rate("0.25", true)), (400, 500, 100));
    assert_eq!(taxed(500, 5, 12, &rate("0", false)), (500, 500, 0));
    // More than fits into an amount is no total either.
    assert_eq!(taxed(500, i64::MAX, 2, &rate("0", true)), (500, 500, 0));
}
