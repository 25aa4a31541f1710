//! The shapes of keys, countries and localized texts, checked alike by every resource.

use serde_json::Value;

use crate::{
    error::DomainError,
    localized::{LocalizedString, is_locale},
};

/// Shortest and longest user-defined key.
pub const KEY_LENGTH: std::ops::RangeInclusive<usize> = 2..=256;

/// Accepts a user-defined key: 2–256 characters of `[A-Za-z0-9_-]`.
///
/// # Errors
/// [`DomainError::InvalidField`] for `field`.
pub fn check_key(field: &str, key: &str) -> Result<(), DomainError> {
    let shaped = KEY_LENGTH.contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if shaped {
        Ok(())
    } else {
        Err(DomainError::field(field, key))
    }
}

/// Accepts a key where one is given, see [`check_key`].
///
/// # Errors
/// [`DomainError::InvalidField`] for `field`.
pub fn check_optional_key(field: &str, key: Option<&str>) -> Result<(), DomainError> {
    key.map_or(Ok(()), |key| check_key(field, key))
}

/// Accepts a country: two capital letters, the shape of ISO 3166-1 alpha-2.
///
/// # Errors
/// [`DomainError::InvalidField`] for `field`.
pub fn check_country(field: &str, country: &str) -> Result<(), DomainError> {
    if country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err(DomainError::field(field, country))
    }
}

/// Accepts a locale such as `de` or `de-AT`.
///
/// # Errors
/// [`DomainError::InvalidField`] for `field`.
pub fn check_locale(field: &str, locale: &str) -> Result<(), DomainError> {
    if is_locale(locale) {
        Ok(())
    } else {
        Err(DomainError::field(field, locale))
    }
}

/// Accepts a localized text whose members are named by locales; it may be empty.
///
/// # Errors
/// [`DomainError::InvalidField`] for `field`.
pub fn check_localized(field: &str, text: &LocalizedString) -> Result<(), DomainError> {
    text.keys()
        .try_for_each(|locale| check_locale(field, locale))
}

/// Accepts a localized text with at least one locale.
///
/// # Errors
/// [`DomainError::RequiredField`] if it is empty, [`DomainError::InvalidField`] for a name that is no locale.
pub fn check_required_localized(field: &str, text: &LocalizedString) -> Result<(), DomainError> {
    if text.is_empty() {
        return Err(DomainError::required(field));
    }
    check_localized(field, text)
}

/// Longest slug.
pub const MAX_SLUG_LENGTH: usize = 256;

/// Accepts a localized slug: at least one locale, each value 2–256 characters of `[A-Za-z0-9_-]`.
///
/// # Errors
/// As [`check_required_localized`].
pub fn check_slug(slug: &LocalizedString) -> Result<(), DomainError> {
    check_required_localized("slug", slug)?;
    slug.iter()
        .try_for_each(|(locale, value)| check_key(&format!("slug.{locale}"), value))
}

/// Accepts a text that is not empty.
///
/// # Errors
/// [`DomainError::RequiredField`] for `field`.
pub fn check_text(field: &str, text: &str) -> Result<(), DomainError> {
    if text.is_empty() {
        Err(DomainError::required(field))
    } else {
        Ok(())
    }
}

/// Accepts an order hint: a decimal between 0 and 1 that does not end in 0, such as `0.25`.
///
/// # Errors
/// [`DomainError::InvalidField`] for `field`.
pub fn check_order_hint(field: &str, hint: &str) -> Result<(), DomainError> {
    let shaped = hint.strip_prefix("0.").is_some_and(|digits| {
        digits.bytes().all(|byte| byte.is_ascii_digit())
            && digits.bytes().last().is_some_and(|last| last != b'0')
    });
    if shaped {
        Ok(())
    } else {
        Err(DomainError::field(field, hint))
    }
}

/// Accepts a number in a range.
///
/// # Errors
/// [`DomainError::InvalidInput`] naming the field, the limits and the value.
pub fn check_range(
    field: &str,
    value: i64,
    range: std::ops::RangeInclusive<i64>,
) -> Result<(), DomainError> {
    if range.contains(&value) {
        Ok(())
    } else {
        Err(DomainError::input(format!(
            "`{field}` must be between {} and {}, found {value}",
            range.start(),
            range.end()
        )))
    }
}

/// Accepts an array of at most `limit` elements.
///
/// # Errors
/// [`DomainError::MaxResourceLimitExceeded`] naming what there are too many of.
pub fn check_count(what: &'static str, count: usize, limit: usize) -> Result<(), DomainError> {
    if count <= limit {
        return Ok(());
    }
    Err(DomainError::MaxResourceLimitExceeded {
        exceeded: what,
        limit: i64::try_from(limit).unwrap_or(i64::MAX),
    })
}

/// An error of the product and product type catalogue, named by its API code.
#[must_use]
pub fn constraint(
    code: &'static str,
    message: String,
    members: Vec<(&'static str, Value)>,
) -> DomainError {
    DomainError::Constraint {
        code,
        message,
        members,
    }
}

/// Appends the values that are not there yet, keeping the order.
pub fn add_missing<T: PartialEq>(list: &mut Vec<T>, values: impl IntoIterator<Item = T>) {
    for value in values {
        if !list.contains(&value) {
            list.push(value);
        }
    }
}

/// Removes repetitions, keeping the first of each.
#[must_use]
pub fn without_repetitions<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut list = Vec::new();
    add_missing(&mut list, values);
    list
}

#[cfg(test)]
mod tests {
    use super::{check_country, check_key, check_order_hint, check_slug};
    use crate::localized::LocalizedString;

    #[test]
    fn keys_have_two_to_256_characters_of_a_small_alphabet() {
        assert!(check_key("key", "a-B_9").is_ok());
        assert!(check_key("key", "a").is_err());
        assert!(check_key("key", "a b").is_err());
        assert!(check_key("key", &"a".repeat(256)).is_ok());
        assert!(check_key("key", &"a".repeat(257)).is_err());
    }

    #[test]
    fn countries_are_two_capital_letters() {
        assert!(check_country("country", "DE").is_ok());
        assert!(check_country("country", "de").is_err());
        assert!(check_country("country", "DEU").is_err());
    }

    #[test]
    fn order_hints_lie_between_zero_and_one_and_do_not_end_in_zero() {
        assert!(check_order_hint("orderHint", "0.25").is_ok());
        assert!(check_order_hint("orderHint", "0.0000000001").is_ok());
        assert!(check_order_hint("orderHint", "0.").is_err());
        assert!(check_order_hint("orderHint", "0.10").is_err());
        assert!(check_order_hint("orderHint", "1.5").is_err());
    }

    #[test]
    fn a_slug_needs_a_locale_and_url_characters() {
        let slug = |locale: &str, value: &str| {
            LocalizedString::from([(locale.to_owned(), value.to_owned())])
        };
        assert!(check_slug(&slug("en", "red-shoe_1")).is_ok());
        assert!(check_slug(&slug("en", "red shoe")).is_err());
        assert!(check_slug(&slug("not a locale", "red-shoe")).is_err());
        assert!(check_slug(&LocalizedString::new()).is_err());
    }
}
