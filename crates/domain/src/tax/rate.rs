//! Tax rates, from the tax category or from the client.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::shape::{check_country, check_key},
    error::DomainError,
    money::Rate,
};

/// How far an `amount` may be from the sum of its sub-rates: clients add them in binary floating point, and get
/// 0.30000000000000004 for 0.1 + 0.2.
const SUM_TOLERANCE: &str = "0.000000000001";

/// Part of a tax rate that is shown on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubRate {
    /// Its name.
    pub name: String,
    /// The rate, 0–1.
    pub amount: Rate,
}

/// A tax rate as it is stored in tax categories and on items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxRate {
    /// Generated; absent on rates that the client gave for an item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// User-defined identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its name.
    pub name: String,
    /// The rate, 0–1; the sum of `sub_rates` if there are any.
    pub amount: Rate,
    /// Whether prices contain the tax.
    pub included_in_price: bool,
    /// The country it is for, ISO 3166-1 alpha-2.
    pub country: String,
    /// The state of the country; absent for the country as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Its parts, where it has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_rates: Vec<SubRate>,
}

impl TaxRate {
    /// A rate that a client sent in its stored form.
    ///
    /// # Errors
    /// As [`TaxRateDraft::resolve`].
    pub fn checked(self) -> Result<Self, DomainError> {
        if let Some(key) = &self.key {
            check_key("taxRate.key", key)?;
        }
        check_country("taxRate.country", &self.country)?;
        Ok(Self {
            amount: checked_amount(Some(self.amount), &self.sub_rates)?,
            ..self
        })
    }
}

/// A rate of a tax category as a client sends it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxRateDraft {
    /// Its name.
    pub name: String,
    /// The rate; may be left out if there are sub-rates.
    pub amount: Option<Rate>,
    /// Whether prices contain the tax.
    pub included_in_price: bool,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// A state of the country.
    pub state: Option<String>,
    /// Its parts.
    #[serde(default)]
    pub sub_rates: Vec<SubRate>,
    /// User-defined identifier.
    pub key: Option<String>,
}

impl TaxRateDraft {
    /// The rate with the generated `id`.
    ///
    /// # Errors
    /// [`DomainError::InvalidField`] for an `amount` outside 0–1, a `country` or `key` of the wrong shape;
    /// [`DomainError::RequiredField`] without `amount` and sub-rates; [`DomainError::InvalidInput`] if the sub-rates do
    /// not add up to the `amount`.
    pub fn resolve(self, id: String) -> Result<TaxRate, DomainError> {
        if let Some(key) = &self.key {
            check_key("taxRate.key", key)?;
        }
        check_country("taxRate.country", &self.country)?;
        Ok(TaxRate {
            id: Some(id),
            key: self.key,
            amount: checked_amount(self.amount, &self.sub_rates)?,
            name: self.name,
            included_in_price: self.included_in_price,
            country: self.country,
            state: self.state,
            sub_rates: self.sub_rates,
        })
    }
}

/// A rate that the client gives for one item of a cart with external tax rates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalTaxRateDraft {
    /// Its name.
    pub name: String,
    /// The rate; may be left out if there are sub-rates.
    pub amount: Option<Rate>,
    /// Whether the price contains the tax.
    #[serde(default)]
    pub included_in_price: bool,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// A state of the country.
    pub state: Option<String>,
    /// Its parts.
    #[serde(default)]
    pub sub_rates: Vec<SubRate>,
}

impl ExternalTaxRateDraft {
    /// The rate to store on the item; it has no id.
    ///
    /// # Errors
    /// As [`TaxRateDraft::resolve`].
    pub fn resolve(self) -> Result<TaxRate, DomainError> {
        check_country("taxRate.country", &self.country)?;
        Ok(TaxRate {
            id: None,
            key: None,
            amount: checked_amount(self.amount, &self.sub_rates)?,
            name: self.name,
            included_in_price: self.included_in_price,
            country: self.country,
            state: self.state,
            sub_rates: self.sub_rates,
        })
    }
}

fn checked_amount(amount: Option<Rate>, sub_rates: &[SubRate]) -> Result<Rate, DomainError> {
    let mut sum = Rate::ZERO;
    for (at, part) in sub_rates.iter().enumerate() {
        check_fraction(&format!("taxRate.subRates[{at}].amount"), part.amount)?;
        sum = sum.plus(part.amount)?;
    }
    match amount {
        None if sub_rates.is_empty() => Err(DomainError::required("taxRate.amount")),
        None => check_fraction("taxRate.amount", sum),
        Some(amount) if sub_rates.is_empty() => check_fraction("taxRate.amount", amount),
        Some(amount) => {
            let tolerance = Rate::parse(SUM_TOLERANCE).unwrap_or_default();
            let off = amount.minus(sum)?.max(sum.minus(amount)?);
            if off > tolerance {
                return Err(DomainError::input(format!(
                    "taxRate: `amount` must be the sum of `subRates`, {sum}, found {amount}"
                )));
            }
            check_fraction("taxRate.amount", sum)
        }
    }
}

fn check_fraction(field: &str, rate: Rate) -> Result<Rate, DomainError> {
    if rate.is_fraction() {
        Ok(rate)
    } else {
        Err(DomainError::field(field, rate.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ExternalTaxRateDraft, TaxRate, TaxRateDraft};
    use crate::{error::DomainError, money::Rate, resource::decode_draft};

    fn resolved(body: serde_json::Value) -> Result<TaxRate, DomainError> {
        decode_draft::<TaxRateDraft>(body)?.resolve("rate-1".to_owned())
    }

    fn with(members: serde_json::Value) -> Result<TaxRate, DomainError> {
        let mut body = json!({ "name": "n", "includedInPrice": false, "country": "US" });
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        resolved(body)
    }

    #[test]
    fn the_amount_is_the_sum_of_the_sub_rates() {
        let parts = json!([{ "name": "a", "amount": 0.1 }, { "name": "b", "amount": 0.2 }]);
        let exact = Rate::parse("0.3").unwrap();
        assert_eq!(with(json!({ "subRates": parts })).unwrap().amount, exact);
        assert_eq!(
            with(json!({ "subRates": parts, "amount": 0.30000000000000004 }))
                .unwrap()
                .amount,
            exact
        );
        assert_eq!(
            with(json!({ "subRates": parts, "amount": 0.31 }))
                .unwrap_err()
                .to_string(),
            "taxRate: `amount` must be the sum of `subRates`, 0.3, found 0.31"
        );
    }

    #[test]
    fn an_amount_outside_zero_to_one_is_refused() {
        for wrong in [json!(1.01), json!(-0.01)] {
            let error = with(json!({ "amount": wrong })).unwrap_err();
            assert!(
                matches!(&error, DomainError::InvalidField { field, .. } if field == "taxRate.amount"),
                "{error:?}"
            );
        }
        assert!(with(json!({ "amount": 0 })).is_ok());
        assert!(with(json!({ "amount": 1 })).is_ok());
        assert!(matches!(
            with(json!({})),
            Err(DomainError::RequiredField { .. })
        ));
    }

    #[test]
    fn a_country_must_be_two_capital_letters() {
        assert!(with(json!({ "amount": 0.1, "country": "us" })).is_err());
        assert!(with(json!({ "amount": 0.1, "country": "USA" })).is_err());
    }

    #[test]
    fn a_stored_rate_shows_only_what_it_has() {
        let rate = with(json!({ "amount": 0.19, "state": "NY" })).unwrap();
        assert_eq!(
            serde_json::to_value(rate).unwrap(),
            json!({
                "id": "rate-1", "name": "n", "amount": 0.19, "includedInPrice": false, "country": "US", "state": "NY"
            })
        );
    }

    #[test]
    fn an_external_rate_is_on_top_unless_it_says_otherwise() {
        let draft: ExternalTaxRateDraft =
            decode_draft(json!({ "name": "n", "amount": 0.1, "country": "DE" })).unwrap();
        let rate = draft.resolve().unwrap();
        assert!(!rate.included_in_price);
        assert_eq!(rate.id, None);
    }
}
