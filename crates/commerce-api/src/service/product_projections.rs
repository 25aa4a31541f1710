//! Product projections: one side of a product, with prices chosen for the shopper.

use domain::{
    catalog::store::Store,
    error::DomainError,
    identity::ids::ProjectKey,
    kind::Kind,
    predicate::{Sort, Table, parse, parse_sort_in, resolve_in},
    pricing::PriceScope,
    product::{Product, ProductProjection, ProjectionState},
    timestamp::Timestamp,
    world::By,
};
use shared::{
    db::{DbError, Dialect, ReadTx, statement::Statement},
    token::liveness,
};

use super::{listing::Query, resources::OwnedBy, work::not_found};
use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{
        documents,
        listing::{self, Listing, Page},
        predicate_sql,
    },
};

/// How products are shown.
#[derive(Clone, Debug)]
pub struct View {
    /// Staged data of all products, or current data of published ones.
    pub staged: bool,
    /// Whom prices are chosen for.
    pub prices: Option<PriceScope>,
    /// Only these languages; all if empty.
    pub locales: Vec<String>,
    /// The store whose languages and channels apply.
    pub store: Option<String>,
}

impl View {
    const fn state(&self) -> ProjectionState {
        if self.staged {
            ProjectionState::Staged
        } else {
            ProjectionState::Current
        }
    }

    fn show(&self, product: &Product, store: Option<&Store>, now: Timestamp) -> ProductProjection {
        let mut projection = product.projection(self.state());
        if let Some(scope) = &self.prices {
            projection.select_prices(scope, now);
        }
        if !self.locales.is_empty() {
            projection.project_locales(&self.locales);
        }
        if let Some(store) = store {
            projection.project_store(store);
        }
        projection
    }
}

/// One projection as JSON.
///
/// # Errors
/// [`DomainError::ResourceNotFound`] also for products that are not published.
pub async fn read(
    state: &AppState,
    request: &RequestContext,
    by: OwnedBy,
    view: View,
) -> Result<String, CommerceError> {
    let request = request.clone();
    state
        .database
        .read(move |tx| {
            require_live(tx, &request)?;
            let seen = request.whole_project();
            let store = projecting_store(tx, &request, &view)?;
            let row = documents::find(tx, &seen, Kind::Product, by.as_by())?
                .ok_or_else(|| not_found(by.as_by()))?;
            let product = row.parse::<Product>()?;
            if !view.staged && !product.master_data.published {
                return Err(not_found(by.as_by()));
            }
            json(&view.show(&product, store.as_ref(), request.now))
        })
        .await
}

/// A page of projections.
///
/// # Errors
/// [`DomainError::InvalidInput`] for a bad query.
pub async fn page(
    state: &AppState,
    request: &RequestContext,
    query: &Query,
    view: View,
) -> Result<Page, CommerceError> {
    let listing = compile(
        query,
        view.staged,
        &request.project,
        state.database.dialect(),
    )?;
    let request = request.clone();
    state
        .database
        .read(move |tx| {
            require_live(tx, &request)?;
            let store = projecting_store(tx, &request, &view)?;
            let mut page = listing::page(tx, &request.whole_project(), Kind::Product, &listing)?;
            for body in &mut page.bodies {
                let product: Product = serde_json::from_str(body)
                    .map_err(|error| DbError::Corrupt(format!("product: {error}")))?;
                *body = json(&view.show(&product, store.as_ref(), request.now))?;
            }
            Ok(page)
        })
        .await
}

fn require_live(tx: &mut ReadTx<'_>, request: &RequestContext) -> Result<(), CommerceError> {
    let claims = &request.token.claims;
    if claims.sid.is_some() && !liveness::is_live(tx, claims)? {
        return Err(CommerceError::TokenInvalid);
    }
    Ok(())
}

fn projecting_store(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    view: &View,
) -> Result<Option<Store>, CommerceError> {
    let key = request
        .store
        .as_ref()
        .map(|store| store.as_str())
        .or(view.store.as_deref());
    let Some(key) = key else { return Ok(None) };
    let by = By::Key(key);
    let row = documents::find(tx, &request.whole_project(), Kind::Store, by)?
        .ok_or_else(|| not_found(by))?;
    Ok(Some(row.parse::<Store>()?))
}

fn compile(
    query: &Query,
    staged: bool,
    project: &ProjectKey,
    dialect: Dialect,
) -> Result<Listing, DomainError> {
    let table = || Table::product_projection(staged);
    let mut filter = if staged {
        Statement::default()
    } else {
        published(dialect)
    };
    for text in &query.filters {
        let resolved = resolve_in(&parse(text)?, table(), &query.variables)?;
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
        .map(|text| parse_sort_in(text, table()))
        .collect();
    Ok(Listing {
        filter,
        order: predicate_sql::order_by(&sorts?, dialect),
        limit: query.limit,
        offset: query.offset,
        with_total: query.with_total,
    })
}

fn published(dialect: Dialect) -> Statement {
    Statement::new(match dialect {
        Dialect::Postgres => "(d.body::jsonb #> '{masterData,published}') = 'true'::jsonb",
        Dialect::Sqlite => "json_extract(d.body, '$.masterData.published') = 1",
    })
}

fn json(projection: &ProductProjection) -> Result<String, CommerceError> {
    serde_json::to_string(projection).map_err(|error| CommerceError::Internal(error.to_string()))
}
