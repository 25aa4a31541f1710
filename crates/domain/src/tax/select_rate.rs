//! Which rate of a tax category applies at a place.

use crate::{catalog::tax_category::TaxCategory, tax::TaxRate};

/// The rate for a country and, where the address has one, its state.
///
/// The state must match exactly. An address in a state without a rate of its own gets the rate of the whole country
/// only with `country_fallback`, the project's `countryTaxRateFallbackEnabled`.
#[must_use]
pub fn select_rate(
    category: &TaxCategory,
    country: &str,
    state: Option<&str>,
    country_fallback: bool,
) -> Option<TaxRate> {
    let rate_for = |state: Option<&str>| {
        category
            .rates
            .iter()
            .find(|rate| rate.country == country && rate.state.as_deref() == state)
    };
    let fallback = || rate_for(None).filter(|_| country_fallback);
    rate_for(state).or_else(fallback).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::select_rate;
    use crate::catalog::tax_category::TaxCategory;

    fn category() -> TaxCategory {
        let rate = |id: &str, country: &str, state: Option<&str>| {
            let mut rate = json!({
                "id": id, "name": id, "amount": 0.1, "includedInPrice": true, "country": country
            });
            if let Some(state) = state {
                rate["state"] = state.into();
            }
            rate
        };
        serde_json::from_value(json!({
            "id": "t", "version": 1, "createdAt": "2026-01-01T00:00:00.000Z",
            "lastModifiedAt": "2026-01-01T00:00:00.000Z", "name": "std",
            "rates": [rate("us", "US", None), rate("us-ny", "US", Some("NY")), rate("ca-on", "CA", Some("ON"))],
        }))
        .unwrap()
    }

    fn selected(country: &str, state: Option<&str>, fallback: bool) -> Option<String> {
        select_rate(&category(), country, state, fallback).and_then(|rate| rate.id)
    }

    #[test]
    fn the_state_must_match_exactly() {
        assert_eq!(selected("US", Some("NY"), false).as_deref(), Some("us-ny"));
        assert_eq!(selected("US", None, false).as_deref(), Some("us"));
        assert_eq!(selected("US", Some("TX"), false), None);
    }

    #[test]
    fn a_state_without_rate_falls_back_to_the_country_only_if_the_project_says_so() {
        assert_eq!(selected("US", Some("TX"), true).as_deref(), Some("us"));
        assert_eq!(selected("CA", Some("QC"), true), None);
    }

    #[test]
    fn an_address_without_state_never_gets_the_rate_of_a_state() {
        assert_eq!(selected("CA", None, false), None);
        assert_eq!(selected("CA", None, true), None);
        assert_eq!(selected("FR", None, true), None);
    }
}
