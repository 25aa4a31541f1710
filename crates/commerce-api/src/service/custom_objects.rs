//! Custom objects: created or replaced by one request, addressed by container and key.

use domain::{
    custom_object::{CustomObject, CustomObjectDraft},
    error::DomainError,
    resource::{Envelope as _, Resource as _},
    world::By,
};
use shared::random::uuid;

use super::work::Work;
use crate::{error::CommerceError, store::documents};

/// Whether a write made a new object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was not there before.
    Created,
    /// It was there; its value may have changed.
    Replaced,
}

/// Creates or replaces a custom object.
///
/// # Errors
/// [`DomainError::ConcurrentModification`] if the draft names another version, or if two writers met.
pub fn write(
    work: &mut Work<'_, '_>,
    draft: CustomObjectDraft,
) -> Result<(Written, CustomObject), CommerceError> {
    work.hold_session()?;
    let path = CustomObject::path(&draft.container, &draft.key);
    let seen = work.request.visibility();
    let by = By::Unique(CustomObject::NAMESPACE, &path);
    let Some(row) = documents::find(work.tx, &seen, CustomObject::KIND, by)? else {
        return create(work, draft, &path).map(|object| (Written::Created, object));
    };
    let before = row.parse::<CustomObject>()?;
    draft.check_version(Some(&before))?;
    let mut after = before.clone();
    after.replace(draft)?;
    let saved = work.save(&row, &before, after, Vec::new())?;
    Ok((Written::Replaced, saved))
}

fn create(
    work: &mut Work<'_, '_>,
    draft: CustomObjectDraft,
    path: &str,
) -> Result<CustomObject, CommerceError> {
    draft.check_version(None)?;
    let (object, messages) = work.rules(CustomObject::KIND, |context| {
        CustomObject::create(draft, context)
    })?;
    let id = uuid(work.bench.randomness.as_ref());
    match work.insert(object, id, messages) {
        // Another writer created it between our look and our insert.
        Err(CommerceError::Domain(DomainError::DuplicateField { .. })) => {
            Err(DomainError::ConcurrentModification {
                id: path.to_owned(),
                expected: 0,
                actual: 1,
            }
            .into())
        }
        other => other,
    }
}

/// Deletes a custom object, guarded by a version if one is given.
///
/// # Errors
/// [`DomainError::ResourceNotFound`], [`DomainError::ConcurrentModification`].
pub fn delete(
    work: &mut Work<'_, '_>,
    path: &str,
    version: Option<i64>,
) -> Result<CustomObject, CommerceError> {
    let by = By::Unique(CustomObject::NAMESPACE, path);
    let (_, object) = work.load::<CustomObject>(by)?;
    let actual = object.version();
    if let Some(expected) = version.filter(|expected| *expected != actual) {
        let id = object.id().to_owned();
        return Err(DomainError::ConcurrentModification {
            id,
            expected,
            actual,
        }
        .into());
    }
    work.delete(&object, Vec::new())?;
    Ok(object)
}
