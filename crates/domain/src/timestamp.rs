//! Points in time, as the API writes them.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A point in time in UTC with millisecond precision, the precision of the API and of both databases.
///
/// On the wire: RFC 3339 with milliseconds and `Z`; any offset is accepted on input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant moved by `millis`, staying inside the representable range.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This instant moved by `seconds`.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// This instant moved by whole days of 24 hours.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(86_400))
    }

    /// Reads an RFC 3339 date-time with any offset, or a plain date (midnight UTC).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(Self(instant.timestamp_millis()));
        }
        let date = text.parse::<NaiveDate>().ok()?;
        Some(Self(
            date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis(),
        ))
    }

    /// As [`Self::parse`]; a date-time without an offset is one in UTC, with or without seconds.
    #[must_use]
    pub fn parse_in_utc(text: &str) -> Option<Self> {
        let without_offset = || {
            let has_time = text.contains(['T', 't', ' ']);
            let mut completions = ["Z", ":00Z"].iter().filter(|_| has_time);
            completions.find_map(|rest| Self::parse(&format!("{text}{rest}")))
        };
        Self::parse(text).or_else(without_offset)
    }

    fn date_time(self) -> DateTime<Utc> {
        Utc.timestamp_millis_opt(self.0)
            .single()
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The calendar day in UTC, `YYYY-MM-DD`.
    #[must_use]
    pub fn date(self) -> String {
        self.date_time().format("%Y-%m-%d").to_string()
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(
            &self
                .date_time()
                .to_rfc3339_opts(SecondsFormat::Millis, true),
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is not an ISO 8601 date-time")))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn prints_milliseconds_and_z() {
        assert_eq!(
            Timestamp::from_millis(0).to_string(),
            "1970-01-01T00:00:00.000Z"
        );
        assert_eq!(
            Timestamp::from_millis(1_769_850_900_007).to_string(),
            "2026-01-31T09:15:00.007Z"
        );
    }

    #[test]
    fn accepts_any_offset_and_normalises_it() {
        let parsed = Timestamp::parse("2026-01-31T10:15:00+01:00").map(|t| t.to_string());
        assert_eq!(parsed.as_deref(), Some("2026-01-31T09:15:00.000Z"));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn without_an_offset_a_time_is_one_in_utc_where_that_is_allowed() {
        let nine = Timestamp::parse("2026-01-31T09:15:00.000Z");
        for text in [
            "2026-01-31T09:15:00.000",
            "2026-01-31T09:15:00",
            "2026-01-31T09:15",
            "2026-01-31T09:15:00Z",
            "2026-01-31T10:15:00+01:00",
        ] {
            assert_eq!(Timestamp::parse_in_utc(text), nine, "{text}");
        }
        for text in [
            "2026-01-31T09",
            "2026-01-31T",
            "09:15",
            "noon",
            "2026-01-31T09:15:00+",
        ] {
            assert_eq!(Timestamp::parse_in_utc(text), None, "{text}");
        }
        assert_eq!(Timestamp::parse("2026-01-31T09:15:00"), None);
    }
}
