//! Shipping rates: what shipping costs, by the value of the goods or the shipping rate input of the cart.

use serde::{Deserialize, Serialize};

use crate::{
    error::DomainError,
    money::{CentAmount, Currency, Money, TypedMoney},
};

/// What the tiers of a rate depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShippingRateTierType {
    /// The value of the goods.
    CartValue,
    /// A class that the client gives the cart.
    CartClassification,
    /// A number that the client gives the cart.
    CartScore,
}

/// A price that replaces the rate's price under a condition.
///
/// Exactly one of `minimum_cent_amount`, `value` and `score` is set, the one of its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingRatePriceTier {
    /// What it depends on.
    #[serde(rename = "type")]
    pub tier_type: ShippingRateTierType,
    /// `CartValue`: the least value of the goods, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_cent_amount: Option<CentAmount>,
    /// `CartClassification`: key of the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `CartScore`: the least score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// The price.
    pub price: Money,
    /// Whether it is the tier that applies; only in answers about matching methods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_matching: Option<bool>,
}

/// What shipping costs in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingRate {
    /// The price unless something else applies.
    pub price: TypedMoney,
    /// Value of the goods from which shipping is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_above: Option<TypedMoney>,
    /// Whether it is the rate that applies; only in answers about matching methods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_matching: Option<bool>,
    /// Other prices, all of one type.
    #[serde(default)]
    pub tiers: Vec<ShippingRatePriceTier>,
}

/// A shipping rate as a client sends it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingRateDraft {
    /// The price unless something else applies.
    pub price: Money,
    /// Value of the goods from which shipping is free.
    pub free_above: Option<Money>,
    /// Other prices, all of one type.
    #[serde(default)]
    pub tiers: Vec<ShippingRatePriceTier>,
}

impl ShippingRateDraft {
    /// The rate to store.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] if a price is in another currency or finer than a minor unit, if tiers are of
    /// different types or do not fit their type.
    pub fn resolve(self) -> Result<ShippingRate, DomainError> {
        let price = self.price.typed_cents()?;
        let currency = price.currency_code;
        let free_above = match self.free_above {
            Some(money) => Some(money.typed_cents()?.in_currency(currency)?),
            None => None,
        };
        let first_type = self.tiers.first().map(|tier| tier.tier_type);
        let mut tiers = Vec::with_capacity(self.tiers.len());
        for (at, tier) in self.tiers.into_iter().enumerate() {
            if Some(tier.tier_type) != first_type {
                return Err(DomainError::input(format!(
                    "`tiers[{at}].type`: all tiers of a shipping rate must be of one type"
                )));
            }
            tiers.push(tier.resolve(at, currency)?);
        }
        Ok(ShippingRate {
            price,
            free_above,
            is_matching: None,
            tiers,
        })
    }
}

impl ShippingRatePriceTier {
    fn resolve(self, at: usize, currency: Currency) -> Result<Self, DomainError> {
        let (member, set) = match self.tier_type {
            ShippingRateTierType::CartValue => {
                ("minimumCentAmount", self.minimum_cent_amount.is_some())
            }
            ShippingRateTierType::CartClassification => ("value", self.value.is_some()),
            ShippingRateTierType::CartScore => ("score", self.score.is_some()),
        };
        if !set {
            return Err(DomainError::required(format!("tiers[{at}].{member}")));
        }
        self.price.typed_cents()?.in_currency(currency)?;
        let of = |tier_type: ShippingRateTierType| self.tier_type == tier_type;
        Ok(Self {
            minimum_cent_amount: self
                .minimum_cent_amount
                .filter(|_| of(ShippingRateTierType::CartValue)),
            value: self
                .value
                .clone()
                .filter(|_| of(ShippingRateTierType::CartClassification)),
            score: self.score.filter(|_| of(ShippingRateTierType::CartScore)),
            is_matching: None,
            ..self
        })
    }
}

/// What the client says about a cart to choose a tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateInput<'a> {
    /// Nothing.
    #[default]
    None,
    /// Its score.
    Score(i64),
    /// The key of its class.
    Classification(&'a str),
}

/// What shipping of goods worth `goods_total` costs at the rate: nothing from `freeAbove` on, else the price of the
/// highest tier they reach, else the rate's price.
///
/// `goods_total` is the sum of line items and custom line items after their own discounts.
#[must_use]
pub fn price_for(rate: &ShippingRate, goods_total: CentAmount) -> TypedMoney {
    price_for_input(rate, goods_total, RateInput::None)
}

/// As [`price_for`], for a cart whose tier depends on what the client says about it.
#[must_use]
pub fn price_for_input(
    rate: &ShippingRate,
    goods_total: CentAmount,
    input: RateInput<'_>,
) -> TypedMoney {
    let currency = rate.price.currency_code;
    let is_free = rate
        .free_above
        .as_ref()
        .is_some_and(|threshold| goods_total >= threshold.cent_amount);
    if is_free {
        return TypedMoney::zero(currency);
    }
    matching_tier(&rate.tiers, goods_total, input)
        .and_then(|tier| tier.price.cent_amount)
        .map_or_else(
            || rate.price.clone(),
            |amount| TypedMoney::cents(currency, amount),
        )
}

/// The tier that applies, if any does.
#[must_use]
pub fn matching_tier<'a>(
    tiers: &'a [ShippingRatePriceTier],
    goods_total: CentAmount,
    input: RateInput<'_>,
) -> Option<&'a ShippingRatePriceTier> {
    tiers
        .iter()
        .filter(|tier| match tier.tier_type {
            ShippingRateTierType::CartValue => tier
                .minimum_cent_amount
                .is_some_and(|least| least <= goods_total),
            ShippingRateTierType::CartClassification => match input {
                RateInput::Classification(class) => tier.value.as_deref() == Some(class),
                RateInput::None | RateInput::Score(_) => false,
            },
            ShippingRateTierType::CartScore => match input {
                RateInput::Score(score) => tier.score.is_some_and(|least| least <= score),
                RateInput::None | RateInput::Classification(_) => false,
            },
        })
        .max_by_key(|tier| (tier.minimum_cent_amount, tier.score))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{RateInput, ShippingRate, ShippingRateDraft, price_for, price_for_input};
    use crate::{error::DomainError, money::CentAmount, resource::decode_draft};

    fn euro(cents: i64) -> Value {
        json!({ "currencyCode": "EUR", "centAmount": cents })
    }

    fn rate(draft: Value) -> Result<ShippingRate, DomainError> {
        decode_draft::<ShippingRateDraft>(draft)?.resolve()
    }

    fn cost(rate: &ShippingRate, goods: i64) -> i64 {
        price_for(rate, CentAmount::new(goods)).cent_amount.get()
    }

    #[test]
    fn shipping_is_free_from_the_threshold_on() {
        let rate = rate(json!({ "price": euro(490), "freeAbove": euro(5000) })).unwrap();
        assert_eq!(cost(&rate, 4999), 490);
        assert_eq!(cost(&rate, 5000), 0);
        assert_eq!(cost(&rate, 6170), 0);
    }

    #[test]
    fn the_highest_tier_that_the_goods_reach_gives_the_price() {
        let tier = |least: i64, price: i64| json!({ "type": "CartValue", "minimumCentAmount": least, "price": euro(price) });
        let rate = rate(json!({
            "price": euro(900), "tiers": [tier(1000, 700), tier(3000, 300), tier(2000, 500)]
        }))
        .unwrap();
        for (goods, price) in [
            (999, 900),
            (1000, 700),
            (2500, 500),
            (3000, 300),
            (9000, 300),
        ] {
            assert_eq!(cost(&rate, goods), price, "{goods}");
        }
    }

    #[test]
    fn a_class_or_a_score_chooses_its_tier() {
        let tiers = |name: &str, member: &str, values: [Value; 2]| {
            let tier = |value: &Value, price: i64| json!({ "type": name, member: value, "price": euro(price) });
            rate(json!({ "price": euro(900), "tiers": [tier(&values[0], 1), tier(&values[1], 2)] }))
                .unwrap()
        };
        let cost = |rate: &ShippingRate, input| {
            price_for_input(rate, CentAmount::ZERO, input)
                .cent_amount
                .get()
        };
        let classes = tiers(
            "CartClassification",
            "value",
            [json!("light"), json!("heavy")],
        );
        assert_eq!(cost(&classes, RateInput::Classification("heavy")), 2);
        assert_eq!(cost(&classes, RateInput::Classification("other")), 900);
        assert_eq!(cost(&classes, RateInput::None), 900);
        let scores = tiers("CartScore", "score", [json!(5), json!(10)]);
        assert_eq!(cost(&scores, RateInput::Score(4)), 900);
        assert_eq!(cost(&scores, RateInput::Score(9)), 1);
        assert_eq!(cost(&scores, RateInput::Score(10)), 2);
    }

    #[test]
    fn a_rate_has_one_currency_and_one_type_of_tiers() {
        let dollar = json!({ "currencyCode": "USD", "centAmount": 1 });
        assert!(rate(json!({ "price": euro(1), "freeAbove": dollar })).is_err());
        let by_value = json!({ "type": "CartValue", "minimumCentAmount": 1, "price": dollar });
        assert!(rate(json!({ "price": euro(1), "tiers": [by_value] })).is_err());
        let mixed = json!([
            { "type": "CartScore", "score": 1, "price": euro(1) },
            { "type": "CartValue", "minimumCentAmount": 1, "price": euro(1) },
        ]);
        assert!(rate(json!({ "price": euro(1), "tiers": mixed })).is_err());
        let incomplete = json!([{ "type": "CartScore", "price": euro(1) }]);
        assert!(matches!(
            rate(json!({ "price": euro(1), "tiers": incomplete })),
            Err(DomainError::RequiredField { field }) if field == "tiers[0].score"
        ));
    }
}
