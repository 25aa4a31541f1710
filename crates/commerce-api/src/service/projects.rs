//! The project itself: its settings.

use domain::{
    error::DomainError,
    project::{Project, ProjectAction},
    world::By,
};

use super::{
    resources::{self, Update},
    work::Work,
};
use crate::error::CommerceError;

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
