//! Carts after any sequence of actions, against amounts that are computed another way.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Shop, berlin, standard_shipping, taxed, total};
use crate::cart::Cart;

const SKUS: [&str; 6] = ["SKU-1", "SKU-2", "SKU-14", "SKU-25", "SKU-1015", "SKU-T"];

/// One action of a shopper or a back end.
#[derive(Clone, Copy, Debug)]
enum Step {
    Add(&'static str, i64),
    Change(&'static str, i64),
    Remove(&'static str, i64),
    Custom(i64, i64),
    Country(Option<&'static str>),
    ShipTo(Option<&'static str>),
    Method(bool),
    Rounding(&'static str),
    Calculation(&'static str),
}

impl Step {
    fn action(&self) -> Value {
        match self {
            Self::Add(sku, quantity) => {
                json!({ "action": "addLineItem", "sku": sku, "quantity": quantity, "key": sku })
            }
            Self::Change(sku, quantity) => {
                json!({ "action": "changeLineItemQuantity", "lineItemKey": sku, "quantity": quantity })
            }
            Self::Remove(sku, quantity) => {
                json!({ "action": "removeLineItem", "lineItemKey": sku, "quantity": quantity })
            }
            Self::Custom(cents, quantity) => json!({
                "action": "addCustomLineItem", "name": { "en": "x" }, "slug": format!("slug-{cents}"),
                "money": { "currencyCode": "EUR", "centAmount": cents }, "quantity": quantity,
                "taxCategory": { "key": "std" }
            }),
            Self::Country(country) => json!({ "action": "setCountry", "country": country }),
            Self::ShipTo(None) => json!({ "action": "setShippingAddress" }),
            Self::ShipTo(Some("DE")) => {
                json!({ "action": "setShippingAddress", "address": berlin() })
            }
            Self::ShipTo(Some(country)) => {
                json!({ "action": "setShippingAddress", "address": { "country": country } })
            }
            Self::Method(true) => standard_shipping(),
            Self::Method(false) => json!({ "action": "setShippingMethod" }),
            Self::Rounding(mode) => {
                json!({ "action": "changeTaxRoundingMode", "taxRoundingMode": mode })
            }
            Self::Calculation(mode) => {
                json!({ "action": "changeTaxCalculationMode", "taxCalculationMode": mode })
            }
        }
    }
}

/// What a cart should be.
#[derive(Clone, Debug)]
struct Model {
    lines: Vec<(&'static str, i64)>,
    custom: Vec<(i64, i64)>,
    country: Option<&'static str>,
    place: Option<&'static str>,
    method: bool,
    rounding: &'static str,
    calculation: &'static str,
}

/// Rate in thousandths, and whether it is included.
fn rate(category: &str, place: &str) -> Option<(i128, bool)> {
    match (category, place) {
        ("std", "DE") => Some((190, true)),
        ("std", "US") => Some((190, false)),
        ("std", "JP") => Some((100, true)),
        ("t12", "DE") => Some((120, true)),
        ("t14", "DE") => Some((140, false)),
        _ => None,
    }
}

fn category(sku: &str) -> &'static str {
    match sku {
        "SKU-14" => "t12",
        "SKU-25" => "t14",
        _ => "std",
    }
}

/// `number / divisor`, rounded; both are positive.
fn rounded(number: i128, divisor: i128, mode: &str) -> i64 {
    let (whole, rest) = (number / divisor, number % divisor);
    let up = match (2 * rest).cmp(&divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => match mode {
            "HalfUp" => true,
            "HalfDown" => false,
            _ => whole % 2 == 1,
        },
    };
    i64::try_from(whole + i128::from(up)).unwrap()
}

impl Model {
    fn new() -> Self {
        Self {
            lines: Vec::new(),
            custom: Vec::new(),
            country: Some("DE"),
            place: None,
            method: false,
            rounding: "HalfEven",
            calculation: "LineItemLevel",
        }
    }

    fn unit(&self, sku: &str, quantity: i64) -> i64 {
        match sku {
            "SKU-1" if self.country == Some("DE") => 1234,
            "SKU-1" => 1300,
            "SKU-2" => 1999,
            "SKU-14" => 14,
            "SKU-25" => 25,
            "SKU-1015" => 1015,
            _ if quantity >= 10 => 900,
            _ => 1000,
        }
    }

    /// The model after a step, or nothing if the step must be refused.
    fn after(&self, step: &Step) -> Option<Self> {
        let mut next = self.clone();
        let line = |next: &Self, sku: &str| next.lines.iter().position(|(known, _)| *known == sku);
        match *step {
            Step::Add(sku, quantity) => match line(&next, sku) {
                Some(at) => next.lines[at].1 += quantity,
                None => next.lines.push((sku, quantity)),
            },
            Step::Change(sku, quantity) => {
                let at = line(&next, sku)?;
                next.lines[at].1 = quantity;
            }
            Step::Remove(sku, quantity) => {
                let at = line(&next, sku)?;
                next.lines[at].1 = 0.max(next.lines[at].1 - quantity);
            }
            Step::Custom(cents, quantity) => {
                match next.custom.iter_mut().find(|(known, _)| *known == cents) {
                    Some((_, known)) => *known += quantity,
                    None => next.custom.push((cents, quantity)),
                }
            }
            Step::Country(country) => next.country = country,
            Step::ShipTo(place) => {
                next.place = place;
                next.method &= place == Some("DE");
            }
            Step::Method(chosen) => {
                if chosen && next.place != Some("DE") {
                    return None;
                }
                next.method = chosen;
            }
            Step::Rounding(mode) => next.rounding = mode,
            Step::Calculation(mode) => next.calculation = mode,
        }
        next.lines.retain(|(_, quantity)| *quantity > 0);
        let taxable = next.place.is_none_or(|place| {
            let lines = next.lines.iter().map(|(sku, _)| category(sku));
            let custom = next.custom.iter().map(|_| "std");
            lines
                .chain(custom)
                .all(|category| rate(category, place).is_some())
        });
        taxable.then_some(next)
    }

    /// Net and gross of units at a price.
    fn taxed(&self, unit: i64, quantity: i64, category: &str) -> Option<(i64, i64)> {
        let (permille, included) = rate(category, self.place?)?;
        let (amount, times) = match self.calculation {
            "UnitPriceLevel" => (unit, quantity),
            _ => (unit * quantity, 1),
        };
        let amount = i128::from(amount);
        let all = unit * quantity;
        Some(if included {
            let net = rounded(amount * 1000, 1000 + permille, self.rounding);
            (net * times, all)
        } else {
            let gross = rounded(amount * (1000 + permille), 1000, self.rounding);
            (all, gross * times)
        })
    }

    /// Unit price, quantity and tax category of everything, shipping last.
    fn parts(&self) -> Vec<(i64, i64, &'static str)> {
        let lines = self
            .lines
            .iter()
            .map(|(sku, quantity)| (self.unit(sku, *quantity), *quantity, category(sku)));
        let custom = self
            .custom
            .iter()
            .map(|(cents, quantity)| (*cents, *quantity, "std"));
        let mut parts: Vec<_> = lines.chain(custom).collect();
        if self.method {
            let goods: i64 = parts
                .iter()
                .map(|(unit, quantity, _)| unit * quantity)
                .sum();
            parts.push((if goods >= 5000 { 0 } else { 490 }, 1, "std"));
        }
        parts
    }

    fn assert_is(&self, cart: &Cart) {
        let parts = self.parts();
        let sum: i64 = parts
            .iter()
            .map(|(unit, quantity, _)| unit * quantity)
            .sum();
        assert_eq!(total(cart), sum, "{self:?}");
        let lines: Vec<(&str, i64)> = super::lines(cart);
        assert_eq!(lines, self.lines);
        assert_eq!(cart.shipping_info.is_some(), self.method);
        let taxes: Option<Vec<(i64, i64)>> = parts
            .iter()
            .map(|(unit, quantity, category)| self.taxed(*unit, *quantity, category))
            .collect();
        let expected = taxes.filter(|taxes| !taxes.is_empty()).map(|taxes| {
            let net: i64 = taxes.iter().map(|(net, _)| net).sum();
            let gross: i64 = taxes.iter().map(|(_, gross)| gross).sum();
            (net, gross, gross - net)
        });
        assert_eq!(taxed(cart), expected, "{self:?}");
        let units: i64 = self.lines.iter().map(|(_, quantity)| quantity).sum();
        assert_eq!(cart.total_line_item_quantity.unwrap_or(0), units);
    }
}

fn step() -> impl Strategy<Value = Step> {
    let sku = || prop::sample::select(SKUS.as_slice());
    let country = || prop::sample::select(vec![None, Some("DE"), Some("US"), Some("JP")]);
    prop_oneof![
        4 => (sku(), 1..12_i64).prop_map(|(sku, quantity)| Step::Add(sku, quantity)),
        3 => (sku(), 0..15_i64).prop_map(|(sku, quantity)| Step::Change(sku, quantity)),
        1 => (sku(), 1..6_i64).prop_map(|(sku, quantity)| Step::Remove(sku, quantity)),
        1 => (0..300_i64, 1..5_i64).prop_map(|(cents, quantity)| Step::Custom(cents, quantity)),
        2 => country().prop_map(Step::Country),
        3 => country().prop_map(Step::ShipTo),
        2 => any::<bool>().prop_map(Step::Method),
        1 => prop::sample::select(vec!["HalfEven", "HalfUp", "HalfDown"]).prop_map(Step::Rounding),
        1 => prop::sample::select(vec!["LineItemLevel", "UnitPriceLevel"]).prop_map(Step::Calculation),
    ]
}

/// A cart is settled once, after all actions of a request: a place that these only pass through takes no method away.
fn method_after_one_request(steps: &[Step]) -> bool {
    let (mut method, mut place) = (false, None);
    for step in steps {
        match *step {
            Step::Method(chosen) => method = chosen,
            Step::ShipTo(at) => {
                method &= at.is_some();
                place = at;
            }
            _ => {}
        }
    }
    method && place == Some("DE")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_cart_is_what_its_actions_make_of_it(steps in prop::collection::vec(step(), 1..20)) {
        let mut shop = Shop::new();
        shop.by_backend();
        let mut cart = shop.cart(json!({ "currency": "EUR", "country": "DE" }));
        let mut model = Model::new();
        let mut done = Vec::new();
        for step in &steps {
            let next = model.after(step);
            match (shop.apply(&cart, json!([step.action()])), next) {
                (Ok(changed), Some(next)) => {
                    next.assert_is(&changed);
                    (cart, model) = (changed, next);
                    done.push(*step);
                }
                (Err(_), None) => {}
                (Ok(_), None) => prop_assert!(false, "{step:?} should be refused on {model:?}"),
                (Err(error), Some(_)) => prop_assert!(false, "{step:?} on {model:?}: {error}"),
            }
        }
        // What works step by step works in one request and comes to the same.
        model.method = method_after_one_request(&done);
        let empty = shop.cart(json!({ "currency": "EUR", "country": "DE" }));
        let actions: Vec<_> = done.iter().map(Step::action).collect();
        model.assert_is(&shop.applied(&empty, actions.into()));
    }
}
