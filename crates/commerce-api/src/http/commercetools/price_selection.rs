//! The query parameters that select a price of each variant.

use domain::{error::DomainError, money::Currency, pricing::PriceScope};

use crate::http::extract::query::Parameters;

/// Parameters that only mean something beside `priceCurrency`.
const BESIDE_A_CURRENCY: [&str; 5] = [
    "priceCountry",
    "priceCustomerGroup",
    "priceCustomerGroupAssignments",
    "priceChannel",
    "priceRecurrencePolicy",
];

/// For whom prices are to be selected, if the request asks for that.
///
/// # Errors
/// [`DomainError::InvalidInput`] for an unknown currency, and for any of the parameters without a currency.
pub fn price_scope(parameters: &Parameters) -> Result<Option<PriceScope>, DomainError> {
    let text = |name: &str| parameters.last(name).map(str::to_owned);
    let Some(currency) = parameters.last("priceCurrency") else {
        let alone = BESIDE_A_CURRENCY
            .iter()
            .find(|name| parameters.last(name).is_some());
        return alone.map_or(Ok(None), |name| {
            Err(DomainError::input(format!(
                "Malformed parameter: {name}: it needs `priceCurrency` too"
            )))
        });
    };
    let currency = Currency::parse(currency).ok_or_else(|| {
        DomainError::input(format!(
            "Malformed parameter: priceCurrency: `{currency}` is no currency code of ISO 4217"
        ))
    })?;
    let mut groups: Vec<String> = text("priceCustomerGroup").into_iter().collect();
    groups.extend(parameters.list("priceCustomerGroupAssignments")?);
    Ok(Some(PriceScope {
        currency,
        country: text("priceCountry"),
        customer_groups: groups,
        channel: text("priceChannel"),
    }))
}
