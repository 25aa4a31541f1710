use proptest::prelude::*;
use serde_json::json;

use super::{Money, TypedMoney};
use crate::money::{CentAmount, Currency, MoneyError, RoundingMode};

fn draft(value: serde_json::Value) -> Money {
    serde_json::from_value(value).unwrap()
}

fn shown(money: &TypedMoney) -> serde_json::Value {
    serde_json::to_value(money).unwrap()
}

#[test]
fn a_draft_without_type_is_cent_precision_with_the_digits_of_its_currency() {
    for (code, digits) in [("EUR", 2), ("JPY", 0), ("KWD", 3)] {
        let money = draft(json!({ "currencyCode": code, "centAmount": 105 }))
            .typed()
            .unwrap();
        assert_eq!(
            shown(&money),
            json!({ "type": "centPrecision", "currencyCode": code, "centAmount": 105, "fractionDigits": digits })
        );
    }
}

#[test]
fn wrong_fraction_digits_of_a_cent_precision_draft_are_refused() {
    let wrong = draft(json!({ "currencyCode": "EUR", "centAmount": 1, "fractionDigits": 3 }));
    assert_eq!(
        wrong.typed().unwrap_err().to_string(),
        "`fractionDigits` of EUR must be 2, found 3"
    );
    let right = draft(
        json!({ "type": "centPrecision", "currencyCode": "EUR", "centAmount": 1, "fractionDigits": 2 }),
    );
    assert!(right.typed().is_ok());
}

#[test]
fn a_draft_without_an_amount_names_the_missing_member() {
    let cents = draft(json!({ "currencyCode": "EUR" }));
    assert_eq!(cents.typed(), Err(MoneyError::Missing("centAmount")));
    let precise =
        draft(json!({ "type": "highPrecision", "currencyCode": "EUR", "fractionDigits": 4 }));
    assert_eq!(precise.typed(), Err(MoneyError::Missing("preciseAmount")));
    let digits =
        draft(json!({ "type": "highPrecision", "currencyCode": "EUR", "preciseAmount": 4 }));
    assert_eq!(digits.typed(), Err(MoneyError::Missing("fractionDigits")));
}

#[test]
fn high_precision_rounds_half_to_even_unless_the_client_names_a_neighbour() {
    let with = |cents: Option<i64>| {
        let mut body = json!({
            "type": "highPrecision", "currencyCode": "USD", "fractionDigits": 3, "preciseAmount": 1015
        });
        if let Some(cents) = cents {
            body["centAmount"] = cents.into();
        }
        draft(body).typed()
    };
    assert_eq!(with(None).unwrap().cent_amount, CentAmount::new(102));
    assert_eq!(with(Some(101)).unwrap().cent_amount, CentAmount::new(101));
    assert_eq!(with(Some(102)).unwrap().cent_amount, CentAmount::new(102));
    assert_eq!(
        with(Some(103)).unwrap_err().to_string(),
        "`centAmount` must be 101 or 102 for this `preciseAmount`, found 103"
    );
    assert_eq!(
        shown(&with(None).unwrap()),
        json!({
            "type": "highPrecision", "currencyCode": "USD", "centAmount": 102, "preciseAmount": 1015, "fractionDigits": 3
        })
    );
}

#[test]
fn high_precision_needs_more_digits_than_the_currency_and_at_most_twenty() {
    let with = |digits: u32| {
        draft(json!({
            "type": "highPrecision", "currencyCode": "KWD", "fractionDigits": digits, "preciseAmount": 1
        }))
        .typed()
    };
    assert!(with(3).is_err());
    assert!(with(4).is_ok());
    assert!(with(20).is_ok());
    assert!(with(21).is_err());
}

#[test]
fn a_high_precision_unit_price_is_rounded_once_per_line() {
    let unit = draft(json!({
        "type": "highPrecision", "currencyCode": "USD", "fractionDigits": 3, "preciseAmount": 1225
    }))
    .typed()
    .unwrap();
    assert_eq!(unit.cent_amount, CentAmount::new(122));
    for (quantity, rounding, cents) in [
        (3, RoundingMode::HalfEven, 368),
        (3, RoundingMode::HalfDown, 367),
        (1, RoundingMode::HalfEven, 122),
        (1, RoundingMode::HalfUp, 123),
    ] {
        assert_eq!(unit.times(quantity, rounding), Ok(CentAmount::new(cents)));
    }
}

#[test]
fn only_cent_precision_is_taken_where_minor_units_are_needed() {
    let precise = draft(json!({
        "type": "highPrecision", "currencyCode": "USD", "fractionDigits": 3, "preciseAmount": 1225
    }));
    assert_eq!(
        precise.typed_cents(),
        Err(MoneyError::HighPrecisionNotAllowed)
    );
    let euro = Currency::parse("EUR").unwrap();
    let five = Money::cents(euro, CentAmount::new(500));
    assert_eq!(
        five.typed_cents(),
        Ok(TypedMoney::cents(euro, CentAmount::new(500)))
    );
}

#[test]
fn fractions_of_minor_units_are_refused() {
    assert!(
        serde_json::from_value::<Money>(json!({ "currencyCode": "EUR", "centAmount": 1.5 }))
            .is_err()
    );
    assert!(
        serde_json::from_value::<Money>(json!({ "currencyCode": "EUR", "centAmount": "1" }))
            .is_err()
    );
    assert!(
        serde_json::from_str::<Money>(
            r#"{ "currencyCode": "EUR", "centAmount": 9223372036854775808 }"#
        )
        .is_err()
    );
}

proptest! {
    #[test]
    fn what_is_stored_is_read_back(cents in any::<i64>(), precise in any::<i64>(), digits in 4_u32..=20) {
        let currency = Currency::parse("KWD").unwrap();
        let money = TypedMoney::cents(currency, CentAmount::new(cents));
        let text = serde_json::to_string(&money).unwrap();
        prop_assert_eq!(serde_json::from_str::<TypedMoney>(&text).unwrap(), money);
        let fine = draft(json!({
            "type": "highPrecision", "currencyCode": "KWD", "fractionDigits": digits, "preciseAmount": precise
        })).typed().unwrap();
        let text = serde_json::to_string(&fine).unwrap();
        prop_assert_eq!(serde_json::from_str::<TypedMoney>(&text).unwrap(), fine);
    }
}
