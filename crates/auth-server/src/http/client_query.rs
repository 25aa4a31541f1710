//! The query string of a list of API clients.

use domain::{
    error::DomainError,
    predicate::{Table, Variables, check_query_string, parse_sorts_in, resolve_all},
};

use crate::{grants::client_list::ClientQuery, model::api_error::ApiError};

const LIMIT: std::ops::RangeInclusive<i64> = 0..=500;
const DEFAULT_LIMIT: i64 = 20;
const OFFSET: std::ops::RangeInclusive<i64> = 0..=10_000;

/// Reads `where`, `var.*`, `sort`, `limit`, `offset` and `withTotal`. Unknown parameters are ignored.
///
/// # Errors
/// [`ApiError::InvalidInput`] about the first that is wrong.
pub fn parse_query(text: &str) -> Result<ClientQuery, ApiError> {
    let mut query = ClientQuery {
        filter: None,
        sort: Vec::new(),
        limit: DEFAULT_LIMIT,
        offset: 0,
        with_total: true,
    };
    check_query_string(text).map_err(invalid)?;
    let (mut filters, mut sorts, mut variables) = (Vec::new(), Vec::new(), Variables::new());
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        match name.as_ref() {
            "limit" => query.limit = in_range("limit", &value, LIMIT)?,
            "offset" => query.offset = in_range("offset", &value, OFFSET)?,
            "withTotal" => query.with_total = value.as_ref() != "false",
            "where" => filters.push(value.into_owned()),
            "sort" => sorts.push(value.into_owned()),
            other => {
                if let Some(variable) = other.strip_prefix("var.") {
                    let values = variables.entry(variable.to_owned()).or_default();
                    values.push(value.into_owned());
                }
            }
        }
    }
    let table = Table::api_client();
    query.sort = parse_sorts_in(&sorts, table).map_err(invalid)?;
    if !filters.is_empty() {
        query.filter = Some(resolve_all(&filters, table, &variables).map_err(invalid)?);
    }
    Ok(query)
}

fn invalid(error: DomainError) -> ApiError {
    ApiError::InvalidInput {
        message: error.to_string(),
    }
}

fn in_range(
    name: &str,
    value: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64, ApiError> {
    value
        .parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| ApiError::InvalidInput {
            message: format!(
                "Malformed parameter: {name}: must be a number from {} to {}.",
                range.start(),
                range.end()
            ),
        })
}
