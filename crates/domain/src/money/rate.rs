//! Exact decimal fractions.

use std::cmp::Ordering;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

use crate::money::{CentAmount, MoneyError, RoundingMode};

/// Finest decimal place of a rate. With it, amount × (1 + rate) always fits into 128 bits.
const MAX_SCALE: u32 = 18;

/// An exact decimal number such as a tax rate: `0.19` is nineteen hundredths, not a binary neighbour of it.
///
/// At most 18 decimal places. On the wire a JSON number, printed without exponent and without trailing zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Never divisible by ten unless the scale is zero, so that equal values are equal structs.
    mantissa: i64,
    scale: u32,
}

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };
    /// The whole.
    pub const ONE: Self = Self {
        mantissa: 1,
        scale: 0,
    };

    /// `mantissa` ÷ 10^`scale`; `None` if that needs more than 18 decimal places.
    #[must_use]
    pub const fn new(mut mantissa: i64, mut scale: u32) -> Option<Self> {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if scale > MAX_SCALE {
            return None;
        }
        Some(Self { mantissa, scale })
    }

    /// Reads the text of a JSON number, exponents included; `None` if it is none or does not fit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (unsigned, negative) = match text.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (decimal, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = match decimal.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (decimal, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let places = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if [whole, places].contains(&"") || ![whole, fraction, places].into_iter().all(all_digits) {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self::ZERO);
        }
        let stripped = i64::try_from(digits.len() - significant.len()).ok()?;
        let scale = i64::try_from(fraction.len())
            .ok()?
            .checked_sub(stripped)?
            .checked_sub(exponent.parse::<i64>().ok()?)?;
        let magnitude: i64 = significant.parse().ok()?;
        let magnitude = if scale < 0 {
            let zeros = u32::try_from(scale.checked_neg()?).ok()?;
            magnitude.checked_mul(10_i64.checked_pow(zeros)?)?
        } else {
            magnitude
        };
        let mantissa = if negative { -magnitude } else { magnitude };
        Self::new(mantissa, u32::try_from(scale.max(0)).ok()?)
    }

    /// Whether it lies between 0 and 1, both included.
    #[must_use]
    pub fn is_fraction(self) -> bool {
        self >= Self::ZERO && self <= Self::ONE
    }

    /// The exact sum.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] if it has more digits than fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_add)
    }

    /// The exact difference.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] if it has more digits than fit.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_sub)
    }

    /// `amount` × this rate.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of(self, amount: CentAmount, rounding: RoundingMode) -> Result<CentAmount, MoneyError> {
        let product = wide(amount).checked_mul(i128::from(self.mantissa));
        let exact = product.ok_or(MoneyError::Overflow)?;
        CentAmount::from_wide(rounding.divide(exact, self.denominator())?)
    }

    /// `net` × (1 + this rate).
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn on_top_of(
        self,
        net: CentAmount,
        rounding: RoundingMode,
    ) -> Result<CentAmount, MoneyError> {
        let product = wide(net).checked_mul(self.one_plus());
        let exact = product.ok_or(MoneyError::Overflow)?;
        CentAmount::from_wide(rounding.divide(exact, self.denominator())?)
    }

    /// `gross` ÷ (1 + this rate).
    ///
    /// # Errors
    /// [`MoneyError::Overflow`]; [`MoneyError::DivisionByZero`] for a rate of −1.
    pub fn taken_out_of(
        self,
        gross: CentAmount,
        rounding: RoundingMode,
    ) -> Result<CentAmount, MoneyError> {
        let product = wide(gross).checked_mul(self.denominator());
        let exact = product.ok_or(MoneyError::Overflow)?;
        CentAmount::from_wide(rounding.divide(exact, self.one_plus())?)
    }

    fn combined(
        self,
        other: Self,
        operation: fn(i64, i64) -> Option<i64>,
    ) -> Result<Self, MoneyError> {
        let scale = self.scale.max(other.scale);
        let at_scale = |rate: Self| rate.mantissa.checked_mul(power_of_ten(scale - rate.scale));
        at_scale(self)
            .zip(at_scale(other))
            .and_then(|(left, right)| operation(left, right))
            .and_then(|mantissa| Self::new(mantissa, scale))
            .ok_or(MoneyError::Overflow)
    }

    fn denominator(self) -> i128 {
        i128::from(power_of_ten(self.scale))
    }

    /// The numerator of 1 + rate over [`Self::denominator`].
    fn one_plus(self) -> i128 {
        self.denominator() + i128::from(self.mantissa)
    }
}

const fn power_of_ten(exponent: u32) -> i64 {
    10_i64.pow(if exponent > MAX_SCALE {
        MAX_SCALE
    } else {
        exponent
    })
}

fn wide(amount: CentAmount) -> i128 {
    i128::from(amount.get())
}

impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rate {
    fn cmp(&self, other: &Self) -> Ordering {
        // 64 bits × 10^18 fits into 128 bits.
        let left = i128::from(self.mantissa) * other.denominator();
        let right = i128::from(other.mantissa) * self.denominator();
        left.cmp(&right)
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let magnitude = self.mantissa.unsigned_abs();
        if self.scale == 0 {
            return write!(out, "{sign}{magnitude}");
        }
        let unit = power_of_ten(self.scale).unsigned_abs();
        let places = usize::try_from(self.scale).unwrap_or_default();
        write!(
            out,
            "{sign}{}.{:0places$}",
            magnitude / unit,
            magnitude % unit
        )
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: serde_json::Number = self.to_string().parse().map_err(S::Error::custom)?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        Self::parse(number.as_str()).ok_or_else(|| {
            D::Error::custom(format!(
                "`{number}` is not a decimal number of at most {MAX_SCALE} decimal places and 18 digits"
            ))
        })
    }
}

#[cfg(test)]
#[path = "rate_tests.rs"]
mod tests;
