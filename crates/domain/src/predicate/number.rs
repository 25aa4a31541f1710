//! Numbers of predicates and documents, compared exactly.

use std::cmp::Ordering;

/// An exact decimal number: `0.d₁d₂d₃… × 10^exponent`.
///
/// Equal numbers are equal values, however they were written: `1`, `1.00` and `10e-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads a JSON number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power_of_ten(power)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let leading = i64::try_from(all.len() - significant.len()).ok()?;
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self {
                negative: false,
                digits,
                exponent: 0,
            });
        }
        let exponent = i64::try_from(whole.len())
            .ok()?
            .saturating_sub(leading)
            .saturating_add(power);
        Some(Self {
            negative,
            digits,
            exponent,
        })
    }

    /// This number as an integer, if it is one and fits.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        let places = usize::try_from(self.exponent).ok()?;
        if places > 19 || self.digits.len() > places {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        format!(
            "{sign}{:0<places$}",
            format!("0{}", self.digits),
            places = places + 1
        )
        .parse()
        .ok()
    }
}

/// The power after `e`; one too large to count is as good as the largest.
fn power_of_ten(text: &str) -> Option<i64> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let power = unsigned.parse::<i64>().unwrap_or(i64::MAX);
    Some(if negative { -power } else { power })
}

impl std::fmt::Display for Decimal {
    /// Writes it as a JSON number.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(integer) = self.integer() {
            return write!(out, "{integer}");
        }
        if self.digits.is_empty() {
            return out.write_str("0");
        }
        let sign = if self.negative { "-" } else { "" };
        match usize::try_from(self.exponent) {
            Ok(places) if places < self.digits.len() => {
                let (whole, fraction) = self.digits.split_at(places);
                let whole = if whole.is_empty() { "0" } else { whole };
                write!(out, "{sign}{whole}.{fraction}")
            }
            _ => write!(out, "{sign}0.{}e{}", self.digits, self.exponent),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = |number: &Self, other: &Self| {
            number
                .exponent
                .cmp(&other.exponent)
                .then_with(|| number.digits.cmp(&other.digits))
        };
        sign(self).cmp(&sign(other)).then_with(|| {
            if self.negative {
                size(other, self)
            } else {
                size(self, other)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    fn read(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn spelling_does_not_matter() {
        for same in ["1", "1.00", "10e-1", "0.1E+1", "0001"] {
            assert_eq!(read(same), read("1"), "{same}");
        }
        assert_eq!(read("-0.0"), read("0"));
    }

    #[test]
    fn order_is_exact() {
        let ordered = [
            "-1e400",
            "-10",
            "-9.99",
            "-0.1",
            "-0.09",
            "0",
            "0.09",
            "0.1",
            "0.19",
            "0.190000000000000000001",
            "2",
            "10",
            "9007199254740993",
            "1e400",
        ];
        for pair in ordered.windows(2) {
            assert!(read(pair[0]) < read(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn whole_numbers_are_integers() {
        assert_eq!(read("0").integer(), Some(0));
        assert_eq!(read("1200").integer(), Some(1200));
        assert_eq!(read("-12.00").integer(), Some(-12));
        assert_eq!(read("9223372036854775807").integer(), Some(i64::MAX));
        assert_eq!(read("-9223372036854775808").integer(), Some(i64::MIN));
        assert_eq!(read("9223372036854775808").integer(), None);
        assert_eq!(read("0.5").integer(), None);
        assert_eq!(read("1e99").integer(), None);
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["0", "-1", "1200", "0.19", "-12.5", "0.1e-3", "-0.5e40"] {
            assert_eq!(read(text).to_string(), text);
        }
        assert_eq!(read("0.00010").to_string(), "0.1e-3");
    }

    #[test]
    fn refuses_what_is_no_json_number() {
        for text in ["", "-", ".5", "1.", "1e", "abc", "0x1", "1 ", "NaN", "--1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
