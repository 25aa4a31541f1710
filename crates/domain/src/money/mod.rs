//! Amounts of money and the exact arithmetic on them.
//!
//! No floating point anywhere: amounts are integers of minor units, rates are exact decimals, every operation is checked.

mod allocate;
mod cent_amount;
mod currency;
mod error;
mod high_precision;
#[expect(clippy::module_inception, reason = "the file is about the API's Money")]
mod money;
mod rate;
mod rounding;

pub use allocate::{UnitShare, allocate, allocate_units};
pub use cent_amount::CentAmount;
pub use currency::Currency;
pub use error::MoneyError;
pub use high_precision::MAX_FRACTION_DIGITS;
pub use money::{Money, MoneyDraft, MoneyType, TypedMoney};
pub use rate::Rate;
pub use rounding::RoundingMode;
