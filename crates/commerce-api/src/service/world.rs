//! The world that rules ask, over a transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{
    error::WorldError,
    kind::Kind,
    product::Product,
    world::{AnyResource, By, ParseResource, World},
};
use shared::db::{DbError, ReadTx};

use super::catalog_cache::ProjectCatalog;
use crate::{
    access::is_shared,
    request::{Products, RequestContext},
    store::{documents, visibility::Visibility},
};

/// A project's other resources, from the cache where that is safe, else from the transaction.
pub struct TxWorld<'a, 'tx> {
    tx: &'a mut ReadTx<'tx>,
    /// Decides what may be named.
    request: &'a RequestContext,
    /// The whole project: rules work with everything that a resource refers to.
    seen: Visibility,
    /// Absent in transactions that write reference data: they must see their own writes and show them to nobody.
    catalog: Option<Arc<ProjectCatalog>>,
}

impl<'a, 'tx> TxWorld<'a, 'tx> {
    /// The world of a request over `tx`, with a catalog at the transaction's version.
    pub fn new(
        tx: &'a mut ReadTx<'tx>,
        request: &'a RequestContext,
        catalog: Option<Arc<ProjectCatalog>>,
    ) -> Self {
        Self {
            tx,
            request,
            seen: request.whole_project(),
            catalog,
        }
    }

    fn catalog_for(&self, kind: Kind) -> Option<&ProjectCatalog> {
        self.catalog.as_deref().filter(|_| kind.is_reference_data())
    }
}

fn is_published(product: &AnyResource) -> bool {
    product
        .downcast_ref::<Product>()
        .is_some_and(|product| product.master_data.published)
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

    fn find_named(
        &mut self,
        kind: Kind,
        by: By<'_>,
        parse: ParseResource,
    ) -> Result<Option<AnyResource>, WorldError> {
        if !self.request.may_name(kind, by) {
            return Ok(None);
        }
        if kind == Kind::Product {
            let is_all = self.request.readable_products() == Products::All;
            let found = self.find(kind, by, parse)?;
            return Ok(found.filter(|product| is_all || is_published(product)));
        }
        if is_shared(kind) {
            return self.find(kind, by, parse);
        }
        for seen in self.request.readable(kind) {
            if let Some(row) = documents::find(self.tx, &seen, kind, by).map_err(failed)? {
                return parse(&row.body).map(Some);
            }
        }
        Ok(None)
    }

    fn identify_named(
        &mut self,
        kind: Kind,
        by: By<'_>,
    ) -> Result<Option<(String, Option<String>)>, WorldError> {
        if !self.request.may_name(kind, by) {
            return Ok(None);
        }
        if kind == Kind::Product && self.request.readable_products() != Products::All {
            let row = documents::find(self.tx, &self.seen, kind, by).map_err(failed)?;
            let product = row.map(|row| row.parse::<Product>()).transpose();
            let product = product.map_err(failed)?;
            return Ok(product
                .filter(|product| product.master_data.published)
                .map(|product| (product.id, product.key)));
        }
        if kind == Kind::Product || is_shared(kind) {
            return self.identify(kind, by);
        }
        for seen in self.request.readable(kind) {
            let found = documents::identify(self.tx, &seen, kind, by).map_err(failed)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Whoever manages the carts of a whole project reads the ids of their customers in them, and may give them more. A
    /// token of some stores knows the customers of these.
    fn find_new_owner(
        &mut self,
        id: &str,
        parse: ParseResource,
    ) -> Result<Option<AnyResource>, WorldError> {
        if self.request.confined_to.is_some() {
            return self.find_named(Kind::Customer, By::Id(id), parse);
        }
        self.find(Kind::Customer, By::Id(id), parse)
    }
}
