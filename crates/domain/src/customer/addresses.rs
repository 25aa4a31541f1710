//! The address book: ids, keys, and which address serves for what.

use super::{AddressKey, Customer, CustomerDraft};
use crate::{
    address::{Address, AddressDraft},
    context::Context,
    error::DomainError,
    message::Message,
};

/// What an address serves for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Shipping,
    Billing,
}

impl Role {
    const BOTH: [Self; 2] = [Self::Shipping, Self::Billing];

    const fn name(self) -> &'static str {
        match self {
            Self::Shipping => "Shipping",
            Self::Billing => "Billing",
        }
    }

    const fn added(self) -> &'static str {
        match self {
            Self::Shipping => "CustomerShippingAddressAdded",
            Self::Billing => "CustomerBillingAddressAdded",
        }
    }

    const fn removed(self) -> &'static str {
        match self {
            Self::Shipping => "CustomerShippingAddressRemoved",
            Self::Billing => "CustomerBillingAddressRemoved",
        }
    }

    const fn default_set(self) -> &'static str {
        match self {
            Self::Shipping => "CustomerDefaultShippingAddressSet",
            Self::Billing => "CustomerDefaultBillingAddressSet",
        }
    }

    fn ids(self, who: &mut Customer) -> &mut Vec<String> {
        match self {
            Self::Shipping => &mut who.shipping_address_ids,
            Self::Billing => &mut who.billing_address_ids,
        }
    }

    fn default_id(self, who: &mut Customer) -> &mut Option<String> {
        match self {
            Self::Shipping => &mut who.default_shipping_address_id,
            Self::Billing => &mut who.default_billing_address_id,
        }
    }

    /// Adds an id to the list unless it is there; says whether it was not.
    fn enlist(self, who: &mut Customer, id: &str) -> bool {
        let ids = self.ids(who);
        let new = !ids.iter().any(|known| known == id);
        if new {
            ids.push(id.to_owned());
        }
        new
    }

    /// Removes an id from the list and as default; says whether it was there.
    fn delist(self, who: &mut Customer, id: &str) -> bool {
        if self.default_id(who).as_deref() == Some(id) {
            *self.default_id(who) = None;
        }
        let ids = self.ids(who);
        let before = ids.len();
        ids.retain(|known| known != id);
        ids.len() < before
    }

    fn of(who: &mut Customer, id: &str) -> Vec<&'static str> {
        Self::BOTH
            .into_iter()
            .filter(|role| role.ids(who).iter().any(|known| known == id))
            .map(Self::name)
            .collect()
    }
}

/// Appends an address under a new id.
pub(super) fn append(
    who: &mut Customer,
    draft: AddressDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let mut address = draft.resolve(context)?;
    check_key(who, &address, None)?;
    let id = new_id(who, context);
    address.id = Some(id);
    who.addresses.push(address);
    Ok(())
}

/// Short ids are random: one that the customer has already is drawn again.
fn new_id(who: &Customer, context: &mut Context<'_>) -> String {
    loop {
        let id = context.ids.short();
        if !who
            .addresses
            .iter()
            .any(|known| known.id.as_deref() == Some(&id))
        {
            return id;
        }
    }
}

/// Whether the address's key is free, not counting the address `replaced`.
fn check_key(who: &Customer, address: &Address, replaced: Option<&str>) -> Result<(), DomainError> {
    let taken = address.key.is_some()
        && who
            .addresses
            .iter()
            .any(|other| other.key == address.key && other.id.as_deref() != replaced);
    if taken {
        return Err(DomainError::DuplicateField {
            field: "addresses.key".to_owned(),
            value: address.key.clone().into(),
        });
    }
    Ok(())
}

/// Gives the addresses of a draft the roles that the draft names by position.
pub(super) fn assign_roles(who: &mut Customer, draft: &CustomerDraft) -> Result<(), DomainError> {
    let lists = [
        (
            Role::Shipping,
            "shippingAddresses",
            &draft.shipping_addresses,
        ),
        (Role::Billing, "billingAddresses", &draft.billing_addresses),
    ];
    for (role, field, positions) in lists {
        for position in positions {
            let id = at(who, field, *position)?;
            role.enlist(who, &id);
        }
    }
    let defaults = [
        (
            Role::Shipping,
            "defaultShippingAddress",
            draft.default_shipping_address,
        ),
        (
            Role::Billing,
            "defaultBillingAddress",
            draft.default_billing_address,
        ),
    ];
    for (role, field, position) in defaults {
        let Some(position) = position else { continue };
        let id = at(who, field, position)?;
        role.enlist(who, &id);
        *role.default_id(who) = Some(id);
    }
    Ok(())
}

fn at(who: &Customer, field: &str, position: i64) -> Result<String, DomainError> {
    usize::try_from(position)
        .ok()
        .and_then(|position| who.addresses.get(position))
        .and_then(|address| address.id.clone())
        .ok_or_else(|| {
            DomainError::input(format!(
                "{field}: {position} is not a position in addresses, which has {} elements",
                who.addresses.len()
            ))
        })
}

/// The position and id of the address that an action names.
pub(super) fn find(who: &Customer, named: &AddressKey) -> Result<(usize, String), DomainError> {
    let (field, wanted) = match (&named.address_id, &named.address_key) {
        (Some(id), None) => ("addressId", id),
        (None, Some(key)) => ("addressKey", key),
        (Some(_), Some(_)) | (None, None) => {
            return Err(DomainError::input(
                "exactly one of addressId and addressKey is required",
            ));
        }
    };
    let by_id = named.address_id.is_some();
    who.addresses
        .iter()
        .enumerate()
        .find(|(_, known)| (if by_id { &known.id } else { &known.key }).as_ref() == Some(wanted))
        .and_then(|(position, known)| Some((position, known.id.clone()?)))
        .ok_or_else(|| DomainError::field(field, wanted.as_str()))
}

pub(super) fn add(
    who: &mut Customer,
    address: AddressDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    append(who, address, context)?;
    tell("CustomerAddressAdded", who.addresses.last(), context)
}

fn tell(
    message_type: &'static str,
    address: Option<&Address>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    context.emit(Message::new(message_type).with_document("address", &address)?);
    Ok(())
}

pub(super) fn change(
    who: &mut Customer,
    draft: AddressDraft,
    named: &AddressKey,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let (position, id) = find(who, named)?;
    let mut address = draft.resolve(context)?;
    check_key(who, &address, Some(&id))?;
    let roles = Role::of(who, &id);
    address.id = Some(id);
    let Some(slot) = who.addresses.get_mut(position) else {
        return Ok(());
    };
    if *slot == address {
        return Ok(());
    }
    let message = Message::new("CustomerAddressChanged").with_document("address", &address)?;
    context.emit(message.with("addressRoles", roles));
    *slot = address;
    Ok(())
}

pub(super) fn remove(
    who: &mut Customer,
    named: &AddressKey,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let (position, id) = find(who, named)?;
    let roles = Role::of(who, &id);
    let removed = who.addresses.remove(position);
    for role in Role::BOTH {
        role.delist(who, &id);
    }
    let message = Message::new("CustomerAddressRemoved").with_document("address", &removed)?;
    context.emit(message.with("addressRoles", roles));
    Ok(())
}

/// Lets the address serve in the role.
pub(super) fn grant(
    who: &mut Customer,
    role: Role,
    named: &AddressKey,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let (position, id) = find(who, named)?;
    if role.enlist(who, &id) {
        tell(role.added(), who.addresses.get(position), context)?;
    }
    Ok(())
}

/// The address no longer serves in the role, nor is it the default.
pub(super) fn revoke(
    who: &mut Customer,
    role: Role,
    named: &AddressKey,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let (position, id) = find(who, named)?;
    if role.delist(who, &id) {
        tell(role.removed(), who.addresses.get(position), context)?;
    }
    Ok(())
}

/// Makes an address the default of the role, or removes the default if none is named.
pub(super) fn set_default(
    who: &mut Customer,
    role: Role,
    named: &AddressKey,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let found = if *named == AddressKey::default() {
        None
    } else {
        Some(find(who, named)?)
    };
    let id = found.as_ref().map(|(_, id)| id.clone());
    if *role.default_id(who) == id {
        return Ok(());
    }
    if let Some(id) = &id {
        role.enlist(who, id);
    }
    *role.default_id(who) = id;
    let address = found.and_then(|(position, _)| who.addresses.get(position));
    tell(role.default_set(), address, context)
}
