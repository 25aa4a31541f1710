//! Amounts with their currency, as clients send them and as they are stored.

use serde::{Deserialize, Serialize};

use crate::money::{CentAmount, Currency, MoneyError, RoundingMode, high_precision};

/// How finely an amount is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MoneyType {
    /// In minor units.
    #[default]
    CentPrecision,
    /// In a finer unit, beside the minor units it rounds to.
    HighPrecision,
}

/// An amount as a client sends it: the API's Money, CentPrecisionMoneyDraft and HighPrecisionMoneyDraft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// Cent precision if absent.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub money_type: Option<MoneyType>,
    /// ISO 4217 code.
    pub currency_code: Currency,
    /// Minor units; required for cent precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cent_amount: Option<CentAmount>,
    /// Units of 10^-`fraction_digits`; required for high precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precise_amount: Option<i64>,
    /// Digits after the decimal point; required for high precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraction_digits: Option<u32>,
}

/// Another name of [`Money`], where the draft is meant.
pub type MoneyDraft = Money;

impl Money {
    /// A cent precision amount.
    #[must_use]
    pub const fn cents(currency: Currency, amount: CentAmount) -> Self {
        Self {
            money_type: None,
            currency_code: currency,
            cent_amount: Some(amount),
            precise_amount: None,
            fraction_digits: None,
        }
    }

    /// The stored form. A high precision amount without `centAmount` gets the minor units it rounds to, half to even.
    ///
    /// # Errors
    /// [`MoneyError::Missing`] for a missing member, [`MoneyError::CentPrecisionDigits`] or
    /// [`MoneyError::HighPrecisionDigits`] for wrong `fractionDigits`, [`MoneyError::CentAmountNotNear`] for a
    /// `centAmount` that is not next to the precise amount, [`MoneyError::Overflow`].
    pub fn typed(&self) -> Result<TypedMoney, MoneyError> {
        match self.money_type.unwrap_or_default() {
            MoneyType::CentPrecision => self.cent_precision(),
            MoneyType::HighPrecision => self.high_precision(),
        }
    }

    /// The stored form where only whole minor units are possible.
    ///
    /// # Errors
    /// As [`Self::typed`]; [`MoneyError::HighPrecisionNotAllowed`] for a high precision amount.
    pub fn typed_cents(&self) -> Result<TypedMoney, MoneyError> {
        match self.money_type.unwrap_or_default() {
            MoneyType::CentPrecision => self.cent_precision(),
            MoneyType::HighPrecision => Err(MoneyError::HighPrecisionNotAllowed),
        }
    }

    fn cent_precision(&self) -> Result<TypedMoney, MoneyError> {
        let currency = self.currency_code;
        let expected = currency.fraction_digits();
        if let Some(found) = self.fraction_digits.filter(|found| *found != expected) {
            return Err(MoneyError::CentPrecisionDigits { currency, found });
        }
        let amount = self.cent_amount.ok_or(MoneyError::Missing("centAmount"))?;
        Ok(TypedMoney::cents(currency, amount))
    }

    fn high_precision(&self) -> Result<TypedMoney, MoneyError> {
        let fraction_digits = self
            .fraction_digits
            .ok_or(MoneyError::Missing("fractionDigits"))?;
        let precise_amount = self
            .precise_amount
            .ok_or(MoneyError::Missing("preciseAmount"))?;
        let units = high_precision::units_per_cent(self.currency_code, fraction_digits)?;
        Ok(TypedMoney {
            money_type: MoneyType::HighPrecision,
            currency_code: self.currency_code,
            cent_amount: high_precision::cents_of_draft(precise_amount, units, self.cent_amount)?,
            precise_amount: Some(precise_amount),
            fraction_digits,
        })
    }
}

/// An amount as it is stored and shown: the API's CentPrecisionMoney and HighPrecisionMoney.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypedMoney {
    /// Which of the two forms it is.
    #[serde(rename = "type")]
    pub money_type: MoneyType,
    /// ISO 4217 code.
    pub currency_code: Currency,
    /// Minor units; for high precision, rounded to them.
    pub cent_amount: CentAmount,
    /// Units of 10^-`fraction_digits`; only for high precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precise_amount: Option<i64>,
    /// Digits after the decimal point: the currency's for cent precision, more for high precision.
    pub fraction_digits: u32,
}

impl TypedMoney {
    /// A cent precision amount.
    #[must_use]
    pub const fn cents(currency: Currency, amount: CentAmount) -> Self {
        Self {
            money_type: MoneyType::CentPrecision,
            currency_code: currency,
            cent_amount: amount,
            precise_amount: None,
            fraction_digits: currency.fraction_digits(),
        }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::cents(currency, CentAmount::ZERO)
    }

    /// The price of `quantity` units at this unit price, in minor units. A high precision price is rounded once, after
    /// the multiplication.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn times(&self, quantity: i64, rounding: RoundingMode) -> Result<CentAmount, MoneyError> {
        match (self.money_type, self.precise_amount) {
            (MoneyType::HighPrecision, Some(precise_amount)) => {
                let units =
                    high_precision::units_per_cent(self.currency_code, self.fraction_digits)?;
                high_precision::to_cents(precise_amount, quantity, units, rounding)
            }
            (MoneyType::HighPrecision, None) => Err(MoneyError::Missing("preciseAmount")),
            (MoneyType::CentPrecision, _) => self.cent_amount.times(quantity),
        }
    }

    /// This amount if it is in `currency`.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn in_currency(self, currency: Currency) -> Result<Self, MoneyError> {
        if self.currency_code == currency {
            Ok(self)
        } else {
            Err(MoneyError::CurrencyMismatch {
                expected: currency,
                found: self.currency_code,
            })
        }
    }
}

#[cfg(test)]
#[path = "money_tests.rs"]
mod tests;
