//! The project itself: its settings.

use domain::{
    error::DomainError,
    identity::ids::ProjectKey,
    kind::Kind,
    project::{Project, ProjectAction},
    timestamp::Timestamp,
    world::By,
};
use shared::db::{DbError, ReadTx};

use super::{
    resources::{self, Update},
    work::Work,
};
use crate::{
    error::CommerceError,
    store::{documents, visibility::Visibility},
};

/// Whether there is such a project.
///
/// # Errors
/// [`DbError`].
pub fn exists(tx: &mut ReadTx<'_>, key: &ProjectKey, now: Timestamp) -> Result<bool, DbError> {
    let seen = Visibility::project(key.clone(), now);
    let found = documents::find(tx, &seen, Kind::Project, By::Id(key.as_str()))?;
    Ok(found.is_some())
}

/// Changes the settings of the request's project.
///
/// # Errors
/// As [`resources::update`].
pub fn update(
    work: &mut Work<'_, '_>,
    update: Result<Update<ProjectAction>, DomainError>,
) -> Result<Project, CommerceError> {
    let key = work.request.project.clone();
    resources::update(work, By::Id(key.as_str()), update)
}
