//! Lengths of time as operators write them: `90s`, `15m`, `24h`, `30d`.

use std::ops::RangeInclusive;

/// Seconds in a minute, an hour and a day.
const UNITS: [(char, i64); 4] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];

/// Reads a length of time; answers seconds.
///
/// # Errors
/// A text that says what is allowed.
pub fn seconds(text: &str) -> Result<i64, String> {
    let malformed = || {
        format!(
            "must be a number with a unit (s, m, h or d) such as `24h` or `30d`, found `{text}`"
        )
    };
    UNITS
        .iter()
        .find_map(|(unit, length)| Some((text.strip_suffix(*unit)?, length)))
        .and_then(|(digits, length)| {
            let is_plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let number: i64 = digits.parse().ok().filter(|_| is_plain)?;
            number.checked_mul(*length)
        })
        .ok_or_else(malformed)
}

/// Reads a length of time within a range of seconds; `limits` is the range as operators write it.
///
/// # Errors
/// A text that says what is allowed.
pub fn seconds_within(text: &str, range: RangeInclusive<i64>, limits: &str) -> Result<i64, String> {
    let found = seconds(text)?;
    if range.contains(&found) {
        Ok(found)
    } else {
        Err(format!("must be from {limits}, found `{text}`"))
    }
}

/// The same, or `off`.
///
/// # Errors
/// A text that says what is allowed.
pub fn optional_seconds_within(
    text: &str,
    range: RangeInclusive<i64>,
    limits: &str,
) -> Result<Option<i64>, String> {
    if text == "off" {
        return Ok(None);
    }
    seconds_within(text, range, limits)
        .map(Some)
        .map_err(|problem| format!("{problem}; or `off`"))
}

#[cfg(test)]
mod tests {
    use super::{optional_seconds_within, seconds, seconds_within};

    #[test]
    fn a_length_of_time_is_a_number_and_a_unit() {
        assert_eq!(seconds("0s"), Ok(0));
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("15m"), Ok(900));
        assert_eq!(seconds("24h"), Ok(86_400));
        assert_eq!(seconds("30d"), Ok(2_592_000));
        for text in [
            "",
            "d",
            "30",
            "-1d",
            "+1d",
            "1.5h",
            "1 d",
            "30D",
            "9223372036854775807d",
        ] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_length_outside_of_the_limits_is_refused_with_them() {
        assert_eq!(
            seconds_within("8d", 691_200..=864_000, "8d to 10d"),
            Ok(691_200)
        );
        assert_eq!(
            seconds_within("7d", 691_200..=864_000, "8d to 10d"),
            Err("must be from 8d to 10d, found `7d`".to_owned())
        );
    }

    #[test]
    fn a_limit_may_be_off() {
        let read = |text| optional_seconds_within(text, 60..=120, "1m to 2m");
        assert_eq!(read("off"), Ok(None));
        assert_eq!(read("90s"), Ok(Some(90)));
        assert_eq!(
            read("3m"),
            Err("must be from 1m to 2m, found `3m`; or `off`".to_owned())
        );
        assert!(read("never").is_err());
    }
}
