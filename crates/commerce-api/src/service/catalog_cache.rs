//! Reference data of the projects, kept between requests and thrown away whenever the project's catalog moves.
//!
//! Correct across instances: every request reads the catalog version in its own transaction, and entries are only
//! used under the version they were loaded for.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use domain::{
    identity::ids::ProjectKey,
    kind::Kind,
    world::{AnyResource, By},
};

/// Most entries of one project; beyond, the cache starts anew.
const MAX_ENTRIES: usize = 20_000;

/// How an entry is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Lookup {
    Id(String),
    Key(String),
    Unique(String, String),
}

impl Lookup {
    fn of(by: By<'_>) -> Self {
        match by {
            By::Id(id) => Self::Id(id.to_owned()),
            By::Key(key) => Self::Key(key.to_owned()),
            By::Unique(namespace, value) => Self::Unique(namespace.to_owned(), value.to_owned()),
        }
    }
}

#[derive(Default)]
struct Entries {
    one: HashMap<(Kind, Lookup), Option<AnyResource>>,
    all: HashMap<Kind, Arc<Vec<AnyResource>>>,
}

/// The reference data of one project at one catalog version.
#[derive(Default)]
pub struct ProjectCatalog {
    version: i64,
    entries: RwLock<Entries>,
}

impl ProjectCatalog {
    /// A known resource, or a known absence.
    pub fn get(&self, kind: Kind, by: By<'_>) -> Option<Option<AnyResource>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.one.get(&(kind, Lookup::of(by))).cloned()
    }

    /// Remembers a resource or its absence.
    pub fn put(&self, kind: Kind, by: By<'_>, found: Option<AnyResource>) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.one.len() >= MAX_ENTRIES {
            entries.one.clear();
        }
        entries.one.insert((kind, Lookup::of(by)), found);
    }

    /// All resources of a kind, if known.
    pub fn get_all(&self, kind: Kind) -> Option<Arc<Vec<AnyResource>>> {
        self.entries
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .all
            .get(&kind)
            .cloned()
    }

    /// Remembers all resources of a kind.
    pub fn put_all(&self, kind: Kind, all: Arc<Vec<AnyResource>>) {
        self.entries
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .all
            .insert(kind, all);
    }
}

/// The catalogs of all projects.
#[derive(Default)]
pub struct CatalogCache {
    projects: RwLock<HashMap<ProjectKey, Arc<ProjectCatalog>>>,
}

impl CatalogCache {
    /// The catalog of a project as of `version`; an older one is dropped.
    pub fn at(&self, project: &ProjectKey, version: i64) -> Arc<ProjectCatalog> {
        let projects = self.projects.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(catalog) = projects
            .get(project)
            .filter(|known| known.version == version)
        {
            return Arc::clone(catalog);
        }
        let known = projects.get(project).map(|catalog| catalog.version);
        drop(projects);
        let fresh = Arc::new(ProjectCatalog {
            version,
            ..ProjectCatalog::default()
        });
        // A request that read an older version works on its own copy and leaves the newer one in place.
        if known.is_none_or(|known| known < version) {
            let mut projects = self
                .projects
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            projects.insert(project.clone(), Arc::clone(&fresh));
        }
        fresh
    }
}
