//! Pages of a project's API clients.

use domain::{
    identity::ids::ProjectKey,
    predicate::{Resolved, Sort, compare},
};
use serde_json::Value;
use shared::db::{DbError, ReadTx};

use crate::{model::client_draft::to_json, store::clients};

/// Which clients are wanted.
#[derive(Clone, Debug)]
pub struct ClientQuery {
    /// What must hold, if anything.
    pub filter: Option<Resolved>,
    /// What they are sorted by before their age.
    pub sort: Vec<Sort>,
    /// Most clients on the page.
    pub limit: i64,
    /// How many to skip.
    pub offset: i64,
    /// Whether to count them all.
    pub with_total: bool,
}

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientPage {
    /// The clients as they are sent out, without secrets.
    pub results: Vec<Value>,
    /// How many there are on all pages, where that was asked for.
    pub total: Option<i64>,
}

impl ClientQuery {
    /// The page that was asked for, oldest clients first unless it is sorted.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn page(&self, tx: &mut ReadTx<'_>, project: &ProjectKey) -> Result<ClientPage, DbError> {
        if self.filter.is_none() && self.sort.is_empty() {
            return self.plain_page(tx, project);
        }
        let matching = self.matching(tx, project)?;
        let count = |number: i64| usize::try_from(number).unwrap_or(0);
        Ok(ClientPage {
            total: self
                .with_total
                .then(|| i64::try_from(matching.len()).unwrap_or(i64::MAX)),
            results: matching
                .into_iter()
                .skip(count(self.offset))
                .take(count(self.limit))
                .collect(),
        })
    }

    /// Whether any client is wanted.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn has_any(&self, tx: &mut ReadTx<'_>, project: &ProjectKey) -> Result<bool, DbError> {
        Ok(!self.matching(tx, project)?.is_empty())
    }

    fn plain_page(&self, tx: &mut ReadTx<'_>, project: &ProjectKey) -> Result<ClientPage, DbError> {
        let found = clients::list(tx, project, self.limit, self.offset)?;
        let total = match self.with_total {
            true => Some(clients::count(tx, project)?),
            false => None,
        };
        Ok(ClientPage {
            results: found.iter().map(|client| to_json(client, None)).collect(),
            total,
        })
    }

    /// In memory: a project has some dozens of clients.
    fn matching(&self, tx: &mut ReadTx<'_>, project: &ProjectKey) -> Result<Vec<Value>, DbError> {
        let all = clients::list(tx, project, i64::MAX, 0)?;
        let mut matching: Vec<Value> = all
            .iter()
            .map(|client| to_json(client, None))
            .filter(|body| {
                self.filter
                    .as_ref()
                    .is_none_or(|filter| filter.evaluate(body))
            })
            .collect();
        matching.sort_by(|one, other| compare(&self.sort, one, other));
        Ok(matching)
    }
}
