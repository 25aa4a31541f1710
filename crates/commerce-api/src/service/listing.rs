//! Pages of resources: `where`, `sort`, `limit`, `offset`, `withTotal`.

use domain::{
    error::DomainError,
    identity::ids::ProjectKey,
    kind::Kind,
    predicate::{Sort, Table, Variables, parse, parse_sort_in, resolve_in},
};
use shared::db::{Dialect, statement::Statement};

use super::{references, session::require_live};
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

impl Query {
    /// The query that finds out whether anything matches.
    #[must_use]
    pub fn for_existence(self) -> Self {
        Self {
            limit: 1,
            with_total: false,
            ..self
        }
    }
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
    compile_in(query, Table::of(kind), project, dialect)
}

/// [`compile`] against a field table that is not that of a kind.
///
/// # Errors
/// [`DomainError::InvalidInput`].
pub fn compile_in(
    query: &Query,
    table: Table,
    project: &ProjectKey,
    dialect: Dialect,
) -> Result<Listing, DomainError> {
    let mut filter = Statement::default();
    for text in &query.filters {
        let resolved = resolve_in(&parse(text)?, table, &query.variables)?;
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
        .map(|text| parse_sort_in(text, table))
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
    // A bad query is only for those to know whose token lives.
    let listing = compile(query, kind, &request.project, state.database.dialect());
    let request = request.clone();
    state
        .database
        .read(move |tx| {
            require_live(tx, &request)?;
            references::require_known_store(tx, &request)?;
            Ok(listing::page(tx, &request.visibility(), kind, &listing?)?)
        })
        .await
}
