//! Categories beyond the shared life cycle: a category that moves or goes takes what hangs below it along.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    catalog::category::{Category, CategoryAction, descendants},
    error::DomainError,
    kind::Kind,
    product::{Product, ProductAction, actions::categories::RemoveFromCategory},
    reference::ResourceIdentifier,
    world::By,
};

use super::{
    resources::{self, Deletion, Update, apply_all, check_version},
    work::Work,
};
use crate::{
    error::CommerceError,
    store::{
        documents::{self, Row},
        patience::looking,
    },
};

/// Changes a category; if it moves, the ancestors of all categories below it change, too.
///
/// # Errors
/// As [`resources::update`].
pub fn update(
    work: &mut Work<'_, '_>,
    by: By<'_>,
    update: Result<Update<CategoryAction>, DomainError>,
) -> Result<Category, CommerceError> {
    hold_tree(work)?;
    let changed = resources::change::<Category>(work, by, update, |_, _, _| Ok(()))?;
    if changed.after.parent != changed.before.parent {
        move_descendants(work, &changed.after)?;
    }
    Ok(changed.after)
}

/// Deletes a category with all below it, and takes products out of them.
///
/// # Errors
/// As [`resources::delete`].
pub fn delete(
    work: &mut Work<'_, '_>,
    by: By<'_>,
    deletion: Result<Deletion, DomainError>,
) -> Result<Category, CommerceError> {
    hold_tree(work)?;
    let (_, category) = work.load::<Category>(by)?;
    let deletion = deletion?;
    check_version(&category, deletion.version)?;
    let (_, all) = tree(work)?;
    let mut doomed = vec![category.clone()];
    doomed.extend(descendants(&category, &all));
    empty(work, &doomed)?;
    for category in doomed.iter().rev() {
        resources::remove(work, category, deletion.erase)?;
    }
    Ok(category)
}

/// Two categories that move below each other at the same time would leave the tree in a ring.
fn hold_tree(work: &mut Work<'_, '_>) -> Result<(), CommerceError> {
    work.hold_session()?;
    work.hold_catalog()
}

/// All categories of the project, as rows and as what they are.
fn tree(work: &mut Work<'_, '_>) -> Result<(Vec<Row>, Vec<Arc<Category>>), CommerceError> {
    let seen = work.request.whole_project();
    let rows = documents::all(work.tx, &seen, Kind::Category)?;
    let categories: Result<Vec<_>, _> = rows
        .iter()
        .map(|row| row.parse::<Category>().map(Arc::new))
        .collect();
    Ok((rows, categories?))
}

fn move_descendants(work: &mut Work<'_, '_>, moved: &Category) -> Result<(), CommerceError> {
    let (rows, all) = tree(work)?;
    for after in descendants(moved, &all) {
        let found = rows.iter().zip(&all).find(|(row, _)| row.id == after.id);
        if let Some((row, before)) = found {
            work.save(row, before.as_ref(), after, Vec::new())?;
        }
    }
    Ok(())
}

/// Takes every product out of the categories, in its published and its staged data.
fn empty(work: &mut Work<'_, '_>, categories: &[Category]) -> Result<(), CommerceError> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let project = &work.request.project;
    for category in categories {
        let found = looking(work.tx, |tx| {
            documents::lock_containing(tx, project, Kind::Product, &category.id)
        })?;
        rows.extend(found.into_iter().map(|row| (row.id.clone(), row)));
    }
    for row in rows.values() {
        let before = row.parse::<Product>()?;
        let actions = categories.iter().map(leave).collect();
        let (after, messages) = work.rules(Kind::Product, |context| {
            apply_all(before.clone(), actions, context)
        })?;
        work.save(row, &before, after, messages)?;
    }
    Ok(())
}

fn leave(category: &Category) -> ProductAction {
    ProductAction::RemoveFromCategory(RemoveFromCategory {
        category: ResourceIdentifier::by_id(&category.id),
        staged: false,
    })
}
