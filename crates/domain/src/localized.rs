//! Texts in several languages.

use std::collections::BTreeMap;

/// Text by locale (`de`, `de-AT`), the API's LocalizedString.
pub type LocalizedString = BTreeMap<String, String>;

/// Whether `text` is shaped like a locale of BCP 47: two or three letters, then parts of letters and digits.
#[must_use]
pub fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let Some(language) = parts.next() else {
        return false;
    };
    (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}
