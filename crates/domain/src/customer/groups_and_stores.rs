//! The customer groups and stores a customer belongs to.

use super::{
    Customer, CustomerGroupAssignment, CustomerGroupAssignmentDraft, MAX_GROUP_ASSIGNMENTS,
};
use crate::{
    catalog::shape::{check_count, without_repetitions},
    context::Context,
    error::DomainError,
    kind::Kind,
    message::Message,
    reference::{KeyReference, Reference, ResourceIdentifier},
};

fn group(named: &ResourceIdentifier, context: &mut Context<'_>) -> Result<Reference, DomainError> {
    context.world.reference(Kind::CustomerGroup, named)
}

fn store(
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<KeyReference, DomainError> {
    context.world.key_reference(Kind::Store, named)
}

/// The assignments that drafts ask for, each group once.
pub(super) fn assignments(
    drafts: &[CustomerGroupAssignmentDraft],
    context: &mut Context<'_>,
) -> Result<Vec<CustomerGroupAssignment>, DomainError> {
    check_assignment_count(drafts.len())?;
    let mut found = Vec::with_capacity(drafts.len());
    for draft in drafts {
        found.push(CustomerGroupAssignment {
            customer_group: group(&draft.customer_group, context)?,
        });
    }
    Ok(without_repetitions(found))
}

fn check_assignment_count(count: usize) -> Result<(), DomainError> {
    check_count("customer group assignments", count, MAX_GROUP_ASSIGNMENTS)
}

/// The stores that identifiers name, each once.
pub(super) fn stores(
    named: &[ResourceIdentifier],
    context: &mut Context<'_>,
) -> Result<Vec<KeyReference>, DomainError> {
    let mut found = Vec::with_capacity(named.len());
    for named in named {
        found.push(store(named, context)?);
    }
    Ok(without_repetitions(found))
}

pub(super) fn set_group(
    who: &mut Customer,
    named: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let found = named.map(|named| group(named, context)).transpose()?;
    if who.customer_group == found {
        return Ok(());
    }
    context.emit(Message::new("CustomerGroupSet").with_document("customerGroup", &found)?);
    who.customer_group = found;
    Ok(())
}

pub(super) fn add_assignment(
    who: &mut Customer,
    draft: &CustomerGroupAssignmentDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let added = CustomerGroupAssignment {
        customer_group: group(&draft.customer_group, context)?,
    };
    if who.customer_group_assignments.contains(&added) {
        return Ok(());
    }
    check_assignment_count(who.customer_group_assignments.len().saturating_add(1))?;
    let message = Message::new("CustomerGroupAssignmentAdded");
    context.emit(message.with_document("customerGroupAssignment", &added)?);
    who.customer_group_assignments.push(added);
    Ok(())
}

pub(super) fn remove_assignment(
    who: &mut Customer,
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let removed = CustomerGroupAssignment {
        customer_group: group(named, context)?,
    };
    if !who.customer_group_assignments.contains(&removed) {
        return Ok(());
    }
    who.customer_group_assignments
        .retain(|known| *known != removed);
    let message = Message::new("CustomerGroupAssignmentRemoved");
    context.emit(message.with_document("customerGroupAssignment", &removed)?);
    Ok(())
}

pub(super) fn set_assignments(
    who: &mut Customer,
    drafts: &[CustomerGroupAssignmentDraft],
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let new = assignments(drafts, context)?;
    if who.customer_group_assignments == new {
        return Ok(());
    }
    let old = std::mem::replace(&mut who.customer_group_assignments, new);
    let message = Message::new("CustomerGroupAssignmentsSet")
        .with_document("customerGroupAssignments", &who.customer_group_assignments)?
        .with_document("oldCustomerGroupAssignments", &old)?;
    context.emit(message);
    Ok(())
}

pub(super) fn add_store(
    who: &mut Customer,
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let mut new = who.stores.clone();
    new.push(store(named, context)?);
    replace_stores(who, without_repetitions(new), context)
}

pub(super) fn remove_store(
    who: &mut Customer,
    named: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let removed = store(named, context)?;
    let mut new = who.stores.clone();
    new.retain(|known| *known != removed);
    replace_stores(who, new, context)
}

pub(super) fn set_stores(
    who: &mut Customer,
    named: &[ResourceIdentifier],
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let new = stores(named, context)?;
    replace_stores(who, new, context)
}

fn replace_stores(
    who: &mut Customer,
    new: Vec<KeyReference>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if who.stores == new {
        return Ok(());
    }
    let old = std::mem::replace(&mut who.stores, new);
    let message = Message::new("CustomerStoresSet")
        .with_document("stores", &who.stores)?
        .with_document("oldStores", &old)?;
    context.emit(message);
    Ok(())
}
