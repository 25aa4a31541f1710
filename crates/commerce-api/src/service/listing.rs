//! Pages of resources: `where`, `sort`, `limit`, `offset`, `withTotal`.

use domain::{
    error::DomainError,
    identity::ids::ProjectKey,
    kind::Kind,
    predicate::{Sort, Variables, parse, parse_sort, resolve},
};
use shared::{db::Dialect, token::liveness};

use super::references;
use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{
        listing::{self, Listing, Page},
        predicate_sql,
    },
};

/// What a client asks of a collection, not yet checked against its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Predicates, all of which must hold.
    pub filters: Vec<String>,
    /// Values of input variables.
    pub variables: Variables,
    /// Sort expressions.
    pub sorts: Vec<String>,
    /// Page size, 0 to 500.
    pub limit: i64,
    /// How many to skip, 0 to 10 000.
    pub offset: i64,
    /// Whether to count all matches.
    pub with_total: bool,
}

/// Checks a query against the fields of a kind and compiles it.
///
/// # Errors
/// [`DomainError::InvalidInput`].
pub fn compile(
    query: &Query,
    kind: Kind,
    project: &ProjectKey,
    dialect: Dialect,
) -> Result<Listing, DomainError> {
    let mut filter = shared::db::statement::Statement::default();
    for text in &query.filters {
        let resolved = resolve(&parse(text)?, kind, &query.variables)?;
        if !filter.is_empty() {
            filter = filter.sql(" AND ");
        }
        filter = filter
            .sql("(")
            .append(predicate_sql::compile_in(&resolved, dialect, project))
            .sql(")");
    }
    let sorts: Result<Vec<Sort>, DomainError> = query
        .sorts
        .iter()
        .map(|text| parse_sort(text, kind))
        .collect();
    Ok(Listing {
        filter,
        order: predicate_sql::order_by(&sorts?, dialect),
        limit: query.limit,
        offset: query.offset,
        with_total: query.with_total,
    })
}

/// One page of what the request can see.
///
/// # Errors
/// [`DomainError::InvalidInput`] for a bad query, [`CommerceError::TokenInvalid`].
pub async fn page(
    state: &AppState,
    request: &RequestContext,
    kind: Kind,
    query: &Query,
) -> Result<Page, CommerceError> {
    let listing = compile(query, kind, &request.project, state.database.dialect())?;
    let request = request.clone();
    state
        .database
        .read(move |tx| {
            if request.token.claims.sid.is_some() && !liveness::is_live(tx, &request.token.claims)?
            {
                return Err(CommerceError::TokenInvalid);
            }
            references::require_known_store(tx, &request)?;
            Ok(listing::page(tx, &request.visibility(), kind, &listing)?)
        })
        .await
}
