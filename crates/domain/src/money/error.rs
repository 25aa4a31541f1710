//! What can go wrong with money.

use crate::{error::DomainError, money::Currency};

/// Why an amount cannot be computed or accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result leaves the signed 64-bit range.
    #[error("A Money operation resulted in an overflow.")]
    Overflow,
    /// A share or a price is divided by zero.
    #[error("an amount cannot be divided by zero")]
    DivisionByZero,
    /// An amount is split over weights that are all zero, or over none.
    #[error("an amount cannot be split over weights that sum to zero")]
    NoWeights,
    /// A weight or quantity is below zero.
    #[error("weights and quantities must not be negative")]
    NegativeWeight,
    /// A member of a money draft is missing.
    #[error("A value is required for field '{0}'.")]
    Missing(&'static str),
    /// The `fractionDigits` of a cent precision amount are not the currency's.
    #[error("`fractionDigits` of {} must be {}, found {found}", .currency.code(), .currency.fraction_digits())]
    CentPrecisionDigits { currency: Currency, found: u32 },
    /// The `fractionDigits` of a high precision amount are out of range.
    #[error(
        "`fractionDigits` of a high precision amount in {} must be greater than {} and at most 20, found {found}",
        .currency.code(), .currency.fraction_digits()
    )]
    HighPrecisionDigits { currency: Currency, found: u32 },
    /// The `centAmount` given with a `preciseAmount` is not next to it.
    #[error("`centAmount` must be {lower} or {upper} for this `preciseAmount`, found {found}")]
    CentAmountNotNear { lower: i64, upper: i64, found: i64 },
    /// A high precision amount where only whole minor units are possible.
    #[error("`type` must be `centPrecision` here, found `highPrecision`")]
    HighPrecisionNotAllowed,
    /// Two amounts of different currencies meet.
    #[error("the currency must be {}, found {}", .expected.code(), .found.code())]
    CurrencyMismatch { expected: Currency, found: Currency },
}

impl From<MoneyError> for DomainError {
    fn from(error: MoneyError) -> Self {
        match error {
            MoneyError::Overflow => Self::MoneyOverflow,
            MoneyError::Missing(field) => Self::required(field),
            MoneyError::DivisionByZero
            | MoneyError::NoWeights
            | MoneyError::NegativeWeight
            | MoneyError::CentPrecisionDigits { .. }
            | MoneyError::HighPrecisionDigits { .. }
            | MoneyError::CentAmountNotNear { .. }
            | MoneyError::HighPrecisionNotAllowed
            | MoneyError::CurrencyMismatch { .. } => Self::input(error.to_string()),
        }
    }
}
