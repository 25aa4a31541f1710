use proptest::prelude::*;

use super::Rate;
use crate::money::{CentAmount, MoneyError, RoundingMode};

fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

#[test]
fn reads_every_spelling_of_a_json_number_and_prints_one() {
    for (written, printed) in [
        ("0.19", "0.19"),
        ("0.190", "0.19"),
        ("1.9e-1", "0.19"),
        ("19E-2", "0.19"),
        ("0.0019e+2", "0.19"),
        ("0", "0"),
        ("-0.0", "0"),
        ("0e99999", "0"),
        ("1", "1"),
        ("1.0", "1"),
        ("12e2", "1200"),
        ("-0.05", "-0.05"),
        ("0.000000000000000001", "0.000000000000000001"),
        ("0.10000000000000000000000000000000", "0.1"),
        ("0.30000000000000004", "0.30000000000000004"),
    ] {
        assert_eq!(rate(written).to_string(), printed, "{written}");
    }
}

#[test]
fn refuses_what_is_no_number_or_does_not_fit() {
    for text in [
        "",
        "-",
        ".5",
        "1.",
        "1e",
        "0e",
        "0e+-1",
        "1e5.0",
        "0x1",
        "+1",
        "NaN",
        "0.0000000000000000001",
        "1e19",
        "1e-999999999999999999999",
        "1e9223372036854775807",
        "1e-9223372036854775808",
    ] {
        assert_eq!(Rate::parse(text), None, "{text}");
    }
}

#[test]
fn json_keeps_the_exact_value() {
    let read: Rate = serde_json::from_str("0.0875").unwrap();
    assert_eq!(read, rate("0.0875"));
    assert_eq!(serde_json::to_string(&read).unwrap(), "0.0875");
    let value = serde_json::to_value(rate("0.1")).unwrap();
    assert_eq!(value.to_string(), "0.1");
    assert_eq!(serde_json::from_value::<Rate>(value).unwrap(), rate("0.1"));
    assert!(serde_json::from_str::<Rate>("\"0.1\"").is_err());
}

#[test]
fn an_error_about_a_rate_names_the_member() {
    let error = crate::resource::decode_draft::<std::collections::BTreeMap<String, Rate>>(
        serde_json::json!({ "amount": "a" }),
    )
    .unwrap_err();
    let crate::error::DomainError::InvalidJson { detail } = error else {
        panic!("unexpected {error:?}");
    };
    assert!(detail.starts_with("`amount`: "), "{detail}");
}

#[test]
fn a_tenth_and_two_tenths_are_three_tenths() {
    assert_eq!(rate("0.1").plus(rate("0.2")), Ok(rate("0.3")));
    assert_eq!(rate("0.05").plus(rate("0.0375")), Ok(rate("0.0875")));
    assert_eq!(rate("0.3").minus(rate("0.1")), Ok(rate("0.2")));
    assert_eq!(
        rate("10").plus(rate("0.000000000000000001")),
        Err(MoneyError::Overflow)
    );
}

#[test]
fn compares_across_scales() {
    assert!(rate("0.2") > rate("0.19"));
    assert!(rate("-1") < rate("0.001"));
    assert!(rate("1").is_fraction());
    assert!(rate("0").is_fraction());
    assert!(!rate("1.0001").is_fraction());
    assert!(!rate("-0.1").is_fraction());
}

#[test]
fn tax_on_top_and_tax_taken_out_round_once() {
    let cents = CentAmount::new;
    let (even, up, down) = (
        RoundingMode::HalfEven,
        RoundingMode::HalfUp,
        RoundingMode::HalfDown,
    );
    assert_eq!(rate("0.12").taken_out_of(cents(14), even), Ok(cents(12)));
    assert_eq!(rate("0.12").taken_out_of(cents(14), up), Ok(cents(13)));
    assert_eq!(rate("0.12").taken_out_of(cents(14), down), Ok(cents(12)));
    assert_eq!(rate("0.14").on_top_of(cents(25), even), Ok(cents(28)));
    assert_eq!(rate("0.14").on_top_of(cents(25), up), Ok(cents(29)));
    assert_eq!(rate("0.05").of(cents(333), even), Ok(cents(17)));
    assert_eq!(
        rate("-1").taken_out_of(cents(1), even),
        Err(MoneyError::DivisionByZero)
    );
    assert_eq!(
        rate("1").on_top_of(cents(i64::MAX), even),
        Err(MoneyError::Overflow)
    );
}

proptest! {
    #[test]
    fn printing_and_reading_returns_the_same_rate(mantissa in -1_000_000_000_000_000_000_i64..1_000_000_000_000_000_000, scale in 0_u32..=18) {
        let made = Rate::new(mantissa, scale).unwrap();
        prop_assert_eq!(Rate::parse(&made.to_string()), Some(made));
        let json = serde_json::to_string(&made).unwrap();
        prop_assert_eq!(serde_json::from_str::<Rate>(&json).unwrap(), made);
    }

    #[test]
    fn reading_any_text_never_panics(text in "[-+0-9.eE]{0,40}") {
        let _ = Rate::parse(&text);
    }

    #[test]
    fn no_rate_between_zero_and_one_overflows_on_the_way(gross in any::<i64>(), digits in 0..=1_000_000_000_000_000_000_i64) {
        let rate = Rate::new(digits, 18).unwrap();
        let net = rate.taken_out_of(CentAmount::new(gross), RoundingMode::HalfEven).unwrap();
        prop_assert!(net.get().unsigned_abs() <= gross.unsigned_abs());
    }
}
