//! One write transaction of one request: what the use cases share.

use std::sync::Arc;

use domain::{
    context::Context, error::DomainError, identity::principal::Subject, kind::Kind,
    message::Message, project::Project, reference::ResourceIdentifier, resource::Resource,
    world::By,
};
use serde_json::{Map, Value};
use shared::{db::WriteTx, random::uuid_v7, token::liveness};

use super::{
    catalog_cache::ProjectCatalog,
    message_envelope,
    rules::{self, Surroundings},
    workbench::Workbench,
    world::TxWorld,
};
use crate::{
    error::CommerceError,
    request::RequestContext,
    store::{
        catalog_versions,
        documents::{self, Answer, Loaded, Row},
        messages::{self, About},
        visibility::Visibility,
    },
};

/// A request with its open transaction.
pub struct Work<'a, 'tx> {
    /// The transaction.
    pub tx: &'a mut WriteTx<'tx>,
    /// What it works with.
    pub bench: &'a Workbench,
    /// The request.
    pub request: &'a RequestContext,
    catalog: Option<Arc<ProjectCatalog>>,
    project: Option<Arc<Project>>,
}

impl<'a, 'tx> Work<'a, 'tx> {
    /// Starts the work; the token is not yet checked against the database.
    pub const fn new(
        tx: &'a mut WriteTx<'tx>,
        bench: &'a Workbench,
        request: &'a RequestContext,
    ) -> Self {
        Self {
            tx,
            bench,
            request,
            catalog: None,
            project: None,
        }
    }

    /// Waits for other writers of the project's reference data, and holds them off until the transaction ends: for
    /// rules about several resources at once.
    ///
    /// # Errors
    /// [`CommerceError`] from the database.
    pub fn hold_catalog(&mut self) -> Result<(), CommerceError> {
        catalog_versions::hold(self.tx, &self.request.project)?;
        Ok(())
    }

    /// Checks that the token lives and holds its session: the first statement of a transaction that creates something.
    ///
    /// # Errors
    /// [`CommerceError::TokenInvalid`].
    pub fn hold_session(&mut self) -> Result<(), CommerceError> {
        match self.request.claims() {
            Some(claims) if !liveness::hold(self.tx, claims)? => Err(CommerceError::TokenInvalid),
            Some(_) | None => Ok(()),
        }
    }

    /// Checks the token, holds its session, and loads the resource that is to be changed, in one statement where
    /// there is a session.
    ///
    /// # Errors
    /// [`CommerceError::TokenInvalid`], [`DomainError::ResourceNotFound`].
    pub fn load<R: Resource>(&mut self, by: By<'_>) -> Result<(Row, R), CommerceError> {
        let seen = self.request.visibility();
        self.load_seen(&seen, by)
    }

    /// [`Self::load`] with another view than the request's.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_seen<R: Resource>(
        &mut self,
        seen: &Visibility,
        by: By<'_>,
    ) -> Result<(Row, R), CommerceError> {
        let row = if let Some((claims, session)) = self.request.session() {
            match documents::load_live(self.tx, claims, session, seen, R::KIND, by)? {
                Answer::TokenIsDead => return Err(CommerceError::TokenInvalid),
                Answer::Live(Loaded {
                    row,
                    catalog_version,
                }) => {
                    self.catalog = Some(
                        self.bench
                            .catalog
                            .at(&self.request.project, catalog_version),
                    );
                    row
                }
            }
        } else {
            documents::find(self.tx, seen, R::KIND, by)?
        };
        let row = row.ok_or_else(|| not_found(by))?;
        let resource = row.parse::<R>()?;
        Ok((row, resource))
    }

    fn catalog(&mut self) -> Result<Arc<ProjectCatalog>, CommerceError> {
        if let Some(known) = &self.catalog {
            return Ok(Arc::clone(known));
        }
        let version = catalog_versions::current(self.tx, &self.request.project)?;
        let catalog = self.bench.catalog.at(&self.request.project, version);
        self.catalog = Some(Arc::clone(&catalog));
        Ok(catalog)
    }

    /// Runs rules with a context; answers what they made and the messages they left.
    ///
    /// `writes` is the kind being written: writing reference data works without the cache.
    ///
    /// # Errors
    /// What the rules answer; [`DomainError::ResourceNotFound`] for an unknown project.
    pub fn rules<T>(
        &mut self,
        writes: Kind,
        rules: impl FnOnce(&mut Context<'_>) -> Result<T, DomainError>,
    ) -> Result<(T, Vec<Message>), CommerceError> {
        let acting_for = self.request.acting_for.clone();
        self.rules_for(writes, &acting_for, rules)
    }

    /// [`Self::rules`] on behalf of somebody else than the request's subject.
    ///
    /// # Errors
    /// As [`Self::rules`].
    pub fn rules_for<T>(
        &mut self,
        writes: Kind,
        acting_for: &Subject,
        rules: impl FnOnce(&mut Context<'_>) -> Result<T, DomainError>,
    ) -> Result<(T, Vec<Message>), CommerceError> {
        let catalog = if writes.is_reference_data() {
            None
        } else {
            Some(self.catalog()?)
        };
        let surroundings = Surroundings {
            bench: self.bench,
            request: self.request,
            acting_for,
            catalog,
        };
        let ruled = rules::run(self.tx, surroundings, rules)?;
        self.project = Some(ruled.project);
        Ok((ruled.made, ruled.messages))
    }

    /// The request's project.
    fn project(&mut self) -> Result<Arc<Project>, CommerceError> {
        if let Some(known) = &self.project {
            return Ok(Arc::clone(known));
        }
        let catalog = self.catalog()?;
        let mut world = TxWorld::new(self.tx, self.request, Some(catalog));
        let project = rules::project(&mut world, self.request.project.as_str())?;
        self.project = Some(Arc::clone(&project));
        Ok(project)
    }

    /// Stores a new resource with its messages; fills the envelope.
    ///
    /// # Errors
    /// [`DomainError::DuplicateField`].
    pub fn insert<R: Resource>(
        &mut self,
        mut resource: R,
        id: String,
        mut messages: Vec<Message>,
    ) -> Result<R, CommerceError> {
        resource.born(id, &self.request.author, self.request.now);
        message_envelope::seal(&mut messages, "", &resource, &self.request.author);
        self.insert_born(resource, messages)
    }

    /// Stores a new resource whose rules have filled the envelope already.
    ///
    /// # Errors
    /// [`DomainError::DuplicateField`].
    pub fn insert_born<R: Resource>(
        &mut self,
        resource: R,
        messages: Vec<Message>,
    ) -> Result<R, CommerceError> {
        let sequence = self.bench.sequence.next(self.request.now, 0);
        documents::insert(self.tx, &self.request.project, &resource, sequence)?;
        self.after_write(&resource, messages)?;
        Ok(resource)
    }

    /// Stores a changed resource with its messages, unless nothing changed; moves the envelope.
    ///
    /// # Errors
    /// [`DomainError::ConcurrentModification`], [`DomainError::DuplicateField`].
    pub fn save<R: Resource>(
        &mut self,
        row: &Row,
        before: &R,
        mut after: R,
        mut messages: Vec<Message>,
    ) -> Result<R, CommerceError> {
        if after == *before && messages.is_empty() {
            return Ok(after);
        }
        after.touched(&self.request.author, self.request.now);
        message_envelope::seal(&mut messages, before.id(), &after, &self.request.author);
        let sequence = self
            .bench
            .sequence
            .next(self.request.now, row.modification_sequence);
        documents::save(self.tx, &self.request.project, before, &after, sequence)?;
        self.after_write(&after, messages)?;
        Ok(after)
    }

    /// [`Self::save`] of a change that cached reference data may lag behind: the catalog version does not move.
    ///
    /// # Errors
    /// [`DomainError::ConcurrentModification`].
    pub fn save_uncached<R: Resource>(
        &mut self,
        row: &Row,
        before: &R,
        mut after: R,
    ) -> Result<(), CommerceError> {
        after.touched(&self.request.author, self.request.now);
        let sequence = self
            .bench
            .sequence
            .next(self.request.now, row.modification_sequence);
        documents::save(self.tx, &self.request.project, before, &after, sequence)
    }

    /// Deletes a resource and leaves its messages.
    ///
    /// # Errors
    /// [`DomainError::ConcurrentModification`].
    pub fn delete<R: Resource>(
        &mut self,
        resource: &R,
        messages: Vec<Message>,
    ) -> Result<(), CommerceError> {
        documents::delete(self.tx, &self.request.project, resource)?;
        self.after_write(resource, messages)
    }

    /// Leaves messages about a resource that is not changed itself.
    ///
    /// # Errors
    /// [`CommerceError`] from the database.
    pub fn announce<R: Resource>(
        &mut self,
        resource: &R,
        messages: Vec<Message>,
    ) -> Result<(), CommerceError> {
        documents::lock(self.tx, &self.request.project, R::KIND, resource.id())?;
        self.after_write(resource, messages)
    }

    fn after_write<R: Resource>(
        &mut self,
        resource: &R,
        messages: Vec<Message>,
    ) -> Result<(), CommerceError> {
        if R::KIND.is_reference_data() {
            catalog_versions::advance(self.tx, &self.request.project)?;
        }
        if messages.is_empty() || !self.project()?.messages.enabled {
            return Ok(());
        }
        let mut user_provided = Map::new();
        if let Some(key) = resource.key() {
            user_provided.insert("key".to_owned(), Value::from(key));
        }
        let about = About {
            kind: R::KIND,
            id: resource.id(),
            version: resource.version(),
            user_provided,
        };
        let numbered = messages
            .into_iter()
            .map(|message| {
                (
                    uuid_v7(self.request.now, self.bench.randomness.as_ref()),
                    message,
                )
            })
            .collect();
        messages::append(
            self.tx,
            &self.request.project,
            &about,
            numbered,
            &self.request.author,
            self.request.now,
        )?;
        Ok(())
    }
}

/// The error for a resource that the request cannot see.
#[must_use]
pub fn not_found(by: By<'_>) -> CommerceError {
    let identifier = match by {
        By::Id(id) => ResourceIdentifier::by_id(id),
        By::Key(key) | By::Unique(_, key) => ResourceIdentifier::by_key(key),
    };
    DomainError::ResourceNotFound { identifier }.into()
}
