//! Pages of resources, bounded in bytes as well as in number.

use std::collections::BTreeMap;

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{identity::principal::Subject, kind::Kind};
use shared::{
    db::{DbError, Dialect, Reach, ReadTx, scan_end::ENDS_IN_TIME, statement::Statement},
    http::memory::{Hold, Memory},
};

use super::visibility::Visibility;
use crate::error::CommerceError;

/// Most bytes of documents on a page: it ends before the document that would not fit, and says so by its `count`. One
/// document always fits.
pub const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Most bytes of documents that are read together with their sizes; larger ones are read when it is known that they fit.
const FIRST_LOOK_BYTES: i64 = 4 * 1024 * 1024;

/// With a predicate, counting stops here (the vendor's limit).
pub const MAX_FILTERED_TOTAL: i64 = 10_000;

/// What to list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// A compiled condition on documents aliased `d`, or empty.
    pub filter: Statement,
    /// A compiled `ORDER BY` list.
    pub order: Statement,
    /// Most to answer.
    pub limit: i64,
    /// How many to skip.
    pub offset: i64,
    /// Whether to count all matches.
    pub with_total: bool,
    /// How far the filter makes the database look.
    pub filter_reach: Reach,
    /// Whether the order is that of creation, which an index has.
    pub by_creation: bool,
}

impl Listing {
    /// How far the database must look for a page.
    #[must_use]
    pub fn reach(&self, seen: &Visibility, kind: Kind) -> Reach {
        let is_owned = !matches!(seen.owner, Subject::Client);
        let is_first_come = self.filter.is_empty()
            && self.by_creation
            && seen.store.is_none()
            && !(self.with_total && is_without_bound(kind));
        if is_owned || is_first_come || self.filter_reach == Reach::Narrow {
            Reach::Narrow
        } else {
            Reach::Wide
        }
    }

    /// Lists published products only.
    #[must_use]
    pub fn published(mut self, dialect: Dialect) -> Self {
        let published = Statement::new(match dialect {
            Dialect::Postgres => "(d.body::jsonb #> '{masterData,published}') = 'true'::jsonb",
            Dialect::Sqlite => "json_extract(d.body, '$.masterData.published') = 1",
        });
        self.filter = if self.filter.is_empty() {
            published
        } else {
            published.sql(" AND (").append(self.filter).sql(")")
        };
        self
    }
}

/// Whether there may be so many of a kind that counting them takes long, even in an index: what shoppers and machines make.
const fn is_without_bound(kind: Kind) -> bool {
    match kind {
        Kind::Cart
        | Kind::Order
        | Kind::Customer
        | Kind::ShoppingList
        | Kind::Payment
        | Kind::InventoryEntry
        | Kind::StandalonePrice
        | Kind::DiscountCode
        | Kind::CustomObject
        | Kind::Message => true,
        Kind::Product
        | Kind::ProductType
        | Kind::Category
        | Kind::TaxCategory
        | Kind::Type
        | Kind::Store
        | Kind::Channel
        | Kind::CustomerGroup
        | Kind::ShippingMethod
        | Kind::Zone
        | Kind::CartDiscount
        | Kind::ProductDiscount
        | Kind::State
        | Kind::Project => false,
    }
}

/// A page of documents.
#[derive(Debug)]
pub struct Page {
    /// The documents as stored.
    pub bodies: Vec<String>,
    /// How many match in all, if that was asked.
    pub total: Option<i64>,
    /// The memory of a page that is large.
    pub hold: Option<Hold>,
}

/// A document of a page, perhaps not read yet.
struct Entry {
    id: String,
    bytes: usize,
    body: Option<String>,
}

/// The rows a kind is listed from, aliased `d`.
///
/// Messages have a table of their own; a sub-select gives them the columns that predicates may name. Empty ones only keep a
/// resource's last number.
fn source(kind: Kind) -> &'static str {
    match kind {
        Kind::Message => {
            "(SELECT m.project_key, 'message' AS kind, m.id, CAST(1 AS BIGINT) AS version, CAST(NULL AS TEXT) AS key, \
             CAST(NULL AS TEXT) AS customer_id, CAST(NULL AS TEXT) AS anonymous_id, CAST(NULL AS TEXT) AS state, \
             CAST(NULL AS TEXT) AS store_key, m.created_at, m.created_at AS last_modified_at, \
             CAST(NULL AS BIGINT) AS expires_at, m.body FROM messages m WHERE m.body <> '') d"
        }
        _ => "documents d",
    }
}

fn matching(listing: &Listing, seen: &Visibility, kind: Kind, dialect: Dialect) -> Statement {
    let mut condition = Statement::new(" FROM ")
        .sql(source(kind))
        .sql(" WHERE ")
        .append(seen.condition(kind));
    if dialect == Dialect::Sqlite && listing.reach(seen, kind) == Reach::Wide {
        condition = condition.sql(" AND ").sql(ENDS_IN_TIME);
    }
    if listing.filter.is_empty() {
        condition
    } else {
        condition
            .sql(" AND (")
            .append(listing.filter.clone())
            .sql(")")
    }
}

/// One page of what the request can see: the beginning of it, if all would be too many bytes.
///
/// # Errors
/// [`CommerceError::OverCapacity`] if other requests hold the memory that the page needs, [`DbError`].
pub fn page(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    listing: &Listing,
    memory: &Memory,
) -> Result<Page, CommerceError> {
    let mut entries = if listing.limit == 0 {
        Vec::new()
    } else {
        first_look(tx, seen, kind, listing)?
    };
    let total = if listing.with_total {
        Some(total(tx, seen, kind, listing, entries.len())?)
    } else {
        None
    };
    entries.truncate(fitting(&entries));
    let hold = read_large(tx, seen, kind, &mut entries, memory)?;
    Ok(Page {
        bodies: entries.into_iter().filter_map(|entry| entry.body).collect(),
        total,
        hold,
    })
}

/// The documents of a page in order, those that are large without their bodies.
fn first_look(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    listing: &Listing,
) -> Result<Vec<Entry>, DbError> {
    type Tuple = (String, i64, Option<String>);
    const BYTES: &str = "CAST(octet_length(d.body) AS BIGINT)";
    let small = FIRST_LOOK_BYTES.checked_div(listing.limit).unwrap_or(0);
    let statement = Statement::new("SELECT d.id, ")
        .sql(BYTES)
        .sql(", CASE WHEN ")
        .sql(BYTES)
        .sql(" <= ")
        .big_int(small)
        .sql(" THEN d.body END")
        .append(matching(listing, seen, kind, tx.dialect()))
        .sql(" ORDER BY ")
        .append(listing.order.clone())
        .sql(" LIMIT ")
        .big_int(listing.limit)
        .sql(" OFFSET ")
        .big_int(listing.offset);
    let rows: Vec<Tuple> = statement
        .rows::<(Text, BigInt, Nullable<Text>)>()
        .load(tx.connection())?;
    let entry = |(id, bytes, body): Tuple| Entry {
        id,
        bytes: usize::try_from(bytes).unwrap_or(0),
        body,
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// How many documents of a page fit on it.
fn fitting(entries: &[Entry]) -> usize {
    let mut bytes = 0_usize;
    let fitting = entries.iter().enumerate().take_while(|(at, entry)| {
        bytes = bytes.saturating_add(entry.bytes);
        *at == 0 || bytes <= PAGE_BYTES
    });
    fitting.count()
}

/// Reads the bodies that the first look left out. A document that is gone by now is not on the page.
fn read_large(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    entries: &mut [Entry],
    memory: &Memory,
) -> Result<Option<Hold>, CommerceError> {
    let large = || entries.iter().filter(|entry| entry.body.is_none());
    if large().next().is_none() {
        return Ok(None);
    }
    let bytes: usize = large().map(|entry| entry.bytes).sum();
    let mut hold = memory.hold();
    // Once as the database's library has it, once as ours.
    if !hold.grow(bytes.saturating_mul(2)) {
        return Err(CommerceError::OverCapacity);
    }
    let mut statement = Statement::new("SELECT d.id, d.body FROM ")
        .sql(source(kind))
        .sql(" WHERE ")
        .append(seen.condition(kind))
        .sql(" AND d.id IN (");
    for (at, entry) in large().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        statement = statement.sql(comma).text(entry.id.as_str());
    }
    let rows: Vec<(String, String)> = statement
        .sql(")")
        .rows::<(Text, Text)>()
        .load(tx.connection())
        .map_err(DbError::from)?;
    let mut bodies: BTreeMap<String, String> = rows.into_iter().collect();
    for entry in entries.iter_mut().filter(|entry| entry.body.is_none()) {
        entry.body = bodies.remove(&entry.id);
    }
    Ok(Some(hold))
}

/// The number of matches; a page that is not full says it without counting.
fn total(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    listing: &Listing,
    on_page: usize,
) -> Result<i64, DbError> {
    let on_page = i64::try_from(on_page).unwrap_or(i64::MAX);
    if on_page < listing.limit && (on_page > 0 || listing.offset == 0) {
        return Ok(listing.offset.saturating_add(on_page));
    }
    let statement = if listing.filter.is_empty() {
        Statement::new("SELECT count(*)").append(matching(listing, seen, kind, tx.dialect()))
    } else {
        Statement::new("SELECT count(*) FROM (SELECT 1")
            .append(matching(listing, seen, kind, tx.dialect()))
            .sql(" LIMIT ")
            .big_int(MAX_FILTERED_TOTAL)
            .sql(") AS counted")
    };
    let rows: Vec<(i64,)> = statement.rows::<(BigInt,)>().load(tx.connection())?;
    Ok(rows.first().map_or(0, |(total,)| *total))
}

/// One document of a kind by id, also of kinds that live elsewhere than in `documents`.
///
/// # Errors
/// [`DbError`].
pub fn one(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    id: &str,
) -> Result<Option<String>, DbError> {
    let statement = Statement::new("SELECT d.body FROM ")
        .sql(source(kind))
        .sql(" WHERE ")
        .append(seen.condition(kind))
        .sql(" AND d.id = ")
        .text(id);
    let rows: Vec<(String,)> = statement.rows::<(Text,)>().load(tx.connection())?;
    Ok(rows.into_iter().next().map(|(body,)| body))
}
