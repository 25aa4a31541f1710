//! The project itself: its settings.

use domain::{error::DomainError, project::Project, world::By};
use shared::db::WriteTx;

use super::resources::{self, Update};
use crate::{app_state::AppState, error::CommerceError, request::RequestContext};

/// Changes the settings of the request's project.
///
/// # Errors
/// As [`resources::update`].
pub fn update(
    tx: &mut WriteTx<'_>,
    state: &AppState,
    request: &RequestContext,
    update: Result<Update<<Project as domain::resource::Resource>::Action>, DomainError>,
) -> Result<Project, CommerceError> {
    let key = request.project.clone();
    resources::update::<Project>(tx, state, request, By::Id(key.as_str()), update)
}
