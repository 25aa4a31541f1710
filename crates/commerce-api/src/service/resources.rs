//! The life cycle that every resource shares: create, read, update with a version, delete.

use domain::{context::Context, error::DomainError, kind::Kind, resource::Resource, world::By};
use shared::random::uuid;

use super::{
    anonymous_ids, references,
    session::require_live,
    work::{Work, not_found},
};
use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{
        documents::{self, Answer},
        listing, messages,
    },
};

/// A decoded update: the version the client has seen, and what it wants.
///
/// The actions may be broken: a stale version is reported first.
pub struct Update<A> {
    /// The version the client has seen.
    pub version: i64,
    /// What to do, or what is wrong with it.
    pub actions: Result<Vec<A>, DomainError>,
}

/// What a DELETE asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// The version the client has seen.
    pub version: i64,
    /// Whether messages about the resource go, too.
    pub erase: bool,
}

/// What an update made of a resource.
pub struct Changed<R> {
    /// As it was.
    pub before: R,
    /// As it is stored now.
    pub after: R,
}

/// Reads one resource as stored.
///
/// # Errors
/// [`DomainError::ResourceNotFound`], [`CommerceError::TokenInvalid`].
pub async fn read(
    state: &AppState,
    request: &RequestContext,
    kind: Kind,
    by: OwnedBy,
) -> Result<String, CommerceError> {
    let request = request.clone();
    state
        .database
        .read(move |tx| {
            let seen = request.visibility();
            if kind == Kind::Message {
                require_live(tx, &request)?;
                let OwnedBy::Id(id) = &by else {
                    return Err(not_found(by.as_by()));
                };
                return listing::one(tx, &seen, kind, id)?.ok_or_else(|| not_found(by.as_by()));
            }
            let body = if let Some((claims, session)) = request.session() {
                match documents::find_live(tx, claims, session, &seen, kind, by.as_by())? {
                    Answer::TokenIsDead => return Err(CommerceError::TokenInvalid),
                    Answer::Live(body) => body,
                }
            } else {
                documents::find(tx, &seen, kind, by.as_by())?.map(|row| row.body)
            };
            body.ok_or_else(|| not_found(by.as_by()))
        })
        .await
}

/// [`By`] with owned texts, to move into a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnedBy {
    /// By id.
    Id(String),
    /// By key.
    Key(String),
    /// By a unique value.
    Unique(&'static str, String),
}

impl OwnedBy {
    /// Borrowed.
    #[must_use]
    pub fn as_by(&self) -> By<'_> {
        match self {
            Self::Id(id) => By::Id(id),
            Self::Key(key) => By::Key(key),
            Self::Unique(namespace, value) => By::Unique(namespace, value),
        }
    }
}

/// Creates a resource from a draft.
///
/// # Errors
/// Any rule the draft breaks.
pub fn create<R: Resource>(work: &mut Work<'_, '_>, draft: R::Draft) -> Result<R, CommerceError> {
    work.hold_session()?;
    references::require_store(work)?;
    let (resource, messages) = work.rules(R::KIND, |context| R::create(draft, context))?;
    let id = uuid(work.bench.randomness.as_ref());
    anonymous_ids::take(work, &resource)?;
    work.insert(resource, id, messages)
}

/// Applies actions to a resource, all or nothing.
///
/// # Errors
/// [`DomainError::ResourceNotFound`], [`DomainError::ConcurrentModification`], any rule an action breaks.
pub fn update<R: Resource>(
    work: &mut Work<'_, '_>,
    by: By<'_>,
    update: Result<Update<R::Action>, DomainError>,
) -> Result<R, CommerceError> {
    change(work, by, update, |_, _, _| Ok(())).map(|changed| changed.after)
}

/// [`update`] for those who do something else in the same transaction; `and_then` is told what was and what is now, and may
/// refuse it or leave further messages.
///
/// # Errors
/// As [`update`], and those of `and_then`.
pub fn change<R: Resource>(
    work: &mut Work<'_, '_>,
    by: By<'_>,
    update: Result<Update<R::Action>, DomainError>,
    and_then: impl FnOnce(&R, &R, &mut Context<'_>) -> Result<(), DomainError>,
) -> Result<Changed<R>, CommerceError> {
    let (row, before) = work.load::<R>(by)?;
    let update = update?;
    check_version(&before, update.version)?;
    let actions = update.actions?;
    let (after, messages) = work.rules(R::KIND, |context| {
        let after = apply_all(before.clone(), actions, context)?;
        and_then(&before, &after, context)?;
        Ok(after)
    })?;
    if after.index().anonymous_id != before.index().anonymous_id {
        anonymous_ids::take(work, &after)?;
    }
    let after = work.save(&row, &before, after, messages)?;
    Ok(Changed { before, after })
}

/// Applies actions and settles the result, unless nothing changed.
///
/// # Errors
/// Any rule an action breaks.
pub fn apply_all<R: Resource>(
    before: R,
    actions: Vec<R::Action>,
    context: &mut Context<'_>,
) -> Result<R, DomainError> {
    let mut after = before.clone();
    for action in actions {
        after.apply(action, context)?;
    }
    if after != before {
        after.settle(context)?;
    }
    Ok(after)
}

/// Deletes a resource; answers it as it was.
///
/// # Errors
/// [`DomainError::ResourceNotFound`], [`DomainError::ConcurrentModification`], [`DomainError::ReferenceExists`].
pub fn delete<R: Resource>(
    work: &mut Work<'_, '_>,
    by: By<'_>,
    deletion: Result<Deletion, DomainError>,
) -> Result<R, CommerceError> {
    let (_, resource) = work.load::<R>(by)?;
    let deletion = deletion?;
    check_version(&resource, deletion.version)?;
    references::require_unreferenced(work, R::KIND, resource.id())?;
    remove(work, &resource, deletion.erase)?;
    Ok(resource)
}

/// Deletes a resource that was loaded and checked.
///
/// # Errors
/// A rule that forbids it, [`DomainError::ConcurrentModification`].
pub fn remove<R: Resource>(
    work: &mut Work<'_, '_>,
    resource: &R,
    erase: bool,
) -> Result<(), CommerceError> {
    let ((), messages) = work.rules(R::KIND, |context| resource.check_delete(context))?;
    work.delete(resource, messages)?;
    if erase {
        messages::erase(work.tx, &work.request.project, resource.id())?;
    }
    Ok(())
}

/// The version guard before any rule is asked.
///
/// # Errors
/// [`DomainError::ConcurrentModification`].
pub fn check_version<R: Resource>(resource: &R, expected: i64) -> Result<(), DomainError> {
    let actual = resource.version();
    if actual == expected {
        Ok(())
    } else {
        Err(DomainError::ConcurrentModification {
            id: resource.id().to_owned(),
            expected,
            actual,
        })
    }
}
