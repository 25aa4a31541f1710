//! Shipping methods beyond the shared life cycle: at most one of a project is the default.

use domain::{
    catalog::shipping_method::{ShippingMethod, ShippingMethodAction, ShippingMethodDraft},
    error::DomainError,
    kind::Kind,
    world::By,
};

use super::{
    resources::{self, Update},
    work::Work,
};
use crate::{error::CommerceError, store::documents};

/// Creates a method; if it is the default, the one that was is not any more.
///
/// # Errors
/// As [`resources::create`].
pub fn create(
    work: &mut Work<'_, '_>,
    draft: ShippingMethodDraft,
) -> Result<ShippingMethod, CommerceError> {
    hold(work)?;
    let made = resources::create::<ShippingMethod>(work, draft)?;
    keep_one_default(work, &made)?;
    Ok(made)
}

/// Changes a method; if it is the default now, the one that was is not any more.
///
/// # Errors
/// As [`resources::update`].
pub fn update(
    work: &mut Work<'_, '_>,
    by: By<'_>,
    update: Result<Update<ShippingMethodAction>, DomainError>,
) -> Result<ShippingMethod, CommerceError> {
    hold(work)?;
    let changed = resources::update::<ShippingMethod>(work, by, update)?;
    keep_one_default(work, &changed)?;
    Ok(changed)
}

/// Two methods that become the default at the same time would both stay it.
fn hold(work: &mut Work<'_, '_>) -> Result<(), CommerceError> {
    work.hold_session()?;
    work.hold_catalog()
}

/// Every other default steps down, with a version of its own.
fn keep_one_default(
    work: &mut Work<'_, '_>,
    written: &ShippingMethod,
) -> Result<(), CommerceError> {
    if !written.is_default {
        return Ok(());
    }
    let seen = work.request.whole_project();
    for row in documents::all(work.tx, &seen, Kind::ShippingMethod)? {
        let before = row.parse::<ShippingMethod>()?;
        if before.is_default && before.id != written.id {
            let after = ShippingMethod {
                is_default: false,
                ..before.clone()
            };
            work.save(&row, &before, after, Vec::new())?;
        }
    }
    Ok(())
}
