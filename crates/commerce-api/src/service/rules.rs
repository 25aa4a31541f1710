//! Running the domain's rules over a transaction.

use std::sync::Arc;

use domain::{
    context::Context,
    error::DomainError,
    identity::principal::Subject,
    message::Message,
    project::Project,
    world::{By, World},
};
use shared::{db::ReadTx, random::RandomIds};

use super::{catalog_cache::ProjectCatalog, work::not_found, workbench::Workbench, world::TxWorld};
use crate::{error::CommerceError, request::RequestContext, store::catalog_versions};

/// What rules work with besides the transaction.
pub struct Surroundings<'a> {
    /// What they work with.
    pub bench: &'a Workbench,
    /// The request.
    pub request: &'a RequestContext,
    /// On whose behalf.
    pub acting_for: &'a Subject,
    /// Cached reference data; absent where it is being written.
    pub catalog: Option<Arc<ProjectCatalog>>,
}

/// What rules made.
pub struct Ruled<T> {
    /// Their answer.
    pub made: T,
    /// The messages they left.
    pub messages: Vec<Message>,
    /// The project they worked for.
    pub project: Arc<Project>,
}

/// Runs rules.
///
/// # Errors
/// What the rules answer; [`DomainError::ResourceNotFound`] for an unknown project.
pub fn run<T>(
    tx: &mut ReadTx<'_>,
    surroundings: Surroundings<'_>,
    rules: impl FnOnce(&mut Context<'_>) -> Result<T, DomainError>,
) -> Result<Ruled<T>, CommerceError> {
    let Surroundings {
        bench,
        request,
        acting_for,
        catalog,
    } = surroundings;
    let mut world = TxWorld::new(tx, request, catalog);
    let project = project(&mut world, request.project.as_str())?;
    let mut ids = RandomIds(bench.randomness.as_ref());
    let mut context = Context {
        now: request.now,
        author: &request.author,
        acting_for,
        store: request.store.as_ref(),
        project: Arc::clone(&project),
        ids: &mut ids,
        world: &mut world,
        messages: Vec::new(),
    };
    let made = rules(&mut context)?;
    Ok(Ruled {
        made,
        messages: context.messages,
        project,
    })
}

/// Runs rules that change nothing, in a transaction that only reads.
///
/// # Errors
/// As [`run`].
pub fn ask<T>(
    tx: &mut ReadTx<'_>,
    bench: &Workbench,
    request: &RequestContext,
    rules: impl FnOnce(&mut Context<'_>) -> Result<T, DomainError>,
) -> Result<T, CommerceError> {
    let version = catalog_versions::current(tx, &request.project)?;
    let surroundings = Surroundings {
        bench,
        request,
        acting_for: &request.acting_for,
        catalog: Some(bench.catalog.at(&request.project, version)),
    };
    run(tx, surroundings, rules).map(|ruled| ruled.made)
}

/// The project a world belongs to.
///
/// # Errors
/// [`DomainError::ResourceNotFound`].
pub fn project(world: &mut dyn World, key: &str) -> Result<Arc<Project>, CommerceError> {
    world
        .get::<Project>(By::Id(key))?
        .ok_or_else(|| not_found(By::Key(key)))
}
