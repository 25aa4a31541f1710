//! Which of a variant's prices applies.

use std::cmp::Ordering;

use crate::{
    money::{Currency, TypedMoney},
    product::price::Price,
    timestamp::Timestamp,
};

/// For whom and where a price is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceScope {
    /// A price must have this currency.
    pub currency: Currency,
    /// A price of another country does not apply.
    pub country: Option<String>,
    /// Ids of all customer groups of the buyer; a price of another group does not apply.
    pub customer_groups: Vec<String>,
    /// Id of the distribution channel; a price of another channel does not apply.
    pub channel: Option<String>,
}

impl PriceScope {
    /// Whether a price of this scope is meant for it: each part is equal or not set on the price.
    #[must_use]
    pub fn admits(&self, price: &Price) -> bool {
        price.value.currency_code == self.currency
            && (price.country.is_none() || price.country == self.country)
            && price
                .customer_group
                .as_ref()
                .is_none_or(|group| self.customer_groups.contains(&group.id))
            && price
                .channel
                .as_ref()
                .is_none_or(|channel| Some(&channel.id) == self.channel.as_ref())
    }
}

/// The price that applies, or `None`.
///
/// The most specific scope wins: customer group before channel before country, more of them before fewer. Within one scope
/// a price with a validity period beats one without; of several customer groups the one with the lowest value wins, then
/// the earlier price.
///
/// Source: <https://docs.commercetools.com/api/pricing-and-discounts-overview#price-selection>.
#[must_use]
pub fn select_price<'a>(
    prices: &'a [Price],
    scope: &PriceScope,
    now: Timestamp,
) -> Option<&'a Price> {
    let mut best: Option<&'a Price> = None;
    for price in prices
        .iter()
        .filter(|price| scope.admits(price) && price.is_valid_at(now))
        .filter(|price| price.is_dated() || !has_dated_twin(prices, price, now))
    {
        if best.is_none_or(|best| compare(price, best) == Ordering::Less) {
            best = Some(price);
        }
    }
    best
}

/// Whether a dated price of the very same scope holds now.
fn has_dated_twin(prices: &[Price], undated: &Price, now: Timestamp) -> bool {
    prices.iter().any(|price| {
        price.is_dated()
            && price.is_valid_at(now)
            && price.value.currency_code == undated.value.currency_code
            && price.country == undated.country
            && price.customer_group == undated.customer_group
            && price.channel == undated.channel
    })
}

fn compare(one: &Price, other: &Price) -> Ordering {
    rank(one)
        .cmp(&rank(other))
        .then_with(|| compare_values(&one.value, &other.value))
}

/// 0 is the most specific scope.
const fn rank(price: &Price) -> u8 {
    match (
        price.customer_group.is_some(),
        price.channel.is_some(),
        price.country.is_some(),
    ) {
        (true, true, true) => 0,
        (true, true, false) => 1,
        (true, false, true) => 2,
        (true, false, false) => 3,
        (false, true, true) => 4,
        (false, true, false) => 5,
        (false, false, true) => 6,
        (false, false, false) => 7,
    }
}

/// Compares two amounts of one currency; amounts finer than a cent by their precise amount where cents are equal.
fn compare_values(one: &TypedMoney, other: &TypedMoney) -> Ordering {
    one.cent_amount
        .cmp(&other.cent_amount)
        .then_with(|| precise(one, other).cmp(&precise(other, one)))
}

/// `money` in units of the finer of both precisions.
fn precise(money: &TypedMoney, other: &TypedMoney) -> i128 {
    let amount = i128::from(money.precise_amount.unwrap_or(money.cent_amount.get()));
    let finer = other.fraction_digits.saturating_sub(money.fraction_digits);
    amount.saturating_mul(10_i128.saturating_pow(finer))
}

#[cfg(test)]
mod tests;
