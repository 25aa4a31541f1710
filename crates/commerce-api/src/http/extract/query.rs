//! Query strings: repeated parameters form lists, `+` and `%20` are spaces.

use domain::{error::DomainError, predicate::check_query_string};

use crate::service::{expansion::Paths, listing::Query};

/// Page size if none is given.
pub const DEFAULT_LIMIT: i64 = 20;
/// Largest page.
pub const MAX_LIMIT: i64 = 500;
/// Largest offset.
pub const MAX_OFFSET: i64 = 10_000;

/// Most values of a parameter that forms a list, but for those of predicates.
pub const MAX_LIST: usize = 100;

/// The parameters of a query string, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Decodes a query string.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] if it is longer, or has more parameters, than is allowed.
    pub fn parse(query: &str) -> Result<Self, DomainError> {
        check_query_string(query)?;
        Ok(Self(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        ))
    }

    /// Every value of a parameter.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that forms a list.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] for more than [`MAX_LIST`].
    pub fn list(&self, name: &str) -> Result<Vec<String>, DomainError> {
        let values: Vec<String> = self.all(name).map(str::to_owned).collect();
        if values.len() > MAX_LIST {
            return Err(malformed(
                name,
                &format!(
                    "at most {MAX_LIST} values are allowed, found {}",
                    values.len()
                ),
            ));
        }
        Ok(values)
    }

    /// The last value of a parameter: the SDK's paging helper gives some twice.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    /// A boolean parameter.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`].
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, DomainError> {
        match self.last(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(malformed(
                name,
                &format!("`{other}` is neither `true` nor `false`"),
            )),
        }
    }

    /// An integer parameter within bounds.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`].
    pub fn integer(&self, name: &str, from: i64, to: i64) -> Result<Option<i64>, DomainError> {
        let Some(text) = self.last(name) else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            Ok(value) if (from..=to).contains(&value) => Ok(Some(value)),
            _ => Err(malformed(
                name,
                &format!("must be a number from {from} to {to}, found `{text}`"),
            )),
        }
    }

    /// The `version` of a DELETE.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] if it is missing or no number.
    pub fn version(&self) -> Result<i64, DomainError> {
        self.integer("version", i64::MIN, i64::MAX)?
            .ok_or_else(|| DomainError::input("Missing required parameter: version"))
    }

    /// `where`, `var.*`, `sort`, `limit`, `offset`, `withTotal`.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`].
    pub fn listing(&self) -> Result<Query, DomainError> {
        let mut query = Query {
            filters: self.all("where").map(str::to_owned).collect(),
            sorts: self.all("sort").map(str::to_owned).collect(),
            limit: self
                .integer("limit", 0, MAX_LIMIT)?
                .unwrap_or(DEFAULT_LIMIT),
            offset: self.integer("offset", 0, MAX_OFFSET)?.unwrap_or(0),
            with_total: self.boolean("withTotal")?.unwrap_or(true),
            ..Query::default()
        };
        for (name, value) in &self.0 {
            if let Some(variable) = name.strip_prefix("var.") {
                query
                    .variables
                    .entry(variable.to_owned())
                    .or_default()
                    .push(value.clone());
            }
        }
        Ok(query)
    }

    /// The reference paths to expand.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] for too many.
    pub fn expand(&self) -> Result<Paths, DomainError> {
        Paths::new(self.all("expand"))
    }
}

fn malformed(name: &str, problem: &str) -> DomainError {
    DomainError::input(format!("Malformed parameter: {name}: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    #[test]
    fn plus_and_percent_twenty_are_spaces() {
        let parameters = Parameters::parse("where=a+%3D%20%22b%22&where=c&limit=5").unwrap();
        let filters: Vec<&str> = parameters.all("where").collect();
        assert_eq!(filters, ["a = \"b\"", "c"]);
    }

    #[test]
    fn bounds_are_named_in_the_error() {
        let error = Parameters::parse("limit=501")
            .and_then(|parameters| parameters.listing())
            .map_err(|error| error.to_string());
        assert_eq!(
            error.err().as_deref(),
            Some("Malformed parameter: limit: must be a number from 0 to 500, found `501`")
        );
    }
}
