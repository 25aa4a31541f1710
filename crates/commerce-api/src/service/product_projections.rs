//! Product projections: one side of a product, with prices chosen for the shopper.

use domain::{
    catalog::store::Store,
    kind::Kind,
    predicate::Table,
    pricing::PriceScope,
    product::{Product, ProductProjection, ProjectionState},
    timestamp::Timestamp,
    world::By,
};
use shared::db::ReadTx;

use super::{
    availability::Stock,
    listing::{self, Query},
    resources::OwnedBy,
    session::require_live,
    work::not_found,
};
use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{
        documents,
        listing::{self as rows, Page},
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

    fn show_all(
        &self,
        tx: &mut ReadTx<'_>,
        request: &RequestContext,
        products: &[Product],
        store: Option<&Store>,
    ) -> Result<Vec<String>, CommerceError> {
        let stock = Stock::of(tx, request, products)?;
        products
            .iter()
            .map(|product| json(&self.show(product, &stock, store, request.now)))
            .collect()
    }

    fn show(
        &self,
        product: &Product,
        stock: &Stock,
        store: Option<&Store>,
        now: Timestamp,
    ) -> ProductProjection {
        let mut projection = product.projection(self.state());
        stock.show(projection.all_variants_mut());
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
/// [`domain::error::DomainError::ResourceNotFound`] also for products that are not published.
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
            let mut shown = view.show_all(tx, &request, &[product], store.as_ref())?;
            shown.pop().ok_or_else(|| not_found(by.as_by()))
        })
        .await
}

/// A page of projections.
///
/// # Errors
/// [`domain::error::DomainError::InvalidInput`] for a bad query.
pub async fn page(
    state: &AppState,
    request: &RequestContext,
    query: &Query,
    view: View,
) -> Result<Page, CommerceError> {
    let dialect = state.database.dialect();
    let table = Table::product_projection(view.staged);
    let wanted = listing::compile_in(query, table, &request.project, dialect).map(|wanted| {
        if view.staged {
            wanted
        } else {
            wanted.published(dialect)
        }
    });
    let (request, memory) = (request.clone(), state.memory.clone());
    let reach = listing::reach(&wanted, &request.whole_project(), Kind::Product);
    state
        .database
        .read_within(reach, move |tx| {
            require_live(tx, &request)?;
            let store = projecting_store(tx, &request, &view)?;
            let seen = request.whole_project();
            let mut page = rows::page(tx, &seen, Kind::Product, &wanted?, &memory)?;
            let products: Vec<Product> = page
                .bodies
                .iter()
                .map(|body| documents::parse(body))
                .collect::<Result<_, _>>()?;
            page.bodies = view.show_all(tx, &request, &products, store.as_ref())?;
            Ok(page)
        })
        .await
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

fn json(projection: &ProductProjection) -> Result<String, CommerceError> {
    serde_json::to_string(projection).map_err(|error| CommerceError::Internal(error.to_string()))
}
