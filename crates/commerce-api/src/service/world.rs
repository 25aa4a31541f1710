//! The world that rules ask, over a transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{
    error::WorldError,
    kind::Kind,
    world::{AnyResource, By, ParseResource, World},
};
use shared::db::{DbError, ReadTx};

use super::catalog_cache::ProjectCatalog;
use crate::store::{documents, visibility::Visibility};

/// A project's other resources, from the cache where that is safe, else from the transaction.
pub struct TxWorld<'a, 'tx> {
    tx: &'a mut ReadTx<'tx>,
    seen: Visibility,
    /// Absent in transactions that write reference data: they must see their own writes and show them to nobody.
    catalog: Option<Arc<ProjectCatalog>>,
}

impl<'a, 'tx> TxWorld<'a, 'tx> {
    /// A world over `tx` that sees `seen`, with a catalog at the transaction's version.
    pub const fn new(
        tx: &'a mut ReadTx<'tx>,
        seen: Visibility,
        catalog: Option<Arc<ProjectCatalog>>,
    ) -> Self {
        Self { tx, seen, catalog }
    }

    fn catalog_for(&self, kind: Kind) -> Option<&ProjectCatalog> {
        self.catalog.as_deref().filter(|_| kind.is_reference_data())
    }
}

fn failed(error: DbError) -> WorldError {
    WorldError(Box::new(error))
}

impl World for TxWorld<'_, '_> {
    fn find(
        &mut self,
        kind: Kind,
        by: By<'_>,
        parse: ParseResource,
    ) -> Result<Option<AnyResource>, WorldError> {
        if let Some(known) = self
            .catalog_for(kind)
            .and_then(|catalog| catalog.get(kind, by))
        {
            return Ok(known);
        }
        let row = documents::find(self.tx, &self.seen, kind, by).map_err(failed)?;
        let found = row.map(|row| parse(&row.body)).transpose()?;
        if let Some(catalog) = self.catalog_for(kind) {
            catalog.put(kind, by, found.clone());
        }
        Ok(found)
    }

    fn find_all(
        &mut self,
        kind: Kind,
        parse: ParseResource,
    ) -> Result<Arc<Vec<AnyResource>>, WorldError> {
        if let Some(known) = self
            .catalog_for(kind)
            .and_then(|catalog| catalog.get_all(kind))
        {
            return Ok(known);
        }
        let rows = documents::all(self.tx, &self.seen, kind).map_err(failed)?;
        let all: Result<Vec<AnyResource>, WorldError> =
            rows.iter().map(|row| parse(&row.body)).collect();
        let all = Arc::new(all?);
        if let Some(catalog) = self.catalog_for(kind) {
            catalog.put_all(kind, Arc::clone(&all));
        }
        Ok(all)
    }

    fn prepare(
        &mut self,
        kind: Kind,
        ids: &[&str],
        parse: ParseResource,
    ) -> Result<(), WorldError> {
        let Some(catalog) = self.catalog.clone().filter(|_| kind.is_reference_data()) else {
            return Ok(());
        };
        let unknown: BTreeSet<&str> = ids
            .iter()
            .copied()
            .filter(|id| catalog.get(kind, By::Id(id)).is_none())
            .collect();
        // One is as cheap to read when it is asked for.
        if unknown.len() < 2 {
            return Ok(());
        }
        let rows = documents::find_many(self.tx, &self.seen, kind, &unknown).map_err(failed)?;
        let mut found = BTreeMap::new();
        for row in rows {
            found.insert(row.id, parse(&row.body)?);
        }
        for id in unknown {
            catalog.put(kind, By::Id(id), found.remove(id));
        }
        Ok(())
    }

    fn identify(
        &mut self,
        kind: Kind,
        by: By<'_>,
    ) -> Result<Option<(String, Option<String>)>, WorldError> {
        documents::identify(self.tx, &self.seen, kind, by).map_err(failed)
    }
}
