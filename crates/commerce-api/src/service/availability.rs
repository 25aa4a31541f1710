//! Stock of the variants of whole pages, from the inventory entries of their skus.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    catalog::inventory::{InventoryEntry, availability},
    product::{Product, ProductVariant},
};
use shared::db::{DbError, ReadTx};

use crate::{
    request::RequestContext,
    store::{documents::parse, inventory},
};

/// What is on stock, by sku.
pub struct Stock(BTreeMap<String, Vec<InventoryEntry>>);

impl Stock {
    /// The stock of all variants of `products`, in one query.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn of(
        tx: &mut ReadTx<'_>,
        request: &RequestContext,
        products: &[Product],
    ) -> Result<Self, DbError> {
        let skus: BTreeSet<&str> = products
            .iter()
            .flat_map(|product| [&product.master_data.current, &product.master_data.staged])
            .flat_map(|data| data.all_variants())
            .filter_map(|variant| variant.sku.as_deref())
            .collect();
        let skus: Vec<&str> = skus.into_iter().collect();
        let mut by_sku: BTreeMap<String, Vec<InventoryEntry>> = BTreeMap::new();
        for body in inventory::entries(tx, &request.whole_project(), &skus)? {
            let entry: InventoryEntry = parse(&body)?;
            by_sku.entry(entry.sku.clone()).or_default().push(entry);
        }
        // A sku with a slash may be found twice: by its own name, and as the beginning of another.
        for entries in by_sku.values_mut() {
            entries.dedup_by(|one, other| one.id == other.id);
        }
        Ok(Self(by_sku))
    }

    /// Shows on variants what is on stock of them.
    pub fn show<'a>(&self, variants: impl IntoIterator<Item = &'a mut ProductVariant>) {
        for variant in variants {
            variant.availability = variant
                .sku
                .as_ref()
                .and_then(|sku| self.0.get(sku))
                .and_then(availability);
        }
    }
}
