//! Products as backends see them: stored, with the stock of their variants and the prices a request selects.

use domain::{
    error::DomainError,
    identity::ids::ProjectKey,
    kind::Kind,
    predicate::{Predicate, parse, parse_sort},
    pricing::PriceScope,
    product::Product,
    timestamp::Timestamp,
};
use shared::db::{DbError, Dialect, ReadTx};

use super::{
    availability::Stock,
    listing::{self, Query},
    session::require_live,
};
use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{
        documents,
        listing::{self as rows, Listing, Page},
    },
};

/// How a list shows products.
#[derive(Clone, Debug)]
pub struct View {
    /// Whom prices are chosen for.
    pub prices: Option<PriceScope>,
    /// Whether only published data may be seen.
    pub published_only: bool,
}

/// A page of products.
///
/// # Errors
/// [`DomainError::InvalidInput`] for a bad query, or one that asks about data that may not be seen.
pub async fn page(
    state: &AppState,
    request: &RequestContext,
    query: &Query,
    view: View,
) -> Result<Page, CommerceError> {
    let wanted = compile(query, &view, &request.project, state.database.dialect());
    let (request, memory) = (request.clone(), state.memory.clone());
    let reach = listing::reach(&wanted, &request.visibility(), Kind::Product);
    state
        .database
        .read_within(reach, move |tx| {
            require_live(tx, &request)?;
            let seen = request.visibility();
            let mut page = rows::page(tx, &seen, Kind::Product, &wanted?, &memory)?;
            let mut products = parsed(&page.bodies)?;
            if view.published_only {
                products.iter_mut().for_each(hide_staged);
            }
            page.bodies = show(tx, &request, products, view.prices.as_ref())?;
            Ok(page)
        })
        .await
}

fn compile(
    query: &Query,
    view: &View,
    project: &ProjectKey,
    dialect: Dialect,
) -> Result<Listing, DomainError> {
    if !view.published_only {
        return listing::compile(query, Kind::Product, project, dialect);
    }
    refuse_staged(query)?;
    Ok(listing::compile(query, Kind::Product, project, dialect)?.published(dialect))
}

/// Stored products as they go out.
///
/// # Errors
/// [`DbError`].
pub fn shown(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    bodies: &[String],
    prices: Option<&PriceScope>,
) -> Result<Vec<String>, DbError> {
    show(tx, request, parsed(bodies)?, prices)
}

fn parsed(bodies: &[String]) -> Result<Vec<Product>, DbError> {
    bodies.iter().map(|body| documents::parse(body)).collect()
}

fn show(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    products: Vec<Product>,
    prices: Option<&PriceScope>,
) -> Result<Vec<String>, DbError> {
    let stock = Stock::of(tx, request, &products)?;
    products
        .into_iter()
        .map(|product| show_one(product, &stock, prices, request.now))
        .collect()
}

fn show_one(
    mut product: Product,
    stock: &Stock,
    prices: Option<&PriceScope>,
    now: Timestamp,
) -> Result<String, DbError> {
    let data = &mut product.master_data;
    stock.show(data.current.all_variants_mut());
    stock.show(data.staged.all_variants_mut());
    if let Some(scope) = prices {
        product.select_prices(scope, now);
    }
    serde_json::to_string(&product).map_err(|error| DbError::Corrupt(error.to_string()))
}

/// What those see of a product who may see published data only.
#[must_use]
pub fn published_side(mut product: Product) -> Option<Product> {
    hide_staged(&mut product);
    Some(product).filter(|product| product.master_data.published)
}

/// Staged data does not go out to those who may see published data only, and nor does the fact that there is any.
fn hide_staged(product: &mut Product) {
    let data = &mut product.master_data;
    data.staged = data.current.clone();
    data.has_staged_changes = false;
}

/// What a query sorts or selects by, it tells: staged data is not there for those who may see published data only.
fn refuse_staged(query: &Query) -> Result<(), DomainError> {
    for text in &query.filters {
        if let Some(field) = staged_field(&parse(text)?) {
            return Err(no_such_field("where", field));
        }
    }
    for text in &query.sorts {
        let path = parse_sort(text, Kind::Product)?.path;
        if let Some(field) = path.iter().find_map(|segment| as_staged(segment.name())) {
            return Err(no_such_field("sort", field));
        }
    }
    Ok(())
}

fn no_such_field(parameter: &str, field: &str) -> DomainError {
    DomainError::input(format!(
        "Malformed parameter: {parameter}: The field '{field}' does not exist."
    ))
}

fn as_staged(name: &str) -> Option<&'static str> {
    ["staged", "hasStagedChanges"]
        .into_iter()
        .find(|staged| *staged == name)
}

fn staged_field(predicate: &Predicate) -> Option<&'static str> {
    match predicate {
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().find_map(staged_field),
        Predicate::Not(inner) => staged_field(inner),
        Predicate::Nested { field, inner } => as_staged(field).or_else(|| staged_field(inner)),
        Predicate::Term { field, .. } => as_staged(field),
    }
}
