//! What lines of products and lines of text have in common: ids, keys, quantities, an order.

use crate::{catalog::shape::check_optional_key, error::DomainError};

/// A line of either kind.
pub(super) trait Part {
    /// The member of an action that names it by id.
    const ID_FIELD: &'static str;
    /// The member of an action that names it by key.
    const KEY_FIELD: &'static str;

    fn id(&self) -> &str;
    fn key(&self) -> Option<&str>;
    fn quantity_mut(&mut self) -> &mut i64;
}

/// How an action names a line: by exactly one of id and key.
pub(super) struct Named {
    pub(super) id: Option<String>,
    pub(super) key: Option<String>,
}

impl Named {
    pub(super) fn new(id: Option<String>, key: Option<String>) -> Self {
        Self { id, key }
    }
}

fn position<P: Part>(parts: &[P], name: &Named) -> Result<usize, DomainError> {
    match (&name.id, &name.key) {
        (Some(id), None) => parts
            .iter()
            .position(|part| part.id() == id)
            .ok_or_else(|| DomainError::field(P::ID_FIELD, id.as_str())),
        (None, Some(key)) => parts
            .iter()
            .position(|part| part.key() == Some(key))
            .ok_or_else(|| DomainError::field(P::KEY_FIELD, key.as_str())),
        (Some(_), Some(_)) | (None, None) => Err(DomainError::input(format!(
            "exactly one of {} and {} is required",
            P::ID_FIELD,
            P::KEY_FIELD
        ))),
    }
}

pub(super) fn find_mut<'a, P: Part>(
    parts: &'a mut [P],
    name: &Named,
) -> Result<&'a mut P, DomainError> {
    let position = position(parts, name)?;
    parts
        .get_mut(position)
        .ok_or_else(|| DomainError::required(P::ID_FIELD))
}

/// The quantity of a new line: 1 if not given.
pub(super) fn added_quantity(given: Option<i64>) -> Result<i64, DomainError> {
    match given {
        None => Ok(1),
        Some(quantity) if quantity >= 1 => Ok(quantity),
        Some(quantity) => Err(DomainError::field("quantity", quantity)),
    }
}

pub(super) fn add_quantity<P: Part>(part: &mut P, more: i64) -> Result<(), DomainError> {
    let quantity = part.quantity_mut();
    *quantity = quantity
        .checked_add(more)
        .ok_or_else(|| DomainError::field("quantity", more))?;
    Ok(())
}

/// Whether a new line may have the key.
pub(super) fn check_new_key<P: Part>(parts: &[P], key: Option<&str>) -> Result<(), DomainError> {
    check_optional_key("key", key)?;
    match key {
        Some(key) if parts.iter().any(|part| part.key() == Some(key)) => {
            Err(DomainError::DuplicateField {
                field: "key".to_owned(),
                value: key.into(),
            })
        }
        Some(_) | None => Ok(()),
    }
}

/// Takes `quantity` off a line, or all of it; returns the line as it is afterwards or was when it went.
pub(super) fn remove<P: Part + Clone>(
    parts: &mut Vec<P>,
    name: &Named,
    quantity: Option<i64>,
) -> Result<P, DomainError> {
    let position = position(parts, name)?;
    if let Some(less) = quantity {
        if less < 1 {
            return Err(DomainError::field("quantity", less));
        }
        if let Some(part) = parts.get_mut(position) {
            let left = part.quantity_mut().saturating_sub(less);
            if left > 0 {
                *part.quantity_mut() = left;
                return Ok(part.clone());
            }
        }
    }
    Ok(parts.remove(position))
}

/// Sets the quantity; 0 removes the line, which is then returned.
pub(super) fn change_quantity<P: Part + Clone>(
    parts: &mut Vec<P>,
    name: &Named,
    quantity: i64,
) -> Result<Option<P>, DomainError> {
    if quantity < 0 {
        return Err(DomainError::field("quantity", quantity));
    }
    if quantity == 0 {
        return remove(parts, name, None).map(Some);
    }
    *find_mut(parts, name)?.quantity_mut() = quantity;
    Ok(None)
}

/// Puts the lines into the order of their ids in `order`, which names every line once.
pub(super) fn reorder<P: Part>(
    parts: &mut [P],
    field: &str,
    order: &[String],
) -> Result<(), DomainError> {
    let known: Vec<&str> = parts.iter().map(Part::id).collect();
    let mut sorted = [known, order.iter().map(String::as_str).collect()];
    sorted.iter_mut().for_each(|ids| ids.sort_unstable());
    let [known, wanted] = &sorted;
    if known != wanted {
        return Err(DomainError::input(format!(
            "{field}: every line must be named once; the list has {} lines, {} ids were given",
            parts.len(),
            order.len()
        )));
    }
    parts.sort_by_key(|part| order.iter().position(|id| id == part.id()));
    Ok(())
}
