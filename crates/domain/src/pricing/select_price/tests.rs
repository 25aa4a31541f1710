use proptest::prelude::*;

use super::{PriceScope, select_price};
use crate::{
    kind::Kind,
    money::{CentAmount, Currency, MoneyType, TypedMoney},
    pricing::{price_for_quantity, unit_price},
    product::price::{DiscountedPrice, Price, PriceTier},
    reference::Reference,
    timestamp::Timestamp,
};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn euro(cents: i64) -> TypedMoney {
    TypedMoney::cents(Currency::parse("EUR").unwrap(), CentAmount::new(cents))
}

fn price(id: &str, cents: i64) -> Price {
    Price {
        id: id.to_owned(),
        key: None,
        value: euro(cents),
        country: None,
        customer_group: None,
        channel: None,
        valid_from: None,
        valid_until: None,
        discounted: None,
        tiers: Vec::new(),
        custom: None,
    }
}

/// `G`, `H`: customer groups; `C`: the channel; `D`: Germany; `v`: valid now.
fn scoped(scope: &str, cents: i64) -> Price {
    let mut price = price(scope, cents);
    for letter in scope.chars() {
        match letter {
            'G' => price.customer_group = Some(Reference::new(Kind::CustomerGroup, "gold")),
            'H' => price.customer_group = Some(Reference::new(Kind::CustomerGroup, "human")),
            'C' => price.channel = Some(Reference::new(Kind::Channel, "web")),
            'D' => price.country = Some("DE".to_owned()),
            'v' => price.valid_from = Some(NOW),
            _ => {}
        }
    }
    price
}

fn buyer() -> PriceScope {
    PriceScope {
        currency: Currency::parse("EUR").unwrap(),
        country: Some("DE".to_owned()),
        customer_groups: vec!["gold".to_owned(), "human".to_owned()],
        channel: Some("web".to_owned()),
    }
}

fn selected(prices: &[Price], scope: &PriceScope) -> Option<String> {
    select_price(prices, scope, NOW).map(|price| price.id.clone())
}

#[test]
fn the_most_specific_scope_wins_in_the_documented_order() {
    let order = ["GCD", "GC", "GD", "G", "CD", "C", "D", "-"];
    let prices: Vec<Price> = order.iter().rev().map(|scope| scoped(scope, 100)).collect();
    for (at, expected) in order.iter().enumerate() {
        let left: Vec<Price> = prices.iter().take(order.len() - at).cloned().collect();
        assert_eq!(selected(&left, &buyer()).as_deref(), Some(*expected));
    }
}

#[test]
fn a_price_for_somebody_or_somewhere_else_is_not_taken() {
    let mut elsewhere = buyer();
    elsewhere.country = Some("US".to_owned());
    elsewhere.customer_groups = Vec::new();
    elsewhere.channel = None;
    assert_eq!(
        selected(
            &[scoped("D", 1), scoped("C", 2), scoped("G", 3)],
            &elsewhere
        ),
        None
    );
    let mut dollars = buyer();
    dollars.currency = Currency::parse("USD").unwrap();
    assert_eq!(selected(&[price("-", 1)], &dollars), None);
}

#[test]
fn a_dated_price_beats_an_undated_one_of_the_same_scope() {
    assert_eq!(
        selected(&[scoped("D", 1), scoped("Dv", 9)], &buyer()).as_deref(),
        Some("Dv")
    );
    assert_eq!(
        selected(&[scoped("Dv", 9), scoped("D", 1)], &buyer()).as_deref(),
        Some("Dv")
    );
}

#[test]
fn a_dated_price_of_a_wider_scope_does_not_beat_a_narrower_one() {
    assert_eq!(
        selected(&[scoped("v", 1), scoped("D", 9)], &buyer()).as_deref(),
        Some("D")
    );
}

#[test]
fn validity_includes_its_start_and_excludes_its_end() {
    let mut starting = price("starting", 1);
    starting.valid_from = Some(NOW);
    let mut ending = price("ending", 2);
    ending.valid_until = Some(NOW);
    let mut later = price("later", 3);
    later.valid_from = Some(NOW.plus_millis(1));
    assert_eq!(
        selected(&[ending.clone(), later.clone(), starting], &buyer()).as_deref(),
        Some("starting")
    );
    assert_eq!(selected(&[ending, later], &buyer()), None);
}

#[test]
fn the_lowest_price_of_several_customer_groups_wins() {
    let prices = [scoped("G", 120), scoped("H", 110)];
    assert_eq!(selected(&prices, &buyer()).as_deref(), Some("H"));
    let prices = [scoped("G", 90), scoped("H", 110)];
    assert_eq!(selected(&prices, &buyer()).as_deref(), Some("G"));
}

#[test]
fn a_dated_price_replaces_its_own_groups_undated_price_only() {
    let prices = [scoped("G", 100), scoped("Gv", 120), scoped("H", 110)];
    assert_eq!(selected(&prices, &buyer()).as_deref(), Some("H"));
}

#[test]
fn high_precision_prices_are_compared_beyond_the_cent() {
    let fine = |scope: &str, precise: i64| {
        let mut price = scoped(scope, 100);
        price.value.money_type = MoneyType::HighPrecision;
        price.value.precise_amount = Some(precise);
        price.value.fraction_digits = 4;
        price
    };
    let prices = [fine("G", 10_004), fine("H", 10_003)];
    assert_eq!(selected(&prices, &buyer()).as_deref(), Some("H"));
    let prices = [scoped("G", 100), fine("H", 10_003)];
    assert_eq!(selected(&prices, &buyer()).as_deref(), Some("G"));
}

#[test]
fn a_tier_gives_the_unit_price_from_its_minimum_quantity_on() {
    let mut tiered = price("-", 1000);
    for (minimum_quantity, cents) in [(10, 900), (100, 800)] {
        tiered.tiers.push(PriceTier {
            minimum_quantity,
            value: euro(cents),
        });
    }
    let unit = |quantity| unit_price(&tiered, quantity).cent_amount.get();
    assert_eq!(
        [unit(1), unit(9), unit(10), unit(99), unit(100), unit(5000)],
        [1000, 1000, 900, 900, 800, 800]
    );
    assert_eq!(price_for_quantity(&tiered, 10).value, euro(900));
    assert_eq!(price_for_quantity(&tiered, 10).tiers, tiered.tiers);
}

#[test]
fn a_product_discount_switches_tiers_off() {
    let mut discounted = price("-", 1000);
    discounted.tiers.push(PriceTier {
        minimum_quantity: 2,
        value: euro(100),
    });
    discounted.discounted = Some(DiscountedPrice {
        value: euro(950),
        discount: Reference::new(Kind::ProductDiscount, "sale"),
    });
    assert_eq!(unit_price(&discounted, 5), &euro(950));
    assert_eq!(price_for_quantity(&discounted, 5).value, euro(1000));
}

proptest! {
    #[test]
    fn the_selected_price_is_admitted_valid_and_no_other_scope_is_more_specific(
        scopes in proptest::collection::vec("[GH]?C?D?v?", 0..8),
        cents in proptest::collection::vec(0..500_i64, 8),
        in_germany: bool,
        in_channel: bool,
    ) {
        let prices: Vec<Price> =
            scopes.iter().zip(&cents).map(|(scope, cents)| scoped(scope, *cents)).collect();
        let mut scope = buyer();
        if !in_germany { scope.country = None; }
        if !in_channel { scope.channel = None; }
        let admitted: Vec<&Price> = prices.iter().filter(|price| scope.admits(price)).collect();
        match select_price(&prices, &scope, NOW) {
            None => prop_assert!(admitted.is_empty()),
            Some(best) => {
                prop_assert!(scope.admits(best) && best.is_valid_at(NOW));
                prop_assert!(admitted.iter().all(|other| super::rank(best) <= super::rank(other)));
            }
        }
    }
}
