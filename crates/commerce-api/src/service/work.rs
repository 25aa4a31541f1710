//! One write transaction of one request: what the use cases share.

use std::sync::Arc;

use domain::{
    context::Context,
    error::DomainError,
    identity::principal::Subject,
    kind::Kind,
    message::Message,
    project::Project,
    reference::ResourceIdentifier,
    resource::Resource,
    world::{By, World},
};
use serde_json::{Map, Value};
use shared::{
    db::{ReadTx, WriteTx},
    random::{RandomIds, uuid_v7},
    token::liveness,
};

use super::{catalog_cache::ProjectCatalog, world::TxWorld};
use crate::{
    app_state::AppState,
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
    /// The server.
    pub state: &'a AppState,
    /// The request.
    pub request: &'a RequestContext,
    catalog: Option<Arc<ProjectCatalog>>,
}

impl<'a, 'tx> Work<'a, 'tx> {
    /// Starts the work; the token is not yet checked against the database.
    pub const fn new(
        tx: &'a mut WriteTx<'tx>,
        state: &'a AppState,
        request: &'a RequestContext,
    ) -> Self {
        Self {
            tx,
            state,
            request,
            catalog: None,
        }
    }

    /// Checks that the token lives and holds its session: the first statement of a transaction that creates something.
    ///
    /// # Errors
    /// [`CommerceError::TokenInvalid`].
    pub fn hold_session(&mut self) -> Result<(), CommerceError> {
        if liveness::hold(self.tx, &self.request.token.claims)? {
            Ok(())
        } else {
            Err(CommerceError::TokenInvalid)
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
        let claims = &self.request.token.claims;
        let row = if let Some(session) = &claims.sid {
            match documents::load_live(self.tx, claims, session, seen, R::KIND, by)? {
                Answer::TokenIsDead => return Err(CommerceError::TokenInvalid),
                Answer::Live(Loaded {
                    row,
                    catalog_version,
                }) => {
                    self.catalog = Some(
                        self.state
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
        let catalog = self.state.catalog.at(&self.request.project, version);
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
        let reader: &mut ReadTx<'_> = self.tx;
        let mut world = TxWorld::new(reader, self.request.whole_project(), catalog);
        let project = project(&mut world, self.request.project.as_str())?;
        let mut ids = RandomIds(self.state.randomness.as_ref());
        let mut context = Context {
            now: self.request.now,
            author: &self.request.author,
            acting_for,
            store: self.request.store.as_ref(),
            project,
            ids: &mut ids,
            world: &mut world,
            messages: Vec::new(),
        };
        let made = rules(&mut context)?;
        Ok((made, context.messages))
    }

    /// Stores a new resource with its messages; fills the envelope.
    ///
    /// # Errors
    /// [`DomainError::DuplicateField`].
    pub fn insert<R: Resource>(
        &mut self,
        mut resource: R,
        id: String,
        messages: Vec<Message>,
    ) -> Result<R, CommerceError> {
        resource.born(id, &self.request.author, self.request.now);
        let messages = with_envelope(messages, &resource)?;
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
        let sequence = self.state.sequence.next(self.request.now, 0);
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
        messages: Vec<Message>,
    ) -> Result<R, CommerceError> {
        if after == *before && messages.is_empty() {
            return Ok(after);
        }
        after.touched(&self.request.author, self.request.now);
        let sequence = self
            .state
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
            .state
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
        if messages.is_empty() {
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
                    uuid_v7(self.request.now, self.state.randomness.as_ref()),
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

/// Rules that create a resource put it into their message before it has an envelope: here it gets one.
fn with_envelope<R: Resource>(
    mut messages: Vec<Message>,
    resource: &R,
) -> Result<Vec<Message>, CommerceError> {
    for message in &mut messages {
        for value in message.payload.values_mut() {
            if value.get("id").is_some_and(|id| id == "") {
                *value = serde_json::to_value(resource)
                    .map_err(|error| CommerceError::Internal(error.to_string()))?;
            }
        }
    }
    Ok(messages)
}

/// The project a world belongs to.
///
/// # Errors
/// [`DomainError::ResourceNotFound`].
pub fn project(world: &mut dyn World, key: &str) -> Result<Arc<Project>, CommerceError> {
    Ok(world
        .get::<Project>(By::Id(key))?
        .ok_or_else(|| not_found(By::Key(key)))?)
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
